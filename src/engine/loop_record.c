/* One revision for each manifest that was put in force, and whether it has converged since. */
#include "engine/loop_parts.h"

#include "engine/history.h"

#include <inttypes.h>
#include <string.h>

static const char *commit_of(const struct zpm_loop *loop)
{
	return loop->back.revision ? loop->back.commit : loop->commit;
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
	       !strcmp(latest->commit ? latest->commit : "", commit_of(loop));
}

static int add(struct zpm_loop *loop, const char *outcome, struct zpm_arena *arena, struct zpm_err *err)
{
	const struct zpm_loop_back *back = &loop->back;
	const char *commit = commit_of(loop);
	struct zpm_revision revision = {
		.hash = loop->manifest,
		.commit = *commit ? commit : NULL,
		.by = loop->options->holder,
		.summary = zpm_history_summary(loop->session->plan, arena),
		.outcome = outcome,
	};

	if (back->revision) {
		revision.by = back->by;
		revision.summary =
			zpm_arena_printf(arena, "back to %" PRId64 ": %s", back->revision, revision.summary);
	}
	return zpm_history_add(loop->records, loop->session->manifest, &revision, loop->rules.history, err);
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
