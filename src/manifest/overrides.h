/*
 * Variables that are given from outside of the manifest, on the command line
 * and in files of their own. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_OVERRIDES_H
#define ZPM_MANIFEST_OVERRIDES_H

#include "manifest/manifest.h"
#include "manifest/vars.h"

struct zpm_overrides {
	struct zpm_pairs sets; /* each name once: later ones have won */
	struct zpm_ptrs files; /* struct zpm_pairs of each file: later ones win, sets win over all */
};

/*
 * Reads what was given, into zeroed memory. Everything wrong with it is in the
 * diagnostics, whose arena is used. Blocks on the files only.
 */
void zpm_overrides_read(
	struct zpm_overrides *overrides, const struct zpm_manifest_vars *given, struct zpm_diags *diags);

/* Adds them to variables that are still empty: what is there first wins. */
void zpm_overrides_add(const struct zpm_overrides *overrides, struct zpm_vars *vars);

/* Reports each that was set by name and that the manifest neither declares nor uses. */
void zpm_overrides_check(
	const struct zpm_overrides *overrides, const struct zpm_vars *vars, struct zpm_diags *diags);

#endif
