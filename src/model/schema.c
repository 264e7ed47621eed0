/*
 * The JSON Schema as another reading of the field tables: what a row lets the
 * parser take is what the schema takes. References between parts of a manifest
 * are beyond a schema; so is what text means once variables are filled in, so
 * text with "${" is taken wherever a scalar can be.
 */
#include "model/schema.h"

#include "base/arena.h"
#include "model/platform.h"
#include "model/shape.h"
#include "model/value.h"

#include <json-c/json.h>
#include <string.h>

#define BILLION 1000000000

struct schema {
	json_object *defs;
	struct zpm_arena *arena;
};

static json_object *text(const char *value)
{
	return json_object_new_string(value);
}

static json_object *of_type(const char *type)
{
	json_object *schema = json_object_new_object();

	json_object_object_add(schema, "type", text(type));
	return schema;
}

static json_object *reference(const char *def, struct zpm_arena *arena)
{
	json_object *schema = json_object_new_object();

	json_object_object_add(schema, "$ref", text(zpm_arena_printf(arena, "#/$defs/%s", def)));
	return schema;
}

static json_object *of_pattern(const char *pattern)
{
	json_object *schema = of_type("string");

	json_object_object_add(schema, "pattern", text(pattern));
	return schema;
}

static json_object *interpolated(const struct schema *s)
{
	return reference("interpolated", s->arena);
}

/* Text that obeys a rule, which may be NULL. */
static json_object *ruled_text(const struct zpm_rule *rule)
{
	json_object *schema = of_type("string");

	if (!rule)
		return schema;
	if (rule->choices) {
		json_object *choices = json_object_new_array();

		for (const char *const *choice = rule->choices; *choice; choice++)
			json_object_array_add(choices, text(*choice));
		json_object_object_add(schema, "enum", choices);
	}
	if (rule->pattern)
		json_object_object_add(schema, "pattern", text(rule->pattern));
	if (rule->max_len)
		json_object_object_add(schema, "maxLength", json_object_new_int64((int64_t)rule->max_len));
	return schema;
}

static void add_text(const struct schema *s, json_object *forms, const struct zpm_rule *rule)
{
	json_object_array_add(forms, ruled_text(rule));
	if (rule)
		json_object_array_add(forms, interpolated(s));
}

/* A decimal is kept in billionths, and said in ones where it comes out even. */
static json_object *bound(enum zpm_type type, int64_t value)
{
	if (type == ZPM_T_DECIMAL && value % BILLION)
		return json_object_new_double((double)value / BILLION);
	return json_object_new_int64(type == ZPM_T_DECIMAL ? value / BILLION : value);
}

static json_object *ruled_number(const struct zpm_field *field)
{
	const struct zpm_rule *rule = field->rule;
	json_object *schema = of_type(field->type == ZPM_T_DECIMAL ? "number" : "integer");

	if (rule && (rule->min || rule->max)) {
		json_object_object_add(schema, "minimum", bound(field->type, rule->min));
		if (rule->max != INT64_MAX)
			json_object_object_add(schema, "maximum", bound(field->type, rule->max));
	} else if (field->type != ZPM_T_INT) {
		json_object_object_add(schema, "minimum", json_object_new_int64(0));
	}
	return schema;
}

static json_object *zero(void)
{
	json_object *schema = json_object_new_object();

	json_object_object_add(schema, "const", json_object_new_int64(0));
	return schema;
}

static void add_number(const struct schema *s, json_object *forms, const struct zpm_field *field)
{
	const char *pattern = zpm_value_pattern(field->type);

	if (field->type == ZPM_T_BOOL)
		json_object_array_add(forms, of_type("boolean"));
	else if (field->type != ZPM_T_DURATION)
		json_object_array_add(forms, ruled_number(field));
	else if (!field->rule || zpm_rule_allows_number(field->rule, 0))
		json_object_array_add(forms, zero());
	if (pattern)
		json_object_array_add(forms, of_pattern(pattern));
	json_object_array_add(forms, interpolated(s));
}

/* What may be left out may be left empty too. */
static void add_null(json_object *forms, const struct zpm_field *field)
{
	if (!(field->flags & ZPM_REQUIRED))
		json_object_array_add(forms, of_type("null"));
}

/* Takes over `forms`. One needs no choice. */
static json_object *any_of(json_object *forms)
{
	json_object *schema;

	if (json_object_array_length(forms) == 1) {
		schema = json_object_get(json_object_array_get_idx(forms, 0));
		json_object_put(forms);
		return schema;
	}
	schema = json_object_new_object();
	json_object_object_add(schema, "anyOf", forms);
	return schema;
}

static json_object *array_of(json_object *items)
{
	json_object *schema = of_type("array");

	json_object_object_add(schema, "items", items);
	return schema;
}

static void add_strings(const struct schema *s, json_object *forms, const struct zpm_field *field)
{
	json_object *items = json_object_new_array();

	add_text(s, items, field->rule);
	json_object_array_add(forms, array_of(any_of(items)));
	if (field->flags & ZPM_SINGLE)
		add_text(s, forms, field->rule);
	else if (field->flags & ZPM_SHELL)
		json_object_array_add(forms, of_pattern("."));
	else if (field->flags & ZPM_WORDS)
		json_object_array_add(forms, of_type("string"));
	add_null(forms, field);
}

/* Numbers and booleans are taken as they are written where no rule says what text looks like. */
static json_object *map_value(const struct schema *s, const struct zpm_field *field)
{
	static const char *const types[] = { "string", "number", "boolean" };
	json_object *forms = json_object_new_array();

	if (field->rule) {
		add_text(s, forms, field->rule);
	} else {
		json_object *any = json_object_new_object(), *list = json_object_new_array();

		for (size_t i = 0; i < ZPM_COUNT(types); i++)
			json_object_array_add(list, text(types[i]));
		json_object_object_add(any, "type", list);
		json_object_array_add(forms, any);
	}
	return any_of(forms);
}

static void add_map(const struct schema *s, json_object *forms, const struct zpm_field *field)
{
	json_object *map = of_type("object"), *pairs = json_object_new_array();

	json_object_object_add(
		map, "propertyNames", of_pattern(field->codec == ZPM_AS_ENV ? "^[^=]+$" : "."));
	json_object_object_add(map, "additionalProperties", map_value(s, field));
	json_object_array_add(forms, map);
	json_object_array_add(pairs, of_pattern(field->codec == ZPM_AS_HOSTS ? "^[^=:]+[=:]" : "^[^=]+="));
	json_object_array_add(pairs, interpolated(s));
	if (field->flags & ZPM_PAIR_LIST)
		json_object_array_add(forms, array_of(any_of(pairs)));
	else
		json_object_put(pairs);
	add_null(forms, field);
}

/* The parser takes a bare whole number as a short form where one can match. */
static void add_brief(const struct schema *s, json_object *forms, const struct zpm_shape *shape)
{
	const struct zpm_short *brief = shape->brief;
	const struct zpm_field *lone = zpm_shape_lone(shape);

	if (lone && lone->type == ZPM_T_LIST)
		add_strings(s, forms, lone);
	else if (lone)
		add_number(s, forms, lone);
	if (!brief)
		return;
	json_object_array_add(forms, of_pattern(brief->pattern));
	if (zpm_pattern_matches(brief->pattern, "1")) {
		json_object *number = of_type("integer");

		if (!zpm_pattern_matches(brief->pattern, "-1"))
			json_object_object_add(number, "minimum", json_object_new_int(0));
		json_object_array_add(forms, number);
	}
	json_object_array_add(forms, interpolated(s));
}

static json_object *shape_reference(struct schema *s, const struct zpm_shape *shape, bool keyed);

static const struct zpm_field *key_of(const struct zpm_shape *shape)
{
	ZPM_EACH_FIELD (field, shape)
		if (field->flags & ZPM_KEY)
			return field;
	return NULL;
}

static bool needs_a_field(const struct zpm_shape *shape)
{
	ZPM_EACH_FIELD (field, shape)
		if (field->flags & (ZPM_REQUIRED | ZPM_EITHER) && !(field->flags & ZPM_KEY))
			return !shape->partial;
	return false;
}

/* The short form belongs to lists where there may be one: in a map it would say the key again. */
static json_object *named_objects(struct schema *s, const struct zpm_field *field)
{
	json_object *map = of_type("object"), *forms = json_object_new_array();

	json_object_array_add(forms, shape_reference(s, field->shape, true));
	if (!(field->flags & ZPM_LISTED))
		add_brief(s, forms, field->shape);
	if (!needs_a_field(field->shape))
		json_object_array_add(forms, of_type("null"));
	json_object_object_add(map, "propertyNames", ruled_text(key_of(field->shape)->rule));
	json_object_object_add(map, "additionalProperties", any_of(forms));
	return map;
}

static json_object *listed_objects(struct schema *s, const struct zpm_field *field)
{
	json_object *forms = json_object_new_array();

	json_object_array_add(forms, shape_reference(s, field->shape, false));
	add_brief(s, forms, field->shape);
	return array_of(any_of(forms));
}

static void add_nested(struct schema *s, json_object *forms, const struct zpm_field *field)
{
	if (field->type == ZPM_T_OBJECT) {
		json_object_array_add(forms, shape_reference(s, field->shape, false));
		add_brief(s, forms, field->shape);
	}
	if (field->type == ZPM_T_OBJECTS && field->flags & ZPM_LISTED)
		json_object_array_add(forms, listed_objects(s, field));
	if (field->type == ZPM_T_OBJECTS && field->flags & ZPM_NAMED)
		json_object_array_add(forms, named_objects(s, field));
	add_null(forms, field);
}

static json_object *default_value(const struct zpm_field *field)
{
	int64_t number;

	if (field->type == ZPM_T_BOOL)
		return json_object_new_boolean(!strcmp(field->value, "true"));
	if ((field->type == ZPM_T_INT || field->type == ZPM_T_DECIMAL) &&
		zpm_value_parse(field->type, field->value, &number) == 0)
		return bound(field->type, number);
	return text(field->value);
}

static json_object *field_schema(struct schema *s, const struct zpm_field *field)
{
	json_object *forms = json_object_new_array(), *schema;

	if (field->type == ZPM_T_STRING)
		add_text(s, forms, field->rule);
	else if (zpm_type_is_number(field->type))
		add_number(s, forms, field);
	else if (field->type == ZPM_T_LIST || field->type == ZPM_T_SET)
		add_strings(s, forms, field);
	else if (field->type == ZPM_T_MAP)
		add_map(s, forms, field);
	else
		add_nested(s, forms, field);
	schema = any_of(forms);
	if (field->help)
		json_object_object_add(schema, "description", text(field->help));
	if (field->value)
		json_object_object_add(schema, "default", default_value(field));
	return schema;
}

/* One of some fields has to be there. */
static void add_either(json_object *schema, const struct zpm_shape *shape)
{
	json_object *choices = json_object_new_array();

	ZPM_EACH_FIELD (field, shape) {
		json_object *choice, *required;

		if (!(field->flags & ZPM_EITHER))
			continue;
		choice = json_object_new_object();
		required = json_object_new_array();
		json_object_array_add(required, text(field->name));
		json_object_object_add(choice, "required", required);
		json_object_array_add(choices, choice);
	}
	if (json_object_array_length(choices))
		json_object_object_add(schema, "anyOf", choices);
	else
		json_object_put(choices);
}

/* `keyed`: the key is the map's and not a field. */
static void add_shape(struct schema *s, json_object *schema, const struct zpm_shape *shape, bool keyed)
{
	json_object *properties = json_object_new_object(), *required = json_object_new_array();

	json_object_object_add(schema, "description", text(shape->help));
	json_object_object_add(schema, "type", text("object"));
	ZPM_EACH_FIELD (field, shape) {
		if (field->flags & ZPM_HIDDEN || (keyed && field->flags & ZPM_KEY))
			continue;
		json_object_object_add(properties, field->name, field_schema(s, field));
		if (field->flags & ZPM_REQUIRED && !shape->partial)
			json_object_array_add(required, text(field->name));
	}
	json_object_object_add(schema, "properties", properties);
	if (json_object_array_length(required))
		json_object_object_add(schema, "required", required);
	else
		json_object_put(required);
	add_either(schema, shape);
	json_object_object_add(schema, "additionalProperties", json_object_new_boolean(false));
}

/* A shape whose key is a field in one place and the map's in another has two definitions. */
static json_object *shape_reference(struct schema *s, const struct zpm_shape *shape, bool keyed)
{
	const struct zpm_field *key = keyed ? key_of(shape) : NULL;
	bool without = key && !(key->flags & ZPM_HIDDEN);
	const char *name = zpm_arena_printf(s->arena, "%s%s", shape->name, without ? "-by-name" : "");

	if (!json_object_object_get_ex(s->defs, name, NULL)) {
		json_object *def = json_object_new_object();

		json_object_object_add(s->defs, name, def);
		add_shape(s, def, shape, keyed);
	}
	return reference(name, s->arena);
}

json_object *zpm_schema_new(void)
{
	struct schema s = { .defs = json_object_new_object(), .arena = zpm_arena_new() };
	json_object *root = json_object_new_object(), *filled = of_pattern("\\$\\{");

	json_object_object_add(
		filled, "description", text("Text with variables, as in ${NAME} or ${NAME:-default}."));
	json_object_object_add(s.defs, "interpolated", filled);
	json_object_object_add(root, "$schema", text("https://json-schema.org/draft/2020-12/schema"));
	json_object_object_add(root, "$id", text("urn:zpm:manifest:v1"));
	json_object_object_add(root, "title", text("zpm manifest"));
	add_shape(&s, root, &zpm_platform_shape, false);
	json_object_object_add(root, "$defs", s.defs);
	zpm_arena_free(s.arena);
	return root;
}
