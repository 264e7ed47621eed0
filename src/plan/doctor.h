/*
 * What is wrong around a platform, or will be: judged from facts. Pure. The
 * checks are rows of a table in doctor.c.
 */
#ifndef ZPM_PLAN_DOCTOR_H
#define ZPM_PLAN_DOCTOR_H

#include "model/facts.h"
#include "model/object.h"
#include "model/platform.h"

enum zpm_level {
	ZPM_LEVEL_OK,
	ZPM_LEVEL_WARN, /* works, and will not for ever */
	ZPM_LEVEL_FAIL, /* does not work */
	ZPM_LEVEL_COUNT,
};

extern const char *const zpm_level_names[ZPM_LEVEL_COUNT];

struct zpm_finding {
	enum zpm_level level;
	const char *check; /* the name of the check */
	const char *text;
	const char *mend; /* what a person can do; NULL: nothing */
};

/* Adds a struct zpm_finding for all that each check finds, or one that all is well. */
void zpm_doctor_judge(const struct zpm_platform *platform, const struct zpm_objects *desired,
	const struct zpm_facts *facts, struct zpm_arena *arena, struct zpm_ptrs *findings);

#endif
