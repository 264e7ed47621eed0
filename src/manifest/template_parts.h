/* How the template comes out of the decoder. Internal to manifest/. */
#ifndef ZPM_MANIFEST_TEMPLATE_PARTS_H
#define ZPM_MANIFEST_TEMPLATE_PARTS_H

#include "manifest/decode.h"
#include "manifest/decode_value.h"
#include "manifest/template.h"

/* Values to decode the template with while nothing is known but the manifest. */
const struct zpm_pairs *zpm_template_samples(struct zpm_arena *arena);

/* Once the platform is decoded; NULL when it has no template. `d` is copied. */
struct zpm_template *zpm_template_new(
	struct zpm_decoder *d, const struct zpm_node *root, const struct zpm_platform *platform);

/* As it was written, and the manifest's variables with their values. */
struct zpm_template_source {
	const struct zpm_node *service, *name; /* the name may be NULL */
	struct zpm_pairs vars;
};

void zpm_template_source(
	const struct zpm_template *template, struct zpm_arena *arena, struct zpm_template_source *source);

#endif
