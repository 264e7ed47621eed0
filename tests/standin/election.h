/*
 * Elections: by time-out, by priority, and on demand; one vote a term, and
 * none for a candidate whose log is behind.
 */
#ifndef STANDIN_ELECTION_H
#define STANDIN_ELECTION_H

#include "standin.h"

void election_tick(struct standin *s);
void election_restart_timer(struct standin *s);

/* Why this process can't stand now; NULL when it can. */
const char *election_obstacle(const struct standin *s);

/* Stands for election. `dry`: asks around first, so that a hopeless try costs no term. */
void election_start(struct standin *s, bool dry);

/* Gives up being the primary, and does not stand again for some time. */
void election_step_down(struct standin *s, int64_t frozen_ms);

#endif
