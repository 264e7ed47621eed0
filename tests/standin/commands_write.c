/*
 * insert, update, delete, findAndModify. Each first reads, then writes whole
 * documents to the log, then waits for its write concern.
 */
#include "commands_write.h"

#include "match.h"
#include "repl.h"
#include "write.h"

#include <stdlib.h>
#include <string.h>

static const bson_t NOTHING = BSON_INITIALIZER;

/* What the statements of one command came to. */
struct tally {
	int n, modified;
	bson_t upserted, errors;
	uint32_t n_upserted, n_errors;
	int index; /* of the statement at hand */
};

static void tally_error(struct tally *tally, const struct refusal *no)
{
	bson_t *error = BCON_NEW("index", BCON_INT32(tally->index), "code", BCON_INT32(no->code), "errmsg",
		BCON_UTF8(no->msg));

	array_add_doc(&tally->errors, &tally->n_errors, error);
	bson_destroy(error);
}

static bson_t *tally_result(struct tally *tally, bool update)
{
	bson_t *result = BCON_NEW("n", BCON_INT32(tally->n));

	if (update)
		BSON_APPEND_INT32(result, "nModified", tally->modified);
	if (tally->n_upserted)
		BSON_APPEND_ARRAY(result, "upserted", &tally->upserted);
	if (tally->n_errors)
		BSON_APPEND_ARRAY(result, "writeErrors", &tally->errors);
	bson_destroy(&tally->upserted);
	bson_destroy(&tally->errors);
	return result;
}

/* The _id comes first, and is made up where there is none. The caller's. */
static bson_t *with_id(const bson_t *doc)
{
	bson_t *made = bson_new();
	bson_iter_t id;
	bson_oid_t oid;

	if (bson_iter_init_find(&id, doc, "_id")) {
		bson_append_iter(made, NULL, -1, &id);
		bson_copy_to_excluding_noinit(doc, made, "_id", NULL);
		return made;
	}
	bson_oid_init(&oid, NULL);
	BSON_APPEND_OID(made, "_id", &oid);
	bson_concat(made, doc);
	return made;
}

static int insert_one(
	struct standin *s, const char *ns, const bson_t *given, struct tally *tally, struct refusal *no)
{
	bson_t *doc = with_id(given);
	bool there = collection_find(store_collection(&s->store, ns), doc) >= 0;

	if (!there) {
		repl_write(s, "set", ns, doc);
		tally->n++;
	}
	bson_destroy(doc);
	return there ? refuse(no, DUPLICATE_KEY, "E11000 duplicate key error collection: %s index: _id_", ns)
		     : 0;
}

static void upsert(struct standin *s, const char *ns, bson_t *doc, struct tally *tally)
{
	bson_t *whole = with_id(doc), *row;
	bson_iter_t id;

	repl_write(s, "set", ns, whole);
	bson_iter_init_find(&id, whole, "_id");
	row = BCON_NEW("index", BCON_INT32(tally->index), "_id", BCON_ITER(&id));
	array_add_doc(&tally->upserted, &tally->n_upserted, row);
	tally->n++;
	bson_destroy(row);
	bson_destroy(whole);
	bson_destroy(doc);
}

/* Writes what an update makes of a document, unless that is the same. */
static int change(struct standin *s, const char *ns, const bson_t *doc, const bson_t *update,
	struct tally *tally, struct refusal *no)
{
	bson_t *made = update_apply(update, doc, false, no);

	if (!made)
		return -1;
	tally->n++;
	if (!bson_equal(made, doc)) {
		tally->modified++;
		repl_write(s, "set", ns, made);
	}
	bson_destroy(made);
	return 0;
}

/* Copies, as the collection's own go with the first write. */
static long select_copies(const struct standin *s, const char *ns, const bson_t *query, const bson_t *sort,
	size_t limit, bson_t ***copies, struct refusal *no)
{
	ZPM_FREE const bson_t **docs = NULL;
	long n = query_select(store_collection(&s->store, ns), query, sort, &docs, no);

	*copies = NULL;
	if (n < 0)
		return -1;
	if (limit && (size_t)n > limit)
		n = (long)limit;
	*copies = zpm_alloc(((size_t)n + 1) * sizeof(bson_t *));
	for (long i = 0; i < n; i++)
		(*copies)[i] = bson_copy(docs[i]);
	return n;
}

static void free_copies(bson_t **copies, long n)
{
	for (long i = 0; i < n; i++)
		bson_destroy(copies[i]);
	free(copies);
}

static int update_one(
	struct standin *s, const char *ns, const bson_t *statement, struct tally *tally, struct refusal *no)
{
	bson_t query = NOTHING, update, *seed, *made, **docs;
	long n;
	int result = 0;

	doc_sub(statement, "q", &query);
	if (!doc_sub(statement, "u", &update))
		return refuse(no, FAILED_TO_PARSE, "an update needs a document");
	n = select_copies(s, ns, &query, NULL, !doc_bool(statement, "multi", false), &docs, no);
	for (long i = 0; i < n && result == 0; i++)
		result = change(s, ns, docs[i], &update, tally, no);
	free_copies(docs, n);
	if (n || !doc_bool(statement, "upsert", false))
		return n < 0 ? -1 : result;
	seed = upsert_seed(&query);
	made = update_apply(&update, seed, true, no);
	bson_destroy(seed);
	if (!made)
		return -1;
	upsert(s, ns, made, tally);
	return 0;
}

static int delete_one(
	struct standin *s, const char *ns, const bson_t *statement, struct tally *tally, struct refusal *no)
{
	bson_t query = NOTHING, **docs;
	long n;

	doc_sub(statement, "q", &query);
	n = select_copies(s, ns, &query, NULL, (size_t)doc_int(statement, "limit", 0), &docs, no);
	for (long i = 0; i < n; i++)
		repl_write(s, "del", ns, docs[i]);
	free_copies(docs, n);
	tally->n += n > 0 ? (int)n : 0;
	return n < 0 ? -1 : 0;
}

typedef int (*statement_run)(
	struct standin *s, const char *ns, const bson_t *statement, struct tally *tally, struct refusal *no);

static enum outcome run_statements(struct standin *s, struct request *req, bson_t *reply, const char *field,
	statement_run run_one, struct refusal *no)
{
	struct tally tally = { .upserted = BSON_INITIALIZER, .errors = BSON_INITIALIZER };
	bson_t statements, one;
	bson_iter_t iter;
	char ns[256];

	if (req->step)
		return write_finish(s, req, reply);
	if (collection_name(req, ns, sizeof(ns), no) < 0)
		return REFUSED;
	if (!doc_sub(req->message.body, field, &statements) || !bson_iter_init(&iter, &statements))
		return (enum outcome)refuse(no, FAILED_TO_PARSE, "field '%s' is missing", field);
	for (; iter_next_doc(&iter, &one); tally.index++) {
		if (run_one(s, ns, &one, &tally, no) == 0)
			continue;
		tally_error(&tally, no);
		if (doc_bool(req->message.body, "ordered", true))
			break;
	}
	req->result = tally_result(&tally, run_one == update_one);
	return write_finish(s, req, reply);
}

enum outcome run_insert(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	return run_statements(s, req, reply, "documents", insert_one, no);
}

enum outcome run_update(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	return run_statements(s, req, reply, "updates", update_one, no);
}

enum outcome run_delete(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	return run_statements(s, req, reply, "deletes", delete_one, no);
}

/* What the update makes of a document, or of nothing where `was` is NULL; with its _id. NULL: refused. */
static bson_t *modified(const bson_t *body, const bson_t *query, const bson_t *was, struct refusal *no)
{
	bson_t *seed = was ? bson_copy(was) : upsert_seed(query), *changed, *made = NULL, update;

	if (doc_sub(body, "update", &update)) {
		changed = update_apply(&update, seed, !was, no);
		made = changed ? with_id(changed) : NULL;
		if (changed)
			bson_destroy(changed);
	} else {
		refuse(no, FAILED_TO_PARSE, "Either an update or remove=true must be specified");
	}
	bson_destroy(seed);
	return made;
}

/* The document as it was, or as it is with `new`; NULL where there is none. */
static int modify(struct standin *s, const bson_t *body, const char *ns, bson_t **value, bool *existed,
	struct refusal *no)
{
	bson_t query = NOTHING, sort = NOTHING, *made, **docs;
	long n;

	doc_sub(body, "query", &query);
	doc_sub(body, "sort", &sort);
	n = select_copies(s, ns, &query, &sort, 1, &docs, no);
	if (n < 0)
		return -1;
	*existed = n > 0;
	*value = n ? docs[0] : NULL;
	free(docs);
	if (doc_bool(body, "remove", false) && *value)
		repl_write(s, "del", ns, *value);
	if (doc_bool(body, "remove", false) || (!*value && !doc_bool(body, "upsert", false)))
		return 0;
	made = modified(body, &query, *value, no);
	if (!made)
		return -1;
	repl_write(s, "set", ns, made);
	if (doc_bool(body, "new", false)) {
		bson_t *was = *value;

		*value = made;
		made = was;
	}
	if (made)
		bson_destroy(made);
	return 0;
}

enum outcome run_find_and_modify(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	bson_t *value = NULL;
	bool existed = false;
	char ns[256];
	int result;

	if (req->step)
		return write_finish(s, req, reply);
	if (collection_name(req, ns, sizeof(ns), no) < 0)
		return REFUSED;
	result = modify(s, req->message.body, ns, &value, &existed, no);
	if (result == 0) {
		req->result =
			BCON_NEW("lastErrorObject", "{", "n", BCON_INT32(existed || value), "updatedExisting",
				BCON_BOOL(existed && !doc_bool(req->message.body, "remove", false)), "}");
		if (value)
			BSON_APPEND_DOCUMENT(req->result, "value", value);
		else
			BSON_APPEND_NULL(req->result, "value");
	}
	if (value)
		bson_destroy(value);
	return result < 0 ? REFUSED : write_finish(s, req, reply);
}
