/* Finding users, wherever they are. */
#include "users.h"

#include "errand.h"
#include "match.h"
#include "scram.h"

#include <string.h>

#define PATIENCE_MS 10000
#define SYSTEM_DB   "local"
#define SYSTEM_NAME "__system"

static const char *const ROLES[] = { "read", "readWrite", "dbAdmin", "userAdmin", "dbOwner" };
static const char *const ADMIN_ROLES[] = { "readAnyDatabase", "readWriteAnyDatabase", "dbAdminAnyDatabase",
	"userAdminAnyDatabase", "clusterMonitor", "hostManager", "clusterManager", "clusterAdmin", "backup",
	"restore", "root", "__system" };

bson_t *users_system(const struct key *key)
{
	bson_t *user = BCON_NEW("_id", BCON_UTF8(SYSTEM_DB "." SYSTEM_NAME), "user", BCON_UTF8(SYSTEM_NAME),
		"db", BCON_UTF8(SYSTEM_DB), "roles", "[", "{", "role", BCON_UTF8("__system"), "db",
		BCON_UTF8("admin"), "}", "]");
	char digest[SCRAM_DIGEST_SIZE];
	bson_t credentials;

	if (!key->text[0])
		return user;
	scram_digest(SYSTEM_NAME, key->text, digest);
	BSON_APPEND_DOCUMENT_BEGIN(user, "credentials", &credentials);
	scram_make(SCRAM_SHA_1, digest, &credentials);
	scram_make(SCRAM_SHA_256, key->text, &credentials);
	bson_append_document_end(user, &credentials);
	return user;
}

static bool is_named(const bson_t *user, const char *db, const char *name)
{
	return !strcmp(doc_text(user, "db", ""), db) && !strcmp(doc_text(user, "user", ""), name);
}

const bson_t *users_stored(const struct standin *s, const char *db, const char *name)
{
	const struct collection *users = store_collection(&s->store, USERS);

	for (size_t i = 0; users && i < users->n; i++)
		if (is_named(users->docs[i], db, name))
			return users->docs[i];
	return NULL;
}

static void show(const bson_t *doc, bson_t *view)
{
	bson_init_static(view, bson_get_data(doc), doc->len);
}

/* All of them at once, so that one errand serves a request that names two. */
static bson_t *ask_for_all(void)
{
	return BCON_NEW("usersInfo", "{", "forAllDBs", BCON_BOOL(true), "}", "showCredentials",
		BCON_BOOL(true), "$db", BCON_UTF8("admin"));
}

static enum outcome ask(struct standin *s, struct request *req, bson_t *users, struct refusal *no)
{
	enum errand_state state;

	if (!req->errand)
		req->errand = errand_start(s, s->opts.configdb, ask_for_all(), PATIENCE_MS);
	state = errand_look(s, req->errand);
	if (state == ERRAND_UNDERWAY)
		return PARKED;
	if (state == ERRAND_ANSWERED && doc_sub(errand_reply(req->errand), "users", users))
		return DONE;
	refuse(no, HOST_UNREACHABLE, "the config servers do not tell who their users are");
	return REFUSED;
}

static enum outcome find_elsewhere(struct standin *s, struct request *req, const char *db, const char *name,
	bson_t *found, struct refusal *no)
{
	bson_t users, user;
	bson_iter_t iter;
	enum outcome outcome = ask(s, req, &users, no);

	if (outcome != DONE)
		return outcome;
	bson_iter_init(&iter, &users);
	while (iter_next_doc(&iter, &user))
		if (is_named(&user, db, name))
			show(&user, found);
	return DONE;
}

enum outcome users_find(struct standin *s, struct request *req, const char *db, const char *name,
	bson_t *found, struct refusal *no)
{
	const bson_t *stored;

	bson_init(found);
	if (is_named(s->system, db, name)) {
		show(s->system, found);
		return DONE;
	}
	if (s->opts.mongos)
		return find_elsewhere(s, req, db, name, found, no);
	stored = users_stored(s, db, name);
	if (stored)
		show(stored, found);
	return DONE;
}

enum outcome users_any(struct standin *s, struct request *req, bool *any, struct refusal *no)
{
	const struct collection *stored = store_collection(&s->store, USERS);
	enum outcome outcome;
	bson_t users;

	*any = stored && stored->n;
	if (!s->opts.mongos)
		return DONE;
	outcome = ask(s, req, &users, no);
	if (outcome != DONE)
		return outcome;
	*any = !bson_empty(&users);
	/* The command itself has its own errand to run. */
	errand_free(req->errand);
	req->errand = NULL;
	return DONE;
}

static bool same_id(const bson_t *a, const bson_t *b)
{
	bson_iter_t one, other;

	return doc_find(a, "userId", &one) && doc_find(b, "userId", &other) &&
	       iter_compare(&one, &other) == 0;
}

bool users_valid(const struct standin *s, const bson_t *user)
{
	const char *db = doc_text(user, "db", ""), *name = doc_text(user, "user", "");
	const bson_t *stored = users_stored(s, db, name);

	if (s->opts.mongos || is_named(s->system, db, name))
		return true;
	return stored && same_id(user, stored);
}

void users_mechanisms(const bson_t *user, const char *field, bson_t *reply)
{
	bson_t credentials, array;
	uint32_t n = 0;

	bson_append_array_begin(reply, field, -1, &array);
	if (doc_sub(user, "credentials", &credentials))
		for (int hash = 0; hash < SCRAM_HASHES; hash++)
			if (doc_has(&credentials, scram_name((enum scram_hash)hash)))
				array_add_text(&array, &n, scram_name((enum scram_hash)hash));
	bson_append_array_end(reply, &array);
}

static bool is_role(const char *role, const char *db)
{
	for (size_t i = 0; i < ZPM_COUNT(ROLES); i++)
		if (!strcmp(role, ROLES[i]))
			return true;
	for (size_t i = 0; i < ZPM_COUNT(ADMIN_ROLES); i++)
		if (!strcmp(role, ADMIN_ROLES[i]))
			return !strcmp(db, "admin");
	return false;
}

int users_roles(const bson_t *listed, const char *db, bson_t *roles, struct refusal *no)
{
	bson_iter_t iter;
	uint32_t n = 0;
	bson_t given;

	bson_iter_init(&iter, listed);
	while (bson_iter_next(&iter)) {
		bool named = BSON_ITER_HOLDS_UTF8(&iter);
		const char *role = named ? bson_iter_utf8(&iter, NULL) : "", *of = db;
		bson_t *one;

		if (!named && (!BSON_ITER_HOLDS_DOCUMENT(&iter) || !iter_sub(&iter, &given)))
			return refuse(no, BAD_VALUE, "User and role names must be either strings or objects");
		if (!named) {
			role = doc_text(&given, "role", "");
			of = doc_text(&given, "db", "");
		}
		if (!is_role(role, of))
			return refuse(no, ROLE_NOT_FOUND, "No role named %s@%s", role, of);
		one = BCON_NEW("role", BCON_UTF8(role), "db", BCON_UTF8(of));
		array_add_doc(roles, &n, one);
		bson_destroy(one);
	}
	return 0;
}
