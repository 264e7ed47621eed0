/* One record for each object that was ever changed; a bucket of attempts that fills up again with time. */
#include "plan/pace.h"

#include "base/clock.h"
#include "base/index.h"

#include <stdlib.h>

#define FIRST_PAUSE   (2 * ZPM_S)
#define LONGEST_PAUSE (5 * 60 * ZPM_S)

struct record {
	unsigned failures; /* in a row */
	int64_t retry;     /* when it may be tried again; 0: at once */
	int64_t left;      /* attempts that may be made at once */
	int64_t filled;    /* when `left` was last counted */
};

struct zpm_pace {
	struct zpm_arena *arena;
	struct zpm_index *records;
};

static void begin(struct zpm_pace *pace)
{
	pace->arena = zpm_arena_new();
	pace->records = zpm_index_new(pace->arena);
}

struct zpm_pace *zpm_pace_new(void)
{
	struct zpm_pace *pace = zpm_alloc(sizeof(*pace));

	begin(pace);
	return pace;
}

void zpm_pace_free(struct zpm_pace *pace)
{
	if (!pace)
		return;
	zpm_arena_free(pace->arena);
	free(pace);
}

void zpm_pace_forget(struct zpm_pace *pace)
{
	zpm_arena_free(pace->arena);
	begin(pace);
}

static void refill(struct record *record, int64_t now)
{
	int64_t more = (now - record->filled) / ZPM_PACE_REFILL;

	record->filled += more * ZPM_PACE_REFILL;
	record->left += more;
	if (record->left >= ZPM_PACE_BURST) {
		record->left = ZPM_PACE_BURST;
		record->filled = now;
	}
}

void zpm_pace_note(struct zpm_pace *pace, const char *ref, bool failed, int64_t now)
{
	struct record *record = zpm_index_get(pace->records, ref);

	if (!record) {
		record = zpm_arena_alloc(pace->arena, sizeof(*record));
		*record = (struct record){ .left = ZPM_PACE_BURST, .filled = now };
		zpm_index_add(pace->records, zpm_arena_strdup(pace->arena, ref), record);
	}
	refill(record, now);
	record->left -= record->left > 0;
	record->failures = failed ? record->failures + 1 : 0;
	record->retry = failed ? now + zpm_backoff(record->failures - 1, FIRST_PAUSE, LONGEST_PAUSE) : 0;
}

/* When it may be changed; 0: now. */
static int64_t due(struct record *record, int64_t now)
{
	refill(record, now);
	if (record->retry > now)
		return record->retry;
	return record->left ? 0 : record->filled + ZPM_PACE_REFILL;
}

static const char *reason(const struct record *record, int64_t wait, struct zpm_arena *arena)
{
	long long seconds = (wait + ZPM_S - 1) / ZPM_S;

	if (record->failures)
		return zpm_arena_printf(arena, "it has failed %u time%s; it is tried again in %lld s",
			record->failures, record->failures == 1 ? "" : "s", seconds);
	return zpm_arena_printf(
		arena, "it has been changed too often lately; it is repaired again in %lld s", seconds);
}

int64_t zpm_pace_hold(struct zpm_pace *pace, struct zpm_plan *plan, int64_t now)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < plan->changes.n; i++) {
		struct zpm_change *change = plan->changes.v[i];
		struct record *record =
			zpm_index_get(pace->records, zpm_object_ref(zpm_change_object(change), plan->arena));
		int64_t at = record ? due(record, now) : 0;

		if (!at || change->blocked)
			continue;
		change->blocked = reason(record, at - now, plan->arena);
		first = at < first ? at : first;
	}
	return first;
}

bool zpm_change_is_drift(const struct zpm_change *change)
{
	return change->reason == ZPM_REASON_DRIFT || change->reason == ZPM_REASON_MISSING;
}

size_t zpm_pace_leave_drift(struct zpm_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->changes.n; i++) {
		struct zpm_change *change = plan->changes.v[i];

		if (!zpm_change_is_drift(change))
			continue;
		n++;
		if (!change->blocked)
			change->blocked = "it is drift, and reconcile.selfHeal is off";
	}
	return n;
}

bool zpm_plan_has_work(const struct zpm_plan *plan)
{
	for (size_t i = 0; i < plan->changes.n; i++)
		if (!((const struct zpm_change *)plan->changes.v[i])->blocked)
			return true;
	return false;
}
