/* Features: what a platform can be with or without. Objects name one under `when`. */
#ifndef ZPM_MODEL_FEATURE_H
#define ZPM_MODEL_FEATURE_H

#include "model/field.h"

struct zpm_index;

/* The document of the platform's database that says whether a feature is on. */
struct zpm_feature_source {
	const char *database; /* NULL: that of apps.fromIntegrations */
	const char *collection;
	struct zpm_pairs filter;
	const char *field;
};

struct zpm_feature {
	const char *name;
	struct zpm_feature_source *from_database; /* NULL: it is fixed */
	int64_t enabled;                          /* 1: on; with a source: until a document says it */
};

extern const struct zpm_shape zpm_feature_shape;

/* What `when` may look like: a feature's name, behind '!' for its absence. */
extern const struct zpm_rule zpm_rule_when;

/* The feature that a condition is about. */
const char *zpm_when_feature(const char *when);

/*
 * Is an object of that condition, which may be NULL, there? `features` are
 * struct zpm_feature by name. One that does not exist keeps nothing away.
 */
bool zpm_when_holds(const char *when, const struct zpm_index *features);

#endif
