/* Features whose state the database says, and what is made of its silence. */
#include "plan/apps.h"

#include <string.h>

static bool is_there(const struct zpm_objects *have, const struct zpm_platform *platform,
	const struct zpm_service *service, struct zpm_arena *arena)
{
	const char *real = service->real_name ? service->real_name
					      : zpm_real_name(platform->platform, service->name, arena);

	return zpm_objects_find_real(have, ZPM_KIND_SERVICE, real);
}

static const char *condition_of(const struct zpm_platform *platform, const struct zpm_service *service)
{
	if (service->when)
		return service->when;
	return platform->defaults ? platform->defaults->when : NULL;
}

/* Is any service there that is there with the feature, or, with `without`, in its absence? */
static bool is_used(const struct zpm_platform *platform, const struct zpm_objects *have, const char *feature,
	bool without, struct zpm_arena *arena)
{
	for (int tier = 0; platform->services && tier < ZPM_TIER_COUNT; tier++)
		for (size_t i = 0; i < platform->services->services[tier].n; i++) {
			const struct zpm_service *service = platform->services->services[tier].v[i];
			const char *when = condition_of(platform, service);

			if (when && !strcmp(zpm_when_feature(when), feature) && (*when == '!') == without &&
				is_there(have, platform, service, arena))
				return true;
		}
	return false;
}

static bool has_services(const struct zpm_objects *have)
{
	for (size_t i = 0; i < have->list.n; i++) {
		const struct zpm_object *object = have->list.v[i];

		if (object->kind->id == ZPM_KIND_SERVICE && object->live->owner &&
			!strcmp(object->live->owner, have->platform))
			return true;
	}
	return false;
}

/* What was known last has left its services behind. */
static bool last_known(const struct zpm_platform *platform, const struct zpm_objects *have,
	const struct zpm_feature *feature, struct zpm_arena *arena)
{
	if (is_used(platform, have, feature->name, false, arena))
		return true;
	if (is_used(platform, have, feature->name, true, arena))
		return false;
	return has_services(have) ? false : feature->enabled == 1;
}

static const struct zpm_feature_state *state_of(const struct zpm_catalog *catalog, const char *name)
{
	for (size_t i = 0; i < catalog->features.n; i++) {
		const struct zpm_feature_state *state = catalog->features.v[i];

		if (!strcmp(state->name, name))
			return state;
	}
	return NULL;
}

static void add_trouble(const struct zpm_feature *feature, const char *why, struct zpm_arena *arena,
	struct zpm_ptrs *troubles)
{
	struct zpm_trouble *trouble = zpm_arena_alloc(arena, sizeof(*trouble));

	trouble->kind = "feature";
	trouble->name = feature->name;
	trouble->why = zpm_arena_printf(
		arena, "%s; it stays %s, as it was last", why, feature->enabled == 1 ? "on" : "off");
	zpm_ptrs_push(arena, troubles, trouble);
}

const struct zpm_platform *zpm_features_settle(const struct zpm_platform *platform,
	const struct zpm_catalog *catalog, const struct zpm_objects *have, struct zpm_arena *arena,
	struct zpm_ptrs *troubles)
{
	struct zpm_platform *settled = zpm_arena_alloc(arena, sizeof(*settled));

	*settled = *platform;
	settled->features = (struct zpm_ptrs){ 0 };
	for (size_t i = 0; i < platform->features.n; i++) {
		const struct zpm_feature_state *state;
		struct zpm_feature *feature = zpm_arena_alloc(arena, sizeof(*feature));

		*feature = *(const struct zpm_feature *)platform->features.v[i];
		zpm_ptrs_push(arena, &settled->features, feature);
		state = state_of(catalog, feature->name);
		if (state && state->why) {
			feature->enabled = last_known(platform, have, feature, arena);
			add_trouble(feature, state->why, arena, troubles);
		} else if (state && state->said) {
			feature->enabled = state->enabled;
		}
	}
	return settled;
}
