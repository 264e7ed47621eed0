/* Roles as Swarm can understand them. */
#include "plan/placement.h"

#include "base/text.h"
#include "model/shape.h"

#include <string.h>

#define LABEL_KEY "node.labels."
#define IS        " == "
#define IS_TRUE   IS "true"

/* The sets of several roles that any service asks for. */
static void find_sets(const struct zpm_platform *platform, struct zpm_ptrs *sets, struct zpm_arena *arena)
{
	if (platform->defaults && platform->defaults->runs_on.n)
		zpm_ptrs_push(arena, sets, &platform->defaults->runs_on);
	for (int tier = 0; platform->services && tier < ZPM_TIER_COUNT; tier++) {
		const struct zpm_ptrs *services = &platform->services->services[tier];

		for (size_t i = 0; i < services->n; i++) {
			struct zpm_service *service = services->v[i];

			if (service->runs_on.n)
				zpm_ptrs_push(arena, sets, &service->runs_on);
		}
	}
}

static const char *joined(const struct zpm_strs *roles, struct zpm_arena *arena)
{
	const struct zpm_strs sorted = zpm_roles_sorted(roles, arena);
	const char *text = "";

	for (size_t i = 0; i < sorted.n; i++)
		text = zpm_arena_printf(arena, "%s%s%s", text, i ? "," : "", sorted.v[i]);
	return text;
}

static void add_role_labels(const struct zpm_host *host, const struct zpm_ptrs *sets,
	struct zpm_pairs *labels, struct zpm_arena *arena)
{
	for (size_t i = 0; i < host->roles.n; i++) {
		struct zpm_strs one = { .v = &host->roles.v[i], .n = 1 };

		zpm_pairs_set(arena, labels, zpm_roles_label(&one, arena), "true");
	}
	for (size_t i = 0; i < sets->n; i++)
		if (zpm_host_has_role(host, sets->v[i]))
			zpm_pairs_set(arena, labels, zpm_roles_label(sets->v[i], arena), "true");
	if (host->roles.n)
		zpm_pairs_set(arena, labels, ZPM_LABEL_ROLE, joined(&host->roles, arena));
}

static void add_own_labels(const struct zpm_host *host, struct zpm_pairs *labels, struct zpm_arena *arena)
{
	struct zpm_strs names = { 0 };

	for (size_t i = 0; i < host->labels.n; i++) {
		zpm_pairs_set(arena, labels, host->labels.v[i].key, host->labels.v[i].value);
		zpm_strs_push(arena, &names, host->labels.v[i].key);
	}
	if (names.n)
		zpm_pairs_set(arena, labels, ZPM_LABEL_OWN, joined(&names, arena));
}

static void expand_host(const struct zpm_host *host, const struct zpm_ptrs *sets, struct zpm_objects *objects)
{
	struct zpm_arena *arena = objects->arena;
	struct zpm_swarm_node *node = zpm_shape_new(&zpm_node_shape, arena);
	struct zpm_object *object = zpm_arena_alloc(arena, sizeof(*object));
	bool down = zpm_host_is_down(host);

	node->name = host->name;
	if (host->state)
		node->availability = down ? "drain" : "active";
	zpm_pairs_set(arena, &node->labels, ZPM_LABEL_PLATFORM, objects->platform);
	zpm_pairs_set(arena, &node->labels, ZPM_LABEL_HOST, host->name);
	if (host->failover)
		zpm_pairs_set(arena, &node->labels, ZPM_LABEL_FAILOVER, host->failover);
	if (!down)
		add_role_labels(host, sets, &node->labels, arena);
	add_own_labels(host, &node->labels, arena);
	object->kind = &zpm_kinds[ZPM_KIND_NODE];
	object->name = host->name;
	object->real = host->node ? host->node : host->name;
	object->tier = ZPM_TIER_NONE;
	object->spec = node;
	zpm_objects_add(objects, object);
}

void zpm_expand_hosts(const struct zpm_platform *platform, struct zpm_objects *objects)
{
	struct zpm_ptrs sets = { 0 };

	find_sets(platform, &sets, objects->arena);
	for (size_t i = 0; i < platform->hosts.n; i++)
		expand_host(platform->hosts.v[i], &sets, objects);
}

const char *zpm_roles_constraint(const struct zpm_strs *roles, struct zpm_arena *arena)
{
	return zpm_arena_printf(arena, LABEL_KEY "%s" IS_TRUE, zpm_roles_label(roles, arena));
}

static void constrain(struct zpm_service *service, const char *constraint, struct zpm_arena *arena)
{
	struct zpm_strs constraints = { 0 };

	if (!service->placement)
		service->placement = zpm_shape_new(&zpm_placement_shape, arena);
	for (size_t i = 0; i < service->placement->constraints.n; i++)
		zpm_strs_push(arena, &constraints, service->placement->constraints.v[i]);
	zpm_strs_push(arena, &constraints, constraint);
	service->placement->constraints = constraints;
}

void zpm_pin_to_host(struct zpm_service *service, const struct zpm_host *host, struct zpm_arena *arena)
{
	constrain(service, zpm_arena_printf(arena, LABEL_KEY ZPM_LABEL_HOST IS "%s", host->name), arena);
}

void zpm_expand_runs_on(struct zpm_service *service, struct zpm_arena *arena)
{
	if (service->runs_on.n)
		constrain(service, zpm_roles_constraint(&service->runs_on, arena), arena);
}

/* "node.labels.zpm.role.active == true", "node.labels.zpm.host == soar-a", which the node meets or not; what
 * is not zpm's own is met. */
static bool meets(const char *constraint, const struct zpm_swarm_node *node)
{
	const char *key = constraint + strlen(LABEL_KEY);
	size_t len;

	if (!zpm_starts_with(constraint, LABEL_KEY ZPM_LABEL_PREFIX))
		return true;
	len = strcspn(key, " ");
	if (!zpm_starts_with(key + len, IS))
		return true;
	for (size_t i = 0; i < node->labels.n; i++)
		if (!strncmp(node->labels.v[i].key, key, len) && !node->labels.v[i].key[len])
			return !strcmp(node->labels.v[i].value, key + len + strlen(IS));
	return false;
}

bool zpm_placement_allows(const struct zpm_service *service, const struct zpm_swarm_node *node)
{
	if (node->availability && !strcmp(node->availability, "drain"))
		return false;
	for (size_t i = 0; service->placement && i < service->placement->constraints.n; i++)
		if (!meets(service->placement->constraints.v[i], node))
			return false;
	return true;
}
