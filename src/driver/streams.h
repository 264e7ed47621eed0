/*
 * What services write, and programs run in their containers. Both block as
 * long as the stream lasts; nothing here changes a service.
 */
#ifndef ZPM_DRIVER_STREAMS_H
#define ZPM_DRIVER_STREAMS_H

#include "driver/driver.h"

#include <stdatomic.h>

/* A line of a task's output, or a piece of one that is very long. Valid during the call. */
struct zpm_log_line {
	const char *task; /* "kafka.1", or "agent" for a global service; NULL: not known */
	const char *node; /* its host name; NULL: not known */
	const char *time; /* when it was written; NULL: not asked for */
	bool is_err;      /* written to standard error */
	bool continues;   /* goes on where the last one of this output ended */
	const char *text; /* `len` bytes as the program wrote them, its newline among them */
	size_t len;
};

struct zpm_log_options {
	bool follow, timestamps;
	int64_t tail;  /* so many lines of each task; ZPM_UNSET: all */
	int64_t since; /* no older than so many nanoseconds; ZPM_UNSET: any */
	/* False: enough. */
	bool (*take)(void *ctx, const struct zpm_log_line *line);
	void *ctx;
	const atomic_int *stop; /* not 0: end it. May be NULL */
};

/* The output of all tasks of an observed service that the Engine still has. */
int zpm_service_logs(const struct zpm_world *world, const struct zpm_object *service,
	const struct zpm_log_options *options, struct zpm_err *err);

struct zpm_exec {
	struct zpm_strs command;
	bool tty;         /* give it a terminal: all its output is standard output then */
	const char *user; /* who runs it; NULL: the container's own */
	int in;           /* what it reads; -1: nothing. The caller's */
	/* False: enough. */
	bool (*take)(void *ctx, bool is_err, const char *data, size_t len);
	/* With tty: the size of the terminal, when it is another than at the last call. */
	bool (*resized)(void *ctx, unsigned *rows, unsigned *columns);
	/* Called when it runs, and about four times a second. May be NULL. */
	void (*tick)(void *ctx);
	void *ctx;
	const atomic_int *stop; /* not 0: leave it alone. May be NULL */
};

/*
 * Runs a program in a container and sets `*code` to what it ended with. The
 * world's Engine is asked for the container first, then those of hosts, unless
 * one of them is known to be that of `node` (NULL: of no matter which).
 * Before anything is run: ZPM_ENOTFOUND when none of them has it,
 * ZPM_EUNAVAIL when one of them did not answer; after that ZPM_EFAILED.
 */
int zpm_container_exec(const struct zpm_world *world, const char *container, const char *node,
	const struct zpm_exec *exec, int *code, struct zpm_err *err);

#endif
