/* Documents as programs and people have left them, and what of them is understood. */
#include "support.h"

#include "model/catalog.h"
#include "model/service.h"
#include "model/shape.h"
#include "mongo/documents.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A document of JSON with single quotes, which bson_new_from_json() may add types to: {'$numberLong': '7'}.
 */
static bson_t *given_bson(const struct test *t, const char *text)
{
	char *quoted = zpm_arena_strdup(t->arena, text);
	bson_error_t error;
	bson_t *document;

	for (char *c = quoted; *c; c++)
		if (*c == '\'')
			*c = '"';
	document = bson_new_from_json((const uint8_t *)quoted, -1, &error);
	if (!document)
		fail_msg("%s in %s", error.message, text);
	return document;
}

static void *decoded_bson(const struct test *t, const struct zpm_shape *shape, bson_t *document)
{
	void *object = zpm_shape_new(shape, t->arena);

	zpm_document_decode(document, shape, object, t->arena);
	bson_destroy(document);
	return object;
}

static void *decoded(const struct test *t, const struct zpm_shape *shape, const char *text)
{
	return decoded_bson(t, shape, given_bson(t, text));
}

static const struct zpm_integration *integration(const struct test *t, const char *text)
{
	return decoded(t, &zpm_integration_shape, text);
}

static const struct zpm_app_params *params(const struct test *t, const char *text)
{
	return decoded(t, &zpm_app_params_shape, text);
}

static int64_t id_of(const struct test *t, const char *value)
{
	return integration(t, zpm_arena_printf(t->arena, "{'integration_id': %s}", value))->id;
}

static const char *title_of(const struct test *t, const char *value)
{
	return integration(t, zpm_arena_printf(t->arena, "{'title': %s}", value))->title;
}

/* Numbers. */

static void test_document__number_of_any_type_is_a_number(void **state)
{
	const struct test *t = *state;

	assert_int_equal(id_of(t, "7"), 7);
	assert_int_equal(id_of(t, "{'$numberInt': '-7'}"), -7);
	assert_int_equal(id_of(t, "{'$numberLong': '5000000000'}"), INT64_C(5000000000));
	assert_int_equal(id_of(t, "{'$numberDouble': '7.0'}"), 7);
	assert_int_equal(id_of(t, "'42'"), 42);
}

static void test_document__double_is_whole_as_long_as_it_is_exact(void **state)
{
	const struct test *t = *state;

	assert_int_equal(id_of(t, "{'$numberDouble': '1e15'}"), INT64_C(1000000000000000));
	assert_int_equal(id_of(t, "{'$numberDouble': '9007199254740991.0'}"), INT64_C(9007199254740991));
	assert_string_equal(title_of(t, "{'$numberDouble': '1e15'}"), "1000000000000000");
}

static void test_document__what_is_no_whole_number_is_none(void **state)
{
	static const char *const values[] = { "{'$numberDouble': '7.5'}", "{'$numberDouble': '1e300'}",
		"{'$numberDouble': 'NaN'}", "{'$numberDouble': '-Infinity'}", "'7.5'", "'7x'", "' 7'", "''",
		"'99999999999999999999'", "true", "null", "[7]", "{'a': 7}",
		"{'$date': {'$numberLong': '7'}}", "{'$oid': '0123456789abcdef01234567'}",
		"{'$numberDecimal': '7'}" };
	const struct test *t = *state;

	for (size_t i = 0; i < ZPM_COUNT(values); i++)
		if (id_of(t, values[i]) != ZPM_UNSET)
			fail_msg("%s is a number", values[i]);
}

/* Text. */

static void test_document__text_may_be_a_number_or_a_truth(void **state)
{
	const struct test *t = *state;

	assert_string_equal(title_of(t, "'Mail'"), "Mail");
	assert_string_equal(title_of(t, "''"), "");
	assert_string_equal(title_of(t, "17"), "17");
	assert_string_equal(title_of(t, "{'$numberLong': '-5000000000'}"), "-5000000000");
	assert_string_equal(title_of(t, "{'$numberDouble': '1.5'}"), "1.5");
	assert_string_equal(title_of(t, "false"), "false");
}

static void test_document__what_is_no_text_is_none(void **state)
{
	static const char *const values[] = { "null", "['a']", "{'a': 'b'}",
		"{'$date': {'$numberLong': '7'}}", "{'$oid': '0123456789abcdef01234567'}",
		"{'$binary': {'base64': 'YQ==', 'subType': '00'}}", "{'$timestamp': {'t': 1, 'i': 1}}" };
	const struct test *t = *state;

	for (size_t i = 0; i < ZPM_COUNT(values); i++)
		if (title_of(t, values[i]))
			fail_msg("%s is text", values[i]);
}

static const char *title_of_bytes(const struct test *t, const char *bytes, int len)
{
	bson_t *document = bson_new();

	bson_append_utf8(document, "title", -1, bytes, len);
	return ((const struct zpm_integration *)decoded_bson(t, &zpm_integration_shape, document))->title;
}

static void test_document__text_that_no_program_could_use_is_none(void **state)
{
	const struct test *t = *state;

	assert_null(title_of_bytes(t, "a\0b", 3));
	assert_null(title_of_bytes(t, "\xff\xfe", 2));
	assert_null(title_of_bytes(t, "cut \xc3", 5));
	assert_string_equal(title_of_bytes(t, "\xc3\xa9", 2), "\xc3\xa9");
}

static void test_document__text_of_a_megabyte_is_taken_whole(void **state)
{
	const struct test *t = *state;
	char *text = zpm_arena_alloc(t->arena, (1 << 20) + 1);

	memset(text, 'x', 1 << 20);
	assert_string_equal(title_of_bytes(t, text, 1 << 20), text);
}

/* Fields. */

static void test_document__without_fields_leaves_all_unset(void **state)
{
	const struct zpm_integration *one = integration(*state, "{}");

	assert_int_equal(one->id, ZPM_UNSET);
	assert_null(one->title);
	assert_null(one->executable);
	assert_null(one->status);
	assert_null(one->code);
}

static void test_document__fields_that_nobody_asked_for_are_passed_over(void **state)
{
	const struct zpm_integration *one = integration(*state,
		"{'_id': 1, 'integration_id': 2, 'nested': {'title': 'no'}, 'Title': 'no', 'x': [1]}");

	assert_int_equal(one->id, 2);
	assert_null(one->title);
}

static void test_document__wrong_field_spoils_no_other(void **state)
{
	const struct zpm_integration *one = integration(
		*state, "{'integration_id': {}, 'title': [], 'status': 'active', 'tenantcode': 7}");

	assert_int_equal(one->id, ZPM_UNSET);
	assert_null(one->title);
	assert_string_equal(one->status, "active");
	assert_string_equal(one->code, "7");
}

/* What a service is called is for zpm to say. */
static void test_document__of_a_port_names_no_service(void **state)
{
	const struct zpm_port_record *record = decoded(
		*state, &zpm_port_record_shape, "{'name': 'x', 'port': '20000', 'integration_id': null}");

	assert_null(record->name);
	assert_int_equal(record->port, 20000);
	assert_int_equal(record->integration, ZPM_UNSET);
}

static void test_document__password_of_a_tenant_goes_nowhere(void **state)
{
	static const char text[] = "{'id': 1, 'tenantcode': 'acme', 'db_username': 'made-up-user',"
				   " 'db_password': 'made-up-password', 'db_host': 'h', 'db_name': 'd'}";
	static const struct zpm_shape *const shapes[] = { &zpm_tenant_shape, &zpm_tenant_database_shape,
		&zpm_tenant_backup_shape };
	struct test *t = *state;

	for (size_t i = 0; i < ZPM_COUNT(shapes); i++) {
		const char *kept = text_of_object(t, shapes[i], decoded(t, shapes[i], text));

		assert_has(kept, "acme");
		assert_null(strstr(kept, "made-up"));
	}
}

/* Parameters, which are documents in documents. */

static void test_document__map_takes_what_can_be_text(void **state)
{
	const struct zpm_app_params *one =
		params(*state, "{'environment': {'A': 'x', 'B': 7, 'C': true, 'D': null, 'E': ['x'], '': "
			       "'x', 'F': {'G': 'x'}}}");

	assert_int_equal(one->environment.n, 3);
	assert_string_equal(zpm_pairs_get(&one->environment, "A"), "x");
	assert_string_equal(zpm_pairs_get(&one->environment, "B"), "7");
	assert_string_equal(zpm_pairs_get(&one->environment, "C"), "true");
}

static void test_document__map_has_no_names_that_are_no_text(void **state)
{
	bson_t *document = bson_new(), environment;
	const struct zpm_app_params *one;

	BSON_APPEND_DOCUMENT_BEGIN(document, "environment", &environment);
	BSON_APPEND_UTF8(&environment, "\xff", "x");
	BSON_APPEND_UTF8(&environment, "A", "x");
	bson_append_document_end(document, &environment);
	one = decoded_bson(*state, &zpm_app_params_shape, document);
	assert_int_equal(one->environment.n, 1);
}

static void test_document__map_and_list_of_another_type_are_empty(void **state)
{
	const struct zpm_app_params *one =
		params(*state, "{'environment': ['A=x'], 'command': {'0': 'x'}, 'args': 'x'}");

	assert_int_equal(one->environment.n, 0);
	assert_int_equal(one->command.n, 0);
	assert_int_equal(one->args.n, 0);
}

static void test_document__list_takes_what_can_be_text(void **state)
{
	const struct zpm_app_params *one = params(*state, "{'command': ['run', 7, null, {'a': 1}, 'x']}");

	assert_int_equal(one->command.n, 3);
	assert_string_equal(one->command.v[0], "run");
	assert_string_equal(one->command.v[1], "7");
	assert_string_equal(one->command.v[2], "x");
}

static void test_document__nested_sizes_are_numbers_or_text(void **state)
{
	const struct test *t = *state;
	const struct zpm_app_params *text = params(t, "{'resources': {'limits': {'memory': '64m', 'cpus': "
						      "'0.5'}, 'reservations': {'memory': 'lots'}}}");
	const struct zpm_app_params *numbers =
		params(t, "{'resources': {'limits': {'memory': {'$numberLong': '67108864'}, 'cpus': 0.5}}}");

	assert_int_equal(text->resources->limits->memory, 64 << 20);
	assert_int_equal(text->resources->limits->cpus, 500000000);
	assert_int_equal(text->resources->reservations->memory, ZPM_UNSET);
	assert_int_equal(numbers->resources->limits->memory, 64 << 20);
	assert_int_equal(numbers->resources->limits->cpus, 500000000);
}

static void test_document__nested_of_another_type_is_none(void **state)
{
	const struct test *t = *state;

	assert_null(params(t, "{'resources': 'many'}")->resources);
	assert_null(params(t, "{'resources': [{'limits': {'memory': '64m'}}]}")->resources);
	assert_null(params(t, "{'resources': {'limits': 5}}")->resources->limits);
}

/* One field by its path. */

static void test_document_text__is_found_by_its_path(void **state)
{
	const struct test *t = *state;
	bson_t *document = given_bson(t, "{'a': {'b': {'c': true}}, 'd': 'x', 'e': [1], 'a.b': 'no'}");
	const char *nested = zpm_document_text(document, "a.b.c", t->arena);
	const char *plain = zpm_document_text(document, "d", t->arena);
	bool none = !zpm_document_text(document, "a.x", t->arena) &&
		    !zpm_document_text(document, "d.x", t->arena) &&
		    !zpm_document_text(document, "e", t->arena) && !zpm_document_text(document, "", t->arena);

	bson_destroy(document);
	assert_string_equal(nested, "true");
	assert_string_equal(plain, "x");
	assert_true(none);
}

static void test_status__is_active_in_any_case_and_by_no_other_word(void **state)
{
	(void)state;
	assert_true(zpm_status_is_active("active"));
	assert_true(zpm_status_is_active("Active"));
	assert_false(zpm_status_is_active("inactive"));
	assert_false(zpm_status_is_active("active "));
	assert_false(zpm_status_is_active("true"));
	assert_false(zpm_status_is_active(""));
	assert_false(zpm_status_is_active(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_document__number_of_any_type_is_a_number),
		TEST(test_document__double_is_whole_as_long_as_it_is_exact),
		TEST(test_document__what_is_no_whole_number_is_none),
		TEST(test_document__text_may_be_a_number_or_a_truth),
		TEST(test_document__what_is_no_text_is_none),
		TEST(test_document__text_that_no_program_could_use_is_none),
		TEST(test_document__text_of_a_megabyte_is_taken_whole),
		TEST(test_document__without_fields_leaves_all_unset),
		TEST(test_document__fields_that_nobody_asked_for_are_passed_over),
		TEST(test_document__wrong_field_spoils_no_other),
		TEST(test_document__of_a_port_names_no_service),
		TEST(test_document__password_of_a_tenant_goes_nowhere),
		TEST(test_document__map_takes_what_can_be_text),
		TEST(test_document__map_has_no_names_that_are_no_text),
		TEST(test_document__map_and_list_of_another_type_are_empty),
		TEST(test_document__list_takes_what_can_be_text),
		TEST(test_document__nested_sizes_are_numbers_or_text),
		TEST(test_document__nested_of_another_type_is_none),
		TEST(test_document_text__is_found_by_its_path),
		TEST(test_status__is_active_in_any_case_and_by_no_other_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
