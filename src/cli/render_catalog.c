/*
 * Tenants and integrations as lists. JSON has the documents' own names; text comes from
 * databases that others write, so nothing of it may steer a terminal.
 */
#include "cli/render.h"

#include "base/index.h"
#include "base/text.h"
#include "engine/apps.h"
#include "model/json.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define MOST_COLUMNS 8
#define WIDEST       40

/* Rows of text, the first being the heads. */
struct table {
	struct zpm_arena *arena;
	size_t columns;
	struct zpm_ptrs rows; /* const char *[MOST_COLUMNS] */
};

static void add_row(struct table *table, const char *const *cells)
{
	const char **row = zpm_arena_alloc(table->arena, MOST_COLUMNS * sizeof(*row));

	for (size_t i = 0; i < table->columns; i++)
		row[i] = zpm_render_plain(cells[i], table->arena);
	zpm_ptrs_push(table->arena, &table->rows, row);
}

static void render_table(const struct table *table, struct zpm_buf *out)
{
	size_t widths[MOST_COLUMNS] = { 0 };

	for (size_t i = 0; i < table->rows.n; i++)
		for (size_t j = 0; j < table->columns; j++) {
			size_t width = zpm_utf8_width(((const char **)table->rows.v[i])[j]);

			if (width > widths[j])
				widths[j] = width < WIDEST ? width : WIDEST;
		}
	for (size_t i = 0; i < table->rows.n; i++) {
		const char *const *row = table->rows.v[i];

		for (size_t j = 0; j + 1 < table->columns; j++)
			zpm_render_padded(out, row[j], widths[j] + 2);
		zpm_buf_printf(out, "%s\n", row[table->columns - 1]);
	}
}

/* What becomes of one integration. */
struct fate {
	const struct zpm_app *app; /* NULL: it has none */
	const char *state;         /* "on", "off", "failed" */
	const char *why;           /* NULL: nothing to say */
};

static const char *trouble_of(const struct zpm_apps_plan *plan, const char *ref)
{
	for (size_t i = 0; i < plan->troubles.n; i++) {
		const struct zpm_trouble *trouble = plan->troubles.v[i];

		if (!strcmp(trouble->kind, "integration") && !strcmp(trouble->name, ref))
			return trouble->why;
	}
	return NULL;
}

static struct fate fate_of(const struct zpm_apps_plan *plan, const struct zpm_index *tenants,
	const struct zpm_index *apps, const struct zpm_integration *integration)
{
	const char *ref = zpm_integration_ref(plan, integration);
	struct fate fate = { .why = zpm_integration_is_off(tenants, integration), .state = "off" };

	if (fate.why)
		return fate;
	fate.app = zpm_index_get(apps, ref);
	fate.why = trouble_of(plan, ref);
	fate.state = fate.why || !fate.app ? "failed" : "on";
	return fate;
}

static struct zpm_index *index_apps(const struct zpm_apps_plan *plan)
{
	struct zpm_index *apps = zpm_index_new(plan->arena);

	for (size_t i = 0; i < plan->apps.n; i++) {
		struct zpm_app *app = plan->apps.v[i];

		if (!app->blamed)
			zpm_index_add(apps, app->ref, app);
	}
	return apps;
}

static const char *number(int64_t value, struct zpm_arena *arena)
{
	return value == ZPM_UNSET ? "" : zpm_arena_printf(arena, "%" PRId64, value);
}

void zpm_render_integrations(const struct zpm_apps_plan *plan, struct zpm_buf *out)
{
	static const char *const heads[] = { "TENANT", "ID", "TITLE", "EXECUTABLE", "SERVICE", "PORT",
		"STATE" };
	const struct zpm_ptrs *all = &plan->catalog->integrations;
	const struct zpm_index *tenants = zpm_tenants_index(plan->catalog, plan->arena);
	const struct zpm_index *apps = index_apps(plan);
	struct table table = { plan->arena, ZPM_COUNT(heads), { 0 } };

	add_row(&table, heads);
	for (size_t i = 0; i < all->n; i++) {
		const struct zpm_integration *integration = all->v[i];
		const struct fate fate = fate_of(plan, tenants, apps, integration);
		const char *const cells[] = { integration->code, number(integration->id, plan->arena),
			integration->title, integration->executable, fate.app ? fate.app->name : "",
			fate.app ? number(fate.app->port, plan->arena) : "",
			fate.why ? zpm_arena_printf(plan->arena, "%s: %s", fate.state, fate.why)
				 : fate.state };

		add_row(&table, cells);
	}
	render_table(&table, out);
}

static void add_text(json_object *json, const char *key, const char *text)
{
	if (text)
		json_object_object_add(json, key, json_object_new_string(text));
}

static json_object *integration_json(
	const struct zpm_apps_plan *plan, const struct zpm_integration *integration, const struct fate *fate)
{
	json_object *json = zpm_shape_to_json(&zpm_integration_shape, integration, plan->arena);

	add_text(json, "state", fate->state);
	add_text(json, "why", fate->why);
	if (fate->app)
		add_text(json, "service", fate->app->name);
	if (fate->app && fate->app->port != ZPM_UNSET)
		json_object_object_add(json, "port", json_object_new_int64(fate->app->port));
	return json;
}

json_object *zpm_render_integrations_json(const struct zpm_apps_plan *plan)
{
	const struct zpm_ptrs *all = &plan->catalog->integrations;
	const struct zpm_index *tenants = zpm_tenants_index(plan->catalog, plan->arena);
	const struct zpm_index *apps = index_apps(plan);
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < all->n; i++) {
		const struct fate fate = fate_of(plan, tenants, apps, all->v[i]);

		json_object_array_add(list, integration_json(plan, all->v[i], &fate));
	}
	return list;
}

/* Why a tenant's own database does not answer; NULL: it does, or there is none. */
static const char *gap_of(const struct zpm_catalog *catalog, const char *code)
{
	for (size_t i = 0; i < catalog->gaps.n; i++) {
		const struct zpm_catalog_gap *gap = catalog->gaps.v[i];

		if (gap->code && code && !strcmp(gap->code, code))
			return gap->why;
	}
	return NULL;
}

static size_t count_on(
	const struct zpm_catalog *catalog, const struct zpm_index *tenants, const char *code, size_t *all)
{
	size_t on = 0;

	*all = 0;
	for (size_t i = 0; code && i < catalog->integrations.n; i++) {
		const struct zpm_integration *integration = catalog->integrations.v[i];

		if (!integration->code || strcmp(integration->code, code) != 0)
			continue;
		++*all;
		on += !zpm_integration_is_off(tenants, integration);
	}
	return on;
}

static const char *home_of(const struct zpm_tenant *tenant, struct zpm_arena *arena)
{
	if (!tenant->host || !*tenant->host)
		return "the platform's";
	return zpm_arena_printf(arena, "%s/%s", tenant->host, tenant->database ? tenant->database : "");
}

void zpm_render_tenants(const struct zpm_apps_plan *plan, struct zpm_buf *out)
{
	static const char *const heads[] = { "TENANT", "ID", "NAME", "STATUS", "INTEGRATIONS", "DATABASE" };
	const struct zpm_index *tenants = zpm_tenants_index(plan->catalog, plan->arena);
	struct table table = { plan->arena, ZPM_COUNT(heads), { 0 } };

	add_row(&table, heads);
	for (size_t i = 0; i < plan->catalog->tenants.n; i++) {
		const struct zpm_tenant *tenant = plan->catalog->tenants.v[i];
		const char *gap = gap_of(plan->catalog, tenant->code), *home = home_of(tenant, plan->arena);
		size_t all, on = count_on(plan->catalog, tenants, tenant->code, &all);
		const char *const cells[] = { tenant->code, number(tenant->id, plan->arena), tenant->name,
			tenant->status,
			gap ? "unknown" : zpm_arena_printf(plan->arena, "%zu of %zu on", on, all),
			gap ? zpm_arena_printf(plan->arena, "%s: %s", home, gap) : home };

		add_row(&table, cells);
	}
	render_table(&table, out);
}

static json_object *databases_json(
	const struct zpm_ptrs *list, const struct zpm_shape *shape, const char *code, struct zpm_arena *arena)
{
	json_object *json = json_object_new_array();

	for (size_t i = 0; i < list->n; i++) {
		const struct zpm_tenant_database *database = list->v[i];

		if (code && database->code && !strcmp(database->code, code))
			json_object_array_add(json, zpm_shape_to_json(shape, database, arena));
	}
	return json;
}

json_object *zpm_render_tenants_json(const struct zpm_apps_plan *plan)
{
	const struct zpm_catalog *catalog = plan->catalog;
	const struct zpm_index *tenants = zpm_tenants_index(catalog, plan->arena);
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < catalog->tenants.n; i++) {
		const struct zpm_tenant *tenant = catalog->tenants.v[i];
		json_object *json = zpm_shape_to_json(&zpm_tenant_shape, tenant, plan->arena);
		size_t all, on = count_on(catalog, tenants, tenant->code, &all);

		json_object_object_add(json, "databases",
			databases_json(
				&catalog->databases, &zpm_tenant_database_shape, tenant->code, plan->arena));
		json_object_object_add(json, "backups",
			databases_json(
				&catalog->backups, &zpm_tenant_backup_shape, tenant->code, plan->arena));
		json_object_object_add(json, "integrations", json_object_new_int64((int64_t)all));
		json_object_object_add(json, "active", json_object_new_int64((int64_t)on));
		add_text(json, "why", gap_of(catalog, tenant->code));
		json_object_array_add(list, json);
	}
	return list;
}
