/* What every command does alike: finding and loading the manifest, failing, being interrupted. */
#include "cli/completion.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MANIFEST_NAME "securaa.yaml"

static atomic_int interrupts;

int zpm_cli_main(int argc, char **argv)
{
	const struct zpm_command *command;
	enum zpm_exit code;
	struct zpm_cli cli;

	if (argc > 1 && !strcmp(argv[1], ZPM_COMPLETE))
		return zpm_complete(argc - 2, argv + 2);
	/* `zpm apply | head` must not end an apply half way. */
	signal(SIGPIPE, SIG_IGN);
	command = zpm_cli_parse(argc, argv, &cli, &code);
	if (command)
		code = command->run(&cli);
	zpm_arena_free(cli.arena);
	/* A full disk or a closed pipe must not look like an answer. */
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "zpm: cannot write the output: %s\n", strerror(errno));
		if (code == ZPM_EXIT_OK || code == ZPM_EXIT_CHANGES)
			code = ZPM_EXIT_FAILED;
	}
	return code;
}

enum zpm_exit zpm_cli_fail(const struct zpm_err *err)
{
	fprintf(stderr, "zpm: %s\n", err->msg);
	if (err->code == ZPM_EINVALID)
		return ZPM_EXIT_USAGE;
	return err->code == ZPM_EREFUSED ? ZPM_EXIT_REFUSED : ZPM_EXIT_FAILED;
}

void zpm_cli_tell_notes(struct zpm_session *session)
{
	const char *note;

	while ((note = zpm_session_note(session)))
		fprintf(stderr, "zpm: warning: %s\n", note);
}

/*
 * Only counts: what is on the terminal at that moment is known to others. The
 * third interrupt kills. Runs in any thread.
 */
static void on_interrupt(int number)
{
	if (atomic_fetch_add(&interrupts, 1) == 1)
		signal(number, SIG_DFL);
}

const atomic_int *zpm_cli_catch_interrupts(void)
{
	struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return &interrupts;
}

/* securaa.yaml in this folder or the nearest one above; the bare name when there is none. */
static char *find_manifest(void)
{
	ZPM_FREE char *folder = getcwd(NULL, 0);
	char *path = NULL;

	while (folder) {
		char *slash;

		if (asprintf(&path, "%s/" MANIFEST_NAME, folder) < 0)
			abort();
		if (!access(path, F_OK))
			return path;
		free(path);
		slash = strrchr(folder, '/');
		if (!slash || !folder[0])
			break;
		*slash = '\0';
	}
	return zpm_strdup(MANIFEST_NAME);
}

/* In the folder it is in, a manifest is called by its bare name. */
static const char *shortened(const char *path)
{
	return !access(MANIFEST_NAME, F_OK) ? MANIFEST_NAME : path;
}

void zpm_cli_print_diagnostics(const struct zpm_diags *diags, const char *mark)
{
	for (size_t i = 0; i < diags->list.n; i++) {
		const struct zpm_diag *diag = diags->list.v[i];

		if (diag->pos.line)
			fprintf(stderr, "%s:%u:%u: %s%s\n", diag->pos.file, diag->pos.line, diag->pos.column,
				mark, diag->msg);
		else
			fprintf(stderr, "%s: %s%s\n", diag->pos.file, mark, diag->msg);
	}
	if (diags->left_out)
		fprintf(stderr, "zpm: and %zu more\n", diags->left_out);
}

void zpm_cli_print_warnings(const struct zpm_strs *warnings)
{
	for (size_t i = 0; i < warnings->n; i++)
		fprintf(stderr, "zpm: warning: %s\n", warnings->v[i]);
}

struct zpm_session_options zpm_cli_session_options(const struct zpm_cli *cli)
{
	ZPM_FREE char *found = cli->file ? NULL : find_manifest();

	return (struct zpm_session_options){
		.manifest = cli->file ? cli->file : zpm_arena_strdup(cli->arena, shortened(found)),
		.endpoint = cli->endpoint,
		.targets = cli->targets,
		.plan = { .retry = cli->switches & ZPM_SWITCH_RETRY,
			.allow_data_risk = cli->switches & ZPM_SWITCH_DATA_RISK },
		.vars = cli->vars,
	};
}

int zpm_cli_open(const struct zpm_cli *cli, struct zpm_session **session, struct zpm_err *err)
{
	const struct zpm_session_options options = zpm_cli_session_options(cli);

	return zpm_session_load(&options, session, err);
}

enum zpm_exit zpm_cli_load(const struct zpm_cli *cli, struct zpm_session **session)
{
	struct zpm_err err = { 0 };
	int result = zpm_cli_open(cli, session, &err);

	if ((*session)->manifest)
		zpm_cli_print_diagnostics(&(*session)->manifest->warnings, "warning: ");
	zpm_cli_print_warnings(&(*session)->warnings);
	if (!result)
		return ZPM_EXIT_OK;
	if (!(*session)->manifest) {
		fprintf(stderr, "zpm: %s%s\n", err.msg, cli->file ? "" : "; name a manifest with -f");
		return ZPM_EXIT_USAGE;
	}
	zpm_cli_print_diagnostics(&(*session)->manifest->diags, "");
	return ZPM_EXIT_USAGE;
}

/* Whom to ask about it: under sudo, the person and not root. A name with blanks would not be read back. */
const char *zpm_cli_user(struct zpm_arena *arena)
{
	const char *sudo = geteuid() == 0 ? getenv("SUDO_USER") : NULL;
	const struct passwd *user = getpwuid(geteuid());
	const char *name = sudo && *sudo ? sudo : user ? user->pw_name : NULL;

	if (!name || !*name || strpbrk(name, " \t\r\n"))
		return zpm_arena_printf(arena, "uid-%u", (unsigned)geteuid());
	return zpm_arena_strdup(arena, name);
}
