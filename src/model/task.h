/* A task of a Swarm service, as observed. Plain data. */
#ifndef ZPM_MODEL_TASK_H
#define ZPM_MODEL_TASK_H

#include "base/list.h"

#include <stdint.h>

struct zpm_task {
	const char *id, *service, *node, *container;
	int64_t slot;        /* 0 for a global service: its tasks are told apart by node */
	const char *state;   /* "running", "failed", ... in the Engine's words */
	const char *desired; /* "running", "shutdown", ... */
	const char *err;     /* why it is where it is; NULL: nothing to say */
};

#endif
