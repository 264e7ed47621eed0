/*
 * The contents of secrets, configs and passwords: from files, from zpm's environment or
 * from standard input. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_CONTENT_H
#define ZPM_MANIFEST_CONTENT_H

#include "manifest/node.h"

struct zpm_platform;
struct zpm_vault;

/* Where the manifest came from, and where mistakes in it go. */
struct zpm_content_scope {
	const char *folder; /* relative paths begin here */
	bool piped;         /* the manifest itself came from standard input */
	const struct zpm_node *root;
	struct zpm_strs *files;  /* each that was looked for is added */
	struct zpm_vault *vault; /* keeps what is read */
	struct zpm_diags *diags, *warnings;
};

/*
 * Reads what the secrets and configs of a platform and its `mongo.auth` name, and
 * gives secrets and configs a version: for a secret one that its name cannot be guessed from. Those with
 * no source, or with several, are left to the checks.
 */
void zpm_contents_read(struct zpm_platform *platform, const struct zpm_content_scope *scope);

#endif
