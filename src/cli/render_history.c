/* The revisions of a platform, as a table and as JSON. */
#include "cli/render.h"
#include "engine/history.h"

#include <inttypes.h>
#include <json-c/json.h>

#define COMMIT_SHOWN 12

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

void zpm_render_history(const struct zpm_ptrs *revisions, struct zpm_buf *out)
{
	zpm_buf_printf(out, "%-4s %-21s %-10s %-*s %-24s %s\n", "rev", "since", "outcome", COMMIT_SHOWN,
		"commit", "changes", "by");
	for (size_t i = 0; i < revisions->n; i++) {
		const struct zpm_revision *r = revisions->v[i];

		zpm_buf_printf(out, "%-4" PRId64 " %-21s %-10s %-*.*s %-24s %s\n", r->number,
			or_dash(r->when), or_dash(r->outcome), COMMIT_SHOWN, COMMIT_SHOWN, or_dash(r->commit),
			or_dash(r->summary), or_dash(r->by));
	}
}

static void add_text(json_object *json, const char *key, const char *text)
{
	if (text)
		json_object_object_add(json, key, json_object_new_string(text));
}

json_object *zpm_render_history_json(const struct zpm_ptrs *revisions)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < revisions->n; i++) {
		const struct zpm_revision *r = revisions->v[i];
		json_object *json = json_object_new_object();

		json_object_object_add(json, "revision", json_object_new_int64(r->number));
		add_text(json, "manifestHash", r->hash);
		add_text(json, "commit", r->commit);
		add_text(json, "since", r->when);
		add_text(json, "by", r->by);
		add_text(json, "changes", r->summary);
		add_text(json, "outcome", r->outcome);
		json_object_array_add(list, json);
	}
	return list;
}
