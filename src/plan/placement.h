/*
 * From hosts and their roles to labels of nodes, and from `runsOn` to
 * constraints that those labels meet. Pure.
 */
#ifndef ZPM_PLAN_PLACEMENT_H
#define ZPM_PLAN_PLACEMENT_H

#include "model/object.h"
#include "model/platform.h"

/* Adds a desired node for each host. A host that is down plays no role. */
void zpm_expand_hosts(const struct zpm_platform *platform, struct zpm_objects *objects);

/* Turns the roles a service runs on into a constraint. */
void zpm_expand_runs_on(struct zpm_service *service, struct zpm_arena *arena);

/* Adds a constraint that the host's node alone meets. */
void zpm_pin_to_host(struct zpm_service *service, const struct zpm_host *host, struct zpm_arena *arena);

/* The constraint that nodes of hosts with one of the roles meet. */
const char *zpm_roles_constraint(const struct zpm_strs *roles, struct zpm_arena *arena);

/*
 * May tasks of the service stay on a node, once it has the labels that are
 * desired for it? Only what zpm itself decides is looked at.
 */
bool zpm_placement_allows(const struct zpm_service *service, const struct zpm_swarm_node *node);

#endif
