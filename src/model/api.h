/*
 * The section `api`: where `zpm run` listens for HTTP and who may ask; the file of tokens; and the contents
 * of all files that the section names, as manifest/api_files.h reads them.
 */
#ifndef ZPM_MODEL_API_H
#define ZPM_MODEL_API_H

#include "model/field.h"

#include <netinet/in.h>
#include <stdbool.h>

/* Each may do what the ones before it may. */
enum zpm_api_role {
	ZPM_API_NOBODY,
	ZPM_API_VIEWER,   /* reads */
	ZPM_API_OPERATOR, /* starts, stops, applies */
	ZPM_API_ADMIN,    /* pauses, resumes, rolls back */
};

/* In the order of the enum; NULL behind the last. */
extern const char *const zpm_api_role_names[];

/* ZPM_API_NOBODY for text that names none. */
enum zpm_api_role zpm_api_role_parse(const char *text);

struct zpm_api_tls {
	const char *cert, *key; /* files */
};

struct zpm_api_jwt {
	const char *public_key, *secret; /* files, one of them */
	const char *issuer, *audience;   /* NULL: any issuer; only tokens that name no audience */
	const char *role_claim;
};

struct zpm_api_webhook {
	const char *secret; /* a file */
};

struct zpm_api_section {
	const char *listen;
	int64_t insecure;
	struct zpm_api_tls *tls;
	const char *tokens; /* a file */
	struct zpm_api_jwt *jwt;
	struct zpm_api_webhook *webhook;
	int64_t rate_limit; /* requests in a second, of one address */
};

extern const struct zpm_shape zpm_api_shape;

/* Are JSON Web Tokens taken? Canonical or not. */
bool zpm_api_takes_jwt(const struct zpm_api_section *section);

/* One entry of the file of tokens. */
struct zpm_api_token {
	const char *name, *role;
	const char *hash;    /* as zpm_digest() writes it */
	const char *expires; /* as zpm_time_parse() reads it; NULL: never */
};

/* What a file of tokens decodes into: a list, which is the one field of this shape. */
struct zpm_api_tokens {
	struct zpm_ptrs list; /* struct zpm_api_token */
};

extern const struct zpm_shape zpm_api_tokens_shape;

/* A file's content, and a NUL behind it; NULL: there is no such file. */
struct zpm_api_content {
	const char *data;
	size_t len;
};

/* What the files of the section hold. What is secret in it is in a vault. */
struct zpm_api_files {
	struct zpm_api_tokens tokens;
	struct zpm_api_content jwt_key, webhook, cert, key; /* webhook: its secret, without the line's end */
};

/* Where to listen. */
union zpm_api_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

#define ZPM_API_LISTEN_EXPECTED "an address and a port, like '127.0.0.1:8443' or '[::1]:8443'"

/* False when the text is not what ZPM_API_LISTEN_EXPECTED says. No name but localhost is taken. */
bool zpm_api_listen_parse(const char *text, union zpm_api_address *address);

/* Does only this machine reach it? */
bool zpm_api_address_is_loopback(const union zpm_api_address *address);

#endif
