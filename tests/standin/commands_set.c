/* Commands that make, change and move a replica set. */
#include "election.h"
#include "repl.h"
#include "status.h"
#include "survey.h"

#include <string.h>

/* The step of a reconfiguration that only has to spread. */
#define INSTALLED 1

static int given_config(
	struct standin *s, const struct request *req, int64_t term, struct config *config, struct refusal *no)
{
	bson_iter_t first;
	bson_t doc;

	*config = (struct config){ .n = 0 };
	bson_iter_init(&first, req->message.body);
	if (!bson_iter_next(&first) || !BSON_ITER_HOLDS_DOCUMENT(&first) || !iter_sub(&first, &doc))
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "no configuration specified");
	if (config_parse(config, &doc, term, no) < 0)
		return -1;
	if (!strcmp(config->name, s->opts.set) && doc_bool(&doc, "configsvr", false) == s->opts.configsvr)
		return 0;
	refuse(no, INVALID_REPLICA_SET_CONFIG,
		strcmp(config->name, s->opts.set)
			? "Attempting to initiate a replica set with name %s, but command line reports %s; "
			  "rejecting"
			: "configsvr of set %s does not agree with how %s was started",
		config->name, s->opts.set);
	return -1;
}

static int check_initiate(const struct survey *survey, const struct config *config, struct refusal *no)
{
	if (survey_self(survey, config) < 0)
		return refuse(no, INVALID_REPLICA_SET_CONFIG,
			"No host described in new configuration for replica set %s maps to this node",
			config->name);
	for (size_t i = 0; i < config->n; i++) {
		const struct surveyed *of = survey_of(survey, i);

		if (of->answered && !of->configured && (of->self || !of->data))
			continue;
		return refuse(no, of->answered && of->configured ? INCOMPATIBLE_CONFIG : NODE_NOT_FOUND,
			"replSetInitiate quorum check failed because not all proposed set members responded "
			"affirmatively: %s: %s",
			of->host,
			of->configured ? "is in a set already"
			: of->data     ? "has data"
				       : of->refusal);
	}
	return 0;
}

static enum outcome try_initiate(
	struct standin *s, struct request *req, struct config *config, struct refusal *no)
{
	if (config->version != 1)
		return (enum outcome)refuse(
			no, INVALID_REPLICA_SET_CONFIG, "initial configuration must have version 1");
	if (!req->survey)
		req->survey = survey_start(s, config);
	if (!survey_done(req->survey))
		return PARKED;
	if (check_initiate(req->survey, config, no) < 0)
		return REFUSED;
	s->term = 1;
	/* The first of the log makes this member the one with data, and so the first that is secondary. */
	repl_write(s, "noop", "", NULL);
	repl_install(s, config, survey_self(req->survey, config));
	return DONE;
}

static enum outcome run_initiate(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	struct config config;
	enum outcome outcome;

	(void)reply;
	if (s->config.doc)
		return (enum outcome)refuse(no, ALREADY_INITIALIZED, "already initialized");
	outcome = given_config(s, req, 1, &config, no) < 0 ? REFUSED : try_initiate(s, req, &config, no);
	if (outcome != DONE)
		config_dispose(&config);
	return outcome;
}

static int check_quorum(const struct survey *survey, const struct config *config, struct refusal *no)
{
	size_t voters = 0, electable = 0;

	for (size_t i = 0; i < config->n; i++) {
		const struct surveyed *of = survey_of(survey, i);

		/* A stranger is not asked at all: it counts as one that does not answer. */
		if (of->refusal[0] && !of->stranger)
			return refuse(no, INCOMPATIBLE_CONFIG, "%s: %s", of->host, of->refusal);
		voters += of->answered && config->members[i].votes;
		electable += of->answered && config->members[i].priority > 0;
	}
	if (voters < config_majority(config))
		return refuse(no, NODE_NOT_FOUND,
			"Quorum check failed because not enough voting nodes responded; required %zu but "
			"only %zu "
			"voting nodes responded",
			config_majority(config), voters);
	if (!electable)
		return refuse(no, NODE_NOT_FOUND, "Quorum check failed because no electable nodes responded");
	return 0;
}

static enum outcome try_reconfig(
	struct standin *s, struct request *req, struct config *config, struct refusal *no)
{
	int self;

	if (config_check_step(&s->config, config, no) < 0)
		return REFUSED;
	if (!req->survey) {
		req->survey = survey_start(s, config);
		s->reconfiguring = req;
	}
	if (!survey_done(req->survey))
		return PARKED;
	self = survey_self(req->survey, config);
	if (config_check_primary(config, self, no) < 0 || check_quorum(req->survey, config, no) < 0)
		return REFUSED;
	s->barrier = s->commit;
	repl_install(s, config, self);
	return DONE;
}

static enum outcome before_reconfig(struct standin *s, struct request *req, struct refusal *no)
{
	if (doc_bool(req->message.body, "force", false))
		return (enum outcome)refuse(no, BAD_VALUE, "the stand-in has no forced reconfiguration");
	if (!repl_is_writable(s))
		return (enum outcome)refuse(no, NOT_WRITABLE_PRIMARY,
			"New config is rejected: replSetReconfig should only be run on a writable PRIMARY");
	if (s->reconfiguring && s->reconfiguring != req)
		return (enum outcome)refuse(no, CONFIGURATION_IN_PROGRESS,
			"Cannot run replSetReconfig because the node is currently updating its "
			"configuration");
	if (repl_config_committed(s))
		return DONE;
	if (req->deadline && zpm_clock_now() >= req->deadline)
		return (enum outcome)refuse(no, CONFIG_NOT_COMMITTED,
			"New config is rejected: the current config is not committed on a majority");
	return PARKED;
}

static enum outcome start_reconfig(struct standin *s, struct request *req, struct refusal *no)
{
	struct config config;
	enum outcome outcome = before_reconfig(s, req, no);

	if (outcome != DONE)
		return outcome;
	outcome =
		given_config(s, req, s->term, &config, no) < 0 ? REFUSED : try_reconfig(s, req, &config, no);
	if (outcome != DONE)
		config_dispose(&config);
	if (outcome == DONE)
		s->reconfiguring = NULL;
	return outcome;
}

static enum outcome run_reconfig(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	enum outcome outcome;

	(void)reply;
	if (req->step != INSTALLED) {
		outcome = start_reconfig(s, req, no);
		if (outcome != DONE)
			return outcome;
		req->step = INSTALLED;
	}
	if (!repl_is_primary(s))
		return (enum outcome)refuse(no, PRIMARY_STEPPED_DOWN,
			"Reconfig finished but failed to propagate to a majority: stepped down");
	return repl_config_spread(s) ? DONE : PARKED;
}

static enum outcome run_get_config(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	bool commitment = doc_bool(req->message.body, "commitmentStatus", false);

	if (commitment && !repl_is_primary(s))
		return (enum outcome)refuse(
			no, NOT_WRITABLE_PRIMARY, "commitmentStatus is only supported on primary.");
	BSON_APPEND_DOCUMENT(reply, "config", s->config.doc);
	if (commitment)
		BSON_APPEND_BOOL(reply, "commitmentStatus", repl_config_committed(s));
	return DONE;
}

static bool one_caught_up(const struct standin *s)
{
	for (size_t i = 0; i < s->config.n; i++)
		if ((int)i != s->self && s->config.members[i].priority > 0 && s->views[i].up &&
			s->views[i].state == STATE_SECONDARY && s->views[i].matched &&
			s->views[i].match == s->store.n)
			return true;
	return false;
}

/* Not before a majority has all there is, which the next primary is among. */
static bool may_step_down(const struct standin *s)
{
	return one_caught_up(s) && repl_having(s, s->store.n, true) >= repl_write_majority(s);
}

static enum outcome run_step_down(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *body = req->message.body;
	bool force = doc_bool(body, "force", false);
	int64_t secs = doc_int(body, "replSetStepDown", 60);
	int64_t patience = doc_int(body, "secondaryCatchUpPeriodSecs", force ? 0 : 10);

	(void)reply;
	if (secs == 0)
		secs = 60;
	if (secs < 0 || patience < 0 || secs < patience)
		return (enum outcome)refuse(
			no, BAD_VALUE, "stepdown period must be longer than secondaryCatchUpPeriodSecs");
	if (!repl_is_primary(s))
		return (enum outcome)refuse(no, NOT_WRITABLE_PRIMARY, "not primary so can't step down");
	if (!req->until)
		req->until = zpm_clock_now() + patience * ZPM_S;
	if (!may_step_down(s) && !(force && zpm_clock_now() >= req->until)) {
		if (zpm_clock_now() < req->until)
			return PARKED;
		return (enum outcome)refuse(no, EXCEEDED_TIME_LIMIT,
			"No electable secondaries caught up as of %lld. Please use the replSetStepDown "
			"command with "
			"the argument {force: true} to force node to step down.",
			(long long)wall_ms_now());
	}
	election_step_down(s, secs * 1000);
	return DONE;
}

static enum outcome run_freeze(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	int64_t secs = doc_int(req->message.body, "replSetFreeze", 0);

	if (repl_is_primary(s))
		return (enum outcome)refuse(no, NOT_SECONDARY,
			"Cannot freeze node when primary or running for election, state: Primary");
	if (secs < 0)
		return (enum outcome)refuse(no, BAD_VALUE, "seconds must be positive");
	s->frozen_until = secs ? zpm_clock_now() + secs * ZPM_S : 0;
	if (secs == 0)
		BSON_APPEND_UTF8(reply, "info", "unfreezing");
	if (secs == 1)
		BSON_APPEND_UTF8(reply, "warning", "you really want to freeze for only 1 second?");
	return DONE;
}

const struct command SET_COMMANDS[] = {
	{ "replSetInitiate", run_initiate, FOR_SET },
	{ "replSetReconfig", run_reconfig, FOR_SET | FOR_MEMBER },
	{ "replSetGetConfig", run_get_config, FOR_SET | FOR_MEMBER },
	{ "replSetGetStatus", run_status, FOR_SET | FOR_MEMBER },
	{ "replSetStepDown", run_step_down, FOR_SET | FOR_MEMBER },
	{ "replSetFreeze", run_freeze, FOR_SET | FOR_MEMBER },
	{ .name = NULL },
};
