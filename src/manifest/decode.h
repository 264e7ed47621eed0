/*
 * From a tree of nodes to objects of the model, driven by the field tables.
 * Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_DECODE_H
#define ZPM_MANIFEST_DECODE_H

#include "manifest/node.h"

struct zpm_decoder;
struct zpm_field;
struct zpm_overrides;
struct zpm_place;
struct zpm_platform;
struct zpm_template;

/*
 * The platform that a document describes, with the patches of other documents,
 * whose roots are in `patches`. Goes on after every mistake, which
 * the diagnostics then hold: a list keeps one element for each that was
 * written, so that positions found later are those of the file. `template`
 * is NULL when it has none.
 */
struct zpm_platform *zpm_decode(const struct zpm_node *root, const struct zpm_ptrs *patches,
	const struct zpm_overrides *overrides, struct zpm_arena *arena, struct zpm_diags *diags,
	struct zpm_template **template);

/* One field of an object. */
void zpm_decode_field(
	struct zpm_decoder *d, const struct zpm_place *place, const struct zpm_field *field, void *object);

/* The variables of a file of nothing else. */
void zpm_decode_vars(const struct zpm_node *root, struct zpm_arena *arena, struct zpm_diags *diags,
	struct zpm_pairs *vars);

#endif
