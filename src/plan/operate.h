/*
 * Plans of what an operator asks for: services restarted, stopped or started
 * as they are, whatever the manifest says of them. Pure.
 */
#ifndef ZPM_PLAN_OPERATE_H
#define ZPM_PLAN_OPERATE_H

#include "plan/plan.h"

enum zpm_edit_op {
	ZPM_EDIT_RESTART, /* replace the tasks by new ones of the same spec */
	ZPM_EDIT_STOP,    /* hold at zero tasks */
	ZPM_EDIT_START,   /* let go of a hold */
	ZPM_EDIT_COUNT,
};

/* "restart", "stop", "start". */
extern const char *const zpm_edit_names[ZPM_EDIT_COUNT];

/* What is done to a live service, so that it can be done again when somebody else was quicker. */
struct zpm_edit {
	enum zpm_edit_op op;
	const char *hold;           /* STOP: the label */
	int64_t replicas;           /* START: as many as the manifest says */
	struct zpm_strs depends_on; /* the order among the services of the request */
	enum zpm_tier tier;         /* also for the order */
};

/* What an edit makes of a service as it is now; NULL when there is nothing to do. Borrows both. */
const struct zpm_object *zpm_edit_object(
	const struct zpm_edit *edit, const struct zpm_object *have, struct zpm_arena *arena);

struct zpm_request {
	enum zpm_edit_op op;
	struct zpm_strs services; /* the manifest's names */
	const char *hold;         /* STOP: the label to hold with */
};

/*
 * The observed service of a name: ZPM_EINVALID, with the nearest name, when
 * there is no such service, ZPM_ENOTFOUND when it is only declared.
 */
int zpm_operate_find(const struct zpm_objects *desired, const struct zpm_objects *have, const char *name,
	const struct zpm_object **found, struct zpm_err *err);

/*
 * A plan of the request alone: with a kept change for what is so already, and
 * refusals. Dependencies come first, and go last when services are stopped.
 * Fails with ZPM_EINVALID, without a plan, when a service is nowhere.
 * Otherwise as zpm_plan_new().
 */
int zpm_plan_operate(const struct zpm_platform *platform, const struct zpm_objects *desired,
	const struct zpm_objects *have, const struct zpm_request *request, struct zpm_plan **out,
	struct zpm_err *err);

#endif
