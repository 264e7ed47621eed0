/* What the files hold that the section `api` names. */
#ifndef ZPM_MANIFEST_API_FILES_H
#define ZPM_MANIFEST_API_FILES_H

#include "base/err.h"
#include "model/api.h"

struct zpm_vault;

/*
 * Reads them; relative paths begin in `folder`. Secrets are put into the vault, the rest into the arena:
 * `out` lasts as long as both. A secret that others can read, and a file of tokens that others can write, are
 * refused, as is a file that cannot be what it should be: ZPM_EINVALID. Blocks on the files only.
 */
int zpm_manifest_api_files(const struct zpm_api_section *section, const char *folder, struct zpm_vault *vault,
	struct zpm_arena *arena, struct zpm_api_files *out, struct zpm_err *err);

#endif
