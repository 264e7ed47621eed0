/*
 * Has a service converged? Judged from its tasks, as the Engine lists them.
 * Pure: time comes in as a number.
 */
#ifndef ZPM_PLAN_HEALTH_H
#define ZPM_PLAN_HEALTH_H

#include "model/service.h"
#include "model/task.h"

#include <stdint.h>

enum zpm_health {
	ZPM_HEALTH_CONVERGED,   /* every task of the present spec runs, and has stayed up for a moment */
	ZPM_HEALTH_PROGRESSING, /* on its way */
	ZPM_HEALTH_FAILED,      /* rejected, failing again and again, or nowhere to go */
};

struct zpm_verdict {
	enum zpm_health health;
	size_t running, wanted;
	bool homeless; /* a failure for want of a node, which Swarm does not count as one */
	char why[256]; /* of a failure, or what is waited for; in the Engine's words where it has any */
};

/* What has to be remembered between two looks at a service. Zeroed before the first. */
struct zpm_watch {
	bool unchanged;            /* nothing was written: tasks that run have run before */
	int64_t all_running_since; /* monotonic nanoseconds; 0: not all are */
	int64_t stuck_since;       /* since when a task finds no node */
	size_t running_hash;       /* which tasks were running */
	int64_t failing_since;     /* since when Swarm could take the update back */
};

/*
 * `tasks` are those of the service, of its present spec only; `nodes` is how
 * many a global service runs on. Updates `watch`.
 */
void zpm_health_judge(const struct zpm_service *service, const struct zpm_ptrs *tasks, size_t nodes,
	int64_t now, struct zpm_watch *watch, struct zpm_verdict *verdict);

/* How many of the tasks have not ended yet. */
size_t zpm_tasks_alive(const struct zpm_ptrs *tasks);

#endif
