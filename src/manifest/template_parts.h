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

#endif
