/*
 * The way back: from what is observed to the manifest that would make it,
 * expand.h in reverse. What cannot be read back is said in notes. Pure.
 */
#ifndef ZPM_PLAN_IMPORT_H
#define ZPM_PLAN_IMPORT_H

#include "model/object.h"
#include "model/platform.h"

/*
 * `have` is observed with nothing desired, so that its names are the Engine's
 * own. Of it comes what the platform owns, and what its services use; with
 * `all` also what nobody owns, to be adopted. The platform lives in `arena`
 * and shares memory with `have`; `notes` gets one line of text for each thing
 * a person has to know.
 */
struct zpm_platform *zpm_import_platform(
	const struct zpm_objects *have, bool all, struct zpm_arena *arena, struct zpm_strs *notes);

#endif
