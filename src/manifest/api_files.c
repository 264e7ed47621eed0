/* Each file of the section in its turn: see private_file.h. */
#include "manifest/api_files.h"

#include "manifest/private_file.h"
#include "manifest/tokens.h"

#include <string.h>
#include <sys/stat.h>

/* As long as the hash: https://www.rfc-editor.org/rfc/rfc7518, 3.2 */
#define MIN_HMAC_KEY 32

static int read_pem(const struct zpm_private *r, const char *field, const char *name, mode_t others,
	struct zpm_api_content *out)
{
	if (zpm_private_read(r, field, name, others, out) < 0)
		return -1;
	if (memchr(out->data, '\0', out->len) || !strstr(out->data, "-----BEGIN "))
		return zpm_private_refuse(r, field, name, "it is not PEM, which begins with '-----BEGIN '");
	return 0;
}

static int read_jwt(const struct zpm_private *r, const struct zpm_api_jwt *jwt, struct zpm_api_files *out)
{
	if (jwt->public_key)
		return read_pem(r, "api.jwt.publicKey", jwt->public_key, S_IWGRP | S_IWOTH, &out->jwt_key);
	return zpm_private_secret(r, "api.jwt.secret", jwt->secret, MIN_HMAC_KEY, &out->jwt_key);
}

int zpm_manifest_api_files(const struct zpm_api_section *section, const char *folder, struct zpm_vault *vault,
	struct zpm_arena *arena, struct zpm_api_files *out, struct zpm_err *err)
{
	const struct zpm_private r = { folder, vault, arena, err };
	const struct zpm_api_tls *tls = section->tls;

	*out = (struct zpm_api_files){ 0 };
	if (section->tokens && zpm_manifest_tokens(zpm_arena_path(arena, folder, section->tokens), arena,
				       &out->tokens, err) < 0)
		return zpm_err_wrap(err, "api.tokens");
	if (zpm_api_takes_jwt(section) && read_jwt(&r, section->jwt, out) < 0)
		return -1;
	if (section->webhook &&
		zpm_private_secret(&r, "api.webhook.secret", section->webhook->secret, 1, &out->webhook) < 0)
		return -1;
	if (tls && (read_pem(&r, "api.tls.cert", tls->cert, S_IWGRP | S_IWOTH, &out->cert) < 0 ||
			   read_pem(&r, "api.tls.key", tls->key, S_IRWXG | S_IRWXO, &out->key) < 0))
		return -1;
	return 0;
}
