/*
 * Pinned images: which tags have to be looked up, and what services run once
 * their digests are known. Asking the registries is left to others. Pure.
 */
#ifndef ZPM_PLAN_PIN_H
#define ZPM_PLAN_PIN_H

#include "model/object.h"

/* One image by tag, and the desired services that are to run what it stands for. */
struct zpm_pin {
	const char *image;
	struct zpm_ptrs services; /* struct zpm_object */
	const char *digest;       /* filled in by the caller; NULL: not known */
	const char *why;          /* then: why it is not */
};

/* Adds a struct zpm_pin for each distinct image. One that is declared with a digest needs none. */
void zpm_pins_collect(const struct zpm_objects *desired, struct zpm_arena *arena, struct zpm_ptrs *pins);

/*
 * Gives the services their images with digests. Where a digest is not known
 * the live one of the same tag is kept, and where there is none, the bare tag.
 * May be repeated with a newer observation. Uses the arena of `desired`.
 */
void zpm_pins_apply(
	const struct zpm_ptrs *pins, const struct zpm_objects *desired, const struct zpm_objects *have);

/* Adds a line for each reason that images are not pinned, with the images. */
void zpm_pins_explain(const struct zpm_ptrs *pins, struct zpm_arena *arena, struct zpm_strs *notes);

#endif
