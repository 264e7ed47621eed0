/*
 * Requests, from the wire to their handlers and back. A request that can't be
 * answered yet stays in a list, and its handler is called again whenever
 * something has happened.
 */
#include "cluster.h"
#include "errand.h"
#include "login.h"
#include "repl.h"
#include "router.h"
#include "survey.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

static const struct command *const TABLES[] = { BASIC_COMMANDS, SET_COMMANDS, MEMBER_COMMANDS, PUSH_COMMANDS,
	ELECTION_COMMANDS, DATA_COMMANDS, CURSOR_COMMANDS, FAULT_COMMANDS, LOGIN_COMMANDS, USER_COMMANDS,
	SHARD_COMMANDS, DATABASE_COMMANDS };

const char *request_name(const struct request *req)
{
	bson_iter_t first;

	bson_iter_init(&first, req->message.body);
	return bson_iter_next(&first) ? bson_iter_key(&first) : "";
}

static enum outcome run_unknown(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	(void)s;
	(void)reply;
	return (enum outcome)refuse(no, COMMAND_NOT_FOUND, "no such command: '%s'", request_name(req));
}

static const struct command UNKNOWN = { "", run_unknown, FOR_ROUTER | OPEN };
static const struct command ROUTED = { "", router_run, FOR_ROUTER };

int64_t wall_ms_now(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
}

static const struct command *find_command(const struct standin *s, const char *name)
{
	for (size_t t = 0; t < ZPM_COUNT(TABLES); t++)
		for (const struct command *row = TABLES[t]; row->name; row++)
			if (!strcmp(row->name, name) && (!s->opts.mongos || row->flags & FOR_ROUTER))
				return row;
	return s->opts.mongos && router_knows(name) ? &ROUTED : &UNKNOWN;
}

static bool reads_elsewhere(const bson_t *body)
{
	const char *mode = doc_text(body, "$readPreference.mode", "primary");

	return strcmp(mode, "primary") || doc_bool(body, "slaveOk", false);
}

static int check_state(const struct standin *s, const struct request *req, struct refusal *no)
{
	unsigned flags = req->command->flags;

	if (s->opts.mongos && !strcmp(req->message.db, "local"))
		return refuse(no, ILLEGAL_OPERATION, "Can't use 'local' database through mongos");
	if (flags & FOR_SET && !s->opts.set)
		return refuse(no, NO_REPLICATION_ENABLED, "not running with --replSet");
	if (flags & FOR_MEMBER && !s->config.doc)
		return refuse(no, NOT_YET_INITIALIZED, "no replset config has been received");
	if (!s->opts.set || req->step || !strcmp(req->message.db, "local"))
		return 0;
	if (flags & WRITES && !repl_is_writable(s))
		return refuse(no, NOT_WRITABLE_PRIMARY, "not master");
	if (!(flags & READS) || repl_is_primary(s))
		return 0;
	if (!reads_elsewhere(req->message.body))
		return refuse(no, NOT_PRIMARY_NO_SECONDARY_OK, "not master and slaveOk=false");
	if (s->state != STATE_SECONDARY)
		return refuse(no, NOT_PRIMARY_OR_SECONDARY, "not master or secondary");
	return 0;
}

/* Drivers retry by labels, not by codes, from 4.4 on. */
static void write_refusal(const struct refusal *no, bool labels, bson_t *reply)
{
	bson_reinit(reply);
	BCON_APPEND(reply, "ok", BCON_DOUBLE(0), "errmsg", BCON_UTF8(no->msg), "code", BCON_INT32(no->code),
		"codeName", BCON_UTF8(refusal_name(no->code)));
	if (labels && (no->code == NOT_WRITABLE_PRIMARY || no->code == PRIMARY_STEPPED_DOWN))
		BCON_APPEND(reply, "errorLabels", "[", BCON_UTF8("RetryableWriteError"), "]");
}

static void free_request(struct standin *s, struct request *req)
{
	if (s->reconfiguring == req)
		s->reconfiguring = NULL;
	bson_destroy(req->message.body);
	if (req->result)
		bson_destroy(req->result);
	survey_free(req->survey);
	errand_free(req->errand);
	free(req);
}

/* True when it is done with. */
static bool run(struct standin *s, struct request *req)
{
	struct refusal no = { 0 };
	bson_t reply = BSON_INITIALIZER;
	enum outcome outcome = login_admit(s, req, &no);

	if (outcome == DONE && check_state(s, req, &no) < 0)
		outcome = REFUSED;
	if (outcome == DONE)
		outcome = req->command->run(s, req, &reply, &no);
	if (outcome == PARKED && req->deadline && zpm_clock_now() >= req->deadline) {
		refuse(&no, MAX_TIME_EXPIRED, "operation exceeded time limit");
		outcome = REFUSED;
	}
	if (outcome == REFUSED)
		write_refusal(&no, doc_has(req->message.body, "txnNumber"), &reply);
	else if (outcome == DONE && !doc_has(&reply, "ok"))
		BSON_APPEND_DOUBLE(&reply, "ok", 1);
	if (outcome != PARKED)
		net_answer(s->net, req->conn, &req->message, &reply);
	bson_destroy(&reply);
	return outcome != PARKED;
}

static enum outcome run_never(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	(void)s;
	(void)reply;
	(void)no;
	req->deadline = 0;
	return PARKED;
}

static enum outcome run_refused(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	(void)s;
	(void)reply;
	return (enum outcome)refuse(no, (int)req->position, "refused on demand");
}

static const struct command HANGS = { "", run_never, FOR_ROUTER | OPEN };
static const struct command FAILS = { "", run_refused, FOR_ROUTER | OPEN };

static void misbehave(struct standin *s, struct request *req, const char *name)
{
	struct fault fault = fault_take(&s->faults, name);

	if (fault.kind == FAULT_HANG)
		req->command = &HANGS;
	if (fault.kind == FAULT_FAIL)
		req->command = &FAILS;
	req->position = (size_t)fault.code;
	if (fault.kind == FAULT_CLOSE)
		net_close(s->net, req->conn);
	/* What it does it does; only nobody will be there to hear of it. */
	if (fault.kind == FAULT_CUT) {
		net_close(s->net, req->conn);
		req->conn = 0;
	}
}

void standin_take(struct standin *s, uint64_t conn, struct message *message)
{
	struct request *req = zpm_alloc(sizeof(*req));
	int64_t max_time = doc_int(message->body, "maxTimeMS", 0);
	const char *name;

	*req = (struct request){ .conn = conn,
		.message = *message,
		.trust = login_trust(s, conn, message->body),
		.deadline = max_time ? zpm_clock_now() + max_time * ZPM_MS : 0 };
	name = request_name(req);
	req->command = find_command(s, name);
	if (fault_partitioned(&s->faults, doc_text(message->body, "from", "")))
		net_close(s->net, conn);
	else
		misbehave(s, req, name);
	if ((req->conn && !net_alive(s->net, req->conn)) || run(s, req)) {
		free_request(s, req);
		return;
	}
	req->next = s->requests;
	s->requests = req;
}

static void run_parked(struct standin *s)
{
	struct request **at = &s->requests;

	while (*at) {
		struct request *req = *at;

		if ((req->conn && !net_alive(s->net, req->conn)) || run(s, req)) {
			*at = req->next;
			free_request(s, req);
		} else {
			at = &req->next;
		}
	}
}

void standin_turn(struct standin *s)
{
	/* Short, as timers of tests may be: a turn without events costs next to nothing. */
	net_turn(s->net, 10);
	if (s->opts.set)
		repl_tick(s);
	if (s->opts.configsvr)
		balance_tick(s);
	run_parked(s);
}

void standin_dispose(struct standin *s)
{
	while (s->requests) {
		struct request *req = s->requests;

		s->requests = req->next;
		free_request(s, req);
	}
	net_free(s->net);
	if (s->system)
		bson_destroy(s->system);
	config_dispose(&s->config);
	store_free(&s->store);
	cursors_dispose(&s->cursors);
	faults_reset(&s->faults);
}
