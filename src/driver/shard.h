/*
 * Taking a shard out of the cluster, which is work of hours: its chunks and
 * databases have to move to others first. MongoDB's manual 4.4, "removeShard".
 */
#ifndef ZPM_DRIVER_SHARD_H
#define ZPM_DRIVER_SHARD_H

#include "driver/driver.h"

/* How far it has come. Zeroed before the first call, and given to all that follow. */
struct zpm_drain {
	bool begun;                /* MongoDB knows: asking again is no write */
	bool done;                 /* it is no shard any more */
	bool counted;              /* what follows is known */
	int64_t chunks, databases; /* still on it */
};

/*
 * Starts draining a shard, or goes on with it: moves databases that live on it to another shard when all
 * chunks have left. To be called again and again until it is done.
 */
int zpm_shard_drain(
	const struct zpm_world *world, const char *name, struct zpm_drain *drain, struct zpm_err *err);

#endif
