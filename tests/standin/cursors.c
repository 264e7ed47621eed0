/* Batches of documents, by number and by size; getMore and killCursors. */
#include "cursors.h"

#include "standin.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BATCH 101
#define BATCH_BYTES (16 << 20)

static void free_cursor(struct cursor *cursor)
{
	for (size_t i = cursor->at; i < cursor->n; i++)
		bson_destroy(cursor->docs[i]);
	free(cursor->docs);
}

static struct cursor *find_cursor(const struct cursors *cursors, int64_t id)
{
	for (size_t i = 0; i < cursors->n; i++)
		if (cursors->open[i].id == id)
			return &cursors->open[i];
	return NULL;
}

static void close_cursor(struct cursors *cursors, struct cursor *cursor)
{
	free_cursor(cursor);
	*cursor = cursors->open[--cursors->n];
}

/* The next documents, `most` at most, and no more than fit into an answer. */
static void take_batch(struct cursor *cursor, size_t most, bson_t *batch)
{
	uint32_t n = 0;

	while (cursor->at < cursor->n && n < most &&
		(!n || batch->len + cursor->docs[cursor->at]->len < BATCH_BYTES)) {
		array_add_doc(batch, &n, cursor->docs[cursor->at]);
		bson_destroy(cursor->docs[cursor->at++]);
	}
}

static void append_cursor(bson_t *reply, int64_t id, const char *ns, const char *field, const bson_t *batch)
{
	BCON_APPEND(reply, "cursor", "{", "id", BCON_INT64(id), "ns", BCON_UTF8(ns), field, BCON_ARRAY(batch),
		"}");
}

void cursors_answer_all(const char *ns, const bson_t *batch, bson_t *reply)
{
	append_cursor(reply, 0, ns, "firstBatch", batch);
}

/* One that a server did not give before it was started again is nobody's. */
static int64_t next_id(struct cursors *cursors)
{
	if (!cursors->last_id)
		cursors->last_id = wall_ms_now() << 20;
	return ++cursors->last_id;
}

static void keep(struct cursors *cursors, const struct cursor *cursor)
{
	if (cursors->n == cursors->cap) {
		cursors->cap = cursors->cap ? 2 * cursors->cap : 8;
		cursors->open = zpm_realloc(cursors->open, cursors->cap * sizeof(*cursors->open));
	}
	cursors->open[cursors->n++] = *cursor;
}

void cursors_answer(
	struct cursors *cursors, const bson_t *find, const char *ns, bson_t **docs, size_t n, bson_t *reply)
{
	struct cursor cursor = { .docs = docs, .n = n };
	bson_t batch = BSON_INITIALIZER;

	snprintf(cursor.ns, sizeof(cursor.ns), "%s", ns);
	take_batch(&cursor, (size_t)doc_int(find, "batchSize", FIRST_BATCH), &batch);
	if (cursor.at == n || doc_bool(find, "singleBatch", false)) {
		free_cursor(&cursor);
	} else {
		cursor.id = next_id(cursors);
		keep(cursors, &cursor);
	}
	append_cursor(reply, cursor.id, ns, "firstBatch", &batch);
	bson_destroy(&batch);
}

void cursors_dispose(struct cursors *cursors)
{
	for (size_t i = 0; i < cursors->n; i++)
		free_cursor(&cursors->open[i]);
	free(cursors->open);
}

static enum outcome run_get_more(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *body = req->message.body;
	int64_t id = doc_int(body, "getMore", 0), most = doc_int(body, "batchSize", 0);
	struct cursor *cursor = find_cursor(&s->cursors, id);
	bson_t batch = BSON_INITIALIZER;
	char ns[256];

	if (most < 0)
		return (enum outcome)refuse(no, BAD_VALUE, "batchSize has to be at least 0");
	if (!cursor)
		return (enum outcome)refuse(no, CURSOR_NOT_FOUND, "cursor id %" PRId64 " not found", id);
	snprintf(ns, sizeof(ns), "%s.%s", req->message.db, doc_text(body, "collection", ""));
	if (strcmp(ns, cursor->ns) != 0)
		return (enum outcome)refuse(no, UNAUTHORIZED,
			"Requested getMore on namespace '%s', but cursor belongs to a different namespace",
			ns);
	take_batch(cursor, most ? (size_t)most : SIZE_MAX, &batch);
	append_cursor(reply, cursor->at < cursor->n ? id : 0, ns, "nextBatch", &batch);
	bson_destroy(&batch);
	if (cursor->at == cursor->n)
		close_cursor(&s->cursors, cursor);
	return DONE;
}

static enum outcome run_kill_cursors(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	bson_t ids, killed = BSON_INITIALIZER, missing = BSON_INITIALIZER, none = BSON_INITIALIZER;
	bson_iter_t iter;

	if (!doc_sub(req->message.body, "cursors", &ids) || !bson_iter_init(&iter, &ids))
		return (enum outcome)refuse(no, FAILED_TO_PARSE, "field 'cursors' is missing");
	while (bson_iter_next(&iter)) {
		int64_t id = bson_iter_as_int64(&iter);
		struct cursor *cursor = find_cursor(&s->cursors, id);

		BSON_APPEND_INT64(cursor ? &killed : &missing, bson_iter_key(&iter), id);
		if (cursor)
			close_cursor(&s->cursors, cursor);
	}
	BCON_APPEND(reply, "cursorsKilled", BCON_ARRAY(&killed), "cursorsNotFound", BCON_ARRAY(&missing),
		"cursorsAlive", BCON_ARRAY(&none), "cursorsUnknown", BCON_ARRAY(&none));
	bson_destroy(&killed);
	bson_destroy(&missing);
	bson_destroy(&none);
	return DONE;
}

const struct command CURSOR_COMMANDS[] = {
	{ "getMore", run_get_more, 0 },
	{ "killCursors", run_kill_cursors, 0 },
	{ .name = NULL },
};
