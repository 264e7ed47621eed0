/*
 * Members and routers as services. A member listens on one port inside and
 * outside, published where its task runs: so that it is known to itself, to
 * the others and to clients under one name.
 */
#include "plan/topology.h"

#include "model/shape.h"
#include "plan/placement.h"

#include <string.h>

#define DATA_PATH   "/data/db"
#define SECRETS     "/run/secrets/"
#define OWNER_ONLY  0400
#define GRACE       (60 * INT64_C(1000000000)) /* a primary hands over and writes all down first */
#define DEFAULT_UID 999

void zpm_topology_init(
	struct zpm_topology *topology, const struct zpm_platform *platform, struct zpm_arena *arena)
{
	*topology = (struct zpm_topology){ .platform = platform, .arena = arena };
	zpm_mongo_processes(platform, arena, &topology->processes);
	for (size_t i = 0; i < topology->processes.n; i++) {
		const struct zpm_mongo_process *process = topology->processes.v[i];

		if (process->managed)
			zpm_strs_push(arena, &topology->services, process->service);
	}
}

/* A service in the making. */
struct making {
	const struct zpm_topology *topology;
	const struct zpm_mongo_process *process;
	struct zpm_service *service;
	struct zpm_arena *arena;
};

static void say(const struct making *m, const char *word)
{
	zpm_strs_push(m->arena, &m->service->command, word);
}

static void say_two(const struct making *m, const char *option, const char *value)
{
	say(m, option);
	say(m, value);
}

/* Defaults are for services whose program nobody knows here: only what suits any program is taken. */
static const char *const from_defaults[] = { "networks", "labels", "containerLabels", "logging", "restart",
	"extraHosts", "dns", "dnsSearch", "dnsOptions", "init", "pin" };

static void merge_defaults(const struct making *m)
{
	const struct zpm_service *defaults = m->topology->platform->defaults;
	struct zpm_service *some = zpm_shape_new(&zpm_service_shape, m->arena);

	for (size_t i = 0; defaults && i < ZPM_COUNT(from_defaults); i++)
		zpm_field_assign(zpm_shape_field(&zpm_service_shape, from_defaults[i]), some, defaults);
	zpm_shape_merge(&zpm_service_shape, m->service, some, m->arena);
}

static struct zpm_service *new_service(const struct making *m)
{
	const struct zpm_service *fragment = m->topology->platform->mongo->service;

	return fragment ? zpm_shape_copy(&zpm_service_shape, fragment, m->arena)
			: zpm_shape_new(&zpm_service_shape, m->arena);
}

/* Only mongod's user can read it, as mongod demands of key files. */
static void add_secret(const struct making *m, const char *name)
{
	int64_t uid = m->topology->platform->mongo->uid;
	struct zpm_file *file;

	/* The CA may be in the file with the certificate. */
	for (size_t i = 0; i < m->service->secrets.n; i++) {
		file = m->service->secrets.v[i];
		if (!file->target && !strcmp(file->source, name))
			return;
	}
	file = zpm_shape_new(&zpm_secret_file_shape, m->arena);
	file->source = name;
	file->uid = zpm_arena_printf(m->arena, "%lld", (long long)(uid == ZPM_UNSET ? DEFAULT_UID : uid));
	file->mode = OWNER_ONLY;
	zpm_ptrs_push(m->arena, &m->service->secrets, file);
}

static void say_secret(const struct making *m, const char *option, const char *name)
{
	if (!name)
		return;
	add_secret(m, name);
	say_two(m, option, zpm_arena_printf(m->arena, SECRETS "%s", name));
}

static void say_security(const struct making *m)
{
	const struct zpm_mongo *mongo = m->topology->platform->mongo;

	if (mongo->auth)
		say_secret(m, "--keyFile", mongo->auth->key_file);
	if (!mongo->tls || !mongo->tls->server_certificate)
		return;
	say_two(m, "--tlsMode", mongo->tls->mode ? mongo->tls->mode : "requireTLS");
	say_secret(m, "--tlsCertificateKeyFile", mongo->tls->server_certificate);
	if (!mongo->tls->server_ca)
		return;
	say_secret(m, "--tlsCAFile", mongo->tls->server_ca);
	/* Clients log in by password; members know each other by the key file. */
	say(m, "--tlsAllowConnectionsWithoutCertificates");
}

static void say_all(const struct making *m, const struct zpm_strs *words)
{
	for (size_t i = 0; i < words->n; i++)
		say(m, words->v[i]);
}

static void say_port(const struct making *m)
{
	const char *address = m->process->address;

	say_two(m, "--port", zpm_arena_printf(m->arena, "%lld", (long long)m->process->port));
	/* Where nobody else is to come, nobody else is let in. */
	if (zpm_address_is_local(address) && address[0] != '[' && zpm_service_is_in(m->service, "host"))
		say_two(m, "--bind_ip", zpm_arena_strndup(m->arena, address, strcspn(address, ":")));
	else
		say(m, "--bind_ip_all");
	/* Which means IPv4 by itself. */
	if (m->process->address[0] == '[')
		say(m, "--ipv6");
}

static void say_mongod(const struct making *m)
{
	say(m, "mongod");
	say_two(m, "--replSet", m->process->set->replica_set);
	say_port(m);
	say_two(m, "--dbpath", DATA_PATH);
	if (m->process->role == ZPM_MONGO_CONFIG)
		say(m, "--configsvr");
	else if (m->process->role == ZPM_MONGO_SHARD)
		say(m, "--shardsvr");
	say_security(m);
	say_all(m, &m->process->set->args);
}

/* "cfg/soar-a:27019,soar-b:27019" */
static const char *config_db(const struct making *m)
{
	const char *text = NULL;

	for (size_t i = 0; i < m->topology->processes.n; i++) {
		const struct zpm_mongo_process *process = m->topology->processes.v[i];

		if (process->role != ZPM_MONGO_CONFIG)
			continue;
		text = text ? zpm_arena_printf(m->arena, "%s,%s", text, process->address)
			    : zpm_arena_printf(
				      m->arena, "%s/%s", process->set->replica_set, process->address);
	}
	return text;
}

static void say_mongos(const struct making *m)
{
	say(m, "mongos");
	say_two(m, "--configdb", config_db(m));
	say_port(m);
	say_security(m);
	say_all(m, &m->topology->platform->mongo->routers->args);
}

/* Routers get nothing done before the config servers are there. */
static void wait_for_config_servers(const struct making *m)
{
	for (size_t i = 0; i < m->topology->processes.n; i++) {
		const struct zpm_mongo_process *process = m->topology->processes.v[i];

		if (process->role == ZPM_MONGO_CONFIG && process->managed)
			zpm_strs_push(m->arena, &m->service->depends_on, process->service);
	}
}

static void publish_port(const struct making *m)
{
	struct zpm_port *port = zpm_shape_new(&zpm_port_shape, m->arena);

	port->target = port->published = m->process->port;
	port->mode = "host";
	zpm_ptrs_push(m->arena, &m->service->ports, port);
}

static void mount_data(const struct making *m)
{
	struct zpm_mount *mount = zpm_shape_new(&zpm_mount_shape, m->arena);

	mount->source = m->process->service;
	mount->target = DATA_PATH;
	zpm_ptrs_push(m->arena, &m->service->volumes, mount);
}

struct zpm_service *zpm_topology_service(
	const struct zpm_topology *topology, const struct zpm_mongo_process *process)
{
	struct making m = { topology, process, NULL, topology->arena };

	m.service = new_service(&m);
	merge_defaults(&m);
	m.service->name = process->service;
	m.service->image = topology->platform->mongo->image;
	m.service->replicas = zpm_host_is_down(process->host) ? 0 : 1;
	if (m.service->stop_grace_period == ZPM_UNSET)
		m.service->stop_grace_period = GRACE;
	if (process->set) {
		say_mongod(&m);
		mount_data(&m);
	} else {
		say_mongos(&m);
		wait_for_config_servers(&m);
	}
	/* In the network of the host it listens there by itself. */
	if (!zpm_service_is_in(m.service, "host"))
		publish_port(&m);
	zpm_pin_to_host(m.service, process->host, m.arena);
	return m.service;
}

struct zpm_volume *zpm_topology_volume(
	const struct zpm_topology *topology, const struct zpm_mongo_process *process)
{
	const struct zpm_ptrs *declared = &topology->platform->volumes;
	struct zpm_volume *volume;

	if (!process->set)
		return NULL;
	for (size_t i = 0; i < declared->n; i++)
		if (!strcmp(((const struct zpm_volume *)declared->v[i])->name, process->service))
			return NULL;
	volume = zpm_shape_new(&zpm_volume_shape, topology->arena);
	volume->name = process->service;
	return volume;
}
