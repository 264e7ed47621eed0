/*
 * A plan: what has to change for the observed objects to become the desired
 * ones, and what each change costs. The plan that is shown is the very object
 * that is applied. Pure.
 */
#ifndef ZPM_PLAN_PLAN_H
#define ZPM_PLAN_PLAN_H

#include "model/object.h"
#include "model/platform.h"

struct json_object;

enum zpm_action {
	ZPM_ACTION_KEEP, /* nothing to do; never shown */
	ZPM_ACTION_CREATE,
	ZPM_ACTION_UPDATE,
	ZPM_ACTION_REPLACE, /* remove and create: the Engine cannot change it */
	ZPM_ACTION_DELETE,
	ZPM_ACTION_ADOPT, /* an update of what was nobody's, which makes it ours */
	ZPM_ACTION_COUNT,
};

enum zpm_impact {
	ZPM_IMPACT_NONE,
	ZPM_IMPACT_IN_PLACE,
	ZPM_IMPACT_RESTART,
	ZPM_IMPACT_ELECTION,
	ZPM_IMPACT_DATA_RISK,
	ZPM_IMPACT_COUNT,
};

enum zpm_reason {
	ZPM_REASON_MANIFEST,    /* the manifest says something new */
	ZPM_REASON_TOPOLOGY,    /* the same, by what it says of replica sets and routers */
	ZPM_REASON_PATCH,       /* it brings what a patch says: an image, or an environment */
	ZPM_REASON_DRIFT,       /* somebody changed it since zpm last did */
	ZPM_REASON_MISSING,     /* declared and not there */
	ZPM_REASON_ROLE,        /* what a host is for, or whether it is up */
	ZPM_REASON_INTEGRATION, /* the database says something new */
	ZPM_REASON_ORPHAN,      /* ours and no longer declared */
	ZPM_REASON_OPERATOR,    /* asked for on the command line */
	ZPM_REASON_COUNT,
};

/* As plans spell them. */
extern const char *const zpm_action_names[ZPM_ACTION_COUNT];
extern const char *const zpm_impact_names[ZPM_IMPACT_COUNT];
extern const char *const zpm_reason_names[ZPM_REASON_COUNT];

struct zpm_field_change {
	const char *path;              /* "environment.LOG_LEVEL" */
	struct json_object *old, *now; /* NULL: unset. The plan's */
};

struct zpm_edit;

struct zpm_change {
	enum zpm_action action;
	enum zpm_impact impact;
	enum zpm_reason reason;
	const struct zpm_object *want; /* NULL: to be deleted */
	const struct zpm_object *have; /* NULL: to be created */
	const struct zpm_object
		*seen; /* of a replica set or setup: as it is, also when it is to be created; else NULL */
	struct zpm_ptrs fields; /* struct zpm_field_change */
	struct zpm_strs after;  /* "kind/name" of the changes this one waits for */
	/* Why a change that is due is not made, the action being ZPM_ACTION_KEEP; NULL: it is none. */
	const char *quarantine;
	const char *blocked; /* why it is skipped, as in "service/kafka is held"; NULL: it is not */
	const char *trouble; /* why not all that is due can be done now; NULL: it can */
	/* Of a replica set that changes: "soar-a:27017 → soar-b:27017", or NULL: its primary stays; and what
	 * is done, a line each. A setup has its commands as lines. */
	const char *elections;
	struct zpm_strs steps;
	int64_t containers;          /* of a setup: in how many it runs; -1: one on each node */
	const struct zpm_edit *edit; /* an operator's request, see operate.h; NULL: the manifest's */
};

/* The desired object, or the observed one that is to go. */
const struct zpm_object *zpm_change_object(const struct zpm_change *change);

/* How many tasks the change stops or replaces, as far as the specs tell; -1: one on each node. */
int64_t zpm_change_restarts(const struct zpm_change *change);

/* Frees the values of its fields; the rest is the plan's arena's. */
void zpm_change_dispose(struct zpm_change *change);

/* What the operator allows beyond the usual. All false: nothing. */
struct zpm_plan_options {
	bool retry;           /* send again what Swarm has taken back or paused */
	bool allow_data_risk; /* replace volumes in which data could be lost */
};

struct zpm_plan {
	struct zpm_arena *arena;
	const char *platform;
	bool prune;
	struct zpm_plan_options options;
	int64_t max_deletes;
	struct zpm_ptrs changes;  /* struct zpm_change, in the order they are made; deletions last */
	struct zpm_ptrs kept;     /* struct zpm_change with nothing to do */
	struct zpm_ptrs troubles; /* struct zpm_trouble: why what is desired is not quite known */
	struct zpm_strs refusals; /* why this plan must not be applied as it is; one line each */
	size_t counts[ZPM_ACTION_COUNT];
};

/*
 * Compares. `desired` and `have` have to outlive
 * the plan; their arenas are used for scratch. The caller frees the plan.
 */
struct zpm_plan *zpm_plan_new(const struct zpm_platform *platform, const struct zpm_objects *desired,
	const struct zpm_objects *have, const struct zpm_plan_options *options);
void zpm_plan_free(struct zpm_plan *plan);

/*
 * Leaves in the plan only the targets ("service/kafka"), what they wait for,
 * and the refusals. Fails with ZPM_EINVALID on a target that is nowhere.
 */
int zpm_plan_target(struct zpm_plan *plan, const struct zpm_strs *targets, struct zpm_err *err);

/* A plan that removes all the platform owns, volumes only when asked. Nothing else is in it. */
struct zpm_plan *zpm_plan_destroy(const struct zpm_platform *platform, const struct zpm_objects *desired,
	const struct zpm_objects *have, bool volumes);

#endif
