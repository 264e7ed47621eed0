/* Which integrations have a service, and what it is given. */
#include "plan/apps_parts.h"

#include "base/index.h"
#include "model/shape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct zpm_index *zpm_tenants_index(const struct zpm_catalog *catalog, struct zpm_arena *arena)
{
	struct zpm_index *index = zpm_index_new(arena);

	/* Of two documents of one tenant, that which is active counts, whichever comes first. */
	for (int active = 1; active >= 0; active--)
		for (size_t i = 0; i < catalog->tenants.n; i++) {
			struct zpm_tenant *tenant = catalog->tenants.v[i];

			if (tenant->code && zpm_status_is_active(tenant->status) == active)
				zpm_index_add(index, tenant->code, tenant);
		}
	return index;
}

const char *zpm_integration_is_off(const struct zpm_index *tenants, const struct zpm_integration *integration)
{
	const struct zpm_tenant *tenant =
		integration->code ? zpm_index_get(tenants, integration->code) : NULL;

	if (!zpm_status_is_active(integration->status))
		return "it is not active";
	if (!tenant)
		return "there is no such tenant";
	return zpm_status_is_active(tenant->status) ? NULL : "its tenant is not active";
}

static void add_trouble(struct zpm_apps_plan *plan, const char *kind, const char *name, const char *why)
{
	struct zpm_trouble *trouble = zpm_arena_alloc(plan->arena, sizeof(*trouble));

	*trouble = (struct zpm_trouble){ kind, name, why };
	zpm_ptrs_push(plan->arena, &plan->troubles, trouble);
}

void zpm_app_blame(struct zpm_apps_plan *plan, struct zpm_app *app, const char *why)
{
	app->blamed = true;
	zpm_index_add(plan->unsure, app->ref, app);
	add_trouble(plan, "integration", app->ref, why);
}

bool zpm_apps_are_unknown(const struct zpm_apps_plan *plan)
{
	const struct zpm_ptrs *gaps = &plan->catalog->gaps;

	return gaps->n && !((const struct zpm_catalog_gap *)gaps->v[0])->why;
}

static void tell_gaps(struct zpm_apps_plan *plan)
{
	for (size_t i = 0; i < plan->catalog->gaps.n; i++) {
		const struct zpm_catalog_gap *gap = plan->catalog->gaps.v[i];

		if (!gap->why)
			continue;
		add_trouble(plan, gap->code ? "tenant" : "database",
			gap->code ? gap->code : plan->from->database,
			zpm_arena_printf(plan->arena, "%s; its apps are left as they are", gap->why));
	}
}

static bool is_same(const struct zpm_integration *a, const struct zpm_integration *b)
{
	return a->id != ZPM_UNSET && a->id == b->id && !strcmp(a->code, b->code);
}

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* By tenant and number; and by all that they say, so that the order of documents means nothing. */
static int compare_integrations(const void *a, const void *b)
{
	const struct zpm_integration *left = *(void *const *)a, *right = *(void *const *)b;
	int order = strcmp(left->code, right->code);

	if (!order)
		order = (left->id > right->id) - (left->id < right->id);
	for (const struct zpm_field *field = zpm_integration_shape.fields; !order && field->name; field++)
		if (field->type == ZPM_T_STRING)
			order = compare_texts(*zpm_field_str(field, left), *zpm_field_str(field, right));
	return order;
}

/* Those that are on, sorted. What a tenant's own database says too is said once. */
static void collect(const struct zpm_apps_plan *plan, struct zpm_ptrs *on)
{
	const struct zpm_index *tenants = zpm_tenants_index(plan->catalog, plan->arena);
	const struct zpm_ptrs *all = &plan->catalog->integrations;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		if (!zpm_integration_is_off(tenants, all->v[i]))
			zpm_ptrs_push(plan->arena, on, all->v[i]);
	if (on->n)
		qsort(on->v, on->n, sizeof(*on->v), compare_integrations);
	for (size_t i = 0; i < on->n; i++)
		if (!n || !is_same(on->v[i], on->v[n - 1]))
			on->v[n++] = on->v[i];
	on->n = n;
}

const char *zpm_integration_ref(const struct zpm_apps_plan *plan, const struct zpm_integration *integration)
{
	if (integration->id == ZPM_UNSET)
		return zpm_arena_printf(plan->arena, "%s/%s", integration->code,
			integration->title ? integration->title : "?");
	if (plan->from->per_tenant || !integration->executable)
		return zpm_arena_printf(plan->arena, "%s/%" PRId64, integration->code, integration->id);
	return zpm_arena_printf(plan->arena, ZPM_INTEGRATION_SHARED "%s", integration->executable);
}

static const char *mistake_of(const struct zpm_integration *integration)
{
	if (integration->id == ZPM_UNSET)
		return "it has no integration_id";
	return integration->executable && *integration->executable ? NULL : "it has no executable";
}

/* Which apps it may be about: where nobody can tell, all of its tenant, or all that tenants share. */
static const char *suspects_of(const struct zpm_apps_plan *plan, const struct zpm_integration *integration)
{
	if (plan->from->per_tenant)
		return integration->id == ZPM_UNSET ? zpm_arena_printf(plan->arena, "%s/", integration->code)
						    : zpm_integration_ref(plan, integration);
	return zpm_arena_printf(plan->arena, ZPM_INTEGRATION_SHARED "%s",
		integration->executable ? integration->executable : "");
}

static void add_app(
	struct zpm_apps_plan *plan, const struct zpm_integration *integration, struct zpm_index *refs)
{
	struct zpm_app *app = zpm_arena_alloc(plan->arena, sizeof(*app));
	const char *mistake = mistake_of(integration);

	app->integration = integration;
	app->port = ZPM_UNSET;
	app->ref = zpm_integration_ref(plan, integration);
	if (mistake) {
		zpm_app_blame(plan, app, mistake);
		zpm_index_add(plan->unsure, suspects_of(plan, integration), app);
	} else if (!zpm_index_add(refs, app->ref, app)) {
		zpm_ptrs_push(plan->arena, &plan->apps, app);
	}
}

/* Sharing services, tenants have no say of their own in what differs. NULL: the port. */
static const char *value_of(
	const struct zpm_apps_plan *plan, const struct zpm_app *app, const struct zpm_field *field)
{
	const char *text;

	if (!field)
		return app->port == ZPM_UNSET ? "" : zpm_arena_printf(plan->arena, "%" PRId64, app->port);
	if (field->type == ZPM_T_INT)
		return zpm_arena_printf(plan->arena, "%" PRId64, *zpm_field_int(field, app->integration));
	text = *zpm_field_str(field, app->integration);
	return text ? text : "";
}

static void set_value(const struct zpm_apps_plan *plan, const struct zpm_template_variable *variable)
{
	const struct zpm_field *field =
		variable->field ? zpm_shape_field(&zpm_integration_shape, variable->field) : NULL;

	for (size_t i = 0; i < plan->apps.n; i++) {
		struct zpm_app *app = plan->apps.v[i];

		zpm_pairs_set(plan->arena, &app->values, variable->name, value_of(plan, app, field));
	}
}

void zpm_apps_choose(struct zpm_apps_plan *plan)
{
	struct zpm_index *refs = zpm_index_new(plan->arena);
	struct zpm_ptrs on = { 0 };

	plan->unsure = zpm_index_new(plan->arena);
	tell_gaps(plan);
	collect(plan, &on);
	for (size_t i = 0; i < on.n; i++)
		add_app(plan, on.v[i], refs);
	zpm_apps_give_ports(plan);
	for (const struct zpm_template_variable *v = zpm_template_variables; v->name; v++)
		set_value(plan, v);
}
