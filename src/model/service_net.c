/*
 * Field tables and short forms of what ties a service to the outside: ports,
 * mounts and networks. The short forms are those of the Compose file.
 */
#include "model/rules.h"
#include "model/service.h"
#include "model/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct zpm_port, member)

static const char *const protocols[] = { "tcp", "udp", "sctp", NULL };
static const struct zpm_rule protocol_rule = { .expected = "tcp, udp or sctp", .choices = protocols };
static const char *const port_modes[] = { "ingress", "host", NULL };
static const struct zpm_rule port_mode_rule = { .expected = "ingress or host", .choices = port_modes };

static const struct zpm_field port_fields[] = {
	{ .name = "published",
		.type = ZPM_T_INT,
		.at = AT(published),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_KEY,
		.rule = &zpm_rule_port,
		.wire = "PublishedPort",
		.help = "The port outside; any free one when absent." },
	{ .name = "target",
		.type = ZPM_T_INT,
		.at = AT(target),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_REQUIRED | ZPM_KEY,
		.rule = &zpm_rule_port,
		.wire = "TargetPort",
		.help = "The port inside the container." },
	{ .name = "protocol",
		.type = ZPM_T_STRING,
		.at = AT(protocol),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_KEY,
		.value = "tcp",
		.rule = &protocol_rule,
		.wire = "Protocol",
		.help = "tcp, udp or sctp." },
	{ .name = "mode",
		.type = ZPM_T_STRING,
		.at = AT(mode),
		.cost = ZPM_COST_RESTART,
		.value = "ingress",
		.rule = &port_mode_rule,
		.wire = "PublishMode",
		.help = "ingress: on every node, balanced; host: on the node of the task." },
	{ 0 },
};

/* Reads a port number and the character after it. */
static const char *take_port(const char *text, int64_t *port, struct zpm_err *err)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (number < 1 || number > 65535) {
		zpm_err_set(err, ZPM_EINVALID, "port %.*s is not from 1 to 65535", (int)strcspn(text, ":/"),
			text);
		return NULL;
	}
	*port = (int64_t)number;
	return end;
}

/* "8081:8080/udp", "8080/udp", "8081:8080", "8080" */
static int parse_port(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_port *port = object;
	const char *at = take_port(text, &port->target, err);

	if (at && *at == ':') {
		port->published = port->target;
		at = take_port(at + 1, &port->target, err);
	}
	if (!at)
		return -1;
	if (*at == '/')
		port->protocol = zpm_arena_strdup(arena, at + 1);
	return 0;
}

static const char *format_port(const void *object, struct zpm_arena *arena)
{
	const struct zpm_port *port = object;
	const char *protocol = port->protocol ? port->protocol : "", *slash = port->protocol ? "/" : "";

	if (port->published == ZPM_UNSET)
		return zpm_arena_printf(arena, "%" PRId64 "%s%s", port->target, slash, protocol);
	return zpm_arena_printf(
		arena, "%" PRId64 ":%" PRId64 "%s%s", port->published, port->target, slash, protocol);
}

static const struct zpm_short port_brief = {
	.expected = "a port like '8080', '8081:8080' or '53:53/udp'",
	.pattern = "^[0-9]{1,5}(:[0-9]{1,5})?(/(tcp|udp|sctp))?$",
	.parse = parse_port,
	.format = format_port,
};

const struct zpm_shape zpm_port_shape = {
	.name = "port",
	.help = "A port of the containers made reachable from outside.",
	.size = sizeof(struct zpm_port),
	.fields = port_fields,
	.brief = &port_brief,
};

#undef AT
#define AT(member) offsetof(struct zpm_mount, member)

static const char *const mount_types[] = { "volume", "bind", "tmpfs", NULL };
static const struct zpm_rule mount_type_rule = { .expected = "volume, bind or tmpfs",
	.choices = mount_types };
static const char *const propagations[] = { "private", "rprivate", "shared", "rshared", "slave", "rslave",
	NULL };
static const struct zpm_rule propagation_rule = {
	.expected = "private, rprivate, shared, rshared, slave or rslave",
	.choices = propagations,
};
static const struct zpm_rule file_mode_rule = {
	.expected = "a file mode in decimal, at most 4095 (octal 7777)",
	.min = 0,
	.max = 07777,
};

static const struct zpm_field mount_fields[] = {
	{ .name = "type",
		.type = ZPM_T_STRING,
		.at = AT(type),
		.cost = ZPM_COST_RESTART,
		.value = "volume",
		.rule = &mount_type_rule,
		.wire = "Type",
		.help = "volume, bind (a folder of the host) or tmpfs (memory)." },
	{ .name = "source",
		.type = ZPM_T_STRING,
		.at = AT(source),
		.cost = ZPM_COST_RESTART,
		.rule = &zpm_rule_not_empty,
		.wire = "Source",
		.codec = ZPM_AS_VOLUME,
		.help = "The volume's name, or the folder of the host." },
	{ .name = "target",
		.type = ZPM_T_STRING,
		.at = AT(target),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_REQUIRED | ZPM_KEY,
		.rule = &zpm_rule_path,
		.wire = "Target",
		.help = "The path inside the container." },
	{ .name = "readOnly",
		.type = ZPM_T_BOOL,
		.at = AT(read_only),
		.cost = ZPM_COST_RESTART,
		.value = "false",
		.wire = "ReadOnly",
		.help = "The containers may not write." },
	{ .name = "propagation",
		.type = ZPM_T_STRING,
		.at = AT(propagation),
		.cost = ZPM_COST_RESTART,
		.rule = &propagation_rule,
		.wire = "BindOptions.Propagation",
		.help = "bind: whether mounts below show on the other side." },
	{ .name = "noCopy",
		.type = ZPM_T_BOOL,
		.at = AT(no_copy),
		.cost = ZPM_COST_RESTART,
		.wire = "VolumeOptions.NoCopy",
		.help = "volume: do not fill it with the image's files." },
	{ .name = "driver",
		.type = ZPM_T_STRING,
		.at = AT(driver),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_HIDDEN,
		.wire = "VolumeOptions.DriverConfig.Name" },
	{ .name = "driverOptions",
		.type = ZPM_T_MAP,
		.at = AT(driver_options),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_HIDDEN,
		.wire = "VolumeOptions.DriverConfig.Options" },
	{ .name = "volumeLabels",
		.type = ZPM_T_MAP,
		.at = AT(volume_labels),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_HIDDEN,
		.wire = "VolumeOptions.Labels" },
	{ .name = "size",
		.type = ZPM_T_SIZE,
		.at = AT(size),
		.cost = ZPM_COST_RESTART,
		.wire = "TmpfsOptions.SizeBytes",
		.help = "tmpfs: the most it may hold." },
	{ .name = "mode",
		.type = ZPM_T_INT,
		.at = AT(file_mode),
		.cost = ZPM_COST_RESTART,
		.rule = &file_mode_rule,
		.wire = "TmpfsOptions.Mode",
		.help = "tmpfs: its file mode." },
	{ 0 },
};

/* "SOURCE:/target[:ro]": a source that begins with '/' is a folder of the host. */
static int parse_mount(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_mount *mount = object;
	size_t source = strcspn(text, ":");
	const char *target = text + source + 1;
	size_t len = strcspn(target, ":");

	(void)err;
	mount->type = text[0] == '/' ? "bind" : "volume";
	mount->source = zpm_arena_strndup(arena, text, source);
	mount->target = zpm_arena_strndup(arena, target, len);
	if (target[len])
		mount->read_only = !strcmp(target + len, ":ro");
	return 0;
}

static const char *format_mount(const void *object, struct zpm_arena *arena)
{
	const struct zpm_mount *mount = object;

	if (!mount->source || !mount->target)
		return NULL;
	return zpm_arena_printf(
		arena, "%s:%s%s", mount->source, mount->target, mount->read_only == 1 ? ":ro" : "");
}

static const struct zpm_short mount_brief = {
	.expected = "a mount like 'data:/var/data', '/srv/data:/var/data' or 'data:/var/data:ro'",
	.pattern = "^[^:]+:/[^:]*(:(ro|rw))?$",
	.parse = parse_mount,
	.format = format_mount,
};

/* The Engine does not show a noCopy that is false. */
static void canonicalise_mount(void *object, struct zpm_arena *arena)
{
	struct zpm_mount *mount = object;

	(void)arena;
	if (mount->no_copy == 0)
		mount->no_copy = ZPM_UNSET;
}

const struct zpm_shape zpm_mount_shape = {
	.name = "mount",
	.help = "A volume, a folder of the host, or memory, mounted into the containers.",
	.size = sizeof(struct zpm_mount),
	.fields = mount_fields,
	.canonicalise = canonicalise_mount,
	.brief = &mount_brief,
};

#undef AT
#define AT(member) offsetof(struct zpm_attachment, member)

static const struct zpm_field attachment_fields[] = {
	{ .name = "name",
		.type = ZPM_T_STRING,
		.at = AT(name),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_REQUIRED | ZPM_KEY,
		.rule = &zpm_rule_object_name,
		.wire = "Target",
		.codec = ZPM_AS_NETWORK,
		.help = "The network." },
	{ .name = "aliases",
		.type = ZPM_T_SET,
		.at = AT(aliases),
		.cost = ZPM_COST_RESTART,
		.wire = "Aliases",
		.rule = &zpm_rule_not_empty,
		.help = "More names of the service in this network, beside its own." },
	{ 0 },
};

static int parse_attachment(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_attachment *attachment = object;

	(void)err;
	attachment->name = zpm_arena_strdup(arena, text);
	return 0;
}

static const char *format_attachment(const void *object, struct zpm_arena *arena)
{
	(void)arena;
	return ((const struct zpm_attachment *)object)->name;
}

static const struct zpm_short attachment_brief = {
	.expected = "the name of a network",
	.pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
	.parse = parse_attachment,
	.format = format_attachment,
};

const struct zpm_shape zpm_attachment_shape = {
	.name = "attachment",
	.help = "A network the service is in.",
	.size = sizeof(struct zpm_attachment),
	.fields = attachment_fields,
	.brief = &attachment_brief,
};
