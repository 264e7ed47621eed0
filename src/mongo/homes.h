/* The databases that tenants have of their own. For mongo/ only. */
#ifndef ZPM_MONGO_HOMES_H
#define ZPM_MONGO_HOMES_H

#include "model/apps.h"
#include "model/catalog.h"
#include "mongo/client.h"

/* They are found while tenants are read, and asked afterwards. */
struct zpm_homes {
	struct zpm_mongo_client *platform; /* whose TLS and time-outs hold for them too */
	struct zpm_arena *arena;
	struct zpm_ptrs list; /* struct home */
};

/* Takes note of a tenant's document, or of one of its further databases, if it names a server. */
void zpm_homes_note(struct zpm_homes *homes, const bson_t *document);

/* Asks them all at once, and adds what they say to the catalog. */
void zpm_homes_read(
	struct zpm_homes *homes, const struct zpm_catalog_names *names, struct zpm_catalog *catalog);

void zpm_homes_close(struct zpm_homes *homes);

#endif
