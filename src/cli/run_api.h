/*
 * What binds the API to a running loop: the loop's looks become documents, its words events, and what clients
 * ask for is queued until the loop's thread has time for it. All but zpm_run_api_metrics() is called by that
 * thread.
 */
#ifndef ZPM_CLI_RUN_API_H
#define ZPM_CLI_RUN_API_H

#include "engine/loop.h"

struct zpm_run_api;

/* `poke` is written 'c' to whenever somebody asks. `say` gets what is to be told of the API: an event and a
 * line. */
struct zpm_run_api *zpm_run_api_new(int poke, void (*say)(const char *event, const char *line));

/* Ends the API where there is one. */
void zpm_run_api_free(struct zpm_run_api *run);

/* As the members of struct zpm_loop_observer: begins, changes or ends the API as the manifest in force says.
 */
void zpm_run_api_tell(struct zpm_run_api *run, enum zpm_loop_event event, const char *text);
void zpm_run_api_look(struct zpm_run_api *run, const struct zpm_loop_look *look);
void zpm_run_api_runs(struct zpm_run_api *run, const struct zpm_runs *runs);
void zpm_run_api_asked(struct zpm_run_api *run, struct zpm_loop *loop);

#endif
