/*
 * The log on its way to the members. The primary sends each what it lacks,
 * with the entry that has to come before; a member that has another there
 * says so, and the primary goes back until both agree. What the member had
 * beyond that no majority ever had.
 */
#include "repl.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE  200
#define RETRY_NS (100 * ZPM_MS)

size_t repl_having(const struct standin *s, size_t n, bool voters)
{
	size_t have = 0;

	for (size_t i = 0; i < s->config.n; i++)
		have += !s->config.members[i].arbiter && (!voters || s->config.members[i].votes) &&
			((int)i == s->self ? s->store.n >= n : s->views[i].matched && s->views[i].match >= n);
	return have;
}

size_t repl_write_majority(const struct standin *s)
{
	size_t majority = config_majority(&s->config), writable = 0;

	for (size_t i = 0; i < s->config.n; i++)
		writable += s->config.members[i].votes && !s->config.members[i].arbiter;
	return majority < writable ? majority : writable;
}

static bool same_entry(const struct store *store, size_t n, const bson_t *body)
{
	struct optime told, have;
	bson_t at;

	if (!n)
		return true;
	if (n > store->n || !doc_sub(body, "prev", &at))
		return false;
	told = optime_read(&at);
	have = store->log[n - 1].at;
	return optime_compare(&told, &have) == 0;
}

static bool too_young(const struct standin *s, const bson_t *entry)
{
	int64_t lag = s->self >= 0 ? s->config.members[s->self].delay_secs * 1000 : 0;
	bson_iter_t wall;

	if (s->faults.lag_ms > lag)
		lag = s->faults.lag_ms;
	return lag && doc_find(entry, "wall", &wall) && bson_iter_date_time(&wall) > wall_ms_now() - lag;
}

/* Returns how much of the primary's log is here now. */
static size_t take_entries(struct standin *s, const bson_t *body, size_t n)
{
	bson_t entries, entry;
	bson_iter_t iter;
	struct optime at, have;

	if (!doc_sub(body, "entries", &entries) || !bson_iter_init(&iter, &entries))
		return n;
	while (iter_next_doc(&iter, &entry) && !too_young(s, &entry)) {
		at = optime_read(&entry);
		have = n < s->store.n ? s->store.log[n].at : at;
		if (optime_compare(&at, &have))
			store_cut(&s->store, n);
		if (n >= s->store.n)
			store_append_doc(&s->store, &entry);
		n++;
	}
	return n;
}

static enum outcome run_push(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *body = req->message.body;
	size_t n = (size_t)doc_int(body, "have", 0), commit = (size_t)doc_int(body, "commit", 0);
	int64_t term = doc_int(body, "term", 0);
	bool good;

	(void)no;
	repl_see_term(s, term);
	repl_see_primary(s, doc_text(body, "from", ""), term);
	good = term >= s->term && !repl_is_primary(s) && same_entry(&s->store, n, body);
	if (good) {
		n = take_entries(s, body, n);
		s->commit = commit < n ? commit : n;
		s->synced |= n >= (size_t)doc_int(body, "all", 0);
	} else if (n > s->store.n) {
		n = s->store.n;
	} else if (n) {
		n--;
	}
	BCON_APPEND(
		reply, "good", BCON_BOOL(good), "have", BCON_INT64((int64_t)n), "term", BCON_INT64(s->term));
	return DONE;
}

const struct command PUSH_COMMANDS[] = {
	{ "standinPush", run_push, FOR_MEMBER },
	{ .name = NULL },
};

struct pushed {
	char host[HOST_SIZE];
	int64_t term;
	size_t upto;
};

static void push_done(struct standin *s, const bson_t *reply, void *arg)
{
	ZPM_FREE struct pushed *pushed = arg;
	int at = config_find(&s->config, pushed->host);
	struct view *view = at >= 0 ? &s->views[at] : NULL;

	if (reply)
		repl_see_term(s, doc_int(reply, "term", 0));
	if (!view)
		return;
	view->pushing = false;
	if (!repl_is_primary(s) || pushed->term != s->term)
		return;
	if (!reply || !doc_bool(reply, "ok", false)) {
		view->next_push = zpm_clock_now() + RETRY_NS;
		return;
	}
	view->match = (size_t)doc_int(reply, "have", 0);
	view->matched = doc_bool(reply, "good", false);
	if (view->matched) {
		view->applied = view->match ? s->store.log[view->match - 1].at : view->applied;
		view->applied_wall_ms = view->match ? s->store.log[view->match - 1].wall_ms : 0;
	}
	/* It took less than it was given: it lags by intent. */
	if (view->matched && view->match < pushed->upto)
		view->next_push = zpm_clock_now() + RETRY_NS;
}

static void push_to(struct standin *s, struct view *view)
{
	struct pushed *pushed = zpm_alloc(sizeof(*pushed));
	bson_t *command = BCON_NEW("standinPush", BCON_INT32(1), "term", BCON_INT64(s->term), "have",
		BCON_INT64((int64_t)view->match), "commit", BCON_INT64((int64_t)s->commit), "all",
		BCON_INT64((int64_t)s->store.n));
	bson_t entries, one;
	uint32_t n = 0;

	if (view->match)
		optime_write(&s->store.log[view->match - 1].at, command, "prev");
	BSON_APPEND_ARRAY_BEGIN(command, "entries", &entries);
	for (size_t i = view->match; i < s->store.n && n < AT_ONCE; i++) {
		bson_init(&one);
		entry_write(&s->store.log[i], &one);
		array_add_doc(&entries, &n, &one);
		bson_destroy(&one);
	}
	bson_append_array_end(command, &entries);
	*pushed = (struct pushed){ .term = s->term, .upto = view->match + n };
	snprintf(pushed->host, sizeof(pushed->host), "%s", view->host);
	view->pushing = true;
	view->told = s->commit;
	repl_call(s, view->host, command, s->config.heartbeat_timeout_ms, push_done, pushed);
}

static void advance_commit(struct standin *s)
{
	size_t n = s->store.n;

	while (n > s->commit && repl_having(s, n, true) < repl_write_majority(s))
		n--;
	/* Only an entry of this term settles those of earlier ones. */
	if (n > s->commit && s->store.log[n - 1].at.term == s->term)
		s->commit = n;
}

void push_tick(struct standin *s)
{
	int64_t now = zpm_clock_now();

	if (!repl_is_primary(s))
		return;
	advance_commit(s);
	for (size_t i = 0; i < s->config.n; i++) {
		struct view *view = &s->views[i];

		if ((int)i == s->self || s->config.members[i].arbiter || !view->up || view->pushing ||
			view->next_push > now || view->config_version <= 0)
			continue;
		if (view->match > s->store.n)
			view->match = s->store.n;
		if (!view->matched || view->match < s->store.n || view->told < s->commit)
			push_to(s, view);
	}
}
