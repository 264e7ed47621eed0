/*
 * The way of a manifest from a file to a platform. Each stage adds what it
 * finds wrong and hands on what it could make sense of, so that one run shows
 * the mistakes of all stages.
 */
#include "manifest/manifest.h"

#include "base/vault.h"
#include "manifest/compose.h"
#include "manifest/content.h"
#include "manifest/decode.h"
#include "manifest/env_file.h"
#include "manifest/folder.h"
#include "manifest/include.h"
#include "manifest/overrides.h"
#include "manifest/patches.h"
#include "manifest/store.h"
#include "model/check.h"

#include <string.h>

#define STDIN_NAME "<stdin>"

static struct zpm_manifest *new_manifest(void)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_manifest *manifest = zpm_arena_alloc(arena, sizeof(*manifest));

	manifest->arena = arena;
	manifest->diags.arena = arena;
	manifest->warnings.arena = arena;
	return manifest;
}

void zpm_manifest_free(struct zpm_manifest *manifest)
{
	if (!manifest)
		return;
	zpm_vault_free(manifest->vault);
	zpm_arena_free(manifest->arena);
}

/* What has been read, before it means anything. */
struct document {
	const struct zpm_node *root;
	struct zpm_ptrs patches; /* roots, in the order of the platform's patches */
};

static const struct zpm_node *root_of(const struct zpm_finding *finding, const struct zpm_platform *platform,
	const struct document *document)
{
	for (size_t i = 0; i < document->patches.n; i++)
		if (platform->patches.v[i] == finding->patch)
			return document->patches.v[i];
	return document->root;
}

static void add_findings(struct zpm_manifest *manifest, const struct document *document)
{
	struct zpm_ptrs findings = { 0 };

	zpm_platform_check(manifest->platform, manifest->arena, &findings);
	for (size_t i = 0; i < findings.n; i++) {
		const struct zpm_finding *finding = findings.v[i];
		const struct zpm_node *root = root_of(finding, manifest->platform, document);
		struct zpm_diags *diags = finding->warning ? &manifest->warnings : &manifest->diags;

		/* Beyond that only their number counts. */
		if (i >= ZPM_DIAGS_MAX)
			zpm_diag_add(diags, (struct zpm_pos){ .file = root->pos.file }, "%s", finding->msg);
		else
			zpm_diag_add(diags, zpm_node_locate(root, finding->path), "%s: %s", finding->path,
				finding->msg);
	}
}

static void read_contents(struct zpm_manifest *manifest, const struct zpm_node *root, bool piped)
{
	const struct zpm_platform *platform = manifest->platform;
	struct zpm_content_scope scope = {
		.folder = manifest->folder,
		.piped = piped,
		.root = root,
		.files = &manifest->files,
		.diags = &manifest->diags,
		.warnings = &manifest->warnings,
	};

	if (!platform->secrets.n && !platform->configs.n && !platform->mongo)
		return;
	scope.vault = manifest->vault = zpm_vault_new();
	zpm_contents_read(manifest->platform, &scope);
}

static void note(struct zpm_manifest *manifest, const char *file)
{
	const char *path = zpm_arena_path(manifest->arena, manifest->folder, file);

	if (path)
		zpm_strs_push(manifest->arena, &manifest->files, path);
}

static void note_tls(struct zpm_manifest *manifest, const struct zpm_engine_config *engine)
{
	if (!engine || !engine->tls)
		return;
	note(manifest, engine->tls->ca);
	note(manifest, engine->tls->cert);
	note(manifest, engine->tls->key);
}

static void note_api(struct zpm_manifest *manifest, const struct zpm_api_section *api)
{
	if (!api)
		return;
	note(manifest, api->tokens);
	if (api->tls) {
		note(manifest, api->tls->cert);
		note(manifest, api->tls->key);
	}
	if (api->jwt) {
		note(manifest, api->jwt->public_key);
		note(manifest, api->jwt->secret);
	}
	if (api->webhook)
		note(manifest, api->webhook->secret);
}

/* What is not read here, but by whoever connects. */
static void note_own_files(struct zpm_manifest *manifest)
{
	const struct zpm_platform *platform = manifest->platform;
	const struct zpm_mongo_tls *mongo = platform->mongo ? platform->mongo->tls : NULL;
	const struct zpm_git_source *git = platform->reconcile ? platform->reconcile->git : NULL;

	note_tls(manifest, platform->engine);
	for (size_t i = 0; i < platform->hosts.n; i++)
		note_tls(manifest, ((const struct zpm_host *)platform->hosts.v[i])->engine);
	if (git) {
		note(manifest, git->ssh_key);
		note(manifest, git->known_hosts);
		note(manifest, git->credentials);
		note(manifest, git->verify_signatures);
	}
	note_api(manifest, platform->api);
	for (size_t i = 0; i < platform->notify.n; i++) {
		const struct zpm_notify *one = platform->notify.v[i];

		note(manifest, one->url_file);
		note(manifest, one->secret);
	}
	if (mongo) {
		note(manifest, mongo->ca);
		note(manifest, mongo->certificate);
	}
}

/* A manifest that is about to be parsed. */
struct input {
	const char *name, *folder; /* the folder may be NULL: that of the name */
	const char *text;
	size_t len;
	const struct zpm_manifest_vars *vars; /* may be NULL */
	const char *file;                     /* where the text is from; NULL: no file */
	bool patched;                         /* with the patches of the folder */
	bool stored;                          /* the text has the patches too: see store.h */
};

static void decode(struct zpm_manifest *manifest, const struct document *document, const struct input *input,
	const struct zpm_overrides *overrides)
{
	const struct zpm_node *root = document->root;

	manifest->platform = zpm_decode(
		root, &document->patches, overrides, manifest->arena, &manifest->diags, &manifest->template);
	if (root->kind != ZPM_NODE_MAP)
		return;
	note_own_files(manifest);
	zpm_env_files_read(manifest->platform, manifest->folder, root, &manifest->files, &manifest->diags);
	read_contents(manifest, root, !strcmp(input->name, STDIN_NAME));
	add_findings(manifest, document);
}

static void add_stored_patches(
	const struct input *input, size_t from, struct zpm_parts *parts, struct zpm_ptrs *patches)
{
	struct zpm_decoder *d = &parts->decoder;

	for (size_t len; from < input->len; from += len) {
		struct zpm_source source = { .name = input->name, .text = input->text + from };
		struct zpm_node *root;

		len = source.len = zpm_store_document_len(source.text);
		root = zpm_compose(&source, &parts->weight, d->arena, d->diags);
		if (root)
			zpm_ptrs_push(d->arena, patches, root);
	}
}

static void read_platform(struct zpm_manifest *manifest, const struct zpm_source *source,
	const struct input *input, const struct zpm_overrides *overrides)
{
	struct zpm_parts parts = {
		.decoder = { .arena = manifest->arena, .diags = &manifest->diags, .in_raw = true },
		.folder = manifest->folder,
		.looked_for = &manifest->files
	};
	struct document document = { .root = zpm_include(source, &parts) };

	if (!document.root && manifest->diags.list.n)
		return;
	if (!document.root || zpm_node_is_null(document.root)) {
		zpm_diag_add(&manifest->diags, (struct zpm_pos){ .file = source->name },
			"the file is empty; a manifest begins with 'apiVersion: %s' and 'platform: NAME'",
			ZPM_API_VERSION);
		return;
	}
	if (input->patched)
		zpm_patches_read(&parts, document.root, &document.patches);
	if (input->stored)
		add_stored_patches(input, source->len, &parts, &document.patches);
	decode(manifest, &document, input, overrides);
}

static void read_vars(
	struct zpm_manifest *manifest, const struct zpm_manifest_vars *vars, struct zpm_overrides *overrides)
{
	for (size_t i = 0; i < vars->files.n; i++)
		zpm_strs_push(manifest->arena, &manifest->files,
			zpm_arena_strdup(manifest->arena, vars->files.v[i]));
	zpm_overrides_read(overrides, vars, &manifest->diags);
}

static struct zpm_manifest *parse(const struct input *input)
{
	size_t len = input->stored ? zpm_store_document_len(input->text) : input->len;
	struct zpm_manifest *manifest = new_manifest();
	const char *name = zpm_arena_strdup(manifest->arena, input->name);
	struct zpm_overrides overrides = { 0 };
	struct zpm_source source;

	manifest->folder = input->folder ? zpm_arena_strdup(manifest->arena, input->folder)
					 : zpm_folder_of(name, manifest->arena);
	if (input->file)
		zpm_strs_push(manifest->arena, &manifest->files, name);
	if (input->vars)
		read_vars(manifest, input->vars, &overrides);
	if (input->len > ZPM_MANIFEST_MAX_BYTES)
		zpm_diag_add(&manifest->diags, (struct zpm_pos){ .file = name },
			"larger than %d KiB, the most that is read", ZPM_MANIFEST_MAX_BYTES / 1024);
	else if (zpm_source_init(&source, name, input->text, len, &manifest->diags))
		read_platform(manifest, &source, input, &overrides);
	zpm_diags_sort(&manifest->diags);
	if (manifest->diags.list.n)
		manifest->platform = NULL;
	return manifest;
}

struct zpm_manifest *zpm_manifest_parse(const char *name, const char *text, size_t len)
{
	return parse(&(struct input){ .name = name, .text = text, .len = len });
}

struct zpm_manifest *zpm_manifest_restore(const char *name, const char *folder, const char *text)
{
	return parse(&(struct input){
		.name = name, .folder = folder, .text = text, .len = strlen(text), .stored = true });
}

int zpm_manifest_load(const char *path, const struct zpm_manifest_vars *vars, struct zpm_manifest **out,
	struct zpm_err *err)
{
	bool standard = !strcmp(path, "-");
	ZPM_BUF text = { 0 };

	if (zpm_source_read(path, ZPM_MANIFEST_MAX_BYTES, &text, err) < 0)
		return -1;
	*out = parse(&(struct input){ .name = standard ? STDIN_NAME : path,
		.folder = standard ? "." : NULL,
		.file = standard ? NULL : path,
		.text = text.data ? text.data : "",
		.len = text.len,
		.vars = vars,
		.patched = true });
	return 0;
}
