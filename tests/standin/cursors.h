/*
 * Cursors: what a find has not handed over yet, until getMore asks for it or killCursors
 * gives it up. Each has its documents as they were at the find, where the real server looks again.
 */
#ifndef STANDIN_CURSORS_H
#define STANDIN_CURSORS_H

#include <bson/bson.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	int64_t id;
	char ns[256];
	bson_t **docs;
	size_t n, at; /* documents, and which is next */
};

struct cursors {
	struct cursor *open;
	size_t n, cap;
	int64_t last_id; /* 0: none yet */
};

/* Answers a find with its first batch, and keeps the rest. Takes the array and the documents. */
void cursors_answer(
	struct cursors *cursors, const bson_t *find, const char *ns, bson_t **docs, size_t n, bson_t *reply);

/* An answer whose one batch is all there is. */
void cursors_answer_all(const char *ns, const bson_t *batch, bson_t *reply);

void cursors_dispose(struct cursors *cursors);

#endif
