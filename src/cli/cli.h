/*
 * The command line: options parsed once, one command per cmd_*.c. Only this
 * module prints and decides exit codes. Data goes to standard output,
 * everything else to standard error.
 */
#ifndef ZPM_CLI_CLI_H
#define ZPM_CLI_CLI_H

#include "engine/apply.h"
#include "engine/history.h"

#include <stdatomic.h>

/* Scripts rely on these. `zpm exec` ends with what its program ended with, which may be any number. */
enum zpm_exit {
	ZPM_EXIT_OK = 0,
	ZPM_EXIT_FAILED = 1,  /* and nothing was changed */
	ZPM_EXIT_CHANGES = 2, /* plan --exit-code: changes are pending */
	ZPM_EXIT_USAGE = 3,   /* the manifest or the command line is wrong */
	ZPM_EXIT_PARTIAL = 4, /* partly applied, or not converged */
	ZPM_EXIT_REFUSED = 5, /* a person has to decide */
};

enum zpm_output {
	ZPM_OUTPUT_TEXT = 1 << 0,
	ZPM_OUTPUT_YAML = 1 << 1,
	ZPM_OUTPUT_JSON = 1 << 2,
	ZPM_OUTPUT_MARKDOWN = 1 << 3,
	ZPM_OUTPUT_SVG = 1 << 4,
	ZPM_OUTPUT_DOT = 1 << 5,
};

enum zpm_switch {
	ZPM_SWITCH_YES = 1 << 0,
	ZPM_SWITCH_EXIT_CODE = 1 << 1,
	ZPM_SWITCH_NO_WAIT = 1 << 2,
	ZPM_SWITCH_VOLUMES = 1 << 3,
	ZPM_SWITCH_WATCH = 1 << 4,
	ZPM_SWITCH_QUIET = 1 << 5,
	ZPM_SWITCH_RETRY = 1 << 6,
	ZPM_SWITCH_DATA_RISK = 1 << 7,
	ZPM_SWITCH_FOLLOW = 1 << 8,
	ZPM_SWITCH_TIMESTAMPS = 1 << 9,
	ZPM_SWITCH_INTERACTIVE = 1 << 10,
	ZPM_SWITCH_ALL = 1 << 11,
	ZPM_SWITCH_DRY_RUN = 1 << 12,
};

struct zpm_cli {
	const char *file;              /* of -f; NULL: look for it */
	const char *endpoint;          /* of --engine; NULL: not given */
	const char *platform;          /* of --platform; NULL: not given */
	const char *out;               /* of --out; NULL: not given */
	struct zpm_strs targets;       /* of --target; in `arena` */
	struct zpm_manifest_vars vars; /* of --set and --var-file; in `arena` */
	struct zpm_strs args;          /* what stands behind the command; in `arena` */
	struct zpm_arena *arena;
	enum zpm_output output;
	unsigned switches;          /* of enum zpm_switch */
	const char *to;             /* of --to; NULL: not given */
	const char *reason;         /* of --reason; NULL: not given */
	const char *task;           /* of --task; NULL: any */
	const char *role, *expires; /* of --role and --expires; NULL: not given */
	int64_t tail, since;        /* of --tail and --since, in nanoseconds; ZPM_UNSET: not given */
	unsigned parallel;
	int64_t timeout;
	bool colour;   /* on standard output */
	bool terminal; /* standard error is one: progress may be drawn */
};

struct zpm_command {
	const char *name;
	const char *help;
	const char *takes; /* letters and names of its options, as in the options table */
	const char *args;  /* "SERVICE...": what stands behind it; NULL: nothing does */
	size_t min_args, max_args;
	unsigned outputs; /* of enum zpm_output; the first is what it prints by itself */
	enum zpm_exit (*run)(const struct zpm_cli *cli);
};

extern const struct zpm_command zpm_commands[]; /* ends with a row without a name */

/* NULL: there is none of this name. */
const struct zpm_command *zpm_command_by_name(const char *name);

/* NULL: there is none of this name, and standard error says so, with the nearest. */
const struct zpm_command *zpm_find_command(const char *name);

/* The whole program but for main(). `argv` as main() gets it. */
int zpm_cli_main(int argc, char **argv);

/* Parses the command line; NULL when there is nothing to run, with the exit code set. */
const struct zpm_command *zpm_cli_parse(int argc, char **argv, struct zpm_cli *cli, enum zpm_exit *code);

enum zpm_exit zpm_cmd_validate(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_plan(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_apply(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_run(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_pause(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_resume(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_history(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_rollback(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_status(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_destroy(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_restart(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_stop(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_start(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_failover(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_failback(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_hosts(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_integrations(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_tenants(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_doctor(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_logs(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_exec(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_graph(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_import(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_schema(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_completion(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_token(const struct zpm_cli *cli);
enum zpm_exit zpm_cmd_version(const struct zpm_cli *cli);

/* The session of the command line, its manifest loaded; reports what is wrong with it. */
enum zpm_exit zpm_cli_load(const struct zpm_cli *cli, struct zpm_session **session);

/* What the command line says of the manifest and the Engine; in the arena or borrowed. */
struct zpm_session_options zpm_cli_session_options(const struct zpm_cli *cli);

/* The same, and says nothing: what is wrong is in `err`, and in the session, which the caller frees. */
int zpm_cli_open(const struct zpm_cli *cli, struct zpm_session **session, struct zpm_err *err);

/* On standard error, `mark` before each message: "warning: ", or nothing for a mistake. */
void zpm_cli_print_diagnostics(const struct zpm_diags *diags, const char *mark);

/* "zpm: warning: MESSAGE" for each, there too. */
void zpm_cli_print_warnings(const struct zpm_strs *warnings);

/* "zpm: MESSAGE" on standard error, and the exit code that goes with it. */
enum zpm_exit zpm_cli_fail(const struct zpm_err *err);

/* "zpm: warning: NOTE" on standard error, for each note of the session that is not told yet. */
void zpm_cli_tell_notes(struct zpm_session *session);

/* Counts interrupts from now on; see zpm_apply_options. */
const atomic_int *zpm_cli_catch_interrupts(void);

/* Plans what an operator asks for of the services behind the command, and executes it unasked. */
enum zpm_exit zpm_cli_operate(const struct zpm_cli *cli, enum zpm_edit_op op, const char *hold);

/* Whom to ask about what is done: under sudo, the person and not root; in the arena. */
const char *zpm_cli_user(struct zpm_arena *arena);

/*
 * Is a `zpm run` at work that would undo what is about to be done? Refuses then, saying who, unless the
 * platform is paused.
 */
enum zpm_exit zpm_cli_give_way(const struct zpm_cli *cli, const struct zpm_session *session);

/* Says why on standard error, a line each, and as an outcome where JSON is wanted. */
enum zpm_exit zpm_cli_refuse(const struct zpm_cli *cli, const struct zpm_strs *why);

/* Applies the session's plan after asking (unless `question` is NULL), shows how it goes and what came of it.
 */
enum zpm_exit zpm_cli_execute(const struct zpm_cli *cli, struct zpm_session *session, const char *question);

/*
 * Notes in the history what has been applied; `from` is the revision it went back to, NULL: it was the
 * manifest. A failure is only warned of.
 */
void zpm_cli_note_revision(const struct zpm_cli *cli, const struct zpm_session *session, enum zpm_exit code,
	const struct zpm_revision *from);

#endif
