/* What all commands that write have in common: waiting until enough members have it. */
#ifndef STANDIN_WRITE_H
#define STANDIN_WRITE_H

#include "standin.h"

/*
 * Ends a command that has written and put its answer into `req->result`: DONE when the
 * request's write concern is met or can't be, with the answer and what there is to say of
 * that in `reply`; PARKED until then. Called again, it goes on waiting.
 */
enum outcome write_finish(struct standin *s, struct request *req, bson_t *reply);

#endif
