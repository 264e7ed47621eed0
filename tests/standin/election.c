/* Who is the primary. Timers are from the configuration, so that tests can be quick. */
#include "election.h"

#include "journal.h"
#include "repl.h"

#include <stdlib.h>
#include <string.h>

#define FRESH_MS       2000
#define DRAIN_NS       (20 * ZPM_MS)
#define STEP_UP_MS     2000
#define VOTES_PATIENCE 2000

void election_restart_timer(struct standin *s)
{
	int64_t timeout = s->config.election_ms * ZPM_MS;

	/* Up to 15 % more at random, or all would stand at once. */
	s->election_at = zpm_clock_now() + timeout + timeout * (random() % 16) / 100;
}

const char *election_obstacle(const struct standin *s)
{
	if (s->state != STATE_SECONDARY || s->self < 0)
		return "is not a secondary";
	if (s->config.members[s->self].priority <= 0)
		return "has priority 0";
	if (s->frozen_until > zpm_clock_now())
		return "is frozen or was told to step down";
	if (repl_voters_up(s) < config_majority(&s->config))
		return "sees no majority of the voters";
	return NULL;
}

static void win(struct standin *s)
{
	struct config config;
	struct refusal no;

	s->campaign.running = false;
	repl_become(s, STATE_PRIMARY);
	s->primary = s->self;
	s->takeover_at = 0;
	s->writable_at = zpm_clock_now() + DRAIN_NS;
	for (size_t i = 0; i < s->config.n; i++) {
		s->views[i].matched = s->views[i].pushing = false;
		s->views[i].match = s->store.n;
		s->views[i].next_push = 0;
	}
	repl_write(s, "noop", "", NULL);
	s->barrier = s->store.n;
	s->elected = store_last(&s->store);
	s->elected_wall_ms = wall_ms_now();
	/* The new term goes into the configuration, which tells the others at once. */
	if (config_parse(&config, s->config.doc, s->term, &no) == 0)
		repl_install(s, &config, s->self);
	else
		config_dispose(&config);
}

static void ask_for_votes(struct standin *s);

static void vote_done(struct standin *s, const bson_t *reply, void *arg)
{
	ZPM_FREE uint64_t *serial = arg;

	if (reply)
		repl_see_term(s, doc_int(reply, "term", 0));
	if (!s->campaign.running || *serial != s->campaign.serial || !reply || election_obstacle(s))
		return;
	s->campaign.granted += doc_bool(reply, "voteGranted", false);
	if (s->campaign.granted < config_majority(&s->config))
		return;
	if (s->campaign.dry)
		election_start(s, false);
	else
		win(s);
}

static void ask_for_votes(struct standin *s)
{
	struct optime last = store_last(&s->store);

	for (size_t i = 0; i < s->config.n; i++) {
		uint64_t *serial;
		bson_t *command;

		if ((int)i == s->self || !s->config.members[i].votes)
			continue;
		command = BCON_NEW("replSetRequestVotes", BCON_INT32(1), "dryRun", BCON_BOOL(s->campaign.dry),
			"term", BCON_INT64(s->campaign.dry ? s->term + 1 : s->term), "configVersion",
			BCON_INT64(s->config.version), "configTerm", BCON_INT64(s->config.term));
		optime_write(&last, command, "last");
		serial = zpm_alloc(sizeof(*serial));
		*serial = s->campaign.serial;
		repl_call(s, s->config.members[i].host, command, VOTES_PATIENCE, vote_done, serial);
	}
}

void election_start(struct standin *s, bool dry)
{
	s->campaign = (struct campaign){ .serial = s->campaign.serial + 1,
		.running = true,
		.dry = dry,
		.granted = s->config.members[s->self].votes > 0 };
	election_restart_timer(s);
	if (!dry) {
		s->voted_term = ++s->term;
		journal_term(s->store.journal, s->term, s->voted_term);
	}
	if (s->campaign.granted >= config_majority(&s->config)) {
		if (dry)
			election_start(s, false);
		else
			win(s);
		return;
	}
	ask_for_votes(s);
}

static const char *reason_against(const struct standin *s, const bson_t *body)
{
	struct optime mine = store_last(&s->store), theirs;
	int64_t term = doc_int(body, "term", 0);
	bson_t last;

	if (term < s->term || (!doc_bool(body, "dryRun", false) && term <= s->voted_term))
		return "candidate's term is lower than mine, or I voted in it";
	if (s->config.doc &&
		!config_newer(
			doc_int(body, "configTerm", -1), doc_int(body, "configVersion", 0), &s->config) &&
		(doc_int(body, "configVersion", 0) != s->config.version ||
			doc_int(body, "configTerm", -1) != s->config.term))
		return "candidate's config is older than mine";
	if (!doc_sub(body, "last", &last))
		return "candidate says nothing of its log";
	theirs = optime_read(&last);
	if (optime_compare(&theirs, &mine) < 0)
		return "candidate's data is staler than mine";
	return NULL;
}

static enum outcome run_request_votes(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *body = req->message.body;
	const char *reason = reason_against(s, body);
	bool dry = doc_bool(body, "dryRun", false);

	(void)no;
	if (!dry)
		repl_see_term(s, doc_int(body, "term", 0));
	if (!reason && !dry) {
		s->voted_term = doc_int(body, "term", 0);
		journal_term(s->store.journal, s->term, s->voted_term);
		election_restart_timer(s);
	}
	BCON_APPEND(reply, "term", BCON_INT64(s->term), "voteGranted", BCON_BOOL(!reason), "reason",
		BCON_UTF8(reason ? reason : ""));
	return DONE;
}

static enum outcome run_step_up(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const char *obstacle = election_obstacle(s);

	(void)reply;
	if (obstacle)
		return (enum outcome)refuse(no, 125, "Election failed: this node %s", obstacle);
	election_start(s, !doc_bool(req->message.body, "skipDryRun", false));
	return DONE;
}

const struct command ELECTION_COMMANDS[] = {
	{ "replSetRequestVotes", run_request_votes, FOR_MEMBER },
	{ "replSetStepUp", run_step_up, FOR_MEMBER },
	{ .name = NULL },
};

static void ignore_reply(struct standin *s, const bson_t *reply, void *arg)
{
	(void)s;
	(void)reply;
	(void)arg;
}

/* The member that is as far as this one, of the highest priority, is asked to take over. */
static void hand_over(struct standin *s)
{
	int best = -1;

	for (size_t i = 0; i < s->config.n; i++) {
		const struct member *member = &s->config.members[i];

		if ((int)i == s->self || member->priority <= 0 || s->views[i].state != STATE_SECONDARY ||
			!s->views[i].matched || s->views[i].match < s->store.n)
			continue;
		if (best < 0 || member->priority > s->config.members[best].priority)
			best = (int)i;
	}
	if (best >= 0)
		repl_call(s, s->config.members[best].host,
			BCON_NEW("replSetStepUp", BCON_INT32(1), "skipDryRun", BCON_BOOL(true)), STEP_UP_MS,
			ignore_reply, NULL);
}

void election_step_down(struct standin *s, int64_t frozen_ms)
{
	if (!repl_is_primary(s))
		return;
	repl_become(s, STATE_SECONDARY);
	if (frozen_ms > 0) {
		s->frozen_until = zpm_clock_now() + frozen_ms * ZPM_MS;
		hand_over(s);
	}
	election_restart_timer(s);
}

static bool fresh_enough(const struct standin *s)
{
	return store_last_wall(&s->store) + FRESH_MS >= s->views[s->primary].applied_wall_ms;
}

/* The higher the rank, the earlier: those of lower priority need not even try. */
static void watch_priority(struct standin *s, int64_t now)
{
	double mine = s->config.members[s->self].priority;
	int64_t rank = 0;

	if (s->primary < 0 || s->config.members[s->primary].priority >= mine) {
		s->takeover_at = 0;
		return;
	}
	for (size_t i = 0; i < s->config.n; i++)
		rank += s->config.members[i].priority > mine;
	if (s->takeover_at && now >= s->takeover_at && fresh_enough(s))
		election_start(s, true);
	if (!s->takeover_at || now >= s->takeover_at)
		s->takeover_at = now + (rank + 1) * s->config.election_ms * ZPM_MS;
}

void election_tick(struct standin *s)
{
	int64_t now = zpm_clock_now();

	if (s->self < 0 || repl_is_primary(s))
		return;
	if (election_obstacle(s)) {
		if (now >= s->election_at)
			election_restart_timer(s);
		return;
	}
	if (now >= s->election_at || config_voters(&s->config) == 1) {
		election_start(s, true);
		return;
	}
	watch_priority(s, now);
}
