/*
 * What a process remembers over a restart: one file in --dbpath, a row of BSON
 * documents that are only ever appended to. A write is in the kernel's hands when it
 * is acknowledged, so it outlives the process, though not the machine.
 */
#ifndef STANDIN_JOURNAL_H
#define STANDIN_JOURNAL_H

#include "store.h"

#include <stdbool.h>
#include <stdint.h>

struct memory {
	bson_t *config; /* NULL: none; the caller's */
	char self[256]; /* the host under which this process is in it */
	int64_t term, voted_term;
};

/*
 * Reads what is there into the store and `memory`, then keeps the journal open for the
 * functions below. -1: said why on standard error.
 */
int journal_open(const char *dbpath, struct store *store, struct memory *memory);

/* All of these do nothing with NULL, which is what there is while reading. */
void journal_entry(FILE *journal, const struct entry *entry);
void journal_cut(FILE *journal, size_t n);
void journal_term(FILE *journal, int64_t term, int64_t voted_term);
void journal_config(FILE *journal, const bson_t *config, const char *self);

#endif
