/* The catalog's way through the modules: read by driver/, decided by plan/, filled in by manifest/. */
#include "engine/apps.h"

#include "base/index.h"
#include "base/text.h"
#include "manifest/template.h"
#include "model/check.h"
#include "model/mongo_process.h"
#include "model/replica_set.h"
#include "model/shape.h"
#include "plan/apps.h"

#include <string.h>

bool zpm_apps_are_declared(const struct zpm_platform *platform)
{
	for (size_t i = 0; i < platform->features.n; i++)
		if (((const struct zpm_feature *)platform->features.v[i])->from_database)
			return true;
	return platform->apps && platform->apps->from_integrations;
}

static const struct zpm_from_integrations *canonical_source(
	const struct zpm_platform *platform, struct zpm_arena *arena)
{
	struct zpm_from_integrations *from;
	struct zpm_apps *apps;

	if (!platform->apps || !platform->apps->from_integrations)
		return NULL;
	apps = zpm_shape_copy(&zpm_apps_shape, platform->apps, arena);
	from = apps->from_integrations;
	/* The template is canonical when it is a service. */
	from->service = NULL;
	zpm_shape_canonicalise(&zpm_apps_shape, apps, arena);
	from->uses_port = platform->apps->from_integrations->uses_port;
	return from;
}

/* One that is left as it is has a name too, which nobody else can have. */
static void fill_in(const struct zpm_template *template, struct zpm_apps_plan *plan)
{
	for (size_t i = 0; i < plan->apps.n; i++) {
		struct zpm_app *app = plan->apps.v[i];
		struct zpm_err err = { 0 };
		const char *name;
		int result =
			zpm_template_fill(template, &app->values, plan->arena, &app->service, &name, &err);

		if (result < 0 && !app->blamed)
			zpm_app_blame(plan, app, zpm_arena_strdup(plan->arena, err.msg));
		if (!app->blamed)
			zpm_app_add_params(plan, app);
		if (name || !plan->from->name)
			zpm_app_name(plan, app, name);
	}
}

#define APPS "services.apps."

/* The name in "services.apps.NAME.image". */
static const char *named_in(const char *path, struct zpm_arena *arena)
{
	if (!zpm_starts_with(path, APPS))
		return "";
	path += strlen(APPS);
	return zpm_arena_strndup(arena, path, strcspn(path, ".["));
}

/* What the database says has to pass the checks that a manifest has to. */
static bool check(struct zpm_apps_plan *plan, const struct zpm_platform *joined)
{
	struct zpm_index *apps = zpm_index_new(plan->arena);
	struct zpm_ptrs findings = { 0 };
	bool good = true;

	for (size_t i = 0; i < plan->apps.n; i++) {
		struct zpm_app *app = plan->apps.v[i];

		if (!app->blamed)
			zpm_index_add(apps, app->name, app);
	}
	zpm_platform_check(joined, plan->arena, &findings);
	for (size_t i = 0; i < findings.n; i++) {
		const struct zpm_finding *finding = findings.v[i];
		struct zpm_app *app = zpm_index_get(apps, named_in(finding->path, plan->arena));

		if (!app || app->blamed || finding->warning)
			continue;
		good = false;
		zpm_app_blame(
			plan, app, zpm_arena_printf(plan->arena, "%s: %s", finding->path, finding->msg));
	}
	return good;
}

/* All of its members answer, and none is in a set. */
static bool is_not_initiated(const struct zpm_object *set)
{
	const struct zpm_set_view *view = set && set->live ? set->live->set : NULL;

	for (size_t i = 0; view && i < view->members.n; i++)
		if (((const struct zpm_member_view *)view->members.v[i])->state != ZPM_MEMBER_NONE)
			return false;
	return view && view->members.n && !view->config;
}

/* Nothing of the set runs, or it is no set yet: there is no database that could say anything. */
static bool is_set_to_be_made(const struct zpm_session *session)
{
	const struct zpm_mongo *mongo = session->manifest->platform->mongo;
	const struct zpm_object *set =
		zpm_objects_find_real(session->have, ZPM_KIND_REPLICA_SET, mongo->meta_db->replica_set);
	struct zpm_ptrs processes = { 0 };

	if (is_not_initiated(set))
		return true;
	zpm_mongo_processes(session->manifest->platform, session->have->arena, &processes);
	for (size_t i = 0; i < processes.n; i++) {
		const struct zpm_mongo_process *process = processes.v[i];
		const struct zpm_object *service;

		if (process->role != ZPM_MONGO_META)
			continue;
		service = zpm_objects_find(session->desired, ZPM_KIND_SERVICE, process->service);
		if (!process->managed || !service ||
			zpm_objects_find_real(session->have, ZPM_KIND_SERVICE, service->real))
			return false;
	}
	return true;
}

static const struct zpm_catalog *read_catalog(
	const struct zpm_session *session, const struct zpm_from_integrations *from)
{
	struct zpm_arena *arena = session->have->arena;
	struct zpm_catalog *catalog = zpm_arena_alloc(arena, sizeof(*catalog));

	if (is_set_to_be_made(session))
		zpm_ptrs_push(arena, &catalog->gaps, zpm_arena_alloc(arena, sizeof(struct zpm_catalog_gap)));
	else
		zpm_world_read_catalog(session->world, session->have, from,
			&session->manifest->platform->features, arena, catalog);
	return catalog;
}

struct zpm_apps_plan *zpm_apps_decide(const struct zpm_manifest *manifest, const struct zpm_catalog *catalog,
	const struct zpm_objects *have, const struct zpm_platform **platform)
{
	struct zpm_apps_plan *plan = zpm_arena_alloc(have->arena, sizeof(*plan));
	const struct zpm_platform *settled;

	plan->arena = have->arena;
	plan->catalog = catalog;
	plan->from = canonical_source(manifest->platform, plan->arena);
	settled = zpm_features_settle(manifest->platform, catalog, have, plan->arena, &plan->troubles);
	plan->platform = *platform = settled;
	if (!plan->from)
		return plan;
	zpm_apps_choose(plan);
	fill_in(manifest->template, plan);
	zpm_apps_settle_names(plan);
	*platform = zpm_apps_join(plan, settled);
	if (plan->apps.n && !check(plan, *platform))
		*platform = zpm_apps_join(plan, settled);
	return plan;
}

struct zpm_apps_plan *zpm_session_apps(
	const struct zpm_session *session, const struct zpm_platform **platform)
{
	const struct zpm_from_integrations *from =
		canonical_source(session->manifest->platform, session->have->arena);

	return zpm_apps_decide(session->manifest, read_catalog(session, from), session->have, platform);
}
