/* Each declared host as it was observed: its node, and what replica sets have on it. */
#ifndef ZPM_ENGINE_HOSTS_H
#define ZPM_ENGINE_HOSTS_H

#include "engine/session.h"
#include "model/replica_set.h"

/* A declared member of a replica set. */
struct zpm_host_member {
	const char *set; /* the manifest's name of it */
	const char *address;
	const struct zpm_member_view *seen; /* NULL: nothing is known of it */
};

struct zpm_host_view {
	const struct zpm_host *declared; /* as the manifest has it */
	const struct zpm_host *host;     /* with the role that a failover has given it */
	const struct zpm_object *node;   /* as observed; NULL: the Swarm has none of that name */
	struct zpm_ptrs members;         /* struct zpm_host_member */
};

/*
 * Adds a struct zpm_host_view for each host of a session that has observed, in the manifest's order.
 * In the arena, or borrowed from the session until that observes again. Asks nobody.
 */
void zpm_hosts_view(const struct zpm_session *session, struct zpm_arena *arena, struct zpm_ptrs *views);

/* Has it a node, and does every member answer? Of a host that is declared down nobody expects it. */
bool zpm_host_is_seen(const struct zpm_host_view *view);

#endif
