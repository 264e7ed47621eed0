/* What a worker does: one step's write, retried where a retry can help. */
#include "engine/applier.h"

#include "base/clock.h"
#include "engine/set.h"
#include "model/shape.h"
#include "plan/held.h"
#include "plan/keep.h"
#include "plan/operate.h"

#include <string.h>
#include <time.h>

/* Somebody else may be changing the service too; after this many rounds it is theirs. */
#define MAX_CONFLICTS 5

/* What is removed may be in use until its last task has stopped. */
#define REMOVE_PATIENCE (60 * ZPM_S)

/* A port that a service gives up is free when Swarm has got round to it. */
#define BUSY_PATIENCE (5 * ZPM_S)

/* A Swarm that has lost its leader has another one in this time, or none. */
#define REACH_PATIENCE (30 * ZPM_S)

static void pause_for(int64_t duration)
{
	struct timespec time = { .tv_sec = duration / ZPM_S, .tv_nsec = duration % ZPM_S };

	nanosleep(&time, NULL);
}

static bool may_go_on(const struct zpm_applier *applier, int64_t since, int64_t patience)
{
	int64_t now = zpm_clock_now();

	return now - since < patience && now < applier->deadline &&
	       !(applier->options->interrupts && *applier->options->interrupts > 1);
}

/* Waits before trying again where the Engine was out of reach. False: it has been for too long. */
static bool may_try_again(
	const struct zpm_applier *applier, const struct zpm_object *object, int64_t since, unsigned attempt)
{
	if (applier->options->no_wait && !zpm_kind_is_engines(object->kind->id))
		return false;
	if (!may_go_on(applier, since, REACH_PATIENCE))
		return false;
	pause_for(zpm_backoff(attempt, 100 * ZPM_MS, 2 * ZPM_S));
	return true;
}

static bool means_the_same(
	const struct zpm_object *want, const struct zpm_object *have, struct zpm_arena *arena)
{
	return zpm_shape_equal(want->kind->shape, have->spec, want->spec, arena) && !have->live->extra.n;
}

/* Is it there, and as a create of ours has made it? ZPM_ECONFLICT: somebody else has. */
static int find_made(const struct zpm_applier *applier, const struct zpm_object *want,
	struct zpm_arena *arena, const char **id, struct zpm_err *err)
{
	struct zpm_arena *scratch = zpm_arena_new();
	const struct zpm_object *have;
	int result = zpm_world_find(applier->session->world, want, scratch, &have, err);

	if (!result) {
		const char *owner = have->live->owner, *ours = applier->session->desired->platform;

		if (owner && !strcmp(owner, ours) && means_the_same(want, have, scratch))
			*id = zpm_arena_strdup(arena, have->live->id);
		else
			result = zpm_err_set(err, ZPM_ECONFLICT, "somebody else has made one meanwhile");
	}
	zpm_arena_free(scratch);
	return result;
}

/*
 * A create whose answer is lost may have been carried out, and one that finds
 * no leader in the Swarm was not: who looks before trying again makes one.
 */
static int make(const struct zpm_applier *applier, const struct zpm_object *want, struct zpm_arena *arena,
	const char **id, struct zpm_err *err)
{
	const struct zpm_driver *driver = zpm_drivers[want->kind->id];
	int64_t start = zpm_clock_now();

	for (unsigned attempt = 0; driver->create(applier->session->world, want, arena, id, err) < 0;
		attempt++) {
		/* A kept connection that breaks has curl send it twice: the name may be taken by the first.
		 */
		bool taken = err->code == ZPM_ECONFLICT;
		struct zpm_err seen = { 0 };

		if ((err->code != ZPM_EUNAVAIL && !taken) || !may_try_again(applier, want, start, attempt))
			return -1;
		if (!find_made(applier, want, arena, id, &seen))
			return 0;
		if (seen.code == ZPM_ECONFLICT && !taken)
			*err = seen;
		if (taken ? seen.code != ZPM_EUNAVAIL : seen.code == ZPM_ECONFLICT)
			return -1;
	}
	return 0;
}

static int create(
	struct zpm_applier *applier, struct zpm_run *run, struct zpm_arena *arena, struct zpm_err *err)
{
	const char *id = NULL;

	if (make(applier, run->step->change->want, arena, &id, err) < 0)
		return -1;
	/* The session's arena is shared by the workers. */
	pthread_mutex_lock(&applier->lock);
	run->id = zpm_arena_strdup(applier->session->arena, id);
	pthread_mutex_unlock(&applier->lock);
	return 0;
}

/* How an object is now; `*have` stays when the Engine does not say. */
static int read_again(const struct zpm_world *world, struct zpm_arena *arena, const struct zpm_object **have,
	struct zpm_err *err)
{
	const struct zpm_driver *driver = zpm_drivers[(*have)->kind->id];
	const struct zpm_object *now;
	struct zpm_err lost = { 0 };
	int result = driver->read ? driver->read(world, (*have)->live->id, arena, &now, &lost)
				  : zpm_world_find(world, *have, arena, &now, &lost);

	if (!result)
		*have = now;
	else if (lost.code != ZPM_EUNAVAIL)
		*err = lost;
	return result < 0 && lost.code != ZPM_EUNAVAIL ? -1 : 0;
}

/* Has an operator's request been carried out, though its answer was lost? Nobody wants two restarts of one.
 */
static bool is_edited(const struct zpm_object *want, const struct zpm_object *have, struct zpm_arena *arena)
{
	return have->restarts == want->restarts && !have->hold == !want->hold &&
	       zpm_shape_equal(have->kind->shape, have->spec, want->spec, arena);
}

/* What is wanted of an object as it is now, not as it was when the plan was made. */
static const struct zpm_object *want_now(const struct zpm_applier *applier, const struct zpm_change *change,
	const struct zpm_object **have, struct zpm_arena *arena)
{
	const struct zpm_session *session = applier->session;
	const struct zpm_keep keep = { session->platform, session->desired, session->have };
	const struct zpm_object *want = change->want;

	/* So it is with an operator's request. */
	if (change->edit)
		return zpm_edit_object(change->edit, *have, arena);
	zpm_keep_live(&keep, &want, have, arena);
	return want == change->want ? want : zpm_held_want(want, *have, arena);
}

/* What is still to be written, now that the object is like this; NULL: nothing. */
static const struct zpm_object *left_to_write(const struct zpm_applier *applier, const struct zpm_run *run,
	const struct zpm_object **have, bool lost, struct zpm_arena *arena)
{
	const struct zpm_change *change = run->step->change;
	const struct zpm_object *want;

	if (change->edit && lost && is_edited(run->want, *have, arena))
		return NULL;
	want = want_now(applier, change, have, arena);
	return want && !change->edit && means_the_same(want, *have, arena) ? NULL : want;
}

/* Waits as the error asks for. Fails when it has done so for long enough. */
static int wait_to_update(const struct zpm_applier *applier, const struct zpm_object *object, int64_t since,
	bool lost, unsigned attempt, struct zpm_err *err)
{
	if (lost)
		return may_try_again(applier, object, since, attempt) ? 0 : -1;
	if (attempt >= MAX_CONFLICTS)
		return zpm_err_wrap(err, "somebody else keeps changing it");
	pause_for(zpm_backoff(attempt, 50 * ZPM_MS, ZPM_S));
	return 0;
}

/* "update out of sequence", or no word at all: read again, compare again, try again. */
static int update(
	struct zpm_applier *applier, struct zpm_run *run, struct zpm_arena *arena, struct zpm_err *err)
{
	const struct zpm_world *world = applier->session->world;
	const struct zpm_object *have = run->step->change->have, *want;
	const struct zpm_driver *driver = zpm_drivers[have->kind->id];
	unsigned conflicts = 0, losses = 0;
	int64_t start = zpm_clock_now();

	run->id = have->live->id;
	while (driver->update(world, run->want, have, arena, err) < 0) {
		bool lost = err->code == ZPM_EUNAVAIL;

		if (!lost && err->code != ZPM_ECONFLICT)
			return -1;
		if (wait_to_update(applier, have, start, lost, lost ? losses++ : conflicts++, err) < 0 ||
			read_again(world, arena, &have, err) < 0)
			return -1;
		want = left_to_write(applier, run, &have, lost, arena);
		if (!want)
			return 0;
		run->want = want;
	}
	return 0;
}

static int remove_object(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err)
{
	const struct zpm_object *have = run->step->change->have;
	int64_t start = zpm_clock_now();

	if (have->kind->id == ZPM_KIND_SHARD)
		return zpm_applier_drain(applier, run, err);
	run->id = have->live->id;
	for (unsigned attempt = 0;
		zpm_drivers[have->kind->id]->remove(applier->session->world, have, err) < 0; attempt++) {
		if (err->code == ZPM_EUNAVAIL && may_try_again(applier, have, start, attempt))
			continue;
		if (err->code != ZPM_ECONFLICT || !may_go_on(applier, start, REMOVE_PATIENCE))
			return -1;
		pause_for(zpm_backoff(attempt, 100 * ZPM_MS, ZPM_S));
	}
	return 0;
}

static int write_once(
	struct zpm_applier *applier, struct zpm_run *run, struct zpm_arena *arena, struct zpm_err *err)
{
	switch (run->step->op) {
	case ZPM_OP_CREATE:
		return create(applier, run, arena, err);
	case ZPM_OP_UPDATE:
		return update(applier, run, arena, err);
	default:
		return remove_object(applier, run, err);
	}
}

/* Whoever does not wait for services to run does not wait for what runs in them. */
static bool is_left_for_later(
	const struct zpm_applier *applier, const struct zpm_run *run, const struct zpm_err *err)
{
	return applier->options->no_wait && err->code == ZPM_EUNAVAIL &&
	       !zpm_kind_is_engines(zpm_change_object(run->step->change)->kind->id);
}

int zpm_applier_write(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err)
{
	enum zpm_kind_id kind = zpm_change_object(run->step->change)->kind->id;
	int64_t start = zpm_clock_now();
	struct zpm_arena *arena;
	int result;

	if (run->step->op == ZPM_OP_RELEASE)
		return zpm_applier_release(applier, run, err);
	if (kind == ZPM_KIND_REPLICA_SET)
		return zpm_applier_set(applier, run, err);
	if (kind == ZPM_KIND_SETUP && run->step->op != ZPM_OP_VERIFY)
		return zpm_applier_setup(applier, run, err);
	if (run->step->op == ZPM_OP_VERIFY) {
		const struct zpm_live *live = run->step->change->have->live;

		run->id = live->id;
		return live->trouble ? zpm_err_set(err, ZPM_EFAILED, "%s", live->trouble) : 0;
	}
	arena = zpm_arena_new();
	for (unsigned attempt = 0; (result = write_once(applier, run, arena, err)) < 0; attempt++) {
		if (err->code != ZPM_EBUSY || !may_go_on(applier, start, BUSY_PATIENCE))
			break;
		pause_for(zpm_backoff(attempt, 50 * ZPM_MS, ZPM_S));
	}
	if (result < 0 && is_left_for_later(applier, run, err))
		result = 0;
	if (run->want == run->step->change->want) {
		zpm_arena_free(arena);
	} else {
		pthread_mutex_lock(&applier->lock);
		zpm_arena_join(applier->session->arena, arena);
		pthread_mutex_unlock(&applier->lock);
	}
	return result;
}
