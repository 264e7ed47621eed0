/* The field tables of hosts and of the nodes they are. */
#include "model/host.h"

#include "base/text.h"
#include "model/rules.h"

#include <stdlib.h>
#include <string.h>

#define LOCALHOST "localhost"

const char *const zpm_roles[] = { "active", "passive", "secondary-active", "service", "db", NULL };

bool zpm_role_is_single(const char *role)
{
	return !strcmp(role, "active") || !strcmp(role, "passive") || !strcmp(role, "secondary-active");
}

#define AT(member) offsetof(struct zpm_host, member)

static const char *const states[] = { "up", "down", NULL };
static const struct zpm_rule state_rule = { .expected = "up or down", .choices = states };

static const struct zpm_field host_fields[] = {
	{ .name = "name",
		.type = ZPM_T_STRING,
		.at = AT(name),
		.flags = ZPM_KEY | ZPM_HIDDEN,
		.rule = &zpm_rule_service_name },
	{ .name = "address",
		.type = ZPM_T_STRING,
		.at = AT(address),
		.rule = &zpm_rule_not_empty,
		.help = "Its name or address in the network." },
	{ .name = "roles",
		.type = ZPM_T_SET,
		.at = AT(roles),
		.flags = ZPM_SINGLE,
		.rule = &zpm_rule_role,
		.help = "What it is for: active, passive, secondary-active (one host each), service, db." },
	{ .name = "node",
		.type = ZPM_T_STRING,
		.at = AT(node),
		.rule = &zpm_rule_not_empty,
		.help = "The Swarm node's host name or id, or `self`, the node of a Swarm that has no other; "
			"the host's name by itself." },
	{ .name = "state",
		.type = ZPM_T_STRING,
		.at = AT(state),
		.rule = &state_rule,
		.help = "down: no task runs there, and it plays no role; up: they may. Left as it is when "
			"absent." },
	{ .name = "labels",
		.type = ZPM_T_MAP,
		.at = AT(labels),
		.flags = ZPM_PAIR_LIST,
		.help = "More labels of the node." },
	{ .name = "engine",
		.type = ZPM_T_OBJECT,
		.at = AT(engine),
		.shape = &zpm_engine_shape,
		.help = "How to reach its own Engine, for what only that one knows: its volumes." },
	{ 0 },
};

const struct zpm_shape zpm_host_shape = {
	.name = "host",
	.help = "A machine of the platform: a node of the Swarm.",
	.size = sizeof(struct zpm_host),
	.fields = host_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_swarm_node, member)

static const struct zpm_field node_fields[] = {
	{ .name = "key", .type = ZPM_T_STRING, .at = AT(name), .flags = ZPM_KEY | ZPM_HIDDEN },
	{ .name = "availability",
		.type = ZPM_T_STRING,
		.at = AT(availability),
		.cost = ZPM_COST_RESTART,
		.flags = ZPM_HIDDEN | ZPM_AUTO,
		.wire = "Availability" },
	{ .name = "labels",
		.type = ZPM_T_MAP,
		.at = AT(labels),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_HIDDEN,
		.wire = "Labels" },
	{ 0 },
};

const struct zpm_shape zpm_node_shape = {
	.name = "node",
	.help = "A node of the Swarm.",
	.size = sizeof(struct zpm_swarm_node),
	.fields = node_fields,
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct zpm_strs zpm_roles_sorted(const struct zpm_strs *roles, struct zpm_arena *arena)
{
	struct zpm_strs sorted = { 0 };

	for (size_t i = 0; i < roles->n; i++)
		if (!zpm_strs_have(&sorted, roles->v[i]))
			zpm_strs_push(arena, &sorted, roles->v[i]);
	if (sorted.n)
		qsort(sorted.v, sorted.n, sizeof(*sorted.v), by_name);
	return sorted;
}

const char *zpm_roles_label(const struct zpm_strs *roles, struct zpm_arena *arena)
{
	const struct zpm_strs sorted = zpm_roles_sorted(roles, arena);
	const char *label = sorted.n > 1 ? ZPM_LABEL_ROLES : ZPM_LABEL_ROLE;

	for (size_t i = 0; i < sorted.n; i++)
		label = zpm_arena_printf(arena, "%s.%s", label, sorted.v[i]);
	return label;
}

bool zpm_host_has_role(const struct zpm_host *host, const struct zpm_strs *roles)
{
	for (size_t i = 0; i < roles->n; i++)
		if (zpm_strs_have(&host->roles, roles->v[i]))
			return true;
	return false;
}

const char *zpm_host_address(const struct zpm_host *host)
{
	if (host->address)
		return host->address;
	if (host->node)
		return strcmp(host->node, ZPM_NODE_SELF) != 0 ? host->node : LOCALHOST;
	return host->name;
}

bool zpm_address_is_local(const char *address)
{
	size_t n = strlen(LOCALHOST);

	return (!strncmp(address, LOCALHOST, n) && (!address[n] || address[n] == ':')) ||
	       zpm_starts_with(address, "127.") || zpm_starts_with(address, "[::1]");
}

bool zpm_host_is_down(const struct zpm_host *host)
{
	return host->state && !strcmp(host->state, "down");
}
