/*
 * Membership in a replica set: heartbeats, configurations that spread by
 * them, the states of a member, and the hand-over of the log. Elections are
 * in election.h.
 */
#ifndef STANDIN_REPL_H
#define STANDIN_REPL_H

#include "standin.h"

void repl_tick(struct standin *s);

/* Takes over a configuration, which is the set's from then on. `self`: this process' place in it, or -1. */
void repl_install(struct standin *s, struct config *config, int self);

/* A command to another member, with the fields that tell it who calls. Takes `command` over. */
void repl_call(
	struct standin *s, const char *host, bson_t *command, int timeout_ms, net_done done, void *arg);

/* Takes note of a term seen elsewhere; a primary of an older one steps down. */
void repl_see_term(struct standin *s, int64_t term);
void repl_see_primary(struct standin *s, const char *host, int64_t term);

bool repl_is_primary(const struct standin *s);
bool repl_is_writable(const struct standin *s);
void repl_become(struct standin *s, enum member_state state);

/* Voters that answer, this process among them. */
size_t repl_voters_up(const struct standin *s);

/* Does a majority of the voters have the configuration? */
bool repl_config_spread(const struct standin *s);
/* And also all that was committed under the one before, so that the next may come? */
bool repl_config_committed(const struct standin *s);

/* Writes to the log of a primary, or of a server without a set. */
void repl_write(struct standin *s, const char *op, const char *ns, const bson_t *doc);

/* How many members have the first `n` entries; `voters`: of those that vote. */
size_t repl_having(const struct standin *s, size_t n, bool voters);
size_t repl_write_majority(const struct standin *s);

/* In push.c: hands the log on, where this process is the primary. */
void push_tick(struct standin *s);

#endif
