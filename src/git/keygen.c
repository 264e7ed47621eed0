/*
 * OpenSSH's ssh-keygen knows the formats of known_hosts and allowed_signers, and checks signatures. It is
 * started without a shell, and reads nothing but files.
 */
#include "git/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM    "ssh-keygen"
#define MAX_ARGS   16
#define NO_PROGRAM 127

static int start(pid_t *pid, const char *const *args, const char *input, int out)
{
	char *argv[MAX_ARGS] = { (char[]){ PROGRAM } };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int failure;

	for (size_t i = 0; args[i] && i + 2 < MAX_ARGS; i++)
		argv[i + 1] = (char *)(uintptr_t)args[i];
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input ? input : "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	/* What zpm ignores, a program it starts would ignore too. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	failure = posix_spawnp(pid, PROGRAM, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failure;
}

/* To the end, so that nobody waits for a reader. */
static void read_all(int fd, struct zpm_buf *out)
{
	char chunk[4096];
	ssize_t len;

	while ((len = read(fd, chunk, sizeof(chunk))) > 0 || (len < 0 && errno == EINTR))
		if (len > 0)
			(void)zpm_buf_add(out, chunk, (size_t)len);
}

int zpm_git_keygen(const char *const *args, const char *input, struct zpm_buf *out, struct zpm_err *err)
{
	int pipe[2], failure, status = 0;
	pid_t pid;

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return zpm_err_set(err, ZPM_EFAILED, "cannot run " PROGRAM ": %s", strerror(errno));
	failure = start(&pid, args, input, pipe[1]);
	close(pipe[1]);
	if (!failure) {
		read_all(pipe[0], out);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(pipe[0]);
	if (failure || (WIFEXITED(status) && WEXITSTATUS(status) == NO_PROGRAM))
		return zpm_err_set(err, ZPM_EFAILED,
			"cannot run " PROGRAM ": %s (on Debian it is in the package openssh-client)",
			strerror(failure ? failure : ENOENT));
	return WIFEXITED(status) ? WEXITSTATUS(status) : NO_PROGRAM + 1;
}
