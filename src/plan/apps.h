/*
 * From the catalog to services: which integrations run, what their services are
 * called, which ports they have, and what is left as it is because nobody knows.
 * Pure. What fills in the template is manifest/'s, so it is done in steps:
 * choose, fill in (by the caller), name, expand, leave.
 */
#ifndef ZPM_PLAN_APPS_H
#define ZPM_PLAN_APPS_H

#include "model/catalog.h"
#include "model/object.h"
#include "model/platform.h"

/* A service that is to be there. */
struct zpm_app {
	const struct zpm_integration *integration; /* the first of those that share it */
	const char *ref;                           /* as in ZPM_LABEL_INTEGRATION */
	const char *name;                          /* of its service */
	bool blamed;                               /* it has a mistake, and is left as it is */
	struct zpm_pairs values;                   /* of the template's variables */
	int64_t port;                              /* ZPM_UNSET: it needs none, or there is none */
	bool port_is_new;                          /* and has to be recorded */
	struct zpm_service *service;               /* filled in by the caller */
};

/* The platform's apps in the making. All memory is `arena`. */
struct zpm_apps_plan {
	const struct zpm_platform *platform;
	const struct zpm_from_integrations *from; /* canonical */
	const struct zpm_catalog *catalog;
	struct zpm_arena *arena;
	struct zpm_ptrs apps;     /* struct zpm_app, by tenant and number */
	struct zpm_ptrs troubles; /* struct zpm_trouble */
	/* Refs of apps with a mistake; one that ends with '/' is of all that begin with it. */
	struct zpm_index *unsure;
};

/* Is there no database yet that could say anything? */
bool zpm_apps_are_unknown(const struct zpm_apps_plan *plan);

/* The tenants by their code; of several documents of one, an active one. */
struct zpm_index *zpm_tenants_index(const struct zpm_catalog *catalog, struct zpm_arena *arena);

/* Why an integration is off; NULL: it is switched on, and its tenant too. */
const char *zpm_integration_is_off(
	const struct zpm_index *tenants, const struct zpm_integration *integration);

/* What the app of an integration is known by, as in ZPM_LABEL_INTEGRATION. */
const char *zpm_integration_ref(const struct zpm_apps_plan *plan, const struct zpm_integration *integration);

/* The apps that are to be there, their ports and values. */
void zpm_apps_choose(struct zpm_apps_plan *plan);

/* Says that an app has a mistake: it is left as it is. */
void zpm_app_blame(struct zpm_apps_plan *plan, struct zpm_app *app, const char *why);

/*
 * Parameters from the database win over what the template says, and those that are for fewer over others.
 * Blames the app when they are none that a service can have.
 */
void zpm_app_add_params(struct zpm_apps_plan *plan, struct zpm_app *app);

/*
 * Gives an app its name; `filled` is that of the manifest, filled in, or NULL. The same integration has
 * always the same name.
 */
void zpm_app_name(const struct zpm_apps_plan *plan, struct zpm_app *app, const char *filled);

/* Two of one name, or one of a declared service: both are left as they are. */
void zpm_apps_settle_names(struct zpm_apps_plan *plan);

/* The platform with the apps, as if the manifest named them. Shares all else with it. */
const struct zpm_platform *zpm_apps_join(
	const struct zpm_apps_plan *plan, const struct zpm_platform *platform);

/*
 * Adds to what is desired the ports that are to be recorded, and the apps that are there and of which
 * nobody knows whether they should be, as they are.
 */
void zpm_apps_leave(
	const struct zpm_apps_plan *plan, const struct zpm_objects *have, struct zpm_objects *desired);

/* What patches name, and neither the manifest nor the database asks for. */
void zpm_apps_unpatched(
	const struct zpm_apps_plan *plan, const struct zpm_objects *desired, struct zpm_strs *names);

/*
 * The platform with its features as the database says. Where that does not answer, a feature is on when
 * a service is there that needs it, and its default where nothing of the platform is. Adds troubles.
 */
const struct zpm_platform *zpm_features_settle(const struct zpm_platform *platform,
	const struct zpm_catalog *catalog, const struct zpm_objects *have, struct zpm_arena *arena,
	struct zpm_ptrs *troubles);

#endif
