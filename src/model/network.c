/*
 * The field table of a network. Swarm has no update for networks, so nearly
 * every row costs a replacement.
 */
#include "model/network.h"

#include "model/feature.h"
#include "model/rules.h"

#include <string.h>

bool zpm_network_is_predefined(const char *name)
{
	return !strcmp(name, "host") || !strcmp(name, "bridge") || !strcmp(name, "none") ||
	       !strcmp(name, "ingress");
}

static const struct zpm_rule subnet_rule = {
	.expected = "a subnet like '10.20.0.0/16'",
	.pattern = "^[0-9A-Fa-f.:]+/[0-9]{1,3}$",
};

#define AT(member) offsetof(struct zpm_subnet, member)

static const struct zpm_field subnet_fields[] = {
	{ .name = "subnet",
		.type = ZPM_T_STRING,
		.at = AT(subnet),
		.cost = ZPM_COST_REPLACE,
		.rule = &subnet_rule,
		.flags = ZPM_REQUIRED | ZPM_KEY,
		.wire = "Subnet",
		.help = "The subnet in CIDR notation." },
	{ .name = "gateway",
		.type = ZPM_T_STRING,
		.at = AT(gateway),
		.cost = ZPM_COST_REPLACE,
		.rule = &zpm_rule_address,
		.flags = ZPM_AUTO,
		.wire = "Gateway",
		.help = "The gateway's address; the subnet's first by itself." },
	{ .name = "ipRange",
		.type = ZPM_T_STRING,
		.at = AT(ip_range),
		.cost = ZPM_COST_REPLACE,
		.rule = &subnet_rule,
		.wire = "IPRange",
		.help = "The part of the subnet that tasks get addresses from." },
	{ 0 },
};

static const struct zpm_shape subnet_shape = {
	.name = "subnet",
	.help = "An address range of a network.",
	.size = sizeof(struct zpm_subnet),
	.fields = subnet_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_network, member)

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
	{ .name = "when",
		.type = ZPM_T_STRING,
		.at = AT(when),
		.rule = &zpm_rule_when,
		.help = "The feature it is there for: a name, or '!' and a name for its absence." },
	{ .name = "adopt",
		.type = ZPM_T_BOOL,
		.at = AT(adopt),
		.help = "Use the one of this name that is there already and belongs to nobody, if it is as "
			"declared." },
	{ .name = "driver",
		.type = ZPM_T_STRING,
		.at = AT(driver),
		.cost = ZPM_COST_REPLACE,
		.value = "overlay",
		.rule = &zpm_rule_not_empty,
		.wire = "Driver",
		.help = "The network driver." },
	{ .name = "attachable",
		.type = ZPM_T_BOOL,
		.at = AT(attachable),
		.cost = ZPM_COST_REPLACE,
		.value = "false",
		.wire = "Attachable",
		.help = "Containers outside Swarm may join." },
	{ .name = "internal",
		.type = ZPM_T_BOOL,
		.at = AT(internal),
		.cost = ZPM_COST_REPLACE,
		.value = "false",
		.wire = "Internal",
		.help = "No way out of the network." },
	{ .name = "ipv6",
		.type = ZPM_T_BOOL,
		.at = AT(ipv6),
		.cost = ZPM_COST_REPLACE,
		.value = "false",
		.wire = "EnableIPv6",
		.help = "Addresses of IPv6 too." },
	{ .name = "ipam",
		.type = ZPM_T_OBJECTS,
		.at = AT(ipam),
		.cost = ZPM_COST_REPLACE,
		.flags = ZPM_LISTED | ZPM_AUTO,
		.shape = &subnet_shape,
		.wire = "IPAM.Config",
		.help = "Address ranges; the Engine chooses one when none is given." },
	{ .name = "options",
		.type = ZPM_T_MAP,
		.at = AT(options),
		.cost = ZPM_COST_REPLACE,
		.wire = "Options",
		.help = "Options of the driver." },
	{ .name = "labels",
		.type = ZPM_T_MAP,
		.at = AT(labels),
		.cost = ZPM_COST_REPLACE,
		.flags = ZPM_PAIR_LIST,
		.wire = "Labels",
		.help = "Labels of the network." },
	{ 0 },
};

const struct zpm_shape zpm_network_shape = {
	.name = "network",
	.help = "A network that services attach to.",
	.size = sizeof(struct zpm_network),
	.fields = fields,
};
