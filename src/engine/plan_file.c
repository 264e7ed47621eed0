/* Saved plans: the JSON around the plan's own, and what has to hold when one is applied. */
#include "engine/plan_file.h"

#include "base/file.h"
#include "base/index.h"
#include "manifest/source.h"

#include <json-c/json.h>
#include <string.h>

/* Raised when a file of before could be misunderstood. */
#define FORMAT    1
#define MAX_BYTES (64 * 1024 * 1024)
#define MAX_DEPTH 64

/* Writing. */

static struct zpm_bound bound_of(const char *ref, const struct zpm_object *have, struct zpm_arena *arena)
{
	struct zpm_bound bound = { .ref = ref };

	if (have) {
		bound.id = have->live->id;
		bound.version = have->live->version;
		bound.content = zpm_live_content(have, arena);
	}
	return bound;
}

static void add_text(json_object *json, const char *key, const char *text)
{
	json_object_object_add(json, key, text ? json_object_new_string(text) : NULL);
}

static json_object *bound_to_json(const struct zpm_change *change, struct zpm_arena *arena)
{
	const char *ref = zpm_object_ref(zpm_change_object(change), arena);
	const struct zpm_bound bound = bound_of(ref, change->have, arena);
	json_object *json = json_object_new_object();

	add_text(json, "object", bound.ref);
	add_text(json, "id", bound.id);
	if (bound.version)
		json_object_object_add(json, "version", json_object_new_uint64(bound.version));
	if (bound.content)
		add_text(json, "content", bound.content);
	return json;
}

static json_object *bounds_to_json(const struct zpm_plan *plan)
{
	const struct zpm_ptrs *const lists[] = { &plan->changes, &plan->kept };
	json_object *json = json_object_new_array();

	for (size_t i = 0; i < ZPM_COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++)
			json_object_array_add(json, bound_to_json(lists[i]->v[j], plan->arena));
	return json;
}

static json_object *options_to_json(const struct zpm_plan_options *options)
{
	json_object *json = json_object_new_object();

	json_object_object_add(json, "retry", json_object_new_boolean(options->retry));
	json_object_object_add(json, "allowDataRisk", json_object_new_boolean(options->allow_data_risk));
	return json;
}

int zpm_plan_file_write(
	const char *path, const struct zpm_session *session, json_object *plan, struct zpm_err *err)
{
	json_object *json = json_object_new_object(), *targets = json_object_new_array();
	const char *text;
	size_t len;
	int result;

	for (size_t i = 0; i < session->targets.n; i++)
		json_object_array_add(targets, json_object_new_string(session->targets.v[i]));
	json_object_object_add(json, "planFile", json_object_new_int(FORMAT));
	json_object_object_add(json, "plan", json_object_get(plan));
	json_object_object_add(json, "options", options_to_json(&session->options));
	json_object_object_add(json, "targets", targets);
	json_object_object_add(json, "reliesOn", bounds_to_json(session->plan));
	text = json_object_to_json_string_length(json,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	result = zpm_file_replace(path, text, len, err);
	json_object_put(json);
	return result;
}

/* Reading. */

struct reader {
	struct zpm_plan_file *file;
	struct zpm_arena *arena;
	struct zpm_err *err;
};

static int refuse(const struct reader *r, const char *why)
{
	return zpm_err_set(r->err, ZPM_EINVALID, "'%s' is no plan that zpm saved: %s", r->file->path, why);
}

static json_object *parse(const struct reader *r, const struct zpm_buf *text)
{
	json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	json_object *json;
	enum json_tokener_error error;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	json = json_tokener_parse_ex(tokener, text->data ? text->data : "", (int)text->len + 1);
	error = json_tokener_get_error(tokener);
	if (!json)
		refuse(r, error ? json_tokener_error_desc(error) : "it holds nothing");
	json_tokener_free(tokener);
	return json;
}

static json_object *member(json_object *json, const char *key, json_type type)
{
	json_object *value = NULL;

	if (json_object_is_type(json, json_type_object))
		json_object_object_get_ex(json, key, &value);
	return json_object_is_type(value, type) ? value : NULL;
}

/* In the arena; NULL when there is no such text. */
static const char *text_of(const struct reader *r, json_object *json, const char *key)
{
	json_object *value = member(json, key, json_type_string);

	return value ? zpm_arena_strdup(r->arena, json_object_get_string(value)) : NULL;
}

/* What is printed of a file must not move a terminal's cursor. */
static bool is_plain(const char *text)
{
	while (text && *text)
		if ((unsigned char)*text++ < 0x20)
			return false;
	return text != NULL;
}

static int read_changes(const struct reader *r, json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *change = json_object_array_get_idx(list, i);

		if (!is_plain(text_of(r, change, "kind")) || !is_plain(text_of(r, change, "name")))
			return refuse(r, "a change of it has no name");
	}
	return 0;
}

static int read_options(const struct reader *r, json_object *json)
{
	json_object *retry = member(json, "retry", json_type_boolean);
	json_object *risk = member(json, "allowDataRisk", json_type_boolean);

	if (!retry || !risk)
		return refuse(r, "its options are missing");
	r->file->options = (struct zpm_plan_options){ .retry = json_object_get_boolean(retry),
		.allow_data_risk = json_object_get_boolean(risk) };
	return 0;
}

static int read_targets(const struct reader *r, json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *target = json_object_array_get_idx(list, i);

		if (!json_object_is_type(target, json_type_string))
			return refuse(r, "a target of it is no text");
		zpm_strs_push(r->arena, &r->file->targets,
			zpm_arena_strdup(r->arena, json_object_get_string(target)));
	}
	return 0;
}

static int read_bounds(const struct reader *r, json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *json = json_object_array_get_idx(list, i);
		struct zpm_bound *bound = zpm_arena_alloc(r->arena, sizeof(*bound));

		bound->ref = text_of(r, json, "object");
		bound->id = text_of(r, json, "id");
		bound->version = json_object_get_uint64(member(json, "version", json_type_int));
		bound->content = text_of(r, json, "content");
		if (!is_plain(bound->ref) || !strchr(bound->ref, '/') || (bound->id && !is_plain(bound->id)))
			return refuse(r, "something it relies on has no name");
		zpm_ptrs_push(r->arena, &r->file->bounds, bound);
	}
	return 0;
}

static int read_members(const struct reader *r, json_object *json)
{
	struct zpm_plan_file *file = r->file;
	json_object *targets = member(json, "targets", json_type_array);
	json_object *bounds = member(json, "reliesOn", json_type_array);
	json_object *plan = member(json, "plan", json_type_object);
	json_object *changes = member(plan, "changes", json_type_array);
	json_object *format = member(json, "planFile", json_type_int);

	if (!format)
		return refuse(r, "it has no 'planFile'");
	if (json_object_get_int64(format) != FORMAT)
		return zpm_err_set(r->err, ZPM_EINVALID,
			"'%s' is a plan saved in format %lld, and this zpm reads format %d: make the plan "
			"again",
			file->path, (long long)json_object_get_int64(format), FORMAT);
	file->platform = text_of(r, plan, "platform");
	file->manifest_hash = text_of(r, plan, "manifestHash");
	if (!is_plain(file->platform) || !file->manifest_hash || !changes || !targets || !bounds)
		return refuse(r, "part of it is missing");
	file->plan = json_object_get(plan);
	if (read_changes(r, changes) < 0 || read_targets(r, targets) < 0 ||
		read_options(r, member(json, "options", json_type_object)) < 0)
		return -1;
	return read_bounds(r, bounds);
}

int zpm_plan_file_read(
	const char *path, struct zpm_arena *arena, struct zpm_plan_file *file, struct zpm_err *err)
{
	const struct reader r = { file, arena, err };
	ZPM_BUF text = { 0 };
	json_object *json;
	int result;

	*file = (struct zpm_plan_file){ .path = path };
	if (zpm_source_read_regular(path, MAX_BYTES, &text, err) < 0)
		return -1;
	json = parse(&r, &text);
	if (!json)
		return -1;
	result = read_members(&r, json);
	json_object_put(json);
	return result;
}

void zpm_plan_file_dispose(struct zpm_plan_file *file)
{
	json_object_put(file->plan);
	file->plan = NULL;
}

/* Comparing. */

int zpm_plan_file_check(
	const struct zpm_plan_file *file, const struct zpm_session *session, struct zpm_err *err)
{
	const char *platform = session->desired->platform;

	if (strcmp(file->platform, platform) != 0)
		return zpm_err_set(err, ZPM_EINVALID,
			"'%s' is a plan for the platform '%s', and the manifest's is '%s'", file->path,
			file->platform, platform);
	if (strcmp(file->manifest_hash, zpm_session_manifest_hash(session, session->arena)) != 0)
		return zpm_err_set(err, ZPM_EREFUSED,
			"the manifest has changed since '%s' was saved: make the plan again", file->path);
	return 0;
}

static const struct zpm_object *find(
	const struct zpm_session *session, const char *ref, struct zpm_arena *arena)
{
	const char *name = strchr(ref, '/') + 1;
	const struct zpm_kind *kind =
		zpm_kind_by_name(zpm_arena_strndup(arena, ref, (size_t)(name - ref) - 1));

	return kind ? zpm_objects_find(session->have, kind->id, name) : NULL;
}

void zpm_plan_file_moved(
	const struct zpm_plan_file *file, const struct zpm_session *session, struct zpm_strs *moved)
{
	struct zpm_arena *arena = session->arena;

	for (size_t i = 0; i < file->bounds.n; i++) {
		const struct zpm_bound *then = file->bounds.v[i];
		const struct zpm_bound now = bound_of(then->ref, find(session, then->ref, arena), arena);
		const char *how = zpm_bound_moved(then, &now, arena);

		if (how)
			zpm_strs_push(arena, moved, how);
	}
}

static const char *ref_of(json_object *change, struct zpm_arena *arena)
{
	return zpm_arena_printf(arena, "%s/%s",
		json_object_get_string(json_object_object_get(change, "kind")),
		json_object_get_string(json_object_object_get(change, "name")));
}

static struct zpm_index *index_changes(json_object *list, struct zpm_arena *arena)
{
	struct zpm_index *index = zpm_index_new(arena);

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *change = json_object_array_get_idx(list, i);

		zpm_index_add(index, ref_of(change, arena), change);
	}
	return index;
}

/* Deletions come in the Engine's order, which may be another each time: compared by name. */
void zpm_plan_file_differs(
	const struct zpm_plan_file *file, json_object *now, struct zpm_arena *arena, struct zpm_strs *differs)
{
	json_object *then_list = json_object_object_get(file->plan, "changes");
	json_object *now_list = json_object_object_get(now, "changes");
	struct zpm_index *then_index = index_changes(then_list, arena);
	struct zpm_index *now_index = index_changes(now_list, arena);

	for (size_t i = 0; i < json_object_array_length(then_list); i++) {
		json_object *change = json_object_array_get_idx(then_list, i);
		const char *ref = ref_of(change, arena);
		json_object *other = zpm_index_get(now_index, ref);

		if (!other || !json_object_equal(change, other))
			zpm_strs_push(arena, differs,
				zpm_arena_printf(arena, "%s: %s", ref,
					other ? "would be changed in another way now" : "nothing to do now"));
	}
	for (size_t i = 0; i < json_object_array_length(now_list); i++) {
		const char *ref = ref_of(json_object_array_get_idx(now_list, i), arena);

		if (!zpm_index_get(then_index, ref))
			zpm_strs_push(arena, differs,
				zpm_arena_printf(arena, "%s: nothing to do then, something now", ref));
	}
}
