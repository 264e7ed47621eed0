/* Files whose content is used and never shown: keys, secrets, certificates. Internal to manifest/. */
#ifndef ZPM_MANIFEST_PRIVATE_FILE_H
#define ZPM_MANIFEST_PRIVATE_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/api.h"

#include <sys/types.h>

struct zpm_vault;

/* Where they are looked for, and where their content and what is wrong with them goes. */
struct zpm_private {
	const char *folder;
	struct zpm_vault *vault;
	struct zpm_arena *arena;
	struct zpm_err *err;
};

/* ZPM_EINVALID: the file that the field names cannot be used, and why. */
int zpm_private_refuse(const struct zpm_private *files, const char *field, const char *path, const char *why);

/*
 * Reads one into the vault; `others` are the bits of its mode that it may not have. ZPM_EINVALID where it has
 * them, cannot be read, is empty or larger than 64 KiB. Blocks on the file only.
 */
int zpm_private_read(const struct zpm_private *files, const char *field, const char *name, mode_t others,
	struct zpm_api_content *out);

/*
 * The same for one that only its owner may read, without the end of its line, which an editor adds and no
 * server knows of. ZPM_EINVALID also where less than `least` bytes are in it.
 */
int zpm_private_secret(const struct zpm_private *files, const char *field, const char *name, size_t least,
	struct zpm_api_content *out);

#endif
