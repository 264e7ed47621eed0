/*
 * The wire codec on random services: what is sent is read back, an update
 * arrives where it should and touches nothing else, and order means nothing
 * where it means nothing.
 */
#include "wire_case.h"

#include "plan/diff.h"

#include <stdlib.h>

/* Of what matters most; the others get fewer. */
#define ROUNDS 2000

static struct zpm_service *any_service(struct test *t, struct dice *dice)
{
	return random_canonical(dice, &zpm_service_shape, t->arena);
}

static json_object *live_of_service(struct test *t, const void *service)
{
	return encoded(t, ZPM_KIND_SERVICE, service);
}

/* A copy of the text: json-c keeps only the last one of each object. */
static const char *text_now(struct test *t, json_object *json)
{
	return zpm_arena_strdup(t->arena, text_of_json(json));
}

static void assert_no_difference(
	struct test *t, const struct zpm_shape *shape, const void *have, const void *want)
{
	struct zpm_ptrs changes = { 0 };
	enum zpm_cost cost = zpm_diff(shape, have, want, t->arena, &changes);

	for (size_t i = 0; i < changes.n; i++) {
		const struct zpm_field_change *change = changes.v[i];

		print_error("%s: %s, wanted %s\n", change->path, json_object_to_json_string(change->old),
			json_object_to_json_string(change->now));
		json_object_put(change->old);
		json_object_put(change->now);
	}
	assert_int_equal(changes.n, 0);
	assert_int_equal(cost, ZPM_COST_NONE);
	assert_true(zpm_shape_equal(shape, have, want, t->arena));
}

/* The live JSON says just what is wanted, and nothing that no table knows. */
static void assert_says(struct test *t, enum zpm_kind_id kind, json_object *live, const void *want)
{
	struct zpm_pairs extra = { 0 };
	const void *have = decoded(t, kind, live, &extra);

	assert_no_difference(t, zpm_kinds[kind].shape, have, want);
	assert_int_equal(extra.n, 0);
}

/* What is sent for a new object is read back as that object. */

static void sent_is_read_back(struct test *t, struct dice *dice, enum zpm_kind_id kind)
{
	const struct zpm_shape *shape = zpm_kinds[kind].shape;
	struct zpm_object want = { .kind = &zpm_kinds[kind],
		.spec = random_canonical(dice, shape, t->arena) };
	struct zpm_object have = { .kind = &zpm_kinds[kind] };
	json_object *json = encoded(t, kind, want.spec);

	assert_says(t, kind, json, want.spec);
	have.spec = decoded(t, kind, json, NULL);
	assert_string_equal(zpm_object_hash(&have, t->arena), zpm_object_hash(&want, t->arena));
}

static void service_is_read_back(struct test *t, struct dice *dice)
{
	sent_is_read_back(t, dice, ZPM_KIND_SERVICE);
}

static void network_is_read_back(struct test *t, struct dice *dice)
{
	sent_is_read_back(t, dice, ZPM_KIND_NETWORK);
}

static void volume_is_read_back(struct test *t, struct dice *dice)
{
	sent_is_read_back(t, dice, ZPM_KIND_VOLUME);
}

static void test_wire__any_service_sent_is_read_back(void **state)
{
	each_seed(*state, ROUNDS, service_is_read_back);
}

static void test_wire__any_network_sent_is_read_back(void **state)
{
	each_seed(*state, ROUNDS / 4, network_is_read_back);
}

static void test_wire__any_volume_sent_is_read_back(void **state)
{
	each_seed(*state, ROUNDS / 4, volume_is_read_back);
}

/* What the Engine shows after it took the JSON through Go and Swarm. */

/* Pointers in Go, or members that are always shown: zero stays. */
static bool shows_zero(const char *key, const char *parent)
{
	static const char *const always[] = { "Replicas", "ForceUpdate", "Parallelism", "MaxFailureRatio",
		"MaxAttempts", "Init", "StopGracePeriod", "Soft", "Hard" };

	for (size_t i = 0; i < ZPM_COUNT(always); i++)
		if (!strcmp(key, always[i]))
			return true;
	if (!strcmp(parent, "File"))
		return true;
	return !strcmp(parent, "RestartPolicy") && (!strcmp(key, "Delay") || !strcmp(key, "Window"));
}

static bool is_zero(json_object *json)
{
	switch (json_object_get_type(json)) {
	case json_type_null:
		return true;
	case json_type_boolean:
		return !json_object_get_boolean(json);
	case json_type_int:
		return !json_object_get_int64(json);
	case json_type_string:
		return !json_object_get_string_len(json);
	case json_type_array:
		return !json_object_array_length(json);
	default:
		return false;
	}
}

/* Maps of the user's own keys, where an empty text is a value. */
static bool is_map(const char *key)
{
	return !strcmp(key, "Labels") || !strcmp(key, "Options") || !strcmp(key, "Sysctls");
}

static json_object *as_shown(json_object *json, const char *key)
{
	json_object *shown;

	if (json_object_is_type(json, json_type_array)) {
		shown = json_object_new_array();
		for (size_t i = 0; i < json_object_array_length(json); i++)
			json_object_array_add(shown, as_shown(json_object_array_get_idx(json, i), key));
		return shown;
	}
	if (!strcmp(key, "MaxFailureRatio"))
		return json_object_new_double((double)(float)json_object_get_double(json));
	if (!json_object_is_type(json, json_type_object) || is_map(key))
		return json_object_get(json);
	shown = json_object_new_object();
	json_object_object_foreach (json, name, value)
		if (!is_zero(value) || shows_zero(name, key))
			json_object_object_add(shown, name, as_shown(value, name));
	return shown;
}

static json_object *at(json_object *json, const char *key)
{
	json_object *value = NULL;

	json_object_object_get_ex(json, key, &value);
	return value;
}

static void add_missing(json_object *json, const char *key, const char *text)
{
	if (!at(json, key))
		json_object_object_add(json, key, json_tokener_parse(text));
}

static void fill_as_swarm_does(json_object *spec)
{
	json_object *task = at(spec, "TaskTemplate");

	add_missing(spec, "Labels", "{}");
	add_missing(spec, "Mode", "{\"Replicated\":{\"Replicas\":1}}");
	add_missing(task, "ForceUpdate", "0");
	add_missing(task, "Runtime", "\"container\"");
	add_missing(at(task, "ContainerSpec"), "Isolation", "\"default\"");
	if (at(spec, "EndpointSpec"))
		add_missing(at(spec, "EndpointSpec"), "Mode", "\"vip\"");
}

static void engines_answer_is_no_drift(struct test *t, struct dice *dice)
{
	const struct zpm_service *want = any_service(t, dice);
	json_object *shown = keep_json(t, as_shown(live_of_service(t, want), ""));
	const char *before;

	fill_as_swarm_does(shown);
	before = text_now(t, shown);
	assert_says(t, ZPM_KIND_SERVICE, shown, want);
	patch(t, ZPM_KIND_SERVICE, shown, want);
	assert_string_equal(text_of_json(shown), before);
}

static void test_wire__what_the_engine_makes_of_any_service_is_no_drift(void **state)
{
	each_seed(*state, ROUNDS / 2, engines_answer_is_no_drift);
}

/* Updates. */

static void nothing_to_do_changes_nothing(struct test *t, struct dice *dice)
{
	const struct zpm_service *want = any_service(t, dice);
	json_object *live = live_of_service(t, want);
	const char *before = text_now(t, live);

	patch(t, ZPM_KIND_SERVICE, live, want);
	assert_string_equal(text_of_json(live), before);
}

static void test_wire_patch__to_the_same_leaves_every_byte(void **state)
{
	each_seed(*state, ROUNDS / 4, nothing_to_do_changes_nothing);
}

static void update_arrives(struct test *t, struct dice *dice)
{
	json_object *live = live_of_service(t, any_service(t, dice));
	const struct zpm_service *want = any_service(t, dice);

	patch(t, ZPM_KIND_SERVICE, live, want);
	assert_says(t, ZPM_KIND_SERVICE, live, want);
}

static void test_wire_patch__leads_from_any_service_to_any_other(void **state)
{
	each_seed(*state, ROUNDS / 2, update_arrives);
}

static void take_field(const struct zpm_field *field, void *to, const void *from)
{
	switch (field->type) {
	case ZPM_T_STRING:
		*zpm_field_str(field, to) = *zpm_field_str(field, from);
		break;
	case ZPM_T_LIST:
	case ZPM_T_SET:
		*zpm_field_strs(field, to) = *zpm_field_strs(field, from);
		break;
	case ZPM_T_MAP:
		*zpm_field_pairs(field, to) = *zpm_field_pairs(field, from);
		break;
	case ZPM_T_OBJECT:
		*zpm_field_object(field, to) = *zpm_field_object(field, from);
		break;
	case ZPM_T_OBJECTS:
		*zpm_field_objects(field, to) = *zpm_field_objects(field, from);
		break;
	default:
		*zpm_field_int(field, to) = *zpm_field_int(field, from);
		break;
	}
}

static json_object *at_path(json_object *json, const char *path)
{
	while (json && *path) {
		size_t len = strcspn(path, ".");
		char key[64] = "";

		memcpy(key, path, len);
		json = at(json, key);
		path += len + (path[len] == '.');
	}
	return json;
}

/* Some fields of another service: the others have to stay as they are, to the byte. */
static void update_touches_nothing_else(struct test *t, struct dice *dice)
{
	const struct zpm_shape *shape = &zpm_service_shape;
	struct zpm_service *have = any_service(t, dice), *want = zpm_shape_copy(shape, have, t->arena);
	const struct zpm_service *other = any_service(t, dice);
	json_object *live = live_of_service(t, have), *before = NULL;

	/* The mode says how many replicas there may be: it is no field of its own. */
	ZPM_EACH_FIELD (field, shape)
		if (field->codec != ZPM_AS_MODE && strcmp(field->name, "replicas") != 0 && one_in(dice, 4))
			take_field(field, want, other);
	json_object_deep_copy(live, &before, NULL);
	keep_json(t, before);
	patch(t, ZPM_KIND_SERVICE, live, want);
	assert_says(t, ZPM_KIND_SERVICE, live, want);
	ZPM_EACH_FIELD (field, shape) {
		if (!field->wire || !zpm_field_equal(field, have, want, t->arena))
			continue;
		if (strcmp(text_now(t, at_path(live, field->wire)),
			    text_of_json(at_path(before, field->wire))) != 0)
			fail_msg("%s was the same and is now %s", field->name,
				text_of_json(at_path(live, field->wire)));
	}
}

static void test_wire_patch__leaves_every_byte_of_what_does_not_differ(void **state)
{
	each_seed(*state, ROUNDS / 4, update_touches_nothing_else);
}

/* Order. */

static void shuffle_array(struct dice *dice, json_object *array)
{
	for (size_t i = json_object_array_length(array); i > 1; i--) {
		size_t j = roll(dice, i);
		json_object *a = json_object_get(json_object_array_get_idx(array, i - 1));
		json_object *b = json_object_get(json_object_array_get_idx(array, j));

		json_object_array_put_idx(array, i - 1, b);
		json_object_array_put_idx(array, j, a);
	}
}

/* Everything that the table does not call a list. */
static void shuffle_sets(struct dice *dice, const struct zpm_shape *shape, json_object *json)
{
	ZPM_EACH_FIELD (field, shape) {
		json_object *value = field->wire ? at_path(json, field->wire) : NULL;

		if (field->type == ZPM_T_OBJECT && value)
			shuffle_sets(dice, field->shape, value);
		if (field->type == ZPM_T_LIST || !json_object_is_type(value, json_type_array))
			continue;
		shuffle_array(dice, value);
		for (size_t i = 0; field->shape && i < json_object_array_length(value); i++)
			shuffle_sets(dice, field->shape, json_object_array_get_idx(value, i));
	}
}

/* The same JSON with the members of its objects in another order. */
static json_object *reordered(struct dice *dice, json_object *json)
{
	json_object *copy, *keys;

	if (json_object_is_type(json, json_type_array)) {
		copy = json_object_new_array();
		for (size_t i = 0; i < json_object_array_length(json); i++)
			json_object_array_add(copy, reordered(dice, json_object_array_get_idx(json, i)));
		return copy;
	}
	if (!json_object_is_type(json, json_type_object))
		return json_object_get(json);
	copy = json_object_new_object();
	keys = json_object_new_array();
	json_object_object_foreach (json, key, value) {
		(void)value;
		json_object_array_add(keys, json_object_new_string(key));
	}
	shuffle_array(dice, keys);
	for (size_t i = 0; i < json_object_array_length(keys); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(keys, i));

		json_object_object_add(copy, name, reordered(dice, at(json, name)));
	}
	json_object_put(keys);
	return copy;
}

static const char *without_labels(struct test *t, const char *text)
{
	json_object *json = keep_json(t, json_tokener_parse(text));

	json_object_object_del(json, "Labels");
	return text_of_json(json);
}

static void order_means_nothing(struct test *t, struct dice *dice)
{
	struct zpm_service *want = any_service(t, dice);
	json_object *live = keep_json(t, reordered(dice, live_of_service(t, want)));
	const char *before;

	shuffle_sets(dice, &zpm_service_shape, live);
	before = text_now(t, live);
	assert_says(t, ZPM_KIND_SERVICE, live, want);
	patch(t, ZPM_KIND_SERVICE, live, want);
	assert_string_equal(text_of_json(live), before);
	/* An update of the labels leaves the live order of all else. */
	want->labels = (struct zpm_pairs){ 0 };
	zpm_pairs_set(t->arena, &want->labels, "new", "1");
	patch(t, ZPM_KIND_SERVICE, live, want);
	assert_string_equal(without_labels(t, text_now(t, live)), without_labels(t, before));
}

static void test_wire__order_means_nothing_in_any_service(void **state)
{
	each_seed(*state, ROUNDS / 4, order_means_nothing);
}

/* What no table knows. */

/* Collects the objects whose members are all known: neither the user's own maps nor the mode's name. */
static void collect_objects(struct test *t, json_object *json, const char *key, struct zpm_ptrs *found)
{
	if (json_object_is_type(json, json_type_array) && strcmp(key, "Preferences") != 0)
		for (size_t i = 0; i < json_object_array_length(json); i++)
			collect_objects(t, json_object_array_get_idx(json, i), key, found);
	if (!json_object_is_type(json, json_type_object) || is_map(key))
		return;
	if (strcmp(key, "Mode") != 0 && strcmp(key, "Global") != 0)
		zpm_ptrs_push(t->arena, found, json);
	json_object_object_foreach (json, name, value)
		collect_objects(t, value, name, found);
}

static void unknown_member_is_seen_and_removed(struct test *t, struct dice *dice)
{
	const struct zpm_service *want = any_service(t, dice);
	json_object *live = live_of_service(t, want);
	struct zpm_ptrs objects = { 0 };
	struct zpm_pairs extra = { 0 };

	collect_objects(t, live, "", &objects);
	if (!objects.n) {
		fail();
		return;
	}
	assert_non_null(objects.v);
	json_object_object_add(objects.v[roll(dice, objects.n)], "Unheard", json_object_new_int(7));
	assert_no_difference(t, &zpm_service_shape, decoded(t, ZPM_KIND_SERVICE, live, &extra), want);
	assert_int_equal(extra.n, 1);
	assert_has(extra.v[0].key, "Unheard");
	assert_string_equal(extra.v[0].value, "7");
	patch(t, ZPM_KIND_SERVICE, live, want);
	assert_null(strstr(text_of_json(live), "Unheard"));
	assert_says(t, ZPM_KIND_SERVICE, live, want);
}

static void test_wire__unknown_member_anywhere_is_seen_and_removed(void **state)
{
	each_seed(*state, ROUNDS / 4, unknown_member_is_seen_and_removed);
}

static json_object *nonsense(struct dice *dice)
{
	static const char *const texts[] = { "null", "true", "5", "-9223372036854775808", "1e308", "\"\"",
		"\"any\"", "[]", "[1]", "[null]", "[[]]", "[{}]", "{}", "{\"Name\":{}}" };

	return json_tokener_parse(texts[roll(dice, ZPM_COUNT(texts))]);
}

/* Replaces about one value in twenty, of any type and at any depth. */
static json_object *damaged(struct dice *dice, json_object *json)
{
	json_object *copy;

	if (one_in(dice, 20))
		return nonsense(dice);
	if (json_object_is_type(json, json_type_array)) {
		copy = json_object_new_array();
		for (size_t i = 0; i < json_object_array_length(json); i++)
			json_object_array_add(copy, damaged(dice, json_object_array_get_idx(json, i)));
		return copy;
	}
	if (!json_object_is_type(json, json_type_object))
		return json_object_get(json);
	copy = json_object_new_object();
	json_object_object_foreach (json, key, value)
		json_object_object_add(copy, key, damaged(dice, value));
	return copy;
}

/* An Engine that answers so is none that zpm knows: all that counts is to survive it. */
static void damage_is_survived(struct test *t, struct dice *dice)
{
	json_object *live = live_of_service(t, any_service(t, dice));
	json_object *broken = json_object_new_object();

	json_object_object_foreach (live, key, value)
		json_object_object_add(broken, key, damaged(dice, value));
	patch(t, ZPM_KIND_SERVICE, keep_json(t, broken), any_service(t, dice));
}

static void test_wire__wrong_types_anywhere_do_no_harm(void **state)
{
	each_seed(*state, ROUNDS / 4, damage_is_survived);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_wire__any_service_sent_is_read_back),
		TEST(test_wire__any_network_sent_is_read_back),
		TEST(test_wire__any_volume_sent_is_read_back),
		TEST(test_wire__what_the_engine_makes_of_any_service_is_no_drift),
		TEST(test_wire_patch__to_the_same_leaves_every_byte),
		TEST(test_wire_patch__leads_from_any_service_to_any_other),
		TEST(test_wire_patch__leaves_every_byte_of_what_does_not_differ),
		TEST(test_wire__order_means_nothing_in_any_service),
		TEST(test_wire__unknown_member_anywhere_is_seen_and_removed),
		TEST(test_wire__wrong_types_anywhere_do_no_harm),
	};

	return cmocka_run_group_tests_name("wire_random", tests, NULL, NULL);
}
