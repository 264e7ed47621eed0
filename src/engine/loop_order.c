/* What others ask of the loop while it runs. See loop.h. */
#include "engine/loop_parts.h"

#include "base/clock.h"
#include "engine/history.h"
#include "engine/pause.h"
#include "engine/rollback.h"

#include <string.h>

static void look_soon(struct zpm_loop *loop)
{
	loop->due = zpm_clock_now();
}

static const char *failure_of(const struct zpm_outcome *outcome)
{
	for (size_t i = 0; i < outcome->runs.n; i++)
		if (outcome->runs.v[i].state == ZPM_STEP_FAILED)
			return outcome->runs.v[i].why;
	return "it could not be done";
}

/* An operator's word goes for every host, so there is no lease to ask for. */
int zpm_loop_operate(struct zpm_loop *loop, const struct zpm_request *request, struct zpm_err *err)
{
	struct zpm_session *session = loop->session;
	const struct zpm_apply_options options = {
		.parallel = loop->options->parallel, .timeout = loop->options->timeout, .no_wait = true
	};
	const struct zpm_guard none = { 0 };
	struct zpm_outcome outcome = { 0 };

	look_soon(loop);
	if (zpm_session_plan_operate(session, request, err) < 0)
		return -1;
	if (session->plan->refusals.n)
		return zpm_err_set(err, ZPM_EREFUSED, "%s", session->plan->refusals.v[0]);
	zpm_world_guard(session->world, &none);
	zpm_apply(session, &options, &outcome);
	if (outcome.result == ZPM_RESULT_APPLIED || outcome.result == ZPM_RESULT_CONVERGED)
		return 0;
	return zpm_err_set(err, ZPM_EFAILED, "%s", failure_of(&outcome));
}

int zpm_loop_apply_now(struct zpm_loop *loop, struct zpm_err *err)
{
	struct zpm_lease_view lease = zpm_lease_view(loop->lease);

	if (!lease.ours)
		return zpm_err_set(err, ZPM_EREFUSED,
			"this one looks on; the lease is held by %s: ask that one",
			*lease.holder ? lease.holder : "nobody");
	if (loop->paused)
		return zpm_err_set(err, ZPM_EREFUSED, "the platform is paused: resume it first");
	loop->forced = true;
	zpm_pace_forget(loop->pace);
	look_soon(loop);
	return 0;
}

int zpm_loop_pause(struct zpm_loop *loop, const char *by, const char *reason, struct zpm_err *err)
{
	look_soon(loop);
	return zpm_pause(loop->records, loop->platform, by, reason, err);
}

int zpm_loop_resume(struct zpm_loop *loop, struct zpm_err *err)
{
	look_soon(loop);
	return zpm_resume(loop->records, loop->platform, err);
}

int zpm_loop_rollback(struct zpm_loop *loop, int64_t revision, const char *by, struct zpm_err *err)
{
	look_soon(loop);
	return zpm_rollback_to(loop->records, loop->platform, revision, by, err);
}

int zpm_loop_history(
	struct zpm_loop *loop, struct zpm_arena *arena, struct zpm_ptrs *revisions, struct zpm_err *err)
{
	return zpm_history_list(loop->records, loop->platform, arena, revisions, err);
}
