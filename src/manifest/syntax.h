/* What libyaml has to say about a file that is not YAML, in words of ours. Internal to manifest/. */
#ifndef ZPM_MANIFEST_SYNTAX_H
#define ZPM_MANIFEST_SYNTAX_H

#include "manifest/source.h"

#include <yaml.h>

/* Adds a diagnostic for the error that a parser stopped at. */
void zpm_syntax_report(const yaml_parser_t *parser, const struct zpm_source *source, struct zpm_diags *diags);

#endif
