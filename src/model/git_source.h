/* Where a manifest comes from when it is kept in git: the section `reconcile.git`. */
#ifndef ZPM_MODEL_GIT_SOURCE_H
#define ZPM_MODEL_GIT_SOURCE_H

#include "model/field.h"

#include <stdbool.h>

struct zpm_git_source {
	const char *url;
	const char *branch; /* NULL: the one that the server says */
	const char *path; /* of the manifest or the folder it is in, in the repository; NULL: ZPM_GIT_PATH */
	int64_t interval; /* in nanoseconds */
	const char *ssh_key, *known_hosts, *credentials, *verify_signatures; /* files */
};

#define ZPM_GIT_PATH "securaa.yaml"
#define ZPM_GIT_URL_EXPECTED                                                                                 \
	"a URL with https://, ssh:// or file://, or user@host:path, without a password in it"

extern const struct zpm_shape zpm_git_source_shape;

/* Is it one that is talked to: also for a URL that is no field of a manifest. */
bool zpm_git_url_is_valid(const char *url);

#endif
