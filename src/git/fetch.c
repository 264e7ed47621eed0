/*
 * Talking to the server: which commit a branch is at, and getting it. A server is believed only when it
 * proves who it is; there is no way to turn that off.
 */
#include "git/parts.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/text.h"
#include "base/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BRANCHES        "refs/heads/"
#define MAX_CREDENTIALS (16 * 1024)
/* What hosters take beside a token in the place of a user. */
#define TOKEN_USER "git"

/* One conversation. */
struct talk {
	const struct zpm_git *git;
	struct zpm_vault *vault;
	int64_t deadline;
	bool asked; /* for credentials: what was refused once is not offered again */
	/* Why it was ended by zpm, if it was. The library's own error is about that then. */
	struct zpm_err why;
};

static int stop(struct talk *talk, enum zpm_code code, const char *why)
{
	if (!talk->why.code)
		(void)zpm_err_set(&talk->why, code, "%s", why);
	return GIT_EUSER;
}

static int go_on(struct talk *talk)
{
	const atomic_bool *canceled = talk->git->options->canceled;

	if (canceled && atomic_load(canceled))
		return stop(talk, ZPM_ECANCELED, "interrupted");
	if (zpm_clock_now() > talk->deadline)
		return stop(talk, ZPM_EUNAVAIL, "it takes too long");
	return 0;
}

static int on_progress(const git_indexer_progress *progress, void *data)
{
	struct talk *talk = data;

	if (progress->received_bytes > ZPM_GIT_MAX_FETCH)
		return stop(talk, ZPM_EREFUSED, "the server sends more than 1 GiB");
	return go_on(talk);
}

static int on_message(const char *text, int len, void *data)
{
	(void)text, (void)len;
	return go_on(data);
}

static const char *file_of(const struct talk *talk, const char *name)
{
	return zpm_arena_path(talk->git->arena, talk->git->options->base, name);
}

/* A file that nobody else can read, open for reading; -1 with the reason in `why`. */
static int open_secret(struct talk *talk, const char *field, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *arena_text = NULL;
	struct stat about;

	if (fd < 0 || fstat(fd, &about) < 0)
		arena_text = strerror(errno);
	else if (!S_ISREG(about.st_mode))
		arena_text = "it is not an ordinary file";
	else if (about.st_mode & (S_IRWXG | S_IRWXO))
		arena_text = "others than its owner have access to it: chmod 600 it";
	if (!arena_text)
		return fd;
	if (fd >= 0)
		close(fd);
	return stop(talk, ZPM_EINVALID,
		zpm_arena_printf(talk->git->arena, "%s: cannot use '%s': %s", field, path, arena_text));
}

/* "USER:PASSWORD" or a token; one line. */
static int offer_password(struct talk *talk, git_credential **out)
{
	const char *file = talk->git->options->source->credentials, *user = TOKEN_USER;
	char *text, *colon;
	ssize_t len;
	int fd;

	if (!file)
		return stop(talk, ZPM_EREFUSED, "the server asks for credentials, and there are none");
	fd = open_secret(talk, "credentials", file_of(talk, file));
	if (fd < 0)
		return GIT_EUSER;
	len = zpm_vault_read(talk->vault, fd, MAX_CREDENTIALS, &text);
	close(fd);
	if (len <= 0 || len == MAX_CREDENTIALS)
		return stop(
			talk, ZPM_EINVALID, "credentials: expected a line like user:password, or a token");
	text[strcspn(text, "\r\n")] = '\0';
	colon = strchr(text, ':');
	if (colon) {
		*colon = '\0';
		user = text;
	}
	return talk->git->lib->credential_userpass_plaintext_new(out, user, colon ? colon + 1 : text);
}

static int offer_key(struct talk *talk, const char *user, git_credential **out)
{
	const char *file = talk->git->options->source->ssh_key, *path;
	int fd;

	if (!file)
		return stop(talk, ZPM_EREFUSED, "the server asks for an ssh key, and there is no sshKey");
	path = file_of(talk, file);
	fd = open_secret(talk, "sshKey", path);
	if (fd < 0)
		return GIT_EUSER;
	close(fd);
	return talk->git->lib->credential_ssh_key_new(out, user, NULL, path, NULL);
}

static int on_credentials(
	git_credential **out, const char *url, const char *user, unsigned allowed, void *data)
{
	struct talk *talk = data;

	(void)url;
	if (!user)
		user = TOKEN_USER;
	if (allowed & GIT_CREDENTIAL_USERNAME)
		return talk->git->lib->credential_username_new(out, user);
	if (talk->asked)
		return stop(talk, ZPM_EREFUSED, "the server does not take the credentials");
	talk->asked = true;
	if (allowed & GIT_CREDENTIAL_SSH_KEY)
		return offer_key(talk, user, out);
	if (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT)
		return offer_password(talk, out);
	return stop(talk, ZPM_EREFUSED, "the server asks for credentials of a kind that there are none of");
}

static int on_certificate(git_cert *certificate, int valid, const char *host, void *data)
{
	struct talk *talk = data;

	(void)host;
	if (certificate->cert_type != GIT_CERT_HOSTKEY_LIBSSH2)
		return valid ? 0 : stop(talk, ZPM_EREFUSED, "the server's certificate is not valid");
	if (!talk->git->options->source->known_hosts)
		return stop(talk, ZPM_EREFUSED, "there is no knownHosts to know the server by");
	if (zpm_git_knows_host(talk->git, (const git_cert_hostkey *)(const void *)certificate))
		return 0;
	return stop(talk, ZPM_EREFUSED, "the server's key is not in knownHosts");
}

static enum zpm_code code_of(const struct zpm_libgit2 *lib, int failure)
{
	const git_error *error = lib->error_last();

	if (failure == GIT_ENOTFOUND || (error && error->klass == GIT_ERROR_REPOSITORY))
		return ZPM_ENOTFOUND;
	if (failure == GIT_EAUTH || failure == GIT_ECERTIFICATE)
		return ZPM_EREFUSED;
	return ZPM_EUNAVAIL;
}

static int fail(const struct talk *talk, int failure, struct zpm_err *err)
{
	const struct zpm_libgit2 *lib = talk->git->lib;

	if (talk->why.code) {
		*err = talk->why;
		return -1;
	}
	return zpm_err_set(err, code_of(lib, failure), "%s", zpm_libgit2_why(lib));
}

/* The full name of the branch; the remote's own when the source names none; NULL: it has none. */
static const char *find_branch(const struct zpm_git *git, git_remote *remote)
{
	const char *branch = git->options->source->branch, *name;
	git_buf buf = { 0 };

	if (branch)
		return zpm_arena_printf(git->arena, BRANCHES "%s", branch);
	if (git->lib->remote_default_branch(&buf, remote) < 0)
		return NULL;
	name = zpm_arena_strdup(git->arena, buf.ptr);
	git->lib->buf_dispose(&buf);
	return name;
}

static int find_head(
	struct talk *talk, git_remote *remote, const char *name, git_oid *id, struct zpm_err *err)
{
	const git_remote_head **heads;
	size_t n;
	int failure = talk->git->lib->remote_ls(&heads, &n, remote);

	if (failure < 0)
		return fail(talk, failure, err);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(heads[i]->name, name) != 0)
			continue;
		*id = heads[i]->oid;
		return 0;
	}
	return zpm_err_set(err, ZPM_ENOTFOUND, "it has no branch '%s'",
		zpm_starts_with(name, BRANCHES) ? name + strlen(BRANCHES) : name);
}

static int converse(struct talk *talk, git_remote *remote, git_oid *id, struct zpm_err *err)
{
	const struct zpm_libgit2 *lib = talk->git->lib;
	git_fetch_options options;
	git_strarray branches = { 0 };
	const char *name;
	int failure;

	lib->fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
	options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
	options.callbacks.payload = talk;
	options.callbacks.transfer_progress = on_progress;
	options.callbacks.sideband_progress = on_message;
	options.callbacks.credentials = on_credentials;
	options.callbacks.certificate_check = on_certificate;
	failure = lib->remote_connect(remote, GIT_DIRECTION_FETCH, &options.callbacks, NULL, NULL);
	if (failure < 0)
		return fail(talk, failure, err);
	name = find_branch(talk->git, remote);
	if (!name)
		return zpm_err_set(err, ZPM_ENOTFOUND, "it has no branch by itself; name one with 'branch'");
	if (find_head(talk, remote, name, id, err) < 0)
		return -1;
	if (zpm_git_is_last(talk->git, id))
		return 0;
	branches.strings = (char *[]){ (char *)(uintptr_t)name };
	branches.count = 1;
	talk->asked = false;
	failure = lib->remote_download(remote, &branches, &options);
	return failure < 0 ? fail(talk, failure, err) : 0;
}

/*
 * No configuration replaces the URL. To look for one libgit2 1.5 matches each entry of the repository's, and
 * loses 20 KiB with each that does not match.
 */
static int new_remote(const struct zpm_git *git, git_remote **remote, struct zpm_err *err)
{
	git_remote_create_options options;

	git->lib->remote_create_options_init(&options, GIT_REMOTE_CREATE_OPTIONS_VERSION);
	options.repository = git->repository;
	options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
	if (!git->lib->remote_create_with_opts(remote, git->options->source->url, &options))
		return 0;
	return zpm_err_set(err, ZPM_EINVALID, "%s", zpm_libgit2_why(git->lib));
}

int zpm_git_fetch(const struct zpm_git *git, git_oid *id, struct zpm_err *err)
{
	int64_t timeout = git->options->timeout ? git->options->timeout : ZPM_GIT_TIMEOUT;
	struct talk talk = { .git = git, .deadline = zpm_clock_now() + timeout };
	git_remote *remote;
	int result;

	if (new_remote(git, &remote, err) < 0)
		return -1;
	talk.vault = zpm_vault_new();
	result = converse(&talk, remote, id, err);
	zpm_vault_free(talk.vault);
	git->lib->remote_free(remote);
	return result;
}
