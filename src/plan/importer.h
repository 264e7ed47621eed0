/* A manifest in the making, out of what is observed. Internal to plan/. */
#ifndef ZPM_PLAN_IMPORTER_H
#define ZPM_PLAN_IMPORTER_H

#include "plan/import.h"

struct zpm_importer {
	const struct zpm_objects *have;
	struct zpm_platform *platform;
	struct zpm_arena *arena;
	struct zpm_strs *notes;
	bool all;
	struct zpm_index *taken; /* "kind/key" of all that is declared */
	struct zpm_index *keys;  /* "kind/name", as services are observed to name it -> its key */
};

/* A key nobody else of the kind has: the first that is free of what is given. */
const char *zpm_importer_key(
	struct zpm_importer *im, enum zpm_kind_id kind, const char *preferred, const char *other);

/* What the object's name in the manifest has to say of `key`; NULL: nothing, it follows from the key. */
const char *zpm_importer_real(const struct zpm_importer *im, const char *key, const char *real);

bool zpm_importer_owns(const struct zpm_importer *im, const struct zpm_object *object);

/* Without the labels that are zpm's own. */
struct zpm_pairs zpm_importer_labels(const struct zpm_importer *im, const struct zpm_pairs *labels);

/* import_object.c: declares what the platform owns, and with `all` the networks that nobody owns. */
void zpm_importer_add_objects(struct zpm_importer *im);

/* import_host.c: the host that a node of the platform's is; and `runsOn` of a service. */
void zpm_importer_add_host(struct zpm_importer *im, const struct zpm_object *object);
void zpm_importer_find_roles(struct zpm_importer *im, struct zpm_service *service);

/* The key of what a service names, declared now if it was not yet. */
const char *zpm_importer_network(struct zpm_importer *im, const char *name);
const char *zpm_importer_volume(struct zpm_importer *im, const char *name, const struct zpm_mount *mount);
const char *zpm_importer_file(struct zpm_importer *im, enum zpm_kind_id kind, const char *name);

#endif
