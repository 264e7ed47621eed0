/*
 * mongos mode: no data of its own. What concerns the cluster goes to the
 * primary of the config servers, which do the work (see shards.c); reads and
 * writes go to the primary of the shard that has the database.
 */
#ifndef STANDIN_ROUTER_H
#define STANDIN_ROUTER_H

#include "standin.h"

/* -1: --configdb makes no sense; said so on standard error. */
int router_start(struct standin *s);

/* Is there a command of that name that a mongos passes on? */
bool router_knows(const char *name);

/* The handler of all that a mongos does not answer itself. */
enum outcome router_run(struct standin *s, struct request *req, bson_t *reply, struct refusal *no);

/* In shards.c: on the config servers' primary, moves what has to go from shards that are drained. */
void balance_tick(struct standin *s);

#endif
