/*
 * Reads the files of each service's `envFile` below its `environment`.
 * Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_ENV_FILE_H
#define ZPM_MANIFEST_ENV_FILE_H

#include "model/diag.h"
#include "model/platform.h"

struct zpm_node;

/* `folder` is the manifest's; nothing outside of it is read. */
void zpm_read_env_files(struct zpm_platform *platform, const char *folder, const struct zpm_node *root,
	const char *file, struct zpm_diags *diags);

#endif
