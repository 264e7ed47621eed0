/* Services, and the platform that they and what they use make up. */
#include "plan/import.h"

#include "base/index.h"
#include "base/text.h"
#include "model/hold.h"
#include "model/rules.h"
#include "model/shape.h"
#include "model/value.h"
#include "plan/importer.h"

#include <stdlib.h>
#include <string.h>

static bool is_free(const struct zpm_importer *im, enum zpm_kind_id kind, const char *key)
{
	const struct zpm_rule *rule =
		kind == ZPM_KIND_SERVICE ? &zpm_rule_service_name : &zpm_rule_object_name;

	if (!zpm_rule_allows_text(rule, key) || (kind == ZPM_KIND_NETWORK && zpm_network_is_predefined(key)))
		return false;
	return !zpm_index_get(im->taken, zpm_arena_printf(im->arena, "%s/%s", zpm_kinds[kind].name, key));
}

const char *zpm_importer_key(
	struct zpm_importer *im, enum zpm_kind_id kind, const char *preferred, const char *other)
{
	const char *key = is_free(im, kind, preferred) ? preferred : other;

	for (unsigned n = 2; !is_free(im, kind, key); n++)
		key = zpm_arena_printf(im->arena, "%s-%u", zpm_kinds[kind].name, n);
	zpm_index_add(im->taken, zpm_arena_printf(im->arena, "%s/%s", zpm_kinds[kind].name, key),
		(void *)(uintptr_t)key);
	return key;
}

const char *zpm_importer_real(const struct zpm_importer *im, const char *key, const char *real)
{
	return strcmp(zpm_real_name(im->have->platform, key, im->arena), real) != 0 ? real : NULL;
}

bool zpm_importer_owns(const struct zpm_importer *im, const struct zpm_object *object)
{
	return object->live->owner && !strcmp(object->live->owner, im->have->platform);
}

struct zpm_pairs zpm_importer_labels(const struct zpm_importer *im, const struct zpm_pairs *labels)
{
	struct zpm_pairs others = { 0 };

	for (size_t i = 0; i < labels->n; i++)
		if (!zpm_starts_with(labels->v[i].key, ZPM_LABEL_PREFIX))
			zpm_pairs_set(im->arena, &others, labels->v[i].key, labels->v[i].value);
	return others;
}

static void note(struct zpm_importer *im, const char *text)
{
	zpm_strs_push(im->arena, im->notes, text);
}

/* What a manifest cannot say is left as it is rather than removed by the next apply. */
static void ignore(struct zpm_importer *im, const char *key, const char *path)
{
	if (!im->platform->reconcile) {
		const struct zpm_shape *shape = zpm_shape_field(&zpm_platform_shape, "reconcile")->shape;

		im->platform->reconcile = zpm_shape_new(shape, im->arena);
	}
	zpm_strs_push(im->arena, &im->platform->reconcile->ignore_drift,
		zpm_arena_printf(im->arena, "service/%s:%s", key, path));
}

static void import_files(struct zpm_importer *im, enum zpm_kind_id kind, const struct zpm_ptrs *files)
{
	for (size_t i = 0; i < files->n; i++) {
		struct zpm_file *file = files->v[i];

		if (!file->source)
			continue;
		file->source = zpm_importer_file(im, kind, file->source);
		if (file->target && !strcmp(file->target, file->source))
			file->target = NULL;
	}
}

/* Anonymous volumes cannot be declared: they are left to Swarm. */
static void import_mounts(struct zpm_importer *im, struct zpm_service *service)
{
	struct zpm_ptrs mounts = { 0 };

	for (size_t i = 0; i < service->volumes.n; i++) {
		struct zpm_mount *mount = service->volumes.v[i];
		bool volume = !strcmp(mount->type, "volume");

		if (volume && !mount->source) {
			ignore(im, service->name, zpm_arena_printf(im->arena, "volumes.%s", mount->target));
			continue;
		}
		if (volume)
			mount->source = zpm_importer_volume(im, mount->source, mount);
		mount->driver = NULL;
		mount->driver_options = mount->volume_labels = (struct zpm_pairs){ 0 };
		zpm_ptrs_push(im->arena, &mounts, mount);
	}
	service->volumes = mounts;
}

/* The alias that expanding adds by itself. */
static void drop_alias(struct zpm_importer *im, struct zpm_attachment *attachment, const char *alias)
{
	struct zpm_strs others = { 0 };

	for (size_t i = 0; i < attachment->aliases.n; i++)
		if (strcmp(attachment->aliases.v[i], alias) != 0)
			zpm_strs_push(im->arena, &others, attachment->aliases.v[i]);
	attachment->aliases = others;
}

static void import_attachments(struct zpm_importer *im, const struct zpm_service *service)
{
	bool scoped = !service->real_name || strcmp(service->real_name, service->name) != 0;

	for (size_t i = 0; i < service->networks.n; i++) {
		struct zpm_attachment *attachment = service->networks.v[i];

		if (!attachment->name)
			continue;
		attachment->name = zpm_importer_network(im, attachment->name);
		if (scoped && !zpm_network_is_predefined(attachment->name))
			drop_alias(im, attachment, service->name);
	}
}

/* Does it answer to this name in all of its networks, as a service of that key would? */
static bool answers_to(const struct zpm_service *service, const char *name)
{
	for (size_t i = 0; i < service->networks.n; i++) {
		const struct zpm_attachment *attachment = service->networks.v[i];

		if (attachment->name && !zpm_network_is_predefined(attachment->name) &&
			!zpm_strs_have(&attachment->aliases, name))
			return false;
	}
	return true;
}

/* Under its whole name a service needs no alias, and gets none. */
static bool keeps_whole_name(const struct zpm_object *object)
{
	return strchr(object->name, ':') || !answers_to(object->spec, object->name);
}

static bool all_obey(const struct zpm_field *field, const void *object)
{
	const struct zpm_strs *strs;

	switch (field->type) {
	case ZPM_T_STRING:
		return zpm_field_is_unset(field, object) ||
		       zpm_rule_allows_text(field->rule, *zpm_field_str(field, object));
	case ZPM_T_LIST:
	case ZPM_T_SET:
		strs = zpm_field_strs(field, object);
		for (size_t i = 0; i < strs->n; i++)
			if (!zpm_rule_allows_text(field->rule, strs->v[i]))
				return false;
		return true;
	default:
		return true;
	}
}

/* Docker takes more than a manifest does: a template for a host name, say. */
static void drop_unspeakable(struct zpm_importer *im, struct zpm_service *service)
{
	const void *nothing = zpm_shape_unset(&zpm_service_shape, im->arena);

	ZPM_EACH_FIELD (field, &zpm_service_shape) {
		if (!field->wire || !field->rule || field->flags & ZPM_REQUIRED || all_obey(field, service))
			continue;
		zpm_field_assign(field, service, nothing);
		ignore(im, service->name, field->name);
	}
}

/* How many tasks a held service had nobody knows: a hold stays, and the manifest says one. */
static void let_go(struct zpm_importer *im, const struct zpm_object *object, struct zpm_service *service)
{
	if (!object->hold)
		return;
	zpm_hold_clear(service, im->arena);
	if (!service->replicas) {
		service->replicas = ZPM_UNSET;
		note(im, zpm_arena_printf(im->arena,
				 "The service %s is held, so its replicas cannot be read back: say them "
				 "again.",
				 service->name));
	}
}

static void import_service(struct zpm_importer *im, const struct zpm_object *object, bool whole)
{
	struct zpm_service *service = zpm_shape_copy(&zpm_service_shape, object->spec, im->arena);
	enum zpm_tier tier = object->tier == ZPM_TIER_NONE ? ZPM_TIER_CORE : object->tier;

	service->name =
		zpm_importer_key(im, ZPM_KIND_SERVICE, whole ? object->real : object->name, object->real);
	service->real_name = zpm_importer_real(im, service->name, object->real);
	service->labels = zpm_importer_labels(im, &service->labels);
	service->container_labels = zpm_importer_labels(im, &service->container_labels);
	if (!object->live->owner)
		service->adopt = 1;
	let_go(im, object, service);
	zpm_importer_find_roles(im, service);
	import_attachments(im, service);
	import_mounts(im, service);
	import_files(im, ZPM_KIND_SECRET, &service->secrets);
	import_files(im, ZPM_KIND_CONFIG, &service->configs);
	drop_unspeakable(im, service);
	for (size_t i = 0; i < object->live->extra.n; i++)
		ignore(im, service->name,
			zpm_arena_printf(im->arena, "engine.%s", object->live->extra.v[i].key));
	zpm_ptrs_push(im->arena, &im->platform->services->services[tier], service);
}

/* Jobs have modes that no manifest knows. */
static bool is_wanted(struct zpm_importer *im, const struct zpm_object *object, bool whole)
{
	const struct zpm_field *mode = zpm_shape_field(&zpm_service_shape, "mode");
	const char *owner = object->live->owner;

	if (object->kind->id != ZPM_KIND_SERVICE || keeps_whole_name(object) != whole)
		return false;
	if (!zpm_importer_owns(im, object) && (owner || !im->all)) {
		if (owner && !zpm_index_add(im->taken, zpm_arena_printf(im->arena, "platform/%s", owner), im))
			note(im, zpm_arena_printf(im->arena, "Left out: what is the platform %s's.", owner));
		return false;
	}
	if (zpm_rule_allows_text(mode->rule, ((const struct zpm_service *)object->spec)->mode))
		return true;
	note(im, zpm_arena_printf(im->arena, "Left out: the service %s, which is a job.", object->real));
	return false;
}

struct named {
	const char *name;
	void *object;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static void sort_by_key(struct zpm_importer *im, const struct zpm_shape *shape, const struct zpm_ptrs *list)
{
	struct named *order = zpm_arena_alloc(im->arena, list->n * sizeof(*order));

	for (size_t i = 0; i < list->n; i++)
		order[i] = (struct named){ zpm_shape_key(shape, list->v[i], im->arena), list->v[i] };
	qsort(order, list->n, sizeof(*order), by_name);
	for (size_t i = 0; i < list->n; i++)
		list->v[i] = order[i].object;
}

/* Whole names are unique, so they are given away first. */
static void import_services(struct zpm_importer *im)
{
	for (int whole = 1; whole >= 0; whole--)
		for (size_t i = 0; i < im->have->list.n; i++) {
			const struct zpm_object *object = im->have->list.v[i];

			if (is_wanted(im, object, whole))
				import_service(im, object, whole);
		}
}

static void sort(struct zpm_importer *im)
{
	const struct zpm_platform *platform = im->platform;

	sort_by_key(im, &zpm_host_shape, &platform->hosts);
	sort_by_key(im, &zpm_network_shape, &platform->networks);
	sort_by_key(im, &zpm_volume_shape, &platform->volumes);
	sort_by_key(im, &zpm_secret_shape, &platform->secrets);
	sort_by_key(im, &zpm_config_shape, &platform->configs);
	for (int tier = 0; tier < ZPM_TIER_COUNT; tier++)
		sort_by_key(im, &zpm_service_shape, &platform->services->services[tier]);
}

static void add_notes(struct zpm_importer *im)
{
	note(im, "Made by zpm from what runs.");
	note(im, "Which services wait for which (dependsOn) cannot be read back: say it again.");
}

static void note_externals(struct zpm_importer *im, const struct zpm_ptrs *files, const char *kind)
{
	for (size_t i = 0; i < files->n; i++)
		if (((const struct zpm_secret *)files->v[i])->external == 1) {
			note(im, zpm_arena_printf(im->arena,
					 "The content of %s cannot be read back: they are external here.",
					 kind));
			return;
		}
}

struct zpm_platform *zpm_import_platform(
	const struct zpm_objects *have, bool all, struct zpm_arena *arena, struct zpm_strs *notes)
{
	struct zpm_platform *platform = zpm_shape_new(&zpm_platform_shape, arena);
	struct zpm_importer im = { .have = have,
		.platform = platform,
		.arena = arena,
		.notes = notes,
		.all = all,
		.taken = zpm_index_new(arena),
		.keys = zpm_index_new(arena) };

	platform->api_version = ZPM_API_VERSION;
	platform->platform = have->platform;
	platform->services = zpm_arena_alloc(arena, sizeof(*platform->services));
	add_notes(&im);
	zpm_importer_add_objects(&im);
	import_services(&im);
	sort(&im);
	note_externals(&im, &platform->secrets, "secrets");
	note_externals(&im, &platform->configs, "some configs");
	zpm_shape_minimise(&zpm_platform_shape, platform);
	return platform;
}
