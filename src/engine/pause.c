/* There is a record as long as it is paused. */
#include "engine/pause.h"

#include "base/clock.h"

#include <string.h>

#define LABEL        "zpm.pause"
#define LABEL_BY     LABEL ".by"
#define LABEL_SINCE  LABEL ".since"
#define LABEL_REASON LABEL ".reason"

int zpm_pause_read(struct zpm_records *records, const char *platform, struct zpm_arena *arena,
	const char **paused, struct zpm_err *err)
{
	struct zpm_ptrs list = { 0 };
	const struct zpm_record *record;
	const char *by, *since, *reason;

	*paused = NULL;
	if (zpm_records_list(records, LABEL, platform, arena, &list, err) < 0)
		return -1;
	if (!list.n)
		return 0;
	record = list.v[0];
	by = zpm_pairs_get(&record->labels, LABEL_BY);
	since = zpm_pairs_get(&record->labels, LABEL_SINCE);
	reason = zpm_pairs_get(&record->labels, LABEL_REASON);
	*paused = zpm_arena_printf(arena, "paused by %s since %s%s%s", by ? by : "somebody",
		since ? since : "a time unknown", reason ? ": " : "", reason ? reason : "");
	return 0;
}

int zpm_pause(struct zpm_records *records, const char *platform, const char *by, const char *reason,
	struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_record record = {
		.name = zpm_record_name("pause", platform, arena), .data = "-", .len = 1
	};
	char since[ZPM_TIME_SIZE];
	int result;

	zpm_time_text(zpm_clock_wall(), since);
	zpm_pairs_set(arena, &record.labels, ZPM_LABEL_RECORD, platform);
	zpm_pairs_set(arena, &record.labels, LABEL, platform);
	zpm_pairs_set(arena, &record.labels, LABEL_BY, by);
	zpm_pairs_set(arena, &record.labels, LABEL_SINCE, since);
	if (reason)
		zpm_pairs_set(arena, &record.labels, LABEL_REASON, reason);
	result = zpm_record_create(records, &record, err);
	zpm_arena_free(arena);
	return result < 0 && err->code != ZPM_ECONFLICT ? -1 : 0;
}

int zpm_resume(struct zpm_records *records, const char *platform, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_ptrs list = { 0 };
	int result = zpm_records_list(records, LABEL, platform, arena, &list, err);

	for (size_t i = 0; !result && i < list.n; i++)
		result = zpm_record_remove(records, ((const struct zpm_record *)list.v[i])->id, err);
	zpm_arena_free(arena);
	return result;
}
