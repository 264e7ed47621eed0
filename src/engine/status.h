/* What each declared object is like right now, and why it is not converged. */
#ifndef ZPM_ENGINE_STATUS_H
#define ZPM_ENGINE_STATUS_H

#include "engine/session.h"
#include "plan/health.h"

enum zpm_state {
	ZPM_STATE_CONVERGED,
	ZPM_STATE_PROGRESSING, /* as declared, its tasks on their way */
	ZPM_STATE_FAILED,      /* as declared, and its tasks fail */
	ZPM_STATE_QUARANTINED, /* there, and what is declared was taken back by Swarm: see zpm_change */
	ZPM_STATE_DIFFERS,     /* there, but not as declared */
	ZPM_STATE_MISSING,
	ZPM_STATE_HELD,   /* as declared, but kept at zero tasks by an operator */
	ZPM_STATE_ORPHAN, /* there and ours, but no longer declared */
	ZPM_STATE_COUNT,
};

extern const char *const zpm_state_names[ZPM_STATE_COUNT];

struct zpm_set_view;

struct zpm_status {
	const struct zpm_object *object; /* desired, or observed for an orphan */
	enum zpm_state state;
	size_t running, wanted;         /* tasks; services only */
	const char *why;                /* NULL: nothing to say */
	const struct zpm_set_view *set; /* of a replica set: as it is; NULL: not seen, or none */
};

/*
 * Adds a struct zpm_status for each object of the session, which has a plan.
 * Blocks on the Engine. Returns -1 when that does not answer.
 */
int zpm_status_observe(
	struct zpm_session *session, struct zpm_arena *arena, struct zpm_ptrs *statuses, struct zpm_err *err);

#endif
