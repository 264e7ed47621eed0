/* Mounts: each type takes a source of its own kind, and options that the others do not. */
#include "base/index.h"
#include "model/check_parts.h"

#include <string.h>

static const char *type_of(const struct zpm_mount *mount)
{
	return mount->type ? mount->type : "volume";
}

static bool is_type(const struct zpm_mount *mount, const char *type)
{
	return !strcmp(type_of(mount), type);
}

static void check_volume_source(struct zpm_checker *c, const struct zpm_subject *subject, const char *path,
	const struct zpm_mount *mount)
{
	const char *source = mount->source;
	const struct zpm_volume *volume = source ? zpm_index_get(c->volumes.index, source) : NULL;

	if (!source)
		zpm_find(c, path,
			"has no source; declare a volume under volumes and name it here (anonymous volumes "
			"get lost)");
	else if (*source == '.' || *source == '~' || strchr(source, '/'))
		zpm_find(c, path, "a folder of the host is named by an absolute path, which '%s' is not",
			source);
	else if (!volume)
		zpm_find_missing(c, path, "volume", source, &c->volumes);
	else
		zpm_check_is_on(c, subject, path, "volume", source, volume->when);
}

static void check_bind_source(struct zpm_checker *c, const char *path, const char *source)
{
	if (!source)
		zpm_find(c, path, "has no source; name the folder of the host");
	else if (*source != '/')
		zpm_find(c, path, "a folder of the host is named by an absolute path, which '%s' is not",
			source);
}

static void check_source(struct zpm_checker *c, const struct zpm_subject *subject, const char *path,
	const struct zpm_mount *mount)
{
	if (is_type(mount, "volume"))
		check_volume_source(c, subject, path, mount);
	else if (is_type(mount, "bind"))
		check_bind_source(c, path, mount->source);
	else if (mount->source)
		zpm_find(c, path, "a tmpfs mount is memory and has no source; leave it out");
}

static void check_option(struct zpm_checker *c, const char *path, const struct zpm_mount *mount, bool set,
	const char *option, const char *type)
{
	if (set && !is_type(mount, type))
		zpm_find(c, zpm_arena_printf(c->arena, "%s.%s", path, option),
			"belongs to mounts of the type %s, not %s", type, type_of(mount));
}

static void check_options(struct zpm_checker *c, const char *path, const struct zpm_mount *mount)
{
	check_option(c, path, mount, mount->propagation, "propagation", "bind");
	check_option(c, path, mount, mount->no_copy != ZPM_UNSET, "noCopy", "volume");
	check_option(c, path, mount, mount->size != ZPM_UNSET, "size", "tmpfs");
	check_option(c, path, mount, mount->file_mode != ZPM_UNSET, "mode", "tmpfs");
}

/* "/data/" is "/data". */
static size_t target_len(const char *target)
{
	size_t len = strlen(target);

	while (len > 1 && target[len - 1] == '/')
		len--;
	return len;
}

static void check_target(
	struct zpm_checker *c, const char *path, const struct zpm_mount *mount, struct zpm_index *targets)
{
	const char *target;

	if (!mount->target)
		return;
	target = zpm_arena_strndup(c->arena, mount->target, target_len(mount->target));
	if (!strcmp(target, "/"))
		zpm_find(c, path, "nothing can be mounted over the whole file system of a container");
	else if (zpm_index_add(targets, target, (void *)(uintptr_t)mount))
		zpm_find(c, path, "another mount of this service has the target '%s' already", target);
}

void zpm_check_mounts(struct zpm_checker *c, const struct zpm_subject *subject)
{
	const struct zpm_ptrs *mounts = &subject->own->volumes;
	struct zpm_index *targets;

	if (!mounts->n)
		return;
	targets = zpm_index_new(c->arena);
	for (size_t i = 0; i < mounts->n; i++) {
		const struct zpm_mount *mount = mounts->v[i];
		const char *path = zpm_arena_printf(c->arena, "%s.volumes[%zu]", subject->path, i);

		/* What did not get as far as a target is a mistake that has been reported. */
		if (!mount->target)
			continue;
		check_source(c, subject, path, mount);
		check_options(c, path, mount);
		check_target(c, path, mount, targets);
	}
}
