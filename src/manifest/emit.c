/*
 * From JSON to YAML that a person wants to read: blocks, short lists on one
 * line, quotes only where a text would be read as something else, by this
 * program or by one that follows YAML 1.1.
 */
#include "manifest/manifest.h"

#include "base/text.h"
#include "manifest/scalar.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#define FLOW_WIDTH 72

static int append(void *out, unsigned char *data, size_t len)
{
	return zpm_buf_add(out, (const char *)data, len);
}

/* Of what is passed in nothing is wrong, so only memory can be lacking. */
static void emit(yaml_emitter_t *emitter, yaml_event_t *event, int made)
{
	if (!made || !yaml_emitter_emit(emitter, event))
		abort();
}

/* Words that YAML 1.1 takes for booleans, and keys that mean something. */
static bool is_word(const char *text)
{
	static const char *const words[] = { "yes", "no", "on", "off", "y", "n", "<<", "=" };

	for (size_t i = 0; i < ZPM_COUNT(words); i++)
		if (!strcasecmp(words[i], text))
			return true;
	return false;
}

/* Numbers, dates, and what YAML 1.1 takes for numbers to the base of 60: "8081:8080". */
static bool looks_like_number(const char *text)
{
	return strchr("+-.0123456789", text[0]) && !text[strspn(text, "0123456789.,:_+-eE")];
}

/* Lines of their own read well when nothing in them needs an escape, and when their end is plain. */
static bool fits_block(const char *text, size_t len)
{
	if (!strchr(text, '\n') || strchr(" \t\n", text[0]) || (len > 1 && !strcmp(text + len - 2, "\n\n")))
		return false;
	if (strstr(text, "\xc2\x85") || strstr(text, "\xe2\x80\xa8") || strstr(text, "\xe2\x80\xa9"))
		return false;
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\n') || *text == 0x7f)
			return false;
	return true;
}

static yaml_scalar_style_t style_of(const char *text, size_t len)
{
	if (fits_block(text, len))
		return YAML_LITERAL_SCALAR_STYLE;
	if (zpm_scalar_resolve(text) != ZPM_SCALAR_TEXT || is_word(text) || looks_like_number(text) ||
		strpbrk(text, "\n\t"))
		return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	return YAML_PLAIN_SCALAR_STYLE;
}

static void emit_scalar(yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t event;

	emit(emitter, &event,
		yaml_scalar_event_initialize(
			&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), 1, 1, style));
}

static void emit_text(yaml_emitter_t *emitter, const char *text)
{
	emit_scalar(emitter, text, style_of(text, strlen(text)));
}

static bool is_collection(json_object *json)
{
	return json_object_is_type(json, json_type_array) || json_object_is_type(json, json_type_object);
}

/* A short list of scalars takes one line. */
static bool fits_line(json_object *list)
{
	size_t width = 0;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *item = json_object_array_get_idx(list, i);

		if (is_collection(item) || strchr(json_object_get_string(item), '\n'))
			return false;
		width += strlen(json_object_get_string(item)) + 2;
	}
	return width <= FLOW_WIDTH;
}

static void emit_value(yaml_emitter_t *emitter, json_object *json);

static void emit_list(yaml_emitter_t *emitter, json_object *list)
{
	yaml_sequence_style_t style = fits_line(list) ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;
	yaml_event_t event;

	emit(emitter, &event, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style));
	for (size_t i = 0; i < json_object_array_length(list); i++)
		emit_value(emitter, json_object_array_get_idx(list, i));
	emit(emitter, &event, yaml_sequence_end_event_initialize(&event));
}

static void emit_map(yaml_emitter_t *emitter, json_object *map)
{
	yaml_event_t event;

	emit(emitter, &event,
		yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
	json_object_object_foreach (map, key, value) {
		emit_text(emitter, key);
		emit_value(emitter, value);
	}
	emit(emitter, &event, yaml_mapping_end_event_initialize(&event));
}

static void emit_value(yaml_emitter_t *emitter, json_object *json)
{
	if (json_object_is_type(json, json_type_object))
		emit_map(emitter, json);
	else if (json_object_is_type(json, json_type_array))
		emit_list(emitter, json);
	else if (json_object_is_type(json, json_type_string))
		emit_text(emitter, json_object_get_string(json));
	else
		emit_scalar(emitter, json_object_get_string(json), YAML_PLAIN_SCALAR_STYLE);
}

static void emit_document(json_object *json, struct zpm_buf *out)
{
	yaml_emitter_t emitter;
	yaml_event_t event;

	if (!yaml_emitter_initialize(&emitter))
		abort();
	yaml_emitter_set_output(&emitter, append, out);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	emit(&emitter, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(&emitter, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	emit_value(&emitter, json);
	emit(&emitter, &event, yaml_document_end_event_initialize(&event, 1));
	emit(&emitter, &event, yaml_stream_end_event_initialize(&event));
	yaml_emitter_delete(&emitter);
}

/* Sections stand apart. All that is in one is indented, and no text ends in lines that could be lost in this.
 */
static void add_sections(const char *yaml, struct zpm_buf *out)
{
	while (*yaml) {
		size_t len = strcspn(yaml, "\n") + 1;

		if (len > 2 && !strncmp(yaml + len - 2, ":\n", 2) && *yaml != ' ')
			zpm_buf_puts(out, "\n");
		zpm_buf_add(out, yaml, len);
		yaml += len;
	}
}

static int check_text(json_object *json, struct zpm_err *err)
{
	const char *text = json_object_get_string(json);
	size_t len = strlen(text);

	if (zpm_utf8_valid_len(text, len) == len)
		return 0;
	return zpm_err_set(
		err, ZPM_EINVALID, "what the Engine holds is not all UTF-8, which a manifest has to be");
}

int zpm_manifest_emit(
	json_object *json, const struct zpm_strs *notes, struct zpm_buf *out, struct zpm_err *err)
{
	ZPM_BUF yaml = { 0 };

	/* Its text has all keys and values in it, as they are. */
	if (check_text(json, err) < 0)
		return -1;
	emit_document(json, &yaml);
	for (size_t i = 0; i < notes->n; i++)
		zpm_buf_printf(out, "# %s\n", notes->v[i]);
	add_sections(yaml.data, out);
	return 0;
}
