/*
 * The section `mongo` as it is read: members and routers with what is said of
 * them and of their sets, and what is unwise. Mistakes are in tests/cli/corpus.
 */
#include "manifest_case.h"

#include "model/mongo_process.h"

#define HOSTS                                                                                                \
	"hosts:\n  a: { address: a.example.net, roles: [active] }\n  b: { node: node-b, roles: [passive] "   \
	"}\n"                                                                                                \
	"  c: { address: '2001:db8::1', roles: [db] }\n"

static const struct zpm_mongo_process *process(const struct zpm_manifest *manifest, size_t i)
{
	struct zpm_ptrs processes = { 0 };

	zpm_mongo_processes(manifest->platform, manifest->arena, &processes);
	assert_true(i < processes.n);
	return processes.v[i];
}

/* The one warning there is. */
static void assert_unwise(const char *text, const char *expected)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(text);
	const struct zpm_diag *diag;
	char got[512];

	assert_int_equal(manifest->warnings.list.n, 1);
	diag = manifest->warnings.list.v[0];
	snprintf(got, sizeof(got), "%u:%u: %s", diag->pos.line, diag->pos.column, diag->msg);
	assert_string_equal(got, expected);
}

static void test_mongo_processes__are_called_as_their_hosts(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(HEAD HOSTS
		"mongo: { image: x, metaDB: { replicaSet: meta, port: 27017, members: [a, b, c] } }\n");

	(void)state;
	assert_string_equal(process(manifest, 0)->address, "a.example.net:27017");
	assert_string_equal(process(manifest, 1)->address, "node-b:27017");
	assert_string_equal(process(manifest, 2)->address, "[2001:db8::1]:27017");
	assert_string_equal(process(manifest, 1)->host->name, "b");
}

static void test_mongo_processes__say_more_than_their_sets(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(HEAD HOSTS
		"mongo:\n  image: x\n  metaDB:\n    replicaSet: me.ta\n    port: 27017\n"
		"    members: [a, 'a:27018', { host: db.example.net, managed: false }]\n"
		"  configServers: { replicaSet: cfg, managed: false, members: ['db.example.net:27019'] }\n"
		"  routers: { port: 27016, hosts: [b, { host: b, port: 27026 }] }\n");

	(void)state;
	assert_string_equal(process(manifest, 0)->service, "mongo-me-ta-a-27017");
	assert_string_equal(process(manifest, 1)->service, "mongo-me-ta-a-27018");
	assert_string_equal(process(manifest, 2)->address, "db.example.net:27017");
	assert_false(process(manifest, 2)->managed);
	assert_null(process(manifest, 2)->host);
	assert_int_equal(process(manifest, 3)->role, ZPM_MONGO_CONFIG);
	assert_false(process(manifest, 3)->managed);
	assert_int_equal(process(manifest, 4)->role, ZPM_MONGO_ROUTER);
	assert_string_equal(process(manifest, 4)->address, "node-b:27016");
	assert_string_equal(process(manifest, 5)->service, "mongos-b-27026");
	assert_true(process(manifest, 5)->managed);
}

static void test_mongo__an_even_number_of_votes_is_unwise(void **state)
{
	(void)state;
	assert_unwise(HEAD "mongo:\n  metaDB:\n    replicaSet: m\n    managed: false\n"
			   "    members: ['m1:1', 'm2:1', 'm3:1', 'm4:1']\n",
		"7:5: mongo.metaDB.members: 4 members vote, and the set can lose no more of them than one of "
		"3 could");
}

static void test_mongo__an_active_host_without_the_primaries_is_unwise(void **state)
{
	(void)state;
	assert_unwise(HEAD "mongo:\n  priorities: { active: 1, passive: 2, secondary-active: 0 }\n",
		"4:3: mongo.priorities: the active host has not the highest priority, so primaries are "
		"elsewhere");
	/* 5 by itself. */
	assert_unwise(HEAD "mongo:\n  priorities: { active: 3 }\n",
		"4:3: mongo.priorities: the active host has not the highest priority, so primaries are "
		"elsewhere");
}

/* Everything at once, in the order of the file. */
static void test_mongo__mistakes_are_told_together(void **state)
{
	(void)state;
	assert_rejected(HEAD "hosts: { a: }\nmongo:\n  auth: { keyFile: nokey, username: u }\n"
			     "  metaDB: { replicaSet: m, members: [b, 'a:0', 'x y'] }\n"
			     "  shards: { s: { replicaSet: m, port: 1, members: [a] } }\n",
		"4:1: mongo: 'image' is missing: what mongod and mongos are run from",
		"5:3: mongo.auth: 'u' has no password; name its passwordFile or passwordSecret",
		"5:20: mongo.auth.keyFile: there is no secret 'nokey'",
		"6:38: mongo.metaDB.members[0].host: there is no host 'b'",
		"6:38: mongo.metaDB.members[0]: has no port; write 'b:PORT', or give its set a port",
		"6:41: mongo.metaDB.members[1]: port 0 is not from 1 to 65535",
		"6:48: mongo.metaDB.members[2]: expected a member like 'soar-a' or 'soar-a:27018', got 'x y'",
		"7:3: mongo.shards: shards need config servers; declare configServers",
		"7:30: mongo.shards.s.replicaSet: mongo.metaDB is called 'm' already; each replica set needs "
		"a name of its own");
}

static void test_mongo__a_service_may_depend_on_all_of_it_or_on_one(void **state)
{
	(void)state;
	zpm_manifest_free(accept_text(HEAD HOSTS
		"mongo: { image: x, metaDB: { replicaSet: meta, port: 27017, members: [a] } }\n"
		"services: { core: { s: { image: x, dependsOn: [mongo, mongo-meta-a-27017] } } }\n"));
	assert_rejected(HEAD "services: { core: { s: { image: x, dependsOn: [mongo] } } }\n",
		"3:48: services.core.s.dependsOn[0]: there is no service 'mongo'");
}

static void test_mongo__password_and_key_are_at_hand(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = NULL;
	const struct zpm_mongo_auth *auth;

	(void)state;
	setenv("ZPM_TEST_PASSWORD", "two\nlines\n", 1);
	setenv("ZPM_TEST_KEY", "shared", 1);
	manifest = accept_text(
		HEAD "secrets: { p: { environment: ZPM_TEST_PASSWORD }, k: { environment: ZPM_TEST_KEY } }\n"
		     "mongo: { auth: { username: u, passwordSecret: p, keyFile: k } }\n");
	auth = manifest->platform->mongo->auth;
	assert_string_equal(auth->password, "two\nlines\n");
	assert_string_equal(auth->key, "shared");
	unsetenv("ZPM_TEST_PASSWORD");
	unsetenv("ZPM_TEST_KEY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mongo_processes__are_called_as_their_hosts),
		cmocka_unit_test(test_mongo_processes__say_more_than_their_sets),
		cmocka_unit_test(test_mongo__an_even_number_of_votes_is_unwise),
		cmocka_unit_test(test_mongo__an_active_host_without_the_primaries_is_unwise),
		cmocka_unit_test(test_mongo__mistakes_are_told_together),
		cmocka_unit_test(test_mongo__a_service_may_depend_on_all_of_it_or_on_one),
		cmocka_unit_test(test_mongo__password_and_key_are_at_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
