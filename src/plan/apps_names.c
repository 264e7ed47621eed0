/*
 * Names of apps, and what becomes of the apps: services among the declared ones, ports
 * to be recorded, and those that are left as they are.
 */
#include "plan/apps_parts.h"

#include "base/digest.h"
#include "base/index.h"
#include "base/text.h"
#include "model/mongo_process.h"

#include <ctype.h>
#include <string.h>

/* What is cut off leaves so much of a hash behind, so that two names that begin alike stay two. */
#define HASH_LEN 8

static bool is_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static const char *shortened(const char *name, size_t most, const char *raw, struct zpm_arena *arena)
{
	char digest[ZPM_DIGEST_SIZE];

	if (strlen(name) <= most)
		return name;
	zpm_digest(raw, strlen(raw), digest);
	return zpm_arena_printf(
		arena, "%.*s-%.*s", (int)(most - HASH_LEN - 1), name, HASH_LEN, strchr(digest, ':') + 1);
}

/* Lower case, and one '-' for whatever else Swarm does not take in a name. */
static const char *safe_name(const struct zpm_apps_plan *plan, const char *raw)
{
	size_t most = ZPM_NAME_MAX - strlen(plan->platform->platform) - 1, len = 0;
	char *name = zpm_arena_alloc(plan->arena, strlen(raw) + 1);

	for (const char *c = raw; *c; c++) {
		char lower = (char)tolower((unsigned char)*c);

		if (is_safe(lower))
			name[len++] = lower;
		else if (len && name[len - 1] != '-')
			name[len++] = '-';
	}
	while (len && !isalnum((unsigned char)name[len - 1]))
		len--;
	name[len] = '\0';
	name += strspn(name, "_-");
	return shortened(*name ? name : "app", most, raw, plan->arena);
}

void zpm_app_name(const struct zpm_apps_plan *plan, struct zpm_app *app, const char *filled)
{
	const struct zpm_integration *integration = app->integration;
	const char *service = integration->service_name;

	if (!filled && !plan->from->per_tenant)
		filled = integration->executable;
	else if (!filled)
		filled = zpm_arena_printf(plan->arena, "%s-%s",
			service && *service ? service : integration->executable, integration->code);
	app->name = safe_name(plan, filled);
}

static struct zpm_index *declared_names(const struct zpm_apps_plan *plan)
{
	const struct zpm_tiers *tiers = plan->platform->services;
	struct zpm_index *names = zpm_index_new(plan->arena);
	struct zpm_ptrs processes = { 0 };

	for (int tier = 0; tiers && tier < ZPM_TIER_COUNT; tier++)
		for (size_t i = 0; i < tiers->services[tier].n; i++) {
			struct zpm_service *service = tiers->services[tier].v[i];

			zpm_index_add(names, service->name, service);
		}
	zpm_mongo_processes(plan->platform, plan->arena, &processes);
	for (size_t i = 0; i < processes.n; i++) {
		struct zpm_mongo_process *process = processes.v[i];

		zpm_index_add(names, process->service, process);
	}
	return names;
}

/* One mistake of an app is enough to leave it as it is. */
static void blame_name(struct zpm_apps_plan *plan, struct zpm_app *app, const char *whose)
{
	if (!app->blamed)
		zpm_app_blame(plan, app,
			zpm_arena_printf(
				plan->arena, "its service would be called '%s', as %s is", app->name, whose));
}

void zpm_apps_settle_names(struct zpm_apps_plan *plan)
{
	struct zpm_index *declared = declared_names(plan), *names = zpm_index_new(plan->arena);

	for (size_t i = 0; i < plan->apps.n; i++) {
		struct zpm_app *app = plan->apps.v[i], *other;

		if (!app->name)
			continue;
		if (zpm_index_get(declared, app->name))
			blame_name(plan, app, "one of the manifest");
		other = zpm_index_add(names, app->name, app);
		if (!other)
			continue;
		blame_name(plan, app, zpm_arena_printf(plan->arena, "that of '%s'", other->ref));
		blame_name(plan, other, zpm_arena_printf(plan->arena, "that of '%s'", app->ref));
	}
}

const struct zpm_platform *zpm_apps_join(
	const struct zpm_apps_plan *plan, const struct zpm_platform *platform)
{
	struct zpm_platform *joined = zpm_arena_alloc(plan->arena, sizeof(*joined));
	struct zpm_tiers *tiers = zpm_arena_alloc(plan->arena, sizeof(*tiers));
	struct zpm_ptrs *apps = &tiers->services[ZPM_TIER_APPS];

	*joined = *platform;
	if (platform->services)
		*tiers = *platform->services;
	joined->services = tiers;
	*apps = (struct zpm_ptrs){ 0 };
	for (size_t i = 0; platform->services && i < platform->services->services[ZPM_TIER_APPS].n; i++)
		zpm_ptrs_push(plan->arena, apps, platform->services->services[ZPM_TIER_APPS].v[i]);
	for (size_t i = 0; i < plan->apps.n; i++) {
		const struct zpm_app *app = plan->apps.v[i];

		if (app->blamed)
			continue;
		app->service->name = app->name;
		app->service->integration = app->ref;
		zpm_ptrs_push(plan->arena, apps, app->service);
	}
	return joined;
}

static void add_port(const struct zpm_apps_plan *plan, const struct zpm_app *app, struct zpm_objects *desired)
{
	struct zpm_port_record *record = zpm_arena_alloc(desired->arena, sizeof(*record));
	struct zpm_object *object = zpm_arena_alloc(desired->arena, sizeof(*object));
	bool shared = !plan->from->per_tenant;

	*record = (struct zpm_port_record){ .name = app->name,
		.port = app->port,
		.integration = shared ? ZPM_UNSET : app->integration->id,
		.executable = app->integration->executable,
		.code = shared ? NULL : app->integration->code };
	object->kind = &zpm_kinds[ZPM_KIND_PORT];
	object->name = object->real = app->name;
	object->tier = ZPM_TIER_NONE;
	object->spec = record;
	zpm_objects_add(desired, object);
}

static bool is_unsure(const struct zpm_apps_plan *plan, const char *ref)
{
	bool shared = zpm_starts_with(ref, ZPM_INTEGRATION_SHARED);
	const char *slash = shared ? strchr(ref, '/') : strrchr(ref, '/');
	size_t len = slash ? (size_t)(slash - ref) + 1 : 0;

	return zpm_index_get(plan->unsure, ref) ||
	       zpm_index_get(plan->unsure, zpm_arena_strndup(plan->arena, ref, len));
}

static bool is_unknown(const struct zpm_apps_plan *plan, const char *ref)
{
	const struct zpm_ptrs *gaps = &plan->catalog->gaps;

	if (is_unsure(plan, ref))
		return true;
	for (size_t i = 0; i < gaps->n; i++) {
		const struct zpm_catalog_gap *gap = gaps->v[i];
		size_t len = gap->code ? strlen(gap->code) : 0;

		if (!gap->code || zpm_starts_with(ref, ZPM_INTEGRATION_SHARED) ||
			(!strncmp(ref, gap->code, len) && ref[len] == '/'))
			return true;
	}
	return false;
}

static void leave(const struct zpm_object *have, struct zpm_objects *desired)
{
	struct zpm_object *object = zpm_arena_alloc(desired->arena, sizeof(*object));

	object->kind = have->kind;
	object->name = have->name;
	object->real = have->real;
	object->tier = have->tier;
	object->spec = have->spec;
	object->hold = have->hold;
	object->left = true;
	zpm_objects_add(desired, object);
}

void zpm_apps_leave(
	const struct zpm_apps_plan *plan, const struct zpm_objects *have, struct zpm_objects *desired)
{
	for (size_t i = 0; i < plan->apps.n; i++) {
		const struct zpm_app *app = plan->apps.v[i];

		if (app->port_is_new && !app->blamed)
			add_port(plan, app, desired);
	}
	for (size_t i = 0; i < have->list.n; i++) {
		const struct zpm_object *object = have->list.v[i];
		const char *ref = zpm_object_integration(object);

		if (ref && object->live->owner && !strcmp(object->live->owner, desired->platform) &&
			!zpm_objects_find_real(desired, ZPM_KIND_SERVICE, object->real) &&
			is_unknown(plan, ref))
			leave(object, desired);
	}
}

static void find_unpatched(const struct zpm_apps_plan *plan, const struct zpm_patch *patch,
	const struct zpm_index *declared, const struct zpm_objects *desired, struct zpm_strs *names)
{
	for (size_t i = 0; i < patch->services.n; i++) {
		const char *name = patch->services.v[i];

		if (strcmp(name, ZPM_MONGO_ALL) != 0 && !zpm_index_get(declared, name) &&
			!zpm_objects_find(desired, ZPM_KIND_SERVICE, name) && !zpm_strs_have(names, name))
			zpm_strs_push(plan->arena, names, name);
	}
}

void zpm_apps_unpatched(
	const struct zpm_apps_plan *plan, const struct zpm_objects *desired, struct zpm_strs *names)
{
	const struct zpm_index *declared = declared_names(plan);
	const struct zpm_platform *platform = plan->platform;

	if (platform->release && platform->release->patch)
		find_unpatched(plan, platform->release->patch, declared, desired, names);
	for (size_t i = 0; i < platform->patches.n; i++)
		find_unpatched(plan, platform->patches.v[i], declared, desired, names);
}
