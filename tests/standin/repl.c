/* Heartbeats and states. What a member knows of the others, it knows from their answers. */
#include "repl.h"

#include "election.h"
#include "journal.h"

#include <stdlib.h>
#include <string.h>

#define NOOP_EVERY (10 * ZPM_S)

bool repl_is_primary(const struct standin *s)
{
	return s->state == STATE_PRIMARY;
}

bool repl_is_writable(const struct standin *s)
{
	return !s->opts.set || (repl_is_primary(s) && zpm_clock_now() >= s->writable_at);
}

void repl_become(struct standin *s, enum member_state state)
{
	if (s->state == state)
		return;
	s->state = state;
	s->state_since = zpm_clock_now();
	if (state != STATE_PRIMARY && s->primary == s->self)
		s->primary = -1;
}

void repl_call(struct standin *s, const char *host, bson_t *command, int timeout_ms, net_done done, void *arg)
{
	BSON_APPEND_UTF8(command, "from", s->self_host);
	BSON_APPEND_UTF8(command, "to", host);
	BSON_APPEND_UTF8(command, "$db", "admin");
	/* Nobody is called like that, so that the call fails in its own time. */
	net_call(s->net, fault_partitioned(&s->faults, host) ? "" : host, command, timeout_ms, done, arg);
	bson_destroy(command);
}

void repl_see_term(struct standin *s, int64_t term)
{
	if (term <= s->term)
		return;
	s->term = term;
	journal_term(s->store.journal, s->term, s->voted_term);
	if (repl_is_primary(s))
		election_step_down(s, 0);
}

void repl_see_primary(struct standin *s, const char *host, int64_t term)
{
	int at = config_find(&s->config, host);

	if (term < s->term || at < 0 || at == s->self)
		return;
	s->primary = at;
	s->views[at].state = STATE_PRIMARY;
	election_restart_timer(s);
}

/* One that was stopped, or cut off without a word, is not up for as long as a call to it may take. */
static bool heard_lately(const struct standin *s, const struct view *view)
{
	return view->up &&
	       wall_ms_now() - view->heard_wall_ms <= s->config.election_ms + s->config.heartbeat_ms;
}

size_t repl_voters_up(const struct standin *s)
{
	size_t up = 0;

	for (size_t i = 0; i < s->config.n; i++)
		up += s->config.members[i].votes && ((int)i == s->self || heard_lately(s, &s->views[i]));
	return up;
}

bool repl_config_spread(const struct standin *s)
{
	size_t have = 0;

	for (size_t i = 0; i < s->config.n; i++)
		have += s->config.members[i].votes &&
			((int)i == s->self || (s->views[i].config_version == s->config.version &&
						      s->views[i].config_term == s->config.term));
	return have >= config_majority(&s->config);
}

bool repl_config_committed(const struct standin *s)
{
	return repl_config_spread(s) && repl_having(s, s->barrier, true) >= repl_write_majority(s);
}

static void first_state(struct standin *s)
{
	if (s->self < 0) {
		repl_become(s, STATE_REMOVED);
	} else if (s->config.members[s->self].arbiter) {
		repl_become(s, STATE_ARBITER);
	} else if (s->state != STATE_PRIMARY && s->state != STATE_SECONDARY) {
		s->synced = s->store.n > 0;
		repl_become(s, s->synced ? STATE_SECONDARY : STATE_STARTUP2);
	}
}

void repl_install(struct standin *s, struct config *config, int self)
{
	struct view *old = zpm_alloc(sizeof(s->views));
	const char *primary = s->primary >= 0 ? s->views[s->primary].host : "";

	memcpy(old, s->views, sizeof(s->views));
	memset(s->views, 0, sizeof(s->views));
	for (size_t i = 0; i < config->n; i++) {
		int was = config_find(&s->config, config->members[i].host);

		if (was >= 0)
			s->views[i] = old[was];
		snprintf(s->views[i].host, HOST_SIZE, "%s", config->members[i].host);
		s->views[i].next_heartbeat = 0;
	}
	s->primary = -1;
	for (size_t i = 0; i < s->config.n; i++)
		if (!strcmp(old[i].host, primary))
			s->primary = config_find(config, old[i].host);
	free(old);
	config_dispose(&s->config);
	s->config = *config;
	s->self = self;
	if (self >= 0)
		snprintf(s->self_host, sizeof(s->self_host), "%s", config->members[self].host);
	journal_config(s->store.journal, s->config.doc, s->self_host);
	first_state(s);
	if (!repl_is_primary(s))
		election_restart_timer(s);
}

/* A configuration that came with a heartbeat. Under which name one is in it tells how one was called. */
static void adopt_config(struct standin *s, const bson_t *doc)
{
	struct config config;
	struct refusal no;
	int self;

	if (config_parse(&config, doc, -1, &no) < 0 || strcmp(config.name, s->opts.set) ||
		!config_newer(config.term, config.version, &s->config) || s->reconfiguring) {
		config_dispose(&config);
		return;
	}
	self = config_find(&config, s->called);
	if (self < 0)
		self = config_find(&config, s->self_host);
	if (repl_is_primary(s) && (self < 0 || config.members[self].priority <= 0))
		election_step_down(s, 0);
	repl_install(s, &config, self);
}

static void note_answer(struct standin *s, struct view *view, const bson_t *reply)
{
	int64_t now = zpm_clock_now();
	bson_t at;
	bson_iter_t wall;

	if (!view->up)
		view->up_since = now;
	view->up = true;
	view->trouble[0] = '\0';
	view->heard_wall_ms = wall_ms_now();
	view->state = (int)doc_int(reply, "state", STATE_DOWN);
	view->config_version = doc_int(reply, "v", -2);
	view->config_term = doc_int(reply, "configTerm", -1);
	if (doc_sub(reply, "opTime", &at))
		view->applied = optime_read(&at);
	if (doc_find(reply, "wallTime", &wall) && BSON_ITER_HOLDS_DATE_TIME(&wall))
		view->applied_wall_ms = bson_iter_date_time(&wall);
	repl_see_term(s, doc_int(reply, "term", 0));
	if (view->state == STATE_PRIMARY)
		repl_see_primary(s, view->host, doc_int(reply, "term", 0));
	else if (s->primary >= 0 && view == &s->views[s->primary])
		s->primary = -1;
}

static void note_silence(struct standin *s, struct view *view, const bson_t *reply)
{
	view->up = false;
	view->state = STATE_DOWN;
	snprintf(view->trouble, sizeof(view->trouble), "%s",
		reply ? doc_text(reply, "errmsg", "") : "Error connecting or no answer in time");
	if (s->primary >= 0 && view == &s->views[s->primary])
		s->primary = -1;
}

static void heartbeat_done(struct standin *s, const bson_t *reply, void *arg)
{
	ZPM_FREE char *host = arg;
	int at = config_find(&s->config, host);
	bson_t config;

	if (at >= 0) {
		s->views[at].asking = false;
		s->views[at].next_heartbeat = zpm_clock_now() + s->config.heartbeat_ms * ZPM_MS;
		if (reply && doc_bool(reply, "ok", false))
			note_answer(s, &s->views[at], reply);
		else
			note_silence(s, &s->views[at], reply);
	}
	if (reply && doc_sub(reply, "config", &config))
		adopt_config(s, &config);
}

static void send_heartbeat(struct standin *s, const char *host)
{
	int64_t version = s->config.doc ? s->config.version : -2;
	bson_t *command = BCON_NEW("replSetHeartbeat", BCON_UTF8(s->opts.set), "configVersion",
		BCON_INT64(version), "configTerm", BCON_INT64(s->config.term), "term", BCON_INT64(s->term),
		"state", BCON_INT32(s->state));

	repl_call(s, host, command, s->config.doc ? s->config.heartbeat_timeout_ms : 10000, heartbeat_done,
		zpm_strdup(host));
}

static enum outcome check_caller(struct standin *s, const bson_t *body, struct refusal *no)
{
	const char *set = doc_text(body, "replSetHeartbeat", "");

	if (!strcmp(set, s->opts.set))
		return DONE;
	return (enum outcome)refuse(no, INCONSISTENT_SET_NAMES,
		"Our set name of %s does not match name %s reported by remote node", s->opts.set, set);
}

static enum outcome run_heartbeat(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *body = req->message.body;
	const char *from = doc_text(body, "from", "");
	int64_t version = doc_int(body, "configVersion", -2), term = doc_int(body, "configTerm", -1);
	struct optime last = store_last(&s->store);
	int at = config_find(&s->config, from);

	if (check_caller(s, body, no) < 0)
		return REFUSED;
	snprintf(s->called, sizeof(s->called), "%s", doc_text(body, "to", ""));
	if (at >= 0)
		s->views[at].received_wall_ms = wall_ms_now();
	repl_see_term(s, doc_int(body, "term", 0));
	if (doc_int(body, "state", 0) == STATE_PRIMARY)
		repl_see_primary(s, from, doc_int(body, "term", 0));
	if (from[0] && version > 0 && config_newer(term, version, &s->config))
		send_heartbeat(s, from);
	BCON_APPEND(reply, "set", BCON_UTF8(s->opts.set), "state", BCON_INT32(s->state), "v",
		BCON_INT64(s->config.doc ? s->config.version : -2), "configTerm", BCON_INT64(s->config.term),
		"term", BCON_INT64(s->term), "process", BCON_OID(&s->process), "hasData",
		BCON_BOOL(s->store.n > 0), "electable", BCON_BOOL(!election_obstacle(s)), "wallTime",
		BCON_DATE_TIME(store_last_wall(&s->store)));
	optime_write(&last, reply, "opTime");
	if (s->config.doc && (version < 0 || (version != s->config.version || term != s->config.term)) &&
		version != -3)
		BSON_APPEND_DOCUMENT(reply, "config", s->config.doc);
	return DONE;
}

const struct command MEMBER_COMMANDS[] = {
	{ "replSetHeartbeat", run_heartbeat, FOR_SET },
	{ .name = NULL },
};

static void watch_majority(struct standin *s, int64_t now)
{
	if (!repl_is_primary(s) || repl_voters_up(s) >= config_majority(&s->config)) {
		s->majority_lost_at = 0;
		return;
	}
	if (!s->majority_lost_at)
		s->majority_lost_at = now;
	if (now - s->majority_lost_at >= s->config.election_ms * ZPM_MS)
		election_step_down(s, 0);
}

void repl_write(struct standin *s, const char *op, const char *ns, const bson_t *doc)
{
	struct optime at = store_last(&s->store);
	int64_t wall = wall_ms_now();
	uint32_t secs = (uint32_t)(wall / 1000);
	bson_t *entry = BCON_NEW("op", BCON_UTF8(op), "ns", BCON_UTF8(ns));

	if (doc)
		BSON_APPEND_DOCUMENT(entry, "o", doc);
	at = at.secs >= secs ? (struct optime){ at.secs, at.inc + 1, s->term }
			     : (struct optime){ secs, 1, s->term };
	store_append(&s->store, at, wall, entry);
	bson_destroy(entry);
	s->noop_at = zpm_clock_now() + NOOP_EVERY;
}

void repl_tick(struct standin *s)
{
	int64_t now = zpm_clock_now();

	if (!s->config.doc)
		return;
	for (size_t i = 0; i < s->config.n; i++)
		if ((int)i != s->self && !s->views[i].asking && s->views[i].next_heartbeat <= now) {
			s->views[i].asking = true;
			send_heartbeat(s, s->views[i].host);
		}
	watch_majority(s, now);
	if (s->state == STATE_STARTUP2 && s->synced &&
		now - s->state_since >= s->faults.sync_delay_ms * ZPM_MS)
		repl_become(s, STATE_SECONDARY);
	/* What shows that a member lags, where nobody writes. */
	if (repl_is_writable(s) && now >= s->noop_at)
		repl_write(s, "noop", "", NULL);
	push_tick(s);
	election_tick(s);
}
