/*
 * Helper programs that keep credentials: docker-credential-NAME, with "get"
 * as its argument, the server's name on its standard input, and JSON on its
 * output. https://github.com/docker/docker-credential-helpers
 */
#include "docker/credentials_parts.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE   (15 * ZPM_S)
#define LOOK_EVERY (5 * ZPM_MS)
#define MAX_NAME   64
#define MAX_ANSWER ((size_t)64 * 1024)

/* How a helper says that it has no such login, with exit code 1. */
static const char not_found[] = "credentials not found in native keychain";

/* The username that says the secret is a token. */
static const char token_user[] = "<token>";

static const char no_program[] = "there is no such program on the PATH";

/* The exit code of a child that could not be made the program, where posix_spawn() does not fail itself. */
#define NOT_STARTED 127

struct helper {
	char program[sizeof("docker-credential-") + MAX_NAME];
	pid_t pid;
	int out; /* what it prints */
	int64_t deadline;
	char *answer;
	size_t len;
};

static int start(struct helper *helper, int in, int out, struct zpm_err *err)
{
	char *argv[] = { helper->program, (char[]){ "get" }, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int failure;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	/* What zpm ignores, a program it starts would ignore too. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	failure = posix_spawnp(&helper->pid, helper->program, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (!failure)
		return 0;
	return zpm_err_set(err, ZPM_EFAILED, "%s", failure == ENOENT ? no_program : strerror(failure));
}

/* The server's name fits into the pipe, so it is there before anybody reads, and no write can fail. */
static int start_with(struct helper *helper, const char *server, struct zpm_err *err)
{
	int in[2], out[2], result;
	size_t len = strlen(server);

	if (pipe2(in, O_CLOEXEC) < 0)
		return zpm_err_set(err, ZPM_EFAILED, "%s", strerror(errno));
	if (pipe2(out, O_CLOEXEC) < 0) {
		zpm_err_set(err, ZPM_EFAILED, "%s", strerror(errno));
		close(in[0]);
		close(in[1]);
		return -1;
	}
	if (write(in[1], server, len) == (ssize_t)len)
		result = start(helper, in[0], out[1], err);
	else
		result = zpm_err_set(err, ZPM_EFAILED, "it cannot be told the server");
	close(in[0]);
	close(in[1]);
	close(out[1]);
	helper->out = out[0];
	if (result < 0)
		close(out[0]);
	return result;
}

static int too_slow(struct zpm_err *err)
{
	return zpm_err_set(err, ZPM_EUNAVAIL, "no answer within %lld seconds", PATIENCE / ZPM_S);
}

static int read_answer(struct helper *helper, struct zpm_err *err)
{
	while (true) {
		int64_t left = helper->deadline - zpm_clock_now();
		struct pollfd poll_out = { .fd = helper->out, .events = POLLIN };
		ssize_t got;

		if (left <= 0 || poll(&poll_out, 1, (int)(left / ZPM_MS) + 1) == 0)
			return too_slow(err);
		got = read(helper->out, helper->answer + helper->len, MAX_ANSWER - helper->len);
		if (got < 0 && errno != EINTR)
			return zpm_err_set(err, ZPM_EFAILED, "%s", strerror(errno));
		if (!got)
			return 0;
		helper->len += got > 0 ? (size_t)got : 0;
		if (helper->len == MAX_ANSWER)
			return zpm_err_set(
				err, ZPM_EFAILED, "its answer is longer than %zu bytes", MAX_ANSWER);
	}
}

/* Leaves no process behind, whatever it does. Returns its exit code, or -1. */
static int end(struct helper *helper, int result, struct zpm_err *err)
{
	int status = 0;

	close(helper->out);
	while (!result && waitpid(helper->pid, &status, WNOHANG) == 0) {
		nanosleep(&(struct timespec){ .tv_nsec = LOOK_EVERY }, NULL);
		if (zpm_clock_now() > helper->deadline)
			result = too_slow(err);
	}
	if (result < 0) {
		kill(helper->pid, SIGKILL);
		waitpid(helper->pid, &status, 0);
		return -1;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return zpm_err_set(err, ZPM_EFAILED, "it was ended by signal %d", WTERMSIG(status));
}

/* What it prints when it fails may hold anything: it is compared, and never shown. */
static int refused(const struct helper *helper, int code, struct zpm_err *err)
{
	if (helper->len >= strlen(not_found) && !strncmp(helper->answer, not_found, strlen(not_found)))
		return zpm_err_set(err, ZPM_ENOTFOUND, "it has no credentials");
	if (code == NOT_STARTED)
		return zpm_err_set(err, ZPM_EFAILED, "%s", no_program);
	return zpm_err_set(err, ZPM_EFAILED, "it failed with exit code %d", code);
}

static int take_login(
	const struct helper *helper, struct zpm_vault *vault, struct zpm_login *login, struct zpm_err *err)
{
	json_object *json = zpm_secret_json_parse(helper->answer, helper->len);
	const char *username = zpm_secret_json_text(json, "Username");
	const char *secret = zpm_secret_json_text(json, "Secret");
	int result = 0;

	if (!username || !secret)
		result = zpm_err_set(err, ZPM_EFAILED, "its answer has no Username and Secret");
	else if (!strcmp(username, token_user))
		login->identity_token = zpm_vault_strdup(vault, secret);
	else
		*login = (struct zpm_login){ .username = zpm_vault_strdup(vault, username),
			.password = zpm_vault_strdup(vault, secret) };
	zpm_secret_json_put(json);
	return result;
}

static int ask(struct helper *helper, const char *server, struct zpm_vault *vault, struct zpm_login *login,
	struct zpm_err *err)
{
	int code;

	helper->deadline = zpm_clock_now() + PATIENCE;
	helper->answer = zpm_vault_alloc(vault, MAX_ANSWER + 1);
	if (start_with(helper, server, err) < 0)
		return -1;
	code = end(helper, read_answer(helper, err), err);
	if (code)
		return code < 0 ? -1 : refused(helper, code, err);
	return take_login(helper, vault, login, err);
}

int zpm_credential_helper_ask(const char *name, const char *server, struct zpm_vault *vault,
	struct zpm_login *login, struct zpm_err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	struct helper helper = { 0 };

	/* A name with a slash would be a path: a file that says so starts nothing here. */
	if (strspn(name, letters) != strlen(name) || strlen(name) > MAX_NAME)
		return zpm_err_set(err, ZPM_EINVALID,
			"Docker's configuration names a credential helper whose name no helper can have");
	snprintf(helper.program, sizeof(helper.program), "docker-credential-%s", name);
	if (ask(&helper, server, vault, login, err) < 0)
		return zpm_err_wrap(err, "%s", helper.program);
	return 0;
}
