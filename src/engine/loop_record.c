/* One revision for each manifest that was put in force, and whether it has converged since. */
#include "engine/loop_parts.h"

#include "engine/history.h"

#include <string.h>

static const char *summary_of(const struct zpm_plan *plan, struct zpm_arena *arena)
{
	const char *text = "";

	for (int action = ZPM_ACTION_CREATE; action < ZPM_ACTION_COUNT; action++) {
		size_t n = plan->counts[action];

		if (n)
			text = zpm_arena_printf(arena, "%s%s%zu %s%s", text, *text ? ", " : "", n,
				zpm_action_names[action], n == 1 ? "" : "s");
	}
	return *text ? text : "no changes";
}

/* Is the latest one of this very manifest? So it is after zpm has been started again. */
static bool is_latest(struct zpm_loop *loop, struct zpm_arena *arena, bool *converged)
{
	struct zpm_ptrs revisions = { 0 };
	const struct zpm_revision *latest;
	struct zpm_err err;

	if (zpm_history_list(loop->records, loop->platform, arena, &revisions, &err) < 0 || !revisions.n)
		return false;
	latest = revisions.v[0];
	*converged = latest->outcome && !strcmp(latest->outcome, zpm_result_names[ZPM_RESULT_CONVERGED]);
	return latest->hash && !strcmp(latest->hash, loop->manifest) &&
	       !strcmp(latest->commit ? latest->commit : "", loop->commit);
}

static int add(struct zpm_loop *loop, const char *outcome, struct zpm_arena *arena, struct zpm_err *err)
{
	const struct zpm_revision revision = {
		.hash = loop->manifest,
		.commit = *loop->commit ? loop->commit : NULL,
		.by = loop->options->holder,
		.summary = summary_of(loop->session->plan, arena),
		.outcome = outcome,
	};

	return zpm_history_add(
		loop->records, loop->session->manifest->platform, &revision, loop->rules.history, err);
}

void zpm_loop_record(struct zpm_loop *loop, const struct zpm_outcome *outcome)
{
	enum zpm_result result = outcome ? outcome->result : ZPM_RESULT_CONVERGED;
	struct zpm_arena *arena = zpm_arena_new();
	bool converged = false;
	struct zpm_err err = { 0 };
	int failed = 0;

	if (!loop->recorded && is_latest(loop, arena, &converged)) {
		loop->recorded = true;
		loop->converged = converged;
	}
	if (!loop->recorded)
		failed = add(loop, zpm_result_names[result], arena, &err);
	else if (!loop->converged && result == ZPM_RESULT_CONVERGED)
		failed = zpm_history_settle(loop->records, loop->platform, zpm_result_names[result], &err);
	/* What is not noted now is noted the next time. */
	if (failed)
		zpm_loop_tell(loop, ZPM_LOOP_TROUBLE, "cannot note the revision: %s", err.msg);
	else
		loop->recorded = true;
	if (!failed && result == ZPM_RESULT_CONVERGED)
		loop->converged = true;
	zpm_arena_free(arena);
}
