/* Parameters of apps: which documents are for one, what they change, and what cannot be. */
#include "plan/apps.h"

#include "model/shape.h"
#include "model/value.h"

#include <string.h>

/* Those that are for fewer win: of all, of all in this build, of the executable, of that in this build. */
#define FARTHEST 0
#define CLOSEST  3

/* -1: they are for others. */
static int closeness(
	const struct zpm_apps_plan *plan, const struct zpm_app_params *params, const char *executable)
{
	const char *build = plan->from->params->build_type;
	bool all = !params->type || !strcmp(params->type, "*");

	if (params->build && (!build || strcmp(params->build, build) != 0))
		return -1;
	if (!all && strcmp(params->type, executable) != 0)
		return -1;
	return (all ? 0 : 2) + (params->build ? 1 : 0);
}

static void add_resources(
	const struct zpm_apps_plan *plan, const struct zpm_app_params *params, struct zpm_service *service)
{
	const struct zpm_field *field = zpm_shape_field(&zpm_template_shape, "resources");
	struct zpm_resources *resources = zpm_shape_copy(field->shape, params->resources, plan->arena);

	if (service->resources)
		zpm_shape_merge(field->shape, resources, service->resources, plan->arena);
	service->resources = resources;
}

static void add_params(
	const struct zpm_apps_plan *plan, const struct zpm_app_params *params, struct zpm_service *service)
{
	struct zpm_pairs environment = { 0 };

	for (size_t i = 0; i < service->environment.n; i++)
		zpm_pairs_set(plan->arena, &environment, service->environment.v[i].key,
			service->environment.v[i].value);
	for (size_t i = 0; i < params->environment.n; i++)
		zpm_pairs_set(plan->arena, &environment, params->environment.v[i].key,
			params->environment.v[i].value);
	service->environment = environment;
	if (params->command.n)
		service->command = params->command;
	if (params->args.n)
		service->args = params->args;
	if (params->resources)
		add_resources(plan, params, service);
}

/* A manifest is read by the rules of its fields; a document is taken as it is. */
static const char *bad_number(
	const struct zpm_shape *shape, const void *object, const char *path, struct zpm_arena *arena)
{
	ZPM_EACH_FIELD (field, shape) {
		const char *here = zpm_arena_printf(arena, "%s.%s", path, field->name), *bad = NULL;

		if (zpm_field_is_unset(field, object))
			continue;
		if (field->type == ZPM_T_OBJECT)
			bad = bad_number(field->shape, *zpm_field_object(field, object), here, arena);
		else if (zpm_type_is_number(field->type) && field->rule &&
			 !zpm_rule_allows_number(field->rule, *zpm_field_int(field, object)))
			bad = zpm_arena_printf(arena, "%s: expected %s, got %s", here, field->rule->expected,
				zpm_value_format(field->type, *zpm_field_int(field, object), arena));
		if (bad)
			return bad;
	}
	return NULL;
}

static const char *mistake_of(const struct zpm_app_params *params, struct zpm_arena *arena)
{
	for (size_t i = 0; i < params->environment.n; i++)
		if (strchr(params->environment.v[i].key, '='))
			return zpm_arena_printf(arena, "environment.%s: a variable's name cannot hold '='",
				params->environment.v[i].key);
	return bad_number(&zpm_app_params_shape, params, "", arena);
}

static void take(struct zpm_apps_plan *plan, struct zpm_app *app, const struct zpm_app_params *params)
{
	const char *mistake = mistake_of(params, plan->arena);

	if (!mistake)
		add_params(plan, params, app->service);
	else if (!app->blamed)
		zpm_app_blame(plan, app, zpm_arena_printf(plan->arena, "its parameters: %s", mistake));
}

void zpm_app_add_params(struct zpm_apps_plan *plan, struct zpm_app *app)
{
	const struct zpm_ptrs *params = &plan->catalog->params;

	for (int close = FARTHEST; plan->from->params && close <= CLOSEST; close++)
		for (size_t i = 0; i < params->n; i++)
			if (closeness(plan, params->v[i], app->integration->executable) == close)
				take(plan, app, params->v[i]);
}
