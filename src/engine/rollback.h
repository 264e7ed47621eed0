/*
 * An earlier revision in force in the place of the manifest, until that changes: a record in the Swarm with
 * all that the revision said, so that every `zpm run` heeds it, and no trimmed history takes it away.
 */
#ifndef ZPM_ENGINE_ROLLBACK_H
#define ZPM_ENGINE_ROLLBACK_H

#include "engine/history.h"

struct zpm_rollback {
	int64_t revision;
	const char *hash, *commit;     /* of that revision; no commit: NULL */
	const char *replaced, *onward; /* the manifest, by its hash and commit, in whose place it is */
	const char *by, *since;
	const char *manifest; /* as zpm_manifest_restore() takes it */
	const struct zpm_record *record;
};

/* `*rollback`, in the arena; NULL: there is none. */
int zpm_rollback_read(struct zpm_records *records, const char *platform, struct zpm_arena *arena,
	const struct zpm_rollback **rollback, struct zpm_err *err);

/* Does it stand for a manifest of this hash and commit ("": none)? Another one is to be applied itself. */
bool zpm_rollback_replaces(const struct zpm_rollback *rollback, const char *hash, const char *commit);

/*
 * Puts a revision in force, in the place of another rollback too. ZPM_EINVALID: there is no such revision;
 * ZPM_EREFUSED: its manifest was not kept, or it is the one in force.
 */
int zpm_rollback_to(struct zpm_records *records, const char *platform, int64_t revision, const char *by,
	struct zpm_err *err);

/* The manifest itself is in force again. */
int zpm_rollback_end(struct zpm_records *records, const char *platform, struct zpm_err *err);

#endif
