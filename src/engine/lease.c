/*
 * One round of the keeper: look at the record, and renew, take or leave it. Labels hold all there is, as
 * only they can change; see record.h.
 */
#include "engine/lease.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/object.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define LABEL_HOLDER  ZPM_LABEL_LEASE ".holder"
#define LABEL_TERM    ZPM_LABEL_LEASE ".term"
#define LABEL_RENEWED ZPM_LABEL_LEASE ".renewed"
#define LABEL_SECONDS ZPM_LABEL_LEASE ".seconds"

/* So many rounds in the time that it lasts. */
#define ROUNDS 4
/* What is left of it when its holder stops writing: for a request that is on its way. */
#define MARGIN(duration) ((duration) / 5)
/* Seconds that the clocks of two hosts may differ by. */
#define CLOCKS_APART 5

struct zpm_lease {
	struct zpm_records *records;
	char *platform, *holder;
	int64_t duration;
	pthread_t keeper;
	int fd;
	atomic_llong until; /* ours until then, on zpm_clock_up() */
	/* The keeper's own: the version it last saw of somebody else's, and since when. */
	uint64_t seen;
	int64_t since;

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;
	bool stopping;
	struct zpm_lease_view view;
};

bool zpm_lease_holds(const struct zpm_lease *lease)
{
	return zpm_clock_up() < atomic_load(&lease->until) - MARGIN(lease->duration);
}

int zpm_lease_guard(void *ctx, struct zpm_err *err)
{
	const struct zpm_lease *lease = ctx;

	if (zpm_lease_holds(lease))
		return 0;
	return zpm_err_set(err, ZPM_EREFUSED,
		"the lease of platform '%s' is lost: another zpm may act by now", lease->platform);
}

static void publish(struct zpm_lease *lease, const struct zpm_lease_view *view)
{
	bool news;

	pthread_mutex_lock(&lease->lock);
	news = lease->view.ours != view->ours || strcmp(lease->view.holder, view->holder) != 0 ||
	       lease->view.term != view->term || lease->view.trouble.code != view->trouble.code;
	lease->view = *view;
	pthread_mutex_unlock(&lease->lock);
	if (news)
		(void)!write(lease->fd, &(uint64_t){ 1 }, sizeof(uint64_t));
}

static int64_t term_of(const struct zpm_record *record)
{
	const char *text = zpm_pairs_get(&record->labels, LABEL_TERM);

	return text ? strtoll(text, NULL, 10) : 0;
}

static const char *holder_of(const struct zpm_record *record)
{
	const char *text = zpm_pairs_get(&record->labels, LABEL_HOLDER);

	return text ? text : "";
}

static struct zpm_pairs labels_of(
	const struct zpm_lease *lease, const char *holder, int64_t term, struct zpm_arena *arena)
{
	struct zpm_pairs labels = { 0 };
	char time[ZPM_TIME_SIZE];

	zpm_time_text(zpm_clock_wall(), time);
	zpm_pairs_set(arena, &labels, ZPM_LABEL_RECORD, lease->platform);
	zpm_pairs_set(arena, &labels, ZPM_LABEL_LEASE, lease->platform);
	zpm_pairs_set(arena, &labels, LABEL_HOLDER, holder);
	zpm_pairs_set(arena, &labels, LABEL_TERM, zpm_arena_printf(arena, "%" PRId64, term));
	zpm_pairs_set(arena, &labels, LABEL_RENEWED, zpm_arena_strdup(arena, time));
	zpm_pairs_set(arena, &labels, LABEL_SECONDS,
		zpm_arena_printf(arena, "%lld", (long long)(lease->duration / ZPM_S)));
	return labels;
}

/* The platform's record; NULL: there is none yet. */
static int look(const struct zpm_lease *lease, struct zpm_arena *arena, const struct zpm_record **record,
	struct zpm_err *err)
{
	struct zpm_ptrs list = { 0 };

	*record = NULL;
	if (zpm_records_list(lease->records, ZPM_LABEL_LEASE, lease->platform, arena, &list, err) < 0)
		return -1;
	if (list.n)
		*record = list.v[0];
	return 0;
}

/* With nobody in it: whoever sees it first then takes it as any other that is free. */
static int make(const struct zpm_lease *lease, struct zpm_arena *arena, struct zpm_err *err)
{
	const struct zpm_record record = {
		.name = zpm_record_name(ZPM_RECORD_LEASE, lease->platform, arena),
		.labels = labels_of(lease, "", 0, arena),
		.data = "-",
		.len = 1,
	};

	if (zpm_record_create(lease->records, &record, err) < 0 && err->code != ZPM_ECONFLICT)
		return -1;
	return 0;
}

/* May it be taken? Somebody else's has to stand still for as long as it lasts. */
static bool is_free(struct zpm_lease *lease, const struct zpm_record *record)
{
	int64_t now = zpm_clock_up();

	if (record->version != lease->seen) {
		lease->seen = record->version;
		lease->since = now;
	}
	return !*holder_of(record) || now - lease->since >= lease->duration;
}

/* Writes ourselves into it. ZPM_ECONFLICT: another one was faster. */
static int hold(struct zpm_lease *lease, const struct zpm_record *record, int64_t term,
	struct zpm_arena *arena, struct zpm_err *err)
{
	const struct zpm_pairs labels = labels_of(lease, lease->holder, term, arena);
	/* From before it is asked: nobody can have seen it earlier. */
	int64_t start = zpm_clock_up();

	if (zpm_record_relabel(lease->records, record, &labels, err) < 0)
		return -1;
	atomic_store(&lease->until, start + lease->duration);
	return 0;
}

static int keep(struct zpm_lease *lease, const struct zpm_record *record, struct zpm_lease_view *view,
	struct zpm_arena *arena, struct zpm_err *err)
{
	bool ours = !strcmp(holder_of(record), lease->holder);
	int64_t term = term_of(record);

	snprintf(view->holder, sizeof(view->holder), "%s", holder_of(record));
	view->term = term;
	if (!ours && !is_free(lease, record))
		return 0;
	if (hold(lease, record, ours ? term : term + 1, arena, err) < 0)
		return -1;
	snprintf(view->holder, sizeof(view->holder), "%s", lease->holder);
	view->term = ours ? term : term + 1;
	return 0;
}

static void go_round(struct zpm_lease *lease)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_lease_view view = zpm_lease_view(lease);
	const struct zpm_record *record;
	struct zpm_err err = { 0 };
	int result = look(lease, arena, &record, &err);

	if (!result && !record)
		result = make(lease, arena, &err) < 0 ? -1 : look(lease, arena, &record, &err);
	if (!result && record)
		result = keep(lease, record, &view, arena, &err);
	/* Of one that has gone to another, the next round tells more. */
	view.trouble = result < 0 && err.code != ZPM_ECONFLICT ? err : (struct zpm_err){ 0 };
	view.ours = zpm_lease_holds(lease);
	publish(lease, &view);
	zpm_arena_free(arena);
}

/* True: stop. */
static bool wait_for_round(struct zpm_lease *lease)
{
	int64_t pause = zpm_backoff(0, lease->duration / ROUNDS, lease->duration / ROUNDS);
	struct timespec until;
	int64_t end = zpm_clock_now() + pause;
	bool stopping;

	until = (struct timespec){ .tv_sec = end / ZPM_S, .tv_nsec = end % ZPM_S };
	pthread_mutex_lock(&lease->lock);
	while (!lease->stopping && pthread_cond_timedwait(&lease->wake, &lease->lock, &until) != ETIMEDOUT)
		;
	stopping = lease->stopping;
	pthread_mutex_unlock(&lease->lock);
	return stopping;
}

static void *keep_on(void *ctx)
{
	struct zpm_lease *lease = ctx;

	do
		go_round(lease);
	while (!wait_for_round(lease));
	return NULL;
}

static void release(struct zpm_lease *lease)
{
	struct zpm_arena *arena = zpm_arena_new();
	const struct zpm_record *record;
	struct zpm_pairs labels;
	struct zpm_err err;

	/* Who cannot be told will see it stand still. */
	if (!look(lease, arena, &record, &err) && record && !strcmp(holder_of(record), lease->holder)) {
		labels = labels_of(lease, "", term_of(record), arena);
		zpm_record_relabel(lease->records, record, &labels, &err);
	}
	zpm_arena_free(arena);
}

static void free_parts(struct zpm_lease *lease)
{
	zpm_records_close(lease->records);
	pthread_cond_destroy(&lease->wake);
	pthread_mutex_destroy(&lease->lock);
	if (lease->fd >= 0)
		close(lease->fd);
	free(lease->platform);
	free(lease->holder);
	free(lease);
}

static void init_parts(struct zpm_lease *lease, const struct zpm_lease_options *options)
{
	pthread_condattr_t monotonic;

	lease->platform = zpm_strdup(options->platform);
	lease->holder = zpm_strdup(options->holder);
	lease->duration = options->duration;
	lease->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	atomic_init(&lease->until, 0);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&lease->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&lease->lock, NULL);
}

/* An Engine that is silent for longer tells nothing that could still be used. */
static int open_records(struct zpm_lease *lease, const struct zpm_lease_options *options, struct zpm_err *err)
{
	struct zpm_access access = *options->access;

	access.timeout = options->duration / 2;
	return zpm_records_open(&access, &lease->records, err);
}

int zpm_lease_new(const struct zpm_lease_options *options, struct zpm_lease **out, struct zpm_err *err)
{
	struct zpm_lease *lease = zpm_alloc(sizeof(*lease));

	init_parts(lease, options);
	if (lease->fd < 0)
		zpm_err_set(err, ZPM_EFAILED, "cannot make an eventfd: %s", strerror(errno));
	else if (!open_records(lease, options, err)) {
		if (!pthread_create(&lease->keeper, NULL, keep_on, lease)) {
			*out = lease;
			return 0;
		}
		zpm_err_set(err, ZPM_EFAILED, "cannot start a thread");
	}
	free_parts(lease);
	return -1;
}

void zpm_lease_free(struct zpm_lease *lease)
{
	if (!lease)
		return;
	pthread_mutex_lock(&lease->lock);
	lease->stopping = true;
	pthread_cond_signal(&lease->wake);
	pthread_mutex_unlock(&lease->lock);
	pthread_join(lease->keeper, NULL);
	atomic_store(&lease->until, 0);
	release(lease);
	free_parts(lease);
}

int zpm_lease_fd(const struct zpm_lease *lease)
{
	return lease->fd;
}

struct zpm_lease_view zpm_lease_view(struct zpm_lease *lease)
{
	struct zpm_lease_view view;

	pthread_mutex_lock(&lease->lock);
	view = lease->view;
	pthread_mutex_unlock(&lease->lock);
	return view;
}

/* Renewed within twice the time that it lasts, and what a clock may be off. */
static bool seems_alive(const struct zpm_record *record)
{
	const char *renewed = zpm_pairs_get(&record->labels, LABEL_RENEWED);
	const char *seconds = zpm_pairs_get(&record->labels, LABEL_SECONDS);
	struct tm utc = { 0 };

	if (!renewed || !seconds || !strptime(renewed, "%Y-%m-%dT%H:%M:%SZ", &utc))
		return true;
	return zpm_clock_wall() / ZPM_S - timegm(&utc) < 2 * strtoll(seconds, NULL, 10) + CLOCKS_APART;
}

int zpm_lease_ask(struct zpm_records *records, const char *platform, struct zpm_arena *arena,
	const char **holder, struct zpm_err *err)
{
	struct zpm_ptrs list = { 0 };

	*holder = NULL;
	if (zpm_records_list(records, ZPM_LABEL_LEASE, platform, arena, &list, err) < 0)
		return -1;
	if (list.n && *holder_of(list.v[0]) && seems_alive(list.v[0]))
		*holder = holder_of(list.v[0]);
	return 0;
}
