/*
 * Files and YAML: what cannot be read or is not one sound document, and that
 * neither size nor nesting nor aliases can make the parser misbehave.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "manifest_case.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A folder of its own for each test that needs files. */
struct fixture {
	char folder[64], path[96]; /* the path fits into a socket's address */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/zpm-manifest-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/securaa.yaml", f->folder);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void assert_unreadable(const char *path, const char *expected)
{
	struct zpm_manifest *manifest = NULL;
	struct zpm_err err = { 0 };

	assert_int_equal(zpm_manifest_load(path, NULL, &manifest, &err), -1);
	assert_null(manifest);
	assert_int_equal(err.code, ZPM_EINVALID);
	assert_string_equal(err.msg, expected);
}

static void test_manifest_load__reads_a_file(void **state)
{
	struct fixture *f = *state;
	CLEANUP_MANIFEST struct zpm_manifest *manifest = NULL;
	struct zpm_err err;

	write_file(f->path, HEAD);
	assert_int_equal(zpm_manifest_load(f->path, NULL, &manifest, &err), 0);
	assert_non_null(manifest->platform);
	assert_string_equal(manifest->platform->platform, "demo");
}

static void test_manifest_load__mistakes_of_a_file_are_diagnostics_with_its_name(void **state)
{
	struct fixture *f = *state;
	CLEANUP_MANIFEST struct zpm_manifest *manifest = NULL;
	const struct zpm_diag *diag;
	struct zpm_err err;

	write_file(f->path, HEAD "service: {}\n");
	assert_int_equal(zpm_manifest_load(f->path, NULL, &manifest, &err), 0);
	assert_null(manifest->platform);
	assert_int_equal(manifest->diags.list.n, 1);
	diag = manifest->diags.list.v[0];
	assert_string_equal(diag->pos.file, f->path);
}

static void test_manifest_load__missing_file_is_named(void **state)
{
	(void)state;
	assert_unreadable("/nonexistent/securaa.yaml",
		"cannot open '/nonexistent/securaa.yaml': No such file or directory");
}

static void test_manifest_load__folder_is_named_as_one(void **state)
{
	struct fixture *f = *state;
	char expected[256];

	snprintf(expected, sizeof(expected), "'%s' is a folder; name a file in it", f->folder);
	assert_unreadable(f->folder, expected);
}

/* A socket cannot be opened by anybody, not even by root. */
static void test_manifest_load__unreadable_file_is_named(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char expected[256];

	memcpy(address.sun_path, f->path, strlen(f->path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	snprintf(expected, sizeof(expected), "cannot open '%s': No such device or address", f->path);
	assert_unreadable(f->path, expected);
	close(fd);
}

static void test_manifest_load__file_of_100_mb_is_refused_without_reading_it(void **state)
{
	struct fixture *f = *state;
	int fd = open(f->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int64_t start = zpm_clock_now();
	char expected[256];

	assert_int_equal(ftruncate(fd, 100 * 1000 * 1000), 0);
	close(fd);
	snprintf(expected, sizeof(expected),
		"'%s' is larger than 4096 KiB, the most that is read; is it the right file?", f->path);
	assert_unreadable(f->path, expected);
	assert_true(zpm_clock_seconds_since(start) < 1);
}

static void test_manifest_load__endless_device_is_refused(void **state)
{
	(void)state;
	assert_unreadable("/dev/zero",
		"'/dev/zero' is larger than 4096 KiB, the most that is read; is it the right file?");
}

/* Writes until nobody reads any more. */
static void *write_forever(void *arg)
{
	static const char comments[] = "# and on\n# and on\n# and on\n";
	const struct fixture *f = arg;
	int fd = open(f->path, O_WRONLY | O_CLOEXEC);

	while (write(fd, comments, sizeof(comments) - 1) > 0)
		continue;
	close(fd);
	return NULL;
}

static void test_manifest_load__endless_pipe_is_refused(void **state)
{
	struct fixture *f = *state;
	char expected[256];
	pthread_t writer;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_forever, f), 0);
	snprintf(expected, sizeof(expected),
		"'%s' is larger than 4096 KiB, the most that is read; is it the right file?", f->path);
	assert_unreadable(f->path, expected);
	assert_int_equal(pthread_join(writer, NULL), 0);
}

static void test_manifest_parse__text_beyond_the_limit_is_refused(void **state)
{
	size_t len = ZPM_MANIFEST_MAX_BYTES + 1;
	ZPM_FREE char *text = zpm_alloc(len);
	CLEANUP_MANIFEST struct zpm_manifest *manifest = NULL;

	(void)state;
	memset(text, '#', len);
	manifest = zpm_manifest_parse("m.yaml", text, len);
	assert_diag(manifest, 0, "0:0: larger than 4096 KiB, the most that is read");
}

static void test_manifest_parse__empty_file_says_what_belongs_in_it(void **state)
{
	static const char expected[] =
		"0:0: the file is empty; a manifest begins with 'apiVersion: zpm/v1' and 'platform: NAME'";

	(void)state;
	assert_rejected("", expected);
	assert_rejected("# nothing but this\n", expected);
	assert_rejected("---\n", expected);
}

static void test_manifest_parse__not_yaml_names_the_place(void **state)
{
	(void)state;
	assert_rejected(HEAD "services: [core\n", "4:1: not YAML: while parsing a flow sequence that begins "
						  "on line 3, did not find expected ',' or ']'");
	assert_rejected("a: 'b\n", "2:1: not YAML: while scanning a quoted scalar that begins on line 1, "
				   "found unexpected end of stream");
	assert_rejected("a: b: c\n", "1:5: not YAML: mapping values are not allowed in this context; put "
				     "text that holds ': ' in quotes, or check "
				     "the indentation");
	assert_rejected("a: @b\n", "1:4: not YAML: while scanning for the next token, found character that "
				   "cannot start any token; put text "
				   "that begins with this character in quotes");
}

static void test_manifest_parse__tab_that_indents_is_named(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars:\n\tA: b\n", "4:1: not YAML: while scanning for the next token, found "
						"character that cannot start any token; a tab cannot "
						"indent, use spaces");
}

static void test_manifest_parse__variable_without_quotes_in_braces_is_explained(void **state)
{
	(void)state;
	assert_rejected(HEAD "release: { tag: ${TAG} }\n",
		"3:18: not YAML: while parsing a flow mapping, did not find expected ',' or '}'; inside { } "
		"and [ ], put "
		"text with ${...} in quotes");
}

static void test_manifest_parse__not_utf8_names_line_and_column(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars: { A: '\xc3\xa4\xff' }\n",
		"3:14: not UTF-8: found the byte 0xff; save the file as UTF-8");
	assert_rejected("\xff\xfe"
			"a",
		"1:1: not UTF-8: found the byte 0xff; save the file as UTF-8");
	/* Cut off within a character. */
	assert_rejected("a: \xe2\x82", "1:4: not UTF-8: found the byte 0xe2; save the file as UTF-8");
}

static void test_manifest_parse__control_character_names_line_and_column(void **state)
{
	(void)state;
	assert_rejected(
		HEAD "vars: { A: '\a' }\n", "3:13: not YAML: control characters are not allowed (0x07)");
}

static void test_manifest_parse__nul_in_a_value_is_refused(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars: { A: \"x\\0y\" }\n", "3:12: holds a NUL character, which no value can");
}

static void test_manifest_parse__byte_order_mark_is_left_aside(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text("\xef\xbb\xbf" HEAD);

	(void)state;
	assert_rejected("\xef\xbb\xbf" HEAD "x: 1\n", "3:1: unknown field 'x'");
}

static void test_manifest_parse__windows_line_ends_count_once(void **state)
{
	(void)state;
	assert_rejected("apiVersion: zpm/v1\r\nplatform: demo\r\nvrs: {}\r\n",
		"3:1: unknown field 'vrs'; did you mean 'vars'?");
}

static void test_manifest_parse__json_is_yaml(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(
		"{\"apiVersion\": \"zpm\\/v1\", \"platform\": \"demo\", \"services\": {\"core\": {}}}");

	(void)state;
	assert_string_equal(manifest->platform->platform, "demo");
}

static void test_manifest_parse__root_has_to_be_a_mapping(void **state)
{
	(void)state;
	assert_rejected("hello\n", "1:1: expected a mapping, got 'hello'");
	assert_rejected("- a\n", "1:1: expected a mapping, got a list");
}

static void test_manifest_parse__second_document_is_refused(void **state)
{
	(void)state;
	assert_rejected(HEAD "---\n" HEAD, "3:1: a second document begins here; a manifest is one document");
}

static void test_manifest_parse__duplicate_key_names_both_places(void **state)
{
	(void)state;
	assert_rejected(SERVICE "      image: a\n      image: b\n",
		"7:7: duplicate key 'image'; it is set on line 6, column 7 already");
}

static void test_manifest_parse__duplicate_key_in_a_large_mapping_is_found(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, b: 2}\n",
		"3:68: duplicate key 'b'; it is set on line 3, column 14 already");
}

static void test_manifest_parse__duplicate_service_is_a_duplicate_key(void **state)
{
	(void)state;
	assert_rejected(SERVICE "      image: x\n    a: { image: y }\n",
		"7:5: duplicate key 'a'; it is set on line 5, column 5 already");
}

static void test_manifest_parse__key_that_is_not_text_is_refused(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars:\n  ? [a, b]\n  : c\n  X: y\n", "4:5: a key has to be text, not a list");
	assert_rejected(HEAD "vars: { {a: b}: c }\n", "3:9: a key has to be text, not a mapping");
}

static void test_manifest_parse__alias_stands_for_the_anchored_value(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(SERVICE
		"      image: x\n      environment: &env { A: 1 }\n    b: { image: x, environment: *env }\n");
	const struct zpm_service *b = manifest->platform->services->services[ZPM_TIER_CORE].v[1];

	(void)state;
	assert_string_equal(zpm_pairs_get(&b->environment, "A"), "1");
}

static void test_manifest_parse__anchor_can_be_set_again(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest =
		accept_text(HEAD "vars: { A: &x one, B: *x, C: &x two, D: *x }\n");

	(void)state;
	assert_string_equal(zpm_pairs_get(&manifest->platform->vars, "B"), "one");
	assert_string_equal(zpm_pairs_get(&manifest->platform->vars, "D"), "two");
}

static void test_manifest_parse__unknown_alias_is_refused(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars: { A: *nowhere }\n",
		"3:12: unknown alias '*nowhere': no '&nowhere' comes before it");
}

static void test_manifest_parse__alias_inside_of_itself_is_refused(void **state)
{
	(void)state;
	assert_rejected(HEAD "services:\n  core: &core\n    a: { image: x }\n    b: *core\n",
		"6:8: the alias '*core' is inside of what it stands for");
}

/* Ten levels of ten: a million leaves on level six. */
static void test_manifest_parse__aliases_that_explode_are_refused(void **state)
{
	static const char laughs[] = HEAD "vars:\n"
					  "  a: &a [x,x,x,x,x,x,x,x,x,x]\n"
					  "  b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
					  "  c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
					  "  d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
					  "  e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
					  "  f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
					  "  g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\n";

	(void)state;
	assert_rejected(
		laughs, "9:31: too large: more than 1000000 values, each alias counted as all it stands for");
}

/* One long text, copied once for each of its uses. */
static void test_manifest_parse__aliases_to_long_text_are_refused(void **state)
{
	struct zpm_buf text = { 0 };
	CLEANUP_MANIFEST struct zpm_manifest *manifest = NULL;

	(void)state;
	zpm_buf_puts(&text, SERVICE "      image: x\n      command: [&x '");
	for (int i = 0; i < 100 * 1000; i++)
		zpm_buf_puts(&text, "0123456789");
	zpm_buf_puts(&text, "'");
	for (int i = 0; i < 1000; i++)
		zpm_buf_puts(&text, ", *x");
	zpm_buf_puts(&text, "]\n");
	manifest = zpm_manifest_parse("m.yaml", text.data, text.len);
	zpm_buf_dispose(&text);
	assert_int_equal(manifest->diags.list.n, 1);
	assert_non_null(
		strstr(((struct zpm_diag *)manifest->diags.list.v[0])->msg, "too large: more than 1000000"));
}

static struct zpm_manifest *parse_nested(const char *open, int levels)
{
	struct zpm_buf text = { 0 };
	struct zpm_manifest *manifest;

	zpm_buf_puts(&text, HEAD "vars:\n  ");
	for (int i = 0; i < levels; i++)
		zpm_buf_puts(&text, open);
	manifest = zpm_manifest_parse("m.yaml", text.data, text.len);
	zpm_buf_dispose(&text);
	return manifest;
}

static void test_manifest_parse__nesting_10000_deep_is_refused(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *lists = parse_nested("[", 10000);
	CLEANUP_MANIFEST struct zpm_manifest *items = parse_nested("- ", 10000);
	CLEANUP_MANIFEST struct zpm_manifest *maps = parse_nested("{a: ", 10000);
	CLEANUP_MANIFEST struct zpm_manifest *keys = parse_nested("? ", 10000);

	(void)state;
	/* The document itself is the first level. */
	assert_diag(lists, 0, "4:66: nested more than 64 levels deep");
	assert_diag(items, 0, "4:129: nested more than 64 levels deep");
	assert_diag(maps, 0, "4:255: nested more than 64 levels deep");
	assert_diag(keys, 0, "4:129: nested more than 64 levels deep");
	assert_int_equal(lists->diags.list.n, 1);
}

static void test_manifest_parse__nesting_as_deep_as_allowed_is_read(void **state)
{
	struct zpm_buf text = { 0 };

	(void)state;
	zpm_buf_puts(&text, HEAD "nested: ");
	for (int i = 0; i < 63; i++)
		zpm_buf_puts(&text, "[");
	for (int i = 0; i < 63; i++)
		zpm_buf_puts(&text, "]");
	assert_rejected(text.data, "3:1: unknown field 'nested'");
	zpm_buf_dispose(&text);
}

static void test_manifest_parse__merge_key_adds_what_is_not_there(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest =
		accept_text(SERVICE "      &base\n      image: x\n      replicas: 2\n"
				    "    b:\n      <<: *base\n      replicas: 3\n");
	const struct zpm_service *b = manifest->platform->services->services[ZPM_TIER_CORE].v[1];

	(void)state;
	assert_string_equal(b->image, "x");
	assert_int_equal(b->replicas, 3);
}

static void test_manifest_parse__first_of_several_merged_maps_wins(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest =
		accept_text(SERVICE "      image: x\n      labels: &one { k: one }\n      containerLabels: "
				    "&two { k: two, l: two }\n"
				    "      environment: { <<: [*one, *two], m: own }\n");
	const struct zpm_pairs *environment = &first_service(manifest)->environment;

	(void)state;
	assert_int_equal(environment->n, 3);
	assert_string_equal(zpm_pairs_get(environment, "k"), "one");
	assert_string_equal(zpm_pairs_get(environment, "l"), "two");
	assert_string_equal(zpm_pairs_get(environment, "m"), "own");
}

static void test_manifest_parse__merge_of_anything_else_is_refused(void **state)
{
	(void)state;
	assert_rejected(
		HEAD "vars: { <<: text }\n", "3:13: '<<' merges a mapping or a list of mappings, not 'text'");
	assert_rejected(HEAD "vars: { <<: [{ A: b }, c] }\n",
		"3:13: '<<' merges a mapping or a list of mappings, not anything else in the list");
}

static void test_manifest_parse__second_merge_key_is_refused(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars: { <<: { A: b }, <<: { C: d } }\n",
		"3:23: duplicate key '<<'; to merge several mappings write one list: [*a, *b]");
}

static void test_manifest_parse__mistake_in_a_merged_map_is_shown_where_it_is_written(void **state)
{
	(void)state;
	assert_rejected(SERVICE "      image: x\n      resources: &r { limits: { cpus: many } }\n"
				"    b: { image: x, resources: { <<: *r } }\n",
		"7:39: services.core.a.resources.limits.cpus: expected a number like 0.5, got 'many'",
		"7:39: services.core.b.resources.limits.cpus: expected a number like 0.5, got 'many'");
}

static void test_manifest_parse__str_tag_makes_text(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest =
		accept_text(SERVICE "      image: x\n      user: !!str 1000\n");

	(void)state;
	assert_string_equal(first_service(manifest)->user, "1000");
}

static void test_manifest_parse__other_tags_are_refused(void **state)
{
	(void)state;
	assert_rejected(SERVICE "      image: x\n      replicas: !!int 3\n",
		"7:17: the tag '!!int' means nothing here; leave it out");
	assert_rejected(SERVICE "      image: !image x\n",
		"6:14: the tag '!image' means nothing here; leave it out, "
		"or put text that begins with '!' in quotes");
	assert_rejected(
		HEAD "vars: !!set { A: b }\n", "3:7: the tag '!!set' means nothing here; leave it out");
}

static void test_manifest_parse__what_moves_a_cursor_is_made_visible(void **state)
{
	(void)state;
	assert_rejected(HEAD "\"x\\e[2J\\n\\x9b\": 1\n", "3:1: unknown field 'x\\x1b[2J\\n\\x9b'");
}

static void test_manifest_parse__long_text_is_cut_in_messages(void **state)
{
	(void)state;
	assert_rejected(SERVICE
		"      image: Aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg\n",
		"6:14: services.core.a.image: expected an image reference like 'kafka', 'kafka:3.7' or "
		"'registry.example.net/team/kafka:3.7', got "
		"'Aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff...'");
}

static void test_manifest_parse__beyond_100_diagnostics_are_counted(void **state)
{
	struct zpm_buf text = { 0 };
	CLEANUP_MANIFEST struct zpm_manifest *manifest = NULL;

	(void)state;
	zpm_buf_puts(&text, HEAD "services:\n  core:\n");
	for (int i = 0; i < 150; i++)
		zpm_buf_printf(&text, "    s%d: { image: x, dependsOn: missing, replicas: many }\n", i);
	manifest = parse_text(text.data);
	zpm_buf_dispose(&text);
	assert_int_equal(manifest->diags.list.n, 100);
	assert_int_equal(manifest->diags.left_out, 200);
}

static void test_manifest_parse__all_mistakes_of_a_file_come_at_once(void **state)
{
	(void)state;
	assert_rejected(HEAD "networks:\n"
			     "  back: { driver: overlay, attachble: true }\n"
			     "services:\n"
			     "  core:\n"
			     "    kafka: { image: Kafka, networks: [bcak] }\n"
			     "    web:\n"
			     "      image: web\n"
			     "      image: web\n"
			     "      stopGracePeriod: soon\n",
		"4:28: networks.back: unknown field 'attachble'; did you mean 'attachable'?",
		"7:21: services.core.kafka.image: expected an image reference like 'kafka', 'kafka:3.7' or "
		"'registry.example.net/team/kafka:3.7', got 'Kafka'",
		"7:39: services.core.kafka.networks[0]: there is no network 'bcak'; did you mean 'back'?",
		"10:7: duplicate key 'image'; it is set on line 9, column 7 already",
		"11:24: services.core.web.stopGracePeriod: expected a duration like '30s' or '1m30s', got "
		"'soon'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_manifest_load__reads_a_file, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_manifest_load__mistakes_of_a_file_are_diagnostics_with_its_name, setup,
			teardown),
		cmocka_unit_test(test_manifest_load__missing_file_is_named),
		cmocka_unit_test_setup_teardown(test_manifest_load__folder_is_named_as_one, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_manifest_load__unreadable_file_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_manifest_load__file_of_100_mb_is_refused_without_reading_it, setup, teardown),
		cmocka_unit_test(test_manifest_load__endless_device_is_refused),
		cmocka_unit_test_setup_teardown(test_manifest_load__endless_pipe_is_refused, setup, teardown),
		cmocka_unit_test(test_manifest_parse__text_beyond_the_limit_is_refused),
		cmocka_unit_test(test_manifest_parse__empty_file_says_what_belongs_in_it),
		cmocka_unit_test(test_manifest_parse__not_yaml_names_the_place),
		cmocka_unit_test(test_manifest_parse__tab_that_indents_is_named),
		cmocka_unit_test(test_manifest_parse__variable_without_quotes_in_braces_is_explained),
		cmocka_unit_test(test_manifest_parse__not_utf8_names_line_and_column),
		cmocka_unit_test(test_manifest_parse__control_character_names_line_and_column),
		cmocka_unit_test(test_manifest_parse__nul_in_a_value_is_refused),
		cmocka_unit_test(test_manifest_parse__byte_order_mark_is_left_aside),
		cmocka_unit_test(test_manifest_parse__windows_line_ends_count_once),
		cmocka_unit_test(test_manifest_parse__json_is_yaml),
		cmocka_unit_test(test_manifest_parse__root_has_to_be_a_mapping),
		cmocka_unit_test(test_manifest_parse__second_document_is_refused),
		cmocka_unit_test(test_manifest_parse__duplicate_key_names_both_places),
		cmocka_unit_test(test_manifest_parse__duplicate_key_in_a_large_mapping_is_found),
		cmocka_unit_test(test_manifest_parse__duplicate_service_is_a_duplicate_key),
		cmocka_unit_test(test_manifest_parse__key_that_is_not_text_is_refused),
		cmocka_unit_test(test_manifest_parse__alias_stands_for_the_anchored_value),
		cmocka_unit_test(test_manifest_parse__anchor_can_be_set_again),
		cmocka_unit_test(test_manifest_parse__unknown_alias_is_refused),
		cmocka_unit_test(test_manifest_parse__alias_inside_of_itself_is_refused),
		cmocka_unit_test(test_manifest_parse__aliases_that_explode_are_refused),
		cmocka_unit_test(test_manifest_parse__aliases_to_long_text_are_refused),
		cmocka_unit_test(test_manifest_parse__nesting_10000_deep_is_refused),
		cmocka_unit_test(test_manifest_parse__nesting_as_deep_as_allowed_is_read),
		cmocka_unit_test(test_manifest_parse__merge_key_adds_what_is_not_there),
		cmocka_unit_test(test_manifest_parse__first_of_several_merged_maps_wins),
		cmocka_unit_test(test_manifest_parse__merge_of_anything_else_is_refused),
		cmocka_unit_test(test_manifest_parse__second_merge_key_is_refused),
		cmocka_unit_test(test_manifest_parse__mistake_in_a_merged_map_is_shown_where_it_is_written),
		cmocka_unit_test(test_manifest_parse__str_tag_makes_text),
		cmocka_unit_test(test_manifest_parse__other_tags_are_refused),
		cmocka_unit_test(test_manifest_parse__what_moves_a_cursor_is_made_visible),
		cmocka_unit_test(test_manifest_parse__long_text_is_cut_in_messages),
		cmocka_unit_test(test_manifest_parse__beyond_100_diagnostics_are_counted),
		cmocka_unit_test(test_manifest_parse__all_mistakes_of_a_file_come_at_once),
	};

	/* The writer of the endless pipe is to see that nobody reads, not to die of it. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
