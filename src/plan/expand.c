/* The manifest's short ways of saying things, said in full. */
#include "plan/expand.h"

#include "base/index.h"
#include "model/image.h"
#include "model/setup.h"
#include "model/shape.h"
#include "plan/expand_mongo.h"
#include "plan/patch.h"
#include "plan/placement.h"
#include "plan/topology.h"

#include <string.h>

const char *zpm_expand_image(const char *image, const struct zpm_release *release, struct zpm_arena *arena)
{
	const char *tag = release && release->tag ? release->tag : "latest";

	if (release && release->registry && !zpm_image_names_registry(image))
		image = zpm_arena_printf(arena, "%s/%s", release->registry, image);
	return zpm_image_has_tag(image) ? image : zpm_arena_printf(arena, "%s:%s", image, tag);
}

/* What the expansion of one object needs beside the object. */
struct expansion {
	const struct zpm_platform *platform;
	struct zpm_objects *objects;
	struct zpm_index *patches;  /* struct zpm_patch by service: all patches of it in one */
	struct zpm_index *features; /* struct zpm_feature */
	struct zpm_index *off;      /* services that their `when` leaves out */
	struct zpm_topology topology;
};

static void add_labels(const struct zpm_platform *platform, struct zpm_pairs *labels, const char *tier,
	struct zpm_arena *arena)
{
	struct zpm_pairs all = { 0 };

	for (size_t i = 0; i < labels->n; i++)
		zpm_pairs_set(arena, &all, labels->v[i].key, labels->v[i].value);
	zpm_pairs_set(arena, &all, ZPM_LABEL_PLATFORM, platform->platform);
	if (tier)
		zpm_pairs_set(arena, &all, ZPM_LABEL_TIER, tier);
	*labels = all;
}

/* A permission, not a property: whether it is still given must not look like another spec. */
static bool take_adopt(int64_t *adopt)
{
	bool given = *adopt == 1;

	*adopt = ZPM_UNSET;
	return given;
}

static struct zpm_object *add_object(struct zpm_objects *objects, enum zpm_kind_id kind, const char *name,
	const char *real_name, bool external, void *spec)
{
	struct zpm_object *object = zpm_arena_alloc(objects->arena, sizeof(*object));

	object->kind = &zpm_kinds[kind];
	object->name = name;
	object->tier = ZPM_TIER_NONE;
	object->external = external;
	object->spec = spec;
	if (real_name)
		object->real = real_name;
	else
		object->real = external ? name : zpm_real_name(objects->platform, name, objects->arena);
	zpm_shape_canonicalise(object->kind->shape, spec, objects->arena);
	zpm_objects_add(objects, object);
	return object;
}

static void expand_network(
	const struct zpm_platform *platform, const struct zpm_network *declared, struct zpm_objects *objects)
{
	struct zpm_network *network = zpm_shape_copy(&zpm_network_shape, declared, objects->arena);
	bool adopt = take_adopt(&network->adopt);

	network->when = NULL;
	add_labels(platform, &network->labels, NULL, objects->arena);
	add_object(
		objects, ZPM_KIND_NETWORK, network->name, network->real_name, network->external == 1, network)
		->adopt = adopt;
}

/* How the local driver is told of NFS: type, device and o, with the address inside o. */
static void expand_nfs(struct zpm_volume *volume, struct zpm_arena *arena)
{
	const struct zpm_nfs *nfs = volume->nfs;
	const char *options = nfs->options ? nfs->options : "rw";
	struct zpm_pairs *driver = &volume->driver_options;

	*driver = (struct zpm_pairs){ 0 };
	zpm_pairs_set(arena, driver, "type", "nfs");
	zpm_pairs_set(arena, driver, "o", zpm_arena_printf(arena, "addr=%s,%s", nfs->server, options));
	zpm_pairs_set(arena, driver, "device", zpm_arena_printf(arena, ":%s", nfs->path));
	volume->nfs = NULL;
}

static struct zpm_object *expand_volume(
	const struct zpm_platform *platform, const struct zpm_volume *declared, struct zpm_objects *objects)
{
	struct zpm_object *object;

	struct zpm_volume *volume = zpm_shape_copy(&zpm_volume_shape, declared, objects->arena);
	bool adopt = take_adopt(&volume->adopt);

	volume->when = NULL;
	if (volume->nfs)
		expand_nfs(volume, objects->arena);
	add_labels(platform, &volume->labels, NULL, objects->arena);
	object = add_object(
		objects, ZPM_KIND_VOLUME, volume->name, volume->real_name, volume->external == 1, volume);
	object->adopt = adopt;
	return object;
}

/* Named after its version: another content is another object beside the one that tasks still use. */
static void expand_secret(const struct zpm_platform *platform, enum zpm_kind_id kind,
	const struct zpm_secret *declared, struct zpm_objects *objects)
{
	struct zpm_secret *secret = zpm_shape_copy(zpm_kinds[kind].shape, declared, objects->arena);
	const char *real = secret->real_name;

	if (secret->external != 1)
		real = zpm_version_real(platform->platform, secret->name, secret->version, objects->arena);
	add_labels(platform, &secret->labels, NULL, objects->arena);
	add_object(objects, kind, secret->name, real, secret->external == 1, secret);
}

/* A service names the version it is to see, so that another one is a change of the service. */
static void expand_files(
	const struct zpm_ptrs *files, enum zpm_kind_id kind, const struct zpm_objects *objects)
{
	for (size_t i = 0; i < files->n; i++) {
		struct zpm_file *file = files->v[i];
		const struct zpm_object *object = zpm_objects_find(objects, kind, file->source);
		const struct zpm_secret *secret = object ? object->spec : NULL;

		if (!file->target)
			file->target = file->source;
		if (secret && !object->external)
			file->source = zpm_version_ref(secret->name, secret->version, objects->arena);
	}
}

/*
 * Beside its scoped name the service answers to its own: kafka, not
 * securaa_kafka. Where both are one, Swarm sees to it.
 */
static void expand_networks(const struct zpm_service *service, struct zpm_arena *arena)
{
	bool scoped = !service->real_name || strcmp(service->real_name, service->name) != 0;

	for (size_t i = 0; i < service->networks.n; i++) {
		struct zpm_attachment *attachment = service->networks.v[i];
		struct zpm_strs aliases = { 0 };

		if (zpm_network_is_predefined(attachment->name))
			continue;
		if (scoped)
			zpm_strs_push(arena, &aliases, service->name);
		for (size_t j = 0; j < attachment->aliases.n; j++)
			if (!zpm_strs_have(&aliases, attachment->aliases.v[j]))
				zpm_strs_push(arena, &aliases, attachment->aliases.v[j]);
		attachment->aliases = aliases;
	}
}

/* A node that runs a task but has no such volume makes it from what the mount says. */
static void expand_mount(struct zpm_mount *mount, const struct zpm_objects *objects)
{
	const struct zpm_object *object;
	const struct zpm_volume *volume;

	if (mount->type && strcmp(mount->type, "volume") != 0)
		return;
	object = mount->source ? zpm_objects_find(objects, ZPM_KIND_VOLUME, mount->source) : NULL;
	if (!object || object->external)
		return;
	volume = object->spec;
	mount->volume_labels = volume->labels;
	if (volume->driver_options.n || strcmp(volume->driver, "local") != 0) {
		mount->driver = volume->driver;
		mount->driver_options = volume->driver_options;
	}
}

static void expand_mounts(const struct zpm_service *service, const struct zpm_objects *objects)
{
	for (size_t i = 0; i < service->volumes.n; i++)
		expand_mount(service->volumes.v[i], objects);
}

/* The Engine knows one list of arguments: command and args in a row. */
static void expand_command(struct zpm_service *service, struct zpm_arena *arena)
{
	struct zpm_strs all = { 0 };

	if (!service->args.n)
		return;
	for (size_t i = 0; i < service->command.n; i++)
		zpm_strs_push(arena, &all, service->command.v[i]);
	for (size_t i = 0; i < service->args.n; i++)
		zpm_strs_push(arena, &all, service->args.v[i]);
	service->command = all;
	service->args = (struct zpm_strs){ 0 };
}

static void depend(const struct expansion *e, struct zpm_strs *there, const char *name)
{
	if (!zpm_strs_have(there, name))
		zpm_strs_push(e->objects->arena, there, name);
}

/* What is not there is not waited for. */
static void expand_dependencies(const struct expansion *e, struct zpm_service *service)
{
	struct zpm_strs there = { 0 };

	for (size_t i = 0; i < service->depends_on.n; i++) {
		const char *name = service->depends_on.v[i];
		bool all = e->platform->mongo && !strcmp(name, ZPM_MONGO_ALL);

		for (size_t j = 0; all && j < e->topology.services.n; j++)
			depend(e, &there, e->topology.services.v[j]);
		if (!all && !zpm_index_get(e->off, name))
			depend(e, &there, name);
	}
	service->depends_on = there;
}

static const char *image_of(
	const struct expansion *e, const struct zpm_service *service, const struct zpm_patch *patch)
{
	struct zpm_release release = { .pin = ZPM_UNSET };

	if (e->platform->release)
		release = *e->platform->release;
	if (patch && patch->tag)
		release.tag = patch->tag;
	return zpm_expand_image(service->image, &release, e->objects->arena);
}

/*
 * An object of its own, so that other commands are no other service. There is nothing to set up where
 * nothing is to run.
 */
static void expand_setup(
	struct zpm_objects *objects, const struct zpm_service *service, struct zpm_ptrs commands)
{
	struct zpm_setup *setup;

	if (!commands.n || service->replicas == 0)
		return;
	setup = zpm_shape_new(&zpm_setup_shape, objects->arena);
	setup->service = service->name;
	setup->commands = commands;
	add_object(objects, ZPM_KIND_SETUP, service->name, service->real_name, false, setup)->hash =
		zpm_setup_hash(setup, objects->arena);
}

/* One with the defaults in it, which is changed. */
static struct zpm_object *add_service(
	const struct expansion *e, struct zpm_service *service, enum zpm_tier tier)
{
	const struct zpm_platform *platform = e->platform;
	struct zpm_arena *arena = e->objects->arena;
	const struct zpm_ptrs setup = service->setup;
	struct zpm_object *object;
	const struct zpm_patch *patch;
	bool adopt;

	adopt = take_adopt(&service->adopt);
	service->setup = (struct zpm_ptrs){ 0 };
	service->tier = zpm_tier_names[tier];
	service->when = NULL;
	patch = zpm_patches_apply(e->patches, service, arena);
	service->image = image_of(e, service, patch);
	if (service->pin == ZPM_UNSET && platform->release)
		service->pin = platform->release->pin;
	expand_command(service, arena);
	expand_dependencies(e, service);
	expand_networks(service, arena);
	zpm_expand_runs_on(service, arena);
	expand_mounts(service, e->objects);
	expand_files(&service->secrets, ZPM_KIND_SECRET, e->objects);
	expand_files(&service->configs, ZPM_KIND_CONFIG, e->objects);
	add_labels(platform, &service->labels, service->tier, arena);
	if (service->integration)
		zpm_pairs_set(arena, &service->labels, ZPM_LABEL_INTEGRATION, service->integration);
	service->integration = NULL;
	object = add_object(e->objects, ZPM_KIND_SERVICE, service->name, service->real_name, false, service);
	object->tier = tier;
	object->patch = patch;
	object->adopt = adopt;
	expand_setup(e->objects, service, setup);
	return object;
}

static void expand_service(const struct expansion *e, const struct zpm_service *declared, enum zpm_tier tier)
{
	struct zpm_arena *arena = e->objects->arena;
	struct zpm_service *service = zpm_shape_copy(&zpm_service_shape, declared, arena);

	if (e->platform->defaults)
		zpm_shape_merge(&zpm_service_shape, service, e->platform->defaults, arena);
	add_service(e, service, tier);
}

/* Members and routers come with the tier system: what the other tiers are for needs them. */
static void expand_topology(const struct expansion *e)
{
	for (size_t i = 0; i < e->topology.processes.n; i++) {
		const struct zpm_mongo_process *process = e->topology.processes.v[i];
		struct zpm_volume *volume;

		if (!process->managed)
			continue;
		volume = zpm_topology_volume(&e->topology, process);
		if (volume)
			expand_volume(e->platform, volume, e->objects)->topology = true;
		add_service(e, zpm_topology_service(&e->topology, process), ZPM_TIER_SYSTEM)->topology = true;
	}
}

static struct zpm_index *index_features(const struct zpm_ptrs *features, struct zpm_arena *arena)
{
	struct zpm_index *index = zpm_index_new(arena);

	for (size_t i = 0; i < features->n; i++)
		zpm_index_add(index, ((const struct zpm_feature *)features->v[i])->name, features->v[i]);
	return index;
}

/* All of them have to be known before the first service that may depend on one is expanded. */
static void find_off(const struct expansion *e)
{
	const struct zpm_platform *platform = e->platform;
	const char *by_default = platform->defaults ? platform->defaults->when : NULL;

	for (int tier = 0; platform->services && tier < ZPM_TIER_COUNT; tier++) {
		const struct zpm_ptrs *services = &platform->services->services[tier];

		for (size_t i = 0; i < services->n; i++) {
			struct zpm_service *service = services->v[i];

			if (!zpm_when_holds(service->when ? service->when : by_default, e->features))
				zpm_index_add(e->off, service->name, service);
		}
	}
}

static void expand_networks_and_volumes(const struct expansion *e)
{
	const struct zpm_platform *platform = e->platform;

	for (size_t i = 0; i < platform->networks.n; i++) {
		const struct zpm_network *network = platform->networks.v[i];

		if (zpm_when_holds(network->when, e->features))
			expand_network(platform, network, e->objects);
	}
	for (size_t i = 0; i < platform->volumes.n; i++) {
		const struct zpm_volume *volume = platform->volumes.v[i];

		if (zpm_when_holds(volume->when, e->features))
			expand_volume(platform, volume, e->objects);
	}
}

static void expand_secrets(const struct zpm_platform *platform, struct zpm_objects *objects)
{
	for (size_t i = 0; i < platform->secrets.n; i++)
		expand_secret(platform, ZPM_KIND_SECRET, platform->secrets.v[i], objects);
	for (size_t i = 0; i < platform->configs.n; i++)
		expand_secret(platform, ZPM_KIND_CONFIG, platform->configs.v[i], objects);
}

struct zpm_objects *zpm_expand(const struct zpm_platform *platform, struct zpm_arena *arena)
{
	struct expansion e = {
		.platform = platform,
		.objects = zpm_objects_new(platform->platform, arena),
		.features = index_features(&platform->features, arena),
		.off = zpm_index_new(arena),
	};

	zpm_topology_init(&e.topology, platform, arena);
	e.patches = zpm_patches_merge(platform, &e.topology.services, arena);
	find_off(&e);
	zpm_expand_hosts(platform, e.objects);
	expand_networks_and_volumes(&e);
	expand_secrets(platform, e.objects);
	expand_topology(&e);
	for (int tier = 0; platform->services && tier < ZPM_TIER_COUNT; tier++) {
		const struct zpm_ptrs *services = &platform->services->services[tier];

		for (size_t i = 0; i < services->n; i++) {
			const struct zpm_service *service = services->v[i];

			if (!zpm_index_get(e.off, service->name))
				expand_service(&e, service, (enum zpm_tier)tier);
		}
	}
	zpm_expand_mongo(platform, e.objects);
	return e.objects;
}
