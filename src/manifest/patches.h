/*
 * The folder beside a manifest whose files are patches. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_PATCHES_H
#define ZPM_MANIFEST_PATCHES_H

#include "manifest/parts.h"

/*
 * Adds the root of each file, in the order in which they are applied: that of
 * the bytes of their names. `root` is the manifest's, which may name the
 * folder. Everything wrong is in the diagnostics. Blocks on the files only.
 */
void zpm_patches_read(struct zpm_parts *parts, const struct zpm_node *root, struct zpm_ptrs *patches);

#endif
