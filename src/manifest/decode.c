/*
 * One function for each way a field can be written. The recursion follows the
 * field tables: what no table knows is reported and not gone into.
 */
#include "manifest/decode.h"

#include "base/index.h"
#include "manifest/decode_value.h"
#include "manifest/overrides.h"
#include "manifest/template_parts.h"
#include "manifest/words.h"
#include "model/platform.h"
#include "model/shape.h"
#include "model/value.h"

#include <string.h>

static void decode_shape(struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_shape *shape,
	void *object, bool keyed);

/* A list that was not one, an element that was nothing: what is done is as if it were empty. */
static bool is_empty(const struct zpm_place *place)
{
	return place->node->kind == ZPM_NODE_BROKEN || zpm_node_is_null(place->node);
}

/* A mistake leaves "" behind, so that the others keep their place in the list. */
static void decode_items(struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field,
	struct zpm_strs *strs)
{
	for (size_t i = 0; i < place->node->items.n; i++) {
		struct zpm_place item = zpm_place_of_item(place, i);
		const char *text = zpm_decode_ruled(d, &item, field->rule, ZPM_STRICT);

		zpm_strs_push(d->arena, strs, text ? text : "");
	}
}

/* A list may be written as one string, which means what its flag says. */
static void decode_string_as_list(struct zpm_decoder *d, const struct zpm_place *place,
	const struct zpm_field *field, struct zpm_strs *strs)
{
	const char *text =
		zpm_decode_ruled(d, place, field->flags & ZPM_SINGLE ? field->rule : NULL, ZPM_STRICT);
	const char *wrong = NULL;

	if (!text)
		return;
	if (field->flags & ZPM_WORDS) {
		wrong = zpm_words_split(text, d->arena, strs);
	} else {
		if (field->flags & ZPM_SHELL)
			zpm_strs_push(d->arena, strs, "CMD-SHELL");
		zpm_strs_push(d->arena, strs, text);
	}
	if (wrong)
		zpm_complain(d, place, "%s, in %s", wrong, zpm_node_quote(text, d->arena));
}

static void decode_strs(struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field,
	struct zpm_strs *strs)
{
	bool stringy = field->flags & (ZPM_WORDS | ZPM_SHELL | ZPM_SINGLE);

	if (is_empty(place))
		return;
	if (place->node->kind == ZPM_NODE_LIST)
		decode_items(d, place, field, strs);
	else if (place->node->kind == ZPM_NODE_SCALAR && stringy)
		decode_string_as_list(d, place, field, strs);
	else
		zpm_complain_got(d, place, stringy ? "a list or text" : "a list");
}

/* All of a map at once: pairs that are known to be unique need not be looked for. */
static void reserve_pairs(struct zpm_decoder *d, struct zpm_pairs *pairs, size_t n)
{
	pairs->v = zpm_arena_alloc(d->arena, n * sizeof(*pairs->v));
	pairs->cap = n;
}

static bool key_is_good(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field, const char *key)
{
	if (!*key)
		zpm_complain(d, place, "a name is empty");
	else if (field->codec == ZPM_AS_ENV && strchr(key, '='))
		zpm_complain(d, place, "a variable's name cannot hold '='");
	else if (d->in_raw && zpm_vars_name_mistake(key))
		zpm_complain(d, place, "%s", zpm_vars_name_mistake(key));
	else
		return true;
	return false;
}

/* Numbers and booleans mean their text, unless a rule says what the text looks like. */
static void decode_map(struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field,
	struct zpm_pairs *pairs)
{
	reserve_pairs(d, pairs, place->node->items.n);
	for (size_t i = 0; i < place->node->items.n; i++) {
		const struct zpm_entry *entry = place->node->items.v[i];
		struct zpm_place value = zpm_place_of_entry(place, entry);
		const char *text;

		if (!key_is_good(d, &value, field, entry->key))
			continue;
		if (zpm_node_is_null(value.node)) {
			zpm_complain(d, &value, "has no value; write \"\" for empty text");
			continue;
		}
		text = zpm_decode_ruled(d, &value, field->rule, field->rule ? ZPM_STRICT : ZPM_LENIENT);
		if (!text)
			continue;
		if (d->in_raw && strstr(text, "${"))
			zpm_complain(d, &value, ZPM_VARS_NO_REFERENCE);
		pairs->v[pairs->n++] = (struct zpm_pair){ entry->key, text };
	}
}

/* The length of the key of "KEY=VALUE", or of "NAME:ADDRESS" for hosts; 0 after a complaint. */
static size_t pair_key_len(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field, const char *text)
{
	bool hosts = field->codec == ZPM_AS_HOSTS;
	size_t len = strcspn(text, hosts ? "=:" : "=");

	if (len && text[len])
		return len;
	zpm_complain(d, place, "expected %s, got %s", hosts ? "NAME:ADDRESS or NAME=ADDRESS" : "KEY=VALUE",
		zpm_node_quote(text, d->arena));
	return 0;
}

static void decode_pair_list(struct zpm_decoder *d, const struct zpm_place *place,
	const struct zpm_field *field, struct zpm_pairs *pairs)
{
	struct zpm_index *keys = zpm_index_new(d->arena);

	reserve_pairs(d, pairs, place->node->items.n);
	for (size_t i = 0; i < place->node->items.n; i++) {
		struct zpm_place item = zpm_place_of_item(place, i);
		const char *text = zpm_decode_text(d, &item, "KEY=VALUE", ZPM_STRICT), *key;
		size_t len = text ? pair_key_len(d, &item, field, text) : 0;

		if (!len)
			continue;
		key = zpm_arena_strndup(d->arena, text, len);
		text += len + 1;
		if (zpm_index_add(keys, key, &pairs->v[i]))
			zpm_complain(
				d, &item, "%s is set already in this list", zpm_node_quote(key, d->arena));
		else if (zpm_decode_obeys(d, &item, field->rule, text))
			pairs->v[pairs->n++] = (struct zpm_pair){ key, text };
	}
}

static void decode_pairs(struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field,
	struct zpm_pairs *pairs)
{
	bool either = field->flags & ZPM_PAIR_LIST;

	if (is_empty(place))
		return;
	if (place->node->kind == ZPM_NODE_MAP)
		decode_map(d, place, field, pairs);
	else if (place->node->kind == ZPM_NODE_LIST && either)
		decode_pair_list(d, place, field, pairs);
	else
		zpm_complain_got(d, place, either ? "a mapping, or a list of KEY=VALUE" : "a mapping");
}

/* A plain whole number can be a short form too: 8080 for a port. */
static void decode_brief(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_shape *shape, void *object)
{
	const char *text = zpm_decode_text(d, place, shape->brief->expected, ZPM_WHOLE);
	struct zpm_err err;

	if (!text)
		return;
	if (!zpm_pattern_matches(shape->brief->pattern, text))
		zpm_complain(d, place, "expected %s, got %s", shape->brief->expected,
			zpm_node_quote(text, d->arena));
	else if (shape->brief->parse(text, object, d->arena, &err) < 0)
		zpm_complain(d, place, "%s", err.msg);
}

/* What stands in the place of an object may be written as; NULL: nothing but a mapping. */
static const char *brief_expected(const struct zpm_shape *shape)
{
	const struct zpm_field *lone = zpm_shape_lone(shape);

	if (lone)
		return lone->type == ZPM_T_LIST ? "a list or text" : zpm_value_expected(lone->type);
	return shape->brief ? shape->brief->expected : NULL;
}

static void decode_object(struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_shape *shape,
	void *object, bool brief, bool keyed)
{
	const char *expected = brief ? brief_expected(shape) : NULL;
	const struct zpm_field *lone = brief ? zpm_shape_lone(shape) : NULL;
	bool scalar = place->node->kind == ZPM_NODE_SCALAR && !zpm_node_is_null(place->node);
	bool list = place->node->kind == ZPM_NODE_LIST;

	if (lone && (scalar || (list && lone->type == ZPM_T_LIST)))
		zpm_decode_field(d, place, lone, object);
	else if (scalar && expected)
		decode_brief(d, place, shape, object);
	else if (place->node->kind == ZPM_NODE_MAP || (keyed && zpm_node_is_null(place->node)))
		decode_shape(d, place, shape, object, keyed);
	else
		zpm_complain_got(d, place,
			expected ? zpm_arena_printf(d->arena, "%s, or a mapping", expected) : "a mapping");
}

static void decode_listed(struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field,
	struct zpm_ptrs *objects)
{
	for (size_t i = 0; i < place->node->items.n; i++) {
		struct zpm_place item = zpm_place_of_item(place, i);
		void *object = zpm_shape_new(field->shape, d->arena);

		decode_object(d, &item, field->shape, object, true, false);
		zpm_ptrs_push(d->arena, objects, object);
	}
}

static const struct zpm_field *key_field(const struct zpm_shape *shape)
{
	ZPM_EACH_FIELD (field, shape)
		if (field->flags & ZPM_KEY)
			return field;
	return NULL;
}

/*
 * What may be written as a list too has its short form there: in a map it would
 * say the key a second time.
 */
static void decode_named(struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field,
	struct zpm_ptrs *objects)
{
	const struct zpm_field *key = key_field(field->shape);

	for (size_t i = 0; i < place->node->items.n; i++) {
		const struct zpm_entry *entry = place->node->items.v[i];
		struct zpm_place value = zpm_place_of_entry(place, entry);
		struct zpm_place name = { .up = place, .entry = entry, .node = place->node };
		void *object = zpm_shape_new(field->shape, d->arena);

		(void)zpm_decode_obeys(d, &name, key->rule, entry->key);
		*zpm_field_str(key, object) = entry->key;
		decode_object(d, &value, field->shape, object, !(field->flags & ZPM_LISTED), true);
		zpm_ptrs_push(d->arena, objects, object);
	}
}

static void decode_objects(struct zpm_decoder *d, const struct zpm_place *place,
	const struct zpm_field *field, struct zpm_ptrs *objects)
{
	bool listed = field->flags & ZPM_LISTED, named = field->flags & ZPM_NAMED;

	if (is_empty(place))
		return;
	if (place->node->kind == ZPM_NODE_LIST && listed)
		decode_listed(d, place, field, objects);
	else if (place->node->kind == ZPM_NODE_MAP && named)
		decode_named(d, place, field, objects);
	else
		zpm_complain_got(d, place, !named ? "a list" : !listed ? "a mapping" : "a list or a mapping");
}

static void decode_nested(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field, void **nested)
{
	if (is_empty(place))
		return;
	*nested = zpm_shape_new(field->shape, d->arena);
	decode_object(d, place, field->shape, *nested, true, false);
}

static void decode_by_type(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field, void *object)
{
	switch (field->type) {
	case ZPM_T_STRING:
		*zpm_field_str(field, object) = zpm_decode_ruled(d, place, field->rule, ZPM_STRICT);
		break;
	case ZPM_T_BOOL:
	case ZPM_T_INT:
	case ZPM_T_DECIMAL:
	case ZPM_T_DURATION:
	case ZPM_T_SIZE:
		zpm_decode_number(d, place, field, zpm_field_int(field, object));
		break;
	case ZPM_T_LIST:
	case ZPM_T_SET:
		decode_strs(d, place, field, zpm_field_strs(field, object));
		break;
	case ZPM_T_MAP:
		d->in_raw = place->node == d->raw;
		decode_pairs(d, place, field, zpm_field_pairs(field, object));
		d->in_raw = false;
		break;
	case ZPM_T_OBJECT:
		decode_nested(d, place, field, zpm_field_object(field, object));
		break;
	case ZPM_T_OBJECTS:
		decode_objects(d, place, field, zpm_field_objects(field, object));
		break;
	}
}

void zpm_decode_field(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field, void *object)
{
	const struct zpm_pairs *outside = d->vars.scope;

	if (field->flags & ZPM_TEMPLATE)
		d->vars.scope = zpm_template_samples(d->arena);
	decode_by_type(d, place, field, object);
	d->vars.scope = outside;
}

/* A shape of few fields is best explained by naming them. */
static const char *field_names(const struct zpm_shape *shape, struct zpm_arena *arena)
{
	const char *names = "";
	size_t n = 0;

	ZPM_EACH_FIELD (field, shape) {
		if (field->flags & ZPM_HIDDEN)
			continue;
		names = zpm_arena_printf(arena, "%s%s%s", names, n++ ? ", " : "", field->name);
	}
	return n <= 10 ? names : NULL;
}

static void complain_unknown(struct zpm_decoder *d, const struct zpm_place *place,
	const struct zpm_shape *shape, const struct zpm_entry *entry)
{
	const char *name = zpm_node_quote(entry->key, d->arena);
	const struct zpm_field *nearest;
	const char *names;

	if (d->diags->list.n >= ZPM_DIAGS_MAX) {
		d->diags->left_out++;
		return;
	}
	nearest = zpm_shape_nearest(shape, entry->key);
	names = field_names(shape, d->arena);
	if (nearest)
		zpm_complain_at(
			d, place, entry->pos, "unknown field %s; did you mean '%s'?", name, nearest->name);
	else if (names)
		zpm_complain_at(d, place, entry->pos, "unknown field %s; there are: %s", name, names);
	else
		zpm_complain_at(d, place, entry->pos, "unknown field %s", name);
}

/* Of the fields of which one has to be there, is none? */
static void check_either(struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_shape *shape)
{
	const char *names = NULL;

	ZPM_EACH_FIELD (field, shape) {
		if (!(field->flags & ZPM_EITHER))
			continue;
		if (zpm_node_entry(place->node, field->name))
			return;
		names = zpm_arena_printf(
			d->arena, "%s%s'%s'", names ? names : "", names ? " or " : "", field->name);
	}
	if (names)
		zpm_complain(d, place, "%s is missing", names);
}

static void check_required(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_shape *shape, bool keyed)
{
	ZPM_EACH_FIELD (field, shape) {
		bool required = field->flags & ZPM_REQUIRED && !(keyed && field->flags & ZPM_KEY);

		if (required && !zpm_node_entry(place->node, field->name))
			zpm_complain(d, place, "'%s' is missing", field->name);
	}
	check_either(d, place, shape);
}

/* `keyed`: the key of a map has set the key field already. */
static void decode_shape(struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_shape *shape,
	void *object, bool keyed)
{
	for (size_t i = 0; i < place->node->items.n; i++) {
		const struct zpm_entry *entry = place->node->items.v[i];
		const struct zpm_field *field = zpm_shape_field(shape, entry->key);
		struct zpm_place value = zpm_place_of_entry(place, entry);

		if (!field || field->flags & ZPM_HIDDEN)
			complain_unknown(d, place, shape, entry);
		else if (keyed && field->flags & ZPM_KEY)
			zpm_complain_at(d, place, entry->pos,
				"'%s' is what it is written under; leave it out here", field->name);
		else
			zpm_decode_field(d, &value, field, object);
	}
	if (!shape->partial)
		check_required(d, place, shape, keyed);
}

static void decode_patches(struct zpm_decoder *d, const struct zpm_ptrs *roots, struct zpm_ptrs *patches)
{
	for (size_t i = 0; i < roots->n; i++) {
		struct zpm_place place = { .node = roots->v[i] };
		void *patch = zpm_shape_new(&zpm_patch_shape, d->arena);

		decode_object(d, &place, &zpm_patch_shape, patch, false, false);
		zpm_ptrs_push(d->arena, patches, patch);
	}
}

struct zpm_platform *zpm_decode(const struct zpm_node *root, const struct zpm_ptrs *patches,
	const struct zpm_overrides *overrides, struct zpm_arena *arena, struct zpm_diags *diags,
	struct zpm_template **template)
{
	struct zpm_decoder d = { .arena = arena, .diags = diags };
	struct zpm_platform *platform = zpm_shape_new(&zpm_platform_shape, arena);
	const struct zpm_entry *vars = zpm_node_entry(root, "vars");
	struct zpm_place place = { .node = root };

	d.raw = vars ? vars->value : NULL;
	zpm_vars_init(&d.vars, arena);
	zpm_overrides_add(overrides, &d.vars);
	zpm_vars_declare(&d.vars, root);
	decode_object(&d, &place, &zpm_platform_shape, platform, false, false);
	decode_patches(&d, patches, &platform->patches);
	*template = zpm_template_new(&d, root, platform);
	/* What could not be read may be where a variable is used. */
	if (!diags->list.n)
		zpm_overrides_check(overrides, &d.vars, diags);
	return platform;
}

void zpm_decode_vars(
	const struct zpm_node *root, struct zpm_arena *arena, struct zpm_diags *diags, struct zpm_pairs *vars)
{
	struct zpm_decoder d = { .arena = arena, .diags = diags, .in_raw = true };
	struct zpm_place place = { .node = root };

	decode_pairs(&d, &place, zpm_shape_field(&zpm_platform_shape, "vars"), vars);
}
