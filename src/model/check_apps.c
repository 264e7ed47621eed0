/* Services that a database asks for, and features that it decides on. */
#include "model/check_parts.h"

#include <inttypes.h>

#define SECTION  "apps.fromIntegrations"
#define TEMPLATE SECTION ".template"

static const struct zpm_from_integrations *source_of(const struct zpm_checker *c)
{
	return c->platform->apps ? c->platform->apps->from_integrations : NULL;
}

static void check_database(struct zpm_checker *c, const char *path)
{
	if (!c->platform->mongo || !c->platform->mongo->meta_db)
		zpm_find(c, path, "there is no mongo.metaDB that could be asked");
}

/* As that of a service, but for what only one service can have. */
static void check_template(struct zpm_checker *c, const struct zpm_service *service)
{
	struct zpm_subject subject = {
		.own = service, .full = service, .path = TEMPLATE, .tier = ZPM_TIER_APPS
	};

	if (service->real_name)
		zpm_find(
			c, TEMPLATE ".name", "is one service's; '" SECTION ".name' says what each is called");
	if (service->when)
		zpm_find(c, TEMPLATE ".when", "the database says which services there are");
	if (service->env_file.n)
		zpm_find(c, TEMPLATE ".envFile", "cannot be in a template; use environment");
	zpm_check_service(c, &subject);
	zpm_check_dependencies(c, &subject);
}

void zpm_check_apps(struct zpm_checker *c)
{
	const struct zpm_from_integrations *from = source_of(c);

	for (size_t i = 0; i < c->platform->features.n; i++) {
		const struct zpm_feature *feature = c->platform->features.v[i];
		const struct zpm_feature_source *source = feature->from_database;
		const char *path = zpm_arena_printf(c->arena, "features.%s.fromDatabase", feature->name);

		if (!source)
			continue;
		check_database(c, path);
		if (!source->database && !from)
			zpm_find(c, path, "'database' is missing, and no " SECTION " says which");
		if (!source->filter.n)
			zpm_find(c, path, "'filter' is empty: which document says it?");
	}
	if (!from)
		return;
	check_database(c, SECTION);
	if (from->ports && from->ports->last != ZPM_UNSET && from->ports->first > from->ports->last)
		zpm_find(c, SECTION ".ports", "there is no port from %" PRId64 " to %" PRId64,
			from->ports->first, from->ports->last);
	if (from->service)
		check_template(c, from->service);
}
