/*
 * MongoDB's wire protocol: messages cut out of a stream of bytes, and put
 * into one. OP_MSG for everything; OP_QUERY and OP_REPLY for the handshake of
 * drivers that do not know yet what they talk to.
 *
 * Source: the manual, "MongoDB Wire Protocol".
 */
#ifndef STANDIN_WIRE_H
#define STANDIN_WIRE_H

#include "base/buf.h"

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

#define WIRE_MESSAGE_MAX 48000000

struct message {
	int32_t id, answers; /* `answers`: the id of the request, in a reply */
	bool legacy;         /* came as OP_QUERY, wants an OP_REPLY */
	bool silent;         /* the sender waits for no answer */
	char db[64];
	bson_t *body; /* the receiver's; sections of documents are arrays in it */
};

/* 1: a message was taken from the front of `in`. 0: not all of it is there. -1: no such protocol. */
int wire_take(struct zpm_buf *in, struct message *message);

void wire_put(struct zpm_buf *out, int32_t id, int32_t answers, const bson_t *body);
void wire_put_legacy(struct zpm_buf *out, int32_t id, int32_t answers, const bson_t *body);

#endif
