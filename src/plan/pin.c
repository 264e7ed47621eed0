/* What is to be pinned, and to what. */
#include "plan/pin.h"

#include "base/index.h"
#include "model/image.h"
#include "model/service.h"

#include <string.h>

void zpm_pins_collect(const struct zpm_objects *desired, struct zpm_arena *arena, struct zpm_ptrs *pins)
{
	struct zpm_index *by_image = zpm_index_new(arena);

	for (size_t i = 0; i < desired->list.n; i++) {
		struct zpm_object *object = desired->list.v[i];
		const struct zpm_service *service = object->spec;
		struct zpm_pin *pin;

		if (object->kind->id != ZPM_KIND_SERVICE || service->pin != 1 ||
			zpm_image_has_digest(service->image))
			continue;
		pin = zpm_index_get(by_image, service->image);
		if (!pin) {
			pin = zpm_arena_alloc(arena, sizeof(*pin));
			pin->image = service->image;
			zpm_index_add(by_image, pin->image, pin);
			zpm_ptrs_push(arena, pins, pin);
		}
		zpm_ptrs_push(arena, &pin->services, object);
	}
}

static const char *live_image(const struct zpm_objects *have, const struct zpm_object *want)
{
	const struct zpm_object *object = zpm_objects_find_real(have, ZPM_KIND_SERVICE, want->real);

	return object ? ((const struct zpm_service *)object->spec)->image : NULL;
}

static const char *image_of(const struct zpm_pin *pin, const struct zpm_object *want,
	const struct zpm_objects *have, struct zpm_arena *arena)
{
	const char *live;

	if (pin->digest)
		return zpm_arena_printf(arena, "%s@%s", pin->image, pin->digest);
	live = live_image(have, want);
	return live && zpm_image_pins(live, pin->image) ? zpm_arena_strdup(arena, live) : pin->image;
}

void zpm_pins_apply(
	const struct zpm_ptrs *pins, const struct zpm_objects *desired, const struct zpm_objects *have)
{
	for (size_t i = 0; i < pins->n; i++) {
		const struct zpm_pin *pin = pins->v[i];

		for (size_t j = 0; j < pin->services.n; j++) {
			const struct zpm_object *want = pin->services.v[j];
			struct zpm_service *service = want->spec;

			service->image = image_of(pin, want, have, desired->arena);
		}
	}
}

/* Has an earlier pin failed for the same reason, and been explained with it? */
static bool is_explained(const struct zpm_ptrs *pins, size_t at)
{
	const struct zpm_pin *pin = pins->v[at];

	for (size_t i = 0; i < at; i++) {
		const struct zpm_pin *earlier = pins->v[i];

		if (!earlier->digest && !strcmp(earlier->why, pin->why))
			return true;
	}
	return false;
}

static const char *images_with(
	const struct zpm_ptrs *pins, size_t from, const char *why, struct zpm_arena *arena)
{
	const char *images = "";

	for (size_t i = from; i < pins->n; i++) {
		const struct zpm_pin *pin = pins->v[i];

		if (!pin->digest && !strcmp(pin->why, why))
			images = zpm_arena_printf(arena, "%s%s'%s'", images, *images ? ", " : "", pin->image);
	}
	return images;
}

void zpm_pins_explain(const struct zpm_ptrs *pins, struct zpm_arena *arena, struct zpm_strs *notes)
{
	for (size_t i = 0; i < pins->n; i++) {
		const struct zpm_pin *pin = pins->v[i];

		if (pin->digest || is_explained(pins, i))
			continue;
		zpm_strs_push(arena, notes,
			zpm_arena_printf(arena, "not pinned, kept by tag: %s: %s",
				images_with(pins, i, pin->why, arena), pin->why));
	}
}
