/* The replica sets that there should be: each role in each state, and what a set cannot do without. */
#include "support.h"

#include "model/value.h"
#include "plan/desired_sets.h"

#include <string.h>

#define MANIFEST(hosts, mongo)                                                                               \
	"{'apiVersion': 'zpm/v1', 'platform': 'p', 'hosts': {" hosts "}, 'mongo': {" mongo "}}"
#define A         "'a': {'address': 'a.example.net', 'roles': ['db', 'active']}"
#define B         "'b': {'roles': ['passive'], 'state': 'up'}"
#define C         "'c': {'roles': ['secondary-active', 'db']}"
#define D         "'d': {'roles': ['service']}"
#define A_DOWN    "'a': {'address': 'a.example.net', 'roles': ['db', 'active'], 'state': 'down'}"
#define B_DOWN    "'b': {'roles': ['passive'], 'state': 'down'}"
#define C_DOWN    "'c': {'roles': ['secondary-active', 'db'], 'state': 'down'}"
#define SET(text) "'metaDB': {'replicaSet': 'meta', 'port': 1, 'members': [" text "]}"

static const struct zpm_desired_sets *desired(struct test *t, const char *text)
{
	return zpm_desired_sets(given_platform(t, text), t->arena);
}

static const char *priority(struct test *t, const struct zpm_set_member *member)
{
	return zpm_value_format(ZPM_T_DECIMAL, member->priority, t->arena);
}

#define EVERYBODY A ", " B_DOWN ", " C ", " D ", 'e': {}"

/* The members of the first set: "HOST:PORT PRIORITY/VOTES", and what else is said of each. */
static const char *members(struct test *t, const char *text)
{
	const struct zpm_desired_sets *sets = desired(t, text);
	const struct zpm_desired_set *set = sets->sets.v[0];
	const char *all = "";

	for (size_t i = 0; i < set->config->members.n; i++) {
		const struct zpm_set_member *member = set->config->members.v[i];

		all = zpm_arena_printf(t->arena, "%s%s%s %s/%d%s%s%s%s", all, i ? ", " : "", member->host,
			priority(t, member), (int)member->votes, member->arbiter_only == 1 ? " arbiter" : "",
			member->hidden == 1 ? " hidden" : "", member->delay > 0 ? " delayed" : "",
			member->tags.n ? " tagged" : "");
	}
	return all;
}

static size_t count_notes(struct test *t, const char *text)
{
	return ((const struct zpm_desired_set *)desired(t, text)->sets.v[0])->notes.n;
}

static void test_desired_sets__roles_give_priorities(void **state)
{
	struct test *t = *state;

	assert_string_equal(members(t, MANIFEST(A ", " B ", " C ", " D, SET("'a', 'b', 'c', 'd'"))),
		"a.example.net:1 10/1, b:1 1/1, c:1 5/1, d:1 1/1");
	assert_string_equal(
		members(t, MANIFEST(A ", " B ", " C ", " D,
				   "'priorities': {'active': 7.5, 'secondary-active': '3', 'passive': '0',"
				   " 'others': '2'}, " SET("'a', 'b', 'c', 'd'"))),
		"a.example.net:1 7.5/1, b:1 0/1, c:1 3/1, d:1 2/1");
}

static void test_desired_sets__swapped_roles_swap_priorities_in_every_set(void **state)
{
	struct test *t = *state;
	const char *mongo =
		SET("'a', 'b'") ", 'configServers': {'replicaSet': 'cfg', 'port': 2, 'members':"
				" ['a', 'b']}, 'shards': {'s': {'replicaSet': 'sh', 'port': 3,"
				" 'members': ['b', 'a']}}, 'routers': {'port': 4, 'hosts': ['a']}";
	const char *before = "'a': {'roles': ['active']}, 'b': {'roles': ['passive']}";
	const char *after = "'a': {'roles': ['passive']}, 'b': {'roles': ['active']}";

	for (int swapped = 0; swapped <= 1; swapped++) {
		const struct zpm_desired_sets *sets = desired(
			t, zpm_arena_printf(t->arena,
				   "{'apiVersion': 'zpm/v1', 'platform': 'p', 'hosts': {%s}, 'mongo': {%s}}",
				   swapped ? after : before, mongo));

		assert_int_equal(sets->sets.n, 3);
		for (size_t i = 0; i < sets->sets.n; i++) {
			const struct zpm_desired_set *set = sets->sets.v[i];
			const char *port = i == 0 ? "1" : (i == 1 ? "2" : "3");
			const struct zpm_set_member *first = zpm_set_member_by_host(
				set->config, zpm_arena_printf(t->arena, "%s:%s", swapped ? "b" : "a", port));
			const struct zpm_set_member *last = zpm_set_member_by_host(
				set->config, zpm_arena_printf(t->arena, "%s:%s", swapped ? "a" : "b", port));

			assert_string_equal(priority(t, first), "10");
			assert_string_equal(priority(t, last), "1");
		}
	}
}

/* Two of three are a majority. */
static void test_desired_sets__member_of_a_host_that_is_down_steps_aside(void **state)
{
	struct test *t = *state;

	assert_string_equal(members(t, MANIFEST(A_DOWN ", " B ", " C, SET("'a', 'b', 'c'"))),
		"a.example.net:1 0/0, b:1 1/1, c:1 5/1");
	assert_string_equal(members(t, MANIFEST(A ", " B_DOWN ", " C, SET("'a', 'b', 'c'"))),
		"a.example.net:1 10/1, b:1 0/0, c:1 5/1");
	assert_string_equal(members(t, MANIFEST(A ", " B ", " C_DOWN, SET("'a', 'b', 'c'"))),
		"a.example.net:1 10/1, b:1 1/1, c:1 0/0");
	assert_int_equal(count_notes(t, MANIFEST(A ", " B ", " C_DOWN, SET("'a', 'b', 'c'"))), 0);
}

static void test_desired_sets__votes_stay_where_those_that_are_up_are_no_majority(void **state)
{
	struct test *t = *state;
	const char *two = MANIFEST(A ", " B_DOWN, SET("'a', 'b'"));
	const char *one_of_three = MANIFEST(A ", " B_DOWN ", " C_DOWN, SET("'a', 'b', 'c'"));
	const struct zpm_desired_set *set = desired(t, two)->sets.v[0];

	assert_string_equal(members(t, two), "a.example.net:1 10/1, b:1 0/1");
	assert_string_equal(members(t, one_of_three), "a.example.net:1 10/1, b:1 0/1, c:1 0/1");
	assert_int_equal(set->notes.n, 1);
	assert_string_equal(set->notes.v[0],
		"b:1 keeps its vote though the host 'b' is declared down: too few "
		"other voters are up for a majority");
	assert_int_equal(count_notes(t, one_of_three), 2);
}

static void test_desired_sets__priorities_stay_where_nobody_else_could_be_primary(void **state)
{
	struct test *t = *state;
	const char *alone = MANIFEST(A_DOWN, SET("'a'"));
	const char *arbiters = MANIFEST(A_DOWN ", " B ", " C,
		SET("'a', {'host': 'b', 'arbiter': true}, {'host': 'c', 'arbiter': true}"));
	const struct zpm_desired_set *set = desired(t, alone)->sets.v[0];

	assert_string_equal(members(t, alone), "a.example.net:1 10/1");
	assert_string_equal(members(t, arbiters), "a.example.net:1 10/1, b:1 0/1 arbiter, c:1 0/1 arbiter");
	assert_string_equal(set->notes.v[0],
		"a.example.net:1 keeps its priority though the host 'a' is declared "
		"down: no other member could be primary");
}

/* A server takes no arbiter without a vote. */
static void test_desired_sets__arbiter_of_a_host_that_is_down_keeps_its_vote(void **state)
{
	struct test *t = *state;
	const char *text = MANIFEST(A ", " B ", " C_DOWN, SET("'a', 'b', {'host': 'c', 'arbiter': true}"));

	assert_string_equal(members(t, text), "a.example.net:1 10/1, b:1 1/1, c:1 0/1 arbiter");
	assert_int_equal(count_notes(t, text), 0);
}

static void test_desired_sets__members_that_cannot_lead_have_no_priority(void **state)
{
	struct test *t = *state;

	assert_string_equal(
		members(t,
			MANIFEST(A, SET("'a', {'host': 'a', 'port': 2, 'hidden': true}, {'host': 'a', "
					"'port': 3, 'delay': '1h'}, {'host': 'a', 'port': 4, 'votes': 0, "
					"'tags': {'k': 'v'} }, {'host': 'a', 'port': 5, 'priority': '3'}"))),
		"a.example.net:1 10/1, a.example.net:2 0/1 hidden, a.example.net:3 0/1 delayed, "
		"a.example.net:4 0/0 tagged, a.example.net:5 3/1");
}

/* Nobody knows the host, so nobody declares it down. */
static void test_desired_sets__member_elsewhere_is_one_like_any_other(void **state)
{
	struct test *t = *state;

	assert_string_equal(members(t, MANIFEST(A, SET("'a', {'host': 'db.example.net', 'managed': false}"))),
		"a.example.net:1 10/1, db.example.net:1 1/1");
}

/* What the manifest leaves out is not said to the server either. */
static void test_desired_sets__leave_the_rest_as_it_is(void **state)
{
	struct test *t = *state;
	const struct zpm_desired_set *set = desired(t, MANIFEST(A, SET("'a'")))->sets.v[0];
	const struct zpm_set_member *member = set->config->members.v[0];

	assert_string_equal(set->config->name, "meta");
	assert_int_equal(set->config->configsvr, 0);
	assert_null(set->config->settings);
	assert_int_equal(member->arbiter_only, 0);
	assert_int_equal(member->hidden, ZPM_UNSET);
	assert_int_equal(member->delay, ZPM_UNSET);
	assert_int_equal(member->build_indexes, ZPM_UNSET);
	assert_int_equal(member->id, ZPM_UNSET);
}

static void test_desired_sets__know_what_they_are_and_who_runs_them(void **state)
{
	struct test *t = *state;
	const char *text = MANIFEST(A ", " B_DOWN,
		SET("'a'") ", 'configServers': {'replicaSet': 'cfg', 'port': 2, 'members': ['a', 'b'],"
			   " 'settings': {'electionTimeoutMillis': 5000}},"
			   " 'shards': {'one': {'replicaSet': 'sh', 'port': 3, 'members': ['a']}},"
			   " 'routers': {'port': 4, 'hosts': ['b', 'a']}");
	const struct zpm_desired_sets *sets = desired(t, text);
	const struct zpm_desired_set *config = sets->sets.v[1], *shard = sets->sets.v[2];
	const struct zpm_mongo_process *process = config->members.v[1];

	assert_int_equal(config->role, ZPM_MONGO_CONFIG);
	assert_int_equal(config->config->configsvr, 1);
	assert_int_equal(config->config->settings->election_timeout, 5000);
	assert_null(config->shard);
	assert_string_equal(process->service, "mongo-cfg-b-2");
	assert_string_equal(shard->shard, "one");
	assert_string_equal(shard->config->name, "sh");
	assert_int_equal(sets->routers.n, 2);
	assert_string_equal(sets->routers.v[0], "a.example.net:4");
	assert_string_equal(sets->routers.v[1], "b:4");
}

static void test_desired_sets__server_info_is_each_host_with_a_role(void **state)
{
	static const char *const expected[] = { "a.example.net active up", "b passive down",
		"c secondary-active up", "d service up" };
	struct test *t = *state;
	const struct zpm_desired_sets *sets =
		desired(t, MANIFEST(EVERYBODY, "'serverInfo': {'database': 'x'}"));

	assert_int_equal(sets->servers.n, ZPM_COUNT(expected));
	for (size_t i = 0; i < sets->servers.n; i++) {
		const struct zpm_server_info *server = sets->servers.v[i];

		assert_string_equal(
			zpm_arena_printf(t->arena, "%s %s %s", server->host, server->type, server->state),
			expected[i]);
	}
	assert_int_equal(desired(t, MANIFEST(EVERYBODY, ""))->servers.n, 0);
}

static void test_desired_sets__without_the_section_there_are_none(void **state)
{
	struct test *t = *state;
	const struct zpm_desired_sets *sets = desired(t, "{'apiVersion': 'zpm/v1', 'platform': 'p'}");

	assert_int_equal(sets->sets.n + sets->routers.n + sets->servers.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_desired_sets__roles_give_priorities),
		TEST(test_desired_sets__swapped_roles_swap_priorities_in_every_set),
		TEST(test_desired_sets__member_of_a_host_that_is_down_steps_aside),
		TEST(test_desired_sets__votes_stay_where_those_that_are_up_are_no_majority),
		TEST(test_desired_sets__priorities_stay_where_nobody_else_could_be_primary),
		TEST(test_desired_sets__arbiter_of_a_host_that_is_down_keeps_its_vote),
		TEST(test_desired_sets__members_that_cannot_lead_have_no_priority),
		TEST(test_desired_sets__member_elsewhere_is_one_like_any_other),
		TEST(test_desired_sets__leave_the_rest_as_it_is),
		TEST(test_desired_sets__know_what_they_are_and_who_runs_them),
		TEST(test_desired_sets__server_info_is_each_host_with_a_role),
		TEST(test_desired_sets__without_the_section_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
