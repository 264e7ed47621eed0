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

void zpm_vars_init(struct zpm_vars *vars, const struct zpm_node *node, struct zpm_arena *arena)
{
	*vars = (struct zpm_vars){
		.arena = arena, .values = zpm_index_new(arena), .left = ZPM_MANIFEST_MAX_BYTES
	};
	for (size_t i = 0; node && node->kind == ZPM_NODE_MAP && i < node->items.n; i++) {
		const struct zpm_entry *entry = node->items.v[i];
		const char *value = entry->value->kind == ZPM_NODE_SCALAR ? entry->value->text : "";

		zpm_index_add(vars->values, entry->key, (void *)(uintptr_t)value);
		zpm_strs_push(arena, &vars->names, entry->key);
	}
}

static size_t name_len(const char *text)
{
	return strchr(LETTERS, *text) && *text ? strspn(text, LETTERS DIGITS ".") : 0;
}

bool zpm_vars_name_is_valid(const char *name)
{
	size_t len = name_len(name);

	return len && !name[len];
}

static void blame(const struct zpm_vars *vars, struct zpm_strs *mistakes, const char *msg)
{
	zpm_strs_push(vars->arena, mistakes, msg);
}

static void blame_unknown(const struct zpm_vars *vars, const char *name, struct zpm_strs *mistakes)
{
	const char *hint = zpm_nearest_hint(name, &vars->names, vars->arena);

	if (!hint[0])
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

const char *zpm_vars_fill(struct zpm_vars *vars, const char *text, struct zpm_strs *mistakes)
{
	ZPM_BUF buf = { 0 };
	size_t before = mistakes->n;

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
