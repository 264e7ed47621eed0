/*
 * From a replica set as it is to the one that is declared, in steps the
 * server takes: each a whole next configuration, or something to do or to wait
 * for in between. Pure, and never by force.
 *
 * The list is what is foreseen. After each step the set is to be observed and
 * compiled again: where all went as foreseen, the result is the rest of the
 * list.
 *
 * - At most one member gains or loses its vote in a step, and while it does, or
 *   waits for one that may, the voters that are up stay a majority.
 * - A new member comes without a vote; it gets one once it is a secondary, and its
 *   priority in a later step. An arbiter comes with its vote, which it has to have.
 * - A member loses its vote before it goes, one that is down first, one that is up
 *   when what takes its place has a vote.
 * - The primary changes once at most where the set of voters lets it: all that the
 *   next one needs comes first, then all priorities at once, then a step-down with the
 *   others frozen, then what the old primary loses.
 * - A declared host where a member answers that calls itself by another, undeclared
 *   name is that member renamed. It keeps its _id; the primary is the last. Any other
 *   new host is a new member. arbiterOnly and buildIndexes never change: such a
 *   member goes, and comes back as a new one, without what is not declared of it.
 * - Undeclared fields of a live member are kept. Its votes and priority too when it
 *   has some, or when it cannot lead because of another field nobody declared;
 *   otherwise it is on its way in, and gets 1 of each.
 *
 * What cannot be done, or not yet, is left out and told, and the rest is done. A
 * declared set that is wrong in itself is only told.
 */
#ifndef ZPM_PLAN_RECONFIGURE_H
#define ZPM_PLAN_RECONFIGURE_H

#include "base/clock.h"
#include "model/replica_set.h"

/* A secondary further behind is no successor yet: a step-down waits 10 s for it to catch up. */
#define ZPM_SUCCESSOR_LAG_MAX (10 * ZPM_S)

enum zpm_reconfigure_op {
	ZPM_RECONFIGURE_INITIATE,       /* replSetInitiate of `config`, one member, on `host` */
	ZPM_RECONFIGURE_CONFIG,         /* replSetReconfig to `config`, on the primary */
	ZPM_RECONFIGURE_STEP_DOWN,      /* freeze `hosts`, then `host` steps down for `successor` */
	ZPM_RECONFIGURE_AWAIT_COMMIT,   /* until a majority of the voters has the configuration */
	ZPM_RECONFIGURE_AWAIT_PRIMARY,  /* until the voters have elected one */
	ZPM_RECONFIGURE_AWAIT_MEMBERS,  /* until any of `hosts` is a secondary; all are foreseen to be */
	ZPM_RECONFIGURE_AWAIT_CATCH_UP, /* until `host` is near the primary */
};

struct zpm_reconfigure_step {
	enum zpm_reconfigure_op op;
	const struct zpm_replica_set *config; /* every field set, and the version to send; NULL: none */
	const char *host, *successor;
	struct zpm_strs hosts;
	struct zpm_strs changes; /* what `config` changes, one line each */
	size_t quorum, voters;   /* so many of the voters have to answer for it */
};

enum zpm_reconfigure_reason {
	/* The declared set is wrong, or another than the live one. There are no steps. */
	ZPM_REFUSE_DUPLICATE,   /* a host twice */
	ZPM_REFUSE_MEMBERS,     /* more than 50 */
	ZPM_REFUSE_VOTERS,      /* more than 7 */
	ZPM_REFUSE_UNELECTABLE, /* nobody could be primary */
	ZPM_REFUSE_MEMBER,      /* fields of a member contradict each other */
	ZPM_REFUSE_IDENTITY,    /* another name, or a config server's set that is none */
	/* The set is in no state to be changed. There are no steps. */
	ZPM_REFUSE_MAJORITY,   /* the voters that are up are no majority */
	ZPM_REFUSE_NO_PRIMARY, /* they are, and none of them can be elected */
	ZPM_REFUSE_INITIATE,   /* a member does not answer, or has been in a set: data could be lost */
	/* The rest is done. */
	ZPM_LEAVE_DOWN,      /* the member does not answer */
	ZPM_LEAVE_OTHER_SET, /* the host is in another set, or in this one under a name that stays */
	ZPM_LEAVE_MAJORITY,  /* without its vote the voters that are up were no majority */
	ZPM_LEAVE_LAST,      /* the primary, and no other member can take over */
	ZPM_LEAVE_NO_VOTE,   /* seven others have one, and keep it */
	ZPM_LEAVE_NO_PLACE,  /* fifty others are there, and stay */
};

/* True for those that leave no steps. */
bool zpm_reconfigure_is_refusal(enum zpm_reconfigure_reason reason);

struct zpm_reconfigure_trouble {
	enum zpm_reconfigure_reason reason;
	const char *host;  /* NULL: the whole set */
	const char *text;  /* what is wrong, and what to do */
	const char *force; /* what only a person may run, and where; NULL: it would not help */
};

struct zpm_reconfigure {
	struct zpm_ptrs steps;    /* struct zpm_reconfigure_step; none: all is as declared, or trouble */
	struct zpm_ptrs troubles; /* struct zpm_reconfigure_trouble: what is not done, and why */
	size_t elections;         /* how often the steps change the primary */
	/* The set as it is, every field set (NULL: it is not initiated), and as it is to be: declared and
	 * kept. */
	const struct zpm_replica_set *live, *target;
};

/* Borrows its arguments; the result lives in the arena. */
struct zpm_reconfigure *zpm_reconfigure_compile(
	const struct zpm_replica_set *declared, const struct zpm_set_view *observed, struct zpm_arena *arena);

/* What a step does, in a line; NULL: it only waits. */
const char *zpm_reconfigure_step_text(const struct zpm_reconfigure_step *step, struct zpm_arena *arena);

/* What is wrong, with whom, and what only a person may do about it, in a line. */
const char *zpm_reconfigure_trouble_text(
	const struct zpm_reconfigure_trouble *trouble, struct zpm_arena *arena);

#endif
