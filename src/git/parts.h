/* What the parts of a sync share. Internal to git/. */
#ifndef ZPM_GIT_PARTS_H
#define ZPM_GIT_PARTS_H

#include "base/buf.h"
#include "git/git.h"
#include "git/library.h"

/* One sync under way. */
struct zpm_git {
	const struct zpm_libgit2 *lib;
	const struct zpm_git_options *options;
	const char *folder;
	struct zpm_arena *arena;
	git_repository *repository;
	const char *ref; /* of the last commit that was checked out, whose history is known */
};

/* sync.c: is it the commit that was taken last? */
bool zpm_git_is_last(const struct zpm_git *git, const git_oid *id);

/* fetch.c: the commit that the branch is at on the server, with all it consists of in the repository. */
int zpm_git_fetch(const struct zpm_git *git, git_oid *id, struct zpm_err *err);

/* host_key.c: is it one of the host's in `knownHosts`? False as well when that cannot be found out. */
bool zpm_git_knows_host(const struct zpm_git *git, const git_cert_hostkey *key);

/* checkout.c: the files of a commit in `folder`/tree-ID, as a whole. Does nothing when it is there. */
int zpm_git_checkout(
	const struct zpm_git *git, const git_commit *commit, const char *tree, struct zpm_err *err);

/* Removes a folder with all in it; what cannot be removed stays. */
void zpm_git_remove_folder(const char *folder);

/* compact.c: joins what many fetches have left, when it can; keeps the history of this commit only. */
void zpm_git_compact(const struct zpm_git *git, const git_oid *id);

/* signature.c: has the commit a signature of somebody whom `verifySignatures` names? */
int zpm_git_verify(const struct zpm_git *git, const git_oid *id, const char *commit, struct zpm_err *err);

/*
 * keygen.c: runs ssh-keygen, with a file as its input (NULL: none), and what it prints, as far as there is
 * room in `out`. Its exit code; -1 and `err` when it cannot be run.
 */
int zpm_git_keygen(const char *const *args, const char *input, struct zpm_buf *out, struct zpm_err *err);

#endif
