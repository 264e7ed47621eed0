/*
 * Collections, and the log of all that was done to them. The log is the truth:
 * the collections are what comes of replaying it, so that a member which has
 * to take back what no majority has simply cuts its log and replays.
 *
 * Every operation carries whole documents, and can be applied twice.
 */
#ifndef STANDIN_STORE_H
#define STANDIN_STORE_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct optime {
	uint32_t secs, inc;
	int64_t term;
};

struct entry {
	struct optime at;
	int64_t wall_ms;
	bson_t *op; /* {op: "set"|"del"|"drop"|"noop", ns, o} */
};

struct collection {
	char ns[256];
	bson_t **docs;
	size_t n, cap;
};

struct store {
	struct entry *log;
	size_t n, cap;
	struct collection *collections;
	size_t n_collections;
	FILE *journal; /* NULL: nothing is kept */
};

void store_free(struct store *store);

/* Before or after, by term and time: as strcmp() does. */
int optime_compare(const struct optime *a, const struct optime *b);
/* {ts, t}; zero and term -1 where there is none. */
struct optime optime_read(const bson_t *doc);
void optime_write(const struct optime *at, bson_t *doc, const char *key);

/* Appends to the log and applies. `op` is copied. */
void store_append(struct store *store, struct optime at, int64_t wall_ms, const bson_t *op);

/* Keeps the first `n` entries. */
void store_cut(struct store *store, size_t n);

struct optime store_last(const struct store *store);
int64_t store_last_wall(const struct store *store);

/* NULL when there is none. */
struct collection *store_collection(const struct store *store, const char *ns);
/* The document with that _id; -1 when there is none. */
long collection_find(const struct collection *collection, const bson_t *doc);

/* An entry as members hand it to one another and as the journal keeps it. */
void entry_write(const struct entry *entry, bson_t *doc);
void store_append_doc(struct store *store, const bson_t *doc);

#endif
