/*
 * Catalogs and what becomes of them: the way from a manifest with apps.fromIntegrations and
 * what a database says to desired objects, without the database.
 */
#ifndef ZPM_TESTS_APPS_CASE_H
#define ZPM_TESTS_APPS_CASE_H

#include "engine/apps.h"
#include "support.h"

/* What every manifest with apps needs; two lines, and the set that is asked. */
#define APPS_HEAD                                                                                            \
	"apiVersion: zpm/v1\nplatform: p\n"                                                                  \
	"mongo: { metaDB: { replicaSet: meta, managed: false, members: ['localhost:27017'] } }\n"
#define APPS_FROM     "apps:\n  fromIntegrations:\n    database: securaa\n"
#define APPS_TEMPLATE "    template: { image: '${integration.executable}:1' }\n"
#define APPS_WITH_PORT                                                                                       \
	"    ports: '20000-20003'\n"                                                                         \
	"    template: { image: '${integration.executable}:1', environment: { PORT: '${integration.port}' "  \
	"} }\n"

/* One manifest, one database, and what runs: it may be decided on again and again. */
struct apps_case {
	struct test *t;
	struct zpm_manifest *manifest;
	struct zpm_catalog *catalog;
	struct zpm_objects *have;
	/* What was decided last. */
	struct zpm_apps_plan *plan;
	struct zpm_objects *desired;
};

#define APPS_TEST(function) cmocka_unit_test_setup_teardown(function, setup_test, teardown_apps)

int teardown_apps(void **state);

/* One a test, or one a round of each_seed() that is ended with end_apps(). Tenants acme and beta are there.
 */
struct apps_case *given_apps(struct test *t, const char *manifest);
void end_apps(struct apps_case *c);

/* What the database says; NULL where a document has no such field. What is returned may be changed. */
struct zpm_tenant *add_tenant(struct apps_case *c, const char *code, const char *status);
struct zpm_integration *add_integration(
	struct apps_case *c, const char *code, int64_t id, const char *executable);
void add_port(struct apps_case *c, int64_t port, const char *code, int64_t id, const char *executable);
void add_params(struct apps_case *c, const char *text);
struct zpm_catalog_gap *add_gap(struct apps_case *c, const char *code, const char *why);
struct zpm_feature_state *add_state(struct apps_case *c, const char *feature);

/* The next session decides. */
void decide(struct apps_case *c);
/* The same, and all that was decided is done: it runs, and its ports are recorded. */
void converge(struct apps_case *c);

/* Of what was decided last. */
const char *apps_of(const struct apps_case *c);  /* "mail-acme chat-beta*", those that are left with a '*' */
const char *ports_of(const struct apps_case *c); /* "mail-acme:20000 ...", those that are to be recorded */
const char *troubles_of(const struct apps_case *c); /* "integration acme/1: why\n..." */
const struct zpm_service *app_of(const struct apps_case *c, const char *name);
const char *variable_of(const struct apps_case *c, const char *name, const char *variable);

#endif
