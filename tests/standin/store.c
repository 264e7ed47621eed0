/* The log and its replay. Linear everywhere: the collections of tests are small. */
#include "store.h"

#include "base/base.h"
#include "doc.h"
#include "journal.h"
#include "match.h"

#include <stdlib.h>
#include <string.h>

static void free_collections(struct store *store)
{
	for (size_t i = 0; i < store->n_collections; i++) {
		for (size_t j = 0; j < store->collections[i].n; j++)
			bson_destroy(store->collections[i].docs[j]);
		free(store->collections[i].docs);
	}
	free(store->collections);
	store->collections = NULL;
	store->n_collections = 0;
}

void store_free(struct store *store)
{
	free_collections(store);
	for (size_t i = 0; i < store->n; i++)
		bson_destroy(store->log[i].op);
	free(store->log);
	if (store->journal)
		fclose(store->journal);
}

int optime_compare(const struct optime *a, const struct optime *b)
{
	if (a->term != b->term)
		return a->term < b->term ? -1 : 1;
	if (a->secs != b->secs)
		return a->secs < b->secs ? -1 : 1;
	return a->inc < b->inc ? -1 : a->inc > b->inc;
}

struct collection *store_collection(const struct store *store, const char *ns)
{
	for (size_t i = 0; i < store->n_collections; i++)
		if (!strcmp(store->collections[i].ns, ns))
			return &store->collections[i];
	return NULL;
}

static struct collection *make_collection(struct store *store, const char *ns)
{
	struct collection *made = store_collection(store, ns);
	size_t size = (store->n_collections + 1) * sizeof(*made);

	if (made)
		return made;
	store->collections = zpm_realloc(store->collections, size);
	made = &store->collections[store->n_collections++];
	*made = (struct collection){ .n = 0 };
	snprintf(made->ns, sizeof(made->ns), "%s", ns);
	return made;
}

long collection_find(const struct collection *collection, const bson_t *doc)
{
	bson_iter_t have, want;

	if (!collection || !bson_iter_init_find(&want, doc, "_id"))
		return -1;
	for (size_t i = 0; i < collection->n; i++) {
		if (!bson_iter_init_find(&have, collection->docs[i], "_id"))
			continue;
		if (iter_compare(&have, &want) == 0)
			return (long)i;
	}
	return -1;
}

static void set_doc(struct collection *collection, const bson_t *doc)
{
	long at = collection_find(collection, doc);

	if (at >= 0) {
		bson_destroy(collection->docs[at]);
		collection->docs[at] = bson_copy(doc);
		return;
	}
	if (collection->n == collection->cap) {
		collection->cap = collection->cap ? collection->cap * 2 : 8;
		collection->docs = zpm_realloc(collection->docs, collection->cap * sizeof(bson_t *));
	}
	collection->docs[collection->n++] = bson_copy(doc);
}

static void remove_doc(struct collection *collection, size_t at)
{
	bson_destroy(collection->docs[at]);
	collection->n--;
	memmove(&collection->docs[at], &collection->docs[at + 1], (collection->n - at) * sizeof(bson_t *));
}

static void drop_collection(struct store *store, const char *ns)
{
	struct collection *collection = store_collection(store, ns);

	if (!collection)
		return;
	while (collection->n)
		remove_doc(collection, collection->n - 1);
	free(collection->docs);
	*collection = store->collections[--store->n_collections];
}

static void apply(struct store *store, const bson_t *op)
{
	const char *what = doc_text(op, "op", "noop"), *ns = doc_text(op, "ns", "");
	bson_t doc;
	long at;

	if (!strcmp(what, "drop")) {
		drop_collection(store, ns);
	} else if (!strcmp(what, "set") && doc_sub(op, "o", &doc)) {
		set_doc(make_collection(store, ns), &doc);
	} else if (!strcmp(what, "del") && doc_sub(op, "o", &doc)) {
		at = collection_find(store_collection(store, ns), &doc);
		if (at >= 0)
			remove_doc(store_collection(store, ns), (size_t)at);
	}
}

void store_append(struct store *store, struct optime at, int64_t wall_ms, const bson_t *op)
{
	struct entry *entry;

	if (store->n == store->cap) {
		store->cap = store->cap ? store->cap * 2 : 64;
		store->log = zpm_realloc(store->log, store->cap * sizeof(*store->log));
	}
	entry = &store->log[store->n++];
	*entry = (struct entry){ at, wall_ms, bson_copy(op) };
	apply(store, op);
	journal_entry(store->journal, entry);
}

void store_cut(struct store *store, size_t n)
{
	if (n >= store->n)
		return;
	while (store->n > n)
		bson_destroy(store->log[--store->n].op);
	free_collections(store);
	for (size_t i = 0; i < n; i++)
		apply(store, store->log[i].op);
	journal_cut(store->journal, n);
}

struct optime store_last(const struct store *store)
{
	return store->n ? store->log[store->n - 1].at : (struct optime){ 0, 0, -1 };
}

int64_t store_last_wall(const struct store *store)
{
	return store->n ? store->log[store->n - 1].wall_ms : 0;
}

struct optime optime_read(const bson_t *doc)
{
	struct optime at = { 0, 0, doc_int(doc, "t", -1) };
	bson_iter_t ts;

	if (doc_find(doc, "ts", &ts) && BSON_ITER_HOLDS_TIMESTAMP(&ts))
		bson_iter_timestamp(&ts, &at.secs, &at.inc);
	return at;
}

void optime_write(const struct optime *at, bson_t *doc, const char *key)
{
	bson_t inner;

	bson_append_document_begin(doc, key, -1, &inner);
	BSON_APPEND_TIMESTAMP(&inner, "ts", at->secs, at->inc);
	BSON_APPEND_INT64(&inner, "t", at->term);
	bson_append_document_end(doc, &inner);
}

void entry_write(const struct entry *entry, bson_t *doc)
{
	BSON_APPEND_TIMESTAMP(doc, "ts", entry->at.secs, entry->at.inc);
	BSON_APPEND_INT64(doc, "t", entry->at.term);
	BSON_APPEND_DATE_TIME(doc, "wall", entry->wall_ms);
	BSON_APPEND_DOCUMENT(doc, "op", entry->op);
}

void store_append_doc(struct store *store, const bson_t *doc)
{
	struct optime at = optime_read(doc);
	bson_iter_t wall;
	bson_t op;

	if (doc_sub(doc, "op", &op) && doc_find(doc, "wall", &wall) && BSON_ITER_HOLDS_DATE_TIME(&wall))
		store_append(store, at, bson_iter_date_time(&wall), &op);
}
