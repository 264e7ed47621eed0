/*
 * Replica sets as they are, and the single commands that change one. Which
 * commands, in which order, is decided in plan/reconfigure.h. Protocol:
 * MongoDB's manual 4.4 and 5.0, "Replication Commands".
 *
 * All calls block on the servers, at most for the client's time-outs. Changes
 * fail with ZPM_ECONFLICT when the set is no longer as it was, and with
 * ZPM_EUNAVAIL when it may have been changed or not: observe either way.
 */
#ifndef ZPM_DRIVER_REPLICA_SET_H
#define ZPM_DRIVER_REPLICA_SET_H

#include "driver/driver.h"
#include "model/replica_set.h"

/* A set to be looked at. */
struct zpm_set_look {
	const struct zpm_replica_set *declared;
	struct zpm_set_view *view; /* out: in the arena */
};

/*
 * Looks at all sets at once, at the members that are declared and at those that
 * are live. Whoever does not answer is down, with the cause in its view: this
 * never fails.
 */
void zpm_sets_observe(
	const struct zpm_world *world, struct zpm_set_look *looks, size_t n, struct zpm_arena *arena);

/* Makes a set of the members in `config` on a host that is in none. `old` as in struct zpm_set_view. */
int zpm_set_initiate(const struct zpm_world *world, const char *host, const struct zpm_replica_set *config,
	bool old, struct zpm_err *err);

/* `host` is the primary. Never by force. */
int zpm_set_reconfigure(const struct zpm_world *world, const char *host, const struct zpm_replica_set *config,
	bool old, struct zpm_err *err);

/*
 * Has the primary step down and one of the secondaries follow: the one that is
 * not among `others`, who will not stand for election for a while. What keeps
 * another from being frozen is no failure: it may win then.
 */
int zpm_set_step_down(
	const struct zpm_world *world, const char *host, const struct zpm_strs *others, struct zpm_err *err);

/* Lets members that were frozen stand for election again. */
void zpm_set_unfreeze(const struct zpm_world *world, const struct zpm_strs *hosts);

#endif
