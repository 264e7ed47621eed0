/*
 * Manifests from a git repository. The only user of libgit2, which is loaded when it is needed.
 *
 * Everything here blocks, and is for one thread at a time, of the whole process. Only files are written, all
 * of them below one private folder; nothing that a repository brings along (hooks, filters, submodules, its
 * configuration) has any effect, nor has the user's configuration of git.
 *
 * How long a server may be silent is the system's to say once it has been reached: this version of libgit2
 * has no time-out of its own. What it sends ends when `timeout` is over or `canceled` is set.
 */
#ifndef ZPM_GIT_GIT_H
#define ZPM_GIT_GIT_H

#include "base/err.h"
#include "model/git_source.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>

enum zpm_git_limit {
	ZPM_GIT_MAX_FILES = 10000,              /* of one commit, folders among them */
	ZPM_GIT_MAX_DEPTH = 32,                 /* folders in each other */
	ZPM_GIT_MAX_BYTES = 64 * 1024 * 1024,   /* of all files of one commit */
	ZPM_GIT_MAX_FETCH = 1024 * 1024 * 1024, /* that a server may send at once */
};

struct zpm_git_options {
	const struct zpm_git_source *source;
	const char *base;            /* the folder that the source's files are named from */
	int64_t timeout;             /* for all that a server sends, in nanoseconds; 0: ZPM_GIT_TIMEOUT */
	const atomic_bool *canceled; /* may be set by any thread; NULL: never */
};

#define ZPM_GIT_TIMEOUT (120LL * 1000 * 1000 * 1000)

/* What has been checked out. */
struct zpm_git_revision {
	char id[41];             /* of the commit, in hexadecimal */
	char author[128];        /* as the commit says; shortened where it is too long, as is the next */
	char summary[256];       /* the first line of its message */
	int64_t time;            /* of the commit, in seconds since 1970 */
	bool changed;            /* another one than the one before */
	bool rewound;            /* one that does not follow from the one before: history was rewritten */
	char tree[PATH_MAX];     /* the folder with its files */
	char manifest[PATH_MAX]; /* the file to load, in it */
};

/*
 * Fetches the branch into `folder` (made when it is missing, for its owner alone) and checks out what it is
 * at, whole or not at all. The checkout stays until two others have followed. One process at a time has the
 * folder: ZPM_EBUSY. When it fails, what was checked out before stays, to be had by zpm_git_last():
 *
 * ZPM_EUNAVAIL: the server cannot be reached. ZPM_ECANCELED: `canceled`. ZPM_ENOTFOUND: there is no such
 * repository, branch or path. ZPM_EREFUSED: the server is not who it should be, the commit's signature is
 * not one of those who may sign, or its files are not what is taken. ZPM_EINVALID: a file that the source
 * names is not usable. ZPM_EFAILED: all else.
 */
int zpm_git_sync(const struct zpm_git_options *options, const char *folder, struct zpm_git_revision *revision,
	struct zpm_err *err);

/* The last revision of this source that was checked out, without asking anybody; ZPM_ENOTFOUND: none. */
int zpm_git_last(const struct zpm_git_options *options, const char *folder, struct zpm_git_revision *revision,
	struct zpm_err *err);

#endif
