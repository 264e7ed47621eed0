/* Read straight into the vault, also what is public: it is one way for all of them. */
#include "manifest/api_files.h"

#include "base/vault.h"
#include "manifest/tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES (64UL * 1024)

/* As long as the hash: https://www.rfc-editor.org/rfc/rfc7518, 3.2 */
#define MIN_HMAC_KEY 32

struct reading {
	const char *folder;
	struct zpm_vault *vault;
	struct zpm_arena *arena;
	struct zpm_err *err;
};

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int refuse(const struct reading *r, const char *field, const char *path, const char *why)
{
	return zpm_err_set(r->err, ZPM_EINVALID, "%s: cannot use '%s': %s", field, path, why);
}

/* `others`: the bits of its mode that it may not have. */
static int read_file(const struct reading *r, const char *field, const char *name, mode_t others,
	struct zpm_api_content *out)
{
	const char *path = zpm_arena_path(r->arena, r->folder, name);
	/* Never waits for a pipe. */
	__attribute__((cleanup(close_fd))) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat about;
	ssize_t len;
	char *data;

	if (fd < 0 || fstat(fd, &about) < 0)
		return refuse(r, field, path, strerror(errno));
	if (!S_ISREG(about.st_mode))
		return refuse(r, field, path, "it is not an ordinary file");
	if (about.st_mode & others)
		return refuse(r, field, path, "others than its owner have access to it: chmod 600 it");
	len = zpm_vault_read(r->vault, fd, MAX_BYTES, &data);
	if (len < 0)
		return refuse(r, field, path, strerror(errno));
	if (!len || (size_t)len == MAX_BYTES)
		return refuse(r, field, path, len ? "it is too large" : "it is empty");
	*out = (struct zpm_api_content){ .data = data, .len = (size_t)len };
	return 0;
}

/* Without the end of its line, which an editor adds and no git server knows of. */
static int read_secret(const struct reading *r, const char *field, const char *name, size_t least,
	struct zpm_api_content *out)
{
	size_t len;

	if (read_file(r, field, name, S_IRWXG | S_IRWXO, out) < 0)
		return -1;
	len = out->len;
	len -= len && out->data[len - 1] == '\n';
	len -= len && out->data[len - 1] == '\r';
	out->len = len;
	if (len < least)
		return zpm_err_set(r->err, ZPM_EINVALID,
			"%s: the secret in '%s' has %zu bytes; at least %zu are needed, as from "
			"'openssl rand -hex 32'",
			field, name, len, least);
	return 0;
}

static int read_pem(const struct reading *r, const char *field, const char *name, mode_t others,
	struct zpm_api_content *out)
{
	if (read_file(r, field, name, others, out) < 0)
		return -1;
	if (memchr(out->data, '\0', out->len) || !strstr(out->data, "-----BEGIN "))
		return refuse(r, field, name, "it is not PEM, which begins with '-----BEGIN '");
	return 0;
}

static int read_jwt(const struct reading *r, const struct zpm_api_jwt *jwt, struct zpm_api_files *out)
{
	if (jwt->public_key)
		return read_pem(r, "api.jwt.publicKey", jwt->public_key, S_IWGRP | S_IWOTH, &out->jwt_key);
	return read_secret(r, "api.jwt.secret", jwt->secret, MIN_HMAC_KEY, &out->jwt_key);
}

int zpm_manifest_api_files(const struct zpm_api_section *section, const char *folder, struct zpm_vault *vault,
	struct zpm_arena *arena, struct zpm_api_files *out, struct zpm_err *err)
{
	const struct reading r = { folder, vault, arena, err };
	const struct zpm_api_tls *tls = section->tls;

	*out = (struct zpm_api_files){ 0 };
	if (section->tokens && zpm_manifest_tokens(zpm_arena_path(arena, folder, section->tokens), arena,
				       &out->tokens, err) < 0)
		return zpm_err_wrap(err, "api.tokens");
	if (zpm_api_takes_jwt(section) && read_jwt(&r, section->jwt, out) < 0)
		return -1;
	if (section->webhook &&
		read_secret(&r, "api.webhook.secret", section->webhook->secret, 1, &out->webhook) < 0)
		return -1;
	if (tls && (read_pem(&r, "api.tls.cert", tls->cert, S_IWGRP | S_IWOTH, &out->cert) < 0 ||
			   read_pem(&r, "api.tls.key", tls->key, S_IRWXG | S_IRWXO, &out->key) < 0))
		return -1;
	return 0;
}
