/* envFile: environment variables from files beside the manifest. Internal to manifest/. */
#ifndef ZPM_MANIFEST_ENV_FILE_H
#define ZPM_MANIFEST_ENV_FILE_H

#include "manifest/node.h"

struct zpm_platform;

enum zpm_env_file_limit {
	ZPM_ENV_FILE_MAX_BYTES = 256 * 1024,
	ZPM_ENV_FILE_MAX_PAIRS = 1000 * 1000, /* in one manifest, counted as often as they are used */
};

/*
 * Reads what the services of a platform name under envFile, and puts it below
 * their environment: later files win over earlier ones, environment over all.
 * Files are looked for in `folder` and never outside of it; each is added to `files`.
 */
void zpm_env_files_read(struct zpm_platform *platform, const char *folder, const struct zpm_node *root,
	struct zpm_strs *files, struct zpm_diags *diags);

#endif
