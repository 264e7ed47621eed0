/*
 * What a plan relies on: that each object it speaks of is still the one it
 * was made for, and that what it creates is still not there. Pure.
 */
#ifndef ZPM_PLAN_BOUND_H
#define ZPM_PLAN_BOUND_H

#include "base/arena.h"

#include <stdint.h>

struct zpm_bound {
	const char *ref;     /* "service/kafka" */
	const char *id;      /* the Engine's; NULL: it is not there */
	uint64_t version;    /* the Engine's version index; 0: it keeps none of this kind */
	const char *content; /* a hash of what somebody decided about it; NULL: not known */
};

/*
 * NULL while what was relied on holds; else what moved, in a line: "service/kafka: version 412
 * then, 430 now". Another version of the same content is none: the Engine counts what it does by
 * itself too.
 */
const char *zpm_bound_moved(
	const struct zpm_bound *then, const struct zpm_bound *now, struct zpm_arena *arena);

#endif
