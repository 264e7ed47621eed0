/*
 * What can be done with any object that has a field table: make, default,
 * merge, find and name parts of it. Everything returned lives in the arena
 * that was passed in.
 */
#ifndef ZPM_MODEL_SHAPE_H
#define ZPM_MODEL_SHAPE_H

#include "model/field.h"

/* A new object with every field unset. */
void *zpm_shape_new(const struct zpm_shape *shape, struct zpm_arena *arena);

/* The constant object of a shape in which nothing is set: what NULL stands for. */
const void *zpm_shape_unset(const struct zpm_shape *shape, struct zpm_arena *arena);

/* NULL when the shape has no such field. */
const struct zpm_field *zpm_shape_field(const struct zpm_shape *shape, const char *name);

/* The field that `lone` names; NULL: the shape has none. */
const struct zpm_field *zpm_shape_lone(const struct zpm_shape *shape);

/* The field whose name is nearest to a misspelt one; NULL when none is near. */
const struct zpm_field *zpm_shape_nearest(const struct zpm_shape *shape, const char *name);

/*
 * Brings an object to its canonical form, in place and all the way down:
 * defaults filled in, nested objects that have defaults made, an explicit
 * nothing (0, "", {}) of a field without default turned into unset.
 */
void zpm_shape_canonicalise(const struct zpm_shape *shape, void *object, struct zpm_arena *arena);

/*
 * Takes out, all the way down, what canonicalising would fill in again: what is
 * left is what a person would write. Required fields stay.
 */
void zpm_shape_minimise(const struct zpm_shape *shape, void *object);

/*
 * Fills what `object` leaves unset from `base`: scalars, lists and sets as a
 * whole, maps and nested objects key by key. `object` is changed all the way down:
 * it must not share nested objects with another.
 */
void zpm_shape_merge(const struct zpm_shape *shape, void *object, const void *base, struct zpm_arena *arena);

/* A copy that can be changed: nested objects and lists of objects are copied, text is shared. */
void *zpm_shape_copy(const struct zpm_shape *shape, const void *object, struct zpm_arena *arena);

/* What tells an object from others in its list: its key fields, joined by '/'. */
const char *zpm_shape_key(const struct zpm_shape *shape, const void *object, struct zpm_arena *arena);

/*
 * Does `have` mean what `want` means? Sets and maps in any order; what the
 * Engine chooses (ZPM_AUTO) only when it is wanted. Both have to be canonical.
 */
bool zpm_field_equal(
	const struct zpm_field *field, const void *have, const void *want, struct zpm_arena *arena);
bool zpm_shape_equal(
	const struct zpm_shape *shape, const void *have, const void *want, struct zpm_arena *arena);

#endif
