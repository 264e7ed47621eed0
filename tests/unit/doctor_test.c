/* What is judged from which facts. */
#include "support.h"

#include "base/clock.h"
#include "plan/doctor.h"
#include "plan/expand.h"

#include <string.h>

#define PLAIN "{'apiVersion': 'zpm/v1', 'platform': 'p'}"
#define SET                                                                                                  \
	"{'apiVersion': 'zpm/v1', 'platform': 'p', 'hosts': {'a': {}, 'b': {}, 'c': {}},"                    \
	" 'mongo': {'image': 'x', 'metaDB': {'replicaSet': 'm', 'port': 1, 'members': ['a', 'b', 'c']}}}"

/* Each finding as "level check: text", one a line. */
static const char *judged(struct test *t, const char *manifest, const struct zpm_facts *facts)
{
	const struct zpm_platform *platform = given_platform(t, manifest);
	struct zpm_ptrs findings = { 0 };
	const char *all = "";

	zpm_doctor_judge(platform, zpm_expand(platform, t->arena), facts, t->arena, &findings);
	for (size_t i = 0; i < findings.n; i++) {
		const struct zpm_finding *finding = findings.v[i];

		all = zpm_arena_printf(t->arena, "%s%s %s: %s\n", all, zpm_level_names[finding->level],
			finding->check, finding->text);
	}
	return all;
}

static void add(struct test *t, struct zpm_ptrs *list, const void *fact, size_t size)
{
	zpm_ptrs_push(t->arena, list, memcpy(zpm_arena_alloc(t->arena, size), fact, size));
}

static void add_peer(struct test *t, struct zpm_ptrs *list, struct zpm_peer peer)
{
	add(t, list, &peer, sizeof(peer));
}

static void add_node(struct test *t, struct zpm_facts *facts, struct zpm_node_fact node)
{
	add(t, &facts->nodes, &node, sizeof(node));
}

static void test_doctor__has_nothing_to_say_of_nothing(void **state)
{
	const struct zpm_facts none = { 0 };

	assert_string_equal(judged(*state, PLAIN, &none), "");
}

static void test_doctor__clocks(void **state)
{
	struct test *t = *state;
	struct zpm_facts facts = { 0 };

	add_peer(t, &facts.engines,
		(struct zpm_peer){ .name = "the Engine", .has_clock = true, .ahead = 400 * ZPM_MS });
	assert_string_equal(judged(t, PLAIN, &facts), "ok clocks: 1 agrees with this machine's\n");
	add_peer(t, &facts.servers,
		(struct zpm_peer){ .name = "a:1", .has_clock = true, .ahead = -2 * ZPM_S });
	add_peer(t, &facts.servers,
		(struct zpm_peer){ .name = "b:1", .has_clock = true, .ahead = 60 * ZPM_S });
	assert_has(judged(t, PLAIN, &facts), "warn clocks: a:1 is 2.0 s behind this machine\n"
					     "fail clocks: b:1 is 60.0 s ahead of this machine\n");
}

static void test_doctor__managers(void **state)
{
	struct test *t = *state;
	struct zpm_facts facts = { 0 };
	const struct zpm_node_fact manager = {
		.name = "m1", .version = "20.10", .manager = true, .reachable = true
	};
	struct zpm_node_fact lost = {
		.name = "m3", .version = "20.10", .manager = true, .trouble = "the node is down"
	};

	add_node(t, &facts, manager);
	assert_string_equal(judged(t, PLAIN, &facts), "ok swarm: 1 node, 1 of them manager\n");
	add_node(t, &facts, (struct zpm_node_fact){ .name = "w1", .version = "20.10" });
	assert_has(judged(t, PLAIN, &facts), "warn swarm: there is one manager");
	add_node(t, &facts, manager);
	assert_has(
		judged(t, PLAIN, &facts), "warn swarm: 2 managers can lose no more of them than 1 could\n");
	add_node(t, &facts, lost);
	assert_string_equal(judged(t, PLAIN, &facts), "fail swarm: m3: the node is down\n");
	add_node(t, &facts, lost);
	assert_has(judged(t, PLAIN, &facts), "fail swarm: 2 of 4 managers can be reached: no majority\n");
}

static void test_doctor__versions_that_are_mixed(void **state)
{
	struct test *t = *state;
	struct zpm_facts facts = { 0 };

	add_node(t, &facts,
		(struct zpm_node_fact){
			.name = "a", .version = "20.10.24", .manager = true, .reachable = true });
	add_node(t, &facts, (struct zpm_node_fact){ .name = "b", .version = "26.1.5" });
	add_peer(t, &facts.servers, (struct zpm_peer){ .name = "a:1", .version = "4.4.29" });
	add_peer(t, &facts.servers, (struct zpm_peer){ .name = "b:1", .version = "5.0.1" });
	assert_has(judged(t, SET, &facts), "warn swarm: b runs Engine 26.1.5, and others 20.10.24\n");
	assert_has(judged(t, SET, &facts), "warn mongo-versions: m: b:1 runs 5.0.1, and a:1 4.4.29\n");
}

static void test_doctor__files_that_others_can_read(void **state)
{
	struct test *t = *state;
	struct zpm_facts facts = { 0 };
	struct zpm_file_fact file = { .path = "keyfile", .mode = 0100600 };

	add(t, &facts.files, &file, sizeof(file));
	assert_string_equal(judged(t, PLAIN, &facts), "ok files: 1 read by nobody else\n");
	file.mode = 0100640;
	add(t, &facts.files, &file, sizeof(file));
	assert_string_equal(judged(t, PLAIN, &facts), "warn files: others can read keyfile (640)\n");
}

static void test_doctor__who_does_not_answer_fails(void **state)
{
	struct test *t = *state;
	struct zpm_facts facts = { 0 };

	add_peer(t, &facts.engines, (struct zpm_peer){ .name = "the Engine", .trouble = "is gone" });
	add_peer(t, &facts.servers,
		(struct zpm_peer){ .name = "a:1", .trouble = "a:1 refuses the connection" });
	assert_has(judged(t, SET, &facts), "fail engine: the Engine: is gone\n");
	assert_has(judged(t, SET, &facts), "fail mongo-servers: a:1 refuses the connection\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_doctor__has_nothing_to_say_of_nothing),
		TEST(test_doctor__clocks),
		TEST(test_doctor__managers),
		TEST(test_doctor__versions_that_are_mixed),
		TEST(test_doctor__files_that_others_can_read),
		TEST(test_doctor__who_does_not_answer_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
