/*
 * From `mongo` to services and volumes: each mongod and mongos that zpm runs,
 * as a person would declare it under `services`. Pure.
 */
#ifndef ZPM_PLAN_TOPOLOGY_H
#define ZPM_PLAN_TOPOLOGY_H

#include "model/mongo_process.h"
#include "model/platform.h"

/* What all of them are made from. */
struct zpm_topology {
	const struct zpm_platform *platform;
	struct zpm_arena *arena;
	struct zpm_ptrs processes; /* struct zpm_mongo_process, those that somebody else runs too */
	struct zpm_strs services;  /* the names of what zpm runs */
};

/* Empty without a section `mongo`. The platform has passed zpm_platform_check(). */
void zpm_topology_init(
	struct zpm_topology *topology, const struct zpm_platform *platform, struct zpm_arena *arena);

/*
 * The service of a process that zpm runs, on its host, and with nothing of the
 * defaults left to merge. One on a host that is declared down has no task.
 */
struct zpm_service *zpm_topology_service(
	const struct zpm_topology *topology, const struct zpm_mongo_process *process);

/* The volume with a member's data; NULL for a router, which has none, and where the manifest declares it. */
struct zpm_volume *zpm_topology_volume(
	const struct zpm_topology *topology, const struct zpm_mongo_process *process);

#endif
