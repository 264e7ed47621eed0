/*
 * Versions of secrets and configs that are no longer desired may still be
 * needed: by a service as it is, as a rollback would make it, or by a task
 * that has not ended. The Engine itself protects only what the present specs
 * of services name.
 */
#include "driver/world.h"

#include "base/index.h"
#include "docker/docker.h"

#include <json-c/json.h>
#include <string.h>

struct uses {
	struct zpm_arena *arena;
	struct zpm_index *superseded; /* the Engine's id -> struct zpm_live */
};

static size_t index_superseded(
	struct uses *uses, const struct zpm_world *world, const struct zpm_objects *have)
{
	size_t n = 0;

	for (size_t i = 0; i < have->list.n; i++) {
		const struct zpm_object *object = have->list.v[i];
		enum zpm_kind_id kind = object->kind->id;
		const char *owner = object->live->owner;

		if ((kind != ZPM_KIND_SECRET && kind != ZPM_KIND_CONFIG) || !owner ||
			strcmp(owner, world->desired->platform) != 0 ||
			zpm_objects_find_real(world->desired, kind, object->real))
			continue;
		zpm_index_add(uses->superseded, object->live->id, (void *)(uintptr_t)object->live);
		n++;
	}
	return n;
}

static void note_list(const struct uses *uses, json_object *list, const char *id_key, const char *service,
	enum zpm_use_by by)
{
	for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list);
		i++) {
		const char *id = zpm_json_text(json_object_array_get_idx(list, i), id_key);
		struct zpm_live *live = id ? zpm_index_get(uses->superseded, id) : NULL;
		struct zpm_use *use;

		if (!live)
			continue;
		use = zpm_arena_alloc(uses->arena, sizeof(*use));
		use->by = by;
		use->service = zpm_arena_strdup(uses->arena, service);
		zpm_ptrs_push(uses->arena, &live->uses, use);
	}
}

/* `container` is a ContainerSpec, or NULL. */
static void note(const struct uses *uses, json_object *container, const char *service, enum zpm_use_by by)
{
	note_list(uses, zpm_json_at(container, "Secrets"), "SecretID", service, by);
	note_list(uses, zpm_json_at(container, "Configs"), "ConfigID", service, by);
}

static int note_service(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct uses *uses = ctx;
	const char *id = zpm_json_text(json, "ID");

	(void)raw, (void)len;
	if (!id)
		return zpm_answer_lacks("an id", err);
	note(uses, zpm_json_at(json, "Spec.TaskTemplate.ContainerSpec"), id, ZPM_USE_SPEC);
	note(uses, zpm_json_at(json, "PreviousSpec.TaskTemplate.ContainerSpec"), id, ZPM_USE_PREVIOUS);
	return 0;
}

static bool has_ended(const char *state)
{
	static const char *const ends[] = { "complete", "failed", "rejected", "shutdown", "orphaned",
		"remove" };

	for (size_t i = 0; state && i < ZPM_COUNT(ends); i++)
		if (!strcmp(state, ends[i]))
			return true;
	return false;
}

static int note_task(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct uses *uses = ctx;
	const char *service = zpm_json_text(json, "ServiceID");

	(void)raw, (void)len, (void)err;
	if (service && !has_ended(zpm_json_text(json, "Status.State")))
		note(uses, zpm_json_at(json, "Spec.ContainerSpec"), service, ZPM_USE_TASK);
	return 0;
}

int zpm_uses_observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	struct uses uses = { have->arena, zpm_index_new(have->arena) };
	ZPM_BUF services = { 0 };
	ZPM_BUF tasks = { 0 };

	if (!index_superseded(&uses, world, have))
		return 0;
	if (zpm_docker_get(world->docker, "/services", &services, err) < 0 ||
		zpm_answer_each(&services, note_service, &uses, err) < 0)
		return zpm_err_wrap(err, "list services");
	if (zpm_docker_get(world->docker, "/tasks", &tasks, err) < 0 ||
		zpm_answer_each(&tasks, note_task, &uses, err) < 0)
		return zpm_err_wrap(err, "list tasks");
	return 0;
}
