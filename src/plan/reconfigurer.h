/* A reconfiguration in the making: the set as foreseen after the steps so far. Internal to plan/. */
#ifndef ZPM_PLAN_RECONFIGURER_H
#define ZPM_PLAN_RECONFIGURER_H

#include "plan/reconfigure.h"

struct zpm_reconfigurer {
	struct zpm_arena *arena;
	const struct zpm_replica_set *declared;
	const struct zpm_replica_set *target; /* declared and kept; members still to be added have no _id */
	const struct zpm_replica_set *config; /* every field set; NULL: not initiated */
	struct zpm_ptrs views;                /* struct zpm_member_view, the reconfigurer's own */
	bool committed;
	const struct zpm_set_member *primary;   /* of config; NULL: there is none */
	const struct zpm_set_member *successor; /* of target: who is to be primary; NULL: nobody can */
	struct zpm_reconfigure *result;
};

/* reconfigure_target.c: what is to become of the live set. */
const struct zpm_replica_set *zpm_reconfigure_target(const struct zpm_reconfigurer *r);
/* Adds refusals where the target, or the way to it from the live set, is wrong in itself. */
void zpm_reconfigure_check(struct zpm_reconfigurer *r);

/* reconfigure_state.c: looking at members. */
const struct zpm_set_member *zpm_set_primary(
	const struct zpm_replica_set *config, const struct zpm_ptrs *views);
bool zpm_member_is_up(const struct zpm_reconfigurer *r, const char *host);
bool zpm_member_is_ready(const struct zpm_reconfigurer *r, const char *host);
/* It is up, and will be a secondary without help. */
bool zpm_member_is_syncing(const struct zpm_reconfigurer *r, const struct zpm_set_member *member);
/* Does a host that is not in the configuration answer, free to join it? */
bool zpm_member_can_join(const struct zpm_reconfigurer *r, const char *host);
size_t zpm_set_voters(const struct zpm_replica_set *set);
size_t zpm_set_voters_up(const struct zpm_reconfigurer *r, const struct zpm_replica_set *set);
size_t zpm_majority_of(size_t voters);
/* The live member is to have no vote, or to go. `member` is of a configuration. */
bool zpm_member_is_leaving(const struct zpm_reconfigurer *r, const struct zpm_set_member *member);
/* May it be without its vote next? Never for the primary. */
bool zpm_member_can_leave(const struct zpm_reconfigurer *r, const struct zpm_replica_set *config,
	const struct zpm_set_member *member);
/* Who of the target is to be primary, now or once it is a secondary with a vote. NULL: nobody can. */
const struct zpm_set_member *zpm_reconfigure_successor(const struct zpm_reconfigurer *r);

/* reconfigure_config.c: the next configuration. */
enum zpm_vote_change {
	ZPM_VOTES_SAFE, /* of those that are down, and to those that are ready */
	ZPM_VOTES_UP,   /* the first that is up and leaving loses its */
};
/*
 * The live configuration with all that can change at once, `votes` among it. Priorities
 * change when `priorities` is true, or when no election follows from them.
 * NULL when there is nothing to change.
 */
struct zpm_replica_set *zpm_reconfigure_compose(
	const struct zpm_reconfigurer *r, enum zpm_vote_change votes, bool priorities);
/* With one member renamed: one that is not primary, or the primary. NULL when none is to be. */
struct zpm_replica_set *zpm_reconfigure_rename(const struct zpm_reconfigurer *r, bool primary);
/* A set of one. */
struct zpm_replica_set *zpm_reconfigure_first(
	const struct zpm_reconfigurer *r, const struct zpm_set_member *member);

/* reconfigure_text.c: what a step changes, line by line. `have` may be NULL. */
void zpm_reconfigure_describe(const struct zpm_replica_set *have, const struct zpm_replica_set *next,
	struct zpm_strs *changes, struct zpm_arena *arena);

/* reconfigure_trouble.c: what remains when there are no more steps. */
void zpm_reconfigure_trouble(
	struct zpm_reconfigurer *r, enum zpm_reconfigure_reason reason, const char *host, const char *text);
void zpm_reconfigure_refuse_majority(struct zpm_reconfigurer *r);
void zpm_reconfigure_refuse_primary(struct zpm_reconfigurer *r);
/* False, and told, when a member may have the set already. */
bool zpm_reconfigure_may_initiate(struct zpm_reconfigurer *r);
void zpm_reconfigure_explain(struct zpm_reconfigurer *r);

#endif
