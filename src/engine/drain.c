/* Draining a shard: MongoDB does the work, whoever watches it, and goes on when nobody does. */
#include "base/clock.h"
#include "driver/shard.h"
#include "engine/set.h"
#include "engine/wait.h"

#include <inttypes.h>
#include <stdio.h>

/* Routers may be gone for as long as an election of the config servers takes. */
#define PATIENCE (30 * ZPM_S)

static const char *describe(const struct zpm_drain *drain, char *text, size_t size)
{
	if (!drain->counted)
		return "draining has begun";
	snprintf(text, size, "%" PRId64 " chunk%s and %" PRId64 " database%s left to move", drain->chunks,
		drain->chunks == 1 ? "" : "s", drain->databases, drain->databases == 1 ? "" : "s");
	return text;
}

static int look(struct zpm_wait *wait, struct zpm_drain *drain, struct zpm_err *err)
{
	const char *name = wait->run->step->change->have->name;
	struct zpm_err refused = { 0 };
	char left[128];

	if (zpm_shard_drain(wait->applier->session->world, name, drain, &refused) < 0) {
		if (refused.code == ZPM_EUNAVAIL || refused.code == ZPM_ECONFLICT)
			return zpm_wait_for(wait, PATIENCE, refused.msg, err);
		*err = refused;
		return -1;
	}
	if (drain->done)
		return 0;
	zpm_wait_progress(wait);
	return zpm_wait_for(wait, ZPM_WAIT_LONG, describe(drain, left, sizeof(left)), err);
}

int zpm_applier_drain(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err)
{
	struct zpm_drain drain = { 0 };
	struct zpm_wait wait;
	int result = 0;

	zpm_wait_begin(&wait, applier, run);
	while (!result && !drain.done && !wait.given_up)
		result = look(&wait, &drain, err);
	return result;
}
