/* What a person should mend around a platform: facts gathered, and judged by plan/doctor.h. */
#ifndef ZPM_ENGINE_DOCTOR_H
#define ZPM_ENGINE_DOCTOR_H

#include "engine/session.h"
#include "plan/doctor.h"

/*
 * Adds struct zpm_finding, in `arena`. An Engine that cannot be reached is one of them, and no
 * error. Changes nothing. Blocks on all there is to ask.
 */
void zpm_doctor(struct zpm_session *session, struct zpm_arena *arena, struct zpm_ptrs *findings);

#endif
