/*
 * libgit2, loaded with the first repository: it brings a dozen libraries along, which a command that wants
 * nothing of git is not to wait for. For git/ only.
 */
#ifndef ZPM_GIT_LIBRARY_H
#define ZPM_GIT_LIBRARY_H

#include "base/err.h"

#include <git2.h>

/* The functions that are used, without the prefix git_. */
#define ZPM_LIBGIT2(X)                                                                                       \
	X(libgit2_init)                                                                                      \
	X(libgit2_opts)                                                                                      \
	X(error_last)                                                                                        \
	X(repository_init)                                                                                   \
	X(repository_free)                                                                                   \
	X(remote_create_with_opts)                                                                           \
	X(remote_create_options_init)                                                                        \
	X(remote_connect)                                                                                    \
	X(remote_default_branch)                                                                             \
	X(remote_ls)                                                                                         \
	X(remote_download)                                                                                   \
	X(remote_free)                                                                                       \
	X(fetch_options_init)                                                                                \
	X(credential_userpass_plaintext_new)                                                                 \
	X(credential_ssh_key_new)                                                                            \
	X(credential_username_new)                                                                           \
	X(reference_create)                                                                                  \
	X(reference_free)                                                                                    \
	X(reference_name_to_id)                                                                              \
	X(graph_descendant_of)                                                                               \
	X(object_lookup)                                                                                     \
	X(object_peel)                                                                                       \
	X(object_id)                                                                                         \
	X(object_free)                                                                                       \
	X(commit_lookup)                                                                                     \
	X(commit_author)                                                                                     \
	X(commit_summary)                                                                                    \
	X(commit_time)                                                                                       \
	X(commit_tree)                                                                                       \
	X(commit_extract_signature)                                                                          \
	X(commit_free)                                                                                       \
	X(tree_free)                                                                                         \
	X(tree_walk)                                                                                         \
	X(tree_entry_name)                                                                                   \
	X(tree_entry_id)                                                                                     \
	X(tree_entry_filemode_raw)                                                                           \
	X(repository_odb)                                                                                    \
	X(odb_read_header)                                                                                   \
	X(odb_free)                                                                                          \
	X(blob_lookup)                                                                                       \
	X(blob_rawcontent)                                                                                   \
	X(blob_rawsize)                                                                                      \
	X(blob_free)                                                                                         \
	X(buf_dispose)                                                                                       \
	X(oid_tostr)                                                                                         \
	X(oid_cmp)

struct zpm_libgit2 {
#define ZPM_LIBGIT2_MEMBER(name) __typeof__(git_##name) *name;
	ZPM_LIBGIT2(ZPM_LIBGIT2_MEMBER)
#undef ZPM_LIBGIT2_MEMBER
};

/* The library, for the rest of the process; NULL, and `err`, where it cannot be loaded. Any thread may ask.
 */
const struct zpm_libgit2 *zpm_libgit2_load(struct zpm_err *err);

/* What the library last failed with in this thread; never NULL. */
const char *zpm_libgit2_why(const struct zpm_libgit2 *git);

#endif
