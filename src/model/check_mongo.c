/*
 * The section `mongo` as a whole: hosts, ports and secrets that it names, and
 * what its parts need of each other.
 */
#include "base/index.h"
#include "base/text.h"
#include "model/check_parts.h"
#include "model/shape.h"

#include <string.h>

/* What runs a process, as far as others may collide with it. */
static struct zpm_subject *subject_of(struct zpm_checker *c, const struct zpm_mongo_process *process)
{
	struct zpm_subject *subject = zpm_arena_alloc(c->arena, sizeof(*subject));
	struct zpm_service *own = zpm_shape_new(&zpm_service_shape, c->arena), *full;
	struct zpm_port *port = zpm_shape_new(&zpm_port_shape, c->arena);

	own->name = process->service;
	full = zpm_shape_copy(&zpm_service_shape, own, c->arena);
	port->target = port->published = process->port;
	port->mode = "host";
	zpm_ptrs_push(c->arena, &full->ports, port);
	subject->own = own;
	subject->full = full;
	subject->path = process->path;
	subject->tier = ZPM_TIER_SYSTEM;
	return subject;
}

/* Services depend on all of the section by one name, which nothing else can have then. */
static void collect_all(struct zpm_checker *c)
{
	struct zpm_subject *all = zpm_arena_alloc(c->arena, sizeof(*all));
	struct zpm_service *service = zpm_shape_new(&zpm_service_shape, c->arena);
	const struct zpm_subject *other;

	service->name = ZPM_MONGO_ALL;
	all->own = all->full = service;
	all->path = "mongo";
	all->tier = ZPM_TIER_SYSTEM;
	other = zpm_names_add(&c->services, ZPM_MONGO_ALL, all, c->arena);
	if (other)
		zpm_find(c, other->path,
			"'%s' stands for all services of the section mongo; choose another name",
			ZPM_MONGO_ALL);
}

void zpm_collect_mongo(struct zpm_checker *c)
{
	if (!c->platform->mongo)
		return;
	collect_all(c);
	for (size_t i = 0; i < c->processes.n; i++) {
		const struct zpm_mongo_process *process = c->processes.v[i];
		struct zpm_subject *subject;
		const struct zpm_subject *other;

		if (!process->managed || process->port == ZPM_UNSET)
			continue;
		subject = subject_of(c, process);
		other = zpm_names_add(&c->services, process->service, subject, c->arena);
		/* Two processes of one host and port are reported as what they are. */
		if (!other)
			zpm_ptrs_push(c->arena, &c->subjects, subject);
		else if (zpm_starts_with(other->path, "services."))
			zpm_find(c, other->path, "'%s' is what runs %s; choose another name",
				process->service, process->path);
	}
}

/* Two of them in one place, and places that nobody knows. */
static void check_places(struct zpm_checker *c)
{
	struct zpm_index *taken = zpm_index_new(c->arena);
	struct zpm_names hosts = { 0 };

	zpm_names_init(&hosts, c->arena);
	for (size_t i = 0; i < c->platform->hosts.n; i++)
		zpm_names_add(&hosts, ((const struct zpm_host *)c->platform->hosts.v[i])->name,
			c->platform->hosts.v[i], c->arena);
	for (size_t i = 0; i < c->processes.n; i++) {
		const struct zpm_mongo_process *process = c->processes.v[i], *other;

		if (process->managed && !process->host)
			zpm_find_missing(c, zpm_arena_printf(c->arena, "%s.host", process->path), "host",
				process->host_name, &hosts);
		if (process->port == ZPM_UNSET) {
			zpm_find(c, process->path, "has no port; write '%s:PORT', or give its %s a port",
				process->host_name, process->set ? "set" : "routers");
			continue;
		}
		other = zpm_index_add(taken, process->address, c->processes.v[i]);
		if (other)
			zpm_find(c, process->path, "%s is taken by %s already; each needs a port of its own",
				process->address, other->path);
	}
}

/* Each container has a localhost of its own, unless it is in the network of the machine. */
static void check_local(struct zpm_checker *c)
{
	const struct zpm_service *own = c->platform->mongo->service, *defaults = c->platform->defaults;
	const struct zpm_mongo_process *local = NULL;
	size_t managed = 0;

	if ((own && zpm_service_is_in(own, "host")) || (defaults && zpm_service_is_in(defaults, "host")))
		return;
	for (size_t i = 0; i < c->processes.n; i++) {
		const struct zpm_mongo_process *process = c->processes.v[i];

		managed += process->managed;
		if (!local && process->managed && zpm_address_is_local(process->address))
			local = process;
	}
	if (local && managed > 1)
		zpm_find(c, local->path,
			"%s is out of reach for the other members, unless all are in the network 'host'; "
			"give its host another address, or mongo.service `networks: [host]`",
			local->address);
}

static void check_secret(struct zpm_checker *c, const char *path, const char *name)
{
	if (name && !zpm_index_get(c->secrets.index, name))
		zpm_find_missing(c, path, "secret", name, &c->secrets);
}

static bool runs_any(const struct zpm_checker *c)
{
	for (size_t i = 0; i < c->processes.n; i++)
		if (((const struct zpm_mongo_process *)c->processes.v[i])->managed)
			return true;
	return false;
}

static void check_password(struct zpm_checker *c, const struct zpm_mongo_auth *auth)
{
	const struct zpm_secret *secret =
		auth->password_secret ? zpm_index_get(c->secrets.index, auth->password_secret) : NULL;
	bool any = auth->password_file || auth->password_secret;

	check_secret(c, "mongo.auth.passwordSecret", auth->password_secret);
	if (auth->password_file && auth->password_secret)
		zpm_find(
			c, "mongo.auth.passwordSecret", "passwordFile and passwordSecret exclude each other");
	else if (auth->username && !any)
		zpm_find(c, "mongo.auth", "'%s' has no password; name its passwordFile or passwordSecret",
			auth->username);
	else if (any && !auth->username)
		zpm_find(c, "mongo.auth", "'username' is missing: the password has to be somebody's");
	if (secret && secret->external == 1)
		zpm_find(c, "mongo.auth.passwordSecret",
			"Swarm does not tell the content of the external secret '%s'; use passwordFile",
			secret->name);
}

static void check_auth(struct zpm_checker *c)
{
	const struct zpm_mongo_auth *auth = c->platform->mongo->auth;

	if (!auth)
		return;
	check_secret(c, "mongo.auth.keyFile", auth->key_file);
	check_password(c, auth);
	if (!auth->key_file && auth->username && runs_any(c))
		zpm_find(c, "mongo.auth",
			"'keyFile' is missing: without one the members that zpm runs ask nobody for a "
			"password");
}

static void check_tls(struct zpm_checker *c)
{
	const struct zpm_mongo_tls *tls = c->platform->mongo->tls;

	if (!tls)
		return;
	check_secret(c, "mongo.tls.serverCertificate", tls->server_certificate);
	check_secret(c, "mongo.tls.serverCa", tls->server_ca);
	if (!tls->server_certificate && runs_any(c))
		zpm_find(c, "mongo.tls",
			"'serverCertificate' is missing: the members that zpm runs need one for TLS");
}

static bool has_router(const struct zpm_mongo *mongo)
{
	return mongo->routers && mongo->routers->hosts.n;
}

/* Routers learn of shards from config servers; zpm adds shards through a router. */
static void check_parts(struct zpm_checker *c)
{
	const struct zpm_mongo *mongo = c->platform->mongo;

	if (mongo->shards.n && !mongo->config_servers)
		zpm_find(c, "mongo.shards", "shards need config servers; declare configServers");
	else if (mongo->shards.n && !has_router(mongo))
		zpm_find(c, "mongo.shards", "shards need a router to be added through; declare routers");
	if (has_router(mongo) && !mongo->config_servers)
		zpm_find(c, "mongo.routers", "routers need config servers; declare configServers");
	if (mongo->server_info && !mongo->meta_db)
		zpm_find(c, "mongo.serverInfo", "is kept in metaDB, which is not declared");
	if (!mongo->image && runs_any(c))
		zpm_find(c, "mongo", "'image' is missing: what mongod and mongos are run from");
}

/* Both sides of addShard and of a client's connection go by the set's name. */
static void check_sets(struct zpm_checker *c)
{
	const struct zpm_mongo *mongo = c->platform->mongo;
	struct zpm_index *names = zpm_index_new(c->arena);
	const size_t fixed = 2;

	for (size_t i = 0; i < fixed + mongo->shards.n; i++) {
		const struct zpm_mongo_set *set =
			i == 0 ? mongo->meta_db
			       : (i == 1 ? mongo->config_servers : mongo->shards.v[i - fixed]);
		enum zpm_mongo_role role = i < fixed ? (enum zpm_mongo_role)i : ZPM_MONGO_SHARD;
		const char *path = i == 0 ? "mongo.metaDB" : "mongo.configServers", *other;

		if (!set)
			continue;
		if (role == ZPM_MONGO_SHARD)
			path = zpm_arena_printf(c->arena, "mongo.shards.%s", set->name);
		zpm_check_mongo_set(c, role, set, path);
		other = set->replica_set ? zpm_index_add(names, set->replica_set, (void *)(uintptr_t)path)
					 : NULL;
		if (other)
			zpm_find(c, zpm_arena_printf(c->arena, "%s.replicaSet", path),
				"%s is called '%s' already; each replica set needs a name of its own", other,
				set->replica_set);
	}
}

/* The active host is to have the primaries. */
static void check_priorities(struct zpm_checker *c)
{
	const struct zpm_mongo_priorities *p = c->platform->mongo->priorities;
	const struct zpm_mongo_priorities *full;

	if (!p)
		return;
	full = zpm_shape_copy(&zpm_mongo_priorities_shape, p, c->arena);
	zpm_shape_canonicalise(&zpm_mongo_priorities_shape, (void *)(uintptr_t)full, c->arena);
	if (full->active < full->secondary_active || full->active < full->passive ||
		full->active < full->others)
		zpm_find_unwise(c, "mongo.priorities",
			"the active host has not the highest priority, so primaries are elsewhere");
}

/* What the section says itself of its services. */
static const char *const said[] = { "name", "adopt", "image", "command", "args", "envFile", "ports", "mode",
	"replicas", "dependsOn", "when", "runsOn" };

static void check_fragment(struct zpm_checker *c)
{
	const struct zpm_service *service = c->platform->mongo->service;
	const struct zpm_subject subject = {
		.own = service, .full = service, .path = "mongo.service", .tier = ZPM_TIER_NONE
	};

	if (!service)
		return;
	for (size_t i = 0; i < ZPM_COUNT(said); i++)
		if (!zpm_field_is_unset(zpm_shape_field(&zpm_service_shape, said[i]), service))
			zpm_find(c, zpm_arena_printf(c->arena, "mongo.service.%s", said[i]),
				"the section mongo says that of its services itself; leave it out");
	if (service->update && service->update->order && !strcmp(service->update->order, "start-first"))
		zpm_find(c, "mongo.service.update.order",
			"two tasks of one member would want the same port and data; use stop-first");
	if (!service->runs_on.n)
		zpm_check_service(c, &subject);
}

void zpm_check_mongo(struct zpm_checker *c)
{
	if (!c->platform->mongo)
		return;
	check_places(c);
	check_local(c);
	check_parts(c);
	check_sets(c);
	check_priorities(c);
	check_auth(c);
	check_tls(c);
	check_fragment(c);
}
