/* There is a record as long as a revision is in force. See rollback.h. */
#include "engine/rollback.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LABEL          "zpm.rollback"
#define LABEL_REVISION LABEL ".revision"
#define LABEL_HASH     LABEL ".manifest"
#define LABEL_COMMIT   LABEL ".commit"
#define LABEL_REPLACED LABEL ".replaced"
#define LABEL_ONWARD   LABEL ".replaced.commit"
#define LABEL_BY       LABEL ".by"
#define LABEL_SINCE    LABEL ".since"

static const struct zpm_rollback *read_record(const struct zpm_record *record, struct zpm_arena *arena)
{
	struct zpm_rollback *rollback = zpm_arena_alloc(arena, sizeof(*rollback));
	const char *number = zpm_pairs_get(&record->labels, LABEL_REVISION);

	*rollback = (struct zpm_rollback){
		.revision = number ? strtoll(number, NULL, 10) : 0,
		.hash = zpm_pairs_get(&record->labels, LABEL_HASH),
		.commit = zpm_pairs_get(&record->labels, LABEL_COMMIT),
		.replaced = zpm_pairs_get(&record->labels, LABEL_REPLACED),
		.onward = zpm_pairs_get(&record->labels, LABEL_ONWARD),
		.by = zpm_pairs_get(&record->labels, LABEL_BY),
		.since = zpm_pairs_get(&record->labels, LABEL_SINCE),
		.manifest = record->data,
		.record = record,
	};
	return rollback;
}

int zpm_rollback_read(struct zpm_records *records, const char *platform, struct zpm_arena *arena,
	const struct zpm_rollback **rollback, struct zpm_err *err)
{
	struct zpm_ptrs list = { 0 };

	*rollback = NULL;
	if (zpm_records_list(records, LABEL, platform, arena, &list, err) < 0)
		return -1;
	/* There are two while one takes the other's place: the later one counts. */
	for (size_t i = 0; i < list.n; i++) {
		const struct zpm_rollback *one = read_record(list.v[i], arena);

		if (!*rollback || one->record->version > (*rollback)->record->version)
			*rollback = one;
	}
	return 0;
}

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

bool zpm_rollback_replaces(const struct zpm_rollback *rollback, const char *hash, const char *commit)
{
	return same(rollback->replaced, hash) && same(rollback->onward, commit);
}

static void add_label(struct zpm_record *record, const char *key, const char *value, struct zpm_arena *arena)
{
	if (value)
		zpm_pairs_set(arena, &record->labels, key, value);
}

static int create(struct zpm_records *records, const char *platform, const struct zpm_rollback *rollback,
	struct zpm_arena *arena, struct zpm_err *err)
{
	const char *digits = zpm_arena_printf(arena, "%" PRId64, rollback->revision);
	char since[ZPM_TIME_SIZE];
	struct zpm_record record = { .data = rollback->manifest, .len = strlen(rollback->manifest) };

	zpm_time_text(zpm_clock_wall(), since);
	/* A name of its own, so that it can be there beside the one it follows. */
	record.name = zpm_record_name(
		"rollback", zpm_arena_printf(arena, "%s-%" PRId64, platform, zpm_clock_wall()), arena);
	add_label(&record, ZPM_LABEL_RECORD, platform, arena);
	add_label(&record, LABEL, platform, arena);
	add_label(&record, LABEL_REVISION, digits, arena);
	add_label(&record, LABEL_HASH, rollback->hash, arena);
	add_label(&record, LABEL_COMMIT, rollback->commit, arena);
	add_label(&record, LABEL_REPLACED, rollback->replaced, arena);
	add_label(&record, LABEL_ONWARD, rollback->onward, arena);
	add_label(&record, LABEL_BY, rollback->by, arena);
	add_label(&record, LABEL_SINCE, since, arena);
	return zpm_record_create(records, &record, err);
}

/* Of whom the history has the latest revision, unless that is a rollback itself. */
static void set_replaced(
	struct zpm_rollback *rollback, const struct zpm_rollback *before, const struct zpm_revision *latest)
{
	rollback->replaced = before ? before->replaced : latest->hash;
	rollback->onward = before ? before->onward : latest->commit;
}

static int put(struct zpm_records *records, const char *platform, int64_t number, const char *by,
	struct zpm_arena *arena, struct zpm_err *err)
{
	const struct zpm_revision *revision, *latest;
	const struct zpm_rollback *before;
	struct zpm_ptrs revisions = { 0 };
	struct zpm_rollback rollback = { .revision = number, .by = by };

	if (zpm_history_list(records, platform, arena, &revisions, err) < 0 ||
		zpm_rollback_read(records, platform, arena, &before, err) < 0)
		return -1;
	revision = zpm_history_find(&revisions, number);
	if (!revision)
		return zpm_err_set(err, ZPM_EINVALID, "there is no revision %" PRId64, number);
	latest = revisions.v[0];
	if (!revision->manifest)
		return zpm_err_set(err, ZPM_EREFUSED,
			"the manifest of revision %" PRId64 " was too large to be kept", number);
	if (same(revision->hash, latest->hash) && same(revision->commit, latest->commit))
		return zpm_err_set(
			err, ZPM_EREFUSED, "revision %" PRId64 " says what is in force already", number);
	rollback.hash = revision->hash;
	rollback.commit = revision->commit;
	rollback.manifest = revision->manifest;
	set_replaced(&rollback, before, latest);
	if (create(records, platform, &rollback, arena, err) < 0)
		return -1;
	return before ? zpm_record_remove(records, before->record->id, err) : 0;
}

int zpm_rollback_to(struct zpm_records *records, const char *platform, int64_t revision, const char *by,
	struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	int result = put(records, platform, revision, by, arena, err);

	zpm_arena_free(arena);
	return result;
}

int zpm_rollback_end(struct zpm_records *records, const char *platform, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_ptrs list = { 0 };
	int result = zpm_records_list(records, LABEL, platform, arena, &list, err);

	for (size_t i = 0; !result && i < list.n; i++)
		result = zpm_record_remove(records, ((const struct zpm_record *)list.v[i])->id, err);
	zpm_arena_free(arena);
	return result;
}
