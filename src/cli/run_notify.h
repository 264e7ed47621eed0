/* What binds webhooks to a running loop: which of its words they are told. Called by the loop's thread. */
#ifndef ZPM_CLI_RUN_NOTIFY_H
#define ZPM_CLI_RUN_NOTIFY_H

#include "engine/loop.h"

struct zpm_run_notify;

/* `holder` is what this zpm calls itself; `say` as for zpm_run_api_new(). */
struct zpm_run_notify *zpm_run_notify_new(
	const char *holder, void (*say)(const char *event, const char *line));
void zpm_run_notify_free(struct zpm_run_notify *run);

/* As the members of struct zpm_loop_observer. */
void zpm_run_notify_tell(struct zpm_run_notify *run, enum zpm_loop_event event, const char *text);
void zpm_run_notify_look(struct zpm_run_notify *run, const struct zpm_loop_look *look);

#endif
