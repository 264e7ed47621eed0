/* The cluster's catalogue, in the collections of the database `config`, as mongos and mongod keep it. */
#ifndef STANDIN_SHARDS_H
#define STANDIN_SHARDS_H

#include "standin.h"

#define SHARDS    "config.shards"
#define DATABASES "config.databases"
#define CHUNKS    "config.chunks"
#define SETTINGS  "config.settings"

/* NULL when there is none. The collection's, until that changes. */
const bson_t *catalogue_find(const struct standin *s, const char *ns, const char *id);
size_t catalogue_count(const struct standin *s, const char *ns, const char *field, const char *value);

/* A shard that is not being drained and not this one; NULL when there is none. */
const bson_t *catalogue_other_shard(const struct standin *s, const char *name);

/* A new document with one field of another set to a value. The caller's. */
bson_t *catalogue_with(const bson_t *doc, const char *field, const char *value);

#endif
