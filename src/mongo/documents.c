/* Cursors, and the way from BSON to the model. */
#include "mongo/documents.h"

#include "base/text.h"
#include "model/shape.h"
#include "model/value.h"
#include "mongo/client.h"

#include <inttypes.h>
#include <string.h>

/* Large enough that a thousand documents take one question. */
#define BATCH 1000

/* A find that goes on. */
struct reading {
	const struct zpm_query *query;
	zpm_document_fn each;
	void *ctx;
	size_t n;
	int64_t cursor; /* 0: there is no more */
};

static int take_documents(struct reading *reading, bson_iter_t *batch, const char *host, struct zpm_err *err)
{
	bson_iter_t item;

	if (!bson_iter_recurse(batch, &item))
		return zpm_err_set(err, ZPM_EFAILED, "%s: the answer has no documents", host);
	while (bson_iter_next(&item)) {
		const uint8_t *data;
		uint32_t len;
		bson_t document;

		if (!BSON_ITER_HOLDS_DOCUMENT(&item))
			continue;
		if (reading->n++ == ZPM_DOCUMENTS_MAX)
			return zpm_err_set(err, ZPM_EFAILED, "%s: more than %d documents in %s.%s", host,
				ZPM_DOCUMENTS_MAX, reading->query->database, reading->query->collection);
		bson_iter_document(&item, &len, &data);
		if (!bson_init_static(&document, data, len))
			return zpm_err_set(err, ZPM_EFAILED, "%s: a document is damaged", host);
		if (reading->each(reading->ctx, &document, err) < 0)
			return -1;
	}
	return 0;
}

static int take_batch(void *ctx, const char *host, const bson_t *reply, struct zpm_err *err)
{
	struct reading *reading = ctx;
	bson_iter_t top, batch, id;

	reading->cursor = 0;
	if (bson_iter_init(&top, reply) && bson_iter_find_descendant(&top, "cursor.id", &id))
		reading->cursor = bson_iter_as_int64(&id);
	if (bson_iter_init(&top, reply) && bson_iter_find_descendant(&top, "cursor.firstBatch", &batch))
		return take_documents(reading, &batch, host, err);
	if (bson_iter_init(&top, reply) && bson_iter_find_descendant(&top, "cursor.nextBatch", &batch))
		return take_documents(reading, &batch, host, err);
	return zpm_err_set(err, ZPM_EFAILED, "%s: the answer has no documents", host);
}

static void append_projection(bson_t *command, const struct zpm_query *query)
{
	bson_t fields;

	BSON_APPEND_DOCUMENT_BEGIN(command, "projection", &fields);
	if (query->shape)
		ZPM_EACH_FIELD (field, query->shape)
			if (!(field->flags & ZPM_HIDDEN))
				BSON_APPEND_INT32(&fields, field->name, 1);
	for (size_t i = 0; query->fields && query->fields[i]; i++)
		BSON_APPEND_INT32(&fields, query->fields[i], 1);
	bson_append_document_end(command, &fields);
}

static bson_t *find_command(const struct zpm_query *query)
{
	bson_t *command = bson_new();

	BSON_APPEND_UTF8(command, "find", query->collection);
	if (query->filter)
		BSON_APPEND_DOCUMENT(command, "filter", query->filter);
	append_projection(command, query);
	/* Each member keeps them in an order of its own. */
	BCON_APPEND(command, "sort", "{", "_id", BCON_INT32(1), "}");
	if (query->most)
		BSON_APPEND_INT64(command, "limit", (int64_t)query->most);
	BSON_APPEND_INT32(command, "batchSize", BATCH);
	return command;
}

static bson_t *more_command(const struct zpm_query *query, int64_t cursor)
{
	bson_t *command = bson_new();

	BSON_APPEND_INT64(command, "getMore", cursor);
	BSON_APPEND_UTF8(command, "collection", query->collection);
	BSON_APPEND_INT32(command, "batchSize", BATCH);
	return command;
}

int zpm_mongo_find(struct zpm_mongo_client *mongo, const struct zpm_query *query, zpm_document_fn each,
	void *ctx, struct zpm_err *err)
{
	struct reading reading = { .query = query, .each = each, .ctx = ctx };
	const struct zpm_mongo_sink sink = { take_batch, &reading };
	bson_t *command = find_command(query);
	int result, code;

	do {
		result = zpm_mongo_run_bson(mongo, query->host, query->database, command, &sink, &code, err);
		bson_destroy(command);
		command = more_command(query, reading.cursor);
	} while (!result && reading.cursor);
	bson_destroy(command);
	return result;
}

/* Objects of a query in the making. */
struct gathering {
	const struct zpm_shape *shape;
	struct zpm_arena *arena;
	struct zpm_ptrs *objects;
};

static int gather(void *ctx, const bson_t *document, struct zpm_err *err)
{
	const struct gathering *gathering = ctx;
	void *object = zpm_shape_new(gathering->shape, gathering->arena);

	(void)err;
	zpm_document_decode(document, gathering->shape, object, gathering->arena);
	zpm_ptrs_push(gathering->arena, gathering->objects, object);
	return 0;
}

int zpm_mongo_find_objects(struct zpm_mongo_client *mongo, const struct zpm_query *query,
	struct zpm_arena *arena, struct zpm_ptrs *objects, struct zpm_err *err)
{
	struct gathering gathering = { query->shape, arena, objects };

	return zpm_mongo_find(mongo, query, gather, &gathering, err);
}

/* Many programs store each number as a double: below this, whole ones are exact. */
#define EXACT (INT64_C(1) << 53)

static const char *text_of_double(double number, struct zpm_arena *arena)
{
	if (number > -EXACT && number < EXACT && (double)(int64_t)number == number)
		return zpm_arena_printf(arena, "%" PRId64, (int64_t)number);
	return zpm_arena_printf(arena, "%.15g", number);
}

/* What no program could use is not there: text that is no UTF-8, or has a zero in it. */
static const char *text_of(const bson_iter_t *iter, struct zpm_arena *arena)
{
	switch (bson_iter_type(iter)) {
	case BSON_TYPE_UTF8: {
		uint32_t len;
		const char *text = bson_iter_utf8(iter, &len);

		return zpm_utf8_valid_len(text, len) == len && strlen(text) == len
			       ? zpm_arena_strndup(arena, text, len)
			       : NULL;
	}
	case BSON_TYPE_INT32:
	case BSON_TYPE_INT64:
		return zpm_arena_printf(arena, "%" PRId64, bson_iter_as_int64(iter));
	case BSON_TYPE_DOUBLE:
		return text_of_double(bson_iter_double(iter), arena);
	case BSON_TYPE_BOOL:
		return bson_iter_bool(iter) ? "true" : "false";
	default:
		return NULL;
	}
}

static void decode_texts(bson_iter_t *iter, struct zpm_strs *texts, struct zpm_arena *arena)
{
	bson_iter_t item;

	if (!BSON_ITER_HOLDS_ARRAY(iter) || !bson_iter_recurse(iter, &item))
		return;
	while (bson_iter_next(&item)) {
		const char *text = text_of(&item, arena);

		if (text)
			zpm_strs_push(arena, texts, text);
	}
}

static void decode_map(bson_iter_t *iter, struct zpm_pairs *pairs, struct zpm_arena *arena)
{
	bson_iter_t item;

	if (!BSON_ITER_HOLDS_DOCUMENT(iter) || !bson_iter_recurse(iter, &item))
		return;
	while (bson_iter_next(&item)) {
		const char *key = bson_iter_key(&item), *text = text_of(&item, arena);

		if (text && *key && !key[zpm_utf8_valid_len(key, strlen(key))])
			zpm_pairs_set(arena, pairs, zpm_arena_strdup(arena, key), text);
	}
}

static void decode_nested(
	bson_iter_t *iter, const struct zpm_field *field, void **object, struct zpm_arena *arena);

static void decode_field(
	bson_iter_t *iter, const struct zpm_field *field, void *object, struct zpm_arena *arena)
{
	const char *text;

	switch (field->type) {
	case ZPM_T_STRING:
		*zpm_field_str(field, object) = text_of(iter, arena);
		break;
	case ZPM_T_LIST:
	case ZPM_T_SET:
		decode_texts(iter, zpm_field_strs(field, object), arena);
		break;
	case ZPM_T_MAP:
		decode_map(iter, zpm_field_pairs(field, object), arena);
		break;
	case ZPM_T_OBJECT:
		decode_nested(iter, field, zpm_field_object(field, object), arena);
		break;
	case ZPM_T_OBJECTS:
		break;
	default:
		text = text_of(iter, arena);
		if (text)
			(void)zpm_value_parse(field->type, text, zpm_field_int(field, object));
	}
}

static void decode_nested(
	bson_iter_t *iter, const struct zpm_field *field, void **object, struct zpm_arena *arena)
{
	const uint8_t *data;
	uint32_t len;
	bson_t document;

	if (!BSON_ITER_HOLDS_DOCUMENT(iter))
		return;
	bson_iter_document(iter, &len, &data);
	if (!bson_init_static(&document, data, len))
		return;
	*object = zpm_shape_new(field->shape, arena);
	zpm_document_decode(&document, field->shape, *object, arena);
}

void zpm_document_decode(
	const bson_t *document, const struct zpm_shape *shape, void *object, struct zpm_arena *arena)
{
	bson_iter_t iter;

	if (!bson_iter_init(&iter, document))
		return;
	while (bson_iter_next(&iter)) {
		const struct zpm_field *field = zpm_shape_field(shape, bson_iter_key(&iter));

		if (field && !(field->flags & ZPM_HIDDEN))
			decode_field(&iter, field, object, arena);
	}
}

const char *zpm_document_text(const bson_t *document, const char *field, struct zpm_arena *arena)
{
	bson_iter_t top, found;

	if (!bson_iter_init(&top, document) || !bson_iter_find_descendant(&top, field, &found))
		return NULL;
	return text_of(&found, arena);
}
