/*
 * What was applied, when, by whom and from which commit: a record in the Swarm for each revision of a
 * manifest (driver/record.h), the oldest making room. What secrets hold is in none of them.
 */
#ifndef ZPM_ENGINE_HISTORY_H
#define ZPM_ENGINE_HISTORY_H

#include "driver/record.h"
#include "model/platform.h"

struct zpm_revision {
	int64_t number;        /* from 1; 0 for one that is to be added */
	const char *hash;      /* of the manifest */
	const char *commit;    /* NULL: it came from a file */
	const char *when, *by; /* since when it is in force, and who put it there */
	const char *summary;   /* "2 creates, 1 update" */
	const char *outcome;   /* of enum zpm_result */
	const char *manifest;  /* as YAML; NULL: too large to be kept */
	const struct zpm_record *record;
};

/* Adds a struct zpm_revision for each, the latest first; all in the arena. */
int zpm_history_list(struct zpm_records *records, const char *platform, struct zpm_arena *arena,
	struct zpm_ptrs *revisions, struct zpm_err *err);

/* Adds one, with the platform as its manifest, and removes all but the latest `keep`. */
int zpm_history_add(struct zpm_records *records, const struct zpm_platform *platform,
	const struct zpm_revision *revision, int64_t keep, struct zpm_err *err);

/* What has become of the latest since. */
int zpm_history_settle(
	struct zpm_records *records, const char *platform, const char *outcome, struct zpm_err *err);

#endif
