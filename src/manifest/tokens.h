/* The file of tokens that the API takes: YAML or JSON. Internal to manifest/. */
#ifndef ZPM_MANIFEST_TOKENS_H
#define ZPM_MANIFEST_TOKENS_H

#include "base/err.h"
#include "model/api.h"

/*
 * Reads and checks it. Fails with ZPM_EINVALID: the first mistake, with its place, and how many there are.
 * Blocks on the file only.
 */
int zpm_manifest_tokens(
	const char *path, struct zpm_arena *arena, struct zpm_api_tokens *out, struct zpm_err *err);

#endif
