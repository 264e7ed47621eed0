/* Hosts: roles that one host at most can have, and services that no host would run. */
#include "base/index.h"
#include "model/check_parts.h"

#include <string.h>

/* Who has a role that must be single. */
static void check_roles(
	struct zpm_checker *c, const struct zpm_host *host, const char *path, struct zpm_index *holders)
{
	const char *single = NULL;

	for (size_t i = 0; i < host->roles.n; i++) {
		const char *role = host->roles.v[i];
		const struct zpm_host *other;

		if (!*role || !zpm_role_is_single(role))
			continue;
		if (single && strcmp(single, role) != 0)
			zpm_find(c, path, "a host cannot be %s and %s at once", single, role);
		single = role;
		other = zpm_index_add(holders, role, (void *)(uintptr_t)host);
		if (other && other != host)
			zpm_find(c, path, "the host '%s' is %s already, and only one can be", other->name,
				role);
	}
}

void zpm_check_hosts(struct zpm_checker *c)
{
	struct zpm_index *holders = zpm_index_new(c->arena), *nodes = zpm_index_new(c->arena);

	for (size_t i = 0; i < c->platform->hosts.n; i++) {
		const struct zpm_host *host = c->platform->hosts.v[i], *other;
		const char *path = zpm_arena_printf(c->arena, "hosts.%s", host->name);
		const char *node = host->node ? host->node : host->name;

		check_roles(c, host, path, holders);
		other = zpm_index_add(nodes, node, (void *)(uintptr_t)host);
		if (other)
			zpm_find(c, path, "the host '%s' is the node '%s' already", other->name, node);
		zpm_check_labels(c, zpm_arena_printf(c->arena, "%s.labels", path), &host->labels);
	}
}

void zpm_check_runs_on(struct zpm_checker *c, const struct zpm_subject *subject)
{
	const struct zpm_strs *roles = &subject->own->runs_on;

	if (!roles->n)
		return;
	for (size_t i = 0; i < c->platform->hosts.n; i++)
		if (zpm_host_has_role(c->platform->hosts.v[i], roles))
			return;
	zpm_find(c, zpm_arena_printf(c->arena, "%s.runsOn", subject->path),
		c->platform->hosts.n ? "no host has such a role"
				     : "there are no hosts; declare them under hosts");
}
