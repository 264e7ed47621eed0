/*
 * SCRAM, the server's side: credentials out of a password, and the two steps
 * by which a client proves that it knows it. Knows nothing of users or
 * connections.
 *
 * Source: RFC 5802 and RFC 7677, without channel binding; and what MongoDB
 * makes of them: SCRAM-SHA-1 hashes a digest of user and password, and salts,
 * keys and rounds are kept as fields of the user's document. Passwords are taken
 * as they are, where SCRAM-SHA-256 would prepare those that are not ASCII.
 */
#ifndef STANDIN_SCRAM_H
#define STANDIN_SCRAM_H

#include "base/buf.h"

#include <bson/bson.h>
#include <stdbool.h>

enum scram_hash {
	SCRAM_SHA_1,
	SCRAM_SHA_256,
	SCRAM_HASHES,
};

/* Random bytes, or the end of the program. */
void scram_random(uint8_t *out, size_t len);

const char *scram_name(enum scram_hash hash);
/* SCRAM_HASHES: there is none of that name. */
enum scram_hash scram_find(const char *name);

/* The password that SCRAM-SHA-1 hashes. */
#define SCRAM_DIGEST_SIZE 33
void scram_digest(const char *user, const char *password, char digest[SCRAM_DIGEST_SIZE]);

/* Appends credentials, with new salt, under the name of the mechanism. Takes some milliseconds. */
void scram_make(enum scram_hash hash, const char *password, bson_t *credentials);

struct scram;

/* The user that a client's first message names. NULL: it is no such message. The caller's. */
char *scram_user(const char *first);

/*
 * Begins with a client's first message. NULL: no credentials of that kind are in the document,
 * or the message is none. Otherwise the answer is in `answer`.
 */
struct scram *scram_start(
	enum scram_hash hash, const bson_t *credentials, const char *first, struct zpm_buf *answer);
void scram_free(struct scram *scram);

/* Ends with the client's last message: true, with the server's own proof as answer, when it knows the
 * password. */
bool scram_finish(struct scram *scram, const char *last, struct zpm_buf *answer);

#endif
