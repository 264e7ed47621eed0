/*
 * The catalog: tenants and their integrations, from the platform's database and
 * from the databases that tenants have of their own. Passwords of those are used
 * here and known nowhere else.
 */
#ifndef ZPM_MONGO_CATALOG_H
#define ZPM_MONGO_CATALOG_H

#include "model/apps.h"
#include "model/catalog.h"
#include "mongo/mongo.h"

/* What is asked for. */
struct zpm_catalog_query {
	const char *host;                         /* who has the platform's database: "host:port" */
	const struct zpm_from_integrations *from; /* canonical; NULL: only features are asked for */
	const struct zpm_ptrs *features;          /* struct zpm_feature; those without a source are skipped */
};

/*
 * Reads it all; what does not answer is a gap, with the reason. Blocks for one
 * answer after the other of the platform's database, and then for the slowest of
 * the tenants' own, which are asked at once.
 */
void zpm_mongo_read_catalog(struct zpm_mongo_client *mongo, const struct zpm_catalog_query *query,
	struct zpm_arena *arena, struct zpm_catalog *catalog);

#endif
