/* The MongoDB servers of a world. For the drivers only. */
#ifndef ZPM_DRIVER_MONGO_SIDE_H
#define ZPM_DRIVER_MONGO_SIDE_H

#include "driver/world.h"
#include "model/mongo_object.h"
#include "mongo/mongo.h"

struct json_object;

struct zpm_mongo_side {
	struct zpm_mongo_client *client;
	struct zpm_strs routers;           /* "host:port", those to ask first in front */
	const char *meta_db, *config_db;   /* the names of their sets; NULL: there is none */
	const char *database, *collection; /* of server-info documents; NULL: there are none */
	const char *catalog, *ports;       /* the catalog's database, and its collection of ports; likewise */
};

/* Who takes writes of a set; NULL: nobody, as far as is known. `have` has been observed. */
const char *zpm_mongo_primary(const struct zpm_objects *have, const char *set);

/* Observes the sets, unless this one has been. */
void zpm_mongo_see_set(const struct zpm_world *world, struct zpm_objects *have, const char *set);

/* The same by asking: for who writes. Fails with ZPM_EUNAVAIL. */
int zpm_mongo_find_primary(const struct zpm_world *world, const char *set, struct zpm_arena *arena,
	const char **host, struct zpm_err *err);

/* Runs a command and parses its answer, which the caller puts. `write` says that it changes something. */
int zpm_mongo_ask(const struct zpm_world *world, const char *host, const char *database,
	struct json_object *command, bool write, struct json_object **answer, int *code, struct zpm_err *err);

/*
 * Runs a command that writes documents of metaDB's set, on its primary, until a majority has them. Takes over
 * the command. ZPM_ECONFLICT where there is such a document already; ZPM_EUNAVAIL where there is no primary,
 * or another one by now, or no majority has it in time.
 */
int zpm_mongo_write_documents(const struct zpm_world *world, const char *database,
	struct json_object *command, struct zpm_arena *arena, struct zpm_err *err);

/* An object in MongoDB, seen or, with `trouble`, not to be seen: then it is taken to be as desired. */
struct zpm_object *zpm_mongo_object(const struct zpm_world *world, enum zpm_kind_id kind, const char *name,
	void *spec, const char *trouble, struct zpm_arena *arena);

/* For each desired object of the kind: it is not to be seen, and why. */
void zpm_mongo_all_unseen(
	const struct zpm_world *world, struct zpm_objects *have, enum zpm_kind_id kind, const char *why);

#endif
