/* The mark in a container, as text. What is read may have been written by anybody in there. */
#include "model/setup.h"

#include "base/buf.h"
#include "base/text.h"

#include <json-c/json.h>
#include <string.h>

#define MOST_WHY  256
#define MAX_DEPTH 4

static const char *shown(const char *text, size_t len, bool lines, struct zpm_arena *arena)
{
	ZPM_BUF safe = { 0 };

	for (size_t step; len; text += step, len -= step) {
		step = zpm_utf8_shown_len(text, len);
		if (step)
			zpm_buf_add(&safe, text, step);
		else if (*text == '\n' && lines)
			zpm_buf_puts(&safe, "\n");
		else if (*text != '\r')
			zpm_buf_puts(&safe, strchr("\t\n", *text) && *text ? " " : "?");
		step = step ? step : 1;
	}
	return zpm_arena_strdup(arena, safe.data ? safe.data : "");
}

const char *zpm_setup_output(const char *text, size_t len, struct zpm_arena *arena)
{
	size_t skip = len > ZPM_SETUP_OUTPUT ? len - ZPM_SETUP_OUTPUT : 0;

	/* Not in the middle of a character. */
	while (skip && skip < len && ((unsigned char)text[skip] & 0xc0) == 0x80)
		skip++;
	return shown(text + skip, len - skip, true, arena);
}

static void add_text(json_object *json, const char *key, const char *text)
{
	if (text)
		json_object_object_add(json, key, json_object_new_string(text));
}

const char *zpm_setup_mark_text(const struct zpm_setup_mark *mark, struct zpm_arena *arena)
{
	json_object *json = json_object_new_object();
	const char *text;

	add_text(json, "hash", mark->hash);
	json_object_object_add(json, "done", json_object_new_int64(mark->done));
	json_object_object_add(json, "attempts", json_object_new_int64(mark->attempts));
	add_text(json, "at", mark->at);
	add_text(json, "why", mark->why);
	add_text(json, "output", mark->output);
	text = zpm_arena_printf(arena, "%s\n", json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	return text;
}

static json_object *parse(const char *text, size_t len)
{
	json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	json_object *json = json_tokener_parse_ex(tokener, text, (int)len);

	json_tokener_free(tokener);
	if (json_object_is_type(json, json_type_object))
		return json;
	json_object_put(json);
	return NULL;
}

static const char *text_of(json_object *json, const char *key, bool lines, struct zpm_arena *arena)
{
	json_object *value = json_object_object_get(json, key);
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return shown(text, strnlen(text, lines ? ZPM_SETUP_OUTPUT : MOST_WHY), lines, arena);
}

static int64_t count_of(json_object *json, const char *key)
{
	int64_t n = json_object_get_int64(json_object_object_get(json, key));

	return n > 0 ? n : 0;
}

const struct zpm_setup_mark *zpm_setup_mark_parse(const char *text, size_t len, struct zpm_arena *arena)
{
	json_object *json = parse(text, len);
	struct zpm_setup_mark *mark = zpm_arena_alloc(arena, sizeof(*mark));

	if (json) {
		mark->hash = text_of(json, "hash", false, arena);
		mark->done = count_of(json, "done");
		mark->attempts = count_of(json, "attempts");
		mark->at = text_of(json, "at", false, arena);
		mark->why = text_of(json, "why", false, arena);
		mark->output = text_of(json, "output", true, arena);
	}
	json_object_put(json);
	return mark->hash ? mark : NULL;
}
