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
	size_t most; /* bytes, all of which have to be fewer */
	struct zpm_secret *secret;
	bool *stdin_taken;
};

static struct zpm_pos pos_of(const struct reading *r, const char *field)
{
	const char *path =
		zpm_arena_printf(r->arena, "%ss.%s.%s", zpm_kinds[r->kind].name, r->secret->name, field);

	return zpm_node_locate(r->scope->root, path);
}

static void complain(const struct reading *r, const char *field, const char *msg)
{
	zpm_diag_add(r->scope->diags, pos_of(r, field), "%ss.%s.%s: %s", zpm_kinds[r->kind].name,
		r->secret->name, field, msg);
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
		complain(r, "file", zpm_arena_printf(r->arena, "cannot read it: %s", strerror(errno)));
	else
		accept_content(r, "file", data, (size_t)len);
}

static void read_stdin(struct reading *r)
{
	if (r->scope->piped)
		complain(r, "file", "standard input is the manifest itself");
	else if (*r->stdin_taken)
		complain(r, "file", "standard input is read for another one already");
	else
		read_fd(r, STDIN_FILENO, r->most);
	*r->stdin_taken = true;
}

static void warn_of_readers(const struct reading *r, const char *path, mode_t mode)
{
	if (r->kind == ZPM_KIND_SECRET && mode & (S_IRWXG | S_IRWXO))
		zpm_diag_add(r->scope->warnings, pos_of(r, "file"),
			"secrets.%s.file: others can read '%s' (mode %04o); chmod 600 would keep it secret",
			r->secret->name, path, (unsigned)mode & 07777);
}

static void read_file(struct reading *r)
{
	const char *path = r->secret->file;
	struct stat stat;
	int fd;

	if (path[0] != '/' && strcmp(r->scope->folder, ".") != 0)
		path = zpm_arena_printf(r->arena, "%s/%s", r->scope->folder, path);
	/* Never waits for a pipe. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &stat) < 0) {
		complain(
			r, "file", zpm_arena_printf(r->arena, "cannot open '%s': %s", path, strerror(errno)));
	} else if (!S_ISREG(stat.st_mode)) {
		complain(r, "file", zpm_arena_printf(r->arena, "'%s' is not an ordinary file", path));
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

void zpm_contents_read(struct zpm_platform *platform, const struct zpm_content_scope *scope)
{
	bool stdin_taken = false;
	struct reading r = { .scope = scope, .arena = scope->diags->arena, .stdin_taken = &stdin_taken };

	r.platform = platform->platform ? platform->platform : "";
	r.kind = ZPM_KIND_SECRET;
	r.most = ZPM_SECRET_MAX_BYTES;
	for (size_t i = 0; i < platform->secrets.n; i++) {
		r.secret = platform->secrets.v[i];
		read_one(&r);
	}
	r.kind = ZPM_KIND_CONFIG;
	r.most = ZPM_CONFIG_MAX_BYTES;
	for (size_t i = 0; i < platform->configs.n; i++) {
		r.secret = platform->configs.v[i];
		read_one(&r);
	}
}
