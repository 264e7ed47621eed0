/* From the manifest to desired objects: images, names, labels, aliases, NFS, defaults. */
#include "support.h"

#include "model/shape.h"
#include "plan/expand.h"

#include <string.h>

#define MANIFEST(rest) "{'apiVersion': 'zpm/v1', 'platform': 'p', " rest "}"
#define IN_CORE(rest)  MANIFEST("'services': {'core': {" rest "}}")

static const char *image(const struct test *t, const char *text, const char *registry, const char *tag)
{
	const struct zpm_release release = { .registry = registry, .tag = tag };

	return zpm_expand_image(text, &release, t->arena);
}

static const struct zpm_service *service_of(const struct zpm_objects *objects, const char *name)
{
	return object_of(objects, ZPM_KIND_SERVICE, name)->spec;
}

static const struct zpm_volume *volume_of(const struct zpm_objects *objects, const char *name)
{
	return object_of(objects, ZPM_KIND_VOLUME, name)->spec;
}

static const char *aliases(const struct test *t, const struct zpm_service *service, size_t network)
{
	const struct zpm_attachment *attachment = service->networks.v[network];
	const char *text = "";

	for (size_t i = 0; i < attachment->aliases.n; i++)
		text = zpm_arena_printf(t->arena, "%s%s ", text, attachment->aliases.v[i]);
	return text;
}

/* Images. */

#define REGISTRY "registry.example.net/securaa"
#define DIGEST   "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_expand_image__gets_registry_and_tag(void **state)
{
	const struct test *t = *state;

	assert_string_equal(image(t, "kafka", REGISTRY, "7.2.0"), REGISTRY "/kafka:7.2.0");
	assert_string_equal(image(t, "team/kafka", REGISTRY, "7.2.0"), REGISTRY "/team/kafka:7.2.0");
}

static void test_expand_image__keeps_its_own_tag(void **state)
{
	const struct test *t = *state;

	assert_string_equal(image(t, "kafka:3.7", REGISTRY, "7.2.0"), REGISTRY "/kafka:3.7");
	assert_string_equal(
		image(t, "localhost:5000/kafka:3.7", REGISTRY, "7.2.0"), "localhost:5000/kafka:3.7");
}

static void test_expand_image__keeps_its_own_registry(void **state)
{
	const struct test *t = *state;

	assert_string_equal(
		image(t, "other.example.net/kafka", REGISTRY, "7.2.0"), "other.example.net/kafka:7.2.0");
	assert_string_equal(image(t, "localhost/kafka", REGISTRY, "7.2.0"), "localhost/kafka:7.2.0");
	assert_string_equal(image(t, "other:5000/kafka", REGISTRY, "7.2.0"), "other:5000/kafka:7.2.0");
}

/* Docker's rule: only a '.', a ':' or "localhost" make a registry of the first part. */
static void test_expand_image__plain_folder_is_no_registry(void **state)
{
	const struct test *t = *state;

	assert_string_equal(image(t, "localhosts/kafka", REGISTRY, "1"), REGISTRY "/localhosts/kafka:1");
	assert_string_equal(image(t, "local/kafka", REGISTRY, "1"), REGISTRY "/local/kafka:1");
	assert_string_equal(image(t, "team/kafka.d", REGISTRY, "1"), REGISTRY "/team/kafka.d:1");
}

static void test_expand_image__digest_needs_no_tag(void **state)
{
	const struct test *t = *state;

	assert_string_equal(image(t, "kafka" DIGEST, REGISTRY, "7.2.0"), REGISTRY "/kafka" DIGEST);
	assert_string_equal(image(t, "kafka:3" DIGEST, REGISTRY, "7.2.0"), REGISTRY "/kafka:3" DIGEST);
}

static void test_expand_image__registry_with_a_port(void **state)
{
	const struct test *t = *state;

	assert_string_equal(image(t, "kafka", "registry:5000", "7.2.0"), "registry:5000/kafka:7.2.0");
	assert_string_equal(image(t, "kafka", "registry:5000", NULL), "registry:5000/kafka:latest");
}

static void test_expand_image__without_release_it_is_the_latest(void **state)
{
	const struct test *t = *state;

	assert_string_equal(zpm_expand_image("kafka", NULL, t->arena), "kafka:latest");
	assert_string_equal(image(t, "kafka", NULL, NULL), "kafka:latest");
	assert_string_equal(image(t, "kafka", NULL, "7.2.0"), "kafka:7.2.0");
	assert_string_equal(image(t, "kafka", REGISTRY, NULL), REGISTRY "/kafka:latest");
}

static void test_expand__image_of_a_service_is_completed(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, MANIFEST("'release': {'registry': 'r.example.net', 'tag': '2'},"
					       " 'services': {'core': {'web': {'image': 'web'}}}"));

	assert_string_equal(service_of(objects, "web")->image, "r.example.net/web:2");
}

#define PATCHED(rest)                                                                                        \
	MANIFEST("'release': {'registry': 'r.example.net', 'tag': '2', 'patch': {'tag': '2-p1', "            \
		 "'services': ['web', 'own']}}, 'services': {'core': {" rest "}}")

static void test_expand__patch_is_the_tag_of_its_services(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, PATCHED("'web': {'image': 'web'}, 'webs': {'image': 'web'},"
					      " 'own': {'image': 'q.example.net/own'}"));

	assert_string_equal(service_of(objects, "web")->image, "r.example.net/web:2-p1");
	assert_string_equal(service_of(objects, "own")->image, "q.example.net/own:2-p1");
	assert_string_equal(service_of(objects, "webs")->image, "r.example.net/web:2");
	assert_non_null(object_of(objects, ZPM_KIND_SERVICE, "web")->patch);
	assert_null(object_of(objects, ZPM_KIND_SERVICE, "webs")->patch);
}

static void test_expand__patch_leaves_an_image_with_a_tag_of_its_own(void **state)
{
	const struct zpm_objects *objects = given_desired(
		*state, PATCHED("'web': {'image': 'web:1'}, 'own': {'image': 'own" DIGEST "'}"));

	assert_string_equal(service_of(objects, "web")->image, "r.example.net/web:1");
	assert_string_equal(service_of(objects, "own")->image, "r.example.net/own" DIGEST);
	assert_null(object_of(objects, ZPM_KIND_SERVICE, "web")->patch);
}

static void test_expand__patch_needs_no_release_tag_and_takes_images_of_the_defaults(void **state)
{
	const struct zpm_objects *objects = given_desired(*state,
		MANIFEST("'release': {'patch': {'tag': 'p', 'services': ['a']}}, 'defaults': {'image': 'x'},"
			 " 'services': {'core': {'a': {'image': 'y'}, 'b': {}}}"));

	assert_string_equal(service_of(objects, "a")->image, "y:p");
	assert_string_equal(service_of(objects, "b")->image, "x:latest");
}

#define OVERLAID(patch, files, rest)                                                                         \
	MANIFEST("'release': {'tag': '2', 'patch': " patch "}, 'services': {'core': {" rest                  \
		 "}}, 'patches': [" files "]")

static void test_expand__files_of_patches_win_in_their_order(void **state)
{
	const struct zpm_objects *objects = given_desired(
		*state, OVERLAID("{'tag': 'p1', 'services': ['a', 'b', 'c']}",
				"{'tag': 'p2', 'services': ['a', 'b']}, {'tag': 'p3', 'services': ['a']}",
				"'a': {'image': 'x'}, 'b': {'image': 'x'}, 'c': {'image': 'x'}, 'd': "
				"{'image': 'x'}"));

	assert_string_equal(service_of(objects, "a")->image, "x:p3");
	assert_string_equal(service_of(objects, "b")->image, "x:p2");
	assert_string_equal(service_of(objects, "c")->image, "x:p1");
	assert_string_equal(service_of(objects, "d")->image, "x:2");
}

static void test_expand__environment_of_patches_wins_key_by_key(void **state)
{
	const struct zpm_objects *objects = given_desired(*state,
		OVERLAID("{'services': ['a'], 'environment': {'A': '1', 'B': '1', 'C': '1'}}",
			"{'services': ['a'], 'environment': {'B': '2', 'C': '2'}},"
			"{'tag': 'p3', 'services': ['a']}, {'services': ['a'], 'environment': {'C': '3'}}",
			"'a': {'image': 'x', 'environment': {'A': '0', 'O': '0'}},"
			"'b': {'image': 'x', 'environment': {'A': '0'}}"));
	const struct zpm_pairs *environment = &service_of(objects, "a")->environment;

	assert_string_equal(zpm_pairs_get(environment, "O"), "0");
	assert_string_equal(zpm_pairs_get(environment, "A"), "1");
	assert_string_equal(zpm_pairs_get(environment, "B"), "2");
	assert_string_equal(zpm_pairs_get(environment, "C"), "3");
	assert_int_equal(environment->n, 4);
	assert_string_equal(service_of(objects, "a")->image, "x:p3");
	assert_string_equal(zpm_pairs_get(&service_of(objects, "b")->environment, "A"), "0");
	assert_null(object_of(objects, ZPM_KIND_SERVICE, "b")->patch);
}

static void test_expand__patch_gives_an_environment_to_an_image_with_a_tag_of_its_own(void **state)
{
	const struct zpm_objects *objects = given_desired(
		*state, OVERLAID("{}", "{'tag': 'p', 'services': ['a'], 'environment': {'A': '1'}}",
				"'a': {'image': 'x:own'}"));
	const struct zpm_object *a = object_of(objects, ZPM_KIND_SERVICE, "a");

	assert_string_equal(service_of(objects, "a")->image, "x:own");
	assert_string_equal(zpm_pairs_get(&service_of(objects, "a")->environment, "A"), "1");
	assert_null(a->patch->tag);
	assert_string_equal(zpm_pairs_get(&a->patch->environment, "A"), "1");
}

/* Names. */

static void test_expand__names_begin_with_the_platform(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects =
		given_desired(t, MANIFEST("'networks': {'net': {}}, 'volumes': {'data': {}},"
					  " 'services': {'core': {'web': {'image': 'web'}}}"));

	assert_string_equal(object_of(objects, ZPM_KIND_NETWORK, "net")->real, "p_net");
	assert_string_equal(object_of(objects, ZPM_KIND_VOLUME, "data")->real, "p_data");
	assert_string_equal(object_of(objects, ZPM_KIND_SERVICE, "web")->real, "p_web");
	assert_int_equal(objects->list.n, 3);
}

static void test_expand__chosen_name_is_taken_as_it_is(void **state)
{
	const struct zpm_objects *objects = given_desired(*state,
		MANIFEST("'networks': {'net': {'name': 'backbone'}}, 'volumes': {'data': {'name': 'disk'}}"));

	assert_string_equal(object_of(objects, ZPM_KIND_NETWORK, "net")->real, "backbone");
	assert_string_equal(object_of(objects, ZPM_KIND_VOLUME, "data")->real, "disk");
	assert_false(object_of(objects, ZPM_KIND_NETWORK, "net")->external);
}

static void test_expand__external_object_is_called_by_its_key(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, MANIFEST("'networks': {'shared': {'external': true}, 'far': "
					       "{'external': true, 'name': 'far-away'}}"));

	assert_string_equal(object_of(objects, ZPM_KIND_NETWORK, "shared")->real, "shared");
	assert_string_equal(object_of(objects, ZPM_KIND_NETWORK, "far")->real, "far-away");
	assert_true(object_of(objects, ZPM_KIND_NETWORK, "shared")->external);
}

static void test_expand__not_external_is_ours(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, MANIFEST("'networks': {'net': {'external': false}}"));

	assert_false(object_of(objects, ZPM_KIND_NETWORK, "net")->external);
	assert_string_equal(object_of(objects, ZPM_KIND_NETWORK, "net")->real, "p_net");
}

/* Labels. */

static void test_expand__everything_carries_the_platforms_label(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects = given_desired(
		t, MANIFEST("'networks': {'net': {}}, 'volumes': {'data': {'labels': {'a': '1'}}},"
			    " 'services': {'batch': {'web': {'image': 'web', 'labels': {'b': '2'}}}}"));
	const struct zpm_network *network = object_of(objects, ZPM_KIND_NETWORK, "net")->spec;

	assert_string_equal(zpm_pairs_get(&network->labels, "zpm.platform"), "p");
	assert_string_equal(zpm_pairs_get(&volume_of(objects, "data")->labels, "zpm.platform"), "p");
	assert_string_equal(zpm_pairs_get(&volume_of(objects, "data")->labels, "a"), "1");
	assert_string_equal(zpm_pairs_get(&service_of(objects, "web")->labels, "zpm.platform"), "p");
	assert_string_equal(zpm_pairs_get(&service_of(objects, "web")->labels, "zpm.tier"), "batch");
	assert_string_equal(zpm_pairs_get(&service_of(objects, "web")->labels, "b"), "2");
}

static void test_expand__containers_do_not_carry_it(void **state)
{
	const struct zpm_objects *objects = given_desired(*state, IN_CORE("'web': {'image': 'web'}"));

	assert_int_equal(service_of(objects, "web")->container_labels.n, 0);
}

static void test_expand__platforms_label_cannot_be_forged(void **state)
{
	const struct zpm_objects *objects = given_desired(*state,
		IN_CORE("'web': {'image': 'web', 'labels': {'zpm.platform': 'other', 'zpm.tier': 'ui'}}"));

	assert_string_equal(zpm_pairs_get(&service_of(objects, "web")->labels, "zpm.platform"), "p");
	assert_string_equal(zpm_pairs_get(&service_of(objects, "web")->labels, "zpm.tier"), "core");
}

static void test_expand__tier_is_the_section(void **state)
{
	const struct zpm_objects *objects = given_desired(*state,
		MANIFEST("'services': {'system': {'a': {'image': 'a'}}, 'ui': {'b': {'image': 'b'}}}"));

	assert_int_equal(object_of(objects, ZPM_KIND_SERVICE, "a")->tier, ZPM_TIER_SYSTEM);
	assert_int_equal(object_of(objects, ZPM_KIND_SERVICE, "b")->tier, ZPM_TIER_UI);
}

/* Networks and their aliases. */

static void test_expand__service_answers_to_its_own_name(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects =
		given_desired(t, MANIFEST("'networks': {'net': {}}, 'services': {'core': {"
					  "'kafka': {'image': 'kafka', 'networks': ['net']}}}"));

	assert_string_equal(aliases(t, service_of(objects, "kafka"), 0), "kafka ");
}

static void test_expand__declared_aliases_follow_without_repetition(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects = given_desired(
		t, MANIFEST("'networks': {'net': {}}, 'services': {'core': {'kafka': {'image': 'kafka',"
			    " 'networks': [{'name': 'net', 'aliases': ['queue', 'kafka', 'queue']}]}}}"));

	assert_string_equal(aliases(t, service_of(objects, "kafka"), 0), "kafka queue ");
}

/* Swarm itself resolves the name a service has there. */
static void test_expand__service_of_a_chosen_name_answers_to_its_key_besides(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects =
		given_desired(t, MANIFEST("'networks': {'net': {}}, 'services': {'core': {"
					  "'queue': {'image': 'kafka', 'name': 'kafka', 'networks': ['net']},"
					  "'zoo': {'image': 'zoo', 'name': 'zoo', 'networks': ['net']}}}"));

	assert_string_equal(object_of(objects, ZPM_KIND_SERVICE, "queue")->real, "kafka");
	assert_string_equal(aliases(t, service_of(objects, "queue"), 0), "queue ");
	assert_string_equal(object_of(objects, ZPM_KIND_SERVICE, "zoo")->real, "zoo");
	assert_string_equal(aliases(t, service_of(objects, "zoo"), 0), "");
}

/* The network of the host has no names of its own, and the Engine refuses aliases there. */
static void test_expand__no_alias_in_predefined_networks(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects =
		given_desired(t, IN_CORE("'kafka': {'image': 'kafka', 'networks': ['host']}"));

	assert_string_equal(aliases(t, service_of(objects, "kafka"), 0), "");
}

static void test_expand__inherited_network_gives_each_service_its_own_alias(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects = given_desired(
		t, MANIFEST("'networks': {'net': {}}, 'defaults': {'networks': ['net']},"
			    " 'services': {'core': {'a': {'image': 'a'}, 'b': {'image': 'b'}}}"));

	assert_string_equal(aliases(t, service_of(objects, "a"), 0), "a ");
	assert_string_equal(aliases(t, service_of(objects, "b"), 0), "b ");
}

/* Volumes and mounts. */

static void test_expand__nfs_becomes_driver_options(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, MANIFEST("'volumes': {'reports': {'nfs': {'server': 'nas.example.net', "
					       "'path': '/exports/reports',"
					       " 'options': 'rw,nfsvers=4.1,hard'}}}"));
	const struct zpm_volume *volume = volume_of(objects, "reports");

	assert_string_equal(volume->driver, "local");
	assert_int_equal(volume->driver_options.n, 3);
	assert_string_equal(zpm_pairs_get(&volume->driver_options, "type"), "nfs");
	assert_string_equal(
		zpm_pairs_get(&volume->driver_options, "o"), "addr=nas.example.net,rw,nfsvers=4.1,hard");
	assert_string_equal(zpm_pairs_get(&volume->driver_options, "device"), ":/exports/reports");
}

static void test_expand__nfs_is_mounted_for_writing_by_itself(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, MANIFEST("'volumes': {'a': {'nfs': {'server': 'nas', 'path': '/a'}}}"));

	assert_string_equal(zpm_pairs_get(&volume_of(objects, "a")->driver_options, "o"), "addr=nas,rw");
}

static const struct zpm_mount *mount_of(const struct zpm_objects *objects, const char *service)
{
	return service_of(objects, service)->volumes.v[0];
}

/* So that every node that runs a task makes the same volume. */
static void test_expand__mount_carries_how_its_volume_is_made(void **state)
{
	const struct zpm_objects *objects = given_desired(*state,
		MANIFEST("'volumes': {'a': {'nfs': {'server': 'nas', 'path': '/a'}, 'labels': {'x': '1'}}},"
			 " 'services': {'core': {'web': {'image': 'web', 'volumes': ['a:/a']}}}"));
	const struct zpm_mount *mount = mount_of(objects, "web");

	assert_string_equal(mount->driver, "local");
	assert_string_equal(zpm_pairs_get(&mount->driver_options, "type"), "nfs");
	assert_string_equal(zpm_pairs_get(&mount->driver_options, "device"), ":/a");
	assert_string_equal(zpm_pairs_get(&mount->volume_labels, "zpm.platform"), "p");
	assert_string_equal(zpm_pairs_get(&mount->volume_labels, "x"), "1");
}

static void test_expand__mount_of_a_plain_volume_names_no_driver(void **state)
{
	const struct zpm_objects *objects = given_desired(
		*state, MANIFEST("'volumes': {'a': {}},"
				 " 'services': {'core': {'web': {'image': 'web', 'volumes': ['a:/a']}}}"));

	assert_null(mount_of(objects, "web")->driver);
	assert_int_equal(mount_of(objects, "web")->driver_options.n, 0);
	assert_string_equal(zpm_pairs_get(&mount_of(objects, "web")->volume_labels, "zpm.platform"), "p");
}

static void test_expand__mount_of_an_external_volume_says_nothing_of_it(void **state)
{
	const struct zpm_objects *objects = given_desired(
		*state, MANIFEST("'volumes': {'a': {'external': true}},"
				 " 'services': {'core': {'web': {'image': 'web', 'volumes': ['a:/a']}}}"));

	assert_null(mount_of(objects, "web")->driver);
	assert_int_equal(mount_of(objects, "web")->volume_labels.n, 0);
}

static void test_expand__only_mounts_of_volumes_carry_that(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, MANIFEST("'volumes': {'a': {'nfs': {'server': 'nas', 'path': '/a'}}}, "
					       "'services': {'core': {'web':"
					       " {'image': 'web', 'volumes': [{'type': 'tmpfs', 'source': "
					       "'a', 'target': '/a'}]}}}"));

	assert_null(mount_of(objects, "web")->driver);
	assert_int_equal(mount_of(objects, "web")->volume_labels.n, 0);
}

/* Defaults and commands. */

static void test_expand__defaults_fill_what_a_service_leaves_open(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects = given_desired(
		t, MANIFEST("'defaults': {'user': 'app', 'environment': {'A': 'default', 'B': 'default'},"
			    " 'update': {'order': 'start-first'}}, 'services': {'core': {"
			    " 'a': {'image': 'a'}, 'b': {'image': 'b', 'user': 'root', 'environment': {'A': "
			    "'own'},"
			    " 'update': {'parallelism': 4}}}}"));
	const struct zpm_service *a = service_of(objects, "a"), *b = service_of(objects, "b");

	assert_string_equal(a->user, "app");
	assert_string_equal(zpm_pairs_get(&a->environment, "A"), "default");
	assert_int_equal(a->update->parallelism, 1);
	assert_string_equal(b->user, "root");
	assert_string_equal(zpm_pairs_get(&b->environment, "A"), "own");
	assert_string_equal(zpm_pairs_get(&b->environment, "B"), "default");
	assert_string_equal(b->update->order, "start-first");
	assert_int_equal(b->update->parallelism, 4);
}

static void test_expand__args_follow_the_command(void **state)
{
	const struct zpm_objects *objects = given_desired(*state,
		IN_CORE("'a': {'image': 'a', 'command': ['run', '-v'], 'args': ['x', 'y']},"
			" 'b': {'image': 'b', 'args': ['x']}, 'c': {'image': 'c', 'command': ['run']}"));
	const struct zpm_strs *a = &service_of(objects, "a")->command;

	assert_int_equal(a->n, 4);
	assert_string_equal(a->v[1], "-v");
	assert_string_equal(a->v[2], "x");
	assert_int_equal(service_of(objects, "a")->args.n, 0);
	assert_string_equal(service_of(objects, "b")->command.v[0], "x");
	assert_int_equal(service_of(objects, "c")->command.n, 1);
}

static void test_expand__everything_is_canonical(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects =
		given_desired(t, MANIFEST("'networks': {'net': {}}, 'volumes': {'data': {}},"
					  " 'services': {'core': {'web': {'image': 'web', 'ports': ['80'], "
					  "'volumes': ['data:/d'],"
					  " 'networks': ['net'], 'update': {'delay': '1s'}, 'user': ''}}}"));

	for (size_t i = 0; i < objects->list.n; i++) {
		const struct zpm_object *object = objects->list.v[i];
		const struct zpm_shape *shape = object->kind->shape;
		const char *before = text_of_object(t, shape, object->spec);

		zpm_shape_canonicalise(shape, object->spec, t->arena);
		assert_string_equal(text_of_object(t, shape, object->spec), before);
	}
}

static const char full[] = MANIFEST(
	"'release': {'tag': '2'}, 'networks': {'net': {'ipam': [{'subnet': '10.1.0.0/24'}]}},"
	" 'volumes': {'nas': {'nfs': {'server': 'nas', 'path': '/a'}, 'driverOptions': {'o': 'x'}}},"
	" 'defaults': {'networks': ['net'], 'logging': {'driver': 'json-file'}, 'restart': 'any',"
	" 'placement': {'constraints': ['node.role==worker']}}, 'services': {'core': {'web': {'image': 'web',"
	" 'command': ['a'], 'args': ['b'], 'ports': ['80'], 'volumes': ['nas:/a'], 'user': '',"
	" 'resources': {'limits': {'pids': 0}}, 'update': {'delay': '1s'}}, 'web2': {'image': 'web2',"
	" 'restart': {'delay': '1s'}}}}");

static void test_expand__leaves_the_platform_as_it_was(void **state)
{
	struct test *t = *state;
	const struct zpm_platform *platform = given_platform(t, full);
	const char *before = text_of_object(t, &zpm_platform_shape, platform);

	zpm_expand(platform, t->arena);
	assert_string_equal(text_of_object(t, &zpm_platform_shape, platform), before);
}

static void test_expand__again_gives_the_same(void **state)
{
	struct test *t = *state;
	const struct zpm_platform *platform = given_platform(t, full);
	const struct zpm_objects *first = zpm_expand(platform, t->arena);
	const struct zpm_objects *second = zpm_expand(platform, t->arena);

	assert_int_equal(first->list.n, second->list.n);
	for (size_t i = 0; i < first->list.n; i++)
		assert_string_equal(zpm_object_hash(first->list.v[i], t->arena),
			zpm_object_hash(second->list.v[i], t->arena));
}

static void test_expand__nothing_declared_is_nothing_desired(void **state)
{
	assert_int_equal(given_desired(*state, "{'apiVersion': 'zpm/v1', 'platform': 'p'}")->list.n, 0);
}

/* Features. */

#define FEATURES(rest)                                                                                       \
	MANIFEST("'features': {'on': {'default': true}, 'off': {'default': false}, 'unset': {}}, " rest)

static size_t count(const struct zpm_objects *objects)
{
	return objects->list.n;
}

static bool is_there(const struct zpm_objects *objects, enum zpm_kind_id kind, const char *name)
{
	return zpm_objects_find(objects, kind, name);
}

static void test_expand__when_leaves_out_what_its_feature_does_not_want(void **state)
{
	const struct zpm_objects *objects = given_desired(*state,
		FEATURES("'services': {'core': {'a': {'image': 'x', 'when': 'on'},"
			 " 'b': {'image': 'x', 'when': 'off'}, 'c': {'image': 'x', 'when': '!on'},"
			 " 'd': {'image': 'x', 'when': '!off'}, 'e': {'image': 'x', 'when': 'unset'}}}"));

	assert_int_equal(count(objects), 2);
	assert_true(is_there(objects, ZPM_KIND_SERVICE, "a"));
	assert_true(is_there(objects, ZPM_KIND_SERVICE, "d"));
}

static void test_expand__when_is_of_networks_and_volumes_too(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, FEATURES("'networks': {'a': {'when': 'on'}, 'b': {'when': 'off'}},"
					       " 'volumes': {'a': {'when': '!on'}, 'b': {'when': '!off'}}"));

	assert_int_equal(count(objects), 2);
	assert_true(is_there(objects, ZPM_KIND_NETWORK, "a"));
	assert_true(is_there(objects, ZPM_KIND_VOLUME, "b"));
}

static void test_expand__when_of_the_defaults_is_of_services_without_their_own(void **state)
{
	const struct zpm_objects *objects = given_desired(
		*state, FEATURES("'defaults': {'when': 'off'}, 'services': {'core': {'a': {'image': 'x'},"
				 " 'b': {'image': 'x', 'when': 'on'}}}"));

	assert_int_equal(count(objects), 1);
	assert_true(is_there(objects, ZPM_KIND_SERVICE, "b"));
}

static void test_expand__dependency_on_what_is_left_out_is_dropped(void **state)
{
	const struct zpm_objects *objects = given_desired(
		*state, FEATURES("'services': {'core': {'a': {'image': 'x', 'dependsOn': ['b', 'c']},"
				 " 'b': {'image': 'x', 'when': 'off'}, 'c': {'image': 'x', 'when': 'on'}}}"));
	const struct zpm_service *a = service_of(objects, "a");

	assert_int_equal(a->depends_on.n, 1);
	assert_string_equal(a->depends_on.v[0], "c");
}

/* What a feature is called must not look like a change of what it let in. */
static void test_expand__condition_is_no_part_of_what_is_desired(void **state)
{
	struct test *t = *state;
	const struct zpm_object *with = object_of(
		given_desired(t, FEATURES("'services': {'core': {'a': {'image': 'x', 'when': 'on'}}}")),
		ZPM_KIND_SERVICE, "a");
	const struct zpm_object *without =
		object_of(given_desired(t, IN_CORE("'a': {'image': 'x'}")), ZPM_KIND_SERVICE, "a");

	assert_string_equal(zpm_object_hash(with, t->arena), zpm_object_hash(without, t->arena));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_expand_image__gets_registry_and_tag),
		TEST(test_expand_image__keeps_its_own_tag),
		TEST(test_expand_image__keeps_its_own_registry),
		TEST(test_expand_image__plain_folder_is_no_registry),
		TEST(test_expand_image__digest_needs_no_tag),
		TEST(test_expand_image__registry_with_a_port),
		TEST(test_expand_image__without_release_it_is_the_latest),
		TEST(test_expand__image_of_a_service_is_completed),
		TEST(test_expand__patch_is_the_tag_of_its_services),
		TEST(test_expand__patch_leaves_an_image_with_a_tag_of_its_own),
		TEST(test_expand__patch_needs_no_release_tag_and_takes_images_of_the_defaults),
		TEST(test_expand__files_of_patches_win_in_their_order),
		TEST(test_expand__environment_of_patches_wins_key_by_key),
		TEST(test_expand__patch_gives_an_environment_to_an_image_with_a_tag_of_its_own),
		TEST(test_expand__names_begin_with_the_platform),
		TEST(test_expand__chosen_name_is_taken_as_it_is),
		TEST(test_expand__external_object_is_called_by_its_key),
		TEST(test_expand__not_external_is_ours),
		TEST(test_expand__everything_carries_the_platforms_label),
		TEST(test_expand__containers_do_not_carry_it),
		TEST(test_expand__platforms_label_cannot_be_forged),
		TEST(test_expand__tier_is_the_section),
		TEST(test_expand__service_answers_to_its_own_name),
		TEST(test_expand__declared_aliases_follow_without_repetition),
		TEST(test_expand__service_of_a_chosen_name_answers_to_its_key_besides),
		TEST(test_expand__no_alias_in_predefined_networks),
		TEST(test_expand__inherited_network_gives_each_service_its_own_alias),
		TEST(test_expand__nfs_becomes_driver_options),
		TEST(test_expand__nfs_is_mounted_for_writing_by_itself),
		TEST(test_expand__mount_carries_how_its_volume_is_made),
		TEST(test_expand__mount_of_a_plain_volume_names_no_driver),
		TEST(test_expand__mount_of_an_external_volume_says_nothing_of_it),
		TEST(test_expand__only_mounts_of_volumes_carry_that),
		TEST(test_expand__defaults_fill_what_a_service_leaves_open),
		TEST(test_expand__args_follow_the_command),
		TEST(test_expand__everything_is_canonical),
		TEST(test_expand__leaves_the_platform_as_it_was),
		TEST(test_expand__again_gives_the_same),
		TEST(test_expand__nothing_declared_is_nothing_desired),
		TEST(test_expand__when_leaves_out_what_its_feature_does_not_want),
		TEST(test_expand__when_is_of_networks_and_volumes_too),
		TEST(test_expand__when_of_the_defaults_is_of_services_without_their_own),
		TEST(test_expand__dependency_on_what_is_left_out_is_dropped),
		TEST(test_expand__condition_is_no_part_of_what_is_desired),
	};

	return cmocka_run_group_tests_name("expand", tests, NULL, NULL);
}
