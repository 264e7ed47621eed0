/*
 * A file of variables may serve several manifests, so what one of them does
 * not know in it is no mistake. What is set by hand is meant for this one.
 */
#include "manifest/overrides.h"

#include "manifest/compose.h"
#include "manifest/decode.h"
#include "model/nearest.h"

#include <string.h>

static const struct zpm_pos at_set = { .file = "--set" }, at_file = { .file = "--var-file" };

static void read_set(struct zpm_overrides *overrides, const char *text, struct zpm_diags *diags)
{
	struct zpm_arena *arena = diags->arena;
	size_t len = strcspn(text, "=");
	const char *name = zpm_arena_strndup(arena, text, len), *wrong;

	wrong = zpm_vars_name_mistake(name);
	if (!text[len])
		zpm_diag_add(diags, at_set, "expected NAME=VALUE, got %s", zpm_node_quote(text, arena));
	else if (wrong)
		zpm_diag_add(diags, at_set, "%s: %s", zpm_node_quote(name, arena), wrong);
	else if (strstr(text + len, "${"))
		zpm_diag_add(diags, at_set, "%s: %s", zpm_node_quote(name, arena), ZPM_VARS_NO_REFERENCE);
	else
		zpm_pairs_set(arena, &overrides->sets, name, text + len + 1);
}

static void read_file(struct zpm_overrides *overrides, const char *path, struct zpm_diags *diags)
{
	struct zpm_pairs *pairs = zpm_arena_alloc(diags->arena, sizeof(*pairs));
	const struct zpm_node *root;
	struct zpm_source source;
	ZPM_BUF text = { 0 };
	struct zpm_err err;
	size_t weight = 0;

	if (!strcmp(path, "-")) {
		zpm_diag_add(diags, at_file, "variables are not read from standard input; name a file");
		return;
	}
	if (zpm_source_read(path, ZPM_MANIFEST_MAX_BYTES, &text, &err) < 0) {
		zpm_diag_add(diags, at_file, "%s", err.msg);
		return;
	}
	path = zpm_arena_strdup(diags->arena, path);
	if (!zpm_source_init(&source, path, text.data ? text.data : "", text.len, diags))
		return;
	root = zpm_compose(&source, &weight, diags->arena, diags);
	if (root)
		zpm_decode_vars(root, diags->arena, diags, pairs);
	zpm_ptrs_push(diags->arena, &overrides->files, pairs);
}

void zpm_overrides_read(
	struct zpm_overrides *overrides, const struct zpm_manifest_vars *given, struct zpm_diags *diags)
{
	for (size_t i = 0; i < given->sets.n; i++)
		read_set(overrides, given->sets.v[i], diags);
	for (size_t i = 0; i < given->files.n; i++)
		read_file(overrides, given->files.v[i], diags);
}

void zpm_overrides_add(const struct zpm_overrides *overrides, struct zpm_vars *vars)
{
	for (size_t i = 0; i < overrides->sets.n; i++)
		zpm_vars_add(vars, overrides->sets.v[i].key, overrides->sets.v[i].value);
	for (size_t i = overrides->files.n; i-- > 0;) {
		const struct zpm_pairs *pairs = overrides->files.v[i];

		for (size_t j = 0; j < pairs->n; j++)
			zpm_vars_add(vars, pairs->v[j].key, pairs->v[j].value);
	}
}

void zpm_overrides_check(
	const struct zpm_overrides *overrides, const struct zpm_vars *vars, struct zpm_diags *diags)
{
	for (size_t i = 0; i < overrides->sets.n; i++) {
		const char *name = overrides->sets.v[i].key;

		if (!zpm_vars_knows(vars, name))
			zpm_diag_add(diags, at_set, "the manifest has no variable %s%s",
				zpm_node_quote(name, diags->arena),
				zpm_nearest_hint(name, &vars->known, diags->arena));
	}
}
