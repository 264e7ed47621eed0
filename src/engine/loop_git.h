/*
 * The manifest's repository, looked at again and again by a thread of its own, so that a server that is slow
 * keeps nobody from repairing drift.
 */
#ifndef ZPM_ENGINE_LOOP_GIT_H
#define ZPM_ENGINE_LOOP_GIT_H

#include "base/arena.h"
#include "git/git.h"

struct zpm_git_watch;

/* What is known of the repository. */
struct zpm_git_view {
	bool known; /* there is a revision */
	struct zpm_git_revision revision;
	struct zpm_err trouble; /* of the last look; code 0: none */
};

/*
 * Takes what was checked out last, or fetches for the first time, which blocks; then goes on in the
 * background. `source` is copied. The caller frees.
 */
int zpm_git_watch_new(const struct zpm_git_source *source, const char *base, const char *folder,
	struct zpm_git_watch **out, struct zpm_err *err);
void zpm_git_watch_free(struct zpm_git_watch *watch);

/* Readable when the view may be another one; reading is the caller's (an eventfd). */
int zpm_git_watch_fd(const struct zpm_git_watch *watch);

struct zpm_git_view zpm_git_watch_view(struct zpm_git_watch *watch);

/* Looks at once. */
void zpm_git_watch_poke(struct zpm_git_watch *watch);

#endif
