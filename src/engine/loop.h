/*
 * The continuous reconciler: one thread that waits for files, the Engine's events, the lease, requests and
 * time, and on each of them observes, plans and, when it leads, applies, until it is told to end.
 *
 *   a manifest that is broken  -> the last good one stays in force
 *   something fails            -> that object is tried again ever more seldom, the others as ever
 *   a change while it applies  -> no further step begins, and it plans anew
 *   the lease is lost          -> not one more write, and it looks on
 */
#ifndef ZPM_ENGINE_LOOP_H
#define ZPM_ENGINE_LOOP_H

#include "engine/apply.h"
#include "engine/lease.h"

enum zpm_loop_event {
	ZPM_LOOP_LEADS,       /* the lease is ours */
	ZPM_LOOP_FOLLOWS,     /* it is somebody else's, or nobody's */
	ZPM_LOOP_MANIFEST,    /* another manifest is in force */
	ZPM_LOOP_MISTAKES,    /* the manifest has mistakes; the one before stays in force */
	ZPM_LOOP_DRIFT,       /* somebody changed something */
	ZPM_LOOP_APPLIES,     /* changes are about to be made */
	ZPM_LOOP_CONVERGED,   /* they have been made, and all runs */
	ZPM_LOOP_PARTIAL,     /* not all of them, or not all runs */
	ZPM_LOOP_INTERRUPTED, /* something has changed meanwhile, and it is planned anew */
	ZPM_LOOP_FAILOVER,    /* another member of a replica set is primary */
	ZPM_LOOP_REFUSED,     /* a person has to decide about the plan */
	ZPM_LOOP_TROUBLE,     /* the Engine cannot be asked, or what is like that */
	ZPM_LOOP_PAUSED,
	ZPM_LOOP_RESUMED,
	ZPM_LOOP_EVENT_COUNT,
};

extern const char *const zpm_loop_event_names[ZPM_LOOP_EVENT_COUNT];

struct zpm_loop;

/* What was seen in one round. Valid during the call. */
struct zpm_loop_look {
	struct zpm_loop *loop;             /* whose history may be asked for */
	const struct zpm_session *session; /* with its plan; of the manifest in force */
	const struct zpm_ptrs *statuses;   /* struct zpm_status */
	const struct zpm_diags *mistakes;  /* of a manifest that is not in force for them; NULL: none */
	const struct zpm_outcome *outcome; /* of what has just been applied; NULL: nothing has */
	struct zpm_lease_view lease;
	const char *paused;   /* by whom, since when and why; NULL: it is not */
	const char *manifest; /* the hash of the one in force */
	const char *commit;   /* of the manifest in force; NULL: it came from a file */
	int64_t rolled_back;  /* to this revision; 0: the manifest itself is in force */
	uint64_t generation;  /* another one whenever the manifest, or a file it is made of, was read again */
};

/* Called by the loop's thread, which waits for it. */
struct zpm_loop_observer {
	/* Something has happened: once, not as long as it lasts. `text` is one line, safe to show. */
	void (*tell)(void *ctx, enum zpm_loop_event event, const char *text);
	void (*look)(void *ctx, const struct zpm_loop_look *look);
	/* How far an apply has come: about once a second while there is one. May be NULL. */
	void (*runs)(void *ctx, const struct zpm_runs *runs);
	/* Somebody has something to ask of the loop (see `signals`), and may do so now. May be NULL. */
	void (*asked)(void *ctx, struct zpm_loop *loop);
	/* It waits again; now and then also in the middle of an apply. May be NULL. */
	void (*alive)(void *ctx);
	void *ctx;
};

struct zpm_loop_options {
	struct zpm_session_options session;
	struct zpm_loop_observer observer;
	const char *holder; /* of the lease */
	const char *state;  /* a private folder for what comes from git; made when it is needed */
	unsigned parallel;
	int64_t timeout; /* of what an apply waits for */
	/* Readable when a signal has come, to be read as one byte each: 'h' reads the manifest again, 'c'
	 * calls `asked` soon, anything else ends the loop. */
	int signals;
};

/*
 * Runs until it is told to end, and then lets go of the lease. Blocks. Fails where it cannot begin: with
 * ZPM_EINVALID and `*mistakes` (in `arena`) when the manifest is wrong, or as connecting to an Engine.
 */
int zpm_loop_run(const struct zpm_loop_options *options, struct zpm_arena *arena, struct zpm_diags *mistakes,
	struct zpm_err *err);

/*
 * What may be asked of it, from within `asked`. All block on the Engine, and fail with its errors; another
 * round follows at once.
 */

/* Stops or starts services, and waits for no task. ZPM_EINVALID: no such service; ZPM_EREFUSED, ZPM_EFAILED.
 */
int zpm_loop_operate(struct zpm_loop *loop, const struct zpm_request *request, struct zpm_err *err);

/* The next round applies what it finds, whatever windows, `selfHeal` and the pace say. ZPM_EREFUSED: it is
 * paused, or looks on. */
int zpm_loop_apply_now(struct zpm_loop *loop, struct zpm_err *err);

/* As zpm_pause(), zpm_resume() and zpm_rollback_to(). */
int zpm_loop_pause(struct zpm_loop *loop, const char *by, const char *reason, struct zpm_err *err);
int zpm_loop_resume(struct zpm_loop *loop, struct zpm_err *err);
int zpm_loop_rollback(struct zpm_loop *loop, int64_t revision, const char *by, struct zpm_err *err);

/* As zpm_history_list(). */
int zpm_loop_history(
	struct zpm_loop *loop, struct zpm_arena *arena, struct zpm_ptrs *revisions, struct zpm_err *err);

#endif
