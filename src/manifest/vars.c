/* Filling in variables, all mistakes of a text at once. */
#include "manifest/vars.h"

#include "base/buf.h"
#include "base/index.h"
#include "base/text.h"
#include "manifest/manifest.h"
#include "model/nearest.h"

#include <stdint.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DIGITS  "0123456789"

/* Fields that can be used as variables by their paths. */
static const char *const built_in[ZPM_VARS_FIELDS] = { "platform", "release.registry", "release.tag",
	"release.buildType" };

void zpm_vars_init(struct zpm_vars *vars, struct zpm_arena *arena)
{
	*vars = (struct zpm_vars){
		.arena = arena,
		.values = zpm_index_new(arena),
		.is_known = zpm_index_new(arena),
		.left = ZPM_MANIFEST_MAX_BYTES,
	};
}

void zpm_vars_add(struct zpm_vars *vars, const char *name, const char *value)
{
	if (!zpm_index_add(vars->values, name, (void *)(uintptr_t)value))
		zpm_strs_push(vars->arena, &vars->names, name);
}

static void add_known(struct zpm_vars *vars, const char *name)
{
	if (!zpm_index_add(vars->is_known, name, (void *)(uintptr_t)name))
		zpm_strs_push(vars->arena, &vars->known, name);
}

bool zpm_vars_knows(const struct zpm_vars *vars, const char *name)
{
	return zpm_index_get(vars->is_known, name);
}

static bool is_built_in(const char *name)
{
	for (size_t i = 0; i < ZPM_VARS_FIELDS; i++)
		if (!strcmp(built_in[i], name))
			return true;
	return false;
}

static size_t name_len(const char *text)
{
	return strchr(LETTERS, *text) && *text ? strspn(text, LETTERS DIGITS ".") : 0;
}

const char *zpm_vars_name_mistake(const char *name)
{
	size_t len = name_len(name);

	if (!len || name[len])
		return "a variable's name is letters, digits, '_' and '.', and begins with a letter";
	return is_built_in(name) ? "this variable is made from the manifest's own field; choose another name"
				 : NULL;
}

/* A scalar by its path; NULL when there is none, or nothing in it. */
static const struct zpm_node *find_field(
	const struct zpm_node *root, const char *path, struct zpm_arena *arena)
{
	const char *dot = strchr(path, '.');
	const struct zpm_entry *entry =
		zpm_node_entry(root, dot ? zpm_arena_strndup(arena, path, (size_t)(dot - path)) : path);

	if (entry && dot)
		entry = zpm_node_entry(entry->value, dot + 1);
	if (!entry || entry->value->kind != ZPM_NODE_SCALAR || zpm_node_is_null(entry->value))
		return NULL;
	return entry->value;
}

/* One with a mistake in it is "", as the field itself tells of the mistake. */
static void declare_built_in(struct zpm_vars *vars, const struct zpm_node *root)
{
	const char *values[ZPM_VARS_FIELDS] = { NULL };

	for (size_t i = 0; i < ZPM_VARS_FIELDS; i++)
		vars->fields[i] = find_field(root, built_in[i], vars->arena);
	for (size_t i = 0; i < ZPM_VARS_FIELDS; i++) {
		struct zpm_strs mistakes = { 0 };

		if (vars->fields[i])
			values[i] = zpm_vars_fill(vars, vars->fields[i], &mistakes);
		if (mistakes.n)
			values[i] = "";
	}
	for (size_t i = 0; i < ZPM_VARS_FIELDS; i++)
		if (values[i])
			zpm_vars_add(vars, built_in[i], values[i]);
}

void zpm_vars_declare(struct zpm_vars *vars, const struct zpm_node *root)
{
	const struct zpm_entry *declared = zpm_node_entry(root, "vars");
	const struct zpm_node *map = declared ? declared->value : NULL;

	for (size_t i = 0; map && map->kind == ZPM_NODE_MAP && i < map->items.n; i++) {
		const struct zpm_entry *entry = map->items.v[i];

		zpm_vars_add(
			vars, entry->key, entry->value->kind == ZPM_NODE_SCALAR ? entry->value->text : "");
		add_known(vars, entry->key);
	}
	declare_built_in(vars, root);
}

static void blame(const struct zpm_vars *vars, struct zpm_strs *mistakes, const char *msg)
{
	zpm_strs_push(vars->arena, mistakes, msg);
}

static void blame_unknown(const struct zpm_vars *vars, const char *name, struct zpm_strs *mistakes)
{
	const char *hint = zpm_nearest_hint(name, &vars->names, vars->arena);

	if (is_built_in(name))
		hint = zpm_arena_printf(vars->arena, "; the manifest does not set %s", name);
	else if (!hint[0])
		hint = zpm_arena_printf(
			vars->arena, "; set it under vars, or give it a default: ${%s:-...}", name);
	blame(vars, mistakes, zpm_arena_printf(vars->arena, "unknown variable '%s'%s", name, hint));
}

/* What stands between "${" and "}"; NULL when that is a mistake. */
static const char *value_of(struct zpm_vars *vars, const char *expression, struct zpm_strs *mistakes)
{
	size_t len = name_len(expression);
	const char *rest = expression + len, *name, *value;

	if (!len || (*rest && !zpm_starts_with(rest, ":-"))) {
		blame(vars, mistakes,
			zpm_arena_printf(vars->arena,
				"expected ${NAME} or ${NAME:-default}, got %s; a dollar is $$",
				zpm_node_quote(
					zpm_arena_printf(vars->arena, "${%s}", expression), vars->arena)));
		return NULL;
	}
	name = zpm_arena_strndup(vars->arena, expression, len);
	add_known(vars, name);
	if (vars->early && is_built_in(name)) {
		blame(vars, mistakes,
			zpm_arena_printf(vars->arena,
				"'%s' cannot be used here: platform and release are filled in first, from "
				"vars",
				name));
		return NULL;
	}
	value = vars->scope ? zpm_pairs_get(vars->scope, name) : NULL;
	if (!value)
		value = zpm_index_get(vars->values, name);
	if (*rest)
		return value && *value ? value : rest + strlen(":-");
	if (!value)
		blame_unknown(vars, name, mistakes);
	return value;
}

/* `at` is behind "${". Returns what follows the "}". */
static const char *fill_one(
	struct zpm_vars *vars, const char *at, struct zpm_buf *buf, struct zpm_strs *mistakes)
{
	const char *end = strchr(at, '}'), *value;
	size_t len;

	if (!end) {
		blame(vars, mistakes, "'${' without a '}' behind it; a dollar is $$");
		return at + strlen(at);
	}
	value = value_of(vars, zpm_arena_strndup(vars->arena, at, (size_t)(end - at)), mistakes);
	len = value ? strlen(value) : 0;
	if (len > vars->left) {
		blame(vars, mistakes, "variables make the manifest too large");
		vars->left = 0;
		return at + strlen(at);
	}
	vars->left -= len;
	if (value)
		zpm_buf_add(buf, value, len);
	return end + 1;
}

static bool is_field(const struct zpm_vars *vars, const struct zpm_node *scalar)
{
	for (size_t i = 0; i < ZPM_VARS_FIELDS; i++)
		if (vars->fields[i] == scalar)
			return true;
	return false;
}

const char *zpm_vars_fill(struct zpm_vars *vars, const struct zpm_node *scalar, struct zpm_strs *mistakes)
{
	const char *text = scalar->text;
	size_t before = mistakes->n;
	ZPM_BUF buf = { 0 };

	vars->early = is_field(vars, scalar);
	/* One text can hold a million mistakes, of which so many can be shown. */
	while (mistakes->n < ZPM_DIAGS_MAX) {
		size_t len = strcspn(text, "$");

		zpm_buf_add(&buf, text, len);
		text += len;
		if (!*text)
			break;
		if (text[1] == '{') {
			text = fill_one(vars, text + 2, &buf, mistakes);
		} else {
			zpm_buf_add(&buf, "$", 1);
			text += text[1] == '$' ? 2 : 1;
		}
	}
	return mistakes->n == before ? zpm_arena_strndup(vars->arena, buf.data ? buf.data : "", buf.len)
				     : NULL;
}
