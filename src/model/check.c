/*
 * The platform as a whole: names, and what two of its parts must not both
 * have. Linear in its size: everything is looked up through an index, as a
 * platform may have ten thousand services.
 */
#include "model/check.h"

#include "base/index.h"
#include "base/text.h"
#include "model/check_parts.h"
#include "model/diag.h"
#include "model/nearest.h"
#include "model/rules.h"
#include "model/shape.h"
#include "model/value.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MSG_MAX 1024

static struct zpm_finding *ZPM_PRINTF(3, 0)
	add_finding(struct zpm_checker *c, const char *path, const char *fmt, va_list args)
{
	struct zpm_finding *finding = zpm_arena_alloc(c->arena, sizeof(*finding));
	char msg[MSG_MAX];

	vsnprintf(msg, sizeof(msg), fmt, args);
	finding->path = path;
	finding->patch = c->patch;
	finding->msg = zpm_arena_strdup(c->arena, msg);
	zpm_ptrs_push(c->arena, c->findings, finding);
	return finding;
}

void zpm_find(struct zpm_checker *c, const char *path, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_finding(c, path, fmt, args);
	va_end(args);
}

void zpm_find_unwise(struct zpm_checker *c, const char *path, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_finding(c, path, fmt, args)->warning = true;
	va_end(args);
}

/* Suggestions cost a look at all names: no more of them than will be shown. */
void zpm_find_missing(struct zpm_checker *c, const char *path, const char *kind, const char *name,
	const struct zpm_names *names)
{
	const char *hint = "";

	if (c->findings->n < ZPM_DIAGS_MAX)
		hint = zpm_nearest_hint(name, &names->list, c->arena);
	zpm_find(c, path, "there is no %s '%s'%s", kind, name, hint);
}

void zpm_names_init(struct zpm_names *names, struct zpm_arena *arena)
{
	names->index = zpm_index_new(arena);
}

void *zpm_names_add(struct zpm_names *names, const char *name, const void *value, struct zpm_arena *arena)
{
	void *old = zpm_index_add(names->index, name, (void *)(uintptr_t)value);

	if (!old)
		zpm_strs_push(arena, &names->list, name);
	return old;
}

void zpm_check_labels(struct zpm_checker *c, const char *path, const struct zpm_pairs *labels)
{
	for (size_t i = 0; i < labels->n; i++)
		if (zpm_starts_with(labels->v[i].key, ZPM_LABEL_PREFIX))
			zpm_find(c, zpm_arena_printf(c->arena, "%s.%s", path, labels->v[i].key),
				"labels that begin with '%s' are zpm's own", ZPM_LABEL_PREFIX);
}

void zpm_check_is_on(struct zpm_checker *c, const struct zpm_subject *subject, const char *path,
	const char *kind, const char *name, const char *when)
{
	if (!subject->off && !zpm_when_holds(when, c->features.index))
		zpm_find(c, path,
			"the %s '%s' is left out by its 'when: %s'; what uses it has to be left out with it",
			kind, name, when);
}

static void check_when(struct zpm_checker *c, const char *path, const char *when)
{
	if (when && !zpm_index_get(c->features.index, zpm_when_feature(when)))
		zpm_find_missing(c, zpm_arena_printf(c->arena, "%s.when", path), "feature",
			zpm_when_feature(when), &c->features);
}

static void collect_features(struct zpm_checker *c)
{
	for (size_t i = 0; i < c->platform->features.n; i++) {
		const struct zpm_feature *feature = c->platform->features.v[i];

		zpm_names_add(&c->features, feature->name, feature, c->arena);
	}
}

/* Swarm knows an object by the platform's name and its own. */
static void check_length(struct zpm_checker *c, const char *path, const char *name)
{
	const char *platform = c->platform->platform;
	size_t own = strlen(name), len;

	if (!platform || own > ZPM_NAME_MAX)
		return;
	len = strlen(platform) + strlen("_") + own;
	if (len > ZPM_NAME_MAX)
		zpm_find(c, path, "its name in Swarm, '%s_%s', is %zu characters long; at most %d", platform,
			name, len, ZPM_NAME_MAX);
}

void zpm_check_declared(struct zpm_checker *c, const struct zpm_declared *d, struct zpm_index *real_names)
{
	const char *real = d->real_name, *taken;

	if (!real && !d->external)
		check_length(c, d->path, d->name);
	if (!real && (d->external || !c->platform->platform))
		real = d->name;
	else if (!real)
		real = zpm_arena_printf(c->arena, "%s_%s", c->platform->platform, d->name);
	check_when(c, d->path, d->when);
	/* Of two for opposite cases only one is ever there. */
	taken = zpm_when_holds(d->when, c->features.index)
			? zpm_index_add(real_names, real, (void *)(uintptr_t)d->name)
			: NULL;
	if (taken)
		zpm_find(c, d->path, "the %s '%s' has this name in the Engine already: '%s'", d->kind, taken,
			real);
	if (d->external && d->extra)
		zpm_find(c, zpm_arena_printf(c->arena, "%s.%s", d->path, d->extra),
			"an external %s is made by somebody else; only its name can be given", d->kind);
}

const char *zpm_extra_field(const struct zpm_shape *shape, const void *object)
{
	ZPM_EACH_FIELD (field, shape) {
		if (field->flags & ZPM_HIDDEN || !strcmp(field->name, "name") ||
			!strcmp(field->name, "external") || !strcmp(field->name, "when"))
			continue;
		if (!zpm_field_is_unset(field, object))
			return field->name;
	}
	return NULL;
}

static void check_subnets(struct zpm_checker *c, const struct zpm_network *network, const char *path)
{
	struct zpm_index *seen;

	if (network->ipam.n < 2)
		return;
	seen = zpm_index_new(c->arena);
	for (size_t i = 0; i < network->ipam.n; i++) {
		const struct zpm_subnet *subnet = network->ipam.v[i];

		if (subnet->subnet && zpm_index_add(seen, subnet->subnet, network->ipam.v[i]))
			zpm_find(c, zpm_arena_printf(c->arena, "%s.ipam[%zu]", path, i),
				"the subnet %s is listed twice", subnet->subnet);
	}
}

/* Swarm is stricter with networks than Docker: https://github.com/moby/swarmkit, validateAnnotations */
static void check_network_name(struct zpm_checker *c, const struct zpm_network *network, const char *path)
{
	const char *name = network->real_name ? network->real_name : network->name;

	if (zpm_network_is_predefined(network->name))
		zpm_find(c, path, "every Engine has a network of this name; choose another one");
	else if (network->external != 1 && !zpm_rule_allows_text(&zpm_rule_service_name, name) &&
		 zpm_rule_allows_text(&zpm_rule_object_name, name))
		zpm_find(c, network->real_name ? zpm_arena_printf(c->arena, "%s.name", path) : path,
			"'%s' is no name for a network in Swarm: expected %s", name,
			zpm_rule_service_name.expected);
}

static void check_networks(struct zpm_checker *c)
{
	struct zpm_index *real_names = zpm_index_new(c->arena);

	for (size_t i = 0; i < c->platform->networks.n; i++) {
		const struct zpm_network *network = c->platform->networks.v[i];
		const char *path = zpm_arena_printf(c->arena, "networks.%s", network->name);

		zpm_names_add(&c->networks, network->name, network, c->arena);
		zpm_check_declared(c,
			&(struct zpm_declared){ .kind = "network",
				.name = network->name,
				.real_name = network->real_name,
				.when = network->when,
				.path = path,
				.external = network->external == 1,
				.extra = zpm_extra_field(&zpm_network_shape, network) },
			real_names);
		check_network_name(c, network, path);
		check_subnets(c, network, path);
		zpm_check_labels(c, zpm_arena_printf(c->arena, "%s.labels", path), &network->labels);
	}
}

/* NFS is the local driver with options: what else would set them contradicts it. */
static void check_nfs(struct zpm_checker *c, const struct zpm_volume *volume, const char *path)
{
	const struct zpm_nfs *nfs = volume->nfs;

	if (!nfs)
		return;
	if (volume->driver && strcmp(volume->driver, "local") != 0)
		zpm_find(c, zpm_arena_printf(c->arena, "%s.driver", path),
			"nfs is mounted by the driver local; leave the driver out");
	if (volume->driver_options.n)
		zpm_find(c, zpm_arena_printf(c->arena, "%s.driverOptions", path),
			"nfs and driverOptions exclude each other; nfs.options takes mount options");
	if (nfs->options && (zpm_starts_with(nfs->options, "addr=") || strstr(nfs->options, ",addr=")))
		zpm_find(c, zpm_arena_printf(c->arena, "%s.nfs.options", path),
			"the address is taken from server; leave addr out");
}

static void check_volumes(struct zpm_checker *c)
{
	struct zpm_index *real_names = zpm_index_new(c->arena);

	for (size_t i = 0; i < c->platform->volumes.n; i++) {
		const struct zpm_volume *volume = c->platform->volumes.v[i];
		const char *path = zpm_arena_printf(c->arena, "volumes.%s", volume->name);
		bool external = volume->external == 1;

		zpm_names_add(&c->volumes, volume->name, volume, c->arena);
		zpm_check_declared(c,
			&(struct zpm_declared){ .kind = "volume",
				.name = volume->name,
				.real_name = volume->real_name,
				.when = volume->when,
				.path = path,
				.external = external,
				.extra = zpm_extra_field(&zpm_volume_shape, volume) },
			real_names);
		if (!external)
			check_nfs(c, volume, path);
		zpm_check_labels(c, zpm_arena_printf(c->arena, "%s.labels", path), &volume->labels);
	}
}

static const struct zpm_service *with_defaults(struct zpm_checker *c, const struct zpm_service *own)
{
	struct zpm_service *full;

	if (!c->platform->defaults)
		return own;
	full = zpm_shape_copy(&zpm_service_shape, own, c->arena);
	zpm_shape_merge(&zpm_service_shape, full, c->platform->defaults, c->arena);
	return full;
}

/* All services have to be known before the first is checked. */
static void collect(struct zpm_checker *c)
{
	for (int tier = 0; c->platform->services && tier < ZPM_TIER_COUNT; tier++) {
		const struct zpm_ptrs *services = &c->platform->services->services[tier];

		for (size_t i = 0; i < services->n; i++) {
			struct zpm_subject *subject = zpm_arena_alloc(c->arena, sizeof(*subject));
			const struct zpm_subject *other;

			subject->own = services->v[i];
			subject->full = with_defaults(c, subject->own);
			subject->off = !zpm_when_holds(subject->full->when, c->features.index);
			subject->tier = (enum zpm_tier)tier;
			subject->path = zpm_arena_printf(
				c->arena, "services.%s.%s", zpm_tier_names[tier], subject->own->name);
			zpm_ptrs_push(c->arena, &c->subjects, subject);
			other = zpm_names_add(&c->services, subject->own->name, subject, c->arena);
			if (other)
				zpm_find(c, subject->path,
					"there is a service '%s' in the tier %s already; one name means one "
					"service",
					subject->own->name, zpm_tier_names[other->tier]);
		}
	}
}

/* Who has a published port: in ingress mode it is taken on every node, in host mode where a task runs. */
struct holder {
	const struct zpm_subject *ingress, *host;
};

static void check_port(
	struct zpm_checker *c, const struct zpm_subject *subject, size_t i, struct zpm_index *holders)
{
	const struct zpm_port *port = subject->full->ports.v[i];
	bool host = port->mode && !strcmp(port->mode, "host");
	const struct zpm_subject *other;
	struct holder *holder, *known;
	const char *key, *path = subject->path;

	if (port->published == ZPM_UNSET)
		return;
	key = zpm_arena_printf(
		c->arena, "%" PRId64 "/%s", port->published, port->protocol ? port->protocol : "tcp");
	holder = zpm_arena_alloc(c->arena, sizeof(*holder));
	known = zpm_index_add(holders, key, holder);
	if (known)
		holder = known;
	other = holder->ingress;
	if (!other && (!host || holder->host == subject))
		other = holder->host;
	if (subject->own->ports.n)
		path = zpm_arena_printf(c->arena, "%s.ports[%zu]", path, i);
	if (other == subject)
		zpm_find(c, path, "this service publishes port %s twice", key);
	else if (other)
		zpm_find(c, path, "port %s is published by the service '%s' already", key, other->own->name);
	if (host)
		holder->host = subject;
	else if (!holder->ingress)
		holder->ingress = subject;
}

static void check_ports(struct zpm_checker *c)
{
	struct zpm_index *holders = zpm_index_new(c->arena);

	for (size_t i = 0; i < c->subjects.n; i++) {
		const struct zpm_subject *subject = c->subjects.v[i];

		for (size_t j = 0; !subject->off && j < subject->full->ports.n; j++)
			check_port(c, subject, j, holders);
	}
}

/* Two services of one key have been reported already; what they are called in Swarm is no news then. */
static void check_service_name(
	struct zpm_checker *c, const struct zpm_subject *subject, struct zpm_index *real_names)
{
	const struct zpm_service *own = subject->own;

	if (!subject->off && zpm_index_get(c->services.index, own->name) == subject) {
		zpm_check_declared(c,
			&(struct zpm_declared){ .kind = "service",
				.name = own->name,
				.real_name = own->real_name,
				.path = subject->path,
				.when = own->when },
			real_names);
		return;
	}
	check_when(c, subject->path, own->when);
	if (!own->real_name)
		check_length(c, subject->path, own->name);
}

static void check_defaults(struct zpm_checker *c)
{
	const struct zpm_service *defaults = c->platform->defaults;
	struct zpm_subject subject = {
		.own = defaults, .full = defaults, .path = "defaults", .tier = ZPM_TIER_NONE
	};

	if (!defaults)
		return;
	subject.off = !zpm_when_holds(defaults->when, c->features.index);
	check_when(c, subject.path, defaults->when);
	if (defaults->real_name)
		zpm_find(c, "defaults.name", "is one service's; services cannot share a name");
	zpm_check_service(c, &subject);
	zpm_check_dependencies(c, &subject);
}

static void check_engine(struct zpm_checker *c)
{
	const struct zpm_engine_config *engine = c->platform->engine;
	const struct zpm_tls *tls = engine ? engine->tls : NULL;

	if (tls && !tls->cert != !tls->key)
		zpm_find(c, "engine.tls", "'cert' and 'key' belong together: '%s' is missing",
			tls->cert ? "key" : "cert");
}

void zpm_platform_check(
	const struct zpm_platform *platform, struct zpm_arena *arena, struct zpm_ptrs *findings)
{
	struct zpm_checker c = { .platform = platform, .arena = arena, .findings = findings };
	struct zpm_index *service_names = zpm_index_new(arena);

	zpm_names_init(&c.features, arena);
	zpm_names_init(&c.networks, arena);
	zpm_names_init(&c.volumes, arena);
	zpm_names_init(&c.secrets, arena);
	zpm_names_init(&c.configs, arena);
	zpm_names_init(&c.services, arena);
	zpm_mongo_processes(platform, arena, &c.processes);
	check_engine(&c);
	zpm_check_hosts(&c);
	collect_features(&c);
	check_networks(&c);
	check_volumes(&c);
	zpm_check_secrets(&c);
	collect(&c);
	zpm_collect_mongo(&c);
	check_defaults(&c);
	for (size_t i = 0; i < c.subjects.n; i++) {
		const struct zpm_subject *subject = c.subjects.v[i];

		check_service_name(&c, subject, service_names);
		zpm_check_service(&c, subject);
		zpm_check_dependencies(&c, subject);
	}
	zpm_check_apps(&c);
	check_ports(&c);
	zpm_check_patches(&c);
	zpm_check_cycles(&c);
	zpm_check_mongo(&c);
	zpm_check_ignored(&c);
	zpm_check_api(&c);
	zpm_check_notify(&c);
}
