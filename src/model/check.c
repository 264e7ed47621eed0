/*
 * Checks across the whole platform. Linear in its size: every look-up goes
 * through an index, as a platform may have ten thousand services.
 */
#include "model/check.h"

#include "base/index.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

struct checker {
	const struct zpm_platform *platform;
	struct zpm_arena *arena;
	struct zpm_ptrs *findings;
	struct zpm_index *networks, *volumes, *services, *ports;
};

/* A service and where it stands; its color is for the search for cycles. */
struct entry {
	const struct zpm_service *service;
	enum zpm_tier tier;
	const char *path;
	enum { UNSEEN, OPEN, DONE } color;
};

static void add(const struct checker *c, const char *path, const char *msg)
{
	struct zpm_finding *finding = zpm_arena_alloc(c->arena, sizeof(*finding));

	finding->path = path;
	finding->msg = msg;
	zpm_ptrs_push(c->arena, c->findings, finding);
}

#define FIND(c, path, ...) add(c, path, zpm_arena_printf((c)->arena, __VA_ARGS__))
#define BELOW(c, ...)      zpm_arena_printf((c)->arena, __VA_ARGS__)

static bool is(const char *a, const char *b)
{
	return a && !strcmp(a, b);
}

/* What the service itself says, else what the defaults say. */
static const struct zpm_ptrs *networks_of(const struct checker *c, const struct zpm_service *service)
{
	if (service->networks.n || !c->platform->defaults)
		return &service->networks;
	return &c->platform->defaults->networks;
}

/* Swarm knows the object under the platform's name and its own. */
static void check_length(const struct checker *c, const char *path, const char *name)
{
	size_t len = strlen(c->platform->platform) + 1 + strlen(name);

	if (len > ZPM_NAME_MAX && strlen(name) <= ZPM_NAME_MAX)
		FIND(c, path, "'%s' is called '%s_%s' in Swarm, which has %zu characters; %d is the most",
			name, c->platform->platform, name, len, ZPM_NAME_MAX);
}

static void check_labels(const struct checker *c, const char *path, const struct zpm_pairs *labels)
{
	for (size_t i = 0; i < labels->n; i++)
		if (zpm_starts_with(labels->v[i].key, ZPM_LABEL_PREFIX))
			FIND(c, BELOW(c, "%s.%s", path, labels->v[i].key),
				"labels that begin with '%s' are zpm's own", ZPM_LABEL_PREFIX);
}

static const char *nearest_name(const struct zpm_ptrs *list, const char *name)
{
	const char *nearest = NULL;
	size_t least = 1 + strlen(name) / 3;

	/* Every object's first member is its name. */
	for (size_t i = 0; i < list->n; i++) {
		const char *other = *(const char *const *)list->v[i];
		size_t distance = zpm_edit_distance(other, name);

		if (distance <= least) {
			nearest = other;
			least = distance;
		}
	}
	return nearest;
}

static void report_missing(
	const struct checker *c, const char *path, const char *kind, const char *name, const char *nearest)
{
	if (nearest)
		FIND(c, path, "there is no %s '%s'; did you mean '%s'?", kind, name, nearest);
	else
		FIND(c, path, "there is no %s '%s'", kind, name);
}

static void check_networks(const struct checker *c)
{
	for (size_t i = 0; i < c->platform->networks.n; i++) {
		const struct zpm_network *network = c->platform->networks.v[i];
		const char *path = BELOW(c, "networks.%s", network->name);

		zpm_index_add(c->networks, network->name, (void *)(uintptr_t)network);
		if (zpm_network_is_predefined(network->name) && network->external != 1)
			FIND(c, path, "'%s' is a network of the Engine's own", network->name);
		if (!network->real_name && network->external != 1)
			check_length(c, path, network->name);
		if (network->external == 1 &&
			(network->driver || network->options.n || network->labels.n || network->ipam.n ||
				network->attachable != ZPM_UNSET || network->internal != ZPM_UNSET ||
				network->ipv6 != ZPM_UNSET))
			FIND(c, path, "an external network is somebody else's: only its name can be given");
		check_labels(c, BELOW(c, "%s.labels", path), &network->labels);
	}
}

static void check_volumes(const struct checker *c)
{
	for (size_t i = 0; i < c->platform->volumes.n; i++) {
		const struct zpm_volume *volume = c->platform->volumes.v[i];
		const char *path = BELOW(c, "volumes.%s", volume->name);

		zpm_index_add(c->volumes, volume->name, (void *)(uintptr_t)volume);
		if (!volume->real_name && volume->external != 1)
			check_length(c, path, volume->name);
		if (volume->nfs && (volume->driver || volume->driver_options.n))
			FIND(c, BELOW(c, "%s.nfs", path),
				"nfs says driver and driverOptions by itself: drop the others");
		if (volume->external == 1 &&
			(volume->nfs || volume->driver || volume->driver_options.n || volume->labels.n))
			FIND(c, path, "an external volume is somebody else's: only its name can be given");
		check_labels(c, BELOW(c, "%s.labels", path), &volume->labels);
	}
}

static void check_attachments(const struct checker *c, const struct entry *entry)
{
	const struct zpm_ptrs *list = &entry->service->networks;

	for (size_t i = 0; i < list->n; i++) {
		const char *name = ((const struct zpm_attachment *)list->v[i])->name;
		const char *path = BELOW(c, "%s.networks[%zu]", entry->path, i);

		if (!name)
			continue;
		if (!zpm_index_get(c->networks, name) && !zpm_network_is_predefined(name))
			report_missing(c, path, "network", name, nearest_name(&c->platform->networks, name));
		for (size_t j = 0; j < i; j++)
			if (is(((const struct zpm_attachment *)list->v[j])->name, name))
				FIND(c, path, "the service is in network '%s' already", name);
	}
}

static void check_mount(const struct checker *c, const char *path, const struct zpm_mount *mount)
{
	bool bind = is(mount->type, "bind"), tmpfs = is(mount->type, "tmpfs"), volume = !bind && !tmpfs;

	if (bind && (!mount->source || mount->source[0] != '/'))
		FIND(c, path, "a bind mount's source is an absolute path on the host");
	if (tmpfs && mount->source)
		FIND(c, path, "a tmpfs mount has no source");
	if (volume && !mount->source)
		FIND(c, path, "a volume mount needs a source: declare the volume under 'volumes'");
	if (volume && mount->source && !zpm_index_get(c->volumes, mount->source))
		report_missing(
			c, path, "volume", mount->source, nearest_name(&c->platform->volumes, mount->source));
	if (!bind && mount->propagation)
		FIND(c, path, "propagation is for bind mounts");
	if (!volume && mount->no_copy != ZPM_UNSET)
		FIND(c, path, "noCopy is for volume mounts");
	if (!tmpfs && (mount->size != ZPM_UNSET || mount->file_mode != ZPM_UNSET))
		FIND(c, path, "size and mode are for tmpfs mounts");
}

static void check_mounts(const struct checker *c, const struct entry *entry)
{
	const struct zpm_ptrs *list = &entry->service->volumes;

	for (size_t i = 0; i < list->n; i++) {
		const struct zpm_mount *mount = list->v[i];
		const char *path = BELOW(c, "%s.volumes[%zu]", entry->path, i);

		check_mount(c, path, mount);
		for (size_t j = 0; j < i; j++)
			if (mount->target &&
				is(((const struct zpm_mount *)list->v[j])->target, mount->target))
				FIND(c, path, "two mounts at '%s'", mount->target);
	}
}

/* A port in ingress mode is taken on every node; in host mode only where a task runs. */
static void check_port(const struct checker *c, const struct entry *entry, size_t i)
{
	const struct zpm_port *port = entry->service->ports.v[i];
	const char *protocol = port->protocol ? port->protocol : "tcp";
	const char *path = BELOW(c, "%s.ports[%zu]", entry->path, i);
	const char *key = BELOW(c, "%lld/%s", (long long)port->published, protocol);
	const struct entry *other;
	bool host = is(port->mode, "host");

	if (port->published == ZPM_UNSET)
		return;
	other = zpm_index_add(c->ports, key, (void *)(uintptr_t)entry);
	if (!other)
		return;
	if (other == entry)
		FIND(c, path, "port %s is published twice by this service", key);
	else if (!host)
		FIND(c, path, "port %s is published by service '%s' too", key, other->service->name);
}

static void check_ports(const struct checker *c, const struct entry *entry)
{
	const struct zpm_ptrs *networks = networks_of(c, entry->service);

	for (size_t i = 0; i < entry->service->ports.n; i++) {
		const struct zpm_port *port = entry->service->ports.v[i];
		const char *path = BELOW(c, "%s.ports[%zu]", entry->path, i);

		check_port(c, entry, i);
		if (is(port->mode, "host"))
			continue;
		if (is(entry->service->endpoint_mode, "dnsrr"))
			FIND(c, path,
				"an ingress port needs endpointMode vip: publish it in mode host, or leave "
				"dnsrr");
		for (size_t j = 0; j < networks->n; j++)
			if (is(((const struct zpm_attachment *)networks->v[j])->name, "host"))
				FIND(c, path, "a service in the host network publishes nothing");
	}
}

static void check_healthcheck(const struct checker *c, const struct entry *entry)
{
	const struct zpm_healthcheck *healthcheck = entry->service->healthcheck;
	const struct zpm_strs *test = healthcheck ? &healthcheck->test : NULL;

	if (test && test->n && strcmp(test->v[0], "CMD") != 0 && strcmp(test->v[0], "CMD-SHELL") != 0 &&
		strcmp(test->v[0], "NONE") != 0)
		FIND(c, BELOW(c, "%s.healthcheck.test", entry->path),
			"a test begins with CMD, CMD-SHELL or NONE, not '%s'", test->v[0]);
}

static void check_resources(const struct checker *c, const struct entry *entry)
{
	const struct zpm_resources *resources = entry->service->resources;
	const char *path = BELOW(c, "%s.resources.reservations", entry->path);

	if (!resources || !resources->limits || !resources->reservations)
		return;
	if (resources->limits->memory != ZPM_UNSET &&
		resources->reservations->memory > resources->limits->memory)
		FIND(c, BELOW(c, "%s.memory", path), "more memory reserved than the limit allows");
	if (resources->limits->cpus != ZPM_UNSET && resources->reservations->cpus > resources->limits->cpus)
		FIND(c, BELOW(c, "%s.cpus", path), "more CPUs reserved than the limit allows");
}

static const char *nearest_service(const struct checker *c, const char *name)
{
	const char *nearest = NULL;

	for (int tier = 0; tier < ZPM_TIER_COUNT && !nearest; tier++)
		nearest = nearest_name(&c->platform->services->services[tier], name);
	return nearest;
}

static void check_dependencies(const struct checker *c, const struct entry *entry)
{
	const struct zpm_strs *list = &entry->service->depends_on;

	for (size_t i = 0; i < list->n; i++) {
		const char *path = BELOW(c, "%s.dependsOn[%zu]", entry->path, i);
		const struct entry *other = zpm_index_get(c->services, list->v[i]);

		if (!other)
			report_missing(c, path, "service", list->v[i], nearest_service(c, list->v[i]));
		else if (other == entry)
			FIND(c, path, "'%s' depends on itself", entry->service->name);
		else if (other->tier > entry->tier)
			FIND(c, path, "'%s' is of tier %s, which starts only when tier %s runs", list->v[i],
				zpm_tier_names[other->tier], zpm_tier_names[entry->tier]);
	}
}

static void check_service(const struct checker *c, const struct entry *entry)
{
	const struct zpm_service *service = entry->service;

	check_length(c, entry->path, service->name);
	check_labels(c, BELOW(c, "%s.labels", entry->path), &service->labels);
	check_attachments(c, entry);
	check_mounts(c, entry);
	check_ports(c, entry);
	check_healthcheck(c, entry);
	check_resources(c, entry);
	check_dependencies(c, entry);
	if (is(service->mode, "global") && service->replicas != ZPM_UNSET)
		FIND(c, BELOW(c, "%s.replicas", entry->path),
			"a global service has one task on each node, not replicas");
}

static void report_cycle(const struct checker *c, const struct zpm_ptrs *trail, const struct entry *entry)
{
	const char *text = NULL;
	bool inside = false;

	for (size_t i = 0; i < trail->n; i++) {
		const struct entry *at = trail->v[i];

		inside |= at == entry;
		if (inside)
			text = text ? BELOW(c, "%s → %s", text, at->service->name) : at->service->name;
	}
	FIND(c, BELOW(c, "%s.dependsOn", entry->path), "a cycle of dependencies: %s → %s", text,
		entry->service->name);
}

/* Depth first with a stack of its own: a chain may be as long as there are services. */
static void find_cycles(const struct checker *c, struct entry *start)
{
	struct zpm_arena *scratch = zpm_arena_new();
	struct zpm_ptrs trail = { 0 };
	size_t *next = zpm_arena_alloc(scratch, sizeof(*next));
	size_t room = 1;

	zpm_ptrs_push(scratch, &trail, start);
	start->color = OPEN;
	while (trail.n) {
		struct entry *top = trail.v[trail.n - 1], *other;
		const struct zpm_strs *list = &top->service->depends_on;
		size_t i = next[trail.n - 1]++;

		if (i >= list->n) {
			top->color = DONE;
			trail.n--;
			continue;
		}
		other = zpm_index_get(c->services, list->v[i]);
		if (!other || other == top || other->color == DONE)
			continue;
		if (other->color == OPEN) {
			report_cycle(c, &trail, other);
			continue;
		}
		other->color = OPEN;
		if (trail.n == room) {
			size_t *more = zpm_arena_alloc(scratch, 2 * room * sizeof(*more));

			memcpy(more, next, room * sizeof(*more));
			next = more;
			room *= 2;
		}
		next[trail.n] = 0;
		zpm_ptrs_push(scratch, &trail, other);
	}
	zpm_arena_free(scratch);
}

/* Every service must be known before any is checked. */
static void collect(const struct checker *c, struct zpm_ptrs *entries)
{
	for (int tier = 0; c->platform->services && tier < ZPM_TIER_COUNT; tier++) {
		const struct zpm_ptrs *services = &c->platform->services->services[tier];

		for (size_t i = 0; i < services->n; i++) {
			struct entry *entry = zpm_arena_alloc(c->arena, sizeof(*entry));
			const struct entry *first;

			entry->service = services->v[i];
			entry->tier = (enum zpm_tier)tier;
			entry->path = BELOW(c, "services.%s.%s", zpm_tier_names[tier], entry->service->name);
			first = zpm_index_add(c->services, entry->service->name, entry);
			if (first)
				FIND(c, entry->path, "there is a service '%s' in tier %s already",
					entry->service->name, zpm_tier_names[first->tier]);
			zpm_ptrs_push(c->arena, entries, entry);
		}
	}
}

void zpm_platform_check(
	const struct zpm_platform *platform, struct zpm_arena *arena, struct zpm_ptrs *findings)
{
	struct checker c = { .platform = platform, .arena = arena, .findings = findings };
	struct zpm_ptrs entries = { 0 };

	c.networks = zpm_index_new(arena);
	c.volumes = zpm_index_new(arena);
	c.services = zpm_index_new(arena);
	c.ports = zpm_index_new(arena);
	check_networks(&c);
	check_volumes(&c);
	collect(&c, &entries);
	for (size_t i = 0; i < entries.n; i++)
		check_service(&c, entries.v[i]);
	for (size_t i = 0; i < entries.n; i++)
		if (((struct entry *)entries.v[i])->color == UNSEEN)
			find_cycles(&c, entries.v[i]);
}
