/*
 * Who may ask: the tokens and the key of JSON Web Tokens that are taken. Constant once made, so that many
 * threads use it while a newer one takes its place.
 */
#ifndef ZPM_API_KEYS_H
#define ZPM_API_KEYS_H

#include "base/digest.h"
#include "base/err.h"
#include "model/api.h"

#define ZPM_API_NAME_MAX 200

/* Who has proved to be whom. */
struct zpm_api_identity {
	char name[ZPM_API_NAME_MAX + 1]; /* "": nobody */
	enum zpm_api_role role;
	int64_t expires;             /* as of zpm_clock_wall(); INT64_MAX: never */
	char proof[ZPM_DIGEST_SIZE]; /* the hash of the token, or of the key of JSON Web Tokens */
	bool by_jwt;
};

struct zpm_api_keys;

/* Copies all of it. Fails with ZPM_EINVALID where a key is none that can be used. */
int zpm_api_keys_new(const struct zpm_api_section *section, const struct zpm_api_files *files,
	struct zpm_api_keys **out, struct zpm_err *err);

/* One more who uses it, and one less: with the last one it is wiped. NULL is fine. */
struct zpm_api_keys *zpm_api_keys_hold(struct zpm_api_keys *keys);
void zpm_api_keys_drop(struct zpm_api_keys *keys);

/* Whose token is it, if it is taken now? Takes as long for one that is nearly right as for any other. */
bool zpm_api_keys_prove(
	const struct zpm_api_keys *keys, const char *token, int64_t wall, struct zpm_api_identity *identity);

/* Is it still taken what was proved before, maybe by other keys? */
bool zpm_api_keys_still(
	const struct zpm_api_keys *keys, const struct zpm_api_identity *identity, int64_t wall);

/* The secret of the webhook; without data when there is none. */
const struct zpm_api_content *zpm_api_keys_webhook(const struct zpm_api_keys *keys);

/* jwt.c: the same as zpm_api_keys_prove() for a JSON Web Token. */
struct zpm_api_jwt_key {
	const struct zpm_api_jwt *rules; /* NULL: none are taken */
	struct zpm_api_content key;
	char proof[ZPM_DIGEST_SIZE];
};

bool zpm_api_jwt_prove(const struct zpm_api_jwt_key *key, const char *token, int64_t wall,
	struct zpm_api_identity *identity);

#endif
