/*
 * The steps of a plan and what each waits for. Pure.
 *
 * Creates and updates run along the graph: networks and volumes, then
 * services tier by tier, each after what it depends on. Deletes run against
 * it and last, when all else has succeeded; only an orphan that holds a port
 * somebody new wants goes first. A replacement is two steps.
 */
#ifndef ZPM_PLAN_GRAPH_H
#define ZPM_PLAN_GRAPH_H

#include "plan/plan.h"

enum zpm_op {
	ZPM_OP_CREATE,
	ZPM_OP_UPDATE,
	ZPM_OP_REMOVE,
	ZPM_OP_RELEASE, /* a member of a replica set is about to be restarted: see release.h */
	ZPM_OP_VERIFY,  /* nothing to write: wait until it runs, as others may depend on it */
	ZPM_OP_GATE,    /* nothing at all: the point where a tier is done */
};

struct zpm_step {
	enum zpm_op op;
	const struct zpm_change *change; /* NULL for a gate */
	const char *label;               /* "service/kafka", or what a gate stands for */
	struct zpm_ptrs next;            /* struct zpm_step that wait for this one */
	const char *member;              /* the one to be released, as its set calls it; else NULL */
	size_t index;                    /* in the graph's steps */
	size_t waits;                    /* how many this one waits for */
	bool optional;                   /* its failure stops only what asked for it by name */
	const char *blocked;             /* why it is skipped at once; NULL: it is not */
};

struct zpm_graph {
	struct zpm_arena *arena;
	struct zpm_ptrs steps; /* struct zpm_step */
	bool moves;            /* nodes change, so tasks that ran before may have to move */
};

/* The graph lives in `arena` and borrows the plan. */
struct zpm_graph *zpm_graph_new(const struct zpm_plan *plan, struct zpm_arena *arena);

#endif
