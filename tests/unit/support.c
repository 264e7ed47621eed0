/* Fixtures and objects for the unit tests; support_random.c makes the random ones. */
#include "support.h"

#include "model/json.h"
#include "model/shape.h"
#include "model/value.h"
#include "plan/expand.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void empty(struct test *t)
{
	for (size_t i = 0; i < t->plans.n; i++)
		zpm_plan_free(t->plans.v[i]);
	for (size_t i = 0; i < t->json.n; i++)
		json_object_put(t->json.v[i]);
	t->plans = t->json = (struct zpm_ptrs){ 0 };
	zpm_arena_free(t->arena);
	t->arena = NULL;
}

int setup_test(void **state)
{
	struct test *t = zpm_alloc(sizeof(*t));

	t->arena = zpm_arena_new();
	*state = t;
	return 0;
}

int teardown_test(void **state)
{
	struct test *t = *state;

	if (t->seed)
		print_error("failed with this seed; to repeat: ZPM_TEST_SEED=%" PRIu64 "\n", t->seed);
	empty(t);
	free(t);
	return 0;
}

/* The client program sees what valgrind loads into it. */
static bool under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

static void run_seed(struct test *t, uint64_t seed, void (*body)(struct test *t, struct dice *dice))
{
	struct dice dice = { seed };

	empty(t);
	t->arena = zpm_arena_new();
	t->seed = seed;
	body(t, &dice);
	t->seed = 0;
}

void each_seed(struct test *t, size_t n, void (*body)(struct test *t, struct dice *dice))
{
	const char *only = getenv("ZPM_TEST_SEED");

	if (only) {
		run_seed(t, strtoull(only, NULL, 10), body);
		return;
	}
	if (under_valgrind())
		n = 1 + n / 40;
	for (uint64_t seed = 1; seed <= n; seed++)
		run_seed(t, seed, body);
}

json_object *keep_json(struct test *t, json_object *json)
{
	zpm_ptrs_push(t->arena, &t->json, json);
	return json;
}

struct zpm_plan *keep_plan(struct test *t, struct zpm_plan *plan)
{
	zpm_ptrs_push(t->arena, &t->plans, plan);
	return plan;
}

json_object *given_json(struct test *t, const char *text)
{
	char *quoted = zpm_arena_strdup(t->arena, text);
	enum json_tokener_error error;
	json_object *json;

	for (char *c = quoted; *c; c++)
		if (*c == '\'')
			*c = '"';
	json = json_tokener_parse_verbose(quoted, &error);
	if (!json)
		fail_msg("%s in %s", json_tokener_error_desc(error), text);
	return keep_json(t, json);
}

static void read_object(struct test *t, const struct zpm_shape *shape, json_object *json, void *object);

static int64_t read_number(const struct zpm_field *field, json_object *json)
{
	int64_t number;

	if (json_object_is_type(json, json_type_boolean))
		return json_object_get_boolean(json);
	if (json_object_is_type(json, json_type_int))
		return json_object_get_int64(json);
	if (zpm_value_parse(field->type, json_object_get_string(json), &number) < 0)
		fail_msg("%s: %s is no %s", field->name, json_object_get_string(json),
			zpm_value_expected(field->type));
	return number;
}

static void read_strs(struct test *t, json_object *json, struct zpm_strs *strs)
{
	for (size_t i = 0; i < json_object_array_length(json); i++)
		zpm_strs_push(t->arena, strs,
			zpm_arena_strdup(
				t->arena, json_object_get_string(json_object_array_get_idx(json, i))));
}

static void read_pairs(struct test *t, json_object *json, struct zpm_pairs *pairs)
{
	json_object_object_foreach (json, key, value)
		zpm_pairs_set(t->arena, pairs, zpm_arena_strdup(t->arena, key),
			zpm_arena_strdup(t->arena, json_object_get_string(value)));
}

/* In full, or the short way. */
static void *read_element(struct test *t, const struct zpm_shape *shape, json_object *json)
{
	void *object = zpm_shape_new(shape, t->arena);
	struct zpm_err err;

	if (json_object_is_type(json, json_type_object))
		read_object(t, shape, json, object);
	else if (shape->brief->parse(json_object_get_string(json), object, t->arena, &err) < 0)
		fail_msg("%s", err.msg);
	return object;
}

static const struct zpm_field *key_field(const struct zpm_shape *shape)
{
	ZPM_EACH_FIELD (field, shape)
		if (field->flags & ZPM_KEY)
			return field;
	return NULL;
}

/* A list, or a map from the key field to the rest. */
static void read_objects(
	struct test *t, const struct zpm_shape *shape, json_object *json, struct zpm_ptrs *list)
{
	if (json_object_is_type(json, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(json); i++)
			zpm_ptrs_push(
				t->arena, list, read_element(t, shape, json_object_array_get_idx(json, i)));
		return;
	}
	json_object_object_foreach (json, key, value) {
		void *object = read_element(t, shape, value);

		*zpm_field_str(key_field(shape), object) = zpm_arena_strdup(t->arena, key);
		zpm_ptrs_push(t->arena, list, object);
	}
}

static void read_field(struct test *t, const struct zpm_field *field, json_object *json, void *object)
{
	switch (field->type) {
	case ZPM_T_STRING:
		*zpm_field_str(field, object) = zpm_arena_strdup(t->arena, json_object_get_string(json));
		break;
	case ZPM_T_LIST:
	case ZPM_T_SET:
		read_strs(t, json, zpm_field_strs(field, object));
		break;
	case ZPM_T_MAP:
		read_pairs(t, json, zpm_field_pairs(field, object));
		break;
	case ZPM_T_OBJECT:
		*zpm_field_object(field, object) = read_element(t, field->shape, json);
		break;
	case ZPM_T_OBJECTS:
		read_objects(t, field->shape, json, zpm_field_objects(field, object));
		break;
	default:
		*zpm_field_int(field, object) = read_number(field, json);
		break;
	}
}

static void read_object(struct test *t, const struct zpm_shape *shape, json_object *json, void *object)
{
	json_object_object_foreach (json, key, value) {
		const struct zpm_field *field = zpm_shape_field(shape, key);

		if (!field)
			fail_msg("a %s has no field '%s'", shape->name, key);
		else
			read_field(t, field, value, object);
	}
}

void *given_object(struct test *t, const struct zpm_shape *shape, const char *text)
{
	return read_element(t, shape, given_json(t, text));
}

void *given_canonical(struct test *t, const struct zpm_shape *shape, const char *text)
{
	void *object = given_object(t, shape, text);

	zpm_shape_canonicalise(shape, object, t->arena);
	return object;
}

struct zpm_platform *given_platform(struct test *t, const char *text)
{
	return given_object(t, &zpm_platform_shape, text);
}

struct zpm_objects *given_desired(struct test *t, const char *text)
{
	return zpm_expand(given_platform(t, text), t->arena);
}

struct zpm_objects *given_observed(struct test *t, const char *text)
{
	struct zpm_objects *objects = given_desired(t, text);

	for (size_t i = 0; i < objects->list.n; i++) {
		struct zpm_object *object = objects->list.v[i];
		struct zpm_live *live = zpm_arena_alloc(t->arena, sizeof(*live));

		live->id = zpm_arena_printf(t->arena, "id-%s", object->real);
		live->version = 1 + i;
		live->owner = objects->platform;
		live->spec_hash = zpm_object_hash(object, t->arena);
		object->external = false;
		object->live = live;
	}
	return objects;
}

struct zpm_plan *given_plan(struct test *t, const char *observed, const char *manifest)
{
	const struct zpm_platform *platform = given_platform(t, manifest);

	return keep_plan(t, zpm_plan_new(platform, zpm_expand(platform, t->arena),
				    given_observed(t, observed), &(struct zpm_plan_options){ 0 }));
}

struct zpm_object *object_of(const struct zpm_objects *objects, enum zpm_kind_id kind, const char *name)
{
	struct zpm_object *object = zpm_objects_find(objects, kind, name);

	if (!object)
		fail_msg("no %s '%s'", zpm_kinds[kind].name, name);
	return object;
}

struct zpm_live *live_of(const struct zpm_objects *objects, enum zpm_kind_id kind, const char *name)
{
	/* Observed objects are const only to those who plan. */
	return (struct zpm_live *)(uintptr_t)object_of(objects, kind, name)->live;
}

const char *text_of_object(struct test *t, const struct zpm_shape *shape, const void *object)
{
	json_object *json = keep_json(t, zpm_shape_to_json(shape, object, t->arena));

	return json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
}

void assert_json_at(struct test *t, json_object *json, const char *text, const char *file, int line)
{
	json_object *expected = given_json(t, text);

	if (json_object_equal(json, expected))
		return;
	print_error("expected %s\n", json_object_to_json_string_ext(expected, JSON_C_TO_STRING_PLAIN));
	print_error("     got %s\n", json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	_fail(file, line);
}

void assert_has_at(const char *text, const char *part, const char *file, int line)
{
	if (strstr(text, part))
		return;
	print_error("'%s' is not in: %s\n", part, text);
	_fail(file, line);
}
