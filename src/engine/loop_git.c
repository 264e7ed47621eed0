/* See loop_git.h. */
#include "engine/loop_git.h"

#include "base/clock.h"
#include "model/shape.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_PAUSE (10 * 60 * ZPM_S)

struct zpm_git_watch {
	struct zpm_arena *arena;
	struct zpm_git_options options;
	const char *folder;
	pthread_t looker;
	int fd;
	atomic_bool canceled;
	unsigned failures; /* in a row; the looker's */

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;
	bool poked;
	struct zpm_git_view view;
};

/* False: the last known revision stays, with the trouble. */
static bool look(struct zpm_git_watch *watch)
{
	struct zpm_git_view view = zpm_git_watch_view(watch), seen = { .known = true };
	bool good = !zpm_git_sync(&watch->options, watch->folder, &seen.revision, &seen.trouble);
	bool news;

	if (!good) {
		seen.known = view.known;
		seen.revision = view.revision;
	}
	news = strcmp(seen.revision.id, view.revision.id) != 0 || seen.trouble.code != view.trouble.code;
	pthread_mutex_lock(&watch->lock);
	watch->view = seen;
	pthread_mutex_unlock(&watch->lock);
	if (news)
		(void)!write(watch->fd, &(uint64_t){ 1 }, sizeof(uint64_t));
	return good;
}

static void wait_for_turn(struct zpm_git_watch *watch)
{
	int64_t interval = watch->options.source->interval;
	int64_t most = interval > LONGEST_PAUSE ? interval : LONGEST_PAUSE;
	int64_t end =
		zpm_clock_now() + (watch->failures ? zpm_backoff(watch->failures, interval, most) : interval);
	const struct timespec until = { .tv_sec = end / ZPM_S, .tv_nsec = end % ZPM_S };

	pthread_mutex_lock(&watch->lock);
	while (!watch->poked && !watch->canceled &&
		pthread_cond_timedwait(&watch->wake, &watch->lock, &until) != ETIMEDOUT)
		;
	watch->poked = false;
	pthread_mutex_unlock(&watch->lock);
}

static void *look_on(void *ctx)
{
	struct zpm_git_watch *watch = ctx;

	while (!watch->canceled) {
		wait_for_turn(watch);
		if (!watch->canceled)
			watch->failures = look(watch) ? 0 : watch->failures + 1;
	}
	return NULL;
}

static void free_parts(struct zpm_git_watch *watch)
{
	pthread_cond_destroy(&watch->wake);
	pthread_mutex_destroy(&watch->lock);
	if (watch->fd >= 0)
		close(watch->fd);
	zpm_arena_free(watch->arena);
	free(watch);
}

/* With texts of its own: the manifest that it is from goes. */
static struct zpm_git_source *copy_source(const struct zpm_git_source *source, struct zpm_arena *arena)
{
	struct zpm_git_source *own = zpm_shape_copy(&zpm_git_source_shape, source, arena);

	zpm_shape_canonicalise(&zpm_git_source_shape, own, arena);
	ZPM_EACH_FIELD (field, &zpm_git_source_shape) {
		const char **text = field->type == ZPM_T_STRING ? zpm_field_str(field, own) : NULL;

		if (text && *text)
			*text = zpm_arena_strdup(arena, *text);
	}
	return own;
}

static struct zpm_git_watch *new_watch(
	const struct zpm_git_source *source, const char *base, const char *folder)
{
	struct zpm_git_watch *watch = zpm_alloc(sizeof(*watch));
	pthread_condattr_t monotonic;

	watch->arena = zpm_arena_new();
	atomic_init(&watch->canceled, false);
	watch->options = (struct zpm_git_options){ .source = copy_source(source, watch->arena),
		.base = zpm_arena_strdup(watch->arena, base),
		.canceled = &watch->canceled };
	watch->folder = zpm_arena_strdup(watch->arena, folder);
	watch->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&watch->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&watch->lock, NULL);
	return watch;
}

/* Without a server there may still be what was checked out before. */
static int begin(struct zpm_git_watch *watch, struct zpm_err *err)
{
	struct zpm_git_view *view = &watch->view;

	if (look(watch))
		return 0;
	if (!zpm_git_last(&watch->options, watch->folder, &view->revision, err)) {
		view->known = true;
		return 0;
	}
	*err = view->trouble;
	return -1;
}

int zpm_git_watch_new(const struct zpm_git_source *source, const char *base, const char *folder,
	struct zpm_git_watch **out, struct zpm_err *err)
{
	struct zpm_git_watch *watch = new_watch(source, base, folder);

	if (watch->fd < 0)
		zpm_err_set(err, ZPM_EFAILED, "cannot make an eventfd: %s", strerror(errno));
	else if (!begin(watch, err)) {
		if (!pthread_create(&watch->looker, NULL, look_on, watch)) {
			*out = watch;
			return 0;
		}
		zpm_err_set(err, ZPM_EFAILED, "cannot start a thread");
	}
	free_parts(watch);
	return -1;
}

void zpm_git_watch_free(struct zpm_git_watch *watch)
{
	if (!watch)
		return;
	pthread_mutex_lock(&watch->lock);
	watch->canceled = true;
	pthread_cond_signal(&watch->wake);
	pthread_mutex_unlock(&watch->lock);
	pthread_join(watch->looker, NULL);
	free_parts(watch);
}

int zpm_git_watch_fd(const struct zpm_git_watch *watch)
{
	return watch->fd;
}

struct zpm_git_view zpm_git_watch_view(struct zpm_git_watch *watch)
{
	struct zpm_git_view view;

	pthread_mutex_lock(&watch->lock);
	view = watch->view;
	pthread_mutex_unlock(&watch->lock);
	return view;
}

void zpm_git_watch_poke(struct zpm_git_watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->poked = true;
	pthread_cond_signal(&watch->wake);
	pthread_mutex_unlock(&watch->lock);
}
