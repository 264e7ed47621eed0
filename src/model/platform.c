/* The field tables of the manifest's top level. */
#include "model/platform.h"

#include "model/rules.h"

static const struct zpm_rule registry_rule = {
	.expected = "a registry like 'registry.example.net/securaa', without scheme or tag",
	.pattern = "^[A-Za-z0-9][A-Za-z0-9._/:-]*[A-Za-z0-9]$",
};

static const struct zpm_rule tag_rule = {
	.expected = "an image tag: letters, digits, '_', '.' and '-', 128 at most",
	.pattern = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
	.max_len = 128,
};

#define AT(member) offsetof(struct zpm_patch, member)

static const struct zpm_field patch_fields[] = {
	{ .name = "tag",
		.type = ZPM_T_STRING,
		.at = AT(tag),
		.flags = ZPM_EITHER,
		.rule = &tag_rule,
		.help = "The tag, in the place of release.tag, where an image has none of its own." },
	{ .name = "services",
		.type = ZPM_T_SET,
		.at = AT(services),
		.flags = ZPM_REQUIRED | ZPM_SINGLE,
		.rule = &zpm_rule_service_name,
		.help = "The services that it is for." },
	{ .name = "environment",
		.type = ZPM_T_MAP,
		.at = AT(environment),
		.flags = ZPM_EITHER | ZPM_PAIR_LIST,
		.codec = ZPM_AS_ENV,
		.help = "Environment variables, which win over those of the service." },
	{ 0 },
};

const struct zpm_shape zpm_patch_shape = {
	.name = "patch",
	.help = "A tag or environment variables of their own for some services.",
	.size = sizeof(struct zpm_patch),
	.fields = patch_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_release, member)

static const struct zpm_field release_fields[] = {
	{ .name = "registry",
		.type = ZPM_T_STRING,
		.at = AT(registry),
		.rule = &registry_rule,
		.help = "Put before every image that names no registry of its own." },
	{ .name = "tag",
		.type = ZPM_T_STRING,
		.at = AT(tag),
		.rule = &tag_rule,
		.help = "The tag of every image without a tag of its own." },
	{ .name = "buildType",
		.type = ZPM_T_STRING,
		.at = AT(build_type),
		.rule = &zpm_rule_object_name,
		.help = "The kind of build, for use as ${release.buildType}." },
	{ .name = "patch",
		.type = ZPM_T_OBJECT,
		.at = AT(patch),
		.shape = &zpm_patch_shape,
		.help = "A tag or environment variables of their own for some services." },
	{ .name = "patches",
		.type = ZPM_T_STRING,
		.at = AT(patches),
		.value = ZPM_PATCHES_FOLDER,
		.rule = &zpm_rule_not_empty,
		.help = "The folder with files of patches, applied after `patch`; beside the manifest." },
	{ .name = "pin",
		.type = ZPM_T_BOOL,
		.at = AT(pin),
		.value = "false",
		.help = "Pin the image of every service that does not say otherwise." },
	{ 0 },
};

static const struct zpm_shape release_shape = {
	.name = "release",
	.help = "Where images come from and which version runs.",
	.size = sizeof(struct zpm_release),
	.fields = release_fields,
};

#define TIER(tier, text)                                                                                     \
	{                                                                                                    \
		.name = text, .type = ZPM_T_OBJECTS, .at = offsetof(struct zpm_tiers, services[tier]),       \
		.flags = ZPM_NAMED, .shape = &zpm_service_shape, .help = "Services of the tier " text "."    \
	}

static const struct zpm_field tiers_fields[] = {
	TIER(ZPM_TIER_SYSTEM, "system"),
	TIER(ZPM_TIER_CORE, "core"),
	TIER(ZPM_TIER_BATCH, "batch"),
	TIER(ZPM_TIER_APPS, "apps"),
	TIER(ZPM_TIER_UI, "ui"),
	{ 0 },
};

static const struct zpm_shape tiers_shape = {
	.name = "services",
	.help = "Services by tier; a tier starts when the one before it runs.",
	.size = sizeof(struct zpm_tiers),
	.fields = tiers_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_platform, member)

static const char *const api_versions[] = { ZPM_API_VERSION, NULL };

static const struct zpm_rule api_version_rule = { .expected = ZPM_API_VERSION, .choices = api_versions };

/* Leaves room for "_" and a name within ZPM_NAME_MAX. */
static const struct zpm_rule platform_rule = {
	.expected = "a name of at most 32 letters, digits, '-' and '_' that begins and ends with a letter or "
		    "digit",
	.pattern = "^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$",
	.max_len = 32,
};

static const struct zpm_field fields[] = {
	{ .name = "apiVersion",
		.type = ZPM_T_STRING,
		.at = AT(api_version),
		.flags = ZPM_REQUIRED,
		.rule = &api_version_rule,
		.help = "The version of this format." },
	{ .name = "platform",
		.type = ZPM_T_STRING,
		.at = AT(platform),
		.flags = ZPM_REQUIRED,
		.rule = &platform_rule,
		.help = "The platform's name: owner label and name prefix of all that zpm makes." },
	{ .name = "include",
		.type = ZPM_T_LIST,
		.at = AT(include),
		.flags = ZPM_SINGLE,
		.rule = &zpm_rule_not_empty,
		.help = "Files merged below this one, key by key, later ones winning; beside the manifest." },
	{ .name = "release",
		.type = ZPM_T_OBJECT,
		.at = AT(release),
		.shape = &release_shape,
		.help = "Where images come from and which version runs." },
	{ .name = "vars",
		.type = ZPM_T_MAP,
		.at = AT(vars),
		.help = "Variables, used as ${NAME} anywhere below." },
	{ .name = "hosts",
		.type = ZPM_T_OBJECTS,
		.at = AT(hosts),
		.flags = ZPM_NAMED,
		.shape = &zpm_host_shape,
		.help = "The machines of the platform by name." },
	{ .name = "engine",
		.type = ZPM_T_OBJECT,
		.at = AT(engine),
		.shape = &zpm_engine_shape,
		.help = "How to reach the Docker Engine." },
	{ .name = "features",
		.type = ZPM_T_OBJECTS,
		.at = AT(features),
		.flags = ZPM_NAMED,
		.shape = &zpm_feature_shape,
		.help = "What the platform can be with or without, by name; `when` refers to it." },
	{ .name = "defaults",
		.type = ZPM_T_OBJECT,
		.at = AT(defaults),
		.shape = &zpm_defaults_shape,
		.help = "What every service has unless it says otherwise." },
	{ .name = "networks",
		.type = ZPM_T_OBJECTS,
		.at = AT(networks),
		.flags = ZPM_NAMED,
		.shape = &zpm_network_shape,
		.help = "Networks by name." },
	{ .name = "volumes",
		.type = ZPM_T_OBJECTS,
		.at = AT(volumes),
		.flags = ZPM_NAMED,
		.shape = &zpm_volume_shape,
		.help = "Volumes by name." },
	{ .name = "secrets",
		.type = ZPM_T_OBJECTS,
		.at = AT(secrets),
		.flags = ZPM_NAMED,
		.shape = &zpm_secret_shape,
		.help = "Secrets by name." },
	{ .name = "configs",
		.type = ZPM_T_OBJECTS,
		.at = AT(configs),
		.flags = ZPM_NAMED,
		.shape = &zpm_config_shape,
		.help = "Configs by name." },
	{ .name = "services",
		.type = ZPM_T_OBJECT,
		.at = AT(services),
		.shape = &tiers_shape,
		.help = "Services by tier; a tier starts when the one before it runs." },
	{ .name = "apps",
		.type = ZPM_T_OBJECT,
		.at = AT(apps),
		.shape = &zpm_apps_shape,
		.help = "Services that are made from what the platform's database says." },
	{ .name = "mongo",
		.type = ZPM_T_OBJECT,
		.at = AT(mongo),
		.shape = &zpm_mongo_shape,
		.help = "MongoDB: replica sets, shards and routers on the platform's hosts." },
	{ .name = "reconcile",
		.type = ZPM_T_OBJECT,
		.at = AT(reconcile),
		.shape = &zpm_reconcile_shape,
		.help = "What applying may do." },
	{ .name = "api",
		.type = ZPM_T_OBJECT,
		.at = AT(api),
		.shape = &zpm_api_shape,
		.help = "The HTTP API and the page of `zpm run`." },
	{ .name = "notify",
		.type = ZPM_T_OBJECTS,
		.at = AT(notify),
		.flags = ZPM_NAMED,
		.shape = &zpm_notify_shape,
		.help = "Whom `zpm run` tells of failures, drift and failovers: webhooks by name." },
	{ .name = "patches",
		.type = ZPM_T_OBJECTS,
		.at = AT(patches),
		.flags = ZPM_HIDDEN | ZPM_LISTED | ZPM_ORDERED,
		.shape = &zpm_patch_shape },
	{ 0 },
};

const struct zpm_shape zpm_platform_shape = {
	.name = "manifest",
	.help = "A platform on Docker Swarm, as zpm reconciles it.",
	.size = sizeof(struct zpm_platform),
	.fields = fields,
};
