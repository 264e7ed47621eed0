/* A file, or standard input, to a platform: read, parse, interpolate, decode, check. */
#include "manifest/manifest.h"

#include "base/buf.h"
#include "manifest/compose.h"
#include "manifest/decode.h"
#include "manifest/env_file.h"
#include "model/check.h"

#include <libgen.h>
#include <string.h>

static struct zpm_manifest *manifest_new(void)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_manifest *manifest = zpm_arena_alloc(arena, sizeof(*manifest));

	manifest->arena = arena;
	manifest->diags.arena = arena;
	return manifest;
}

void zpm_manifest_free(struct zpm_manifest *manifest)
{
	if (manifest)
		zpm_arena_free(manifest->arena);
}

static void run_checks(struct zpm_manifest *manifest, const char *file, const struct zpm_node *root)
{
	struct zpm_ptrs findings = { 0 };

	zpm_platform_check(manifest->platform, manifest->arena, &findings);
	for (size_t i = 0; i < findings.n; i++) {
		const struct zpm_finding *finding = findings.v[i];

		zpm_diag_add(
			&manifest->diags, zpm_node_locate(root, finding->path, file), "%s", finding->msg);
	}
}

static void decode_root(
	struct zpm_manifest *manifest, const char *file, const char *folder, struct zpm_node *root)
{
	struct zpm_platform *platform = zpm_decode(root, file, manifest->arena, &manifest->diags);

	manifest->platform = platform;
	zpm_read_env_files(platform, folder, root, file, &manifest->diags);
	if (platform->platform)
		run_checks(manifest, file, root);
}

static void parse_into(
	struct zpm_manifest *manifest, const char *name, const char *folder, const char *text, size_t len)
{
	const char *file = zpm_arena_strdup(manifest->arena, name);
	struct zpm_diags *diags = &manifest->diags;
	struct zpm_source source;
	struct zpm_node *root;

	if (len > ZPM_MANIFEST_MAX_BYTES) {
		zpm_diag_add(diags, (struct zpm_pos){ file, 0, 0 },
			"larger than 4 MiB, the most a manifest may be");
		return;
	}
	if (!zpm_source_init(&source, file, text, len, diags))
		return;
	root = zpm_compose(&source, manifest->arena, diags);
	if (root)
		decode_root(manifest, file, folder, root);
	zpm_diags_sort(diags);
	if (diags->list.n)
		manifest->platform = NULL;
}

struct zpm_manifest *zpm_manifest_parse(const char *name, const char *text, size_t len)
{
	struct zpm_manifest *manifest = manifest_new();

	parse_into(manifest, name, ".", text, len);
	return manifest;
}

int zpm_manifest_load(const char *path, struct zpm_manifest **out, struct zpm_err *err)
{
	bool is_stdin = !strcmp(path, "-");
	ZPM_FREE char *copy = zpm_strdup(path);
	ZPM_BUF text = { 0 };

	if (zpm_source_read(path, ZPM_MANIFEST_MAX_BYTES, &text, err) < 0)
		return -1;
	*out = manifest_new();
	parse_into(*out, is_stdin ? "<stdin>" : path, is_stdin ? "." : dirname(copy),
		text.data ? text.data : "", text.len);
	return 0;
}
