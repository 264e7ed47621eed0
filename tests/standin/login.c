/* Conversations, one a connection, and the commands around them. */
#include "login.h"

#include "session.h"
#include "users.h"

#include <string.h>

/* There is never more than one conversation, so it needs no number of its own. */
#define CONVERSATION 1

/* What the localhost exception is for: making a set, or a cluster, and its first user. */
static const char *const FIRST[] = { "createUser", "replSetInitiate", "replSetReconfig", "replSetGetStatus",
	"addShard" };

/* Who was dropped, or dropped and made anew, is not logged in any more. */
static void forget_dropped(const struct standin *s, struct session *session)
{
	bson_iter_t iter;
	bson_t user;

	if (!session->users)
		return;
	bson_iter_init(&iter, session->users);
	while (iter_next_doc(&iter, &user))
		if (!users_valid(s, &user)) {
			session_logout(session, doc_text(&user, "db", ""));
			bson_iter_init(&iter, session->users);
		}
}

enum trust login_trust(struct standin *s, uint64_t conn, const bson_t *body)
{
	enum proof proof = key_check(&s->key, body);
	struct session *session = net_session(s->net, conn);

	if (proof != PROOF_NONE)
		return proof == PROOF_GOOD ? TRUST_KNOWN : TRUST_FORGED;
	if (!s->opts.auth)
		return TRUST_KNOWN;
	if (!session)
		return TRUST_NOBODY;
	forget_dropped(s, session);
	if (session->users && !bson_empty(session->users))
		return TRUST_KNOWN;
	return net_local(s->net, conn) ? TRUST_LOCAL : TRUST_NOBODY;
}

static bool is_first(const struct request *req)
{
	if (strcmp(req->message.db, "admin"))
		return false;
	for (size_t i = 0; i < ZPM_COUNT(FIRST); i++)
		if (!strcmp(request_name(req), FIRST[i]))
			return true;
	return false;
}

/* All failures look the same, so that nobody learns who is there. */
static enum outcome fail(struct refusal *no)
{
	return (enum outcome)refuse(no, AUTHENTICATION_FAILED, "Authentication failed.");
}

enum outcome login_admit(struct standin *s, struct request *req, struct refusal *no)
{
	enum outcome outcome;
	bool any = true;

	if (req->trust == TRUST_FORGED)
		return fail(no);
	if (req->trust == TRUST_KNOWN || req->command->flags & OPEN)
		return DONE;
	if (req->trust == TRUST_LOCAL && is_first(req)) {
		outcome = users_any(s, req, &any, no);
		if (outcome != DONE)
			return outcome;
	}
	if (any)
		return (enum outcome)refuse(
			no, UNAUTHORIZED, "command %s requires authentication", request_name(req));
	/* By the time it is called again, the first user may be there. */
	req->trust = TRUST_KNOWN;
	return DONE;
}

/* The client's message; NULL when there is none. The caller's. */
static char *payload(const bson_t *body)
{
	const uint8_t *data = NULL;
	bson_iter_t iter;
	uint32_t len = 0;

	if (!doc_find(body, "payload", &iter) || !BSON_ITER_HOLDS_BINARY(&iter))
		return NULL;
	bson_iter_binary(&iter, NULL, &len, &data);
	return bson_strndup((const char *)data, len);
}

static void append_step(bson_t *reply, bool done, const struct zpm_buf *answer)
{
	BCON_APPEND(reply, "conversationId", BCON_INT32(CONVERSATION), "done", BCON_BOOL(done));
	bson_append_binary(reply, "payload", -1, BSON_SUBTYPE_BINARY,
		(const uint8_t *)(answer->len ? answer->data : ""), (uint32_t)answer->len);
}

static enum outcome begin(struct session *session, enum scram_hash hash, const bson_t *user,
	const char *first, struct zpm_buf *answer, struct refusal *no)
{
	bson_t credentials;

	if (!session)
		return fail(no);
	session_forget(session);
	if (doc_sub(user, "credentials", &credentials))
		session->scram = scram_start(hash, &credentials, first, answer);
	if (!session->scram)
		return fail(no);
	session->user = bson_copy(user);
	return DONE;
}

/* The first step, by a command or by what a handshake has in the place of one. */
static enum outcome start(struct standin *s, struct request *req, const bson_t *body, const char *db,
	bson_t *reply, struct refusal *no)
{
	struct session *session = net_session(s->net, req->conn);
	const char *mechanism = doc_text(body, "mechanism", "");
	enum scram_hash hash = scram_find(mechanism);
	ZPM_FREE char *first = payload(body), *name = first ? scram_user(first) : NULL;
	ZPM_BUF answer = { 0 };
	enum outcome outcome;
	bson_t user;

	if (hash == SCRAM_HASHES)
		return (enum outcome)refuse(no, MECHANISM_UNAVAILABLE,
			"Received authentication for mechanism %s which is unknown or not enabled",
			mechanism);
	if (!name)
		return fail(no);
	outcome = users_find(s, req, db, name, &user, no);
	if (outcome == DONE)
		outcome = begin(session, hash, &user, first, &answer, no);
	if (outcome != DONE)
		return outcome;
	snprintf(session->db, sizeof(session->db), "%s", db);
	session->short_form = doc_bool(body, "options.skipEmptyExchange", false);
	append_step(reply, false, &answer);
	return DONE;
}

static enum outcome run_start(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	return start(s, req, req->message.body, req->message.db, reply, no);
}

static enum outcome check_conversation(
	const struct session *session, const struct request *req, struct refusal *no)
{
	if (!session || !session->scram)
		return (enum outcome)refuse(no, PROTOCOL_ERROR, "No SASL session state found");
	if (doc_int(req->message.body, "conversationId", 0) != CONVERSATION)
		return (enum outcome)refuse(no, PROTOCOL_ERROR, "sasl: Mismatched conversation id");
	if (strcmp(session->db, req->message.db))
		return (enum outcome)refuse(
			no, PROTOCOL_ERROR, "Attempt to switch database target during SASL authentication.");
	return DONE;
}

/* The client's proof; then, unless it said that it can do without, a message with nothing in it. */
static enum outcome run_continue(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	struct session *session = net_session(s->net, req->conn);
	ZPM_FREE char *last = payload(req->message.body);
	ZPM_BUF answer = { 0 };
	bool done;

	if (check_conversation(session, req, no) < 0)
		return REFUSED;
	done = session->proven || session->short_form;
	if (!session->proven && (!last || !scram_finish(session->scram, last, &answer))) {
		session_forget(session);
		return fail(no);
	}
	session->proven = true;
	if (done) {
		session_login(session, session->user);
		session_forget(session);
	}
	append_step(reply, done, &answer);
	return DONE;
}

static enum outcome append_mechanisms(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const char *whose = doc_text(req->message.body, "saslSupportedMechs", ""), *dot = strchr(whose, '.');
	enum outcome outcome;
	char db[64];
	bson_t user;

	if (!dot)
		return DONE;
	snprintf(db, sizeof(db), "%.*s", (int)(dot - whose), whose);
	outcome = users_find(s, req, db, dot + 1, &user, no);
	if (outcome == DONE && doc_has(&user, "credentials"))
		users_mechanisms(&user, "saslSupportedMechs", reply);
	return outcome;
}

enum outcome login_hello(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	enum outcome outcome = append_mechanisms(s, req, reply, no);
	bson_t inner, step;
	struct refusal unsaid;

	if (outcome != DONE || !doc_sub(req->message.body, "speculativeAuthenticate", &inner) ||
		!doc_has(&inner, "saslStart"))
		return outcome;
	bson_init(&step);
	outcome = start(s, req, &inner, doc_text(&inner, "db", ""), &step, &unsaid);
	if (outcome == DONE)
		BSON_APPEND_DOCUMENT(reply, "speculativeAuthenticate", &step);
	bson_destroy(&step);
	return outcome == PARKED ? PARKED : DONE;
}

static enum outcome run_logout(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	struct session *session = net_session(s->net, req->conn);

	(void)reply;
	(void)no;
	if (session)
		session_logout(session, req->message.db);
	return DONE;
}

static void append_users(const bson_t *users, bson_t *names, bson_t *roles)
{
	uint32_t n = 0, n_roles = 0;
	bson_iter_t iter, inner;
	bson_t user, list, role, name;

	bson_iter_init(&iter, users);
	while (iter_next_doc(&iter, &user)) {
		bson_init(&name);
		BCON_APPEND(&name, "user", BCON_UTF8(doc_text(&user, "user", "")), "db",
			BCON_UTF8(doc_text(&user, "db", "")));
		array_add_doc(names, &n, &name);
		bson_destroy(&name);
		if (!doc_sub(&user, "roles", &list) || !bson_iter_init(&inner, &list))
			continue;
		while (iter_next_doc(&inner, &role))
			array_add_doc(roles, &n_roles, &role);
	}
}

static enum outcome run_connection_status(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const struct session *session = net_session(s->net, req->conn);
	bson_t names = BSON_INITIALIZER, roles = BSON_INITIALIZER;

	(void)no;
	if (session && session->users)
		append_users(session->users, &names, &roles);
	BCON_APPEND(reply, "authInfo", "{", "authenticatedUsers", BCON_ARRAY(&names),
		"authenticatedUserRoles", BCON_ARRAY(&roles), "}");
	bson_destroy(&names);
	bson_destroy(&roles);
	return DONE;
}

const struct command LOGIN_COMMANDS[] = {
	{ "saslStart", run_start, FOR_ROUTER | OPEN },
	{ "saslContinue", run_continue, FOR_ROUTER | OPEN },
	{ "logout", run_logout, FOR_ROUTER },
	{ "connectionStatus", run_connection_status, FOR_ROUTER | OPEN },
	{ .name = NULL },
};
