/* Secrets and configs: where their contents come from, and who sees them under which path. */
#include "base/index.h"
#include "model/check_parts.h"
#include "model/secret.h"

#include <string.h>

/* "-" and the version come behind the name in the Engine. */
#define SUFFIX_LEN (1 + ZPM_VERSION_LEN)

/* Swarm takes 64 characters for these: https://github.com/moby/swarmkit, isValidConfigOrSecretName */
#define REAL_NAME_MAX 64

static void check_own(
	struct zpm_checker *c, const char *path, const char *kind, const struct zpm_secret *secret)
{
	const char *platform = c->platform->platform ? c->platform->platform : "";
	size_t len = strlen(platform) + strlen("_") + strlen(secret->name) + SUFFIX_LEN;

	if (len > REAL_NAME_MAX)
		zpm_find(c, path,
			"its name in Swarm, '%s_%s' and a version, is %zu characters long; at most %d",
			platform, secret->name, len, REAL_NAME_MAX);
	if (secret->real_name)
		zpm_find(c, zpm_arena_printf(c->arena, "%s.name", path),
			"only an external %s can be named; zpm names its own after their versions", kind);
	if (!zpm_secret_sources(secret))
		zpm_find(c, path, "has no content; name its %s",
			!strcmp(kind, "config") ? "file, environment or content" : "file or environment");
	else if (zpm_secret_sources(secret) > 1)
		zpm_find(c, path, "has several contents; file, environment and content exclude each other");
}

static void check_kind(
	struct zpm_checker *c, enum zpm_kind_id kind, const struct zpm_ptrs *list, struct zpm_names *names)
{
	struct zpm_index *real_names = zpm_index_new(c->arena);

	for (size_t i = 0; i < list->n; i++) {
		const struct zpm_secret *secret = list->v[i];
		const char *name = zpm_kinds[kind].name;
		const char *path = zpm_arena_printf(c->arena, "%ss.%s", name, secret->name);
		bool external = secret->external == 1;

		zpm_names_add(names, secret->name, secret, c->arena);
		if (external)
			zpm_check_declared(c,
				&(struct zpm_declared){ .kind = name,
					.name = secret->name,
					.real_name = secret->real_name,
					.path = path,
					.external = external,
					.extra = zpm_extra_field(zpm_kinds[kind].shape, secret) },
				real_names);
		else
			check_own(c, path, name, secret);
		zpm_check_labels(c, zpm_arena_printf(c->arena, "%s.labels", path), &secret->labels);
	}
}

void zpm_check_secrets(struct zpm_checker *c)
{
	check_kind(c, ZPM_KIND_SECRET, &c->platform->secrets, &c->secrets);
	check_kind(c, ZPM_KIND_CONFIG, &c->platform->configs, &c->configs);
}

static void check_list(struct zpm_checker *c, const struct zpm_subject *subject, const char *kind,
	const struct zpm_ptrs *files, const struct zpm_names *names)
{
	struct zpm_index *seen;

	if (!files->n)
		return;
	seen = zpm_index_new(c->arena);
	for (size_t i = 0; i < files->n; i++) {
		const struct zpm_file *file = files->v[i];
		const char *path = zpm_arena_printf(c->arena, "%s.%ss[%zu]", subject->path, kind, i);
		const char *target = file->target ? file->target : file->source;

		if (!file->source)
			continue;
		if (!zpm_index_get(names->index, file->source))
			zpm_find_missing(c, path, kind, file->source, names);
		if (zpm_index_add(seen, target, files->v[i]))
			zpm_find(c, path, "there is a file '%s' in this list already", target);
	}
}

void zpm_check_files(struct zpm_checker *c, const struct zpm_subject *subject)
{
	check_list(c, subject, "secret", &subject->own->secrets, &c->secrets);
	check_list(c, subject, "config", &subject->own->configs, &c->configs);
}
