/* From the model to the Engine's JSON, changing only what differs. */
#include "driver/wire_tree.h"

#include "model/shape.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

struct patcher {
	const struct zpm_wire_names *names;
	struct zpm_arena *arena;
	const struct zpm_pairs *extra;
	bool fresh; /* a new object: everything with a default is written out */
};

static void patch_shape(const struct patcher *p, const struct zpm_wire_tree *tree, json_object *json,
	const void *have, const void *want);

/* The object below a key. What stands there and is none makes way when told to. */
static json_object *member(json_object *json, const char *key, bool make)
{
	json_object *value = NULL;

	json_object_object_get_ex(json, key, &value);
	if (json_object_is_type(value, json_type_object))
		return value;
	if (!make)
		return NULL;
	value = json_object_new_object();
	json_object_object_add(json, key, value);
	return value;
}

/* The JSON object that holds the last key of a path, and that key. Makes what is missing when told to. */
static json_object *holder(json_object *json, const char *path, const char **last, bool make)
{
	const char *dot;

	while (json && (dot = strchr(path, '.'))) {
		char key[64];

		snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
		json = member(json, key, make);
		path = dot + 1;
	}
	*last = path;
	return json;
}

static json_object *get_path(json_object *json, const char *path)
{
	const char *key;
	json_object *at = holder(json, path, &key, false), *value = NULL;

	if (at)
		json_object_object_get_ex(at, key, &value);
	return value;
}

static void del_path(json_object *json, const char *path)
{
	const char *key;
	json_object *at = holder(json, path, &key, false);

	if (at)
		json_object_object_del(at, key);
}

static void set_path(json_object *json, const char *path, json_object *value)
{
	const char *key;
	json_object *at = holder(json, path, &key, true);

	if (at)
		json_object_object_add(at, key, value);
	else
		json_object_put(value);
}

static json_object *encode_mode(const char *mode)
{
	json_object *json = json_object_new_object();
	char key[64];

	snprintf(key, sizeof(key), "%c%s", toupper((unsigned char)mode[0]), mode + 1);
	json_object_object_add(json, key, json_object_new_object());
	return json;
}

static json_object *encode_string(const struct patcher *p, const struct zpm_field *field, const char *text)
{
	if (field->codec == ZPM_AS_MODE)
		return encode_mode(text);
	if (zpm_wire_is_name(field->codec))
		text = p->names->to_engine(p->names->ctx, field->codec, text, p->arena);
	return json_object_new_string(text);
}

static json_object *encode_number(const struct zpm_field *field, int64_t number)
{
	if (field->type == ZPM_T_BOOL)
		return json_object_new_boolean(number != 0);
	if (field->codec == ZPM_AS_RATIO)
		return json_object_new_double((double)number / 1e9);
	return json_object_new_int64(number);
}

static json_object *encode_item(const struct patcher *p, const struct zpm_field *field, const char *text)
{
	json_object *spread, *item;

	if (field->codec == ZPM_AS_CAPS && strcmp(text, "ALL") != 0)
		return json_object_new_string(zpm_arena_printf(p->arena, "CAP_%s", text));
	if (field->codec != ZPM_AS_SPREAD)
		return json_object_new_string(text);
	spread = json_object_new_object();
	json_object_object_add(spread, "SpreadDescriptor", json_object_new_string(text));
	item = json_object_new_object();
	json_object_object_add(item, "Spread", spread);
	return item;
}

/* What stays keeps its live order, what is new follows. A list has only one order. */
static json_object *encode_strs(const struct patcher *p, const struct zpm_field *field,
	const struct zpm_strs *have, const struct zpm_strs *want)
{
	json_object *list = json_object_new_array();
	bool set = field->type == ZPM_T_SET;

	for (size_t i = 0; set && i < have->n; i++)
		if (zpm_strs_have(want, have->v[i]))
			json_object_array_add(list, encode_item(p, field, have->v[i]));
	for (size_t i = 0; i < want->n; i++)
		if (!set || !zpm_strs_have(have, want->v[i]))
			json_object_array_add(list, encode_item(p, field, want->v[i]));
	return list;
}

static void add_pair_text(const struct patcher *p, const struct zpm_field *field, json_object *list,
	const char *key, const char *value)
{
	const char *text = field->codec == ZPM_AS_HOSTS ? zpm_arena_printf(p->arena, "%s %s", value, key)
							: zpm_arena_printf(p->arena, "%s=%s", key, value);

	json_object_array_add(list, json_object_new_string(text));
}

static json_object *encode_pairs(const struct patcher *p, const struct zpm_field *field,
	const struct zpm_pairs *have, const struct zpm_pairs *want)
{
	json_object *json;

	if (field->codec == ZPM_AS_TYPE) {
		json = json_object_new_object();
		for (size_t i = 0; i < want->n; i++)
			json_object_object_add(
				json, want->v[i].key, json_object_new_string(want->v[i].value));
		return json;
	}
	json = json_object_new_array();
	for (size_t i = 0; i < have->n; i++) {
		const char *value = zpm_pairs_get(want, have->v[i].key);

		if (value)
			add_pair_text(p, field, json, have->v[i].key, value);
	}
	for (size_t i = 0; i < want->n; i++)
		if (!zpm_pairs_get(have, want->v[i].key))
			add_pair_text(p, field, json, want->v[i].key, want->v[i].value);
	return json;
}

/* A nested object or list element that is not there yet is written in full. */
static json_object *encode_new(const struct patcher *p, const struct zpm_wire_tree *tree, const void *want)
{
	const struct patcher fresh = { .names = p->names, .arena = p->arena, .fresh = true };
	json_object *json = json_object_new_object();

	patch_shape(&fresh, tree, json, zpm_shape_unset(tree->shape, p->arena), want);
	return json;
}

static const void *find_by_key(const struct patcher *p, const struct zpm_shape *shape,
	const struct zpm_ptrs *list, const void *object)
{
	const char *key = zpm_shape_key(shape, object, p->arena);

	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(zpm_shape_key(shape, list->v[i], p->arena), key))
			return list->v[i];
	return NULL;
}

/* Does a live field that nobody knows sit inside the list's elements, where no path leads to it? */
static bool has_extra(const struct patcher *p, const struct zpm_field *field)
{
	size_t len = strlen(field->wire);

	for (size_t i = 0; p->extra && field->type == ZPM_T_OBJECTS && i < p->extra->n; i++)
		if (!strncmp(p->extra->v[i].key, field->wire, len) && p->extra->v[i].key[len] == '.')
			return true;
	return false;
}

static json_object *encode_kept(const struct patcher *p, const struct zpm_wire_tree *tree, json_object *live,
	const void *have, const void *want)
{
	json_object *copy = NULL;

	if (!json_object_is_type(live, json_type_object))
		return encode_new(p, tree, want);
	json_object_deep_copy(live, &copy, NULL);
	patch_shape(p, tree, copy, have, want);
	return copy;
}

static json_object *encode_objects(const struct patcher *p, const struct zpm_wire_node *node,
	json_object *live, const struct zpm_ptrs *have, const struct zpm_ptrs *want)
{
	const struct zpm_shape *shape = node->field->shape;
	json_object *list = json_object_new_array();
	bool reuse = json_object_is_type(live, json_type_array) && !has_extra(p, node->field);

	for (size_t i = 0; i < have->n; i++) {
		const void *kept = find_by_key(p, shape, want, have->v[i]);

		if (kept && reuse)
			json_object_array_add(
				list, encode_kept(p, node->nested, json_object_array_get_idx(live, i),
					      have->v[i], kept));
		else if (kept)
			json_object_array_add(list, encode_new(p, node->nested, kept));
	}
	for (size_t i = 0; i < want->n; i++)
		if (!find_by_key(p, shape, have, want->v[i]))
			json_object_array_add(list, encode_new(p, node->nested, want->v[i]));
	return list;
}

/* A nested object that has defaults is written whole: a member the Engine is not sent
 * may mean zero there, not the default. */
static void patch_object(const struct patcher *p, const struct zpm_wire_node *node, json_object *json,
	const void *have, const void *want)
{
	json_object *live = get_path(json, node->field->wire);

	if (!have)
		have = zpm_shape_unset(node->field->shape, p->arena);
	if (!json_object_is_type(live, json_type_object)) {
		set_path(json, node->field->wire, encode_new(p, node->nested, want));
	} else {
		struct patcher whole = *p;

		whole.fresh = true;
		whole.extra = NULL;
		patch_shape(&whole, node->nested, live, have, want);
	}
}

static void patch_field(const struct patcher *p, const struct zpm_wire_node *node, json_object *json,
	const void *have, const void *want)
{
	const struct zpm_field *field = node->field;
	json_object *value;

	switch (field->type) {
	case ZPM_T_STRING:
		value = encode_string(p, field, *zpm_field_str(field, want));
		break;
	case ZPM_T_LIST:
	case ZPM_T_SET:
		value = encode_strs(p, field, zpm_field_strs(field, have), zpm_field_strs(field, want));
		break;
	case ZPM_T_MAP:
		value = encode_pairs(p, field, zpm_field_pairs(field, have), zpm_field_pairs(field, want));
		break;
	case ZPM_T_OBJECT:
		patch_object(p, node, json, *zpm_field_object(field, have), *zpm_field_object(field, want));
		return;
	case ZPM_T_OBJECTS:
		value = encode_objects(p, node, get_path(json, field->wire), zpm_field_objects(field, have),
			zpm_field_objects(field, want));
		break;
	default:
		value = encode_number(field, *zpm_field_int(field, want));
		break;
	}
	set_path(json, field->wire, value);
}

static void patch_shape(const struct patcher *p, const struct zpm_wire_tree *tree, json_object *json,
	const void *have, const void *want)
{
	ZPM_EACH_FIELD (field, tree->shape) {
		bool same;

		if (!field->wire)
			continue;
		same = zpm_field_equal(field, have, want, p->arena) && !has_extra(p, field);
		if (same && !(p->fresh && field->value))
			continue;
		if (zpm_field_is_unset(field, want))
			del_path(json, field->wire);
		else
			patch_field(p, zpm_wire_node_at(tree, field->wire), json, have, want);
	}
}

void zpm_wire_patch(const struct zpm_wire_tree *tree, json_object *json, const struct zpm_wire_names *names,
	struct zpm_arena *arena, const void *have, const void *want, const struct zpm_pairs *extra)
{
	const struct patcher p = { .names = names, .arena = arena, .extra = extra };

	patch_shape(&p, tree, json, have, want);
	for (size_t i = 0; extra && i < extra->n; i++)
		del_path(json, extra->v[i].key);
}
