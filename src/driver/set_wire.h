/* A replica set's configuration, between the server's JSON and the model. Pure; for the drivers only. */
#ifndef ZPM_DRIVER_SET_WIRE_H
#define ZPM_DRIVER_SET_WIRE_H

#include "model/replica_set.h"

struct json_object;

/*
 * From what replSetGetConfig calls `config`. What no row of the tables knows is
 * kept as text in `extra`. Fields the server has left out are as it takes them.
 */
struct zpm_replica_set *zpm_set_decode(struct json_object *config, struct zpm_arena *arena);

/*
 * What replSetInitiate and replSetReconfig take. `old` says that the server calls
 * secondaryDelaySecs slaveDelay, as those before 5.0 do. json_object_put() it.
 */
struct json_object *zpm_set_encode(const struct zpm_replica_set *config, bool old, struct zpm_arena *arena);

#endif
