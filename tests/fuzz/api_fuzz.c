/*
 * A libFuzzer target: any bytes, as what a stranger may send to the API. The first one says as what: a body,
 * a token, the claims of a token that is signed right, a list of ETags, or an address.
 *
 *   cmake --preset clang && cmake --build --preset clang --target api_fuzz
 *   build/clang/tests/fuzz/api_fuzz -dict=tests/fuzz/api.dict NEW_CORPUS tests/fuzz/api_corpus
 */
#include "api/parts.h"
#include "base/mac.h"
#include "base/vault.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET "0123456789abcdef0123456789abcdef"
#define WALL   1700000000000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void try_body(const char *text, size_t len)
{
	for (const struct zpm_api_route *route = zpm_api_routes; route->path; route++) {
		struct zpm_api_command command = { 0 };
		json_object *said = NULL;
		char why[256];
		const char *wrong;

		if (!route->members)
			continue;
		wrong = zpm_api_body_parse(route->members, text, len, &command, &said, why);
		require(!wrong == !!said);
		require(!wrong || (*wrong && strlen(wrong) < sizeof(why)));
		require(!command.service || strlen(command.service) > 0);
		json_object_put(said);
	}
}

static struct zpm_api_keys *make_keys(void)
{
	struct zpm_api_jwt jwt = { .secret = "x", .role_claim = "role" };
	struct zpm_api_section section = { .jwt = &jwt };
	struct zpm_api_files files = { .jwt_key = { SECRET, strlen(SECRET) } };
	struct zpm_api_keys *keys = NULL;
	struct zpm_err err;

	require(!zpm_api_keys_new(&section, &files, &keys, &err));
	return keys;
}

static struct zpm_api_identity prove(const char *token)
{
	static struct zpm_api_keys *keys;
	struct zpm_api_identity who;

	if (!keys)
		keys = make_keys();
	require(zpm_api_keys_prove(keys, token, WALL, &who) == (who.name[0] != '\0'));
	require(!who.name[0] || (who.expires > WALL && who.by_jwt));
	return who;
}

/* The alphabet of RFC 4648, 5, without padding. */
static void url_base64(const void *data, size_t len, char *out)
{
	zpm_base64(data, len, out);
	for (; *out && *out != '='; out++)
		*out = (char)(*out == '+' ? '-' : (*out == '/' ? '_' : *out));
	*out = '\0';
}

/* With a signature that is right: what is behind it is looked at then. */
static void try_claims(const char *text, size_t len)
{
	static const char head[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
	struct zpm_mac *mac = zpm_mac_new(SECRET, strlen(SECRET));
	char digits[ZPM_MAC_SIZE], signature[ZPM_BASE64_SIZE(32)], body[ZPM_BASE64_SIZE(4096)], hex[3] = "";
	unsigned char sum[32];
	ZPM_BUF token = { 0 };

	url_base64(text, len < 4096 ? len : 4096, body);
	zpm_buf_printf(&token, "%s.%s", head, body);
	zpm_mac_add(mac, token.data, token.len);
	zpm_mac_end(mac, digits);
	zpm_mac_free(mac);
	for (size_t i = 0; i < sizeof(sum); i++) {
		memcpy(hex, digits + 2 * i, 2);
		sum[i] = (unsigned char)strtoul(hex, NULL, 16);
	}
	url_base64(sum, sizeof(sum), signature);
	zpm_buf_printf(&token, ".%s", signature);
	(void)prove(token.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union zpm_api_address address;
	ZPM_BUF text = { 0 };

	if (!size)
		return 0;
	zpm_buf_add(&text, (const char *)data + 1, size - 1);
	zpm_buf_puts(&text, "");
	if (!text.data)
		return 0;
	switch (data[0] % 5) {
	case 0:
		try_body(text.data, text.len);
		break;
	case 1:
		(void)prove(text.data);
		break;
	case 2:
		try_claims(text.data, text.len);
		break;
	case 3:
		(void)zpm_api_etag_is_in(text.data, "\"0123\"", data[0] & 1);
		break;
	default:
		(void)zpm_api_listen_parse(text.data, &address);
		break;
	}
	return 0;
}
