/* What a worker does: one step's write, retried where a retry can help. */
#include "engine/applier.h"

#include "base/clock.h"
#include "model/shape.h"
#include "plan/held.h"
#include "plan/keep.h"
#include "plan/operate.h"

#include <time.h>

/* Somebody else may be changing the service too; after this many rounds it is theirs. */
#define MAX_CONFLICTS 5

/* What is removed may be in use until its last task has stopped. */
#define REMOVE_PATIENCE (60 * ZPM_S)

static void pause_for(int64_t duration)
{
	struct timespec time = { .tv_sec = duration / ZPM_S, .tv_nsec = duration % ZPM_S };

	nanosleep(&time, NULL);
}

static int create(
	struct zpm_applier *applier, struct zpm_run *run, struct zpm_arena *arena, struct zpm_err *err)
{
	const struct zpm_object *want = run->step->change->want;
	const char *id = NULL;

	if (zpm_drivers[want->kind->id]->create(applier->session->world, want, arena, &id, err) < 0)
		return -1;
	/* The session's arena is shared by the workers. */
	pthread_mutex_lock(&applier->lock);
	run->id = zpm_arena_strdup(applier->session->arena, id);
	pthread_mutex_unlock(&applier->lock);
	return 0;
}

static bool means_the_same(
	const struct zpm_object *want, const struct zpm_object *have, struct zpm_arena *arena)
{
	return zpm_shape_equal(want->kind->shape, have->spec, want->spec, arena) && !have->live->extra.n;
}

/* What is wanted of a service as it is now, not as it was when the plan was made. */
static const struct zpm_object *want_now(const struct zpm_applier *applier, const struct zpm_change *change,
	const struct zpm_object **have, struct zpm_arena *arena)
{
	const struct zpm_session *session = applier->session;
	const struct zpm_keep keep = { session->manifest->platform, session->desired, session->have };
	const struct zpm_object *want = change->want;

	/* So it is with an operator's request. */
	if (change->edit)
		return zpm_edit_object(change->edit, *have, arena);
	zpm_keep_live(&keep, &want, have, arena);
	return want == change->want ? want : zpm_held_want(want, *have, arena);
}

/* "update out of sequence": read again, compare again, try again. */
static int update(
	struct zpm_applier *applier, struct zpm_run *run, struct zpm_arena *arena, struct zpm_err *err)
{
	const struct zpm_world *world = applier->session->world;
	const struct zpm_change *change = run->step->change;
	const struct zpm_object *have = change->have, *want;
	const struct zpm_driver *driver = zpm_drivers[have->kind->id];

	run->id = have->live->id;
	for (unsigned attempt = 0; driver->update(world, run->want, have, arena, err) < 0; attempt++) {
		if (err->code != ZPM_ECONFLICT || !driver->read)
			return -1;
		if (attempt == MAX_CONFLICTS)
			return zpm_err_wrap(err, "somebody else keeps changing it");
		pause_for(zpm_backoff(attempt, 50 * ZPM_MS, ZPM_S));
		if (driver->read(world, run->id, arena, &have, err) < 0)
			return -1;
		want = want_now(applier, change, &have, arena);
		if (!want || (!change->edit && means_the_same(want, have, arena)))
			return 0;
		run->want = want;
	}
	return 0;
}

static bool may_go_on(const struct zpm_applier *applier, int64_t since)
{
	int64_t now = zpm_clock_now();

	return now - since < REMOVE_PATIENCE && now < applier->deadline &&
	       !(applier->options->interrupts && *applier->options->interrupts > 1);
}

static int remove_object(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err)
{
	const struct zpm_object *have = run->step->change->have;
	int64_t start = zpm_clock_now();

	run->id = have->live->id;
	for (unsigned attempt = 0;
		zpm_drivers[have->kind->id]->remove(applier->session->world, have, err) < 0; attempt++) {
		if (err->code != ZPM_ECONFLICT || !may_go_on(applier, start))
			return -1;
		pause_for(zpm_backoff(attempt, 100 * ZPM_MS, ZPM_S));
	}
	return 0;
}

int zpm_applier_write(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err)
{
	struct zpm_arena *arena;
	int result = 0;

	if (run->step->op == ZPM_OP_VERIFY) {
		const struct zpm_live *live = run->step->change->have->live;

		run->id = live->id;
		return live->trouble ? zpm_err_set(err, ZPM_EFAILED, "%s", live->trouble) : 0;
	}
	arena = zpm_arena_new();
	if (run->step->op == ZPM_OP_CREATE)
		result = create(applier, run, arena, err);
	else if (run->step->op == ZPM_OP_UPDATE)
		result = update(applier, run, arena, err);
	else
		result = remove_object(applier, run, err);
	if (run->want == run->step->change->want) {
		zpm_arena_free(arena);
	} else {
		pthread_mutex_lock(&applier->lock);
		zpm_arena_join(applier->session->arena, arena);
		pthread_mutex_unlock(&applier->lock);
	}
	return result;
}
