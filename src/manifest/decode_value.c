/* Complaints with the path of what they are about, and scalars by type and rule. */
#include "manifest/decode_value.h"

#include "base/buf.h"
#include "manifest/scalar.h"
#include "model/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct zpm_place zpm_place_of_entry(const struct zpm_place *up, const struct zpm_entry *entry)
{
	return (struct zpm_place){ .up = up, .entry = entry, .node = entry->value };
}

struct zpm_place zpm_place_of_item(const struct zpm_place *up, size_t index)
{
	return (struct zpm_place){ .up = up, .index = index, .node = up->node->items.v[index] };
}

/* As deep as the field tables, not as the file. */
static void write_path(const struct zpm_place *place, struct zpm_buf *path) // NOLINT(misc-no-recursion)
{
	if (!place->up)
		return;
	write_path(place->up, path);
	if (place->entry)
		zpm_buf_printf(path, "%s%s", path->len ? "." : "", place->entry->key);
	else
		zpm_buf_printf(path, "[%zu]", place->index);
}

static void ZPM_PRINTF(4, 0) complain(struct zpm_decoder *d, const struct zpm_place *place,
	struct zpm_pos pos, const char *fmt, va_list args)
{
	ZPM_BUF path = { 0 };
	char msg[1024];

	write_path(place, &path);
	vsnprintf(msg, sizeof(msg), fmt, args);
	zpm_diag_add(d->diags, pos, "%s%s%s", path.len ? path.data : "", path.len ? ": " : "", msg);
}

void zpm_complain(struct zpm_decoder *d, const struct zpm_place *place, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(d, place, zpm_node_pos(place->node, place->entry), fmt, args);
	va_end(args);
}

void zpm_complain_at(
	struct zpm_decoder *d, const struct zpm_place *place, struct zpm_pos pos, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(d, place, pos, fmt, args);
	va_end(args);
}

void zpm_complain_got(struct zpm_decoder *d, const struct zpm_place *place, const char *expected)
{
	if (place->node->kind == ZPM_NODE_BROKEN)
		return;
	if (zpm_node_is_null(place->node))
		zpm_complain(d, place, "has no value; expected %s", expected);
	else
		zpm_complain(
			d, place, "expected %s, got %s", expected, zpm_node_describe(place->node, d->arena));
}

/* A scalar once its variables are filled in. */
struct scalar {
	const char *text;
	enum zpm_scalar_kind kind;
	bool filled; /* variables were: quotes around them were for YAML's sake, perhaps */
};

static const char *fill(struct zpm_decoder *d, const struct zpm_place *place)
{
	struct zpm_strs mistakes = { 0 };
	const char *text = zpm_vars_fill(&d->vars, place->node, &mistakes);

	for (size_t i = 0; i < mistakes.n; i++)
		zpm_complain(d, place, "%s", mistakes.v[i]);
	return text;
}

static bool read_scalar(
	struct zpm_decoder *d, const struct zpm_place *place, const char *expected, struct scalar *scalar)
{
	const struct zpm_node *node = place->node;

	if (node->kind != ZPM_NODE_SCALAR) {
		zpm_complain_got(d, place, expected);
		return false;
	}
	scalar->text = node->text;
	scalar->filled = !d->in_raw && strchr(node->text, '$');
	if (scalar->filled)
		scalar->text = fill(d, place);
	if (!scalar->text)
		return false;
	scalar->kind = node->plain ? zpm_scalar_resolve(scalar->text) : ZPM_SCALAR_TEXT;
	if (scalar->kind == ZPM_SCALAR_NULL)
		zpm_complain(d, place, "has no value; expected %s", expected);
	return scalar->kind != ZPM_SCALAR_NULL;
}

static bool is_allowed(enum zpm_scalar_kind kind, enum zpm_strictness strictness)
{
	return kind == ZPM_SCALAR_TEXT || strictness == ZPM_LENIENT ||
	       (strictness == ZPM_WHOLE && kind == ZPM_SCALAR_INT);
}

static const char *describe(const struct scalar *scalar, struct zpm_arena *arena)
{
	if (scalar->kind == ZPM_SCALAR_TEXT)
		return zpm_node_quote(scalar->text, arena);
	return zpm_arena_printf(
		arena, scalar->kind == ZPM_SCALAR_BOOL ? "%s" : "the number %s", scalar->text);
}

const char *zpm_decode_text(struct zpm_decoder *d, const struct zpm_place *place, const char *expected,
	enum zpm_strictness strictness)
{
	struct scalar scalar;

	if (!read_scalar(d, place, expected, &scalar))
		return NULL;
	if (is_allowed(scalar.kind, strictness))
		return scalar.text;
	zpm_complain(d, place, "expected %s, got %s", expected, describe(&scalar, d->arena));
	return NULL;
}

bool zpm_decode_obeys(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_rule *rule, const char *text)
{
	if (!rule || zpm_rule_allows_text(rule, text))
		return true;
	if (rule->max_len && strlen(text) > rule->max_len)
		zpm_complain(d, place, "%s is %zu characters long; at most %zu",
			zpm_node_quote(text, d->arena), strlen(text), rule->max_len);
	else
		zpm_complain(d, place, "expected %s, got %s", rule->expected, zpm_node_quote(text, d->arena));
	return false;
}

const char *zpm_decode_ruled(struct zpm_decoder *d, const struct zpm_place *place,
	const struct zpm_rule *rule, enum zpm_strictness strictness)
{
	const char *expected = rule ? rule->expected : "text", *text;
	struct scalar scalar;

	if (!read_scalar(d, place, expected, &scalar))
		return NULL;
	text = scalar.text;
	if (is_allowed(scalar.kind, strictness))
		return zpm_decode_obeys(d, place, rule, text) ? text : NULL;
	if (!rule || zpm_rule_allows_text(rule, text))
		zpm_complain(
			d, place, "expected text, got %s; put it in quotes", describe(&scalar, d->arena));
	else
		zpm_complain(d, place, "expected %s, got %s", expected, describe(&scalar, d->arena));
	return NULL;
}

/* What zpm_value_parse() is to read, from what YAML makes of the scalar; NULL: not of the type. */
static const char *number_text(enum zpm_type type, const struct scalar *scalar, struct zpm_arena *arena)
{
	enum zpm_scalar_kind kind = scalar->kind;

	if (scalar->filled && kind == ZPM_SCALAR_TEXT)
		kind = zpm_scalar_resolve(scalar->text);
	switch (type) {
	case ZPM_T_BOOL:
		if (kind != ZPM_SCALAR_BOOL)
			return NULL;
		return strchr("tT", scalar->text[0]) ? "true" : "false";
	case ZPM_T_INT:
		return kind == ZPM_SCALAR_INT ? zpm_scalar_decimal(scalar->text, arena) : NULL;
	case ZPM_T_DECIMAL:
	case ZPM_T_SIZE:
		if (kind == ZPM_SCALAR_INT)
			return zpm_scalar_decimal(scalar->text, arena);
		return kind == ZPM_SCALAR_TEXT || (kind == ZPM_SCALAR_FLOAT && type == ZPM_T_DECIMAL)
			       ? scalar->text
			       : NULL;
	default:
		return kind == ZPM_SCALAR_TEXT || !strcmp(scalar->text, "0") ? scalar->text : NULL;
	}
}

/* A rule on whole numbers names the type with it; the others' rules speak of the value alone. */
static const char *number_expected(const struct zpm_field *field)
{
	return field->type == ZPM_T_INT && field->rule ? field->rule->expected
						       : zpm_value_expected(field->type);
}

void zpm_decode_number(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field, int64_t *number)
{
	const char *expected = number_expected(field), *text, *got;
	struct scalar scalar;
	int64_t value;

	if (!read_scalar(d, place, expected, &scalar))
		return;
	if (field->type == ZPM_T_INT && scalar.kind == ZPM_SCALAR_INT &&
		zpm_scalar_looks_octal(scalar.text)) {
		zpm_complain(d, place,
			"%s begins with a zero: write 0o%s if it is octal, or leave the zeros out",
			scalar.text, scalar.text + strspn(scalar.text, "+-0"));
		return;
	}
	got = scalar.kind == ZPM_SCALAR_TEXT ? zpm_node_quote(scalar.text, d->arena) : scalar.text;
	text = number_text(field->type, &scalar, d->arena);
	if (!text || zpm_value_parse(field->type, text, &value) < 0) {
		bool bare = field->type == ZPM_T_INT || field->type == ZPM_T_BOOL;

		zpm_complain(d, place, "expected %s, got %s%s", expected, got,
			bare && scalar.kind == ZPM_SCALAR_TEXT && !place->node->plain ? " in quotes" : "");
	} else if (field->rule && !zpm_rule_allows_number(field->rule, value)) {
		zpm_complain(d, place, "expected %s, got %s", field->rule->expected, got);
	} else {
		*number = value;
	}
}
