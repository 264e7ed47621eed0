/*
 * A manifest in several files: what `include` names is read and merged, key by
 * key, into one tree. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_INCLUDE_H
#define ZPM_MANIFEST_INCLUDE_H

#include "manifest/parts.h"
#include "manifest/source.h"

/*
 * The root of the manifest that begins with `source`, without `include` and
 * with all that is included below what it says itself; NULL when there is no
 * document to work with. Everything wrong is in the diagnostics. Files are
 * looked for in the folder of `parts` and never outside of it. Blocks on them
 * only.
 */
struct zpm_node *zpm_include(const struct zpm_source *source, struct zpm_parts *parts);

#endif
