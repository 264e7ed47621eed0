/*
 * Ports: one that is recorded is kept for good, also while its integration is switched
 * off; who has none gets the lowest that no record has, and nothing in the manifest.
 */
#include "plan/apps_parts.h"

#include "model/mongo_process.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PORT 65535

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_its(
	const struct zpm_apps_plan *plan, const struct zpm_port_record *record, const struct zpm_app *app)
{
	const struct zpm_integration *integration = app->integration;

	if (!same(record->executable, integration->executable))
		return false;
	if (!plan->from->per_tenant)
		return !record->code && record->integration == ZPM_UNSET;
	return record->integration == integration->id && same(record->code, integration->code);
}

static int compare_records(const void *a, const void *b)
{
	const struct zpm_port_record *left = *(void *const *)a, *right = *(void *const *)b;
	int order =
		strcmp(left->executable ? left->executable : "", right->executable ? right->executable : "");

	if (!order)
		order = strcmp(left->code ? left->code : "", right->code ? right->code : "");
	if (!order)
		order = (left->integration > right->integration) - (left->integration < right->integration);
	return order ? order : (left->port > right->port) - (left->port < right->port);
}

/* The lowest of its records, which are sorted. */
static int64_t recorded(
	const struct zpm_apps_plan *plan, const struct zpm_ptrs *sorted, const struct zpm_app *app)
{
	bool shared = !plan->from->per_tenant;
	/* One without a port records nothing. */
	struct zpm_port_record key = { .port = ZPM_UNSET + 1,
		.integration = shared ? ZPM_UNSET : app->integration->id,
		.executable = app->integration->executable,
		.code = shared ? NULL : app->integration->code };
	const void *wanted = &key;
	size_t low = 0, high = sorted->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_records(&sorted->v[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < sorted->n && is_its(plan, sorted->v[low], app))
		return ((const struct zpm_port_record *)sorted->v[low])->port;
	return ZPM_UNSET;
}

struct ports {
	bool taken[MAX_PORT + 1];
	const struct zpm_port_range *range;
	int64_t next;
};

static void take(struct ports *ports, int64_t port)
{
	if (port > 0 && port <= MAX_PORT)
		ports->taken[port] = true;
}

/* Also of what a feature leaves out now: it may come back. */
static void take_declared(const struct zpm_apps_plan *plan, struct ports *ports)
{
	const struct zpm_tiers *tiers = plan->platform->services;
	struct zpm_ptrs processes = { 0 };

	for (int tier = 0; tiers && tier < ZPM_TIER_COUNT; tier++)
		for (size_t i = 0; i < tiers->services[tier].n; i++) {
			const struct zpm_service *service = tiers->services[tier].v[i];

			for (size_t j = 0; j < service->ports.n; j++) {
				const struct zpm_port *port = service->ports.v[j];

				take(ports, port->published == ZPM_UNSET ? port->target : port->published);
			}
		}
	zpm_mongo_processes(plan->platform, plan->arena, &processes);
	for (size_t i = 0; i < processes.n; i++)
		take(ports, ((const struct zpm_mongo_process *)processes.v[i])->port);
}

/* ZPM_UNSET: there is none left. */
static int64_t take_free(struct ports *ports)
{
	while (ports->next <= ports->range->last && ports->taken[ports->next])
		ports->next++;
	if (ports->next > ports->range->last)
		return ZPM_UNSET;
	ports->taken[ports->next] = true;
	return ports->next;
}

static void give_new(struct zpm_apps_plan *plan, struct zpm_app *app, struct ports *ports)
{
	if (!ports->range) {
		zpm_app_blame(plan, app,
			"no port is recorded for it, and apps.fromIntegrations.ports names none to give");
		return;
	}
	app->port = take_free(ports);
	app->port_is_new = app->port != ZPM_UNSET;
	if (!app->port_is_new)
		zpm_app_blame(plan, app, "all ports of apps.fromIntegrations.ports are taken");
}

/* Two records of one port: whoever listens on it, the other cannot. */
static void keep_recorded(
	struct zpm_apps_plan *plan, struct zpm_app **owners, struct zpm_app *app, int64_t port)
{
	if (port < 1 || port > MAX_PORT) {
		zpm_app_blame(plan, app, "the port that is recorded for it is none");
	} else if (owners[port]) {
		zpm_app_blame(plan, app,
			zpm_arena_printf(plan->arena, "its port %d is recorded for '%s' too", (int)port,
				owners[port]->ref));
	} else {
		owners[port] = app;
		app->port = port;
	}
}

void zpm_apps_give_ports(struct zpm_apps_plan *plan)
{
	const struct zpm_ptrs *records = &plan->catalog->ports;
	struct zpm_app **owners;
	struct zpm_ptrs sorted = { 0 };
	struct ports *ports;

	if (!plan->from->uses_port)
		return;
	ports = zpm_arena_alloc(plan->arena, sizeof(*ports));
	owners = zpm_arena_alloc(plan->arena, (MAX_PORT + 1) * sizeof(struct zpm_app *));
	ports->range = plan->from->ports;
	ports->next = ports->range ? ports->range->first : 0;
	for (size_t i = 0; i < records->n; i++) {
		struct zpm_port_record *record = records->v[i];

		zpm_ptrs_push(plan->arena, &sorted, record);
		take(ports, record->port);
	}
	take_declared(plan, ports);
	if (sorted.n)
		qsort(sorted.v, sorted.n, sizeof(*sorted.v), compare_records);
	for (size_t i = 0; i < plan->apps.n; i++) {
		struct zpm_app *app = plan->apps.v[i];
		int64_t port = recorded(plan, &sorted, app);

		if (port != ZPM_UNSET)
			keep_recorded(plan, owners, app, port);
		else
			give_new(plan, app, ports);
	}
}
