/*
 * What was applied, when, by whom and from which commit: a record in the Swarm for each revision of a
 * manifest (driver/record.h), the oldest making room. What secrets hold is in none of them.
 */
#ifndef ZPM_ENGINE_HISTORY_H
#define ZPM_ENGINE_HISTORY_H

#include "driver/record.h"
#include "manifest/manifest.h"
#include "plan/plan.h"

/* How many are kept where a manifest does not say. */
#define ZPM_HISTORY_KEPT 20

struct zpm_revision {
	int64_t number;        /* from 1; 0 for one that is to be added */
	const char *hash;      /* of the manifest */
	const char *commit;    /* NULL: it came from a file */
	const char *when, *by; /* since when it is in force, and who put it there */
	const char *summary;   /* "2 creates, 1 update" */
	const char *outcome;   /* of enum zpm_result */
	const char *manifest;  /* see zpm_manifest_store(); NULL: too large to be kept */
	const struct zpm_record *record;
};

/* Adds a struct zpm_revision for each, the latest first; all in the arena. */
int zpm_history_list(struct zpm_records *records, const char *platform, struct zpm_arena *arena,
	struct zpm_ptrs *revisions, struct zpm_err *err);

/* Of a list that was given; NULL: there is none of that number. */
const struct zpm_revision *zpm_history_find(const struct zpm_ptrs *revisions, int64_t number);

/* Adds one, with its manifest, and removes all but the latest `keep`. */
int zpm_history_add(struct zpm_records *records, const struct zpm_manifest *manifest,
	const struct zpm_revision *revision, int64_t keep, struct zpm_err *err);

/*
 * Notes what has become of a manifest that a person has applied: a revision of its own, unless the latest one
 * is of that very manifest, whose outcome it then is. Numbers of revisions that are kept: `keep`.
 */
int zpm_history_note(struct zpm_records *records, const struct zpm_manifest *manifest,
	const struct zpm_revision *revision, int64_t keep, struct zpm_err *err);

/* "2 creates, 1 update", or "no changes"; in the arena. */
const char *zpm_history_summary(const struct zpm_plan *plan, struct zpm_arena *arena);

/* What has become of the latest since. */
int zpm_history_settle(
	struct zpm_records *records, const char *platform, const char *outcome, struct zpm_err *err);

#endif
