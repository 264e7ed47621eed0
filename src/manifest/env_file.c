/*
 * The format of `docker run --env-file`: a line is KEY=VALUE, a comment that
 * begins with '#', or blank. There are neither quotes nor escapes: the value is
 * the rest of the line. A KEY alone would mean the environment of whoever runs
 * zpm, and is a mistake here.
 */
#include "manifest/env_file.h"

#include "base/index.h"
#include "base/text.h"
#include "manifest/folder.h"
#include "manifest/source.h"
#include "model/platform.h"

#include <string.h>

#define BLANKS " \t\v\f"

struct reader {
	const char *folder;
	const struct zpm_node *root;
	struct zpm_arena *arena;
	struct zpm_diags *diags;
	struct zpm_strs *looked_for;
	struct zpm_index *files; /* struct zpm_pairs of each that was read */
	size_t left;             /* of ZPM_ENV_FILE_MAX_PAIRS */
};

/* A map under construction, in which a key is found without looking at all of them. */
struct merged {
	struct zpm_pairs pairs;
	struct zpm_index *keys; /* struct zpm_pair */
};

static void set(struct merged *merged, const char *key, const char *value)
{
	struct zpm_pair *next = &merged->pairs.v[merged->pairs.n];
	struct zpm_pair *old = zpm_index_add(merged->keys, key, next);

	if (old)
		old->value = value;
	else
		*next = (struct zpm_pair){ key, value };
	merged->pairs.n += !old;
}

static void init_merged(struct merged *merged, size_t most, struct zpm_arena *arena)
{
	merged->pairs = (struct zpm_pairs){ .v = zpm_arena_alloc(arena, most * sizeof(struct zpm_pair)),
		.cap = most };
	merged->keys = zpm_index_new(arena);
}

static void take_line(
	const struct reader *r, struct zpm_pos pos, const char *line, size_t len, struct merged *merged)
{
	const char *text, *value;
	size_t key;

	len -= len && line[len - 1] == '\r';
	text = zpm_arena_strndup(r->arena, line, len);
	text += strspn(text, BLANKS);
	key = strcspn(text, "=");
	value = text + key + 1;
	if (!*text || *text == '#')
		return;
	if (memchr(line, '\0', len))
		zpm_diag_add(r->diags, pos, "holds a NUL character, which no variable can");
	else if (!key || !text[key])
		zpm_diag_add(r->diags, pos, "expected KEY=VALUE, got %s", zpm_node_quote(text, r->arena));
	else if (strcspn(text, BLANKS) < key)
		zpm_diag_add(r->diags, pos, "a variable's name cannot hold blanks: %s",
			zpm_node_quote(zpm_arena_strndup(r->arena, text, key), r->arena));
	else
		set(merged, zpm_arena_strndup(r->arena, text, key), value);
}

static size_t count_lines(const struct zpm_source *source)
{
	size_t n = 1;

	for (size_t i = 0; i < source->len; i++)
		n += source->text[i] == '\n';
	return n;
}

static void take_lines(const struct reader *r, const struct zpm_source *source, struct zpm_pairs *pairs)
{
	struct zpm_pos pos = { .file = source->name, .line = 1, .column = 1 };
	const char *at = source->text, *end = source->text + source->len;
	struct merged merged;

	init_merged(&merged, count_lines(source), r->arena);
	for (; at < end; pos.line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		take_line(r, pos, at, len, &merged);
		at += len + 1;
	}
	*pairs = merged.pairs;
}

/* Empty, after a diagnostic, when there is anything wrong with the file. */
static void read_file(struct reader *r, const char *name, struct zpm_pos pos, struct zpm_pairs *pairs)
{
	const char *path = zpm_folder_path(r->folder, name, r->arena);
	struct zpm_source source;
	ZPM_BUF text = { 0 };
	struct zpm_err err;

	zpm_strs_push(r->arena, r->looked_for, path);
	if (!zpm_folder_holds(r->folder, name, r->arena))
		zpm_diag_add(r->diags, pos,
			"%s is outside of the manifest's folder; only files in it are read",
			zpm_node_quote(name, r->arena));
	else if (zpm_source_read_regular(path, ZPM_ENV_FILE_MAX_BYTES, &text, &err) < 0)
		zpm_diag_add(r->diags, pos, "%s", err.msg);
	else if (zpm_source_init(&source, path, text.data ? text.data : "", text.len, r->diags))
		take_lines(r, &source, pairs);
}

static struct zpm_pairs *read_once(struct reader *r, const char *name, const char *owner, size_t i)
{
	struct zpm_pairs *pairs = zpm_index_get(r->files, name);

	if (pairs)
		return pairs;
	pairs = zpm_arena_alloc(r->arena, sizeof(*pairs));
	zpm_index_add(r->files, name, pairs);
	read_file(r, name, zpm_node_locate(r->root, zpm_arena_printf(r->arena, "%s.envFile[%zu]", owner, i)),
		pairs);
	return pairs;
}

static void set_all(struct merged *merged, const struct zpm_pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++)
		set(merged, pairs->v[i].key, pairs->v[i].value);
}

static void read_for(struct reader *r, struct zpm_service *service, const char *owner)
{
	struct zpm_ptrs files = { 0 };
	size_t most = service->environment.n;
	struct merged merged;

	for (size_t i = 0; i < service->env_file.n; i++) {
		const char *name = service->env_file.v[i];
		struct zpm_pairs *pairs;

		if (!*name)
			continue;
		pairs = read_once(r, name, owner, i);
		zpm_ptrs_push(r->arena, &files, pairs);
		most += pairs->n;
	}
	if (most > r->left) {
		zpm_diag_add(r->diags, zpm_node_locate(r->root, owner),
			"%s: the files under envFile hold too many variables: more than %d in all", owner,
			ZPM_ENV_FILE_MAX_PAIRS);
		r->left = 0;
		return;
	}
	r->left -= most;
	init_merged(&merged, most, r->arena);
	for (size_t i = 0; i < files.n; i++)
		set_all(&merged, files.v[i]);
	set_all(&merged, &service->environment);
	service->environment = merged.pairs;
}

void zpm_env_files_read(struct zpm_platform *platform, const char *folder, const struct zpm_node *root,
	struct zpm_strs *files, struct zpm_diags *diags)
{
	struct zpm_arena *arena = diags->arena;
	struct reader r = { folder, root, arena, diags, files, zpm_index_new(arena), ZPM_ENV_FILE_MAX_PAIRS };

	if (platform->defaults && platform->defaults->env_file.n)
		read_for(&r, platform->defaults, "defaults");
	for (int tier = 0; platform->services && tier < ZPM_TIER_COUNT; tier++) {
		const struct zpm_ptrs *services = &platform->services->services[tier];

		for (size_t i = 0; i < services->n; i++) {
			struct zpm_service *service = services->v[i];

			if (service->env_file.n)
				read_for(&r, service,
					zpm_arena_printf(arena, "services.%s.%s", zpm_tier_names[tier],
						service->name));
		}
	}
}
