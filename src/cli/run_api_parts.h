/* The inside of what binds the API to the loop. See run_api.h. */
#ifndef ZPM_CLI_RUN_API_PARTS_H
#define ZPM_CLI_RUN_API_PARTS_H

#include "api/api.h"
#include "cli/run_api.h"

#include <json-c/json.h>
#include <pthread.h>

/* On one line, and slashes as they are. */
#define ZPM_RUN_JSON (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* What a client asks for, until the loop has time for it. */
struct zpm_run_order {
	struct zpm_run_order *next;
	struct zpm_api_call *call;
	enum zpm_api_op op;
	char *service, *reason, *by;
	int64_t revision;
};

struct zpm_run_api {
	int poke;
	void (*say)(const char *event, const char *line);
	struct zpm_api *api;     /* NULL: the manifest wants none, or it could not begin */
	char *section;           /* what it was begun with, as JSON */
	uint64_t generation;     /* of the manifest that it follows; another one while it could not begin */
	char *trouble;           /* told of, while it lasts */
	struct zpm_arena *arena; /* during a look */
	struct json_object *status;
	int64_t history_due; /* when the history is asked for again, at the latest */

	pthread_mutex_t lock;                            /* of what follows: the API's threads use it too */
	struct zpm_run_order *orders;                    /* the first one asked for first */
	char *gauges;                                    /* what the last look has seen, for GET /metrics */
	unsigned long long events[ZPM_LOOP_EVENT_COUNT]; /* told of so far */
};

/* run_orders.c: called by the API, on any of its threads. */
void zpm_run_orders_take(void *ctx, const struct zpm_api_command *command, struct zpm_api_call *call);
/* Nobody answers them any more. */
void zpm_run_orders_drop(struct zpm_run_api *run);

/* run_metrics.c */
void zpm_run_note_gauges(struct zpm_run_api *run, const struct zpm_loop_look *look);
void zpm_run_count_event(struct zpm_run_api *run, enum zpm_loop_event event);
void zpm_run_metrics(void *ctx, struct zpm_buf *out);

#endif
