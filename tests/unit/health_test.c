/*
 * Has a service converged? Tasks as the Engine lists them, and the verdict.
 * Times are far from any limit inside: "at once" is the first look, "soon" is
 * less than a moment later, "later" is well behind any moment.
 */
#include "support.h"

#include "base/clock.h"
#include "model/service.h"
#include "plan/health.h"

#include <stdio.h>
#include <string.h>

#define START (1000 * ZPM_S)
#define SOON  (START + 100 * ZPM_MS)
#define LATER (START + 30 * ZPM_S)

static struct zpm_service *service(struct test *t, const char *text)
{
	return given_canonical(t, &zpm_service_shape, text);
}

/*
 * Tasks, each "ID SLOT-or-@NODE STATE DESIRED" and, behind a colon, the
 * Engine's reason; separated by commas. The newest is listed first, as the Engine does.
 */
static struct zpm_ptrs tasks_of(struct test *t, const char *text)
{
	struct zpm_ptrs tasks = { 0 };

	while (*text) {
		struct zpm_task *task = zpm_arena_alloc(t->arena, sizeof(*task));
		char id[16], place[16], state[16], desired[16];
		size_t len = strcspn(text, ",");
		const char *reason = memchr(text, ':', len);

		assert_int_equal(sscanf(text, "%15s %15s %15s %15[a-z]", id, place, state, desired), 4);
		task->id = zpm_arena_strdup(t->arena, id);
		task->service = "service";
		task->state = zpm_arena_strdup(t->arena, state);
		task->desired = zpm_arena_strdup(t->arena, desired);
		if (place[0] == '@')
			task->node = zpm_arena_strdup(t->arena, place + 1);
		else
			task->slot = place[0] - '0';
		if (reason)
			task->err =
				zpm_arena_strndup(t->arena, reason + 2, len - (size_t)(reason + 2 - text));
		zpm_ptrs_push(t->arena, &tasks, task);
		text += len;
		text += strspn(text, ", ");
	}
	return tasks;
}

/* One service, looked at again and again. */
struct scene {
	struct test *t;
	const struct zpm_service *service;
	size_t nodes;
	struct zpm_watch watch;
	struct zpm_verdict verdict;
};

static struct scene scene(struct test *t, const char *manifest)
{
	return (struct scene){ .t = t, .service = service(t, manifest), .nodes = 3 };
}

static enum zpm_health look(struct scene *s, const char *text, int64_t now)
{
	struct zpm_ptrs tasks = tasks_of(s->t, text);

	zpm_health_judge(s->service, &tasks, s->nodes, now, &s->watch, &s->verdict);
	return s->verdict.health;
}

#define assert_converged(s, tasks, now)   assert_int_equal(look(s, tasks, now), ZPM_HEALTH_CONVERGED)
#define assert_progressing(s, tasks, now) assert_int_equal(look(s, tasks, now), ZPM_HEALTH_PROGRESSING)
#define assert_failed(s, tasks, now)      assert_int_equal(look(s, tasks, now), ZPM_HEALTH_FAILED)

/* On the way, and there. */

static void test_health__starting_task_is_progress(void **state)
{
	static const char *const states[] = { "new", "pending", "assigned", "accepted", "preparing", "ready",
		"starting" };
	struct test *t = *state;

	for (size_t i = 0; i < ZPM_COUNT(states); i++) {
		struct scene s = scene(t, "{}");
		const char *tasks = zpm_arena_printf(t->arena, "a 1 %s running", states[i]);

		assert_progressing(&s, tasks, START);
		assert_progressing(&s, tasks, LATER);
		assert_has(s.verdict.why, states[i]);
	}
}

static void test_health__running_task_has_to_stay_up_for_a_moment(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, "a 1 running running", START);
	assert_progressing(&s, "a 1 running running", SOON);
	assert_converged(&s, "a 1 running running", LATER);
	assert_int_equal(s.verdict.running, 1);
	assert_int_equal(s.verdict.wanted, 1);
}

/* One that ended with 0 before it was healthy is running for an instant too. */
static void test_health__with_a_healthcheck_it_has_to_stay_up_as_well(void **state)
{
	struct scene s = scene(*state, "{'healthcheck': {'test': ['CMD', '/ready']}}");

	assert_progressing(&s, "a 1 starting running", START);
	assert_progressing(&s, "a 1 running running", START);
	assert_progressing(&s, "a 1 complete shutdown", SOON);
	assert_progressing(&s, "b 1 running running, a 1 complete shutdown", SOON);
	assert_failed(&s, "b 1 complete shutdown, a 1 complete shutdown", LATER);
}

static void test_health__task_that_ran_before_needs_no_moment(void **state)
{
	struct scene s = scene(*state, "{}");

	s.watch.unchanged = true;
	assert_converged(&s, "a 1 running running", START);
}

static void test_health__moment_begins_when_the_last_one_runs(void **state)
{
	struct scene s = scene(*state, "{'replicas': 2}");

	assert_progressing(&s, "a 1 running running, b 2 starting running", START);
	assert_progressing(&s, "a 1 running running, b 2 running running", LATER);
	assert_converged(&s, "a 1 running running, b 2 running running", LATER + 30 * ZPM_S);
}

static void test_health__moment_begins_again_when_another_task_took_over(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, "a 1 running running", START);
	assert_progressing(&s, "b 1 running running", LATER);
	assert_converged(&s, "b 1 running running", LATER + 30 * ZPM_S);
}

static void test_health__moment_begins_again_after_a_gap(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, "a 1 running running", START);
	assert_progressing(&s, "a 1 starting running", SOON);
	assert_progressing(&s, "a 1 running running", LATER);
}

static void test_health__order_of_the_list_means_nothing(void **state)
{
	struct scene s = scene(*state, "{'replicas': 2}");

	assert_progressing(&s, "a 1 running running, b 2 running running", START);
	assert_converged(&s, "b 2 running running, a 1 running running", LATER);
}

static void test_health__all_replicas_have_to_run(void **state)
{
	struct scene s = scene(*state, "{'replicas': 3}");

	assert_progressing(&s, "a 1 running running, b 2 running running", START);
	assert_progressing(&s, "a 1 running running, b 2 running running", LATER);
	assert_int_equal(s.verdict.running, 2);
	assert_int_equal(s.verdict.wanted, 3);
	assert_has(s.verdict.why, "2 of 3");
}

static void test_health__no_task_yet_is_progress(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, "", START);
	assert_progressing(&s, "", LATER);
}

static void test_health__task_on_its_way_out_does_not_count(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, "b 1 starting running, a 1 running shutdown", START);
	assert_progressing(&s, "b 1 starting running, a 1 running shutdown", LATER);
	assert_int_equal(s.verdict.running, 0);
}

static void test_health__one_task_too_many_is_progress(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, "a 1 running running, b 2 running running", START);
	assert_progressing(&s, "a 1 running running, b 2 running running", LATER);
}

static void test_health__scaled_to_nothing_is_there_at_once(void **state)
{
	struct scene s = scene(*state, "{'replicas': 0}");

	assert_converged(&s, "", START);
	assert_int_equal(s.verdict.wanted, 0);
}

/* Failing. */

static void test_health__rejected_twice_has_failed(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_failed(&s,
		"b 1 rejected shutdown: No such image: x:1, a 1 rejected shutdown: No such image: x:1",
		START);
	assert_string_equal(s.verdict.why, "No such image: x:1");
}

/* Though the next try is under way already. */
static void test_health__failing_again_and_again_has_failed(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_failed(&s,
		"c 1 starting running, b 1 failed shutdown: task: non-zero exit (1),"
		" a 1 failed shutdown: task: non-zero exit (1)",
		START);
	assert_has(s.verdict.why, "non-zero exit (1)");
}

static void test_health__one_failure_is_progress(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, "b 1 starting running, a 1 failed shutdown: task: non-zero exit (1)", START);
	assert_progressing(&s, "b 1 starting running, a 1 failed shutdown: task: non-zero exit (1)", LATER);
}

static void test_health__failed_once_and_running_needs_a_longer_moment(void **state)
{
	static const char tasks[] = "b 1 running running, a 1 failed shutdown: task: non-zero exit (1)";
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, tasks, START);
	assert_progressing(&s, tasks, START + ZPM_S);
	assert_converged(&s, tasks, LATER);
}

static void test_health__running_after_failures_is_no_failure(void **state)
{
	static const char tasks[] = "c 1 running running, b 1 failed shutdown: x, a 1 failed shutdown: x";
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, tasks, START);
	assert_converged(&s, tasks, LATER);
}

static void test_health__failures_are_counted_slot_by_slot(void **state)
{
	struct scene s = scene(*state, "{'replicas': 2}");

	assert_progressing(&s,
		"c 1 starting running, d 2 starting running, a 1 failed shutdown: x, b 2 failed shutdown: x",
		START);
	assert_failed(&s,
		"c 1 running running, e 2 starting running, d 2 failed shutdown: y, b 2 failed shutdown: y",
		LATER);
	assert_string_equal(s.verdict.why, "y");
}

/* A service is never complete: Swarm starts the task again. */
static void test_health__completing_again_and_again_has_failed(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_failed(&s, "b 1 complete shutdown, a 1 complete shutdown", START);
	assert_string_equal(s.verdict.why, "the program ended by itself, with exit code 0");
}

static void test_health__without_restart_one_end_is_the_end(void **state)
{
	struct scene s = scene(*state, "{'restart': 'none'}");

	assert_failed(&s, "a 1 failed shutdown: task: non-zero exit (1)", START);
	assert_has(s.verdict.why, "non-zero exit (1)");
}

static void test_health__restart_on_failure_leaves_a_completed_task_alone(void **state)
{
	struct scene s = scene(*state, "{'restart': 'on-failure'}");

	assert_failed(&s, "a 1 complete shutdown", START);
}

/* maxAttempts counts restarts: the first task may fail and its successor run. */
static void test_health__one_attempt_is_one_restart(void **state)
{
	struct scene s = scene(*state, "{'restart': {'maxAttempts': 1}}");

	assert_progressing(&s, "b 1 starting running, a 1 failed shutdown: x", START);
	assert_failed(&s, "b 1 failed shutdown: x, a 1 failed shutdown: x", LATER);
}

/* Finding no node. */

#define HOMELESS "a 1 pending running: no suitable node (scheduling constraints not satisfied on 1 node)"

static void test_health__pending_without_a_node_fails_in_the_end(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, HOMELESS, START);
	assert_progressing(&s, HOMELESS, START + ZPM_S);
	assert_failed(&s, HOMELESS, LATER);
	assert_has(s.verdict.why, "no suitable node");
}

static void test_health__pending_may_find_a_node(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, HOMELESS, START);
	assert_progressing(&s, "a 1 running running", START + ZPM_S);
	assert_progressing(&s, HOMELESS, LATER);
	assert_failed(&s, HOMELESS, LATER + 30 * ZPM_S);
}

static void test_health__pending_without_a_reason_is_progress(void **state)
{
	struct scene s = scene(*state, "{}");

	assert_progressing(&s, "a 1 pending running", START);
	assert_progressing(&s, "a 1 pending running", LATER);
}

static void test_health__pending_task_that_is_not_wanted_any_more_is_no_failure(void **state)
{
	struct scene s = scene(*state, "{'replicas': 0}");

	assert_converged(&s, "a 1 pending shutdown: no suitable node", START);
	assert_converged(&s, "a 1 pending shutdown: no suitable node", LATER);
}

/* Global services. */

static void test_health__global_runs_on_every_node(void **state)
{
	struct scene s = scene(*state, "{'mode': 'global'}");

	assert_progressing(&s, "a @n1 running running, b @n2 running running", START);
	assert_has(s.verdict.why, "2 of 3");
	assert_progressing(&s, "a @n1 running running, b @n2 running running, c @n3 running running", LATER);
	assert_converged(&s, "a @n1 running running, b @n2 running running, c @n3 running running",
		LATER + 30 * ZPM_S);
}

/* Of three that take tasks; the fourth was paused later, and keeps its own. */
static void test_health__global_keeps_its_task_on_a_paused_node(void **state)
{
	static const char tasks[] = "a @n1 running running, b @n2 running running, c @n3 running running,"
				    " d @n4 running running";
	struct scene s = scene(*state, "{'mode': 'global'}");

	assert_progressing(&s, tasks, START);
	assert_converged(&s, tasks, LATER);
	assert_int_equal(s.verdict.wanted, 4);
}

static void test_health__global_fails_on_one_node(void **state)
{
	struct scene s = scene(*state, "{'mode': 'global'}");

	assert_progressing(&s,
		"a @n1 running running, d @n2 starting running, b @n2 rejected shutdown: x,"
		" c @n3 rejected shutdown: x",
		START);
	assert_failed(&s,
		"a @n1 running running, d @n2 rejected shutdown: x, b @n2 rejected shutdown: x,"
		" c @n3 running running",
		LATER);
}

static void test_health__constrained_global_runs_where_swarm_put_it(void **state)
{
	struct scene s =
		scene(*state, "{'mode': 'global', 'placement': {'constraints': ['node.role == manager']}}");

	assert_progressing(&s, "a @n1 running running", START);
	assert_converged(&s, "a @n1 running running", LATER);
	assert_int_equal(s.verdict.wanted, 1);
}

/* Swarm makes tasks a moment after it accepted the service. */
static void test_health__constrained_global_without_tasks_is_not_there_at_once(void **state)
{
	struct scene s =
		scene(*state, "{'mode': 'global', 'placement': {'constraints': ['node.role == manager']}}");

	assert_progressing(&s, "", START);
	assert_progressing(&s, "a @n1 starting running", SOON);
}

/* No task has passed it yet. */
static void test_health__nor_is_one_with_a_healthcheck(void **state)
{
	struct scene s = scene(*state, "{'mode': 'global', 'healthcheck': {'test': ['CMD', '/ready']},"
				       " 'placement': {'constraints': ['node.role == manager']}}");

	assert_progressing(&s, "", START);
}

/* What is left of a service that goes. */

static void test_tasks_alive__counts_what_has_not_ended(void **state)
{
	struct zpm_ptrs tasks = tasks_of(*state,
		"a 1 running shutdown, b 1 starting running, c 1 failed shutdown, d 1 rejected shutdown,"
		" e 1 complete shutdown, f 1 orphaned shutdown, g 1 shutdown shutdown, h 1 preparing remove,"
		" i 1 pending running");

	assert_int_equal(zpm_tasks_alive(&tasks), 4);
}

static void test_tasks_alive__nothing_is_none(void **state)
{
	const struct zpm_ptrs none = { 0 };

	(void)state;
	assert_int_equal(zpm_tasks_alive(&none), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_health__starting_task_is_progress),
		TEST(test_health__running_task_has_to_stay_up_for_a_moment),
		TEST(test_health__with_a_healthcheck_it_has_to_stay_up_as_well),
		TEST(test_health__task_that_ran_before_needs_no_moment),
		TEST(test_health__moment_begins_when_the_last_one_runs),
		TEST(test_health__moment_begins_again_when_another_task_took_over),
		TEST(test_health__moment_begins_again_after_a_gap),
		TEST(test_health__order_of_the_list_means_nothing),
		TEST(test_health__all_replicas_have_to_run),
		TEST(test_health__no_task_yet_is_progress),
		TEST(test_health__task_on_its_way_out_does_not_count),
		TEST(test_health__one_task_too_many_is_progress),
		TEST(test_health__scaled_to_nothing_is_there_at_once),
		TEST(test_health__rejected_twice_has_failed),
		TEST(test_health__failing_again_and_again_has_failed),
		TEST(test_health__one_failure_is_progress),
		TEST(test_health__failed_once_and_running_needs_a_longer_moment),
		TEST(test_health__running_after_failures_is_no_failure),
		TEST(test_health__failures_are_counted_slot_by_slot),
		TEST(test_health__completing_again_and_again_has_failed),
		TEST(test_health__without_restart_one_end_is_the_end),
		TEST(test_health__restart_on_failure_leaves_a_completed_task_alone),
		TEST(test_health__one_attempt_is_one_restart),
		TEST(test_health__pending_without_a_node_fails_in_the_end),
		TEST(test_health__pending_may_find_a_node),
		TEST(test_health__pending_without_a_reason_is_progress),
		TEST(test_health__pending_task_that_is_not_wanted_any_more_is_no_failure),
		TEST(test_health__global_runs_on_every_node),
		TEST(test_health__global_keeps_its_task_on_a_paused_node),
		TEST(test_health__global_fails_on_one_node),
		TEST(test_health__constrained_global_runs_where_swarm_put_it),
		TEST(test_health__constrained_global_without_tasks_is_not_there_at_once),
		TEST(test_health__nor_is_one_with_a_healthcheck),
		TEST(test_tasks_alive__counts_what_has_not_ended),
		TEST(test_tasks_alive__nothing_is_none),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
