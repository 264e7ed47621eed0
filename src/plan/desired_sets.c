/* Priorities and votes out of roles and states, set by set. */
#include "plan/desired_sets.h"

#include "model/shape.h"

#define SECOND INT64_C(1000000000)

/* A set in the making. */
struct making {
	const struct zpm_mongo *mongo;
	struct zpm_arena *arena;
	struct zpm_desired_set *set;
	size_t voters, voters_up;
	bool may_lead; /* one that is up may be primary */
};

static bool is_up(const struct zpm_mongo_process *process)
{
	return !zpm_mongo_process_is_down(process);
}

/* The priority it has while its host is up. */
static int64_t priority_of(const struct making *m, const struct zpm_mongo_process *process)
{
	if (!zpm_mongo_member_may_lead(process->member))
		return 0;
	if (process->member->priority != ZPM_UNSET)
		return process->member->priority;
	return zpm_mongo_role_priority(m->mongo, process->host);
}

static void count(struct making *m)
{
	for (size_t i = 0; i < m->set->members.n; i++) {
		const struct zpm_mongo_process *process = m->set->members.v[i];
		bool votes = process->member->votes != 0, up = is_up(process);

		m->voters += votes;
		m->voters_up += votes && up;
		m->may_lead |= up && priority_of(m, process) > 0;
	}
}

static bool majority_is_up(const struct making *m)
{
	return 2 * m->voters_up > m->voters;
}

/* Only what the manifest says: the rest stays as it is. */
static struct zpm_set_member *declared_member(const struct making *m, const struct zpm_mongo_process *process)
{
	const struct zpm_mongo_member *declared = process->member;
	struct zpm_set_member *member = zpm_shape_new(&zpm_set_member_shape, m->arena);

	member->host = process->address;
	member->arbiter_only = declared->arbiter == 1;
	member->votes = declared->votes != 0;
	member->priority = priority_of(m, process);
	member->hidden = declared->hidden;
	member->tags = declared->tags;
	if (declared->delay != ZPM_UNSET)
		member->delay = declared->delay / SECOND;
	return member;
}

static void note(const struct making *m, const struct zpm_mongo_process *process, const char *what)
{
	zpm_strs_push(m->arena, &m->set->notes,
		zpm_arena_printf(m->arena, "%s keeps its %s though the host '%s' is declared down: %s",
			process->address, what, process->host_name,
			m->may_lead ? "too few other voters are up for a majority"
				    : "no other member could be primary"));
}

/* Its host is down. An arbiter has nothing to lose: it has to vote. */
static void step_aside(
	const struct making *m, const struct zpm_mongo_process *process, struct zpm_set_member *member)
{
	if (!m->may_lead) {
		if (member->priority)
			note(m, process, "priority");
		return;
	}
	member->priority = 0;
	if (member->arbiter_only || !member->votes)
		return;
	if (majority_is_up(m))
		member->votes = 0;
	else
		note(m, process, "vote");
}

static void make_members(struct making *m)
{
	count(m);
	for (size_t i = 0; i < m->set->members.n; i++) {
		const struct zpm_mongo_process *process = m->set->members.v[i];
		struct zpm_set_member *member = declared_member(m, process);

		if (!is_up(process))
			step_aside(m, process, member);
		zpm_ptrs_push(m->arena, &m->set->config->members, member);
	}
}

static void add_set(struct zpm_desired_sets *sets, const struct zpm_mongo *mongo,
	const struct zpm_ptrs *processes, const struct zpm_mongo_set *declared, enum zpm_mongo_role role,
	struct zpm_arena *arena)
{
	struct making m = { .mongo = mongo, .arena = arena };
	struct zpm_replica_set *config;

	if (!declared)
		return;
	m.set = zpm_arena_alloc(arena, sizeof(*m.set));
	m.set->role = role;
	m.set->shard = declared->name;
	m.set->config = config = zpm_shape_new(&zpm_replica_set_shape, arena);
	config->name = declared->replica_set;
	config->configsvr = role == ZPM_MONGO_CONFIG;
	config->settings = declared->settings;
	for (size_t i = 0; i < processes->n; i++) {
		const struct zpm_mongo_process *process = processes->v[i];

		if (process->set == declared)
			zpm_ptrs_push(arena, &m.set->members, processes->v[i]);
	}
	make_members(&m);
	zpm_ptrs_push(arena, &sets->sets, m.set);
}

static void add_routers(
	struct zpm_desired_sets *sets, const struct zpm_ptrs *processes, struct zpm_arena *arena)
{
	for (int up = 1; up >= 0; up--)
		for (size_t i = 0; i < processes->n; i++) {
			const struct zpm_mongo_process *process = processes->v[i];

			if (process->role == ZPM_MONGO_ROUTER && is_up(process) == up)
				zpm_strs_push(arena, &sets->routers, process->address);
		}
}

/* The role that one host at most can have, else the first of the others; NULL: none. */
static const char *type_of(const struct zpm_host *host)
{
	for (size_t i = 0; i < host->roles.n; i++)
		if (zpm_role_is_single(host->roles.v[i]))
			return host->roles.v[i];
	return host->roles.n ? host->roles.v[0] : NULL;
}

static void add_server(struct zpm_desired_sets *sets, const struct zpm_host *host, struct zpm_arena *arena)
{
	struct zpm_server_info *server;

	if (!type_of(host))
		return;
	server = zpm_arena_alloc(arena, sizeof(*server));
	server->host = zpm_host_address(host);
	server->type = type_of(host);
	server->state = zpm_host_is_down(host) ? "down" : "up";
	zpm_ptrs_push(arena, &sets->servers, server);
}

struct zpm_desired_sets *zpm_desired_sets(const struct zpm_platform *platform, struct zpm_arena *arena)
{
	struct zpm_desired_sets *sets = zpm_arena_alloc(arena, sizeof(*sets));
	const struct zpm_mongo *mongo = platform->mongo;
	struct zpm_ptrs processes = { 0 };

	if (!mongo)
		return sets;
	zpm_mongo_processes(platform, arena, &processes);
	add_set(sets, mongo, &processes, mongo->meta_db, ZPM_MONGO_META, arena);
	add_set(sets, mongo, &processes, mongo->config_servers, ZPM_MONGO_CONFIG, arena);
	for (size_t i = 0; i < mongo->shards.n; i++)
		add_set(sets, mongo, &processes, mongo->shards.v[i], ZPM_MONGO_SHARD, arena);
	add_routers(sets, &processes, arena);
	for (size_t i = 0; mongo->server_info && i < platform->hosts.n; i++)
		add_server(sets, platform->hosts.v[i], arena);
	return sets;
}
