/* How an apply goes, drawn live on a terminal or written line by line elsewhere. */
#ifndef ZPM_CLI_PROGRESS_H
#define ZPM_CLI_PROGRESS_H

#include "engine/apply.h"

#include <stdatomic.h>

struct zpm_progress;

/*
 * `live`: standard error is a terminal that takes cursor movements.
 * `interrupts` counts those of the operator; each is answered with what happens now.
 */
struct zpm_progress *zpm_progress_new(bool live, bool colour, const atomic_int *interrupts);

/* Shows what is new since the last call. For zpm_apply_options.progress. */
void zpm_progress_show(void *context, const struct zpm_runs *runs);

/* Clears what is drawn live. */
void zpm_progress_free(struct zpm_progress *progress);

#endif
