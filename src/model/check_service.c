/*
 * One service for itself: settings that contradict each other or that an
 * Engine would refuse, some of them only when a task starts.
 */
#include "base/index.h"
#include "base/text.h"
#include "model/check_parts.h"
#include "model/setup.h"

#include <string.h>

#define INTERVAL_MIN 1000000 /* a millisecond, as the Engine wants it */

static const char *below(const struct zpm_checker *c, const struct zpm_subject *subject, const char *field)
{
	return zpm_arena_printf(c->arena, "%s.%s", subject->path, field);
}

static bool is(const char *text, const char *what)
{
	return text && !strcmp(text, what);
}

static void check_attachment(
	struct zpm_checker *c, const struct zpm_subject *subject, const char *path, const char *name)
{
	const struct zpm_network *network = zpm_index_get(c->networks.index, name);

	if (network)
		zpm_check_is_on(c, subject, path, "network", name, network->when);
	else if (is(name, "ingress"))
		zpm_find(c, path, "services are in the network 'ingress' by publishing ports; leave it out");
	else if (is(name, "none"))
		zpm_find(c, path, "Swarm has no network 'none'; declare one that is internal instead");
	else if (!zpm_network_is_predefined(name))
		zpm_find_missing(c, path, "network", name, &c->networks);
}

static void check_attachments(struct zpm_checker *c, const struct zpm_subject *subject)
{
	const struct zpm_ptrs *networks = &subject->own->networks;
	bool in_host = zpm_service_is_in(subject->own, "host");
	struct zpm_index *seen;

	if (!networks->n)
		return;
	seen = zpm_index_new(c->arena);
	for (size_t i = 0; i < networks->n; i++) {
		const struct zpm_attachment *attachment = networks->v[i];
		const char *path = zpm_arena_printf(c->arena, "%s.networks[%zu]", subject->path, i);

		if (!attachment->name)
			continue;
		check_attachment(c, subject, path, attachment->name);
		if (zpm_index_add(seen, attachment->name, networks->v[i]))
			zpm_find(c, path, "the network '%s' is listed twice", attachment->name);
		else if (in_host && !is(attachment->name, "host"))
			zpm_find(c, path, "a service in the network 'host' cannot be in another one");
	}
}

/* Where a service without ports of its own has those of the defaults, its own part is the field named. */
static const char *port_path(
	const struct zpm_checker *c, const struct zpm_subject *subject, size_t i, const char *field)
{
	if (!subject->own->ports.n)
		return below(c, subject, field);
	return zpm_arena_printf(c->arena, "%s.ports[%zu]", subject->path, i);
}

static void check_ports(struct zpm_checker *c, const struct zpm_subject *subject)
{
	const struct zpm_service *own = subject->own, *full = subject->full;
	bool host = zpm_service_is_in(full, "host") && (own->networks.n || own->ports.n);
	bool dnsrr = is(full->endpoint_mode, "dnsrr") && (own->endpoint_mode || own->ports.n);

	for (size_t i = 0; (host || dnsrr) && i < full->ports.n; i++) {
		const struct zpm_port *port = full->ports.v[i];

		if (is(port->mode, "host") || port->target == ZPM_UNSET)
			continue;
		if (host)
			zpm_find(c, port_path(c, subject, i, "networks"),
				"a service in the network 'host' is reached there; it cannot publish a port");
		if (dnsrr)
			zpm_find(c, port_path(c, subject, i, "endpointMode"),
				"endpointMode dnsrr has no ingress ports; publish the port with mode host, "
				"or use vip");
	}
}

static void check_mode(struct zpm_checker *c, const struct zpm_subject *subject)
{
	const struct zpm_service *own = subject->own, *full = subject->full;
	bool most = own->placement && own->placement->max_replicas_per_node > 0;

	if (!is(full->mode, "global"))
		return;
	if (own->replicas != ZPM_UNSET)
		zpm_find(c, below(c, subject, "replicas"),
			"a global service runs once on each node; leave replicas out");
	if (most)
		zpm_find(c, below(c, subject, "placement.maxReplicasPerNode"),
			"a global service runs once on each node; leave maxReplicasPerNode out");
}

static void check_test(struct zpm_checker *c, const char *path, const struct zpm_strs *test)
{
	const char *first = test->v[0];
	bool shell = is(first, "CMD-SHELL");

	if (is(first, "NONE") && test->n > 1)
		zpm_find(c, path, "NONE turns the healthcheck off and takes no command");
	else if ((is(first, "CMD") || shell) && (test->n == 1 || !*test->v[1]))
		zpm_find(c, path, "there is no command behind %s", first);
	else if (shell && test->n > 2)
		zpm_find(c, path, "CMD-SHELL takes one text, the command line for the shell; got %zu",
			test->n - 1);
	else if (shell && is(test->v[1], "NONE"))
		zpm_find(c, path,
			"the shell would look for a program NONE; to turn the healthcheck off write [NONE]");
	else if (*first && !is(first, "CMD") && !shell && !is(first, "NONE"))
		zpm_find(c, path, "begins with '%s'; expected CMD, CMD-SHELL or NONE as the first word",
			first);
}

static void check_healthcheck(struct zpm_checker *c, const struct zpm_subject *subject)
{
	const struct zpm_healthcheck *healthcheck = subject->own->healthcheck;
	const struct {
		const char *path;
		int64_t value;
	} times[] = {
		{ "healthcheck.interval", healthcheck ? healthcheck->interval : ZPM_UNSET },
		{ "healthcheck.timeout", healthcheck ? healthcheck->timeout : ZPM_UNSET },
		{ "healthcheck.startPeriod", healthcheck ? healthcheck->start_period : ZPM_UNSET },
	};

	if (!healthcheck)
		return;
	if (healthcheck->test.n)
		check_test(c, below(c, subject, "healthcheck.test"), &healthcheck->test);
	for (size_t i = 0; i < ZPM_COUNT(times); i++)
		if (times[i].value > 0 && times[i].value < INTERVAL_MIN)
			zpm_find(c, below(c, subject, times[i].path), "expected 1ms or more");
}

/* One resource, as a limit and as a reservation, with the defaults and without. */
struct resource {
	const char *name;
	int64_t own_limit, own_reservation, limit, reservation;
};

static void check_resource(struct zpm_checker *c, const struct zpm_subject *subject, const struct resource *r)
{
	const char *limit = zpm_arena_printf(c->arena, "%s.resources.limits.%s", subject->path, r->name);
	const char *reservation =
		zpm_arena_printf(c->arena, "%s.resources.reservations.%s", subject->path, r->name);
	bool own = r->own_limit != ZPM_UNSET || r->own_reservation != ZPM_UNSET;

	if (own && r->limit > 0 && r->reservation > r->limit)
		zpm_find(c, r->own_reservation != ZPM_UNSET ? reservation : limit,
			"a task cannot have more reserved than its limit allows");
}

static int64_t limit_of(const struct zpm_service *service, bool cpus)
{
	const struct zpm_limits *limits = service->resources ? service->resources->limits : NULL;

	if (!limits)
		return ZPM_UNSET;
	return cpus ? limits->cpus : limits->memory;
}

static int64_t reservation_of(const struct zpm_service *service, bool cpus)
{
	const struct zpm_reservations *reservations =
		service->resources ? service->resources->reservations : NULL;

	if (!reservations)
		return ZPM_UNSET;
	return cpus ? reservations->cpus : reservations->memory;
}

static void check_resources(struct zpm_checker *c, const struct zpm_subject *subject)
{
	const struct zpm_service *own = subject->own, *full = subject->full;

	if (!own->resources)
		return;
	for (int cpus = 0; cpus <= 1; cpus++)
		check_resource(c, subject,
			&(struct resource){ .name = cpus ? "cpus" : "memory",
				.own_limit = limit_of(own, cpus),
				.own_reservation = reservation_of(own, cpus),
				.limit = limit_of(full, cpus),
				.reservation = reservation_of(full, cpus) });
}

static void check_ulimits(struct zpm_checker *c, const struct zpm_subject *subject)
{
	for (size_t i = 0; i < subject->own->ulimits.n; i++) {
		const struct zpm_ulimit *ulimit = subject->own->ulimits.v[i];

		/* -1 is no limit. Unset is less than all. */
		if (ulimit->hard >= 0 && (ulimit->soft > ulimit->hard || ulimit->soft == -1))
			zpm_find(c, zpm_arena_printf(c->arena, "%s.ulimits.%s", subject->path, ulimit->name),
				"the soft limit is above the hard one");
	}
}

static void check_setup(struct zpm_checker *c, const struct zpm_subject *subject)
{
	const struct zpm_service *own = subject->own, *full = subject->full;

	for (size_t i = 0; i < own->setup.n; i++) {
		const struct zpm_setup_command *command = own->setup.v[i];

		if (!command->command.n || !*command->command.v[0])
			zpm_find(c, zpm_arena_printf(c->arena, "%s.setup[%zu]", subject->path, i),
				"there is no command");
	}
	if (full->setup.n && full->read_only == 1 && (own->setup.n || own->read_only == 1))
		zpm_find(c, below(c, subject, own->setup.n ? "setup" : "readOnly"),
			"a container with readOnly has no place for the mark that says what has run; leave "
			"one "
			"of setup and readOnly out");
}

void zpm_check_service(struct zpm_checker *c, const struct zpm_subject *subject)
{
	const struct zpm_service *own = subject->own;

	if (own->labels.n)
		zpm_check_labels(c, below(c, subject, "labels"), &own->labels);
	if (own->container_labels.n)
		zpm_check_labels(c, below(c, subject, "containerLabels"), &own->container_labels);
	zpm_check_mounts(c, subject);
	zpm_check_files(c, subject);
	zpm_check_runs_on(c, subject);
	check_attachments(c, subject);
	check_ports(c, subject);
	check_mode(c, subject);
	check_healthcheck(c, subject);
	check_resources(c, subject);
	check_ulimits(c, subject);
	check_setup(c, subject);
	if (own->rollback && is(own->rollback->failure_action, "rollback"))
		zpm_find(c, below(c, subject, "rollback.failureAction"),
			"a rollback that fails cannot be rolled back itself; expected pause or continue");
}
