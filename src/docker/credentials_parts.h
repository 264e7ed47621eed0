/* What the files of the credentials share. Nothing else includes it. */
#ifndef ZPM_DOCKER_CREDENTIALS_PARTS_H
#define ZPM_DOCKER_CREDENTIALS_PARTS_H

#include "base/err.h"
#include "base/vault.h"

struct json_object;

/* Who to be at a registry. Unset is NULL. */
struct zpm_login {
	const char *username, *password;
	const char *identity_token, *registry_token;
};

/*
 * Parses JSON that holds secrets, without leaving copies behind. NULL unless
 * it is one object. To be given to zpm_secret_json_put(), which wipes it.
 */
struct json_object *zpm_secret_json_parse(const char *text, size_t len);
void zpm_secret_json_put(struct json_object *json);

/* Text of a member, the object's own; NULL when there is none or it is empty. */
const char *zpm_secret_json_text(struct json_object *json, const char *key);

/* A login as the header X-Registry-Auth says it. */
const char *zpm_login_encode(const struct zpm_login *login, const char *server, struct zpm_vault *vault);

/*
 * Asks docker-credential-NAME for the login of a server. ZPM_ENOTFOUND: it
 * knows none. The login is the vault's.
 */
int zpm_credential_helper_ask(const char *name, const char *server, struct zpm_vault *vault,
	struct zpm_login *login, struct zpm_err *err);

/* A copy in the vault. */
const char *zpm_vault_strdup(struct zpm_vault *vault, const char *text);

#endif
