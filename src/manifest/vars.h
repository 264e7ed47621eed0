/*
 * Variables: ${NAME}, ${NAME:-default}, and $$ for a dollar. A dollar before
 * anything else is itself. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_VARS_H
#define ZPM_MANIFEST_VARS_H

#include "manifest/node.h"

enum { ZPM_VARS_FIELDS = 4 };

struct zpm_vars {
	struct zpm_arena *arena;
	struct zpm_index *values;
	struct zpm_strs names;      /* of all that have a value */
	struct zpm_index *is_known; /* names that were declared, or used in what was filled in */
	struct zpm_strs known;      /* the same as a list */
	const struct zpm_node *fields[ZPM_VARS_FIELDS]; /* what the built-in ones are made from */
	const struct zpm_pairs *scope; /* those of a template, while it is decoded; NULL: there are none */
	bool early;                    /* filling in one of those: the built-in ones are not known yet */
	size_t left; /* bytes that variables may still add: a manifest must not explode through them */
};

#define ZPM_VARS_NO_REFERENCE "a variable cannot refer to another one; write its value out"

void zpm_vars_init(struct zpm_vars *vars, struct zpm_arena *arena);

/* A value that somebody outside gives; the first of a name counts. */
void zpm_vars_add(struct zpm_vars *vars, const char *name, const char *value);

/*
 * The variables of a manifest: those of its `vars:`, then the built-in ones,
 * like release.tag, whose text may use those. Mistakes are for others to report.
 */
void zpm_vars_declare(struct zpm_vars *vars, const struct zpm_node *root);

/* What is wrong with a name for a variable; NULL: nothing. */
const char *zpm_vars_name_mistake(const char *name);

/* Has a manifest declared it, or used it so far? */
bool zpm_vars_knows(const struct zpm_vars *vars, const char *name);

/* The text of a scalar with variables filled in; NULL, with `mistakes` added to, when that cannot be done. */
const char *zpm_vars_fill(struct zpm_vars *vars, const struct zpm_node *scalar, struct zpm_strs *mistakes);

#endif
