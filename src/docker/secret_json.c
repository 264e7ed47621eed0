/* JSON with secrets in it: parsed without leaving copies, and written without making any. */
#include "docker/credentials_parts.h"

#include <json-c/json.h>
#include <json-c/printbuf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * The tokener keeps what it is reading in a buffer of its own: made large
 * enough beforehand, so that it never moves and leaves a copy behind.
 */
json_object *zpm_secret_json_parse(const char *text, size_t len)
{
	json_tokener *tokener;
	json_object *json;
	bool whole;

	if (len > INT_MAX / 2 || !(tokener = json_tokener_new()))
		return NULL;
	printbuf_memset(tokener->pb, 0, 0, (int)len + 1);
	printbuf_reset(tokener->pb);
	json = json_tokener_parse_ex(tokener, text, (int)len);
	text += json_tokener_get_parse_end(tokener);
	whole = strspn(text, " \t\r\n") == strlen(text);
	explicit_bzero(tokener->pb->buf, (size_t)tokener->pb->size);
	json_tokener_free(tokener);
	if (whole && json_object_is_type(json, json_type_object))
		return json;
	zpm_secret_json_put(json);
	return NULL;
}

static void wipe(json_object *json)
{
	if (json_object_is_type(json, json_type_string)) {
		explicit_bzero((void *)(uintptr_t)json_object_get_string(json),
			(size_t)json_object_get_string_len(json));
	} else if (json_object_is_type(json, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(json); i++)
			wipe(json_object_array_get_idx(json, i));
	} else if (json_object_is_type(json, json_type_object)) {
		json_object_object_foreach (json, key, value) {
			(void)key;
			wipe(value);
		}
	}
}

void zpm_secret_json_put(json_object *json)
{
	wipe(json);
	json_object_put(json);
}

const char *zpm_secret_json_text(json_object *json, const char *key)
{
	json_object *value = NULL;

	if (!json_object_is_type(json, json_type_object))
		return NULL;
	json_object_object_get_ex(json, key, &value);
	return json_object_is_type(value, json_type_string) && json_object_get_string_len(value)
		       ? json_object_get_string(value)
		       : NULL;
}

const char *zpm_vault_strdup(struct zpm_vault *vault, const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(zpm_vault_alloc(vault, size), text, size);
}

/* The most that a byte takes in JSON: \u0000. */
#define ESCAPED 6

static char *put_escaped(char *at, const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20)
			at += snprintf(at, ESCAPED + 1, "\\u%04x", (unsigned)*text);
		else if (*text == '"' || *text == '\\')
			*at++ = '\\', *at++ = *text;
		else
			*at++ = *text;
	}
	return at;
}

struct member {
	const char *key, *value;
};

/* The Engine wants base64 in the alphabet for URLs. */
static const char *to_header(struct zpm_vault *vault, const char *json)
{
	size_t len = strlen(json);
	char *header = zpm_vault_alloc(vault, ZPM_BASE64_SIZE(len));

	zpm_base64(json, len, header);
	for (char *c = header; *c; c++) {
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
	}
	return header;
}

const char *zpm_login_encode(const struct zpm_login *login, const char *server, struct zpm_vault *vault)
{
	const struct member members[] = {
		{ "username", login->username },
		{ "password", login->password },
		{ "identitytoken", login->identity_token },
		{ "registrytoken", login->registry_token },
		{ "serveraddress", server },
	};
	size_t size = sizeof("{}");
	char *json, *at;

	for (size_t i = 0; i < ZPM_COUNT(members); i++)
		if (members[i].value)
			size += strlen(members[i].key) + strlen(members[i].value) * ESCAPED +
				strlen("{'':''}");
	json = at = zpm_vault_alloc(vault, size);
	for (size_t i = 0; i < ZPM_COUNT(members); i++) {
		if (!members[i].value)
			continue;
		at += snprintf(at, size - (size_t)(at - json), "%c\"%s\":\"", at == json ? '{' : ',',
			members[i].key);
		at = put_escaped(at, members[i].value);
		*at++ = '"';
	}
	*at = '}';
	return to_header(vault, json);
}
