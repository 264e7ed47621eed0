/* Hosts out of the labels of nodes, and the roles that services ask for out of constraints. */
#include "plan/importer.h"

#include "base/text.h"
#include "model/shape.h"
#include "plan/placement.h"

#include <string.h>

#define DRAINED "drain"

static void split(const char *list, struct zpm_strs *items, struct zpm_arena *arena)
{
	while (list && *list) {
		size_t len = strcspn(list, ",");

		zpm_strs_push(arena, items, zpm_arena_strndup(arena, list, len));
		list += len + (list[len] == ',');
	}
}

void zpm_importer_add_host(struct zpm_importer *im, const struct zpm_object *object)
{
	const struct zpm_swarm_node *node = object->spec;
	const char *name = zpm_pairs_get(&node->labels, ZPM_LABEL_HOST);
	struct zpm_host *host = zpm_shape_new(&zpm_host_shape, im->arena);
	struct zpm_strs own = { 0 };

	host->name = name ? name : object->real;
	host->node = strcmp(host->name, object->real) != 0 ? object->real : NULL;
	split(zpm_pairs_get(&node->labels, ZPM_LABEL_ROLE), &host->roles, im->arena);
	split(zpm_pairs_get(&node->labels, ZPM_LABEL_OWN), &own, im->arena);
	for (size_t i = 0; i < own.n; i++) {
		const char *value = zpm_pairs_get(&node->labels, own.v[i]);

		if (value)
			zpm_pairs_set(im->arena, &host->labels, own.v[i], value);
	}
	/* One that is down has lost its roles; one with roles was drained by somebody else. */
	if (!host->roles.n && node->availability && !strcmp(node->availability, DRAINED))
		host->state = "down";
	zpm_ptrs_push(im->arena, &im->platform->hosts, host);
}

/* The roles whose constraint this is; none when it is another one. */
static struct zpm_strs roles_of(const char *constraint, struct zpm_arena *arena)
{
	struct zpm_strs roles = { 0 };

	for (const char *const *role = zpm_roles; *role; role++) {
		const char *at = strstr(constraint, *role);
		size_t len = strlen(*role);

		/* "active" is a part of "secondary-active". */
		if (at && at[-1] == '.' && (at[len] == '.' || at[len] == ' '))
			zpm_strs_push(arena, &roles, *role);
	}
	return roles;
}

void zpm_importer_find_roles(struct zpm_importer *im, struct zpm_service *service)
{
	struct zpm_strs others = { 0 };

	service->runs_on = (struct zpm_strs){ 0 };
	if (!service->placement)
		return;
	for (size_t i = 0; i < service->placement->constraints.n; i++) {
		const char *constraint = service->placement->constraints.v[i];
		struct zpm_strs roles = { 0 };

		if (!service->runs_on.n && zpm_starts_with(constraint, "node.labels." ZPM_LABEL_PREFIX))
			roles = roles_of(constraint, im->arena);
		if (roles.n && !strcmp(constraint, zpm_roles_constraint(&roles, im->arena)))
			service->runs_on = roles;
		else
			zpm_strs_push(im->arena, &others, constraint);
	}
	service->placement->constraints = others;
}
