/*
 * Contents are read straight into the vault: no buffer on the way keeps a
 * copy of a secret.
 */
#include "manifest/content.h"

#include "base/digest.h"
#include "base/vault.h"
#include "model/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One secret or config being read. */
struct reading {
	const struct zpm_content_scope *scope;
	struct zpm_arena *arena;
	const char *platform;
	enum zpm_kind_id kind;
	const char *path;       /* of what has the content, in the manifest */
	const char *file_field; /* what its field with a file's name is called */
	size_t most;            /* bytes, all of which have to be fewer */
	struct zpm_secret *secret;
	bool *stdin_taken;
};

static struct zpm_pos pos_of(const struct reading *r, const char *field)
{
	return zpm_node_locate(r->scope->root, zpm_arena_printf(r->arena, "%s.%s", r->path, field));
}

static void complain(const struct reading *r, const char *field, const char *msg)
{
	zpm_diag_add(r->scope->diags, pos_of(r, field), "%s.%s: %s", r->path, field, msg);
}

/* Swarm takes neither an empty one nor one of the full size: https://github.com/moby/swarmkit, controlapi */
static void accept_content(struct reading *r, const char *field, const void *data, size_t len)
{
	if (!len) {
		complain(r, field, "has no content; Swarm takes none that is empty");
	} else if (len >= r->most) {
		complain(r, field,
			zpm_arena_printf(
				r->arena, "is too large: Swarm takes less than %zu KiB", r->most / 1024));
	} else {
		r->secret->data = data;
		r->secret->len = len;
	}
}

/* Reads at most `room` bytes, which nothing that is accepted fills. */
static void read_fd(struct reading *r, int fd, size_t room)
{
	char *data;
	ssize_t len = zpm_vault_read(r->scope->vault, fd, room, &data);

	if (len < 0)
		complain(r, r->file_field, zpm_arena_printf(r->arena, "cannot read it: %s", strerror(errno)));
	else
		accept_content(r, r->file_field, data, (size_t)len);
}

static void read_stdin(struct reading *r)
{
	if (r->scope->piped)
		complain(r, r->file_field, "standard input is the manifest itself");
	else if (*r->stdin_taken)
		complain(r, r->file_field, "standard input is read for another one already");
	else
		read_fd(r, STDIN_FILENO, r->most);
	*r->stdin_taken = true;
}

static void warn_of_readers(const struct reading *r, const char *path, mode_t mode)
{
	if (r->kind == ZPM_KIND_SECRET && mode & (S_IRWXG | S_IRWXO))
		zpm_diag_add(r->scope->warnings, pos_of(r, r->file_field),
			"%s.%s: others can read '%s' (mode %04o); chmod 600 would keep it secret", r->path,
			r->file_field, path, (unsigned)mode & 07777);
}

static void read_file(struct reading *r)
{
	const char *path = zpm_arena_path(r->arena, r->scope->folder, r->secret->file);
	struct stat stat;
	int fd;

	zpm_strs_push(r->arena, r->scope->files, path);
	/* Never waits for a pipe. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &stat) < 0) {
		complain(r, r->file_field,
			zpm_arena_printf(r->arena, "cannot open '%s': %s", path, strerror(errno)));
	} else if (!S_ISREG(stat.st_mode)) {
		complain(r, r->file_field, zpm_arena_printf(r->arena, "'%s' is not an ordinary file", path));
	} else {
		warn_of_readers(r, path, stat.st_mode);
		read_fd(r, fd, (size_t)stat.st_size < r->most ? (size_t)stat.st_size + 1 : r->most);
	}
	if (fd >= 0)
		close(fd);
}

static void read_environment(struct reading *r)
{
	const char *name = r->secret->environment, *value = getenv(name);

	if (!value)
		complain(r, "environment",
			zpm_arena_printf(r->arena, "zpm's environment has no variable '%s'", name));
	else
		accept_content(r, "environment", value, strlen(value));
}

/* A secret's name is there for all to see, so its version must not help to guess a short one. */
static const char *version_of(const struct reading *r)
{
	const struct zpm_secret *secret = r->secret;
	char digest[ZPM_DIGEST_SIZE];

	if (r->kind == ZPM_KIND_CONFIG)
		zpm_digest(secret->data, secret->len, digest);
	else
		zpm_digest_slow(secret->data, secret->len,
			zpm_arena_printf(r->arena, "zpm/%s/%s", r->platform, secret->name), digest);
	return zpm_arena_strndup(r->arena, digest + strlen("sha256:"), ZPM_VERSION_LEN);
}

static void read_one(struct reading *r)
{
	const struct zpm_secret *secret = r->secret;

	r->path = zpm_arena_printf(r->arena, "%ss.%s", zpm_kinds[r->kind].name, secret->name);
	if (secret->external == 1 || zpm_secret_sources(secret) != 1)
		return;
	if (secret->content)
		accept_content(r, "content", secret->content, strlen(secret->content));
	else if (secret->environment)
		read_environment(r);
	else if (!strcmp(secret->file, "-"))
		read_stdin(r);
	else
		read_file(r);
	if (secret->data)
		r->secret->version = version_of(r);
}

static const char *data_of_secret(const struct zpm_platform *platform, const char *name)
{
	for (size_t i = 0; name && i < platform->secrets.n; i++) {
		const struct zpm_secret *secret = platform->secrets.v[i];

		if (!strcmp(secret->name, name))
			return secret->data;
	}
	return NULL;
}

static const char *read_password(const struct reading *r, const char *file)
{
	struct zpm_secret own = { .file = file };
	struct reading of_file = *r;

	of_file.secret = &own;
	of_file.path = "mongo.auth";
	of_file.file_field = "passwordFile";
	read_file(&of_file);
	return own.data;
}

/* After the secrets, of which one is the key file, and another one may be the password. */
static void read_auth(const struct reading *r, const struct zpm_platform *platform)
{
	struct zpm_mongo_auth *auth = platform->mongo ? platform->mongo->auth : NULL;

	if (!auth)
		return;
	auth->key = data_of_secret(platform, auth->key_file);
	auth->password = auth->password_file ? read_password(r, auth->password_file)
					     : data_of_secret(platform, auth->password_secret);
}

void zpm_contents_read(struct zpm_platform *platform, const struct zpm_content_scope *scope)
{
	bool stdin_taken = false;
	struct reading r = { .scope = scope, .arena = scope->diags->arena, .stdin_taken = &stdin_taken };

	r.platform = platform->platform ? platform->platform : "";
	r.file_field = "file";
	r.kind = ZPM_KIND_SECRET;
	r.most = ZPM_SECRET_MAX_BYTES;
	for (size_t i = 0; i < platform->secrets.n; i++) {
		r.secret = platform->secrets.v[i];
		read_one(&r);
	}
	read_auth(&r, platform);
	r.kind = ZPM_KIND_CONFIG;
	r.most = ZPM_CONFIG_MAX_BYTES;
	for (size_t i = 0; i < platform->configs.n; i++) {
		r.secret = platform->configs.v[i];
		read_one(&r);
	}
}
