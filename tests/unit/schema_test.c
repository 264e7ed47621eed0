/*
 * The schema against the tables it is made of. Whether it agrees with the
 * parser is for tests/cli/test_schema.py, with a validator and the corpus.
 */
#include "model/schema.h"

#include "manifest_case.h"

#include <json-c/json.h>

static int setup(void **state)
{
	*state = zpm_schema_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	json_object_put(*state);
	return 0;
}

/* "a/b/0": the value behind keys and indexes; fails when there is none. */
static json_object *at(json_object *schema, const char *pointer)
{
	json_object *found = NULL;

	if (json_pointer_get(schema, pointer, &found) < 0)
		print_message("nothing at %s\n", pointer);
	assert_non_null(found);
	return found;
}

static void assert_at(json_object *schema, const char *pointer, const char *expected)
{
	assert_string_equal(json_object_to_json_string_ext(at(schema, pointer),
				    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
		expected);
}

static void test_schema_new__names_its_dialect_and_itself(void **state)
{
	assert_at(*state, "/$schema", "\"https://json-schema.org/draft/2020-12/schema\"");
	assert_at(*state, "/$id", "\"urn:zpm:manifest:v1\"");
	assert_at(*state, "/title", "\"zpm manifest\"");
}

static void test_schema_new__is_the_same_each_time(void **state)
{
	json_object *again = zpm_schema_new();

	assert_string_equal(json_object_to_json_string(*state), json_object_to_json_string(again));
	json_object_put(again);
}

/* The properties are the fields that a manifest may hold, in the order of the table. */
static void assert_shape(json_object *schema, const struct zpm_shape *shape, bool keyed)
{
	json_object *properties = at(schema, "/properties");
	struct json_object_iterator property = json_object_iter_begin(properties);
	struct json_object_iterator end = json_object_iter_end(properties);

	ZPM_EACH_FIELD (field, shape) {
		if (field->flags & ZPM_HIDDEN || (keyed && field->flags & ZPM_KEY))
			continue;
		assert_false(json_object_iter_equal(&property, &end));
		assert_string_equal(json_object_iter_peek_name(&property), field->name);
		json_object_iter_next(&property);
	}
	assert_true(json_object_iter_equal(&property, &end));
	assert_at(schema, "/additionalProperties", "false");
}

static void test_schema_new__properties_are_the_fields_in_the_order_of_the_table(void **state)
{
	assert_shape(*state, &zpm_platform_shape, false);
	assert_shape(at(*state, "/$defs/service"), &zpm_service_shape, false);
	assert_shape(at(*state, "/$defs/network"), &zpm_network_shape, false);
	assert_shape(at(*state, "/$defs/mount"), &zpm_mount_shape, false);
	assert_shape(at(*state, "/$defs/attachment"), &zpm_attachment_shape, false);
	assert_shape(at(*state, "/$defs/attachment-by-name"), &zpm_attachment_shape, true);
}

/* One name, one definition: a second shape of the name would be lost. */
static void collect_shapes(const struct zpm_shape *shape, const struct zpm_shape **seen, size_t *n)
{
	for (size_t i = 0; i < *n; i++) {
		if (seen[i] == shape)
			return;
		assert_string_not_equal(seen[i]->name, shape->name);
	}
	assert_true(*n < 64);
	seen[(*n)++] = shape;
	ZPM_EACH_FIELD (field, shape)
		if (field->shape)
			collect_shapes(field->shape, seen, n);
}

static void test_schema_new__no_two_shapes_have_one_name(void **state)
{
	const struct zpm_shape *seen[64];
	size_t n = 0;

	(void)state;
	collect_shapes(&zpm_platform_shape, seen, &n);
	assert_true(n > 10);
}

static void test_schema_new__required_fields_are_required(void **state)
{
	assert_at(*state, "/required", "[\"apiVersion\",\"platform\"]");
	assert_at(*state, "/$defs/service/required", "[\"image\"]");
	assert_false(json_object_object_get_ex(at(*state, "/$defs/defaults"), "required", NULL));
	/* The map's key is not asked for again. */
	assert_at(*state, "/$defs/ulimit-by-name/required", "[\"soft\",\"hard\"]");
}

static void test_schema_new__help_and_defaults_are_told(void **state)
{
	assert_at(*state, "/properties/vars/description", "\"Variables, used as ${NAME} anywhere below.\"");
	assert_at(*state, "/$defs/service/properties/mode/default", "\"replicated\"");
	assert_at(*state, "/$defs/service/properties/tty/default", "false");
	assert_at(*state, "/$defs/restart/properties/maxAttempts/default", "0");
	assert_at(*state, "/$defs/service/properties/stopGracePeriod/default", "\"10s\"");
}

static void test_schema_new__rules_are_told(void **state)
{
	assert_at(*state, "/$defs/service/properties/mode/anyOf/0",
		"{\"type\":\"string\",\"enum\":[\"replicated\",\"global\"]}");
	assert_at(*state, "/$defs/port/properties/target/anyOf/0",
		"{\"type\":\"integer\",\"minimum\":1,\"maximum\":65535}");
	assert_at(*state, "/$defs/update/properties/maxFailureRatio/anyOf/0",
		"{\"type\":\"number\",\"minimum\":0,\"maximum\":1}");
	assert_at(*state, "/$defs/service/properties/hostname/anyOf/0/maxLength", "63");
}

static void test_schema_new__variables_may_stand_for_any_scalar(void **state)
{
	assert_at(*state, "/$defs/interpolated/pattern", "\"\\\\$\\\\{\"");
	assert_at(
		*state, "/$defs/service/properties/replicas/anyOf/1", "{\"$ref\":\"#/$defs/interpolated\"}");
	assert_at(*state, "/$defs/service/properties/tty/anyOf/1", "{\"$ref\":\"#/$defs/interpolated\"}");
}

static void test_schema_new__durations_sizes_and_decimals_have_their_forms(void **state)
{
	assert_at(*state, "/$defs/restart/properties/delay/anyOf/0", "{\"const\":0}");
	/* Not where nothing is too little. */
	assert_at(*state, "/$defs/update/properties/monitor/anyOf/0/type", "\"string\"");
	assert_at(*state, "/$defs/limits/properties/memory/anyOf/0",
		"{\"type\":\"integer\",\"minimum\":4194304}");
	assert_at(*state, "/$defs/limits/properties/cpus/anyOf/0", "{\"type\":\"number\",\"minimum\":0.001}");
	assert_at(*state, "/$defs/limits/properties/cpus/anyOf/1/type", "\"string\"");
}

static void test_schema_new__lists_have_their_other_forms(void **state)
{
	assert_at(*state, "/$defs/service/properties/command/anyOf",
		"[{\"type\":\"array\",\"items\":{\"type\":\"string\"}},{\"type\":\"string\"},{\"type\":"
		"\"null\"}]");
	assert_at(*state, "/$defs/healthcheck/properties/test/anyOf",
		"[{\"type\":\"array\",\"items\":{\"type\":\"string\"}},{\"type\":\"string\","
		"\"pattern\":\".\"},{\"type\":\"null\"}]");
}

static void test_schema_new__maps_have_their_other_forms(void **state)
{
	assert_at(*state, "/$defs/service/properties/environment/anyOf/0",
		"{\"type\":\"object\",\"propertyNames\":{\"type\":\"string\",\"pattern\":\"^[^=]+$\"},"
		"\"additionalProperties\":{\"type\":[\"string\",\"number\",\"boolean\"]}}");
	assert_at(
		*state, "/$defs/service/properties/environment/anyOf/1/items/anyOf/0/pattern", "\"^[^=]+=\"");
	assert_at(*state, "/$defs/service/properties/extraHosts/anyOf/1/items/anyOf/0/pattern",
		"\"^[^=:]+[=:]\"");
	assert_at(*state, "/$defs/logging/properties/options/anyOf/1", "{\"type\":\"null\"}");
}

static void test_schema_new__short_forms_are_told(void **state)
{
	assert_at(*state, "/$defs/service/properties/ports/anyOf/0/items/anyOf/2",
		"{\"type\":\"integer\",\"minimum\":0}");
	/* -1 is a limit, and no port. */
	assert_at(*state, "/$defs/service/properties/ulimits/anyOf/0/additionalProperties/anyOf/2",
		"{\"type\":\"integer\"}");
	assert_at(*state, "/$defs/service/properties/restart/anyOf/1",
		"{\"type\":\"string\",\"pattern\":\"^(none|on-failure|any)$\"}");
}

/* A network may be nothing but a name; a service may not. */
static void test_schema_new__null_is_taken_where_nothing_is_required(void **state)
{
	assert_at(*state, "/properties/networks/anyOf/0/additionalProperties/anyOf/1", "{\"type\":\"null\"}");
	assert_at(*state, "/$defs/services/properties/core/anyOf/0/additionalProperties",
		"{\"$ref\":\"#/$defs/service\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schema_new__names_its_dialect_and_itself),
		cmocka_unit_test(test_schema_new__is_the_same_each_time),
		cmocka_unit_test(test_schema_new__properties_are_the_fields_in_the_order_of_the_table),
		cmocka_unit_test(test_schema_new__no_two_shapes_have_one_name),
		cmocka_unit_test(test_schema_new__required_fields_are_required),
		cmocka_unit_test(test_schema_new__help_and_defaults_are_told),
		cmocka_unit_test(test_schema_new__rules_are_told),
		cmocka_unit_test(test_schema_new__variables_may_stand_for_any_scalar),
		cmocka_unit_test(test_schema_new__durations_sizes_and_decimals_have_their_forms),
		cmocka_unit_test(test_schema_new__lists_have_their_other_forms),
		cmocka_unit_test(test_schema_new__maps_have_their_other_forms),
		cmocka_unit_test(test_schema_new__short_forms_are_told),
		cmocka_unit_test(test_schema_new__null_is_taken_where_nothing_is_required),
	};

	return cmocka_run_group_tests_name("schema", tests, setup, teardown);
}
