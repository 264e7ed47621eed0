/*
 * A hold: an operator keeps a service at zero tasks until it is let go. It is
 * kept in Swarm, as a label of the service, so that every zpm knows of it.
 */
#ifndef ZPM_MODEL_HOLD_H
#define ZPM_MODEL_HOLD_H

#include "base/arena.h"
#include "model/service.h"

/* A global service has no replicas to set to 0: it is held by a constraint that no node meets. */
#define ZPM_HOLD_CONSTRAINT "node.labels.zpm.hold == held"

struct zpm_hold {
	const char *since;  /* RFC 3339; NULL: nobody knows, the label was made by hand */
	const char *by;     /* NULL: nobody knows */
	const char *reason; /* NULL: none given */
};

/* The label's value. `since` and `by` are set and have no blanks. */
const char *zpm_hold_write(const struct zpm_hold *hold, struct zpm_arena *arena);

/* Takes a label's value apart. What no zpm has written is all reason. */
void zpm_hold_read(const char *label, struct zpm_hold *hold, struct zpm_arena *arena);

/* "held since 2026-05-04T03:02:01Z by alice: new disk", on one line and safe to show. */
const char *zpm_hold_text(const char *label, struct zpm_arena *arena);

/* Brings a service to zero tasks, in place; and takes only the constraint off again. */
void zpm_hold_set(struct zpm_service *service, struct zpm_arena *arena);
void zpm_hold_clear(struct zpm_service *service, struct zpm_arena *arena);

#endif
