/*
 * Manifests as text, and assertions on what is made of them. For tests of
 * manifest/ and of the checks and the schema in model/.
 */
#ifndef ZPM_TESTS_MANIFEST_CASE_H
#define ZPM_TESTS_MANIFEST_CASE_H

#include "manifest/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two lines that every manifest needs: what follows begins on line 3. */
#define HEAD "apiVersion: zpm/v1\nplatform: demo\n"

/* One service `a` in the tier core: its fields begin on line 6, indented by six. */
#define SERVICE HEAD "services:\n  core:\n    a:\n"

#define CLEANUP_MANIFEST __attribute__((cleanup(dispose_manifest), unused))

static inline void dispose_manifest(struct zpm_manifest **manifest)
{
	zpm_manifest_free(*manifest);
}

static inline struct zpm_manifest *parse_text(const char *text)
{
	return zpm_manifest_parse("m.yaml", text, strlen(text));
}

static inline void print_diags(const struct zpm_manifest *manifest)
{
	for (size_t i = 0; i < manifest->diags.list.n; i++) {
		const struct zpm_diag *diag = manifest->diags.list.v[i];

		print_message("%s:%u:%u: %s\n", diag->pos.file, diag->pos.line, diag->pos.column, diag->msg);
	}
}

/* "LINE:COLUMN: message" of diagnostic `i`. */
static inline void assert_diag(const struct zpm_manifest *manifest, size_t i, const char *expected)
{
	const struct zpm_diag *diag;
	char got[2048];

	if (i >= manifest->diags.list.n)
		print_diags(manifest);
	assert_true(i < manifest->diags.list.n);
	diag = manifest->diags.list.v[i];
	snprintf(got, sizeof(got), "%u:%u: %s", diag->pos.line, diag->pos.column, diag->msg);
	assert_string_equal(got, expected);
}

/* Exactly these diagnostics, in the order of the file. Ends with NULL. */
static inline void assert_diags(const char *text, ...)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = parse_text(text);
	const char *expected;
	va_list args;
	size_t n = 0;

	va_start(args, text);
	while ((expected = va_arg(args, const char *)))
		assert_diag(manifest, n++, expected);
	va_end(args);
	if (manifest->diags.list.n != n)
		print_diags(manifest);
	assert_int_equal(manifest->diags.list.n, n);
	assert_null(manifest->platform);
}

#define assert_rejected(text, ...) assert_diags(text, __VA_ARGS__, (char *)NULL)

/* The caller frees it; fails with the diagnostics when there are any. */
static inline struct zpm_manifest *accept_text(const char *text)
{
	struct zpm_manifest *manifest = parse_text(text);

	print_diags(manifest);
	assert_int_equal(manifest->diags.list.n, 0);
	assert_non_null(manifest->platform);
	return manifest;
}

/* The first service of the tier core. */
static inline struct zpm_service *first_service(const struct zpm_manifest *manifest)
{
	return manifest->platform->services->services[ZPM_TIER_CORE].v[0];
}

#endif
