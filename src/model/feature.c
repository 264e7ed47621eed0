/* The field table of a feature, and what a condition on one means. */
#include "model/feature.h"

#include "base/index.h"
#include "model/rules.h"

#define AT(member) offsetof(struct zpm_feature_source, member)

static const struct zpm_field source_fields[] = {
	{ .name = "database",
		.type = ZPM_T_STRING,
		.at = AT(database),
		.rule = &zpm_rule_not_empty,
		.help = "The database on the metaDB; that of apps.fromIntegrations by itself." },
	{ .name = "collection",
		.type = ZPM_T_STRING,
		.at = AT(collection),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_not_empty,
		.help = "The collection." },
	{ .name = "filter",
		.type = ZPM_T_MAP,
		.at = AT(filter),
		.flags = ZPM_REQUIRED,
		.help = "What fields of the document are equal to." },
	{ .name = "field",
		.type = ZPM_T_STRING,
		.at = AT(field),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_not_empty,
		.help = "The field that says it, 'a.b' for one inside another." },
	{ 0 },
};

static const struct zpm_shape source_shape = {
	.name = "fromDatabase",
	.help = "The document that says whether it is on.",
	.size = sizeof(struct zpm_feature_source),
	.fields = source_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_feature, member)

static const struct zpm_field fields[] = {
	{ .name = "name",
		.type = ZPM_T_STRING,
		.at = AT(name),
		.flags = ZPM_KEY | ZPM_HIDDEN,
		.rule = &zpm_rule_object_name },
	{ .name = "fromDatabase",
		.type = ZPM_T_OBJECT,
		.at = AT(from_database),
		.shape = &source_shape,
		.help = "The document that says whether it is on." },
	{ .name = "default",
		.type = ZPM_T_BOOL,
		.at = AT(enabled),
		.value = "false",
		.help = "Whether it is on, as long as no document says it." },
	{ 0 },
};

const struct zpm_shape zpm_feature_shape = {
	.name = "feature",
	.help = "Something the platform can be with or without.",
	.size = sizeof(struct zpm_feature),
	.fields = fields,
	.lone = "default",
};

const struct zpm_rule zpm_rule_when = {
	.expected = "the name of a feature, or '!' and the name",
	.pattern = "^!?[A-Za-z0-9][A-Za-z0-9_.-]*$",
	.max_len = 64, /* a name and the '!' */
};

const char *zpm_when_feature(const char *when)
{
	return when + (*when == '!');
}

bool zpm_when_holds(const char *when, const struct zpm_index *features)
{
	const struct zpm_feature *feature = when ? zpm_index_get(features, zpm_when_feature(when)) : NULL;

	return !feature || (feature->enabled == 1) == (*when != '!');
}
