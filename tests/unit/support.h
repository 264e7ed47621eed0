/*
 * What the unit tests share: memory that goes with its test, objects written
 * as JSON in the manifest's vocabulary, and random ones, made by walking the
 * same field tables as the code under test.
 *
 * JSON in tests is written with single quotes, which no value in it may need.
 */
#ifndef ZPM_TESTS_SUPPORT_H
#define ZPM_TESTS_SUPPORT_H

#include "model/object.h"
#include "model/platform.h"
#include "plan/plan.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The state of a test. What is made through it is freed with it, whether the test passed or not. */
struct test {
	struct zpm_arena *arena;
	struct zpm_ptrs json, plans;
	uint64_t seed; /* of the round under way; 0: none */
	void *own;     /* the test program's */
};

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup_test, teardown_test)

int setup_test(void **state);
int teardown_test(void **state);

/* Objects, written down. A mistake in the text fails the test. */
struct json_object *given_json(struct test *t, const char *text);
void *given_object(struct test *t, const struct zpm_shape *shape, const char *text);
void *given_canonical(struct test *t, const struct zpm_shape *shape, const char *text);
struct zpm_platform *given_platform(struct test *t, const char *text);
/* What a manifest expands to. */
struct zpm_objects *given_desired(struct test *t, const char *text);
/* What is on the Engine after zpm has applied a manifest: ours, with the hash of its spec. */
struct zpm_objects *given_observed(struct test *t, const char *text);
/* The plan that leads from what one manifest made to what another wants. */
struct zpm_plan *given_plan(struct test *t, const char *observed, const char *manifest);

/* An object that has to be in the set, and what is known of it on the Engine. */
struct zpm_object *object_of(const struct zpm_objects *objects, enum zpm_kind_id kind, const char *name);
struct zpm_live *live_of(const struct zpm_objects *objects, enum zpm_kind_id kind, const char *name);

/* Frees a plan, or JSON, with the test. */
struct zpm_plan *keep_plan(struct test *t, struct zpm_plan *plan);
struct json_object *keep_json(struct test *t, struct json_object *json);

/* An object as JSON text in the manifest's vocabulary. */
const char *text_of_object(struct test *t, const struct zpm_shape *shape, const void *object);

/* Members of JSON objects in any order; elements of arrays in theirs. */
#define assert_json(json, text) assert_json_at(t, json, text, __FILE__, __LINE__)
void assert_json_at(struct test *t, struct json_object *json, const char *text, const char *file, int line);

#define assert_has(text, part) assert_has_at(text, part, __FILE__, __LINE__)
void assert_has_at(const char *text, const char *part, const char *file, int line);

/* Chance. */
struct dice {
	uint64_t state;
};

uint64_t roll(struct dice *dice, uint64_t sides); /* 0 to sides - 1 */
bool one_in(struct dice *dice, uint64_t n);

/*
 * Runs the body with `n` different dice (far fewer under valgrind), each time
 * with an empty arena. A round that fails names its seed; ZPM_TEST_SEED runs
 * the round of that seed alone.
 */
void each_seed(struct test *t, size_t n, void (*body)(struct test *t, struct dice *dice));

/* Any text at all, of up to `max` characters. */
const char *random_text(struct dice *dice, size_t max, struct zpm_arena *arena);
/* Text that matches an extended regular expression. */
const char *random_match(struct dice *dice, const char *pattern, struct zpm_arena *arena);
/* What the manifest could say, in the fields the Engine is told of. Not yet canonical. */
void *random_object(struct dice *dice, const struct zpm_shape *shape, struct zpm_arena *arena);
void *random_canonical(struct dice *dice, const struct zpm_shape *shape, struct zpm_arena *arena);

#endif
