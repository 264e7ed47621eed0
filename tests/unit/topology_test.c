/* From `mongo` to services and volumes. What the Engine is sent is in tests/wire/test_topology.py. */
#include "support.h"

#include "plan/expand.h"
#include "plan/placement.h"

#include <string.h>

#define HOSTS                                                                                                \
	"'hosts': [{'name': 'a', 'address': 'a.example.net', 'roles': ['active']},"                          \
	" {'name': 'b', 'address': 'b.example.net', 'roles': ['passive'], 'state': 'down'}]"
#define MANIFEST(mongo, rest)                                                                                \
	"{'apiVersion': 'zpm/v1', 'platform': 'p', " HOSTS ", 'mongo': {'image': 'mongo', " mongo "}" rest "}"
#define META "'metaDB': {'replicaSet': 'meta', 'port': 27017, 'members': [{'host': 'a'}, {'host': 'b'}]}"
#define CONFIG                                                                                               \
	"'configServers': {'replicaSet': 'cfg', 'port': 27019, 'members': [{'host': 'a'}, {'host': 'b'}]}"
#define SHARD  "'shards': [{'name': 's', 'replicaSet': 'sh1', 'port': 27021, 'members': [{'host': 'a'}]}]"
#define ROUTER "'routers': {'port': 27016, 'hosts': [{'host': 'a'}]}"

static const struct zpm_service *service_of(const struct zpm_objects *objects, const char *name)
{
	return object_of(objects, ZPM_KIND_SERVICE, name)->spec;
}

static const char *joined(struct test *t, const struct zpm_strs *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->n; i++)
		text = zpm_arena_printf(t->arena, "%s%s%s", text, i ? " " : "", list->v[i]);
	return text;
}

static const char *command(struct test *t, const char *text, const char *name)
{
	return joined(t, &service_of(given_desired(t, text), name)->command);
}

static void test_topology__each_role_has_its_flags(void **state)
{
	struct test *t = *state;
	const char *text = MANIFEST(META ", " CONFIG ", " SHARD ", " ROUTER, "");

	assert_string_equal(command(t, text, "mongo-meta-a-27017"),
		"mongod --replSet meta --port 27017 --bind_ip_all --dbpath /data/db");
	assert_string_equal(command(t, text, "mongo-cfg-b-27019"),
		"mongod --replSet cfg --port 27019 --bind_ip_all --dbpath /data/db --configsvr");
	assert_string_equal(command(t, text, "mongo-sh1-a-27021"),
		"mongod --replSet sh1 --port 27021 --bind_ip_all --dbpath /data/db --shardsvr");
	assert_string_equal(command(t, text, "mongos-a-27016"),
		"mongos --configdb cfg/a.example.net:27019,b.example.net:27019 --port 27016 --bind_ip_all");
	assert_string_equal(joined(t, &service_of(given_desired(t, text), "mongos-a-27016")->depends_on),
		"mongo-cfg-a-27019 mongo-cfg-b-27019");
}

static void test_topology__member_of_an_ipv6_address_listens_there(void **state)
{
	const char *text =
		"{'apiVersion': 'zpm/v1', 'platform': 'p', 'hosts': {'a': {'address': '2001:db8::1'}},"
		" 'mongo': {'image': 'mongo', 'metaDB': {'replicaSet': 'm', 'members': ['a:1']}}}";

	assert_has(command(*state, text, "mongo-m-a-1"), " --bind_ip_all --ipv6 ");
}

static void test_topology__member_on_localhost_listens_there_alone(void **state)
{
	const char *text =
		"{'apiVersion': 'zpm/v1', 'platform': 'p', 'hosts': {'a': {'node': 'self'}}, 'mongo': "
		"{'image': 'mongo',"
		" 'service': {'networks': ['host']}, 'metaDB': {'replicaSet': 'm', 'members': ['a:1']}}}";

	assert_has(command(*state, text, "mongo-m-a-1"), " --port 1 --bind_ip localhost ");
}

static void test_topology__secrets_are_named_and_not_told(void **state)
{
	struct test *t = *state;
	const char *text = MANIFEST("'uid': 1001, 'auth': {'keyFile': 'key'},"
				    "'tls': {'serverCertificate': 'cert', 'serverCa': 'ca'}, " META,
		", 'secrets': {'key': {'external': true}, 'cert': {'external': true},"
		" 'ca': {'external': true}}");
	const struct zpm_service *service = service_of(given_desired(t, text), "mongo-meta-a-27017");

	assert_has(command(t, text, "mongo-meta-a-27017"),
		" --keyFile /run/secrets/key --tlsMode requireTLS --tlsCertificateKeyFile /run/secrets/cert"
		" --tlsCAFile /run/secrets/ca --tlsAllowConnectionsWithoutCertificates");
	assert_int_equal(service->secrets.n, 3);
	for (size_t i = 0; i < service->secrets.n; i++) {
		const struct zpm_file *file = service->secrets.v[i];

		assert_string_equal(file->uid, "1001");
		assert_int_equal(file->mode, 0400);
	}
}

static void test_topology__one_secret_for_two_things_is_mounted_once(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, MANIFEST("'tls': {'serverCertificate': 'c', 'serverCa': 'c'}, " META,
					      ", 'secrets': {'c': {'external': true}}"));

	assert_int_equal(service_of(objects, "mongo-meta-a-27017")->secrets.n, 1);
}

static void test_topology__arguments_come_last(void **state)
{
	struct test *t = *state;
	const char *text = MANIFEST("'metaDB': {'replicaSet': 'm', 'port': 1, 'members': [{'host': 'a'}],"
				    " 'args': ['--quiet', '--oplogSize', '9']}",
		"");

	assert_has(command(t, text, "mongo-m-a-1"), " --dbpath /data/db --quiet --oplogSize 9");
}

/* What a default says of any program must not change what mongod is. */
static void test_topology__takes_of_the_defaults_what_suits_any_program(void **state)
{
	const struct zpm_service *service = service_of(
		given_desired(*state,
			MANIFEST(META,
				", 'networks': {'n': {}}, 'defaults': {'networks': [{'name': 'n'}],"
				" 'replicas': 3, 'mode': 'global', 'args': ['x'], 'runsOn': ['passive'],"
				" 'dependsOn': ['web'], 'healthcheck': {'test': ['CMD', 'x']},"
				" 'environment': {'A': '1'}, 'update': {'order': 'start-first'},"
				" 'logging': {'driver': 'json-file'}},"
				" 'services': {'system': {'web': {'image': 'x'}}}")),
		"mongo-meta-a-27017");

	assert_int_equal(service->networks.n, 1);
	assert_string_equal(service->logging->driver, "json-file");
	assert_string_equal(service->mode, "replicated");
	assert_int_equal(service->replicas, 1);
	assert_string_equal(service->command.v[service->command.n - 1], "/data/db");
	assert_int_equal(service->depends_on.n, 0);
	assert_null(service->healthcheck);
	assert_int_equal(service->environment.n, 0);
	assert_string_equal(service->update->order, "stop-first");
	assert_int_equal(service->placement->constraints.n, 1);
}

static void test_topology__has_what_the_section_says_of_its_services(void **state)
{
	struct test *t = *state;
	const struct zpm_service *service = service_of(
		given_desired(
			t, MANIFEST("'service': {'environment': {'TZ': 'UTC'}, 'stopGracePeriod': '5s',"
				    " 'volumes': [{'type': 'bind', 'source': '/etc/x', 'target': '/x'}],"
				    " 'placement': {'constraints': ['node.role == worker']}}, " META,
				   ", 'defaults': {'labels': {'a': '1'}}")),
		"mongo-meta-a-27017");

	assert_string_equal(zpm_pairs_get(&service->environment, "TZ"), "UTC");
	assert_int_equal(service->stop_grace_period, INT64_C(5000000000));
	assert_int_equal(service->volumes.n, 2);
	assert_string_equal(
		joined(t, &service->placement->constraints), "node.role == worker node.labels.zpm.host == a");
	assert_string_equal(zpm_pairs_get(&service->labels, "a"), "1");
}

/* The fragment is one, and the services are many. */
static void test_topology__services_share_nothing_they_change(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, MANIFEST("'service': {'placement': {'constraints': []},"
					       " 'volumes': [{'type': 'tmpfs', 'target': '/x'}]}, " META,
					      ""));

	assert_int_equal(service_of(objects, "mongo-meta-a-27017")->volumes.n, 2);
	assert_int_equal(service_of(objects, "mongo-meta-b-27017")->volumes.n, 2);
	assert_int_equal(service_of(objects, "mongo-meta-b-27017")->placement->constraints.n, 1);
}

static void test_topology__in_the_hosts_network_there_is_nothing_to_publish(void **state)
{
	const struct zpm_objects *objects =
		given_desired(*state, MANIFEST("'service': {'networks': [{'name': 'host'}]}, " META, ""));

	assert_int_equal(service_of(objects, "mongo-meta-a-27017")->ports.n, 0);
}

static void test_topology__host_that_is_down_runs_nothing(void **state)
{
	const struct zpm_objects *objects = given_desired(*state, MANIFEST(META, ""));

	assert_int_equal(service_of(objects, "mongo-meta-a-27017")->replicas, 1);
	assert_int_equal(service_of(objects, "mongo-meta-b-27017")->replicas, 0);
}

static void test_topology__volume_that_is_declared_is_used_as_it_is(void **state)
{
	const struct zpm_objects *objects = given_desired(
		*state, MANIFEST(META, ", 'volumes': {'mongo-meta-a-27017': {'driver': 'fast'}}"));
	const struct zpm_volume *volume = object_of(objects, ZPM_KIND_VOLUME, "mongo-meta-a-27017")->spec;
	const struct zpm_mount *mount = service_of(objects, "mongo-meta-a-27017")->volumes.v[0];
	size_t n = 0;

	for (size_t i = 0; i < objects->list.n; i++)
		n += ((struct zpm_object *)objects->list.v[i])->kind->id == ZPM_KIND_VOLUME;
	assert_int_equal(n, 2);
	assert_string_equal(volume->driver, "fast");
	assert_string_equal(mount->driver, "fast");
	assert_string_equal(
		((struct zpm_mount *)service_of(objects, "mongo-meta-b-27017")->volumes.v[0])->source,
		"mongo-meta-b-27017");
}

static void test_topology__release_and_patch_are_its_image_too(void **state)
{
	struct test *t = *state;

	assert_string_equal(service_of(given_desired(t, MANIFEST(META, ", 'release': {'tag': '7'}")),
				    "mongo-meta-a-27017")
				    ->image,
		"mongo:7");
	assert_string_equal(
		service_of(given_desired(t, MANIFEST(META, ", 'release': {'tag': '7', 'patch': {'tag': '8',"
							   " 'services': ['mongo']}}")),
			"mongo-meta-b-27017")
			->image,
		"mongo:8");
}

static void test_topology__patches_of_files_are_for_all_members_or_for_one(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects = given_desired(t,
		MANIFEST(META, ", 'release': {'tag': '7'}, 'patches': [{'tag': '9', 'services': ['mongo']},"
			       " {'services': ['mongo-meta-b-27017'], 'environment': {'A': '1'}}]"));
	const struct zpm_service *a = service_of(objects, "mongo-meta-a-27017");
	const struct zpm_service *b = service_of(objects, "mongo-meta-b-27017");

	assert_string_equal(a->image, "mongo:9");
	assert_string_equal(b->image, "mongo:9");
	assert_null(zpm_pairs_get(&a->environment, "A"));
	assert_string_equal(zpm_pairs_get(&b->environment, "A"), "1");
}

static void test_topology__can_be_depended_on_as_a_whole(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects =
		given_desired(t, MANIFEST(META ", " CONFIG ", " ROUTER,
					 ", 'services': {'system': {'s': {'image': 'x', 'dependsOn':"
					 " ['mongo-cfg-a-27019', 'mongo', 'web']}, 'web': {'image': 'x'}}}"));

	assert_string_equal(joined(t, &service_of(objects, "s")->depends_on),
		"mongo-cfg-a-27019 mongo-meta-a-27017 mongo-meta-b-27017 mongo-cfg-b-27019 mongos-a-27016 "
		"web");
}

/* A host that is another node by now: what runs on the old one does not count. */
static void test_placement__of_a_member_is_its_host_alone(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *objects = given_desired(t, MANIFEST(META, ""));
	const struct zpm_service *service = service_of(objects, "mongo-meta-a-27017");
	struct zpm_swarm_node node = { .name = "a" };

	assert_false(zpm_placement_allows(service, &node));
	zpm_pairs_set(t->arena, &node.labels, ZPM_LABEL_HOST, "b");
	assert_false(zpm_placement_allows(service, &node));
	zpm_pairs_set(t->arena, &node.labels, ZPM_LABEL_HOST, "a");
	assert_true(zpm_placement_allows(service, &node));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_topology__each_role_has_its_flags),
		TEST(test_topology__member_of_an_ipv6_address_listens_there),
		TEST(test_topology__member_on_localhost_listens_there_alone),
		TEST(test_topology__secrets_are_named_and_not_told),
		TEST(test_topology__one_secret_for_two_things_is_mounted_once),
		TEST(test_topology__arguments_come_last),
		TEST(test_topology__takes_of_the_defaults_what_suits_any_program),
		TEST(test_topology__has_what_the_section_says_of_its_services),
		TEST(test_topology__services_share_nothing_they_change),
		TEST(test_topology__in_the_hosts_network_there_is_nothing_to_publish),
		TEST(test_topology__host_that_is_down_runs_nothing),
		TEST(test_topology__volume_that_is_declared_is_used_as_it_is),
		TEST(test_topology__release_and_patch_are_its_image_too),
		TEST(test_topology__patches_of_files_are_for_all_members_or_for_one),
		TEST(test_topology__can_be_depended_on_as_a_whole),
		TEST(test_placement__of_a_member_is_its_host_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
