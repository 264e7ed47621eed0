/*
 * The key that the members of a set and its routers share, and by which they
 * know each other's messages from those of clients.
 *
 * Servers log in to one another as the user __system, once a connection. Here
 * each message carries a digest of itself under the key instead, which tells
 * the same apart: who has the key from who has another one, or none. What it
 * does not do is keep out somebody who listens and sends a message once more.
 */
#ifndef STANDIN_KEY_H
#define STANDIN_KEY_H

#include <bson/bson.h>
#include <stdbool.h>

#define KEY_MIN 6
#define KEY_MAX 1024

struct key {
	char text[KEY_MAX + 1]; /* without blanks; empty: there is none */
};

/*
 * From a file that its owner alone may read. One key; the server's files can also hold a list
 * of two, in YAML, which is refused. -1: said why on standard error.
 */
int key_read(struct key *key, const char *path);

/* A copy of the command with the key's proof, if there is a key. The caller's. */
bson_t *key_sign(const struct key *key, const bson_t *command);

enum proof {
	PROOF_NONE, /* it is a client's */
	PROOF_GOOD,
	PROOF_BAD, /* made with another key, or there is none here */
};

enum proof key_check(const struct key *key, const bson_t *command);

#endif
