/* A graph in the making. Internal to plan/. */
#ifndef ZPM_PLAN_GRAPHER_H
#define ZPM_PLAN_GRAPHER_H

#include "plan/graph.h"

struct zpm_index;

struct zpm_grapher {
	const struct zpm_plan *plan;
	struct zpm_graph *graph;
	struct zpm_ptrs hosted;                /* struct zpm_change, of volumes on hosts' own Engines */
	struct zpm_index *removals;            /* ref -> the step of a deletion */
	struct zpm_index *sets;                /* the service of a member -> the step of its set */
	struct zpm_index *firsts, *lasts;      /* ref -> the first and the last step of its change */
	struct zpm_step *done[ZPM_TIER_COUNT]; /* gate: the tier runs */
	struct zpm_step *placed;               /* gate: nodes have their labels; NULL: they have */
	struct zpm_step *all_done;             /* gate: every create and update has succeeded */
};

struct zpm_step *zpm_graph_step(
	struct zpm_grapher *b, enum zpm_op op, const struct zpm_change *change, const char *label);

/* Either may be NULL, or both the same: then there is no edge. */
void zpm_graph_edge(struct zpm_grapher *b, struct zpm_step *before, struct zpm_step *after);

/* The step of an object in one of the indexes; NULL: none. */
struct zpm_step *zpm_graph_find(struct zpm_index *index, const char *kind, const char *name);

/* A network or volume has to be free of its services before it can be replaced: is one of them? */
bool zpm_graph_leave_ground(struct zpm_grapher *b, const struct zpm_object *have, struct zpm_step *removal);

/*
 * graph_mongo.c: the steps of a replica set, then, once all steps are there, the edges of all that is in
 * MongoDB, and what waits for sets by their members' names.
 */
void zpm_graph_set(struct zpm_grapher *b, const struct zpm_change *change);
void zpm_graph_sets(struct zpm_grapher *b);
void zpm_graph_await_sets(struct zpm_grapher *b, const struct zpm_service *service, struct zpm_step *first);

/*
 * graph_setup.c: the step of a setup, its edges once all steps are there, and what waits for it by its
 * service's name.
 */
void zpm_graph_setup(struct zpm_grapher *b, const struct zpm_change *change);
void zpm_graph_link_setup(struct zpm_grapher *b, const struct zpm_change *change);
void zpm_graph_await_setups(struct zpm_grapher *b, const struct zpm_service *service, struct zpm_step *first);

/* graph_give_way.c */
void zpm_graph_deletes(struct zpm_grapher *b);
void zpm_graph_ports(struct zpm_grapher *b);

#endif
