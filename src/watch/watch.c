/*
 * When a change has settled, and when the caller is woken. While anything happens the descriptor rests, and
 * is looked at only when it is due: so neither a file that is written all the time nor a busy folder makes
 * the caller run all the time.
 *
 * Watches are on folders, as a file that is replaced takes its watch along. They follow from the route to
 * the files, and are brought in line with it when that has changed.
 */
#include "watch/watch.h"

#include "watch/notify.h"
#include "watch/route.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* At once; more of them are read when it is due. */
#define MAX_EVENTS 100000
/* A route that changes again and again while it is being watched is tried when things have settled. */
#define MAX_TRIES 5

struct zpm_watcher {
	int64_t settle;
	struct zpm_arena *arena; /* of the paths */
	struct zpm_strs paths;
	struct zpm_route *route; /* NULL: none is watched */
	int *watches;            /* of each stage of the route; -1: it cannot be watched */
	struct zpm_notify notify;
	int epoll; /* waits for it, or does not */
	bool resting;
	int64_t look_at;       /* when resting */
	bool astray;           /* the route has changed all the time, and has to be followed once more */
	bool pending;          /* something has changed */
	int64_t changed, last; /* when that began, and when it was last seen to go on */
};

/* What a look at the events has shown. */
struct look {
	bool any, relevant;
	bool moved; /* the route may have changed */
	bool lost;  /* what is watched is gone, or events are */
};

static int wait_for(struct zpm_watcher *watcher, int operation, uint32_t events, struct zpm_err *err)
{
	struct epoll_event event = { .events = events };

	if (!epoll_ctl(watcher->epoll, operation, watcher->notify.fd, &event))
		return 0;
	return zpm_err_set(err, ZPM_EFAILED, "files cannot be watched: %s", strerror(errno));
}

int zpm_watcher_new(int64_t settle, struct zpm_watcher **out, struct zpm_err *err)
{
	struct zpm_watcher *watcher = zpm_alloc(sizeof(*watcher));

	watcher->settle = settle ? settle : ZPM_WATCHER_SETTLE;
	watcher->arena = zpm_arena_new();
	watcher->epoll = epoll_create1(EPOLL_CLOEXEC);
	watcher->notify.fd = -1;
	*out = watcher;
	if (watcher->epoll >= 0 && !zpm_notify_init(&watcher->notify, err) &&
		!wait_for(watcher, EPOLL_CTL_ADD, EPOLLIN, err))
		return 0;
	if (watcher->epoll < 0)
		(void)zpm_err_set(err, ZPM_EFAILED, "files cannot be watched: %s", strerror(errno));
	zpm_watcher_free(watcher);
	*out = NULL;
	return -1;
}

void zpm_watcher_free(struct zpm_watcher *watcher)
{
	if (!watcher)
		return;
	zpm_notify_dispose(&watcher->notify);
	if (watcher->epoll >= 0)
		close(watcher->epoll);
	zpm_route_free(watcher->route);
	free(watcher->watches);
	zpm_arena_free(watcher->arena);
	free(watcher);
}

int zpm_watcher_fd(const struct zpm_watcher *watcher)
{
	return watcher->epoll;
}

static int rest(struct zpm_watcher *watcher, int64_t now, struct zpm_err *err)
{
	watcher->resting = true;
	watcher->look_at = now + watcher->settle;
	return wait_for(watcher, EPOLL_CTL_MOD, 0, err);
}

static int end_rest(struct zpm_watcher *watcher, struct zpm_err *err)
{
	watcher->resting = false;
	return wait_for(watcher, EPOLL_CTL_MOD, EPOLLIN, err);
}

static void touch(struct zpm_watcher *watcher, int64_t now)
{
	if (!watcher->pending)
		watcher->changed = now;
	watcher->pending = true;
	watcher->last = now;
}

/* Those that are still needed have the same numbers as before. */
static int watch_stages(
	struct zpm_watcher *watcher, const struct zpm_ptrs *stages, int *watches, struct zpm_err *err)
{
	for (size_t i = 0; i < stages->n; i++) {
		const struct zpm_stage *stage = stages->v[i];

		if (zpm_notify_add(&watcher->notify, stage->folder, stage->files, &watches[i], err) < 0)
			return -1;
	}
	return 0;
}

static bool has_watch(const int *watches, size_t n, int watch)
{
	for (size_t i = 0; i < n; i++)
		if (watches[i] == watch)
			return true;
	return false;
}

/* Ends the watches of the old route that are not among the `n` of the new one, which takes its place. */
static void replace_route(struct zpm_watcher *watcher, struct zpm_route *route, int *watches, size_t n)
{
	for (size_t i = 0; watcher->route && i < watcher->route->stages.n; i++)
		if (watcher->watches[i] >= 0 && !has_watch(watches, n, watcher->watches[i]))
			zpm_notify_remove(&watcher->notify, watcher->watches[i]);
	zpm_route_free(watcher->route);
	free(watcher->watches);
	watcher->route = route;
	watcher->watches = watches;
}

/* Takes the route over. When that fails nothing is watched: half of it would only seem to be enough. */
static int watch_route(struct zpm_watcher *watcher, struct zpm_route *route, struct zpm_err *err)
{
	size_t n = route->stages.n;
	int *watches = zpm_alloc((n + 1) * sizeof(*watches));
	int result;

	for (size_t i = 0; i < n; i++)
		watches[i] = -1;
	result = watch_stages(watcher, &route->stages, watches, err);
	replace_route(watcher, route, watches, n);
	if (result < 0)
		replace_route(watcher, NULL, NULL, 0);
	return result;
}

/*
 * Until the route is the same before and after it was watched: what changes later is seen. What has changed
 * in a folder before it was watched is not, so that another route counts as a change.
 */
static int follow(struct zpm_watcher *watcher, bool anew, int64_t now, struct zpm_err *err)
{
	watcher->astray = false;
	for (int i = 0; i < MAX_TRIES; i++) {
		struct zpm_route *route = zpm_route_new(&watcher->paths);

		if (watcher->route && !anew && zpm_route_equals(watcher->route, route)) {
			zpm_route_free(route);
			return 0;
		}
		touch(watcher, now);
		anew = false;
		if (watch_route(watcher, route, err) < 0)
			return -1;
	}
	watcher->astray = true;
	return 0;
}

/* Several stages have one watch where a folder is mounted in several places. */
static void look_at_event(
	const struct zpm_watcher *watcher, const struct inotify_event *event, struct look *look)
{
	const uint32_t ends = IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT;
	const uint32_t moves = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

	look->any = true;
	if (event->mask & IN_Q_OVERFLOW) {
		look->relevant = look->lost = true;
		return;
	}
	for (size_t i = 0; watcher->route && i < watcher->route->stages.n; i++) {
		if (watcher->watches[i] != event->wd)
			continue;
		if (event->mask & ends)
			look->relevant = look->lost = true;
		if (!event->len || !zpm_stage_has(watcher->route->stages.v[i], event->name))
			continue;
		look->relevant = true;
		if (event->mask & moves)
			look->moved = true;
		/* A folder that has replaced another one may even have its number. */
		if (event->mask & moves && event->mask & IN_ISDIR)
			look->lost = true;
	}
}

static struct look look_at_events(struct zpm_watcher *watcher)
{
	const struct inotify_event *event;
	struct look look = { 0 };

	for (int i = 0; i < MAX_EVENTS && (event = zpm_notify_next(&watcher->notify)); i++)
		look_at_event(watcher, event, &look);
	return look;
}

static bool has_settled(const struct zpm_watcher *watcher, int64_t now)
{
	return watcher->pending &&
	       (now - watcher->last >= watcher->settle || now - watcher->changed >= ZPM_WATCHER_PATIENCE);
}

/* What is to be done about what was seen. */
static int act(struct zpm_watcher *watcher, const struct look *look, int64_t now, struct zpm_err *err)
{
	bool due = watcher->resting && now >= watcher->look_at;

	if (look->moved || look->lost || (watcher->astray && due)) {
		if (follow(watcher, look->lost, now, err) < 0)
			return -1;
	}
	if (look->any || watcher->astray)
		return rest(watcher, now, err);
	return due ? end_rest(watcher, err) : 0;
}

int zpm_watcher_read(struct zpm_watcher *watcher, int64_t now, bool *changed, struct zpm_err *err)
{
	struct look look = look_at_events(watcher);
	int result;

	if (look.relevant)
		touch(watcher, now);
	result = act(watcher, &look, now, err);
	*changed = has_settled(watcher, now);
	if (*changed)
		watcher->pending = false;
	return result;
}

int64_t zpm_watcher_due(const struct zpm_watcher *watcher)
{
	int64_t due = watcher->resting ? watcher->look_at : 0, settled;

	if (!watcher->pending)
		return due;
	settled = watcher->last + watcher->settle;
	if (settled > watcher->changed + ZPM_WATCHER_PATIENCE)
		settled = watcher->changed + ZPM_WATCHER_PATIENCE;
	return due && due < settled ? due : settled;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void copy_sorted(
	const struct zpm_strs *paths, const char *folder, struct zpm_arena *arena, struct zpm_strs *out)
{
	struct zpm_strs all = { 0 };

	for (size_t i = 0; i < paths->n; i++) {
		const char *path = zpm_arena_path(arena, folder, paths->v[i]);

		zpm_strs_push(arena, &all, path == paths->v[i] ? zpm_arena_strdup(arena, path) : path);
	}
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_bytes);
	for (size_t i = 0; i < all.n; i++)
		if (!i || strcmp(all.v[i], all.v[i - 1]) != 0)
			zpm_strs_push(arena, out, all.v[i]);
}

/* Both sorted. */
static bool has_all(const struct zpm_strs *list, const struct zpm_strs *part)
{
	size_t at = 0;

	for (size_t i = 0; i < part->n; i++) {
		while (at < list->n && strcmp(list->v[at], part->v[i]) < 0)
			at++;
		if (at == list->n || strcmp(list->v[at], part->v[i]) != 0)
			return false;
	}
	return true;
}

int zpm_watcher_set(
	struct zpm_watcher *watcher, const struct zpm_strs *paths, int64_t now, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	ZPM_FREE char *folder = getcwd(NULL, 0);
	struct zpm_strs sorted = { 0 };

	copy_sorted(paths, folder ? folder : "/", arena, &sorted);
	if (!has_all(&watcher->paths, &sorted))
		touch(watcher, now);
	zpm_arena_free(watcher->arena);
	watcher->arena = arena;
	watcher->paths = sorted;
	return follow(watcher, false, now, err);
}
