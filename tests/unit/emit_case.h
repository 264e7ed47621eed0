/* Reading what was written, as far as the field tables say: what fields mean together is not checked. */
#ifndef ZPM_TESTS_EMIT_CASE_H
#define ZPM_TESTS_EMIT_CASE_H

#include "support.h"

#include "manifest/compose.h"
#include "manifest/decode.h"
#include "manifest/overrides.h"

#include <string.h>

static inline struct zpm_platform *read_again(struct test *t, const char *text)
{
	const struct zpm_source source = { "m.yaml", text, strlen(text) };
	const struct zpm_overrides overrides = { 0 };
	struct zpm_diags diags = { .arena = t->arena };
	size_t weight = 0;
	struct zpm_node *root = zpm_compose(&source, &weight, t->arena, &diags);
	struct zpm_template *template = NULL;
	struct zpm_platform *platform =
		root ? zpm_decode(root, &(struct zpm_ptrs){ 0 }, &overrides, t->arena, &diags, &template)
		     : NULL;

	for (size_t i = 0; i < diags.list.n; i++)
		print_error("%u: %s\n", ((struct zpm_diag *)diags.list.v[i])->pos.line,
			((struct zpm_diag *)diags.list.v[i])->msg);
	if (diags.list.n)
		fail_msg("cannot be read again:\n%s", text);
	return platform;
}

#endif
