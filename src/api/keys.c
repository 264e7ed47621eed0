/*
 * A token has 32 random bytes, so that its SHA-256 tells nothing of it and needs not be slow. What does not
 * look like one is none, whatever its hash: people would put hashes of passwords into the file.
 */
#include "api/keys.h"

#include "api/library.h"
#include "base/clock.h"
#include "base/mac.h"
#include "base/pem.h"
#include "base/vault.h"
#include "model/shape.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_PREFIX "zpm_"
#define TOKEN_LEN    (sizeof(TOKEN_PREFIX) - 1 + 43)
#define MIN_RSA_BITS 2048

struct entry {
	const char *name, *hash;
	enum zpm_api_role role;
	int64_t expires;
};

struct zpm_api_keys {
	atomic_uint holders;
	struct zpm_arena *arena;
	struct zpm_vault *vault;
	struct entry *entries;
	size_t n;
	struct zpm_api_jwt_key jwt;
	struct zpm_api_content webhook;
};

static struct zpm_api_content copy(struct zpm_api_keys *keys, const struct zpm_api_content *from)
{
	struct zpm_api_content to = { .len = from->len };
	char *data;

	if (!from->data)
		return to;
	data = zpm_vault_alloc(keys->vault, from->len + 1);
	memcpy(data, from->data, from->len);
	to.data = data;
	return to;
}

static void copy_tokens(struct zpm_api_keys *keys, const struct zpm_api_tokens *tokens)
{
	keys->n = tokens->list.n;
	keys->entries = zpm_arena_alloc(keys->arena, (keys->n + 1) * sizeof(*keys->entries));
	for (size_t i = 0; i < keys->n; i++) {
		const struct zpm_api_token *token = tokens->list.v[i];
		struct entry *entry = &keys->entries[i];

		entry->name = zpm_arena_strdup(keys->arena, token->name);
		entry->hash = zpm_arena_strdup(keys->arena, token->hash);
		entry->role = zpm_api_role_parse(token->role);
		entry->expires = INT64_MAX;
		if (token->expires && !zpm_time_parse(token->expires, &entry->expires))
			entry->expires = 0;
	}
}

static struct zpm_api_jwt *copy_rules(struct zpm_api_keys *keys, const struct zpm_api_jwt *from)
{
	struct zpm_api_jwt *rules = zpm_arena_alloc(keys->arena, sizeof(*rules));

	if (from->issuer)
		rules->issuer = zpm_arena_strdup(keys->arena, from->issuer);
	if (from->audience)
		rules->audience = zpm_arena_strdup(keys->arena, from->audience);
	rules->role_claim = zpm_arena_strdup(keys->arena, from->role_claim ? from->role_claim : "role");
	if (from->public_key)
		rules->public_key = zpm_arena_strdup(keys->arena, from->public_key);
	return rules;
}

static int copy_jwt(struct zpm_api_keys *keys, const struct zpm_api_jwt *jwt,
	const struct zpm_api_content *key, struct zpm_err *err)
{
	if (!jwt)
		return 0;
	if (!zpm_libjwt_load(err))
		return -1;
	if (!key->data)
		return zpm_err_set(err, ZPM_EINVALID, "api.jwt: its key has not been read");
	if (jwt->public_key && zpm_pem_rsa_bits(key->data, key->len) < MIN_RSA_BITS)
		return zpm_err_set(err, ZPM_EINVALID,
			"api.jwt.publicKey: '%s' holds no public RSA key of at least %d bits",
			jwt->public_key, MIN_RSA_BITS);
	keys->jwt.rules = copy_rules(keys, jwt);
	keys->jwt.key = copy(keys, key);
	zpm_digest(key->data, key->len, keys->jwt.proof);
	return 0;
}

int zpm_api_keys_new(const struct zpm_api_section *section, const struct zpm_api_files *files,
	struct zpm_api_keys **out, struct zpm_err *err)
{
	struct zpm_api_keys *keys = zpm_alloc(sizeof(*keys));

	atomic_init(&keys->holders, 1);
	keys->arena = zpm_arena_new();
	keys->vault = zpm_vault_new();
	if (copy_jwt(keys, zpm_api_takes_jwt(section) ? section->jwt : NULL, &files->jwt_key, err) < 0) {
		zpm_api_keys_drop(keys);
		return -1;
	}
	copy_tokens(keys, &files->tokens);
	if (section->webhook)
		keys->webhook = copy(keys, &files->webhook);
	*out = keys;
	return 0;
}

struct zpm_api_keys *zpm_api_keys_hold(struct zpm_api_keys *keys)
{
	atomic_fetch_add(&keys->holders, 1);
	return keys;
}

void zpm_api_keys_drop(struct zpm_api_keys *keys)
{
	if (!keys || atomic_fetch_sub(&keys->holders, 1) != 1)
		return;
	zpm_vault_free(keys->vault);
	zpm_arena_free(keys->arena);
	free(keys);
}

/* Looks at all of them, also when one is found. */
static const struct entry *find(const struct zpm_api_keys *keys, const char *hash)
{
	const struct entry *found = NULL;

	for (size_t i = 0; i < keys->n; i++)
		if (zpm_mac_same(keys->entries[i].hash, strlen(keys->entries[i].hash), hash, strlen(hash)))
			found = &keys->entries[i];
	return found;
}

static bool prove_token(
	const struct zpm_api_keys *keys, const char *token, int64_t wall, struct zpm_api_identity *identity)
{
	const struct entry *entry;

	zpm_digest(token, strlen(token), identity->proof);
	entry = find(keys, identity->proof);
	if (!entry || entry->expires <= wall || strlen(entry->name) > ZPM_API_NAME_MAX)
		return false;
	memcpy(identity->name, entry->name, strlen(entry->name) + 1);
	identity->role = entry->role;
	identity->expires = entry->expires;
	return true;
}

bool zpm_api_keys_prove(
	const struct zpm_api_keys *keys, const char *token, int64_t wall, struct zpm_api_identity *identity)
{
	bool proved = false;

	*identity = (struct zpm_api_identity){ 0 };
	if (!strncmp(token, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) && strlen(token) == TOKEN_LEN)
		proved = prove_token(keys, token, wall, identity);
	else if (keys->jwt.rules)
		proved = zpm_api_jwt_prove(&keys->jwt, token, wall, identity);
	if (!proved)
		*identity = (struct zpm_api_identity){ 0 };
	return proved;
}

bool zpm_api_keys_still(
	const struct zpm_api_keys *keys, const struct zpm_api_identity *identity, int64_t wall)
{
	const struct entry *entry;

	if (identity->expires <= wall)
		return false;
	if (identity->by_jwt)
		return keys->jwt.rules && !strcmp(keys->jwt.proof, identity->proof);
	entry = find(keys, identity->proof);
	return entry && entry->expires > wall && entry->role != ZPM_API_NOBODY;
}

const struct zpm_api_content *zpm_api_keys_webhook(const struct zpm_api_keys *keys)
{
	return &keys->webhook;
}
