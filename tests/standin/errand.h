/*
 * A command for whichever member of a set is the primary: found by asking the
 * members one after the other, and looked for again when it has moved. The
 * command itself is sent again only where the answer says that nothing was done.
 */
#ifndef STANDIN_ERRAND_H
#define STANDIN_ERRAND_H

#include "standin.h"

struct errand;

enum errand_state {
	ERRAND_UNDERWAY,
	ERRAND_ANSWERED,
	ERRAND_NO_PRIMARY, /* members answered, none as the primary */
	ERRAND_NOBODY,     /* nobody answered, or the primary fell silent over the command */
};

/* `hosts`: "set/host:port,..." or without the set. Takes `command` over. */
struct errand *errand_start(struct standin *s, const char *hosts, bson_t *command, int patience_ms);

/* Ends its owner's interest; an answer that is still to come is dropped. NULL is fine. */
void errand_free(struct errand *errand);

/* To be asked at every turn, as it also gives the next push. */
enum errand_state errand_look(struct standin *s, struct errand *errand);
/* Once it is answered: the errand's. */
const bson_t *errand_reply(const struct errand *errand);

#endif
