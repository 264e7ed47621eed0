/* Moving a role, keeping a record of it, and seeing whether it can be done. */
#include "plan/failover.h"

#include "base/clock.h"
#include "model/mongo_object.h"
#include "plan/reconfigure.h"

#include <string.h>

#define ACTIVE "active"

static const char *single_role(const struct zpm_host *host)
{
	for (size_t i = 0; i < host->roles.n; i++)
		if (zpm_role_is_single(host->roles.v[i]))
			return host->roles.v[i];
	return NULL;
}

/* The same host with another role in the place of the one that one host alone can have. */
static struct zpm_host *with_role(const struct zpm_host *host, const char *role, struct zpm_arena *arena)
{
	struct zpm_host *changed = zpm_arena_alloc(arena, sizeof(*changed));

	*changed = *host;
	changed->roles = (struct zpm_strs){ 0 };
	changed->failover = role;
	zpm_strs_push(arena, &changed->roles, role);
	for (size_t i = 0; i < host->roles.n; i++)
		if (!zpm_role_is_single(host->roles.v[i]))
			zpm_strs_push(arena, &changed->roles, host->roles.v[i]);
	return changed;
}

static struct zpm_platform *copy_of(const struct zpm_platform *platform, struct zpm_arena *arena)
{
	struct zpm_platform *copy = zpm_arena_alloc(arena, sizeof(*copy));

	*copy = *platform;
	copy->hosts = (struct zpm_ptrs){ 0 };
	for (size_t i = 0; i < platform->hosts.n; i++)
		zpm_ptrs_push(arena, &copy->hosts, platform->hosts.v[i]);
	return copy;
}

static const struct zpm_host *host_with_role(
	const struct zpm_platform *platform, const char *role, const struct zpm_host *beside)
{
	for (size_t i = 0; i < platform->hosts.n; i++) {
		const struct zpm_host *host = platform->hosts.v[i];

		if (host != beside && zpm_strs_have(&host->roles, role))
			return host;
	}
	return NULL;
}

static const char *recorded_role(const struct zpm_objects *have, const struct zpm_host *host)
{
	const struct zpm_object *node = zpm_objects_find(have, ZPM_KIND_NODE, host->name);

	return node ? zpm_pairs_get(&((const struct zpm_swarm_node *)node->spec)->labels, ZPM_LABEL_FAILOVER)
		    : NULL;
}

/* Has the manifest changed in a way that leaves two hosts with one role? */
static bool is_contradictory(const struct zpm_platform *platform)
{
	for (size_t i = 0; i < platform->hosts.n; i++) {
		const struct zpm_host *host = platform->hosts.v[i];

		if (single_role(host) && host_with_role(platform, single_role(host), host))
			return true;
	}
	return false;
}

static const char *text_of(const struct zpm_platform *platform, struct zpm_arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < platform->hosts.n; i++) {
		const struct zpm_host *host = platform->hosts.v[i];

		if (host->failover)
			text = zpm_arena_printf(
				arena, "%s%s%s is %s", text, *text ? ", " : "", host->name, host->failover);
	}
	return text;
}

const struct zpm_platform *zpm_failover_recorded(const struct zpm_platform *declared,
	const struct zpm_objects *have, struct zpm_arena *arena, const char **note)
{
	struct zpm_platform *platform = copy_of(declared, arena);

	*note = NULL;
	for (size_t i = 0; i < platform->hosts.n; i++) {
		const struct zpm_host *host = platform->hosts.v[i];
		const char *role = recorded_role(have, host), *own = single_role(host);

		if (role && own && zpm_role_is_single(role) && strcmp(role, own) != 0)
			platform->hosts.v[i] = with_role(host, zpm_arena_strdup(arena, role), arena);
	}
	if (!zpm_failover_is_on(platform))
		return declared;
	if (is_contradictory(platform)) {
		*note = zpm_arena_printf(arena,
			"the record of a failover (%s) does not fit the manifest any more, and is dropped",
			text_of(platform, arena));
		return declared;
	}
	*note = zpm_arena_printf(arena,
		"by a failover, %s, where the manifest says otherwise: say so there, or call 'zpm failback'",
		text_of(platform, arena));
	return platform;
}

const char *zpm_failover_active(const struct zpm_platform *platform)
{
	const struct zpm_host *host = host_with_role(platform, ACTIVE, NULL);

	return host ? host->name : NULL;
}

bool zpm_failover_is_on(const struct zpm_platform *platform)
{
	for (size_t i = 0; i < platform->hosts.n; i++)
		if (((const struct zpm_host *)platform->hosts.v[i])->failover)
			return true;
	return false;
}

static const struct zpm_host *host_by_name(const struct zpm_platform *platform, const char *name)
{
	for (size_t i = 0; i < platform->hosts.n; i++) {
		const struct zpm_host *host = platform->hosts.v[i];

		if (!strcmp(host->name, name))
			return host;
	}
	return NULL;
}

static int check_target(const struct zpm_platform *platform, const struct zpm_host *host, const char *name,
	struct zpm_err *err)
{
	if (!host)
		return zpm_err_set(err, ZPM_EINVALID, "there is no host '%s'", name);
	if (!single_role(host))
		return zpm_err_set(err, ZPM_EINVALID,
			"host '%s' is neither passive nor secondary-active: it cannot become active", name);
	if (!strcmp(single_role(host), ACTIVE))
		return zpm_err_set(err, ZPM_EINVALID, "host '%s' is active already", name);
	if (zpm_host_is_down(host))
		return zpm_err_set(err, ZPM_EINVALID, "host '%s' is declared down", name);
	if (!zpm_failover_active(platform))
		return zpm_err_set(err, ZPM_EINVALID, "no host is active: the manifest has to say which is");
	return 0;
}

const struct zpm_platform *zpm_failover_to(
	const struct zpm_platform *platform, const char *name, struct zpm_arena *arena, struct zpm_err *err)
{
	const struct zpm_host *to = host_by_name(platform, name);
	const struct zpm_host *from = host_with_role(platform, ACTIVE, NULL);
	struct zpm_platform *moved;

	if (check_target(platform, to, name, err) < 0)
		return NULL;
	moved = copy_of(platform, arena);
	for (size_t i = 0; i < moved->hosts.n; i++) {
		if (moved->hosts.v[i] == to)
			moved->hosts.v[i] = with_role(to, ACTIVE, arena);
		else if (moved->hosts.v[i] == from)
			moved->hosts.v[i] = with_role(from, single_role(to), arena);
	}
	return moved;
}

static size_t count_voters(const struct zpm_set_view *view, bool up)
{
	size_t n = 0;

	for (size_t i = 0; i < view->config->members.n; i++) {
		const struct zpm_set_member *member = view->config->members.v[i];
		const struct zpm_member_view *seen = zpm_member_view_by_host(&view->members, member->host);

		n += member->votes && (!up || (seen && seen->state != ZPM_MEMBER_DOWN && !seen->trouble));
	}
	return n;
}

static const char *why_not_member(
	const struct zpm_set_view *view, const char *address, struct zpm_arena *arena)
{
	const struct zpm_member_view *member = zpm_member_view_by_host(&view->members, address);

	if (member && member->trouble)
		return member->trouble;
	if (!member || (member->state != ZPM_MEMBER_SECONDARY && member->state != ZPM_MEMBER_PRIMARY))
		return zpm_arena_printf(arena, "%s is %s, and no secondary", address,
			zpm_member_state_names[member ? member->state : ZPM_MEMBER_DOWN]);
	if (member->lag > ZPM_SUCCESSOR_LAG_MAX)
		return zpm_arena_printf(arena,
			"%s is %lld s behind the primary, and %lld s at most are allowed", address,
			(long long)(member->lag / ZPM_S), (long long)(ZPM_SUCCESSOR_LAG_MAX / ZPM_S));
	return NULL;
}

static const char *why_not_set(const struct zpm_desired_set *set, const struct zpm_set_view *view,
	const char *host, struct zpm_arena *arena)
{
	const char *why = NULL;

	if (!view || !view->config)
		return "it is not initiated, or nobody tells";
	if (2 * count_voters(view, true) <= count_voters(view, false))
		return zpm_arena_printf(arena, "%zu of %zu voters answer, which is no majority",
			count_voters(view, true), count_voters(view, false));
	if (!view->committed)
		return "a reconfiguration is under way";
	for (size_t i = 0; i < set->members.n && !why; i++) {
		const struct zpm_mongo_process *process = set->members.v[i];

		if (!strcmp(process->host_name, host) && zpm_mongo_member_may_lead(process->member))
			why = why_not_member(view, process->address, arena);
	}
	return why;
}

void zpm_failover_check(const struct zpm_objects *desired, const struct zpm_objects *have, const char *host,
	struct zpm_arena *arena, struct zpm_strs *why)
{
	for (size_t i = 0; i < desired->list.n; i++) {
		const struct zpm_object *want = desired->list.v[i], *seen;
		const char *text = NULL;

		if (zpm_kind_is_engines(want->kind->id))
			continue;
		seen = zpm_objects_find_real(have, want->kind->id, want->real);
		if (want->kind->id == ZPM_KIND_REPLICA_SET)
			text = why_not_set(want->set, seen ? seen->live->set : NULL, host, arena);
		else if (want->kind->id == ZPM_KIND_SHARD && seen && seen->live->trouble)
			text = seen->live->trouble;
		if (text)
			zpm_strs_push(arena, why,
				zpm_arena_printf(arena, "%s '%s': %s", want->kind->name, want->name, text));
	}
}
