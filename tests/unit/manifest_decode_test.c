/*
 * From nodes to objects: every type and every way to write it, what each
 * refuses, and how it says so.
 */
#include "manifest_case.h"

#define GIVEN(text) CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(text)

/* A service whose image is of no interest: its other fields begin on line 7. */
#define A SERVICE "      image: x\n"

static void assert_strs(const struct zpm_strs *got, const char *expected)
{
	char text[512] = "";

	for (size_t i = 0; i < got->n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "<%s>", got->v[i]);
	assert_string_equal(text, expected);
}

static void assert_pairs(const struct zpm_pairs *got, const char *expected)
{
	char text[512] = "";

	for (size_t i = 0; i < got->n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "<%s|%s>", got->v[i].key,
			got->v[i].value);
	assert_string_equal(text, expected);
}

static void test_manifest_decode__unknown_field_names_the_nearest(void **state)
{
	(void)state;
	assert_rejected(SERVICE "      imagee: x\n      image: x\n",
		"6:7: services.core.a: unknown field 'imagee'; did you mean 'image'?");
	assert_rejected(A "      depends_on: [b]\n",
		"7:7: services.core.a: unknown field 'depends_on'; did you mean 'dependsOn'?");
}

static void test_manifest_decode__unknown_field_far_from_all_names_them_when_they_are_few(void **state)
{
	(void)state;
	assert_rejected(HEAD "volumes: { v: { nfs: { quux: 1, server: s, path: /p } } }\n",
		"3:24: volumes.v.nfs: unknown field 'quux'; there are: server, path, options");
	assert_rejected(A "      quux: 1\n", "7:7: services.core.a: unknown field 'quux'");
}

static void test_manifest_decode__unknown_tier_is_an_unknown_field(void **state)
{
	(void)state;
	assert_rejected(HEAD "services:\n  batches: {}\n",
		"4:3: services: unknown field 'batches'; did you mean 'batch'?");
}

static void test_manifest_decode__hidden_field_is_not_a_key(void **state)
{
	(void)state;
	assert_rejected(
		A "      tier: core\n", "7:7: services.core.a: unknown field 'tier'; did you mean 'user'?");
}

static void test_manifest_decode__missing_field_is_shown_at_the_key(void **state)
{
	(void)state;
	assert_rejected(SERVICE "      replicas: 2\n", "5:5: services.core.a: 'image' is missing");
	assert_rejected(SERVICE, "5:5: services.core.a: 'image' is missing");
	assert_rejected("services: {}\n", "1:1: 'apiVersion' is missing", "1:1: 'platform' is missing");
}

static void test_manifest_decode__missing_field_of_an_item_is_shown_at_the_item(void **state)
{
	(void)state;
	assert_rejected(A "      ports:\n        - published: 80\n",
		"8:11: services.core.a.ports[0]: 'target' is missing");
}

static void test_manifest_decode__defaults_need_no_field(void **state)
{
	GIVEN(HEAD "defaults: { init: true }\n");
	(void)state;
	assert_int_equal(manifest->platform->defaults->init, 1);
}

static void test_manifest_decode__list_where_a_mapping_belongs_is_refused(void **state)
{
	(void)state;
	assert_rejected(HEAD "services: [a]\n", "3:1: services: expected a mapping, got a list");
	assert_rejected(
		HEAD "services:\n  core: [a]\n", "4:3: services.core: expected a mapping, got a list");
	assert_rejected(HEAD "networks: back\n", "3:11: networks: expected a mapping, got 'back'");
	assert_rejected(
		A "      resources: [1]\n", "7:7: services.core.a.resources: expected a mapping, got a list");
}

static void test_manifest_decode__mapping_where_a_list_belongs_is_refused(void **state)
{
	(void)state;
	assert_rejected(A "      ports: { target: 80 }\n",
		"7:7: services.core.a.ports: expected a list, got a mapping");
	assert_rejected(
		A "      capAdd: { a: b }\n", "7:7: services.core.a.capAdd: expected a list, got a mapping");
	assert_rejected(A "      command: { a: b }\n",
		"7:7: services.core.a.command: expected a list or text, got a mapping");
}

static void test_manifest_decode__text_where_a_list_belongs_is_refused(void **state)
{
	(void)state;
	assert_rejected(A "      capAdd: NET_ADMIN\n",
		"7:15: services.core.a.capAdd: expected a list, got 'NET_ADMIN'");
	assert_rejected(A "      networks: back\n",
		"7:17: services.core.a.networks: expected a list or a mapping, got 'back'");
}

static void test_manifest_decode__collection_where_text_belongs_is_refused(void **state)
{
	(void)state;
	assert_rejected(A "      user: [root]\n",
		"7:7: services.core.a.user: expected text that is not empty, got a list");
	assert_rejected(A "      replicas: { a: 1 }\n",
		"7:7: services.core.a.replicas: expected a whole number, 0 or more, got a mapping");
	assert_rejected(
		A "      command: [[a]]\n", "7:17: services.core.a.command[0]: expected text, got a list");
}

static void test_manifest_decode__number_where_text_belongs_asks_for_quotes(void **state)
{
	(void)state;
	assert_rejected(HEAD "release: { tag: 7.2 }\n",
		"3:17: release.tag: expected text, got the number 7.2; put it in quotes");
	assert_rejected(A "      user: 1000\n",
		"7:13: services.core.a.user: expected text, got the number 1000; put it in quotes");
	assert_rejected(A "      command: [sleep, 5]\n",
		"7:24: services.core.a.command[1]: expected text, got the number 5; put it in quotes");
	assert_rejected(A "      hostname: true\n",
		"7:17: services.core.a.hostname: expected text, got true; put it in quotes");
}

static void test_manifest_decode__number_that_quotes_would_not_mend_is_told_the_rule(void **state)
{
	(void)state;
	assert_rejected(A "      mode: 1\n",
		"7:13: services.core.a.mode: expected replicated or global, got the number 1");
}

static void test_manifest_decode__words_of_yaml_1_1_are_text(void **state)
{
	GIVEN(A "      command: [yes, no, on, off, 22:22, 1_000, 0b1]\n");
	(void)state;
	assert_strs(&first_service(manifest)->command, "<yes><no><on><off><22:22><1_000><0b1>");
	assert_rejected(
		A "      init: yes\n", "7:13: services.core.a.init: expected true or false, got 'yes'");
}

static void test_manifest_decode__scalar_without_value_is_refused_at_its_key(void **state)
{
	(void)state;
	assert_rejected(A "      hostname:\n      replicas: ~\n",
		"7:7: services.core.a.hostname: has no value; expected a host name of at most 63 letters, "
		"digits, '-' and "
		"'.'",
		"8:17: services.core.a.replicas: has no value; expected a whole number, 0 or more");
	assert_rejected(A "      environment:\n        A:\n",
		"8:9: services.core.a.environment.A: has no value; write \"\" for empty text");
}

static void test_manifest_decode__collection_without_value_is_empty(void **state)
{
	GIVEN(A "      ports:\n      environment: ~\n      dependsOn: null\n      resources:\n      "
		"networks:\n");
	const struct zpm_service *a = first_service(manifest);

	(void)state;
	assert_int_equal(a->ports.n + a->environment.n + a->depends_on.n + a->networks.n, 0);
	assert_null(a->resources);
}

static void test_manifest_decode__choices_are_named(void **state)
{
	(void)state;
	assert_rejected(
		"apiVersion: zpm/v2\nplatform: p\n", "1:13: apiVersion: expected zpm/v1, got 'zpm/v2'");
	assert_rejected(A "      endpointMode: VIP\n",
		"7:21: services.core.a.endpointMode: expected vip or dnsrr, got 'VIP'");
}

static void test_manifest_decode__bad_image_names_are_refused(void **state)
{
	static const char *const bad[] = { "Kafka", "kafka:", "kafka:a b", "/kafka", "kafka@sha256:xyz",
		"http://x/y", "a//b", "kafka:3:4", "-kafka" };

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(bad); i++) {
		char text[256], expected[256];

		snprintf(text, sizeof(text), SERVICE "      image: '%s'\n", bad[i]);
		snprintf(expected, sizeof(expected),
			"6:14: services.core.a.image: expected an image reference like 'kafka', 'kafka:3.7' "
			"or "
			"'registry.example.net/team/kafka:3.7', got '%s'",
			bad[i]);
		assert_rejected(text, expected);
	}
}

static void test_manifest_decode__image_names_of_all_forms_are_taken(void **state)
{
	static const char *const good[] = { "kafka", "kafka:3.7", "team/kafka",
		"registry.example.net/team/kafka:3.7-p1", "localhost:5000/kafka",
		"REGISTRY.example.net:5000/a/b/c_d__e-f.g",
		"kafka:3.7@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" };

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(good); i++) {
		char text[256];

		snprintf(text, sizeof(text), SERVICE "      image: '%s'\n", good[i]);
		GIVEN(text);
		assert_string_equal(first_service(manifest)->image, good[i]);
	}
}

static void test_manifest_decode__ports_in_short_form(void **state)
{
	GIVEN(A "      ports: [8080, \"8081:8080\", '53:53/udp', 9000/sctp]\n");
	const struct zpm_ptrs *ports = &first_service(manifest)->ports;
	const struct zpm_port *number = ports->v[0], *pair = ports->v[1], *udp = ports->v[2],
			      *sctp = ports->v[3];

	(void)state;
	assert_int_equal(number->target, 8080);
	assert_int_equal(number->published, ZPM_UNSET);
	assert_int_equal(pair->published, 8081);
	assert_int_equal(pair->target, 8080);
	assert_string_equal(udp->protocol, "udp");
	assert_string_equal(sctp->protocol, "sctp");
}

static void test_manifest_decode__ports_in_long_form(void **state)
{
	GIVEN(A "      ports: [{ target: 80, published: 8080, protocol: udp, mode: host }]\n");
	const struct zpm_port *port = first_service(manifest)->ports.v[0];

	(void)state;
	assert_int_equal(port->target, 80);
	assert_int_equal(port->published, 8080);
	assert_string_equal(port->protocol, "udp");
	assert_string_equal(port->mode, "host");
}

static void test_manifest_decode__bad_ports_are_refused(void **state)
{
#define PORT(text) A "      ports: [" text "]\n"
#define EXPECTED   "7:15: services.core.a.ports[0]: expected a port like '8080', '8081:8080' or '53:53/udp'"
	(void)state;
	assert_rejected(PORT("'http'"), EXPECTED ", got 'http'");
	assert_rejected(PORT("'127.0.0.1:80:80'"), EXPECTED ", got '127.0.0.1:80:80'");
	assert_rejected(PORT("'80:80/icmp'"), EXPECTED ", got '80:80/icmp'");
	assert_rejected(PORT("'8000-8010'"), EXPECTED ", got '8000-8010'");
	assert_rejected(PORT("-1"), EXPECTED ", got '-1'");
	assert_rejected(PORT("8.5"), EXPECTED ", got the number 8.5");
	assert_rejected(PORT("true"), EXPECTED ", got true");
	assert_rejected(PORT("[80]"), EXPECTED ", or a mapping, got a list");
	assert_rejected(PORT("70000"), "7:15: services.core.a.ports[0]: port 70000 is not from 1 to 65535");
	assert_rejected(PORT("'80:0'"), "7:15: services.core.a.ports[0]: port 0 is not from 1 to 65535");
	assert_rejected(PORT("{ target: 70000 }"),
		"7:25: services.core.a.ports[0].target: expected a port number from 1 to 65535, got 70000");
	assert_rejected(PORT("{ target: http }"),
		"7:25: services.core.a.ports[0].target: expected a port number from 1 to 65535, got 'http'");
#undef EXPECTED
#undef PORT
}

static void test_manifest_decode__durations_are_read(void **state)
{
	GIVEN(A "      stopGracePeriod: 1m30s\n      restart: { delay: 0, window: 1.5h }\n");
	const struct zpm_service *a = first_service(manifest);

	(void)state;
	assert_int_equal(a->stop_grace_period, 90000000000);
	assert_int_equal(a->restart->delay, 0);
	assert_int_equal(a->restart->window, 5400000000000);
}

static void test_manifest_decode__bad_durations_are_refused(void **state)
{
	static const char *const bad[] = { "soon", "10", "5d", "1s1", "-1s", "1 s", "9999999999h" };

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(bad); i++) {
		char text[256], expected[256];

		snprintf(text, sizeof(text), A "      stopGracePeriod: %s\n", bad[i]);
		snprintf(expected, sizeof(expected),
			"7:24: services.core.a.stopGracePeriod: expected a duration like '30s' or '1m30s', "
			"got %s%s%s",
			i == 1 ? "" : "'", bad[i], i == 1 ? "" : "'");
		assert_rejected(text, expected);
	}
}

static void test_manifest_decode__duration_below_its_least_is_refused(void **state)
{
	(void)state;
	assert_rejected(A "      update: { monitor: 0s }\n",
		"7:26: services.core.a.update.monitor: expected more than nothing, got '0s'");
}

static void test_manifest_decode__sizes_are_read(void **state)
{
	GIVEN(A "      resources: { limits: { memory: 512m }, reservations: { memory: 0x400000 } }\n"
		"      volumes: [{ type: tmpfs, target: /t, size: 1048576 }]\n");
	const struct zpm_service *a = first_service(manifest);

	(void)state;
	assert_int_equal(a->resources->limits->memory, 512 << 20);
	assert_int_equal(a->resources->reservations->memory, 4 << 20);
	assert_int_equal(((struct zpm_mount *)a->volumes.v[0])->size, 1 << 20);
}

static void test_manifest_decode__bad_sizes_are_refused(void **state)
{
#define MEMORY(text) A "      resources: { limits: { memory: " text " } }\n"
#define EXPECTED     "7:38: services.core.a.resources.limits.memory: expected a size like '512m' or '2g'"
	(void)state;
	assert_rejected(MEMORY("much"), EXPECTED ", got 'much'");
	assert_rejected(MEMORY("5x"), EXPECTED ", got '5x'");
	assert_rejected(MEMORY("1.5"), EXPECTED ", got 1.5");
	assert_rejected(MEMORY("-5m"), EXPECTED ", got '-5m'");
	assert_rejected(MEMORY("99999999999g"), EXPECTED ", got '99999999999g'");
	assert_rejected(
		MEMORY("1m"), "7:38: services.core.a.resources.limits.memory: expected 4m or more, got '1m'");
#undef EXPECTED
#undef MEMORY
}

static void test_manifest_decode__decimals_are_read_plain_and_quoted(void **state)
{
	GIVEN(A "      resources: { limits: { cpus: 1.5 }, reservations: { cpus: \"0.25\" } }\n");
	const struct zpm_resources *resources = first_service(manifest)->resources;

	(void)state;
	assert_int_equal(resources->limits->cpus, 1500000000);
	assert_int_equal(resources->reservations->cpus, 250000000);
	assert_rejected(A "      update: { maxFailureRatio: 1.5 }\n",
		"7:34: services.core.a.update.maxFailureRatio: expected a fraction from 0 to 1, got 1.5");
	assert_rejected(A "      update: { maxFailureRatio: 1e-1 }\n",
		"7:34: services.core.a.update.maxFailureRatio: expected a number like 0.5, got 1e-1");
}

static void test_manifest_decode__whole_numbers_of_yaml_1_2_are_read(void **state)
{
	GIVEN(A "      volumes: [{ type: tmpfs, target: /t, mode: 0o1777 }]\n      replicas: +3\n"
		"      healthcheck: { test: a, retries: 0x0A }\n");
	const struct zpm_service *a = first_service(manifest);

	(void)state;
	assert_int_equal(((struct zpm_mount *)a->volumes.v[0])->file_mode, 01777);
	assert_int_equal(a->replicas, 3);
	assert_int_equal(a->healthcheck->retries, 10);
}

static void test_manifest_decode__whole_number_is_nothing_else(void **state)
{
#define EXPECTED "7:17: services.core.a.replicas: expected a whole number, 0 or more, got "
	(void)state;
	assert_rejected(A "      replicas: three\n", EXPECTED "'three'");
	assert_rejected(A "      replicas: '3'\n", EXPECTED "'3' in quotes");
	assert_rejected(A "      replicas: 3.0\n", EXPECTED "3.0");
	assert_rejected(A "      replicas: -1\n", EXPECTED "-1");
	assert_rejected(A "      replicas: true\n", EXPECTED "true");
	assert_rejected(A "      replicas: 99999999999999999999\n", EXPECTED "99999999999999999999");
#undef EXPECTED
}

static void test_manifest_decode__number_that_looks_octal_is_refused(void **state)
{
	(void)state;
	assert_rejected(A "      volumes: [{ type: tmpfs, target: /t, mode: 0755 }]\n",
		"7:50: services.core.a.volumes[0].mode: 0755 begins with a zero: write 0o755 if it is octal, "
		"or leave the "
		"zeros out");
}

static void test_manifest_decode__zeros_alone_are_zero(void **state)
{
	GIVEN(A "      replicas: 00\n");
	(void)state;
	assert_int_equal(first_service(manifest)->replicas, 0);
}

static void test_manifest_decode__boolean_is_not_text(void **state)
{
	GIVEN(A "      init: true\n      tty: False\n");
	(void)state;
	assert_int_equal(first_service(manifest)->init, 1);
	assert_int_equal(first_service(manifest)->tty, 0);
	assert_rejected(A "      tty: 'true'\n",
		"7:12: services.core.a.tty: expected true or false, got 'true' in quotes");
	assert_rejected(A "      tty: 1\n", "7:12: services.core.a.tty: expected true or false, got 1");
}

static void test_manifest_decode__map_takes_numbers_and_booleans_as_written(void **state)
{
	GIVEN(A "      environment: { A: 1.0, B: 0x10, C: true, D: '', E: 1e3, F: yes }\n");
	(void)state;
	assert_pairs(&first_service(manifest)->environment, "<A|1.0><B|0x10><C|true><D|><E|1e3><F|yes>");
}

static void test_manifest_decode__map_as_a_list_of_pairs(void **state)
{
	GIVEN(A "      environment: [A=1, 'B=x=y', C=]\n      labels: [team=core]\n");
	(void)state;
	assert_pairs(&first_service(manifest)->environment, "<A|1><B|x=y><C|>");
	assert_pairs(&first_service(manifest)->labels, "<team|core>");
}

static void test_manifest_decode__bad_pairs_are_refused(void **state)
{
	(void)state;
	assert_rejected(A "      environment: [A, =b, A=1, A=2, 5]\n",
		"7:21: services.core.a.environment[0]: expected KEY=VALUE, got 'A'",
		"7:24: services.core.a.environment[1]: expected KEY=VALUE, got '=b'",
		"7:33: services.core.a.environment[3]: 'A' is set already in this list",
		"7:38: services.core.a.environment[4]: expected KEY=VALUE, got the number 5");
	assert_rejected(A "      environment: { A=B: c, '': d }\n",
		"7:27: services.core.a.environment.A=B: a variable's name cannot hold '='",
		"7:34: services.core.a.environment.: a name is empty");
	assert_rejected(A "      logging: { options: [a=b] }\n",
		"7:18: services.core.a.logging.options: expected a mapping, got a list");
}

static void test_manifest_decode__hosts_are_written_in_any_of_three_ways(void **state)
{
	GIVEN(A "      extraHosts: { db: 10.0.0.1 }\n"
		"    b: { image: x, extraHosts: ['db:10.0.0.1', 'six=::1', 'seven:::1'] }\n");
	const struct zpm_service *b = manifest->platform->services->services[ZPM_TIER_CORE].v[1];

	(void)state;
	assert_pairs(&first_service(manifest)->extra_hosts, "<db|10.0.0.1>");
	assert_pairs(&b->extra_hosts, "<db|10.0.0.1><six|::1><seven|::1>");
	assert_rejected(A "      extraHosts: [db]\n",
		"7:20: services.core.a.extraHosts[0]: expected NAME:ADDRESS or NAME=ADDRESS, got 'db'");
	assert_rejected(A "      extraHosts: { db: here }\n",
		"7:25: services.core.a.extraHosts.db: expected an IP address, got 'here'");
}

static void test_manifest_decode__command_is_split_as_a_shell_would(void **state)
{
	GIVEN(A "      command: run --name 'a b' \"c \\\"d\\\" $\" e\\ f ''\n");
	(void)state;
	assert_strs(&first_service(manifest)->command, "<run><--name><a b><c \"d\" $><e f><>");
}

static void test_manifest_decode__command_with_an_open_quote_is_refused(void **state)
{
	(void)state;
	assert_rejected(A "      command: echo 'a\n",
		"7:16: services.core.a.command: a quote that is not closed, in 'echo 'a'");
	assert_rejected(A "      entrypoint: a \"b\n",
		"7:19: services.core.a.entrypoint: a quote that is not closed, in 'a \"b'");
	assert_rejected(
		A "      args: a \\\n", "7:13: services.core.a.args: a backslash at the end, in 'a \\'");
}

static void test_manifest_decode__healthcheck_as_one_string_is_for_the_shell(void **state)
{
	GIVEN(A "      healthcheck: { test: curl -f http://localhost || exit 1 }\n");
	(void)state;
	assert_strs(&first_service(manifest)->healthcheck->test,
		"<CMD-SHELL><curl -f http://localhost || exit 1>");
}

static void test_manifest_decode__single_string_is_a_list_of_one(void **state)
{
	GIVEN(A "      dns: 10.0.0.1\n      dnsSearch: example.net\n");
	(void)state;
	assert_strs(&first_service(manifest)->dns, "<10.0.0.1>");
	assert_strs(&first_service(manifest)->dns_search, "<example.net>");
	assert_rejected(
		A "      dns: here\n", "7:12: services.core.a.dns: expected an IP address, got 'here'");
}

static void test_manifest_decode__items_of_a_list_obey_its_rule(void **state)
{
	(void)state;
	assert_rejected(A "      dns: [10.0.0.1, here, there]\n",
		"7:23: services.core.a.dns[1]: expected an IP address, got 'here'",
		"7:29: services.core.a.dns[2]: expected an IP address, got 'there'");
	assert_rejected(A "      placement: { constraints: [zone = east] }\n",
		"7:34: services.core.a.placement.constraints[0]: expected a constraint like "
		"'node.labels.zone == east' or "
		"'node.role != manager', got 'zone = east'");
}

static void test_manifest_decode__mounts_in_short_form(void **state)
{
	GIVEN(A "      volumes: ['data:/var/data', '/srv/x:/x:ro', 'data:/y:rw']\nvolumes: { data: }\n");
	const struct zpm_ptrs *mounts = &first_service(manifest)->volumes;
	const struct zpm_mount *volume = mounts->v[0], *bind = mounts->v[1], *writable = mounts->v[2];

	(void)state;
	assert_string_equal(volume->type, "volume");
	assert_string_equal(volume->source, "data");
	assert_string_equal(volume->target, "/var/data");
	assert_string_equal(bind->type, "bind");
	assert_int_equal(bind->read_only, 1);
	assert_int_equal(writable->read_only, 0);
	assert_rejected(A "      volumes: [data]\n", "7:17: services.core.a.volumes[0]: expected a mount "
						     "like 'data:/var/data', '/srv/data:/var/data' or "
						     "'data:/var/data:ro', got 'data'");
}

static void test_manifest_decode__networks_as_names_and_as_a_map(void **state)
{
	GIVEN(A "      networks: [one, { name: two, aliases: [b] }]\n"
		"    b: { image: x, networks: { one: , two: { aliases: [c] } } }\n"
		"networks: { one: , two: {} }\n");
	const struct zpm_service *b = manifest->platform->services->services[ZPM_TIER_CORE].v[1];
	const struct zpm_attachment *two = first_service(manifest)->networks.v[1], *named = b->networks.v[1];

	(void)state;
	assert_string_equal(((struct zpm_attachment *)first_service(manifest)->networks.v[0])->name, "one");
	assert_string_equal(two->name, "two");
	assert_strs(&two->aliases, "<b>");
	assert_string_equal(((struct zpm_attachment *)b->networks.v[0])->name, "one");
	assert_string_equal(named->name, "two");
	assert_strs(&named->aliases, "<c>");
}

static void test_manifest_decode__key_of_a_map_is_not_said_again(void **state)
{
	(void)state;
	assert_rejected(A "      networks: { one: { name: two } }\nnetworks: { one: }\n",
		"7:26: services.core.a.networks.one: 'name' is what it is written under; leave it out here");
	assert_rejected(A "      networks: { one: two }\nnetworks: { one: }\n",
		"7:24: services.core.a.networks.one: expected a mapping, got 'two'");
}

static void test_manifest_decode__restart_as_one_word(void **state)
{
	GIVEN(A "      restart: on-failure\n");
	(void)state;
	assert_string_equal(first_service(manifest)->restart->condition, "on-failure");
	assert_rejected(A "      restart: always\n",
		"7:16: services.core.a.restart: expected none, on-failure or any, got 'always'");
	assert_rejected(A "      restart: [any]\n",
		"7:7: services.core.a.restart: expected none, on-failure or any, or a mapping, got a list");
}

static void test_manifest_decode__ulimits_as_one_number_and_as_two(void **state)
{
	GIVEN(A "      ulimits: { nofile: 1024, core: -1, nproc: { soft: 5, hard: 10 } }\n");
	const struct zpm_ptrs *ulimits = &first_service(manifest)->ulimits;
	const struct zpm_ulimit *nofile = ulimits->v[0], *core = ulimits->v[1], *nproc = ulimits->v[2];

	(void)state;
	assert_string_equal(nofile->name, "nofile");
	assert_int_equal(nofile->soft, 1024);
	assert_int_equal(nofile->hard, 1024);
	assert_int_equal(core->hard, -1);
	assert_int_equal(nproc->soft, 5);
	assert_int_equal(nproc->hard, 10);
	assert_rejected(A "      ulimits: { nofile: }\n",
		"7:18: services.core.a.ulimits.nofile: 'hard' is missing",
		"7:18: services.core.a.ulimits.nofile: 'soft' is missing");
}

static void test_manifest_decode__names_of_services_obey_their_rule(void **state)
{
	(void)state;
	assert_rejected(HEAD "services:\n  core:\n    a.b: { image: x }\n",
		"5:5: services.core.a.b: expected a name of letters, digits, '-' and '_' that begins and "
		"ends with a letter "
		"or digit, got 'a.b'");
	assert_rejected(HEAD "services:\n  core:\n    -a: { image: x }\n",
		"5:5: services.core.-a: expected a name of letters, digits, '-' and '_' that begins and ends "
		"with a letter "
		"or digit, got '-a'");
}

static void test_manifest_decode__names_over_63_characters_are_refused(void **state)
{
#define FIFTY "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
	(void)state;
	assert_rejected(HEAD "services:\n  core:\n    " FIFTY "ffffffffffgggg: { image: x }\n",
		"5:5: services.core." FIFTY "ffffffffffgggg: '" FIFTY
		"ffffffffff...' is 64 characters long; at most 63");
	assert_rejected(A "      hostname: " FIFTY FIFTY "\n",
		"7:17: services.core.a.hostname: '" FIFTY
		"aaaaaaaaaa...' is 100 characters long; at most 63");
#undef FIFTY
}

static void test_manifest_decode__broken_alias_is_reported_once(void **state)
{
	(void)state;
	assert_rejected(A "      replicas: *none\n      ports: *gone\n      resources: *lost\n",
		"7:17: unknown alias '*none': no '&none' comes before it",
		"8:14: unknown alias '*gone': no '&gone' comes before it",
		"9:18: unknown alias '*lost': no '&lost' comes before it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manifest_decode__unknown_field_names_the_nearest),
		cmocka_unit_test(
			test_manifest_decode__unknown_field_far_from_all_names_them_when_they_are_few),
		cmocka_unit_test(test_manifest_decode__unknown_tier_is_an_unknown_field),
		cmocka_unit_test(test_manifest_decode__hidden_field_is_not_a_key),
		cmocka_unit_test(test_manifest_decode__missing_field_is_shown_at_the_key),
		cmocka_unit_test(test_manifest_decode__missing_field_of_an_item_is_shown_at_the_item),
		cmocka_unit_test(test_manifest_decode__defaults_need_no_field),
		cmocka_unit_test(test_manifest_decode__list_where_a_mapping_belongs_is_refused),
		cmocka_unit_test(test_manifest_decode__mapping_where_a_list_belongs_is_refused),
		cmocka_unit_test(test_manifest_decode__text_where_a_list_belongs_is_refused),
		cmocka_unit_test(test_manifest_decode__collection_where_text_belongs_is_refused),
		cmocka_unit_test(test_manifest_decode__number_where_text_belongs_asks_for_quotes),
		cmocka_unit_test(test_manifest_decode__number_that_quotes_would_not_mend_is_told_the_rule),
		cmocka_unit_test(test_manifest_decode__words_of_yaml_1_1_are_text),
		cmocka_unit_test(test_manifest_decode__scalar_without_value_is_refused_at_its_key),
		cmocka_unit_test(test_manifest_decode__collection_without_value_is_empty),
		cmocka_unit_test(test_manifest_decode__choices_are_named),
		cmocka_unit_test(test_manifest_decode__bad_image_names_are_refused),
		cmocka_unit_test(test_manifest_decode__image_names_of_all_forms_are_taken),
		cmocka_unit_test(test_manifest_decode__ports_in_short_form),
		cmocka_unit_test(test_manifest_decode__ports_in_long_form),
		cmocka_unit_test(test_manifest_decode__bad_ports_are_refused),
		cmocka_unit_test(test_manifest_decode__durations_are_read),
		cmocka_unit_test(test_manifest_decode__bad_durations_are_refused),
		cmocka_unit_test(test_manifest_decode__duration_below_its_least_is_refused),
		cmocka_unit_test(test_manifest_decode__sizes_are_read),
		cmocka_unit_test(test_manifest_decode__bad_sizes_are_refused),
		cmocka_unit_test(test_manifest_decode__decimals_are_read_plain_and_quoted),
		cmocka_unit_test(test_manifest_decode__whole_numbers_of_yaml_1_2_are_read),
		cmocka_unit_test(test_manifest_decode__whole_number_is_nothing_else),
		cmocka_unit_test(test_manifest_decode__number_that_looks_octal_is_refused),
		cmocka_unit_test(test_manifest_decode__zeros_alone_are_zero),
		cmocka_unit_test(test_manifest_decode__boolean_is_not_text),
		cmocka_unit_test(test_manifest_decode__map_takes_numbers_and_booleans_as_written),
		cmocka_unit_test(test_manifest_decode__map_as_a_list_of_pairs),
		cmocka_unit_test(test_manifest_decode__bad_pairs_are_refused),
		cmocka_unit_test(test_manifest_decode__hosts_are_written_in_any_of_three_ways),
		cmocka_unit_test(test_manifest_decode__command_is_split_as_a_shell_would),
		cmocka_unit_test(test_manifest_decode__command_with_an_open_quote_is_refused),
		cmocka_unit_test(test_manifest_decode__healthcheck_as_one_string_is_for_the_shell),
		cmocka_unit_test(test_manifest_decode__single_string_is_a_list_of_one),
		cmocka_unit_test(test_manifest_decode__items_of_a_list_obey_its_rule),
		cmocka_unit_test(test_manifest_decode__mounts_in_short_form),
		cmocka_unit_test(test_manifest_decode__networks_as_names_and_as_a_map),
		cmocka_unit_test(test_manifest_decode__key_of_a_map_is_not_said_again),
		cmocka_unit_test(test_manifest_decode__restart_as_one_word),
		cmocka_unit_test(test_manifest_decode__ulimits_as_one_number_and_as_two),
		cmocka_unit_test(test_manifest_decode__names_of_services_obey_their_rule),
		cmocka_unit_test(test_manifest_decode__names_over_63_characters_are_refused),
		cmocka_unit_test(test_manifest_decode__broken_alias_is_reported_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
