/* Begins and ends the API with the manifest, and shows what the loop sees. See run_api.h. */
#include "cli/run_api.h"

#include "api/api.h"
#include "base/clock.h"
#include "base/index.h"
#include "base/vault.h"
#include "cli/render.h"
#include "cli/run_api_parts.h"
#include "engine/hosts.h"
#include "model/json.h"
#include "model/shape.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HISTORY_EVERY (60 * ZPM_S)

struct zpm_run_api *zpm_run_api_new(int poke, void (*say)(const char *event, const char *line))
{
	struct zpm_run_api *run = zpm_alloc(sizeof(*run));

	run->poke = poke;
	run->say = say;
	pthread_mutex_init(&run->lock, NULL);
	return run;
}

static void end(struct zpm_run_api *run)
{
	zpm_api_stop(run->api);
	run->api = NULL;
	free(run->section);
	run->section = NULL;
}

void zpm_run_api_free(struct zpm_run_api *run)
{
	if (!run)
		return;
	end(run);
	zpm_run_orders_drop(run);
	json_object_put(run->status);
	free(run->trouble);
	free(run->gauges);
	pthread_mutex_destroy(&run->lock);
	free(run);
}

static void audit(void *ctx, const char *line)
{
	const struct zpm_run_api *run = ctx;

	run->say("audit", line);
}

static void say_trouble(struct zpm_run_api *run, const struct zpm_err *err)
{
	if (run->trouble && !strcmp(run->trouble, err->msg))
		return;
	free(run->trouble);
	run->trouble = zpm_strdup(err->msg);
	run->say("trouble", zpm_arena_printf(run->arena, "the API: %s", err->msg));
}

/* A section that says something else takes another server, other files do not. */
static int follow(struct zpm_run_api *run, const struct zpm_api_section *section, const char *text,
	const struct zpm_api_files *files, struct zpm_err *err)
{
	const struct zpm_api_backend backend = { zpm_run_orders_take, audit, zpm_run_metrics, run };

	if (run->api && !strcmp(run->section, text))
		return zpm_api_reload(run->api, files, err);
	end(run);
	if (zpm_api_start(section, files, &backend, &run->api, err) < 0)
		return -1;
	run->section = zpm_strdup(text);
	run->say("api", zpm_arena_printf(run->arena, "listens at %s://%s (port %u)",
				section->tls ? "https" : "http", section->listen, zpm_api_port(run->api)));
	return 0;
}

static void follow_manifest(struct zpm_run_api *run, const struct zpm_loop_look *look)
{
	const struct zpm_api_section *declared = look->session->manifest->platform->api;
	struct zpm_api_section *section;
	struct zpm_api_files files = { 0 };
	struct zpm_vault *vault;
	struct zpm_err err = { 0 };
	json_object *json;

	if (!declared) {
		end(run);
		return;
	}
	section = zpm_shape_copy(&zpm_api_shape, declared, run->arena);
	zpm_shape_canonicalise(&zpm_api_shape, section, run->arena);
	vault = zpm_vault_new();
	json = zpm_shape_to_json(&zpm_api_shape, section, run->arena);
	if (zpm_session_api_files(look->session, section, vault, run->arena, &files, &err) < 0 ||
		follow(run, section, json_object_to_json_string(json), &files, &err) < 0) {
		say_trouble(run, &err);
	} else {
		free(run->trouble);
		run->trouble = NULL;
		run->generation = look->generation;
	}
	json_object_put(json);
	zpm_vault_free(vault);
}

static void add_text(json_object *json, const char *key, const char *text)
{
	if (text)
		json_object_object_add(json, key, json_object_new_string(text));
}

static json_object *mistakes_json(const struct zpm_diags *mistakes)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; mistakes && i < mistakes->list.n; i++) {
		const struct zpm_diag *diag = mistakes->list.v[i];
		json_object *json = json_object_new_object();

		add_text(json, "file", diag->pos.file);
		json_object_object_add(json, "line", json_object_new_int64(diag->pos.line));
		json_object_object_add(json, "column", json_object_new_int64(diag->pos.column));
		add_text(json, "message", diag->msg);
		json_object_array_add(list, json);
	}
	return list;
}

static json_object *manifest_json(const struct zpm_loop_look *look)
{
	json_object *json = json_object_new_object();

	add_text(json, "hash", look->manifest);
	add_text(json, "commit", look->commit);
	return json;
}

static json_object *lease_json(const struct zpm_lease_view *lease)
{
	json_object *json = json_object_new_object();

	json_object_object_add(json, "leads", json_object_new_boolean(lease->ours));
	add_text(json, "holder", lease->holder);
	json_object_object_add(json, "term", json_object_new_int64(lease->term));
	return json;
}

static json_object *services_json(json_object *objects)
{
	json_object *services = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(objects); i++) {
		json_object *object = json_object_array_get_idx(objects, i), *kind;

		json_object_object_get_ex(object, "kind", &kind);
		if (!strcmp(json_object_get_string(kind), zpm_kinds[ZPM_KIND_SERVICE].name))
			json_object_array_add(services, json_object_get(object));
	}
	return services;
}

/* What the database says; an empty list where nothing is left to it. */
static json_object *catalog_json(
	const struct zpm_session *session, json_object *(*render)(const struct zpm_apps_plan *plan))
{
	return session->apps ? render(session->apps) : json_object_new_array();
}

static json_object *status_json(struct zpm_run_api *run, const struct zpm_loop_look *look)
{
	json_object *json = zpm_render_status_json(look->statuses, look->session), *objects, *back;
	struct zpm_ptrs hosts = { 0 };

	json_object_object_get_ex(json, "objects", &objects);
	json_object_object_add(json, "services", services_json(objects));
	json_object_object_add(
		json, "integrations", catalog_json(look->session, zpm_render_integrations_json));
	zpm_hosts_view(look->session, run->arena, &hosts);
	json_object_object_add(json, "hosts", zpm_render_hosts_json(&hosts));
	json_object_object_add(json, "manifest", manifest_json(look));
	json_object_object_add(json, "mistakes", mistakes_json(look->mistakes));
	json_object_object_add(json, "lease", lease_json(&look->lease));
	add_text(json, "paused", look->paused);
	if (look->rolled_back) {
		back = json_object_new_object();
		json_object_object_add(back, "revision", json_object_new_int64(look->rolled_back));
		json_object_object_add(json, "pinned", back);
	}
	return json;
}

/* Takes over what it is given. */
static void show(struct zpm_run_api *run, enum zpm_api_document document, json_object *json)
{
	zpm_api_show(run->api, document, json_object_to_json_string_ext(json, ZPM_RUN_JSON));
	json_object_put(json);
}

static void show_all(struct zpm_run_api *run, const struct zpm_loop_look *look)
{
	const struct zpm_session *session = look->session;

	json_object_put(run->status);
	run->status = status_json(run, look);
	show(run, ZPM_API_STATUS, json_object_get(run->status));
	show(run, ZPM_API_PLAN, zpm_render_plan_json(session->plan, look->manifest));
	show(run, ZPM_API_INTEGRATIONS, catalog_json(session, zpm_render_integrations_json));
	show(run, ZPM_API_TENANTS, catalog_json(session, zpm_render_tenants_json));
	zpm_api_set_unready(run->api, NULL);
}

/* It is a list of large records, so it is asked for when there may be another one, and now and then. */
static void show_history(struct zpm_run_api *run, const struct zpm_loop_look *look)
{
	struct zpm_ptrs revisions = { 0 };
	struct zpm_err err;

	if (zpm_clock_now() < run->history_due)
		return;
	/* What cannot be asked now is asked with the next look. */
	if (zpm_loop_history(look->loop, run->arena, &revisions, &err) < 0)
		return;
	run->history_due = zpm_clock_now() + HISTORY_EVERY;
	show(run, ZPM_API_HISTORY, zpm_render_history_json(&revisions));
}

void zpm_run_api_look(struct zpm_run_api *run, const struct zpm_loop_look *look)
{
	run->arena = zpm_arena_new();
	if (look->generation != run->generation)
		follow_manifest(run, look);
	zpm_run_note_gauges(run, look);
	if (run->api) {
		show_all(run, look);
		show_history(run, look);
	}
	zpm_arena_free(run->arena);
	run->arena = NULL;
}

/* From what an object is called to its JSON in the status. */
static struct zpm_index *index_of(json_object *objects, struct zpm_arena *arena)
{
	struct zpm_index *index = zpm_index_new(arena);

	for (size_t i = 0; i < json_object_array_length(objects); i++) {
		json_object *one = json_object_array_get_idx(objects, i), *kind, *name;

		if (json_object_object_get_ex(one, "kind", &kind) &&
			json_object_object_get_ex(one, "name", &name))
			zpm_index_add(index,
				zpm_arena_printf(arena, "%s/%s", json_object_get_string(kind),
					json_object_get_string(name)),
				one);
	}
	return index;
}

static enum zpm_state state_of(const struct zpm_run *run)
{
	if (run->state == ZPM_STEP_FAILED)
		return ZPM_STATE_FAILED;
	return run->state == ZPM_STEP_DONE ? ZPM_STATE_CONVERGED : ZPM_STATE_PROGRESSING;
}

static void show_run(json_object *json, const struct zpm_run *run)
{
	const struct zpm_verdict *verdict = &run->verdict;
	const char *why = run->state == ZPM_STEP_FAILED ? run->why : verdict->why;

	add_text(json, "state", zpm_state_names[state_of(run)]);
	json_object_object_del(json, "why");
	if (*why && run->state != ZPM_STEP_DONE)
		add_text(json, "why", why);
	if (run->want->kind->id == ZPM_KIND_SERVICE && verdict->wanted) {
		json_object_object_add(json, "running", json_object_new_int64((int64_t)verdict->running));
		json_object_object_add(json, "desired", json_object_new_int64((int64_t)verdict->wanted));
	}
}

/* An apply may wait for minutes, in which nobody looks at anything else. `services` has the same objects. */
void zpm_run_api_runs(struct zpm_run_api *run, const struct zpm_runs *runs)
{
	struct zpm_arena *arena;
	struct zpm_index *index;
	json_object *objects;

	if (!run->api || !run->status || !json_object_object_get_ex(run->status, "objects", &objects))
		return;
	arena = zpm_arena_new();
	index = index_of(objects, arena);
	for (size_t i = 0; i < runs->n; i++) {
		const struct zpm_run *one = &runs->v[i];
		bool begun = one->want && one->state >= ZPM_STEP_WRITING && one->state <= ZPM_STEP_FAILED;
		json_object *json = begun ? zpm_index_get(index, zpm_object_ref(one->want, arena)) : NULL;

		if (json)
			show_run(json, one);
	}
	zpm_arena_free(arena);
	show(run, ZPM_API_STATUS, json_object_get(run->status));
}

/* What is known is old from now on. */
static void show_trouble(struct zpm_run_api *run, const char *text)
{
	zpm_api_set_unready(run->api, text);
	if (!run->status)
		return;
	add_text(run->status, "trouble", text);
	show(run, ZPM_API_STATUS, json_object_get(run->status));
}

void zpm_run_api_tell(struct zpm_run_api *run, enum zpm_loop_event event, const char *text)
{
	json_object *json;
	char time[ZPM_TIME_SIZE];

	zpm_run_count_event(run, event);
	if (!run->api)
		return;
	zpm_time_text(zpm_clock_wall(), time);
	json = json_object_new_object();
	add_text(json, "at", time);
	add_text(json, "text", text);
	zpm_api_publish(
		run->api, zpm_loop_event_names[event], json_object_to_json_string_ext(json, ZPM_RUN_JSON));
	json_object_put(json);
	if (event == ZPM_LOOP_TROUBLE)
		show_trouble(run, text);
}
