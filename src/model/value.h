/*
 * Scalars between the manifest's spelling and the model's int64_t:
 * durations ("1m30s"), sizes ("512m", powers of 1024), decimals ("0.5"),
 * integers and booleans. `zpm_value_format` writes what `zpm_value_parse`
 * reads back as the same number.
 */
#ifndef ZPM_MODEL_VALUE_H
#define ZPM_MODEL_VALUE_H

#include "model/field.h"

/* What a value of the type looks like, for "expected ..., got ...". */
const char *zpm_value_expected(enum zpm_type type);

/* The pattern of the type's text form, for the JSON Schema; NULL when numbers are written bare. */
const char *zpm_value_pattern(enum zpm_type type);

/* -1 when the text is not of the type or out of range; nothing is reported. */
int zpm_value_parse(enum zpm_type type, const char *text, int64_t *value);

/* The shortest spelling; "" for ZPM_UNSET. */
const char *zpm_value_format(enum zpm_type type, int64_t value, struct zpm_arena *arena);

/* Does the text, or the number behind it, obey the rule? Patterns are compiled once:
 * call from one thread at a time. */
bool zpm_rule_allows_text(const struct zpm_rule *rule, const char *text);
bool zpm_rule_allows_number(const struct zpm_rule *rule, int64_t value);

/* Does the text match an extended regular expression? Cached by the pattern's address. */
bool zpm_pattern_matches(const char *pattern, const char *text);

#endif
