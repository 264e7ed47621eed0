/* The inside of the loop, shared by its waiting and its rounds. */
#ifndef ZPM_ENGINE_LOOP_PARTS_H
#define ZPM_ENGINE_LOOP_PARTS_H

#include "driver/events.h"
#include "driver/record.h"
#include "engine/loop.h"
#include "engine/loop_git.h"
#include "plan/pace.h"
#include "watch/watch.h"

/* An earlier revision that is in force in the place of the manifest; see engine/rollback.h. */
struct zpm_loop_back {
	int64_t revision;
	char hash[ZPM_DIGEST_SIZE], commit[41], by[ZPM_LEASE_HOLDER_SIZE];
};

struct zpm_loop {
	const struct zpm_loop_options *options;
	struct zpm_arena *arena; /* of what stays for as long as the loop */
	/* Of the first manifest: another platform or Engine takes another loop. */
	const char *platform;
	struct zpm_access access;
	struct zpm_reconcile rules; /* of the manifest in force; nothing unset */
	struct zpm_session *session;
	struct zpm_session *broken; /* of a manifest that is not in force; NULL: there is none */
	const char *mistakes;       /* what was told of it; the broken session's */
	struct zpm_watcher *watcher;
	struct zpm_events *events;
	struct zpm_lease *lease;
	struct zpm_records *records;
	struct zpm_git_watch *git;                            /* NULL: the manifest is a file */
	char commit[41];                                      /* of the manifest in force; "" without git */
	struct zpm_loop_back back;                            /* zeroed: the manifest itself is in force */
	char refused[41];                                     /* the last one whose manifest has mistakes */
	char refusal[sizeof(((struct zpm_err *)0)->msg)];     /* told of; "" when the plan is not refused */
	char git_trouble[sizeof(((struct zpm_err *)0)->msg)]; /* told of */
	struct zpm_pace *pace;
	struct zpm_pairs primaries; /* of each replica set, as seen last */
	struct zpm_strs drifted;    /* refs told of; in `told` */
	struct zpm_arena *told;
	char manifest[ZPM_DIGEST_SIZE]; /* hash of the one in force */
	char source[ZPM_DIGEST_SIZE];   /* hash of the file; the same, but for a rollback */
	uint64_t rollback;              /* version of the record that was heeded last; 0: there was none */
	bool settled;                   /* all of it has been applied once */
	bool recorded, converged;       /* it is in the history, and as one that has converged */
	bool behind;                    /* the last apply has not ended as converged */
	bool leads, paused, ending, reread;
	bool asked;  /* somebody wants to ask something */
	bool forced; /* what is found is applied now */
	uint64_t generation;
	unsigned failures; /* rounds in a row that could not look */
	unsigned looks;    /* in a row at what was applied and does not run yet */
	unsigned rounds;   /* since the session was made */
	int64_t due;       /* when the next round is, at the latest */
	atomic_int interrupts;
};

/* loop_manifest.c: reads the manifest, and puts it in force when it is good. */
int zpm_loop_load(struct zpm_loop *loop, struct zpm_err *err);
void zpm_loop_reload(struct zpm_loop *loop);

/* Somebody may have asked for an earlier revision since, or for the manifest itself again. */
int zpm_loop_heed_rollback(struct zpm_loop *loop, struct zpm_err *err);

/* Tells of trouble with the repository, and whether there is a commit to be read. */
bool zpm_loop_has_commit(struct zpm_loop *loop);

/* loop_record.c: notes in the history what has become of the manifest in force; NULL: all runs. */
void zpm_loop_record(struct zpm_loop *loop, const struct zpm_outcome *outcome);

/* loop_round.c: one look, and what follows from it. Sets `due`. */
void zpm_loop_round(struct zpm_loop *loop);

/* loop.c: takes in whatever has come, without waiting; true: there is reason for another round. */
bool zpm_loop_poll(struct zpm_loop *loop, int64_t wait);

void zpm_loop_tell(const struct zpm_loop *loop, enum zpm_loop_event event, const char *fmt, ...)
	ZPM_PRINTF(3, 4);

#endif
