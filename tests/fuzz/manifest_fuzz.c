/*
 * A libFuzzer target: any bytes, as a manifest. Nothing may happen but that
 * they are refused, or make a platform that can be expanded.
 *
 *   cmake --preset clang && cmake --build --preset clang --target manifest_fuzz
 *   build/clang/tests/fuzz/manifest_fuzz -dict=tests/fuzz/manifest.dict NEW_CORPUS tests/fuzz/corpus
 *
 * What it finds goes to tests/fuzz/corpus, which the unit tests replay.
 */
#include "base/text.h"
#include "manifest/manifest.h"
#include "plan/expand.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zpm_manifest *manifest = zpm_manifest_parse("nowhere/m.yaml", (const char *)data, size);
	const struct zpm_diags *diags = &manifest->diags;

	require((manifest->platform == NULL) == (diags->list.n > 0));
	for (size_t i = 0; i < diags->list.n; i++) {
		const struct zpm_diag *diag = diags->list.v[i];
		size_t len = strlen(diag->msg);

		require(len && !strpbrk(diag->msg, "\n\r\033") && zpm_utf8_valid_len(diag->msg, len) == len);
	}
	if (manifest->platform)
		(void)zpm_expand(manifest->platform, manifest->arena);
	zpm_manifest_free(manifest);
	return 0;
}
