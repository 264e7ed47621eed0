/* What all renderings share. */
#include "cli/render.h"

#include "base/text.h"
#include "model/hold.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define SORT_WIDTH 9

const char *zpm_colour(bool on, enum zpm_colour colour)
{
	static const char *const sequences[] = {
		[ZPM_COLOUR_NONE] = "\033[0m",
		[ZPM_COLOUR_GREEN] = "\033[32m",
		[ZPM_COLOUR_YELLOW] = "\033[33m",
		[ZPM_COLOUR_RED] = "\033[31m",
		[ZPM_COLOUR_MAGENTA] = "\033[35m",
		[ZPM_COLOUR_DIM] = "\033[2m",
	};

	return on ? sequences[colour] : "";
}

void zpm_render_padded(struct zpm_buf *out, const char *text, size_t width)
{
	size_t used = zpm_utf8_width(text);

	zpm_buf_puts(out, text);
	do
		zpm_buf_puts(out, " ");
	while (++used < width);
}

/* C1, in UTF-8, is C2 80 to C2 9F. */
static bool is_control(const char *c)
{
	unsigned char one = (unsigned char)c[0], two = (unsigned char)c[1];

	return one < 0x20 || one == 0x7f || (one == 0xc2 && two >= 0x80 && two < 0xa0);
}

const char *zpm_render_plain(const char *text, struct zpm_arena *arena)
{
	char *copy = zpm_arena_strdup(arena, text ? text : "");

	for (char *c = copy; *c; c++) {
		bool wide = *c == '\xc2';

		if (!is_control(c))
			continue;
		*c = ' ';
		if (wide)
			*++c = ' ';
	}
	return copy;
}

static size_t sort_width(const char *sort)
{
	size_t width = strlen(sort) + 1;

	return width > SORT_WIDTH ? width : SORT_WIDTH;
}

void zpm_render_ref(struct zpm_buf *out, const char *sort, const char *name, size_t width)
{
	size_t used = sort_width(sort);

	zpm_render_padded(out, sort, used);
	zpm_render_padded(out, name, width > used ? width - used : 0);
}

size_t zpm_render_ref_width(const char *sort, const char *name)
{
	return sort_width(sort) + zpm_utf8_width(name) + 1;
}

json_object *zpm_render_hold_json(const char *label)
{
	struct zpm_arena *arena = zpm_arena_new();
	json_object *json = json_object_new_object();
	struct zpm_hold hold;

	zpm_hold_read(label, &hold, arena);
	if (hold.since)
		json_object_object_add(json, "since", json_object_new_string(hold.since));
	if (hold.by)
		json_object_object_add(json, "by", json_object_new_string(hold.by));
	if (hold.reason)
		json_object_object_add(json, "reason", json_object_new_string(hold.reason));
	zpm_arena_free(arena);
	return json;
}

void zpm_print_json(json_object *json)
{
	puts(json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}
