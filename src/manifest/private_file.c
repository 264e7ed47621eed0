/* Read straight into the vault, also what is public: it is one way for all of them. */
#include "manifest/private_file.h"

#include "base/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES (64UL * 1024)

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

int zpm_private_refuse(const struct zpm_private *files, const char *field, const char *path, const char *why)
{
	return zpm_err_set(files->err, ZPM_EINVALID, "%s: cannot use '%s': %s", field, path, why);
}

int zpm_private_read(const struct zpm_private *files, const char *field, const char *name, mode_t others,
	struct zpm_api_content *out)
{
	const char *path = zpm_arena_path(files->arena, files->folder, name);
	/* Never waits for a pipe. */
	__attribute__((cleanup(close_fd))) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat about;
	ssize_t len;
	char *data;

	if (fd < 0 || fstat(fd, &about) < 0)
		return zpm_private_refuse(files, field, path, strerror(errno));
	if (!S_ISREG(about.st_mode))
		return zpm_private_refuse(files, field, path, "it is not an ordinary file");
	if (about.st_mode & others)
		return zpm_private_refuse(
			files, field, path, "others than its owner have access to it: chmod 600 it");
	len = zpm_vault_read(files->vault, fd, MAX_BYTES, &data);
	if (len < 0)
		return zpm_private_refuse(files, field, path, strerror(errno));
	if (!len || (size_t)len == MAX_BYTES)
		return zpm_private_refuse(files, field, path, len ? "it is too large" : "it is empty");
	*out = (struct zpm_api_content){ .data = data, .len = (size_t)len };
	return 0;
}

int zpm_private_secret(const struct zpm_private *files, const char *field, const char *name, size_t least,
	struct zpm_api_content *out)
{
	size_t len;

	if (zpm_private_read(files, field, name, S_IRWXG | S_IRWXO, out) < 0)
		return -1;
	len = out->len;
	len -= len && out->data[len - 1] == '\n';
	len -= len && out->data[len - 1] == '\r';
	out->len = len;
	if (len < least)
		return zpm_err_set(files->err, ZPM_EINVALID,
			"%s: the secret in '%s' has %zu bytes; at least %zu are needed, as from "
			"'openssl rand -hex 32'",
			field, name, len, least);
	return 0;
}
