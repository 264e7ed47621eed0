/*
 * Replica sets for tests, written as a list of members, and a simulation of
 * one that keeps the server's rules: written from the manual, and not from the code under test.
 */
#ifndef ZPM_TESTS_SET_CASE_H
#define ZPM_TESTS_SET_CASE_H

#include "support.h"

#include "plan/reconfigure.h"

/* A set as the server has it, and as it is seen. */
struct sim {
	struct zpm_arena *arena;
	struct zpm_replica_set *config; /* NULL: not initiated */
	struct zpm_ptrs views;          /* struct zpm_member_view */
	bool committed;
	size_t elections;
	const char *due; /* who is to be primary before anything else happens, by priority; NULL: nobody */
};

/*
 * Members as "HOST PRIORITY[/VOTES] [arbiter] [hidden] [delay=SECONDS] [id=N] [tag=VALUE]", parted by commas;
 * what is not said is unset. `live`: with every field set, and ids from 0 on.
 */
struct zpm_replica_set *given_set(struct test *t, const char *members, bool live);

/* A live set in which all are up, the first member is primary, and the others follow. NULL: nobody is in a
 * set. */
struct sim given_sim(struct test *t, const char *members);

/* The view of a host, added when there is none: in no set. */
struct zpm_member_view *sim_view(struct sim *sim, const char *host);

struct zpm_set_view sim_observe(const struct sim *sim);

/* The host that takes writes; NULL: none. */
const char *sim_primary(const struct sim *sim);

/* Carries out a step, failing the test when the server would refuse it, or it would never end. */
void sim_step(struct sim *sim, const struct zpm_reconfigure_step *step);

/* Helpers that know nothing of the compiler. */
bool sim_is_up(const struct sim *sim, const char *host);
bool sim_is_ready(const struct sim *sim, const char *host);
bool sim_can_lead(const struct zpm_set_member *member);
size_t sim_voters(const struct zpm_replica_set *set);
size_t sim_voters_up(const struct sim *sim, const struct zpm_replica_set *set);

#endif
