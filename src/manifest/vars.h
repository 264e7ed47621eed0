/*
 * Variables: ${NAME}, ${NAME:-default}, and $$ for a dollar. A dollar before
 * anything else is itself. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_VARS_H
#define ZPM_MANIFEST_VARS_H

#include "manifest/node.h"

struct zpm_vars {
	struct zpm_arena *arena;
	struct zpm_index *values;
	struct zpm_strs names;
	size_t left; /* bytes that variables may still add: a manifest must not explode through them */
};

/* The variables of a `vars:` mapping, which may be NULL; mistakes in it are for others to report. */
void zpm_vars_init(struct zpm_vars *vars, const struct zpm_node *node, struct zpm_arena *arena);

/* True for letters, digits, '_' and '.', not beginning with a digit or '.'. */
bool zpm_vars_name_is_valid(const char *name);

/* The text with variables filled in; NULL, with `mistakes` added to, when that cannot be done. */
const char *zpm_vars_fill(struct zpm_vars *vars, const char *text, struct zpm_strs *mistakes);

#endif
