/*
 * Queries and updates, as far as the stand-in knows them: equality, $eq, $ne,
 * $gt, $gte, $lt, $lte, $in, $nin, $exists, $and, $or, dotted paths; $set,
 * $unset, $inc, $setOnInsert and whole documents. Anything else is refused, so
 * that no test passes by an operator that was passed over.
 */
#ifndef STANDIN_MATCH_H
#define STANDIN_MATCH_H

#include "doc.h"

/* As strcmp() does, in the order of BSON types; numbers of all types together. */
int iter_compare(const bson_iter_t *a, const bson_iter_t *b);

/* 1: yes, 0: no, -1: refused. */
int query_matches(const bson_t *query, const bson_t *doc, struct refusal *no);

/* By a `sort` document; 0 with an empty one. */
int doc_compare(const bson_t *sort, const bson_t *a, const bson_t *b);

/*
 * What an update makes of a document. `inserting`: the document does not exist yet,
 * and starts from the query's equalities. NULL: refused. The caller's.
 */
bson_t *update_apply(const bson_t *update, const bson_t *doc, bool inserting, struct refusal *no);
bson_t *upsert_seed(const bson_t *query);

#endif
