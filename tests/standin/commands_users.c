/* createUser, updateUser, dropUser, usersInfo. */
#include "repl.h"
#include "scram.h"
#include "users.h"
#include "write.h"

#include <string.h>

#define UUID_SIZE 16

static const char *argument(const struct request *req)
{
	return doc_text(req->message.body, request_name(req), "");
}

/* Of both mechanisms, unless the command lists some. */
static int append_credentials(const bson_t *body, const char *name, bson_t *user, struct refusal *no)
{
	const char *password = doc_text(body, "pwd", "");
	bool wanted[SCRAM_HASHES] = { false }, all = !doc_has(body, "mechanisms");
	char digest[SCRAM_DIGEST_SIZE];
	bson_t listed, credentials;
	bson_iter_t iter;

	if (doc_sub(body, "mechanisms", &listed) && bson_iter_init(&iter, &listed))
		while (bson_iter_next(&iter)) {
			const char *mechanism =
				BSON_ITER_HOLDS_UTF8(&iter) ? bson_iter_utf8(&iter, NULL) : "";
			enum scram_hash hash = scram_find(mechanism);

			if (hash == SCRAM_HASHES)
				return refuse(no, BAD_VALUE, "Unknown auth mechanism '%s'", mechanism);
			wanted[hash] = true;
		}
	scram_digest(name, password, digest);
	BSON_APPEND_DOCUMENT_BEGIN(user, "credentials", &credentials);
	if (all || wanted[SCRAM_SHA_1])
		scram_make(SCRAM_SHA_1, digest, &credentials);
	if (all || wanted[SCRAM_SHA_256])
		scram_make(SCRAM_SHA_256, password, &credentials);
	bson_append_document_end(user, &credentials);
	return 0;
}

/* What the command says of the user, be it new or not. */
static int append_given(const struct request *req, bson_t *user, struct refusal *no)
{
	const bson_t *body = req->message.body;
	bson_t roles = BSON_INITIALIZER, sub;
	int result;

	if (!doc_bool(body, "digestPassword", true))
		return refuse(no, BAD_VALUE, "Use of SCRAM-SHA-256 requires undigested passwords");
	if (doc_has(body, "pwd") && append_credentials(body, argument(req), user, no) < 0)
		return -1;
	if (doc_sub(body, "customData", &sub))
		BSON_APPEND_DOCUMENT(user, "customData", &sub);
	if (!doc_sub(body, "roles", &sub))
		return 0;
	result = users_roles(&sub, req->message.db, &roles, no);
	if (result == 0)
		BSON_APPEND_ARRAY(user, "roles", &roles);
	bson_destroy(&roles);
	return result;
}

static int check_new(const struct standin *s, const struct request *req, struct refusal *no)
{
	const bson_t *body = req->message.body;
	const char *db = req->message.db, *name = argument(req);

	if (!name[0])
		return refuse(no, BAD_VALUE, "User document needs 'user' field to be non-empty");
	if (!strcmp(db, "local"))
		return refuse(no, BAD_VALUE, "Cannot create users in the local database");
	if (!doc_has(body, "pwd"))
		return refuse(no, BAD_VALUE,
			"Must provide a 'pwd' field for all user documents, except those with '$external' as "
			"the user's source db");
	if (!doc_has(body, "roles"))
		return refuse(no, BAD_VALUE, "\"createUser\" command requires a \"roles\" array");
	if (users_stored(s, db, name))
		return refuse(no, USER_EXISTS, "User \"%s@%s\" already exists", name, db);
	return 0;
}

static bson_t *new_user(const char *db, const char *name)
{
	ZPM_FREE char *id = bson_strdup_printf("%s.%s", db, name);
	uint8_t uuid[UUID_SIZE];
	bson_t *user = BCON_NEW("_id", BCON_UTF8(id));

	scram_random(uuid, sizeof(uuid));
	BSON_APPEND_BINARY(user, "userId", BSON_SUBTYPE_UUID, uuid, sizeof(uuid));
	BCON_APPEND(user, "user", BCON_UTF8(name), "db", BCON_UTF8(db));
	return user;
}

/* Writes the user, which it takes over, with what the command says of it. */
static enum outcome keep(
	struct standin *s, struct request *req, bson_t *user, bson_t *reply, struct refusal *no)
{
	int result = append_given(req, user, no);

	if (result == 0)
		repl_write(s, "set", USERS, user);
	bson_destroy(user);
	if (result < 0)
		return REFUSED;
	req->result = bson_new();
	return write_finish(s, req, reply);
}

static enum outcome run_create_user(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	if (req->step)
		return write_finish(s, req, reply);
	if (check_new(s, req, no) < 0)
		return REFUSED;
	return keep(s, req, new_user(req->message.db, argument(req)), reply, no);
}

static const bson_t *existing(const struct standin *s, const struct request *req, struct refusal *no)
{
	const bson_t *user = users_stored(s, req->message.db, argument(req));

	if (!user)
		refuse(no, USER_NOT_FOUND, "User '%s@%s' not found", argument(req), req->message.db);
	return user;
}

static enum outcome run_update_user(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *body = req->message.body, *was;
	bson_iter_t iter;
	bson_t *user;

	if (req->step)
		return write_finish(s, req, reply);
	was = existing(s, req, no);
	if (!was)
		return REFUSED;
	user = bson_new();
	bson_iter_init(&iter, was);
	while (bson_iter_next(&iter)) {
		const char *field = bson_iter_key(&iter);

		if (!doc_has(body, strcmp(field, "credentials") ? field : "pwd"))
			bson_append_iter(user, NULL, -1, &iter);
	}
	return keep(s, req, user, reply, no);
}

static enum outcome run_drop_user(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *user;

	if (req->step)
		return write_finish(s, req, reply);
	user = existing(s, req, no);
	if (!user)
		return REFUSED;
	repl_write(s, "del", USERS, user);
	req->result = bson_new();
	return write_finish(s, req, reply);
}

/* By name, as {user, db}, all of the database with 1, all there are with {forAllDBs: true}; or a list of
 * such. */
static bool is_asked(const bson_iter_t *asked, const char *db, const bson_t *user)
{
	bool same_db = !strcmp(doc_text(user, "db", ""), db);
	bson_iter_t one;
	bson_t sub;

	if (BSON_ITER_HOLDS_UTF8(asked))
		return same_db && !strcmp(doc_text(user, "user", ""), bson_iter_utf8(asked, NULL));
	if (BSON_ITER_HOLDS_ARRAY(asked) && bson_iter_recurse(asked, &one)) {
		while (bson_iter_next(&one))
			if (is_asked(&one, db, user))
				return true;
		return false;
	}
	if (!iter_sub(asked, &sub))
		return same_db;
	return doc_bool(&sub, "forAllDBs", false) ||
	       (!strcmp(doc_text(user, "db", ""), doc_text(&sub, "db", db)) &&
		       !strcmp(doc_text(user, "user", ""), doc_text(&sub, "user", "")));
}

static void append_user(const bson_t *user, bool credentials, bson_t *array, uint32_t *n)
{
	bson_t shown = BSON_INITIALIZER;

	if (credentials)
		bson_concat(&shown, user);
	else
		bson_copy_to_excluding_noinit(user, &shown, "credentials", NULL);
	users_mechanisms(user, "mechanisms", &shown);
	array_add_doc(array, n, &shown);
	bson_destroy(&shown);
}

static enum outcome run_users_info(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const struct collection *users = store_collection(&s->store, USERS);
	bool credentials = doc_bool(req->message.body, "showCredentials", false);
	bson_iter_t asked;
	uint32_t n = 0;
	bson_t array;

	(void)no;
	bson_iter_init(&asked, req->message.body);
	bson_iter_next(&asked);
	BSON_APPEND_ARRAY_BEGIN(reply, "users", &array);
	for (size_t i = 0; users && i < users->n; i++)
		if (is_asked(&asked, req->message.db, users->docs[i]))
			append_user(users->docs[i], credentials, &array, &n);
	bson_append_array_end(reply, &array);
	return DONE;
}

const struct command USER_COMMANDS[] = {
	{ "createUser", run_create_user, WRITES },
	{ "updateUser", run_update_user, WRITES },
	{ "dropUser", run_drop_user, WRITES },
	{ "usersInfo", run_users_info, READS },
	{ .name = NULL },
};
