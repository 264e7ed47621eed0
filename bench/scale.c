/*
 * What zpm's own work takes without any server but MongoDB's, measured from inside, as one line of JSON:
 *
 *   zpm-bench-scale plan MANIFEST            expand, diff and order, beside decoding the same as JSON
 *   zpm-bench-scale catalog HOST MANIFEST    read and expand what the database says, beside plain finds
 *
 * Run by bench/scale, which has the table.
 */
#include "base/clock.h"
#include "engine/apps.h"
#include "model/json.h"
#include "model/shape.h"
#include "mongo/catalog.h"
#include "mongo/documents.h"
#include "plan/expand.h"
#include "plan/graph.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define ROUNDS 5

static double ms_since(int64_t start)
{
	return (double)(zpm_clock_now() - start) / ZPM_MS;
}

static double least(double a, double b)
{
	return a > 0 && a < b ? a : b;
}

static long peak_mb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss / 1024;
}

static int fail(const char *why)
{
	fprintf(stderr, "zpm-bench-scale: %s\n", why);
	return EXIT_FAILURE;
}

/* The desired as if they were there, every tenth service with another image. */
static struct zpm_objects *observed(const struct zpm_platform *platform, struct zpm_arena *arena)
{
	struct zpm_objects *have = zpm_objects_new(platform->platform, arena);
	struct zpm_objects *all = zpm_expand(platform, arena);

	for (size_t i = 0; i < all->list.n; i++) {
		struct zpm_object *object = all->list.v[i];
		struct zpm_live *live = zpm_arena_alloc(arena, sizeof(*live));

		live->id = object->real;
		live->owner = platform->platform;
		object->live = live;
		if (object->kind->id == ZPM_KIND_SERVICE && i % 10 == 0)
			((struct zpm_service *)object->spec)->image = "another:1";
		zpm_objects_add(have, object);
	}
	return have;
}

struct planning {
	double expand, diff, order;
	size_t changes;
	long mb;
};

static void plan_once(const struct zpm_platform *platform, struct planning *best)
{
	const struct zpm_plan_options options = { 0 };
	struct zpm_arena *arena = zpm_arena_new(), *there = zpm_arena_new();
	struct zpm_objects *have = observed(platform, there), *want;
	struct zpm_plan *plan;
	int64_t start = zpm_clock_now();

	want = zpm_expand(platform, arena);
	best->expand = least(best->expand, ms_since(start));
	start = zpm_clock_now();
	plan = zpm_plan_new(platform, want, have, &options);
	best->diff = least(best->diff, ms_since(start));
	start = zpm_clock_now();
	zpm_graph_new(plan, arena);
	best->order = least(best->order, ms_since(start));
	best->changes = plan->changes.n;
	best->mb = peak_mb();
	zpm_plan_free(plan);
	zpm_arena_free(there);
	zpm_arena_free(arena);
}

/* The same objects as JSON, which somebody has to decode who gets them so. */
static double decode_once(const struct zpm_platform *platform)
{
	struct zpm_arena *arena = zpm_arena_new();
	const struct zpm_objects *want = zpm_expand(platform, arena);
	json_object *all = json_object_new_array();
	const char *text;
	int64_t start;
	double ms;

	for (size_t i = 0; i < want->list.n; i++) {
		const struct zpm_object *object = want->list.v[i];

		json_object_array_add(all, zpm_shape_to_json(object->kind->shape, object->spec, arena));
	}
	text = json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN);
	start = zpm_clock_now();
	json_object_put(json_tokener_parse(text));
	ms = ms_since(start);
	json_object_put(all);
	zpm_arena_free(arena);
	return ms;
}

static int measure_plan(const struct zpm_manifest *manifest)
{
	struct planning best = { 0 };
	double decode = 0;
	long mb;

	for (int i = 0; i < ROUNDS; i++)
		plan_once(manifest->platform, &best);
	mb = best.mb;
	for (int i = 0; i < ROUNDS; i++)
		decode = least(decode, decode_once(manifest->platform));
	printf("{\"expand\": %.2f, \"diff\": %.2f, \"order\": %.2f, \"decode\": %.2f, \"changes\": %zu, "
	       "\"mb\": "
	       "%ld}\n",
		best.expand, best.diff, best.order, decode, best.changes, mb);
	return EXIT_SUCCESS;
}

static int count(void *ctx, const bson_t *document, struct zpm_err *err)
{
	(void)document;
	(void)err;
	++*(size_t *)ctx;
	return 0;
}

/* What it takes to have the documents at all. */
static double find_once(
	struct zpm_mongo_client *mongo, const char *host, const struct zpm_from_integrations *from, size_t *n)
{
	const char *const names[] = { from->collections->tenants, from->collections->integrations };
	struct zpm_err err = { 0 };
	int64_t start = zpm_clock_now();

	*n = 0;
	for (size_t i = 0; i < 2; i++) {
		const struct zpm_query query = {
			.host = host, .database = from->database, .collection = names[i]
		};

		if (zpm_mongo_find(mongo, &query, count, n, &err) < 0)
			exit(fail(err.msg));
	}
	return ms_since(start);
}

/* As the engine does it with what it observes, here nothing. */
static double apps_once(struct zpm_mongo_client *mongo, const char *host, const struct zpm_manifest *manifest,
	const struct zpm_from_integrations *from, size_t *services)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_objects *have = zpm_objects_new(manifest->platform->platform, arena);
	const struct zpm_catalog_query query = { host, from, &manifest->platform->features };
	struct zpm_catalog catalog = { 0 };
	const struct zpm_platform *platform;
	int64_t start = zpm_clock_now();
	double ms;

	zpm_mongo_read_catalog(mongo, &query, arena, &catalog);
	*services = zpm_apps_decide(manifest, &catalog, have, &platform)->apps.n;
	zpm_expand(platform, arena);
	ms = ms_since(start);
	if (catalog.gaps.n)
		exit(fail(((const struct zpm_catalog_gap *)catalog.gaps.v[0])->why));
	zpm_arena_free(arena);
	return ms;
}

static int measure_catalog(const struct zpm_manifest *manifest, const char *host)
{
	struct zpm_apps *apps = zpm_shape_copy(&zpm_apps_shape, manifest->platform->apps, manifest->arena);
	struct zpm_mongo_client *mongo = zpm_mongo_new(&(struct zpm_mongo_access){ 0 });
	size_t documents = 0, services = 0;
	double find = 0, read = 0;

	apps->from_integrations->service = NULL;
	zpm_shape_canonicalise(&zpm_apps_shape, apps, manifest->arena);
	apps->from_integrations->uses_port = manifest->platform->apps->from_integrations->uses_port;
	for (int i = 0; i < ROUNDS; i++) {
		find = least(find, find_once(mongo, host, apps->from_integrations, &documents));
		read = least(read, apps_once(mongo, host, manifest, apps->from_integrations, &services));
	}
	printf("{\"find\": %.2f, \"read\": %.2f, \"documents\": %zu, \"services\": %zu}\n", find, read,
		documents, services);
	zpm_mongo_free(mongo);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	bool catalog = argc == 4 && !strcmp(argv[1], "catalog");
	struct zpm_manifest *manifest = NULL;
	struct zpm_err err = { 0 };
	int result;

	if (!catalog && (argc != 3 || strcmp(argv[1], "plan") != 0))
		return fail("expected 'plan MANIFEST' or 'catalog HOST MANIFEST'");
	if (zpm_manifest_load(argv[argc - 1], NULL, &manifest, &err) < 0)
		return fail(err.msg);
	if (manifest->diags.list.n)
		return fail("the manifest has mistakes; see zpm validate");
	result = catalog ? measure_catalog(manifest, argv[2]) : measure_plan(manifest);
	zpm_manifest_free(manifest);
	return result;
}
