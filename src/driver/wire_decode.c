/* From the Engine's JSON to the model, one walk. */
#include "driver/wire_tree.h"

#include "model/shape.h"

#include <ctype.h>
#include <json-c/json.h>
#include <string.h>
#include <strings.h>

struct decoder {
	const struct zpm_wire_names *names;
	struct zpm_arena *arena;
	struct zpm_pairs *extra;
};

/* The keys that led to a place in the JSON, written out only for the rare extra field. */
struct trail {
	const struct trail *above; /* NULL: the root */
	const char *key;
};

static void decode_node(const struct decoder *d, const struct zpm_wire_node *node, json_object *json,
	void *object, const struct trail *trail);

static const char *text_of(const struct decoder *d, json_object *json)
{
	if (!json_object_is_type(json, json_type_string))
		return NULL;
	return zpm_arena_strndup(
		d->arena, json_object_get_string(json), (size_t)json_object_get_string_len(json));
}

/* {"Global": {}} reads as "global"; a mode of a newer Engine as its own name. */
static const char *mode_of(const struct decoder *d, json_object *json)
{
	char *mode = NULL;

	if (!json_object_is_type(json, json_type_object))
		return NULL;
	if (json_object_object_get_ex(json, "Replicated", NULL))
		return "replicated";
	if (json_object_object_get_ex(json, "Global", NULL))
		return "global";
	json_object_object_foreach (json, key, value) {
		(void)value;
		mode = zpm_arena_strdup(d->arena, key);
		mode[0] = (char)tolower((unsigned char)mode[0]);
		break;
	}
	return mode;
}

static const char *string_of(const struct decoder *d, const struct zpm_field *field, json_object *json)
{
	const char *text;

	if (field->codec == ZPM_AS_MODE)
		return mode_of(d, json);
	text = text_of(d, json);
	if (text && *text && zpm_wire_is_name(field->codec))
		text = d->names->to_manifest(d->names->ctx, field->codec, text, d->arena);
	return text;
}

/* Swarm takes ratios from 0 to 1 only. */
static int64_t ratio_of(json_object *json)
{
	double ratio = json_object_get_double(json);

	return ratio >= 0 && ratio <= 1 ? (int64_t)(ratio * 1e9 + 0.5) : ZPM_UNSET;
}

static int64_t number_of(const struct zpm_field *field, json_object *json)
{
	switch (json_object_get_type(json)) {
	case json_type_boolean:
		return json_object_get_boolean(json);
	case json_type_int:
		return field->codec == ZPM_AS_RATIO ? ratio_of(json) : json_object_get_int64(json);
	case json_type_double:
		return field->codec == ZPM_AS_RATIO ? ratio_of(json) : ZPM_UNSET;
	default:
		return ZPM_UNSET;
	}
}

static json_object *member(json_object *json, const char *key)
{
	json_object *value = NULL;

	json_object_object_get_ex(json, key, &value);
	return value;
}

static void decode_strs(
	const struct decoder *d, const struct zpm_field *field, json_object *json, struct zpm_strs *strs)
{
	if (!json_object_is_type(json, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(json); i++) {
		json_object *item = json_object_array_get_idx(json, i);
		const char *text;

		if (field->codec == ZPM_AS_SPREAD)
			item = member(member(item, "Spread"), "SpreadDescriptor");
		text = text_of(d, item);
		if (text)
			zpm_strs_push(d->arena, strs, text);
	}
}

/* "KEY=VALUE" of the environment, or "ADDRESS NAME" of /etc/hosts. */
static void decode_pair_text(
	const struct decoder *d, const struct zpm_field *field, const char *text, struct zpm_pairs *pairs)
{
	bool hosts = field->codec == ZPM_AS_HOSTS;
	size_t len = strcspn(text, hosts ? " " : "=");
	const char *left = zpm_arena_strndup(d->arena, text, len);
	const char *right = text[len] ? text + len + 1 : "";

	if (hosts)
		zpm_pairs_set(d->arena, pairs, right, left);
	else
		zpm_pairs_set(d->arena, pairs, left, right);
}

static void decode_pairs(
	const struct decoder *d, const struct zpm_field *field, json_object *json, struct zpm_pairs *pairs)
{
	if (json_object_is_type(json, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(json); i++) {
			const char *text = text_of(d, json_object_array_get_idx(json, i));

			if (text)
				decode_pair_text(d, field, text, pairs);
		}
	} else if (json_object_is_type(json, json_type_object)) {
		json_object_object_foreach (json, key, value) {
			const char *text = text_of(d, value);

			if (text)
				zpm_pairs_set(d->arena, pairs, zpm_arena_strdup(d->arena, key), text);
		}
	}
}

static void decode_object(const struct decoder *d, const struct zpm_wire_node *node, json_object *json,
	void **nested, const struct trail *trail)
{
	if (!json_object_is_type(json, json_type_object))
		return;
	if (!*nested)
		*nested = zpm_shape_new(node->field->shape, d->arena);
	decode_node(d, &node->nested->root, json, *nested, trail);
}

/* Every array element becomes an object, so that both have the same indexes. */
static void decode_objects(const struct decoder *d, const struct zpm_wire_node *node, json_object *json,
	struct zpm_ptrs *list, const struct trail *trail)
{
	if (!json_object_is_type(json, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(json); i++) {
		void *element = zpm_shape_new(node->field->shape, d->arena);

		decode_node(d, &node->nested->root, json_object_array_get_idx(json, i), element, trail);
		zpm_ptrs_push(d->arena, list, element);
	}
}

static void decode_field(const struct decoder *d, const struct zpm_wire_node *node, json_object *json,
	void *object, const struct trail *trail)
{
	const struct zpm_field *field = node->field;

	switch (field->type) {
	case ZPM_T_STRING:
		*zpm_field_str(field, object) = string_of(d, field, json);
		break;
	case ZPM_T_LIST:
	case ZPM_T_SET:
		decode_strs(d, field, json, zpm_field_strs(field, object));
		break;
	case ZPM_T_MAP:
		decode_pairs(d, field, json, zpm_field_pairs(field, object));
		break;
	case ZPM_T_OBJECT:
		decode_object(d, node, json, zpm_field_object(field, object), trail);
		break;
	case ZPM_T_OBJECTS:
		decode_objects(d, node, json, zpm_field_objects(field, object), trail);
		break;
	default:
		*zpm_field_int(field, object) = number_of(field, json);
		break;
	}
}

static const char *path_of(const struct decoder *d, const struct trail *trail)
{
	if (!trail->above)
		return zpm_arena_strdup(d->arena, trail->key);
	return zpm_arena_printf(d->arena, "%s.%s", path_of(d, trail->above), trail->key);
}

static void add_extra(const struct decoder *d, const struct trail *trail, json_object *json)
{
	const char *text;

	if (!d->extra || zpm_wire_is_nothing(json))
		return;
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
	zpm_pairs_set(d->arena, d->extra, path_of(d, trail), zpm_arena_strdup(d->arena, text));
}

static void decode_key(const struct decoder *d, const struct zpm_wire_node *child, json_object *json,
	void *object, const struct trail *trail)
{
	if (child && child->ignored)
		return;
	if (!child) {
		add_extra(d, trail, json);
		return;
	}
	if (child->field)
		decode_field(d, child, json, object, trail);
	if (child->children.n && !child->nested)
		decode_node(d, child, json, object, trail);
}

/* A mode's own name is its value: {"Global": {}}. */
static bool is_mode(
	const struct decoder *d, const struct zpm_wire_node *node, json_object *json, const char *key)
{
	return node->field && node->field->codec == ZPM_AS_MODE && !strcasecmp(mode_of(d, json), key);
}

static void decode_node(const struct decoder *d, const struct zpm_wire_node *node, json_object *json,
	void *object, const struct trail *trail)
{
	if (!json_object_is_type(json, json_type_object))
		return;
	json_object_object_foreach (json, key, value) {
		const struct zpm_wire_node *child = zpm_wire_child(node, key);
		const struct trail below = { trail, key };

		if (!child && is_mode(d, node, json, key))
			continue;
		decode_key(d, child, value, object, &below);
	}
}

void zpm_wire_decode(const struct zpm_wire_tree *tree, json_object *json, const struct zpm_wire_names *names,
	struct zpm_arena *arena, void *object, struct zpm_pairs *extra)
{
	const struct decoder d = { .names = names, .arena = arena, .extra = extra };

	decode_node(&d, &tree->root, json, object, NULL);
}
