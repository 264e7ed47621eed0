/* Members and routers out of their sets. */
#include "model/mongo_process.h"

#include "base/index.h"
#include "model/shape.h"
#include "model/value.h"

#include <string.h>

static int64_t said(int64_t number, const char *name)
{
	const struct zpm_field *field = zpm_shape_field(&zpm_mongo_priorities_shape, name);

	if (number == ZPM_UNSET)
		(void)zpm_value_parse(field->type, field->value, &number);
	return number;
}

int64_t zpm_mongo_role_priority(const struct zpm_mongo *mongo, const struct zpm_host *host)
{
	static const struct zpm_mongo_priorities unset = { ZPM_UNSET, ZPM_UNSET, ZPM_UNSET, ZPM_UNSET };
	const struct zpm_mongo_priorities *p = mongo->priorities ? mongo->priorities : &unset;

	if (host && zpm_strs_have(&host->roles, "active"))
		return said(p->active, "active");
	if (host && zpm_strs_have(&host->roles, "secondary-active"))
		return said(p->secondary_active, "secondary-active");
	if (host && zpm_strs_have(&host->roles, "passive"))
		return said(p->passive, "passive");
	return said(p->others, "others");
}

bool zpm_mongo_process_is_down(const struct zpm_mongo_process *process)
{
	return process->host && zpm_host_is_down(process->host);
}

bool zpm_mongo_member_may_lead(const struct zpm_mongo_member *member)
{
	return member->arbiter <= 0 && member->hidden <= 0 && member->delay <= 0 && member->votes != 0;
}

/* What is being made, and what each is made with. */
struct making {
	struct zpm_arena *arena;
	struct zpm_index *hosts;
	struct zpm_ptrs *processes;
};

static const char *address_of(const struct making *m, const char *host, int64_t port)
{
	bool bare_ipv6 = strchr(host, ':') && host[0] != '[';

	return zpm_arena_printf(
		m->arena, "%s%s%s:%lld", bare_ipv6 ? "[" : "", host, bare_ipv6 ? "]" : "", (long long)port);
}

/* A set's name may hold dots, a service's may not. Host and port tell all of them apart. */
static const char *service_name(const struct making *m, const struct zpm_mongo_process *process)
{
	char *name;

	if (!process->set)
		return zpm_arena_printf(
			m->arena, "mongos-%s-%lld", process->host_name, (long long)process->port);
	name = zpm_arena_printf(m->arena, "mongo-%s-%s-%lld", process->set->replica_set, process->host_name,
		(long long)process->port);
	for (char *c = name; *c; c++)
		if (*c == '.')
			*c = '-';
	return name;
}

/* `own` and `common`: what is said of it itself, and of all like it. */
static void add(const struct making *m, struct zpm_mongo_process *process, const int64_t own[2],
	const int64_t common[2])
{
	/* What is not even named is a mistake that has been reported. */
	if (!process->host_name || (process->set && !process->set->replica_set))
		return;
	process->host = zpm_index_get(m->hosts, process->host_name);
	process->own_port = own[0] != ZPM_UNSET;
	process->port = process->own_port ? own[0] : common[0];
	process->managed = (own[1] != ZPM_UNSET ? own[1] : common[1]) != 0;
	process->address = address_of(
		m, process->host ? zpm_host_address(process->host) : process->host_name, process->port);
	process->service = service_name(m, process);
	zpm_ptrs_push(m->arena, m->processes, process);
}

static void add_set(
	const struct making *m, enum zpm_mongo_role role, const struct zpm_mongo_set *set, const char *path)
{
	for (size_t i = 0; set && i < set->members.n; i++) {
		const struct zpm_mongo_member *member = set->members.v[i];
		struct zpm_mongo_process *process = zpm_arena_alloc(m->arena, sizeof(*process));

		process->role = role;
		process->set = set;
		process->member = member;
		process->host_name = member->host;
		process->path = zpm_arena_printf(m->arena, "%s.members[%zu]", path, i);
		add(m, process, (int64_t[]){ member->port, member->managed },
			(int64_t[]){ set->port, set->managed });
	}
}

static void add_routers(const struct making *m, const struct zpm_mongo_routers *routers)
{
	for (size_t i = 0; routers && i < routers->hosts.n; i++) {
		const struct zpm_mongo_router *router = routers->hosts.v[i];
		struct zpm_mongo_process *process = zpm_arena_alloc(m->arena, sizeof(*process));

		process->role = ZPM_MONGO_ROUTER;
		process->host_name = router->host;
		process->path = zpm_arena_printf(m->arena, "mongo.routers.hosts[%zu]", i);
		add(m, process, (int64_t[]){ router->port, router->managed },
			(int64_t[]){ routers->port, routers->managed });
	}
}

void zpm_mongo_processes(
	const struct zpm_platform *platform, struct zpm_arena *arena, struct zpm_ptrs *processes)
{
	const struct zpm_mongo *mongo = platform->mongo;
	const struct making m = { arena, zpm_index_new(arena), processes };

	if (!mongo)
		return;
	for (size_t i = 0; i < platform->hosts.n; i++)
		zpm_index_add(
			m.hosts, ((const struct zpm_host *)platform->hosts.v[i])->name, platform->hosts.v[i]);
	add_set(&m, ZPM_MONGO_META, mongo->meta_db, "mongo.metaDB");
	add_set(&m, ZPM_MONGO_CONFIG, mongo->config_servers, "mongo.configServers");
	for (size_t i = 0; i < mongo->shards.n; i++) {
		const struct zpm_mongo_set *shard = mongo->shards.v[i];

		add_set(&m, ZPM_MONGO_SHARD, shard, zpm_arena_printf(arena, "mongo.shards.%s", shard->name));
	}
	add_routers(&m, mongo->routers);
}
