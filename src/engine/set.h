/*
 * The steps of a plan that take many writes, and waiting in between: what a
 * replica set needs, a shard that is drained, and the setup of containers. Internal to engine/.
 */
#ifndef ZPM_ENGINE_SET_H
#define ZPM_ENGINE_SET_H

#include "engine/applier.h"

/*
 * Observes, compiles (plan/reconfigure.h) and carries out the first step, until none is left. A step that
 * only verifies changes no configuration.
 */
int zpm_applier_set(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err);

/* Until the step's member may be restarted (plan/release.h). */
int zpm_applier_release(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err);

/* setup.c: until every container of the service is set up. */
int zpm_applier_setup(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err);

/* Until the shard is gone. */
int zpm_applier_drain(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err);

#endif
