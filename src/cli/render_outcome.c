/* What came of an apply: a change is done when all its steps are. */
#include "cli/render.h"

#include <json-c/json.h>
#include <stdio.h>

struct change_outcome {
	const struct zpm_change *change;
	enum zpm_step_state state;
	const char *why, *output;
	double seconds;
};

/* Steps of one change follow each other in the graph: the worst state is the change's. */
static bool next_change(const struct zpm_outcome *outcome, size_t *at, struct change_outcome *of)
{
	const struct zpm_runs *runs = &outcome->runs;
	int64_t started = 0, ended = 0;

	while (*at < runs->n && !runs->v[*at].step->change)
		++*at;
	if (*at == runs->n)
		return false;
	*of = (struct change_outcome){
		.change = runs->v[*at].step->change, .state = ZPM_STEP_DONE, .why = ""
	};
	for (; *at < runs->n && runs->v[*at].step->change == of->change; ++*at) {
		const struct zpm_run *run = &runs->v[*at];

		if (run->started && !started)
			started = run->started;
		ended = run->ended;
		if (run->state != ZPM_STEP_DONE && of->state == ZPM_STEP_DONE) {
			of->state = run->state;
			of->why = run->why;
			of->output = run->output;
		}
	}
	if (of->change->quarantine && of->state == ZPM_STEP_DONE) {
		of->state = ZPM_STEP_SKIPPED;
		of->why = of->change->quarantine;
	}
	of->seconds = started ? (double)(ended - started) / 1e9 : 0;
	return true;
}

/* What was only verified is told of when it did not hold, or is not to be sent again. */
static bool is_told(const struct change_outcome *of)
{
	return of->change->action != ZPM_ACTION_KEEP || of->state == ZPM_STEP_FAILED ||
	       of->change->quarantine;
}

void zpm_render_outcome(
	const struct zpm_outcome *outcome, const char *platform, bool colour, struct zpm_buf *out)
{
	struct change_outcome of;
	size_t done = 0, failed = 0, skipped = 0, at = 0;

	while (next_change(outcome, &at, &of)) {
		const struct zpm_object *object = zpm_change_object(of.change);
		bool is_failed = of.state == ZPM_STEP_FAILED;

		if (!is_told(&of))
			continue;
		done += of.state == ZPM_STEP_DONE;
		failed += is_failed;
		skipped += of.state == ZPM_STEP_SKIPPED;
		if (of.state != ZPM_STEP_DONE)
			zpm_buf_printf(out, "  %s%s%s %s/%s: %s\n",
				zpm_colour(colour, is_failed ? ZPM_COLOUR_RED : ZPM_COLOUR_DIM),
				is_failed ? "failed " : "skipped", zpm_colour(colour, ZPM_COLOUR_NONE),
				object->kind->name, object->name, of.why);
	}
	zpm_buf_printf(out, "%s: %s%s%s, %zu done", platform,
		zpm_colour(
			colour, outcome->result == ZPM_RESULT_CONVERGED ? ZPM_COLOUR_GREEN : ZPM_COLOUR_RED),
		zpm_result_names[outcome->result], zpm_colour(colour, ZPM_COLOUR_NONE), done);
	if (failed)
		zpm_buf_printf(out, ", %zu failed", failed);
	if (skipped)
		zpm_buf_printf(out, ", %zu skipped", skipped);
	zpm_buf_printf(out, ", %u writes, ", outcome->writes);
	if (outcome->mongo_writes)
		zpm_buf_printf(out, "%u to MongoDB, ", outcome->mongo_writes);
	zpm_buf_printf(out, "%.1f s\n", outcome->seconds);
}

static json_object *rounded(double seconds)
{
	char text[32];

	snprintf(text, sizeof(text), "%.2f", seconds);
	return json_object_new_double_s(seconds, text);
}

static json_object *change_json(const struct change_outcome *of)
{
	static const char *const names[] = {
		[ZPM_STEP_DONE] = "done",
		[ZPM_STEP_FAILED] = "failed",
		[ZPM_STEP_SKIPPED] = "skipped",
	};
	const struct zpm_object *object = zpm_change_object(of->change);
	json_object *json = json_object_new_object();

	json_object_object_add(json, "kind", json_object_new_string(object->kind->name));
	json_object_object_add(json, "name", json_object_new_string(object->name));
	json_object_object_add(json, "action", json_object_new_string(zpm_action_names[of->change->action]));
	json_object_object_add(json, "status", json_object_new_string(names[of->state]));
	if (of->state == ZPM_STEP_FAILED)
		json_object_object_add(json, "error", json_object_new_string(of->why));
	if (of->output)
		json_object_object_add(json, "output", json_object_new_string(of->output));
	if (of->state == ZPM_STEP_SKIPPED)
		json_object_object_add(json, "because", json_object_new_string(of->why));
	json_object_object_add(json, "seconds", rounded(of->seconds));
	return json;
}

json_object *zpm_render_outcome_json(const struct zpm_outcome *outcome)
{
	json_object *json = json_object_new_object(), *changes = json_object_new_array();
	struct change_outcome of;
	size_t at = 0;

	while (next_change(outcome, &at, &of))
		if (is_told(&of))
			json_object_array_add(changes, change_json(&of));
	json_object_object_add(json, "result", json_object_new_string(zpm_result_names[outcome->result]));
	json_object_object_add(json, "changes", changes);
	json_object_object_add(json, "engineWrites", json_object_new_int64(outcome->writes));
	json_object_object_add(json, "mongoWrites", json_object_new_int64(outcome->mongo_writes));
	json_object_object_add(json, "seconds", rounded(outcome->seconds));
	return json;
}
