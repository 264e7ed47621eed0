/*
 * Documents of a collection as objects of the model, by their field tables. For
 * mongo/ only. Takes what is there as it is: a field of another type than the
 * table says is unset, as one that is missing; numbers may be written as text and
 * text as numbers.
 */
#ifndef ZPM_MONGO_DOCUMENTS_H
#define ZPM_MONGO_DOCUMENTS_H

#include "model/field.h"

#include <bson/bson.h>

struct zpm_mongo_client;

/* More documents than this are refused with ZPM_EFAILED. */
#define ZPM_DOCUMENTS_MAX 100000

/* Which documents, and what of them. */
struct zpm_query {
	const char *host, *database, *collection;
	const bson_t *filter;          /* NULL: all */
	const struct zpm_shape *shape; /* what is asked for: its fields; NULL: `fields` */
	const char *const *fields;     /* and these, NULL-terminated; may be NULL */
	size_t most;                   /* 0: all of them */
};

/*
 * Calls `each` for every document by its _id, in batches. It fails with -1 and `err` to end
 * it. Blocks for one answer of each batch.
 */
typedef int (*zpm_document_fn)(void *ctx, const bson_t *document, struct zpm_err *err);
int zpm_mongo_find(struct zpm_mongo_client *mongo, const struct zpm_query *query, zpm_document_fn each,
	void *ctx, struct zpm_err *err);

/* Adds an object of the query's shape for each document. */
int zpm_mongo_find_objects(struct zpm_mongo_client *mongo, const struct zpm_query *query,
	struct zpm_arena *arena, struct zpm_ptrs *objects, struct zpm_err *err);

/* Fills in what the document says; an object of nested documents too. */
void zpm_document_decode(
	const bson_t *document, const struct zpm_shape *shape, void *object, struct zpm_arena *arena);

/* Text at a field of the document, or number as text; NULL: neither is there. */
const char *zpm_document_text(const bson_t *document, const char *field, struct zpm_arena *arena);

#endif
