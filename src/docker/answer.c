/*
 * Reading what the Engine says: its refusals become errors whose code tells
 * the caller what to do, and its words are made safe to show. They come from
 * outside: a container's error text, or whatever answers at that address.
 */
#include "docker/client.h"

#include "base/text.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#define ELLIPSIS "..."

struct json_object *zpm_docker_parse_object(const struct zpm_buf *text)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object = NULL;

	if (tokener && text->len <= INT_MAX)
		object = json_tokener_parse_ex(tokener, text->data, (int)text->len);
	json_tokener_free(tokener);
	if (object && !json_object_is_type(object, json_type_object)) {
		json_object_put(object);
		object = NULL;
	}
	return object;
}

void zpm_docker_quote(const char *text, size_t len, char out[ZPM_DOCKER_QUOTE_SIZE])
{
	size_t most = ZPM_DOCKER_QUOTE_SIZE - sizeof(ELLIPSIS);
	size_t at = 0, end = 0;

	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	while (at < len) {
		size_t step = zpm_utf8_shown_len(text + at, len - at);

		if (end + (step ? step : 1) > most) {
			memcpy(out + end, ELLIPSIS, strlen(ELLIPSIS));
			end += strlen(ELLIPSIS);
			break;
		}
		if (step)
			memcpy(out + end, text + at, step);
		else
			out[end] = strchr("\t\r\n", text[at]) ? ' ' : '?';
		end += step ? step : 1;
		at += step ? step : 1;
	}
	out[end] = '\0';
}

const char *zpm_docker_skip_rpc(const char *message)
{
	const char *desc = zpm_starts_with(message, "rpc error: ") ? strstr(message, " desc = ") : NULL;

	return desc ? desc + strlen(" desc = ") : message;
}

/* The Engine's `message`, or the whole body where it answers in plain text (routing errors, proxies). */
static void quote_message(const struct zpm_buf *body, char out[ZPM_DOCKER_QUOTE_SIZE])
{
	struct json_object *object = zpm_docker_parse_object(body);
	struct json_object *message = NULL;

	if (json_object_object_get_ex(object, "message", &message) &&
		json_object_is_type(message, json_type_string)) {
		const char *text = zpm_docker_skip_rpc(json_object_get_string(message));

		zpm_docker_quote(text, strlen(text), out);
	} else {
		zpm_docker_quote(body->data, body->len, out);
	}
	json_object_put(object);
}

static enum zpm_code code_of(long status, const char *message)
{
	/* An unknown error to Swarm's RPC layer, hence usually status 500. */
	if (strstr(message, "out of sequence"))
		return ZPM_ECONFLICT;
	/* A published port; Swarm takes it from a service a moment after the update that gives it up. */
	if (status == 400 && strstr(message, "is already in use by service"))
		return ZPM_EBUSY;
	switch (status) {
	case 404:
		return ZPM_ENOTFOUND;
	case 409:
		return ZPM_ECONFLICT;
	case 501:
		return ZPM_EFAILED;
	default:
		return status >= 500 ? ZPM_EUNAVAIL : ZPM_EFAILED;
	}
}

int zpm_docker_refusal(long status, const struct zpm_buf *body, struct zpm_err *err)
{
	char message[ZPM_DOCKER_QUOTE_SIZE];

	quote_message(body, message);
	if (status < 400)
		return zpm_err_set(err, ZPM_EFAILED,
			"the Engine answered %ld, which a Docker Engine never does here; "
			"check --engine",
			status);
	if (!message[0])
		return zpm_err_set(
			err, code_of(status, ""), "the Engine answered %ld without saying why", status);
	return zpm_err_set(err, code_of(status, message), "the Engine answered %ld: %s", status, message);
}
