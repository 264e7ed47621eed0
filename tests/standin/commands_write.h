/* Handlers of the commands that change documents, and what reading shares with them. */
#ifndef STANDIN_COMMANDS_WRITE_H
#define STANDIN_COMMANDS_WRITE_H

#include "standin.h"

/* "db.collection" of a command whose first field names the collection. */
int collection_name(const struct request *req, char *ns, size_t size, struct refusal *no);

/*
 * The documents that match, in order, and how many; -1: refused. `selected` is the caller's
 * to free, also then; the documents are the collection's, until it changes.
 */
long query_select(const struct collection *collection, const bson_t *query, const bson_t *sort,
	const bson_t ***selected, struct refusal *no);

enum outcome run_insert(struct standin *s, struct request *req, bson_t *reply, struct refusal *no);
enum outcome run_update(struct standin *s, struct request *req, bson_t *reply, struct refusal *no);
enum outcome run_delete(struct standin *s, struct request *req, bson_t *reply, struct refusal *no);
enum outcome run_find_and_modify(struct standin *s, struct request *req, bson_t *reply, struct refusal *no);

#endif
