/*
 * What `zpm doctor` goes by, beside the manifest: what machines and servers say
 * of themselves. A fact that nobody told is NULL, and `trouble` says why.
 */
#ifndef ZPM_MODEL_FACTS_H
#define ZPM_MODEL_FACTS_H

#include "base/list.h"

#include <stdint.h>

/* An Engine or a MongoDB server. */
struct zpm_peer {
	const char *name; /* "the Engine", "the Engine of soar-b", "soar-b:27017" */
	const char *version;
	bool has_clock;
	int64_t ahead; /* of this machine's clock, in nanoseconds */
	const char *trouble;
};

/* A node of the Swarm, as the manager sees it. */
struct zpm_node_fact {
	const char *name, *version; /* of its Engine */
	const char *trouble;        /* why no task can run there */
	bool manager, reachable;
};

/* A file with something secret in it. */
struct zpm_file_fact {
	const char *path;
	unsigned mode;
};

struct zpm_facts {
	struct zpm_ptrs engines; /* struct zpm_peer, the platform's own first */
	struct zpm_ptrs nodes;   /* struct zpm_node_fact */
	struct zpm_ptrs servers; /* struct zpm_peer */
	struct zpm_ptrs files;   /* struct zpm_file_fact */
};

#endif
