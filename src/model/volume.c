/*
 * The field table of a volume. The Engine cannot change a volume, and data
 * lives in it: every row that reaches the Engine costs a replacement.
 */
#include "model/volume.h"

#include "model/feature.h"
#include "model/rules.h"

#define AT(member) offsetof(struct zpm_nfs, member)

static const struct zpm_field nfs_fields[] = {
	{ .name = "server",
		.type = ZPM_T_STRING,
		.at = AT(server),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_not_empty,
		.help = "The server's name or address." },
	{ .name = "path",
		.type = ZPM_T_STRING,
		.at = AT(path),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_path,
		.help = "The path the server exports." },
	{ .name = "options",
		.type = ZPM_T_STRING,
		.at = AT(options),
		.value = "rw",
		.help = "Mount options, comma-separated, without addr." },
	{ 0 },
};

static const struct zpm_shape nfs_shape = {
	.name = "nfs",
	.help = "An export of an NFS server.",
	.size = sizeof(struct zpm_nfs),
	.fields = nfs_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_volume, member)

static const char *const policies[] = { "keep", "recreate", "refuse", NULL };
static const struct zpm_rule on_change_rule = { .expected = "keep, recreate or refuse", .choices = policies };

static const struct zpm_field fields[] = {
	{ .name = "name",
		.type = ZPM_T_STRING,
		.at = AT(real_name),
		.rule = &zpm_rule_object_name,
		.help = "The Engine's name of it; <platform>_<key> by itself." },
	{ .name = "key",
		.type = ZPM_T_STRING,
		.at = AT(name),
		.flags = ZPM_KEY | ZPM_HIDDEN,
		.rule = &zpm_rule_object_name },
	{ .name = "external",
		.type = ZPM_T_BOOL,
		.at = AT(external),
		.help = "Made by somebody else: used, never changed; its Engine name is `name` or the key." },
	{ .name = "adopt",
		.type = ZPM_T_BOOL,
		.at = AT(adopt),
		.help = "Use the one of this name that is there already and belongs to nobody, if it is as "
			"declared." },
	{ .name = "nfs",
		.type = ZPM_T_OBJECT,
		.at = AT(nfs),
		.shape = &nfs_shape,
		.help = "An export of an NFS server, mounted by each node that runs a task." },
	{ .name = "onChange",
		.type = ZPM_T_STRING,
		.at = AT(on_change),
		.rule = &on_change_rule,
		.help = "When it is not as declared, which the Engine cannot change: keep it, recreate it "
			"(with the services that use it), or refuse. By itself recreated where no data is "
			"lost." },
	{ .name = "when",
		.type = ZPM_T_STRING,
		.at = AT(when),
		.rule = &zpm_rule_when,
		.help = "The feature it is there for: a name, or '!' and a name for its absence." },
	{ .name = "driver",
		.type = ZPM_T_STRING,
		.at = AT(driver),
		.cost = ZPM_COST_REPLACE,
		.value = "local",
		.rule = &zpm_rule_not_empty,
		.wire = "Driver",
		.help = "The volume driver." },
	{ .name = "driverOptions",
		.type = ZPM_T_MAP,
		.at = AT(driver_options),
		.cost = ZPM_COST_REPLACE,
		.wire = "Options",
		.help = "Options of the driver." },
	{ .name = "labels",
		.type = ZPM_T_MAP,
		.at = AT(labels),
		.cost = ZPM_COST_REPLACE,
		.flags = ZPM_PAIR_LIST,
		.wire = "Labels",
		.help = "Labels of the volume." },
	{ 0 },
};

const struct zpm_shape zpm_volume_shape = {
	.name = "volume",
	.help = "A named volume.",
	.size = sizeof(struct zpm_volume),
	.fields = fields,
};
