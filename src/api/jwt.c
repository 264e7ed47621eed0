/*
 * JSON Web Tokens (RFC 7519). libjwt looks at the signature, by whatever algorithm the token names; which one
 * it has to be, and what the claims have to say, is looked at here. Fails closed: what is odd is not taken.
 */
#include "api/keys.h"
#include "api/library.h"
#include "base/clock.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LEN  (8UL * 1024)
#define MAX_DEEP 16
/* Clocks need not be quite the same. */
#define LEEWAY   (30 * ZPM_S)
#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static void put_json(json_object **json)
{
	json_object_put(*json);
}

#define PUT_JSON __attribute__((cleanup(put_json)))

static bool looks_right(const char *token)
{
	const char *at = token;

	if (strlen(token) > MAX_LEN)
		return false;
	for (int part = 0; part < 3; part++) {
		size_t len = strspn(at, ALPHABET);

		if (!len || at[len] != (part < 2 ? '.' : '\0'))
			return false;
		at += len + 1;
	}
	return true;
}

static json_object *parse(const char *text)
{
	struct json_tokener *tokener = json_tokener_new_ex(MAX_DEEP);
	json_object *json = json_tokener_parse_ex(tokener, text, -1);

	json_tokener_free(tokener);
	if (json_object_is_type(json, json_type_object))
		return json;
	json_object_put(json);
	return NULL;
}

/* The claims of a token whose signature is right, by the one algorithm that the key is for. */
static json_object *claims_of(const struct zpm_api_jwt_key *key, const char *token)
{
	const struct zpm_libjwt *lib = zpm_libjwt_load(&(struct zpm_err){ 0 });
	jwt_alg_t wanted = key->rules->public_key ? JWT_ALG_RS256 : JWT_ALG_HS256;
	ZPM_FREE char *headers = NULL, *claims = NULL;
	PUT_JSON json_object *header = NULL;
	jwt_t *jwt = NULL;

	if (lib->decode(&jwt, token, (const unsigned char *)key->key.data, (int)key->key.len) != 0)
		return NULL;
	if (lib->get_alg(jwt) == wanted) {
		headers = lib->get_headers_json(jwt, NULL);
		claims = lib->get_grants_json(jwt, NULL);
	}
	lib->free(jwt);
	header = headers ? parse(headers) : NULL;
	/* What it says is critical nobody here knows of: RFC 7515, 4.1.11. */
	if (!header || !claims || json_object_object_get_ex(header, "crit", NULL))
		return NULL;
	return parse(claims);
}

/* NULL where it is not text. */
static const char *text_of(json_object *claims, const char *name)
{
	json_object *value = json_object_object_get(claims, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* A moment in whole seconds or parts of them; false where it is none. */
static bool time_of(json_object *value, int64_t *wall)
{
	double seconds = json_object_get_double(value);

	if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double))
		return false;
	if (!(seconds > 0 && seconds < (double)INT64_MAX / 2 / (double)ZPM_S))
		return false;
	*wall = (int64_t)(seconds * (double)ZPM_S);
	return true;
}

static bool is_in_time(json_object *claims, int64_t wall, int64_t *expires)
{
	json_object *not_before = NULL;
	int64_t begins = 0;

	if (json_object_object_get_ex(claims, "nbf", &not_before) && !time_of(not_before, &begins))
		return false;
	return time_of(json_object_object_get(claims, "exp"), expires) && *expires > wall &&
	       begins <= wall + LEEWAY;
}

/* Text, or a list in which it is. */
static bool holds(json_object *value, const char *text)
{
	if (json_object_is_type(value, json_type_string))
		return !strcmp(json_object_get_string(value), text);
	for (size_t i = 0; json_object_is_type(value, json_type_array) && i < json_object_array_length(value);
		i++) {
		json_object *item = json_object_array_get_idx(value, i);

		if (json_object_is_type(item, json_type_string) &&
			!strcmp(json_object_get_string(item), text))
			return true;
	}
	return false;
}

/* A token for somebody else is none for us, although the same issuer has signed it. */
static bool is_for_us(const struct zpm_api_jwt *rules, json_object *claims)
{
	const char *issuer = text_of(claims, "iss");
	json_object *audience = NULL;
	bool has_audience = json_object_object_get_ex(claims, "aud", &audience);

	if (rules->issuer && (!issuer || strcmp(issuer, rules->issuer) != 0))
		return false;
	return rules->audience ? holds(audience, rules->audience) : !has_audience;
}

/* The greatest one that it holds. */
static enum zpm_api_role role_of(json_object *value)
{
	for (int role = ZPM_API_ADMIN; role > ZPM_API_NOBODY; role--)
		if (holds(value, zpm_api_role_names[role]))
			return (enum zpm_api_role)role;
	return ZPM_API_NOBODY;
}

bool zpm_api_jwt_prove(
	const struct zpm_api_jwt_key *key, const char *token, int64_t wall, struct zpm_api_identity *identity)
{
	PUT_JSON json_object *claims = looks_right(token) ? claims_of(key, token) : NULL;
	const char *subject = claims ? text_of(claims, "sub") : NULL;

	if (!subject || !*subject || strlen(subject) > ZPM_API_NAME_MAX)
		return false;
	if (!is_in_time(claims, wall, &identity->expires) || !is_for_us(key->rules, claims))
		return false;
	identity->role = role_of(json_object_object_get(claims, key->rules->role_claim));
	memcpy(identity->name, subject, strlen(subject) + 1);
	memcpy(identity->proof, key->proof, sizeof(identity->proof));
	identity->by_jwt = true;
	return true;
}
