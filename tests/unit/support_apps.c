/* Catalogs that are made up, and the way through them. */
#include "apps_case.h"

#include "manifest/manifest.h"
#include "model/shape.h"
#include "plan/expand.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct zpm_manifest *read_manifest(const char *text)
{
	struct zpm_manifest *manifest = zpm_manifest_parse("m.yaml", text, strlen(text));

	for (size_t i = 0; i < manifest->diags.list.n; i++) {
		const struct zpm_diag *diag = manifest->diags.list.v[i];

		print_message("%u:%u: %s\n", diag->pos.line, diag->pos.column, diag->msg);
	}
	assert_int_equal(manifest->diags.list.n, 0);
	return manifest;
}

struct apps_case *given_apps(struct test *t, const char *manifest)
{
	struct apps_case *c = zpm_alloc(sizeof(*c));

	*c = (struct apps_case){ .t = t };
	t->own = c;
	c->manifest = read_manifest(manifest);
	c->catalog = zpm_arena_alloc(t->arena, sizeof(*c->catalog));
	c->have = zpm_objects_new("p", t->arena);
	add_tenant(c, "acme", "active");
	add_tenant(c, "beta", "active");
	return c;
}

void end_apps(struct apps_case *c)
{
	c->t->own = NULL;
	zpm_manifest_free(c->manifest);
	free(c);
}

int teardown_apps(void **state)
{
	struct test *t = *state;

	if (t->own)
		end_apps(t->own);
	return teardown_test(state);
}

struct zpm_tenant *add_tenant(struct apps_case *c, const char *code, const char *status)
{
	struct zpm_tenant *tenant = zpm_shape_new(&zpm_tenant_shape, c->t->arena);

	tenant->code = code;
	tenant->status = status;
	zpm_ptrs_push(c->t->arena, &c->catalog->tenants, tenant);
	return tenant;
}

struct zpm_integration *add_integration(
	struct apps_case *c, const char *code, int64_t id, const char *executable)
{
	struct zpm_integration *integration = zpm_shape_new(&zpm_integration_shape, c->t->arena);

	*integration = (struct zpm_integration){ .id = id,
		.title = zpm_arena_printf(c->t->arena, "Title of %s", executable),
		.action = "collect",
		.service_name = executable,
		.execution_dir = zpm_arena_printf(c->t->arena, "/opt/%s", executable),
		.status = "active",
		.executable = executable,
		.code = code };
	zpm_ptrs_push(c->t->arena, &c->catalog->integrations, integration);
	return integration;
}

void add_port(struct apps_case *c, int64_t port, const char *code, int64_t id, const char *executable)
{
	struct zpm_port_record *record = zpm_shape_new(&zpm_port_record_shape, c->t->arena);

	*record = (struct zpm_port_record){
		.port = port, .integration = id, .executable = executable, .code = code
	};
	zpm_ptrs_push(c->t->arena, &c->catalog->ports, record);
}

void add_params(struct apps_case *c, const char *text)
{
	zpm_ptrs_push(c->t->arena, &c->catalog->params, given_object(c->t, &zpm_app_params_shape, text));
}

struct zpm_catalog_gap *add_gap(struct apps_case *c, const char *code, const char *why)
{
	struct zpm_catalog_gap *gap = zpm_arena_alloc(c->t->arena, sizeof(*gap));

	*gap = (struct zpm_catalog_gap){ code, why };
	zpm_ptrs_push(c->t->arena, &c->catalog->gaps, gap);
	return gap;
}

struct zpm_feature_state *add_state(struct apps_case *c, const char *feature)
{
	struct zpm_feature_state *state = zpm_arena_alloc(c->t->arena, sizeof(*state));

	state->name = feature;
	zpm_ptrs_push(c->t->arena, &c->catalog->features, state);
	return state;
}

void decide(struct apps_case *c)
{
	const struct zpm_platform *platform;

	c->plan = zpm_apps_decide(c->manifest, c->catalog, c->have, &platform);
	c->desired = zpm_expand(platform, c->t->arena);
	if (c->plan->from)
		zpm_apps_leave(c->plan, c->have, c->desired);
}

void converge(struct apps_case *c)
{
	struct zpm_objects *have = zpm_objects_new("p", c->t->arena);

	decide(c);
	for (size_t i = 0; i < c->desired->list.n; i++) {
		struct zpm_object *object = zpm_arena_alloc(c->t->arena, sizeof(*object));
		struct zpm_live *live = zpm_arena_alloc(c->t->arena, sizeof(*live));

		*object = *(const struct zpm_object *)c->desired->list.v[i];
		if (object->kind->id == ZPM_KIND_PORT) {
			zpm_ptrs_push(c->t->arena, &c->catalog->ports, object->spec);
			continue;
		}
		live->owner = have->platform;
		object->left = false;
		object->live = live;
		zpm_objects_add(have, object);
	}
	c->have = have;
}

const char *apps_of(const struct apps_case *c)
{
	const char *text = "";

	for (size_t i = 0; i < c->desired->list.n; i++) {
		const struct zpm_object *object = c->desired->list.v[i];

		if (zpm_object_integration(object))
			text = zpm_arena_printf(c->t->arena, "%s%s%s%s", text, *text ? " " : "", object->name,
				object->left ? "*" : "");
	}
	return text;
}

const char *ports_of(const struct apps_case *c)
{
	const char *text = "";

	for (size_t i = 0; i < c->desired->list.n; i++) {
		const struct zpm_object *object = c->desired->list.v[i];
		const struct zpm_port_record *record = object->spec;

		if (object->kind->id == ZPM_KIND_PORT)
			text = zpm_arena_printf(c->t->arena, "%s%s%s:%" PRId64, text, *text ? " " : "",
				object->name, record->port);
	}
	return text;
}

const char *troubles_of(const struct apps_case *c)
{
	const char *text = "";

	for (size_t i = 0; i < c->plan->troubles.n; i++) {
		const struct zpm_trouble *trouble = c->plan->troubles.v[i];

		text = zpm_arena_printf(
			c->t->arena, "%s%s %s: %s\n", text, trouble->kind, trouble->name, trouble->why);
	}
	return text;
}

const struct zpm_service *app_of(const struct apps_case *c, const char *name)
{
	return object_of(c->desired, ZPM_KIND_SERVICE, name)->spec;
}

const char *variable_of(const struct apps_case *c, const char *name, const char *variable)
{
	return zpm_pairs_get(&app_of(c, name)->environment, variable);
}
