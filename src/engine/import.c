/* An observation without a manifest. */
#include "engine/import.h"

#include "model/shape.h"
#include "model/value.h"
#include "plan/import.h"

#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int choose_platform(
	const struct zpm_import *import, bool all, const char **platform, struct zpm_err *err)
{
	struct zpm_strs there = { 0 };
	const char *names = "";

	if (*platform)
		return 0;
	if (zpm_world_platforms(import->world, &there, import->arena, err) < 0)
		return -1;
	if (there.n == 1) {
		*platform = there.v[0];
		return 0;
	}
	/* Of none there is no array to sort. */
	if (there.n)
		qsort(there.v, there.n, sizeof(*there.v), by_text);
	for (size_t i = 0; i < there.n; i++)
		names = zpm_arena_printf(import->arena, "%s%s%s", names, i ? ", " : "", there.v[i]);
	if (there.n)
		return zpm_err_set(err, ZPM_EINVALID,
			"there are several platforms here (%s): say which with --platform", names);
	return zpm_err_set(err, ZPM_EINVALID, "no platform of zpm's is here%s",
		all ? ": name the one to be with --platform"
		    : "; --all --platform NAME imports what nobody owns");
}

static int check_name(const char *name, struct zpm_err *err)
{
	const struct zpm_rule *rule = zpm_shape_field(&zpm_platform_shape, "platform")->rule;

	if (zpm_rule_allows_text(rule, name))
		return 0;
	return zpm_err_set(
		err, ZPM_EINVALID, "'%s' is no name for a platform: expected %s", name, rule->expected);
}

static bool is_empty(const struct zpm_platform *platform)
{
	size_t n = platform->networks.n + platform->volumes.n + platform->secrets.n + platform->configs.n;

	for (int tier = 0; platform->services && tier < ZPM_TIER_COUNT; tier++)
		n += platform->services->services[tier].n;
	return !n;
}

static int import_platform(struct zpm_import *import, struct zpm_objects *nothing,
	const struct zpm_import_options *options, struct zpm_err *err)
{
	const char *platform = options->platform;
	struct zpm_objects *have;

	if (choose_platform(import, options->all, &platform, err) < 0 || check_name(platform, err) < 0)
		return -1;
	nothing->platform = platform;
	have = zpm_objects_new(platform, import->arena);
	zpm_world_survey(import->world, options->all);
	if (zpm_world_observe(import->world, have, err) < 0)
		return -1;
	import->platform = zpm_import_platform(have, options->all, import->arena, &import->notes);
	if (is_empty(import->platform))
		return zpm_err_set(err, ZPM_ENOTFOUND, "nothing here carries the label %s=%s",
			ZPM_LABEL_PLATFORM, platform);
	return 0;
}

int zpm_import(const struct zpm_import_options *options, struct zpm_import **out, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_import *import = *out = zpm_arena_alloc(arena, sizeof(*import));
	struct zpm_objects *nothing = zpm_objects_new("", arena);

	import->arena = arena;
	if (zpm_world_connect(&options->access, nothing, arena, &import->world, err) < 0)
		return -1;
	return import_platform(import, nothing, options, err);
}

void zpm_import_free(struct zpm_import *import)
{
	if (!import)
		return;
	zpm_world_free(import->world);
	zpm_arena_free(import->arena);
}
