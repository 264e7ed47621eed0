/* Labels hold what lists show, the data the manifest. */
#include "engine/history.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LABEL          "zpm.history"
#define LABEL_REVISION LABEL ".revision"
#define LABEL_HASH     LABEL ".manifest"
#define LABEL_COMMIT   LABEL ".commit"
#define LABEL_WHEN     LABEL ".when"
#define LABEL_BY       LABEL ".by"
#define LABEL_SUMMARY  LABEL ".summary"
#define LABEL_OUTCOME  LABEL ".outcome"

#define TOO_LARGE "# The manifest is too large to be kept.\n"

static int by_number(const void *a, const void *b)
{
	const struct zpm_revision *left = *(void *const *)a, *right = *(void *const *)b;

	return (left->number < right->number) - (left->number > right->number);
}

static struct zpm_revision *read_record(const struct zpm_record *record, struct zpm_arena *arena)
{
	struct zpm_revision *revision = zpm_arena_alloc(arena, sizeof(*revision));
	const char *number = zpm_pairs_get(&record->labels, LABEL_REVISION);

	revision->number = number ? strtoll(number, NULL, 10) : 0;
	revision->hash = zpm_pairs_get(&record->labels, LABEL_HASH);
	revision->commit = zpm_pairs_get(&record->labels, LABEL_COMMIT);
	revision->when = zpm_pairs_get(&record->labels, LABEL_WHEN);
	revision->by = zpm_pairs_get(&record->labels, LABEL_BY);
	revision->summary = zpm_pairs_get(&record->labels, LABEL_SUMMARY);
	revision->outcome = zpm_pairs_get(&record->labels, LABEL_OUTCOME);
	revision->manifest = strcmp(record->data, TOO_LARGE) ? record->data : NULL;
	revision->record = record;
	return revision;
}

int zpm_history_list(struct zpm_records *records, const char *platform, struct zpm_arena *arena,
	struct zpm_ptrs *revisions, struct zpm_err *err)
{
	struct zpm_ptrs list = { 0 };

	if (zpm_records_list(records, LABEL, platform, arena, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++)
		zpm_ptrs_push(arena, revisions, read_record(list.v[i], arena));
	if (revisions->n)
		qsort(revisions->v, revisions->n, sizeof(*revisions->v), by_number);
	return 0;
}

const struct zpm_revision *zpm_history_find(const struct zpm_ptrs *revisions, int64_t number)
{
	for (size_t i = 0; i < revisions->n; i++) {
		const struct zpm_revision *revision = revisions->v[i];

		if (revision->number == number)
			return revision;
	}
	return NULL;
}

static void add_label(struct zpm_record *record, const char *key, const char *value, struct zpm_arena *arena)
{
	if (value)
		zpm_pairs_set(arena, &record->labels, key, value);
}

static const char *manifest_text(const struct zpm_manifest *manifest, struct zpm_arena *arena)
{
	struct zpm_err err;
	ZPM_BUF out = { 0 };

	if (zpm_manifest_store(manifest, &out, &err) < 0 || out.len >= ZPM_RECORD_MAX)
		return TOO_LARGE;
	return zpm_arena_strdup(arena, out.data);
}

static int create(struct zpm_records *records, const struct zpm_manifest *manifest,
	const struct zpm_revision *revision, int64_t number, struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_record record = { .data = manifest_text(manifest, arena) };
	const char *platform = manifest->platform->platform;
	const char *digits = zpm_arena_printf(arena, "%" PRId64, number);
	char when[ZPM_TIME_SIZE];

	zpm_time_text(zpm_clock_wall(), when);
	record.len = strlen(record.data);
	record.name = zpm_record_name("history", zpm_arena_printf(arena, "%s-%s", platform, digits), arena);
	add_label(&record, ZPM_LABEL_RECORD, platform, arena);
	add_label(&record, LABEL, platform, arena);
	add_label(&record, LABEL_REVISION, digits, arena);
	add_label(&record, LABEL_HASH, revision->hash, arena);
	add_label(&record, LABEL_COMMIT, revision->commit, arena);
	add_label(&record, LABEL_WHEN, when, arena);
	add_label(&record, LABEL_BY, revision->by, arena);
	add_label(&record, LABEL_SUMMARY, revision->summary, arena);
	add_label(&record, LABEL_OUTCOME, revision->outcome, arena);
	return zpm_record_create(records, &record, err);
}

static int trim(
	struct zpm_records *records, const struct zpm_ptrs *revisions, int64_t keep, struct zpm_err *err)
{
	/* One has just been added to those that were listed. */
	for (size_t i = keep > 0 ? (size_t)keep - 1 : 0; i < revisions->n; i++) {
		const struct zpm_revision *old = revisions->v[i];

		if (zpm_record_remove(records, old->record->id, err) < 0)
			return -1;
	}
	return 0;
}

int zpm_history_add(struct zpm_records *records, const struct zpm_manifest *manifest,
	const struct zpm_revision *revision, int64_t keep, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_ptrs revisions = { 0 };
	int64_t last;
	int result = zpm_history_list(records, manifest->platform->platform, arena, &revisions, err);

	last = revisions.n ? ((const struct zpm_revision *)revisions.v[0])->number : 0;
	if (!result)
		result = create(records, manifest, revision, last + 1, arena, err);
	if (!result)
		result = trim(records, &revisions, keep, err);
	zpm_arena_free(arena);
	return result;
}

int zpm_history_settle(
	struct zpm_records *records, const char *platform, const char *outcome, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_ptrs revisions = { 0 };
	int result = zpm_history_list(records, platform, arena, &revisions, err);

	if (!result && revisions.n) {
		const struct zpm_record *record = ((const struct zpm_revision *)revisions.v[0])->record;
		struct zpm_pairs labels = { 0 };

		for (size_t i = 0; i < record->labels.n; i++)
			zpm_pairs_set(arena, &labels, record->labels.v[i].key, record->labels.v[i].value);
		zpm_pairs_set(arena, &labels, LABEL_OUTCOME, outcome);
		result = zpm_record_relabel(records, record, &labels, err);
	}
	zpm_arena_free(arena);
	return result;
}

static bool is_of(const struct zpm_revision *latest, const struct zpm_revision *revision)
{
	return latest->hash && !strcmp(latest->hash, revision->hash) &&
	       !strcmp(latest->commit ? latest->commit : "", revision->commit ? revision->commit : "");
}

int zpm_history_note(struct zpm_records *records, const struct zpm_manifest *manifest,
	const struct zpm_revision *revision, int64_t keep, struct zpm_err *err)
{
	const char *platform = manifest->platform->platform;
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_ptrs revisions = { 0 };
	const struct zpm_revision *latest;
	int result = zpm_history_list(records, platform, arena, &revisions, err);

	latest = revisions.n ? revisions.v[0] : NULL;
	if (!result && !(latest && is_of(latest, revision)))
		result = zpm_history_add(records, manifest, revision, keep, err);
	else if (!result && (!latest->outcome || strcmp(latest->outcome, revision->outcome) != 0))
		result = zpm_history_settle(records, platform, revision->outcome, err);
	zpm_arena_free(arena);
	return result;
}

const char *zpm_history_summary(const struct zpm_plan *plan, struct zpm_arena *arena)
{
	const char *text = "";

	for (int action = ZPM_ACTION_CREATE; action < ZPM_ACTION_COUNT; action++) {
		size_t n = plan->counts[action];

		if (n)
			text = zpm_arena_printf(arena, "%s%s%zu %s%s", text, *text ? ", " : "", n,
				zpm_action_names[action], n == 1 ? "" : "s");
	}
	return *text ? text : "no changes";
}
