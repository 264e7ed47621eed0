/* Networks, volumes, secrets and configs: those that are ours, and those that services name. */
#include "plan/importer.h"

#include "base/index.h"
#include "base/text.h"
#include "model/shape.h"

#include <string.h>

/* What zpm_manifest_name() puts before a name that is not the platform's. */
#define FOREIGN "docker:"

static const char *ref(const struct zpm_importer *im, enum zpm_kind_id kind, const char *name)
{
	return zpm_arena_printf(im->arena, "%s/%s", zpm_kinds[kind].name, name);
}

static const char *known(const struct zpm_importer *im, enum zpm_kind_id kind, const char *name)
{
	return zpm_index_get(im->keys, ref(im, kind, name));
}

static const char *remember(struct zpm_importer *im, enum zpm_kind_id kind, const char *name, const char *key)
{
	zpm_index_add(im->keys, ref(im, kind, name), (void *)(uintptr_t)key);
	return key;
}

/* The Engine's name of what a service names, where no object tells. */
static const char *real_of(const struct zpm_importer *im, const char *name)
{
	if (zpm_starts_with(name, FOREIGN))
		return name + strlen(FOREIGN);
	return zpm_real_name(im->have->platform, name, im->arena);
}

static const char *key_of(struct zpm_importer *im, enum zpm_kind_id kind, const char *name, const char *real)
{
	return zpm_importer_key(im, kind, zpm_starts_with(name, FOREIGN) ? real : name, real);
}

/* Is it to be declared with all it has, rather than as external? */
static bool is_declared(const struct zpm_importer *im, const struct zpm_object *object)
{
	return zpm_importer_owns(im, object) || (im->all && !object->live->owner);
}

/* The gateway that a network gets by itself: the first address of its subnet. */
static bool is_first_address(const struct zpm_subnet *subnet)
{
	size_t len = subnet->subnet ? strcspn(subnet->subnet, "/") : 0;

	return len && subnet->subnet[len - 1] == '0' && subnet->gateway && strlen(subnet->gateway) == len &&
	       !strncmp(subnet->subnet, subnet->gateway, len - 1) && subnet->gateway[len - 1] == '1';
}

static const char *add_network(struct zpm_importer *im, const struct zpm_object *object)
{
	const char *key = key_of(im, ZPM_KIND_NETWORK, object->name, object->real);
	struct zpm_network *network;

	if (is_declared(im, object)) {
		network = zpm_shape_copy(&zpm_network_shape, object->spec, im->arena);
		network->real_name = zpm_importer_real(im, key, object->real);
		network->labels = zpm_importer_labels(im, &network->labels);
		if (!object->live->owner)
			network->adopt = 1;
	} else {
		network = zpm_shape_new(&zpm_network_shape, im->arena);
		network->external = 1;
		network->real_name = strcmp(key, object->real) != 0 ? object->real : NULL;
	}
	for (size_t i = 0; i < network->ipam.n; i++)
		if (is_first_address(network->ipam.v[i]))
			((struct zpm_subnet *)network->ipam.v[i])->gateway = NULL;
	network->name = key;
	zpm_ptrs_push(im->arena, &im->platform->networks, network);
	return remember(im, ZPM_KIND_NETWORK, object->name, key);
}

const char *zpm_importer_network(struct zpm_importer *im, const char *name)
{
	const char *key = known(im, ZPM_KIND_NETWORK, name), *real = real_of(im, name);
	const struct zpm_object *object = zpm_objects_find(im->have, ZPM_KIND_NETWORK, name);
	struct zpm_network *network;

	if (key || zpm_network_is_predefined(name))
		return key ? key : name;
	if (object)
		return add_network(im, object);
	network = zpm_shape_new(&zpm_network_shape, im->arena);
	network->external = 1;
	network->name = key_of(im, ZPM_KIND_NETWORK, name, real);
	network->real_name = strcmp(network->name, real) != 0 ? real : NULL;
	zpm_ptrs_push(im->arena, &im->platform->networks, network);
	return remember(im, ZPM_KIND_NETWORK, name, network->name);
}

/* "addr=SERVER,OPTIONS" and ":/PATH" of the local driver, when `nfs` would say just that. */
static void find_nfs(struct zpm_volume *volume, struct zpm_arena *arena)
{
	const struct zpm_pairs *driver = &volume->driver_options;
	const char *type = zpm_pairs_get(driver, "type"), *device = zpm_pairs_get(driver, "device");
	const char *o = zpm_pairs_get(driver, "o");
	size_t len;

	if (driver->n != 3 || !type || strcmp(type, "nfs") != 0 || !device ||
		!zpm_starts_with(device, ":/") || !o || !zpm_starts_with(o, "addr=") || strstr(o, ",addr=") ||
		(volume->driver && strcmp(volume->driver, "local") != 0))
		return;
	o += strlen("addr=");
	len = strcspn(o, ",");
	if (!len || !o[len] || !o[len + 1])
		return;
	volume->nfs = zpm_arena_alloc(arena, sizeof(*volume->nfs));
	volume->nfs->server = zpm_arena_strndup(arena, o, len);
	volume->nfs->options = o + len + 1;
	volume->nfs->path = device + 1;
	volume->driver_options = (struct zpm_pairs){ 0 };
}

/* `spec` says how it is made; NULL: it is external. */
static const char *add_volume(struct zpm_importer *im, const char *name, const char *real,
	const struct zpm_volume *spec, bool adopt)
{
	const char *key = key_of(im, ZPM_KIND_VOLUME, name, real);
	struct zpm_volume *volume = zpm_shape_new(&zpm_volume_shape, im->arena);

	if (spec) {
		volume->driver = spec->driver;
		volume->driver_options = spec->driver_options;
		volume->labels = zpm_importer_labels(im, &spec->labels);
		volume->real_name = zpm_importer_real(im, key, real);
		find_nfs(volume, im->arena);
		if (adopt)
			volume->adopt = 1;
	} else {
		volume->external = 1;
		volume->real_name = strcmp(key, real) != 0 ? real : NULL;
	}
	volume->name = key;
	zpm_ptrs_push(im->arena, &im->platform->volumes, volume);
	return remember(im, ZPM_KIND_VOLUME, name, key);
}

static const char *add_observed_volume(struct zpm_importer *im, const struct zpm_object *object)
{
	return add_volume(im, object->name, object->real, is_declared(im, object) ? object->spec : NULL,
		!object->live->owner);
}

/* One that only other nodes have is known by what the mount says of it. */
const char *zpm_importer_volume(struct zpm_importer *im, const char *name, const struct zpm_mount *mount)
{
	const struct zpm_object *object = zpm_objects_find(im->have, ZPM_KIND_VOLUME, name);
	const char *key = known(im, ZPM_KIND_VOLUME, name);
	const char *owner = zpm_pairs_get(&mount->volume_labels, ZPM_LABEL_PLATFORM);
	bool ours = owner && !strcmp(owner, im->have->platform);
	const struct zpm_volume spec = { .driver = mount->driver,
		.driver_options = mount->driver_options,
		.labels = mount->volume_labels };

	if (key)
		return key;
	if (object)
		return add_observed_volume(im, object);
	return add_volume(im, name, real_of(im, name), ours || (im->all && !owner) ? &spec : NULL, !ours);
}

/* Text that a manifest can hold and that gives the very version again. */
static bool has_text(const struct zpm_secret *config, const struct zpm_object *object)
{
	return config->data && config->len && !memchr(config->data, '\0', config->len) &&
	       zpm_utf8_valid_len(config->data, config->len) == config->len && strchr(object->name, '@');
}

/* A content that cannot be read back stays where it is, as if somebody else had made it. */
static const char *add_file(struct zpm_importer *im, enum zpm_kind_id kind, const char *name,
	const char *real, const struct zpm_object *object)
{
	struct zpm_secret *file = zpm_shape_new(zpm_kinds[kind].shape, im->arena);
	const struct zpm_secret *seen = object ? object->spec : NULL;
	const char *plain = zpm_version_name(name, im->arena);

	file->name = zpm_importer_key(im, kind, zpm_starts_with(name, FOREIGN) ? real : plain, real);
	if (seen && has_text(seen, object) && !strcmp(file->name, plain)) {
		file->content = zpm_arena_strndup(im->arena, seen->data, seen->len);
		file->labels = zpm_importer_labels(im, &seen->labels);
	} else {
		file->external = 1;
		file->real_name = strcmp(file->name, real) != 0 ? real : NULL;
	}
	zpm_ptrs_push(
		im->arena, kind == ZPM_KIND_SECRET ? &im->platform->secrets : &im->platform->configs, file);
	return remember(im, kind, name, file->name);
}

const char *zpm_importer_file(struct zpm_importer *im, enum zpm_kind_id kind, const char *name)
{
	const struct zpm_object *object = zpm_objects_find(im->have, kind, name);
	const char *key = known(im, kind, name), *version = strchr(name, '@');
	const char *real = real_of(im, name);

	if (key)
		return key;
	if (version)
		real = zpm_version_real(
			im->have->platform, zpm_version_name(name, im->arena), version + 1, im->arena);
	return add_file(im, kind, name, real, object);
}

/* A version that only an earlier spec or task needs goes when they do, and is not to be held. */
static bool is_superseded(const struct zpm_object *object)
{
	for (size_t i = 0; i < object->live->uses.n; i++)
		if (((const struct zpm_use *)object->live->uses.v[i])->by == ZPM_USE_SPEC)
			return false;
	return object->live->uses.n > 0;
}

static void add_object(struct zpm_importer *im, const struct zpm_object *object)
{
	const struct zpm_network *network = object->spec;
	bool ours = zpm_importer_owns(im, object);

	switch (object->kind->id) {
	case ZPM_KIND_NODE:
		if (ours)
			zpm_importer_add_host(im, object);
		break;
	case ZPM_KIND_NETWORK:
		if (ours || (im->all && !object->live->owner && !zpm_network_is_predefined(object->real) &&
				    !strcmp(network->driver, "overlay")))
			add_network(im, object);
		break;
	case ZPM_KIND_VOLUME:
		if (ours)
			add_observed_volume(im, object);
		break;
	case ZPM_KIND_SECRET:
	case ZPM_KIND_CONFIG:
		if (ours && !is_superseded(object))
			zpm_importer_file(im, object->kind->id, object->name);
		break;
	default:
		break;
	}
}

void zpm_importer_add_objects(struct zpm_importer *im)
{
	for (int ours = 1; ours >= 0; ours--)
		for (size_t i = 0; i < im->have->list.n; i++) {
			const struct zpm_object *object = im->have->list.v[i];

			if (zpm_importer_owns(im, object) == ours)
				add_object(im, object);
		}
}
