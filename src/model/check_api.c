/* The section `api`: who could ask, and who could listen. */
#include "model/check_parts.h"

static void check_listen(struct zpm_checker *c, const struct zpm_api_section *api)
{
	union zpm_api_address address;

	if (!api->listen)
		return;
	if (!zpm_api_listen_parse(api->listen, &address))
		zpm_find(c, "api.listen", "expected %s, got '%s'", ZPM_API_LISTEN_EXPECTED, api->listen);
	else if (!zpm_api_address_is_loopback(&address) && !api->tls && api->insecure != 1)
		zpm_find(c, "api.listen",
			"'%s' can be reached from other machines, and without TLS everybody on the way can "
			"read the tokens; add 'tls', listen at 127.0.0.1, or say 'insecure: true'",
			api->listen);
}

void zpm_check_api(struct zpm_checker *c)
{
	const struct zpm_api_section *api = c->platform->api;

	if (!api)
		return;
	check_listen(c, api);
	if (!api->tokens && !api->jwt)
		zpm_find(c, "api", "nobody could ask: it needs a file of 'tokens', or 'jwt'");
	if (api->jwt && api->jwt->public_key && api->jwt->secret)
		zpm_find(c, "api.jwt.secret", "publicKey and secret exclude each other");
}
