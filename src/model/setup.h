/*
 * Setup: commands that are run once in each new container of a service, and
 * the mark that is left in a container to tell how far they have come. A mark
 * goes with its container, so what replaces that has none.
 */
#ifndef ZPM_MODEL_SETUP_H
#define ZPM_MODEL_SETUP_H

#include "model/field.h"

/* Where the mark is, in every container. */
#define ZPM_SETUP_MARK_NAME ".zpm-setup"

/* The most of what a failed command has written that a mark keeps: the last of it. */
#define ZPM_SETUP_OUTPUT 1024

struct zpm_setup_command {
	struct zpm_strs command;
	int64_t timeout;
	const char *user; /* NULL: the container's */
};

struct zpm_setup {
	const char *service;
	struct zpm_ptrs commands; /* struct zpm_setup_command */
};

extern const struct zpm_shape zpm_setup_command_shape;
extern const struct zpm_shape zpm_setup_shape;

/* "sha256:..." of the commands and their users: with another one they are run again. */
const char *zpm_setup_hash(const struct zpm_setup *setup, struct zpm_arena *arena);

/* A command on one line, cut where it is long. */
const char *zpm_setup_command_text(const struct zpm_setup_command *command, struct zpm_arena *arena);

struct zpm_setup_mark {
	const char *hash;
	int64_t done;       /* so many commands have succeeded */
	int64_t attempts;   /* how often the next one has failed */
	const char *at;     /* when the mark was written, as in "2026-03-01T12:00:00Z" */
	const char *why;    /* why the last attempt failed; NULL: it has not */
	const char *output; /* what it wrote last, safe to show, lines ended by '\n'; NULL: nothing */
};

/* What the mark's file holds. */
const char *zpm_setup_mark_text(const struct zpm_setup_mark *mark, struct zpm_arena *arena);

/* NULL when it is no mark: whoever is root in the container can write anything there. */
const struct zpm_setup_mark *zpm_setup_mark_parse(const char *text, size_t len, struct zpm_arena *arena);

/*
 * The end of what a program has written, at most ZPM_SETUP_OUTPUT bytes of it, safe to show: valid
 * UTF-8 without control characters but '\n'.
 */
const char *zpm_setup_output(const char *text, size_t len, struct zpm_arena *arena);

/* A container of a running task, as observed. */
struct zpm_setup_container {
	const char *task; /* "utils.1", or "utils on soar-a" for a global service */
	const char *id, *node;
	const struct zpm_setup_mark *mark; /* NULL: none */
	const char *trouble;               /* why the mark could not be seen; NULL: it was */
};

struct zpm_setup_view {
	struct zpm_ptrs containers; /* struct zpm_setup_container */
	size_t coming;              /* tasks that are on their way */
};

enum zpm_setup_state {
	ZPM_SETUP_DONE,
	ZPM_SETUP_NEVER,  /* nothing was run */
	ZPM_SETUP_OTHER,  /* other commands were */
	ZPM_SETUP_PART,   /* not all of them yet */
	ZPM_SETUP_FAILED, /* one of them has failed */
	ZPM_SETUP_UNSEEN,
};

enum zpm_setup_state zpm_setup_state(
	const struct zpm_setup *setup, const struct zpm_setup_container *container, struct zpm_arena *arena);

/*
 * What keeps the container from being set up, without the name of its task: "'pip check' failed: exit
 * code 1"; NULL: it is.
 */
const char *zpm_setup_trouble(
	const struct zpm_setup *setup, const struct zpm_setup_container *container, struct zpm_arena *arena);

#endif
