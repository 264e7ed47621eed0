/*
 * The template of `apps.fromIntegrations`: decoded once with made-up values in the
 * place of ${integration.NAME}, so that its mistakes are found with those of the
 * rest, and again with the real ones for each service.
 */
#ifndef ZPM_MANIFEST_TEMPLATE_H
#define ZPM_MANIFEST_TEMPLATE_H

#include "base/err.h"
#include "base/list.h"

struct zpm_service;
struct zpm_template;

/*
 * A service made from the template, and its name (NULL: the manifest leaves that to zpm). `values` are
 * those of zpm_template_variables. What does not depend on them is shared by all services and the manifest,
 * which has to last. Fails with ZPM_EINVALID, saying why, on values that cannot be in such a place; the
 * name is there also then, unless it is what cannot be. One thread at a time.
 */
int zpm_template_fill(const struct zpm_template *template, const struct zpm_pairs *values,
	struct zpm_arena *arena, struct zpm_service **service, const char **name, struct zpm_err *err);

#endif
