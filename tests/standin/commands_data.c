/* Reading, and the commands on collections and databases as a whole. */
#include "cursors.h"
#include "match.h"
#include "repl.h"
#include "write.h"

#include "commands_write.h"

#include <stdlib.h>
#include <string.h>

static const bson_t NOTHING = BSON_INITIALIZER;

int collection_name(const struct request *req, char *ns, size_t size, struct refusal *no)
{
	bson_iter_t first;

	bson_iter_init(&first, req->message.body);
	if (!bson_iter_next(&first) || !BSON_ITER_HOLDS_UTF8(&first))
		return refuse(no, INVALID_NAMESPACE, "collection name has invalid type");
	snprintf(ns, size, "%s.%s", req->message.db, bson_iter_utf8(&first, NULL));
	return 0;
}

/* By insertion, as there is no qsort() with a parameter in C; collections are small. */
static void sort_docs(const bson_t *sort, const bson_t **docs, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const bson_t *doc = docs[i];
		size_t at = i;

		for (; at && doc_compare(sort, docs[at - 1], doc) > 0; at--)
			docs[at] = docs[at - 1];
		docs[at] = doc;
	}
}

long query_select(const struct collection *collection, const bson_t *query, const bson_t *sort,
	const bson_t ***selected, struct refusal *no)
{
	size_t n = 0;
	int matches;

	*selected = NULL;
	if (!collection || !collection->n)
		return 0;
	*selected = zpm_alloc(collection->n * sizeof(const bson_t *));
	for (size_t i = 0; i < collection->n; i++) {
		matches = query_matches(query, collection->docs[i], no);
		if (matches < 0)
			return -1;
		if (matches)
			(*selected)[n++] = collection->docs[i];
	}
	if (sort)
		sort_docs(sort, *selected, n);
	return (long)n;
}

/* Fields named with 1 only, or without those named with 0. */
static void project(const bson_t *fields, const bson_t *doc, bson_t *out)
{
	bool including = false;
	bson_iter_t iter;

	bson_iter_init(&iter, fields);
	while (bson_iter_next(&iter))
		including |= strcmp(bson_iter_key(&iter), "_id") && bson_iter_as_bool(&iter);
	bson_iter_init(&iter, doc);
	while (bson_iter_next(&iter)) {
		bool id = !strcmp(bson_iter_key(&iter), "_id");

		if (doc_bool(fields, bson_iter_key(&iter), id || !including))
			bson_append_iter(out, NULL, -1, &iter);
	}
}

static enum outcome run_find(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *body = req->message.body;
	bson_t query, sort, fields, **made;
	ZPM_FREE const bson_t **docs = NULL;
	size_t skip = (size_t)doc_int(body, "skip", 0), limit = (size_t)llabs(doc_int(body, "limit", 0));
	char ns[256];
	size_t n = 0;
	long found;

	if (collection_name(req, ns, sizeof(ns), no) < 0)
		return REFUSED;
	if (doc_int(body, "batchSize", 0) < 0)
		return (enum outcome)refuse(no, BAD_VALUE, "batchSize has to be at least 0");
	found = query_select(store_collection(&s->store, ns),
		doc_sub(body, "filter", &query) ? &query : &NOTHING,
		doc_sub(body, "sort", &sort) ? &sort : NULL, &docs, no);
	if (found < 0)
		return REFUSED;
	made = zpm_alloc(((size_t)found + 1) * sizeof(bson_t *));
	for (size_t i = skip; i < (size_t)found && (!limit || n < limit); i++) {
		made[n] = bson_new();
		project(doc_sub(body, "projection", &fields) ? &fields : &NOTHING, docs[i], made[n++]);
	}
	cursors_answer(&s->cursors, body, ns, made, n, reply);
	return DONE;
}

static enum outcome run_count(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	ZPM_FREE const bson_t **docs = NULL;
	char ns[256];
	bson_t query;
	long found;

	if (collection_name(req, ns, sizeof(ns), no) < 0)
		return REFUSED;
	found = query_select(store_collection(&s->store, ns),
		doc_sub(req->message.body, "query", &query) ? &query : &NOTHING, NULL, &docs, no);
	if (found < 0)
		return REFUSED;
	BSON_APPEND_INT32(reply, "n", (int32_t)found);
	return DONE;
}

static bool in_database(const struct collection *collection, const char *db)
{
	size_t len = strlen(db);

	return !strncmp(collection->ns, db, len) && collection->ns[len] == '.';
}

static enum outcome run_list_collections(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	bson_t batch = BSON_INITIALIZER, doc;
	char ns[256];
	uint32_t n = 0;

	(void)no;
	for (size_t i = 0; i < s->store.n_collections; i++) {
		const struct collection *collection = &s->store.collections[i];

		if (!in_database(collection, req->message.db))
			continue;
		bson_init(&doc);
		BCON_APPEND(&doc, "name", BCON_UTF8(strchr(collection->ns, '.') + 1), "type",
			BCON_UTF8("collection"), "options", "{", "}", "info", "{", "readOnly",
			BCON_BOOL(false), "}");
		array_add_doc(&batch, &n, &doc);
		bson_destroy(&doc);
	}
	snprintf(ns, sizeof(ns), "%s.$cmd.listCollections", req->message.db);
	cursors_answer_all(ns, &batch, reply);
	bson_destroy(&batch);
	return DONE;
}

static bool first_of_database(const struct store *store, size_t at, char *db, size_t size)
{
	const char *ns = store->collections[at].ns;

	snprintf(db, size, "%.*s", (int)strcspn(ns, "."), ns);
	for (size_t i = 0; i < at; i++)
		if (in_database(&store->collections[i], db))
			return false;
	return true;
}

static enum outcome run_list_databases(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	bson_t array, doc;
	char db[128];
	uint32_t n = 0;

	(void)req;
	(void)no;
	BSON_APPEND_ARRAY_BEGIN(reply, "databases", &array);
	for (size_t i = 0; i < s->store.n_collections; i++) {
		if (!first_of_database(&s->store, i, db, sizeof(db)))
			continue;
		bson_init(&doc);
		BCON_APPEND(&doc, "name", BCON_UTF8(db), "sizeOnDisk", BCON_DOUBLE(4096), "empty",
			BCON_BOOL(false));
		array_add_doc(&array, &n, &doc);
		bson_destroy(&doc);
	}
	bson_append_array_end(reply, &array);
	BSON_APPEND_DOUBLE(reply, "totalSize", 4096.0 * n);
	return DONE;
}

static enum outcome run_drop(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	char ns[256];

	if (!req->step) {
		if (collection_name(req, ns, sizeof(ns), no) < 0)
			return REFUSED;
		if (!store_collection(&s->store, ns))
			return (enum outcome)refuse(no, NAMESPACE_NOT_FOUND, "ns not found");
		repl_write(s, "drop", ns, NULL);
		req->result = BCON_NEW("ns", BCON_UTF8(ns), "nIndexesWas", BCON_INT32(1));
	}
	return write_finish(s, req, reply);
}

static enum outcome run_drop_database(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	(void)no;
	if (!req->step) {
		for (size_t i = s->store.n_collections; i-- > 0;)
			if (in_database(&s->store.collections[i], req->message.db))
				repl_write(s, "drop", s->store.collections[i].ns, NULL);
		req->result = BCON_NEW("dropped", BCON_UTF8(req->message.db));
	}
	return write_finish(s, req, reply);
}

/* There are no indexes: all is found by looking at everything. */
static enum outcome run_create_indexes(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	(void)no;
	if (!req->step)
		req->result = BCON_NEW("numIndexesBefore", BCON_INT32(1), "numIndexesAfter", BCON_INT32(1),
			"note", BCON_UTF8("all indexes already exist"));
	return write_finish(s, req, reply);
}

const struct command DATA_COMMANDS[] = {
	{ "find", run_find, READS },
	{ "count", run_count, READS },
	{ "listCollections", run_list_collections, READS },
	{ "listDatabases", run_list_databases, READS },
	{ "drop", run_drop, WRITES },
	{ "dropDatabase", run_drop_database, WRITES },
	{ "createIndexes", run_create_indexes, WRITES },
	{ "insert", run_insert, WRITES },
	{ "update", run_update, WRITES },
	{ "delete", run_delete, WRITES },
	{ "findAndModify", run_find_and_modify, WRITES },
	{ "findandmodify", run_find_and_modify, WRITES },
	{ .name = NULL },
};
