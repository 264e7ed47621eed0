/*
 * Between the Engine's JSON and the model. What the Engine wants and shows is
 * written by hand from its API description, v1.41, and never taken from what
 * the code does. Random services are in wire_random_test.c.
 */
#include "wire_case.h"

#include <stdio.h>

#define CONTAINER(json) "{'TaskTemplate': {'ContainerSpec': {" json "}}}"
#define TASK(json)      "{'TaskTemplate': {" json "}}"
#define MOUNT(json)     CONTAINER("'Mounts': [{" json "}]")

/*
 * One field, or the fields of one object: as the manifest says it, as the
 * Engine shows it, and as it has to be sent where that is not the same:
 * members with a default are sent too.
 */
struct field_case {
	const char *name;
	enum zpm_kind_id kind;
	const char *manifest, *shown, *sent;
};

#define SERVICE(field, manifest, ...)                                                                        \
	{                                                                                                    \
		field, ZPM_KIND_SERVICE, manifest, __VA_ARGS__                                               \
	}
#define NETWORK(field, manifest, shown)                                                                      \
	{                                                                                                    \
		field, ZPM_KIND_NETWORK, manifest, shown, NULL                                               \
	}
#define VOLUME(field, manifest, shown)                                                                       \
	{                                                                                                    \
		field, ZPM_KIND_VOLUME, manifest, shown, NULL                                                \
	}

static const struct field_case cases[] = {
	SERVICE("image", "{'image': 'registry.example.net/kafka:3.7'}",
		CONTAINER("'Image': 'registry.example.net/kafka:3.7'"), NULL),
	SERVICE("entrypoint", "{'entrypoint': ['/bin/sh', '-c']}", CONTAINER("'Command': ['/bin/sh', '-c']"),
		NULL),
	SERVICE("command", "{'command': ['a', 'b', 'a']}", CONTAINER("'Args': ['a', 'b', 'a']"), NULL),
	SERVICE("environment", "{'environment': {'A': '1', 'B': 'x=y', 'EMPTY': ''}}",
		CONTAINER("'Env': ['A=1', 'B=x=y', 'EMPTY=']"), NULL),
	SERVICE("ports", "{'ports': [{'target': 53, 'published': 5353, 'protocol': 'udp', 'mode': 'host'}]}",
		"{'EndpointSpec': {'Ports': [{'Protocol': 'udp', 'TargetPort': 53, 'PublishedPort': 5353,"
		" 'PublishMode': 'host'}]}}",
		NULL),
	SERVICE("ports_automatic", "{'ports': [{'target': 80}]}",
		"{'EndpointSpec': {'Ports': [{'TargetPort': 80}]}}",
		"{'EndpointSpec': {'Ports': [{'Protocol': 'tcp', 'TargetPort': 80, 'PublishMode': "
		"'ingress'}]}}"),
	SERVICE("volumes_volume",
		"{'volumes': [{'type': 'volume', 'source': 'data', 'target': '/data', 'readOnly': true,"
		" 'noCopy': true, 'driver': 'local', 'driverOptions': {'type': 'nfs'}, 'volumeLabels': {'a': "
		"'1'}}]}",
		MOUNT("'Type': 'volume', 'Source': 'p_data', 'Target': '/data', 'ReadOnly': true, "
		      "'VolumeOptions':"
		      " {'NoCopy': true, 'Labels': {'a': '1'}, 'DriverConfig': {'Name': 'local',"
		      " 'Options': {'type': 'nfs'}}}"),
		NULL),
	SERVICE("volumes_bind",
		"{'volumes': [{'type': 'bind', 'source': '/srv', 'target': '/data', 'propagation': "
		"'rslave'}]}",
		MOUNT("'Type': 'bind', 'Source': '/srv', 'Target': '/data',"
		      " 'BindOptions': {'Propagation': 'rslave'}"),
		MOUNT("'Type': 'bind', 'Source': '/srv', 'Target': '/data', 'ReadOnly': false,"
		      " 'BindOptions': {'Propagation': 'rslave'}")),
	SERVICE("volumes_tmpfs",
		"{'volumes': [{'type': 'tmpfs', 'target': '/tmp', 'size': '64m', 'mode': 511}]}",
		MOUNT("'Type': 'tmpfs', 'Target': '/tmp', 'TmpfsOptions': {'SizeBytes': 67108864, 'Mode': "
		      "511}"),
		MOUNT("'Type': 'tmpfs', 'Target': '/tmp', 'ReadOnly': false,"
		      " 'TmpfsOptions': {'SizeBytes': 67108864, 'Mode': 511}")),
	SERVICE("secrets",
		"{'secrets': [{'source': 'key', 'target': 'k', 'uid': '7', 'gid': '8', 'mode': 256}]}",
		CONTAINER("'Secrets': [{'SecretName': 'p_key',"
			  " 'File': {'Name': 'k', 'UID': '7', 'GID': '8', 'Mode': 256}}]"),
		NULL),
	SERVICE("configs",
		"{'configs': [{'source': 'conf', 'target': '/etc/conf', 'uid': '7', 'gid': '8', 'mode': "
		"256}]}",
		CONTAINER("'Configs': [{'ConfigName': 'p_conf',"
			  " 'File': {'Name': '/etc/conf', 'UID': '7', 'GID': '8', 'Mode': 256}}]"),
		NULL),
	SERVICE("networks", "{'networks': [{'name': 'net', 'aliases': ['kafka', 'queue']}]}",
		TASK("'Networks': [{'Target': 'id-net', 'Aliases': ['kafka', 'queue']}]"), NULL),
	SERVICE("endpointMode", "{'endpointMode': 'dnsrr'}", "{'EndpointSpec': {'Mode': 'dnsrr'}}", NULL),
	SERVICE("mode", "{'mode': 'global'}", "{'Mode': {'Global': {}}}", NULL),
	SERVICE("replicas", "{'mode': 'replicated', 'replicas': 3}",
		"{'Mode': {'Replicated': {'Replicas': 3}}}", NULL),
	SERVICE("replicas_none", "{'mode': 'replicated', 'replicas': 0}",
		"{'Mode': {'Replicated': {'Replicas': 0}}}", NULL),
	SERVICE("healthcheck",
		"{'healthcheck': {'test': ['CMD', '/ready'], 'interval': '10s', 'timeout': '5s',"
		" 'startPeriod': '1m30s', 'retries': 6}}",
		CONTAINER("'Healthcheck': {'Test': ['CMD', '/ready'], 'Interval': 10000000000,"
			  " 'Timeout': 5000000000, 'StartPeriod': 90000000000, 'Retries': 6}"),
		NULL),
	SERVICE("labels", "{'labels': {'com.example.a': '1', 'b': ''}}",
		"{'Labels': {'com.example.a': '1', 'b': ''}}", NULL),
	SERVICE("containerLabels", "{'containerLabels': {'a': '1'}}", CONTAINER("'Labels': {'a': '1'}"),
		NULL),
	SERVICE("restart",
		"{'restart': {'condition': 'on-failure', 'delay': '1s', 'maxAttempts': 3, 'window': '2m'}}",
		TASK("'RestartPolicy': {'Condition': 'on-failure', 'Delay': 1000000000, 'MaxAttempts': 3,"
		     " 'Window': 120000000000}"),
		NULL),
	SERVICE("update",
		"{'update': {'parallelism': 2, 'delay': '10s', 'failureAction': 'rollback', 'monitor': '30s',"
		" 'maxFailureRatio': '0.5', 'order': 'start-first'}}",
		"{'UpdateConfig': {'Parallelism': 2, 'Delay': 10000000000, 'FailureAction': 'rollback',"
		" 'Monitor': 30000000000, 'MaxFailureRatio': 0.5, 'Order': 'start-first'}}",
		NULL),
	SERVICE("rollback",
		"{'rollback': {'parallelism': 3, 'delay': '1s', 'failureAction': 'continue', 'monitor': '2s',"
		" 'maxFailureRatio': '0.25', 'order': 'start-first'}}",
		"{'RollbackConfig': {'Parallelism': 3, 'Delay': 1000000000, 'FailureAction': 'continue',"
		" 'Monitor': 2000000000, 'MaxFailureRatio': 0.25, 'Order': 'start-first'}}",
		NULL),
	SERVICE("resources",
		"{'resources': {'limits': {'cpus': '0.5', 'memory': '64m', 'pids': 100},"
		" 'reservations': {'cpus': '0.25', 'memory': '32m'}}}",
		TASK("'Resources': {'Limits': {'NanoCPUs': 500000000, 'MemoryBytes': 67108864, 'Pids': 100},"
		     " 'Reservations': {'NanoCPUs': 250000000, 'MemoryBytes': 33554432}}"),
		NULL),
	SERVICE("placement",
		"{'placement': {'constraints': ['node.role == manager'], 'preferences': ['node.labels.rack',"
		" 'node.labels.zone'], 'maxReplicasPerNode': 2}}",
		TASK("'Placement': {'Constraints': ['node.role == manager'], 'Preferences':"
		     " [{'Spread': {'SpreadDescriptor': 'node.labels.rack'}},"
		     " {'Spread': {'SpreadDescriptor': 'node.labels.zone'}}], 'MaxReplicas': 2}"),
		NULL),
	SERVICE("stopGracePeriod", "{'stopGracePeriod': '30s'}", CONTAINER("'StopGracePeriod': 30000000000"),
		NULL),
	SERVICE("stopSignal", "{'stopSignal': 'SIGINT'}", CONTAINER("'StopSignal': 'SIGINT'"), NULL),
	SERVICE("user", "{'user': 'app:app'}", CONTAINER("'User': 'app:app'"), NULL),
	SERVICE("workingDir", "{'workingDir': '/srv'}", CONTAINER("'Dir': '/srv'"), NULL),
	SERVICE("hostname", "{'hostname': 'box'}", CONTAINER("'Hostname': 'box'"), NULL),
	SERVICE("extraHosts", "{'extraHosts': {'db': '10.0.0.1', 'db6': 'fe80::1'}}",
		CONTAINER("'Hosts': ['10.0.0.1 db', 'fe80::1 db6']"), NULL),
	SERVICE("dns", "{'dns': ['10.0.0.2', '10.0.0.1']}",
		CONTAINER("'DNSConfig': {'Nameservers': ['10.0.0.2', '10.0.0.1']}"), NULL),
	SERVICE("dnsSearch", "{'dnsSearch': ['b.example.net', 'a.example.net']}",
		CONTAINER("'DNSConfig': {'Search': ['b.example.net', 'a.example.net']}"), NULL),
	SERVICE("dnsOptions", "{'dnsOptions': ['ndots:2']}",
		CONTAINER("'DNSConfig': {'Options': ['ndots:2']}"), NULL),
	SERVICE("capAdd", "{'capAdd': ['NET_ADMIN', 'SYS_TIME']}",
		CONTAINER("'CapabilityAdd': ['CAP_NET_ADMIN', 'CAP_SYS_TIME']"), NULL),
	SERVICE("capDrop", "{'capDrop': ['ALL']}", CONTAINER("'CapabilityDrop': ['ALL']"), NULL),
	SERVICE("init", "{'init': true}", CONTAINER("'Init': true"), NULL),
	SERVICE("init_off", "{'init': false}", CONTAINER("'Init': false"), NULL),
	SERVICE("readOnly", "{'readOnly': true}", CONTAINER("'ReadOnly': true"), NULL),
	SERVICE("tty", "{'tty': true}", CONTAINER("'TTY': true"), NULL),
	SERVICE("logging", "{'logging': {'driver': 'json-file', 'options': {'max-size': '10m'}}}",
		TASK("'LogDriver': {'Name': 'json-file', 'Options': {'max-size': '10m'}}"), NULL),
	SERVICE("sysctls", "{'sysctls': {'net.core.somaxconn': '1024'}}",
		CONTAINER("'Sysctls': {'net.core.somaxconn': '1024'}"), NULL),
	SERVICE("ulimits", "{'ulimits': [{'name': 'core', 'soft': 0, 'hard': -1}]}",
		CONTAINER("'Ulimits': [{'Name': 'core', 'Soft': 0, 'Hard': -1}]"), NULL),

	{ "availability", ZPM_KIND_NODE, "{'availability': 'drain'}", "{'Availability': 'drain'}", NULL },
	{ "labels", ZPM_KIND_NODE, "{'labels': {'zpm.host': 'a'}}", "{'Labels': {'zpm.host': 'a'}}", NULL },

	NETWORK("driver", "{'driver': 'macvlan'}", "{'Driver': 'macvlan'}"),
	NETWORK("attachable", "{'attachable': true}", "{'Attachable': true}"),
	NETWORK("internal", "{'internal': true}", "{'Internal': true}"),
	NETWORK("ipv6", "{'ipv6': true}", "{'EnableIPv6': true}"),
	NETWORK("ipam",
		"{'ipam': [{'subnet': '10.1.0.0/16', 'gateway': '10.1.0.9', 'ipRange': '10.1.2.0/24'}]}",
		"{'IPAM': {'Config': [{'Subnet': '10.1.0.0/16', 'Gateway': '10.1.0.9', 'IPRange': "
		"'10.1.2.0/24'}]}}"),
	NETWORK("options", "{'options': {'encrypted': ''}}", "{'Options': {'encrypted': ''}}"),
	NETWORK("labels", "{'labels': {'a': '1'}}", "{'Labels': {'a': '1'}}"),

	VOLUME("driver", "{'driver': 'vendor'}", "{'Driver': 'vendor'}"),
	VOLUME("driverOptions", "{'driverOptions': {'type': 'nfs'}}", "{'Options': {'type': 'nfs'}}"),
	VOLUME("labels", "{'labels': {'a': '1'}}", "{'Labels': {'a': '1'}}"),
	{ "labels", ZPM_KIND_SECRET, "{'labels': {'a': '1'}}", "{'Labels': {'a': '1'}}", NULL },
	{ "labels", ZPM_KIND_CONFIG, "{'labels': {'a': '1'}}", "{'Labels': {'a': '1'}}", NULL },
};

static void decode_case(void **state)
{
	struct test *t = *state;
	const struct field_case *c = t->own;
	const struct zpm_shape *shape = zpm_kinds[c->kind].shape;
	struct zpm_pairs extra = { 0 };
	const void *object = decoded(t, c->kind, given_json(t, c->shown), &extra);

	assert_string_equal(text_of_object(t, shape, object),
		text_of_object(t, shape, given_canonical(t, shape, c->manifest)));
	assert_int_equal(extra.n, 0);
}

static void encode_case(void **state)
{
	struct test *t = *state;
	const struct field_case *c = t->own;
	const void *want = given_canonical(t, zpm_kinds[c->kind].shape, c->manifest);

	assert_json(encoded(t, c->kind, want), c->sent ? c->sent : c->shown);
}

/* Does the JSON have a member at the path? Lists are looked into. */
static bool has_member(json_object *json, const char *path)
{
	size_t len = strcspn(path, ".");
	char key[64];
	json_object *member = NULL;

	if (json_object_is_type(json, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(json); i++)
			if (has_member(json_object_array_get_idx(json, i), path))
				return true;
		return false;
	}
	if (!json_object_is_type(json, json_type_object))
		return false;
	snprintf(key, sizeof(key), "%.*s", (int)len, path);
	if (!json_object_object_get_ex(json, key, &member))
		return false;
	return !path[len] || has_member(member, path + len + 1);
}

static void assert_covered(struct test *t, enum zpm_kind_id kind, const char *path)
{
	for (size_t i = 0; i < ZPM_COUNT(cases); i++)
		if (cases[i].kind == kind && has_member(given_json(t, cases[i].shown), path))
			return;
	fail_msg("no case shows %s of a %s", path, zpm_kinds[kind].name);
}

static void assert_shape_covered(
	struct test *t, enum zpm_kind_id kind, const struct zpm_shape *shape, const char *prefix)
{
	ZPM_EACH_FIELD (field, shape) {
		const char *path;

		if (!field->wire)
			continue;
		path = zpm_arena_printf(t->arena, "%s%s", prefix, field->wire);
		assert_covered(t, kind, path);
		if (field->shape)
			assert_shape_covered(t, kind, field->shape, zpm_arena_printf(t->arena, "%s.", path));
	}
}

static void test_wire__every_field_has_a_case(void **state)
{
	struct test *t = *state;

	for (int kind = 0; zpm_kind_is_engines((enum zpm_kind_id)kind); kind++)
		assert_shape_covered(t, (enum zpm_kind_id)kind, zpm_kinds[kind].shape, "");
}

/* Short-hands for services. */

static const struct zpm_service *service_from(struct test *t, const char *json, struct zpm_pairs *extra)
{
	return decoded(t, ZPM_KIND_SERVICE, given_json(t, json), extra);
}

static bool service_differs(struct test *t, const char *json, const char *manifest)
{
	return !zpm_shape_equal(&zpm_service_shape, service_from(t, json, NULL),
		given_canonical(t, &zpm_service_shape, manifest), t->arena);
}

/* The live JSON after an update to what a manifest wants. */
static json_object *patched(struct test *t, const char *live, const char *manifest)
{
	json_object *json = given_json(t, live);

	patch(t, ZPM_KIND_SERVICE, json, given_canonical(t, &zpm_service_shape, manifest));
	return json;
}

/* Reading. */

static void test_wire_decode__nothing_is_unset_and_not_extra(void **state)
{
	struct test *t = *state;
	struct zpm_pairs extra = { 0 };
	const void *object = service_from(t,
		"{'Labels': {}, 'TaskTemplate': {'ContainerSpec': {'Env': null, 'Mounts': [], 'Healthcheck': "
		"{},"
		" 'DNSConfig': {}, 'Secrets': [], 'Privileges': null, 'OpenStdin': false, 'Hosts': null},"
		" 'Resources': {'Limits': {}, 'Reservations': {}}, 'Placement': {}, 'Networks': null},"
		" 'EndpointSpec': {}, 'UpdateConfig': null}",
		&extra);

	assert_int_equal(extra.n, 0);
	assert_true(zpm_shape_equal(
		&zpm_service_shape, object, given_canonical(t, &zpm_service_shape, "{}"), t->arena));
}

static void test_wire_decode__what_the_engine_adds_by_itself_is_not_extra(void **state)
{
	struct zpm_pairs extra = { 0 };

	service_from(*state,
		"{'Name': 'p_web', 'TaskTemplate': {'ForceUpdate': 3, 'Runtime': 'container', "
		"'ContainerSpec':"
		" {'Isolation': 'default'}, 'Placement': {'Platforms': [{'Architecture': 'amd64', 'OS': "
		"'linux'}]}}}",
		&extra);
	assert_int_equal(extra.n, 0);
}

static void test_wire_decode__unknown_members_are_extra(void **state)
{
	struct zpm_pairs extra = { 0 };

	service_from(*state,
		"{'Networks': [{'Target': 'n'}], 'TaskTemplate': {'ContainerSpec': {'OpenStdin': true,"
		" 'Mounts': [{'Target': '/a'}, {'Target': '/b', 'Consistency': 'cached'}],"
		" 'Healthcheck': {'Test': ['NONE'], 'StartInterval': 5}}}, 'EndpointSpec': {'Extra': {'a': "
		"'b'}}}",
		&extra);
	assert_int_equal(extra.n, 5);
	assert_string_equal(zpm_pairs_get(&extra, "Networks"), "[{\"Target\":\"n\"}]");
	assert_string_equal(zpm_pairs_get(&extra, "TaskTemplate.ContainerSpec.OpenStdin"), "true");
	assert_string_equal(
		zpm_pairs_get(&extra, "TaskTemplate.ContainerSpec.Mounts.Consistency"), "\"cached\"");
	assert_string_equal(
		zpm_pairs_get(&extra, "TaskTemplate.ContainerSpec.Healthcheck.StartInterval"), "5");
	assert_string_equal(zpm_pairs_get(&extra, "EndpointSpec.Extra"), "{\"a\":\"b\"}");
}

static void test_wire_decode__environment_without_a_value_is_empty(void **state)
{
	const struct zpm_service *service = service_from(*state, CONTAINER("'Env': ['A', 'B=']"), NULL);

	assert_string_equal(zpm_pairs_get(&service->environment, "A"), "");
	assert_string_equal(zpm_pairs_get(&service->environment, "B"), "");
}

static void test_wire_decode__order_of_what_is_a_set_means_nothing(void **state)
{
	struct test *t = *state;

	assert_false(service_differs(
		t, CONTAINER("'Env': ['B=2', 'A=1']"), "{'environment': {'A': '1', 'B': '2'}}"));
	assert_false(service_differs(
		t, TASK("'Networks': [{'Target': 'id-b'}, {'Target': 'id-a'}]"), "{'networks': ['a', 'b']}"));
	assert_true(service_differs(t, CONTAINER("'Args': ['b', 'a']"), "{'command': ['a', 'b']}"));
}

/* MaxFailureRatio is a float32 inside Swarm. */
static void test_wire_decode__ratio_is_what_was_sent(void **state)
{
	struct test *t = *state;

	assert_false(service_differs(t,
		"{'UpdateConfig': {'Parallelism': 1, 'MaxFailureRatio': 0.10000000149011612}}",
		"{'update': {'maxFailureRatio': '0.1'}}"));
	assert_false(service_differs(t, "{'UpdateConfig': {'Parallelism': 1, 'MaxFailureRatio': 1}}",
		"{'update': {'maxFailureRatio': '1'}}"));
	assert_false(service_differs(t, "{'UpdateConfig': {'Parallelism': 1, 'MaxFailureRatio': 0.33333334}}",
		"{'update': {'maxFailureRatio': '0.333333333'}}"));
	assert_true(service_differs(t, "{'UpdateConfig': {'Parallelism': 1, 'MaxFailureRatio': 0.2}}",
		"{'update': {'maxFailureRatio': '0.1'}}"));
}

/* Go leaves a false NoCopy out of what it answers. */
static void test_wire_decode__copying_is_what_no_word_of_it_means(void **state)
{
	assert_false(service_differs(*state,
		MOUNT("'Type': 'volume', 'Source': 'p_a', 'Target': '/a', 'VolumeOptions': {}"),
		"{'volumes': [{'source': 'a', 'target': '/a', 'noCopy': false}]}"));
}

static void test_wire_decode__job_is_another_mode(void **state)
{
	assert_true(service_differs(
		*state, "{'Mode': {'ReplicatedJob': {'MaxConcurrent': 1, 'TotalCompletions': 1}}}", "{}"));
}

static void test_wire_decode__missing_mode_is_one_replica(void **state)
{
	assert_false(service_differs(*state, "{}", "{'mode': 'replicated', 'replicas': 1}"));
	assert_false(service_differs(*state, "{'Mode': {'Replicated': {}}}", "{'replicas': 1}"));
}

static void test_wire_decode__capabilities_in_any_spelling(void **state)
{
	struct test *t = *state;

	assert_false(
		service_differs(t, CONTAINER("'CapabilityAdd': ['NET_ADMIN']"), "{'capAdd': ['NET_ADMIN']}"));
	assert_false(service_differs(
		t, CONTAINER("'CapabilityAdd': ['CAP_NET_ADMIN']"), "{'capAdd': ['net_admin']}"));
}

static void test_wire_decode__wrongly_typed_is_unset(void **state)
{
	struct test *t = *state;

	assert_false(service_differs(t,
		"{'Labels': [1], 'Mode': 'Global', 'TaskTemplate': {'ContainerSpec': {'Image': 5, 'Env': "
		"{'A': 1},"
		" 'Args': 'x', 'Mounts': {'Target': '/a'}, 'Init': 'true', 'StopGracePeriod': '10s',"
		" 'Healthcheck': [], 'Ulimits': 3}, 'Placement': {'Preferences': ['rack', {'Spread': 1}]},"
		" 'Networks': 'net', 'RestartPolicy': 'any'}, 'EndpointSpec': 7, 'UpdateConfig': {'Order': "
		"1}}",
		"{}"));
	assert_true(service_differs(t, CONTAINER("'Image': 5"), "{'image': 'a'}"));
}

static void test_wire_decode__huge_numbers_do_no_harm(void **state)
{
	struct test *t = *state;

	assert_true(service_differs(t,
		"{'Mode': {'Replicated': {'Replicas': 99999999999999999999}}, 'UpdateConfig':"
		" {'MaxFailureRatio': 9223372036854775807}, 'RollbackConfig': {'MaxFailureRatio': 1e300}}",
		"{}"));
}

/* Writing. */

static void test_wire_patch__no_difference_is_no_change(void **state)
{
	struct test *t = *state;
	const char *live =
		"{'Labels': {'b': '1', 'a': '2'}, 'TaskTemplate': {'ContainerSpec': {'Image': "
		"'a:1@sha256:0f',"
		" 'Env': ['B=1', 'A=2']}, 'RestartPolicy': {'Condition': 'any'}, 'Runtime': 'container'},"
		" 'EndpointSpec': {'Mode': 'vip'}}";
	json_object *json = given_json(t, live);
	const char *before = zpm_arena_strdup(t->arena, text_of_json(json));

	patch(t, ZPM_KIND_SERVICE, json,
		given_canonical(t, &zpm_service_shape,
			"{'image': 'a:1', 'environment': {'A': '2', 'B': '1'}, 'labels': {'a': '2', 'b': "
			"'1'}}"));
	assert_string_equal(text_of_json(json), before);
}

static void test_wire_patch__changes_only_what_differs(void **state)
{
	struct test *t = *state;

	assert_json(
		patched(t,
			"{'Name': 'p_web', 'TaskTemplate': {'ContainerSpec': {'Image': 'a:1', 'User': 'root',"
			" 'Isolation': 'default'}, 'ForceUpdate': 4}, 'Mode': {'Replicated': {'Replicas': "
			"2}}}",
			"{'image': 'a:1', 'user': 'app', 'replicas': 2}"),
		"{'Name': 'p_web', 'TaskTemplate': {'ContainerSpec': {'Image': 'a:1', 'User': 'app',"
		" 'Isolation': 'default'}, 'ForceUpdate': 4}, 'Mode': {'Replicated': {'Replicas': 2}}}");
}

static void test_wire_patch__removes_what_is_not_wanted(void **state)
{
	struct test *t = *state;
	json_object *json = patched(t,
		CONTAINER("'Image': 'a:1', 'User': 'root', 'Env': ['A=1'], 'Healthcheck': {'Test': ['NONE']},"
			  " 'Mounts': [{'Type': 'tmpfs', 'Target': '/a'}]"),
		"{'image': 'a:1'}");

	assert_false(has_member(json, "TaskTemplate.ContainerSpec.User"));
	assert_false(has_member(json, "TaskTemplate.ContainerSpec.Healthcheck.Test"));
	assert_true(zpm_shape_equal(&zpm_service_shape, decoded(t, ZPM_KIND_SERVICE, json, NULL),
		given_canonical(t, &zpm_service_shape, "{'image': 'a:1'}"), t->arena));
}

static void test_wire_patch__removes_unknown_members(void **state)
{
	struct test *t = *state;

	assert_json(
		patched(t,
			"{'Unknown': 1, 'TaskTemplate': {'ContainerSpec': {'Image': 'a:1', 'OpenStdin': true,"
			" 'Mounts': [{'Type': 'tmpfs', 'Target': '/a', 'ReadOnly': false, 'Consistency': "
			"'cached'}]},"
			" 'Placement': {'Unknown': 1, 'MaxReplicas': 2}}}",
			"{'image': 'a:1', 'volumes': [{'type': 'tmpfs', 'target': '/a'}],"
			" 'placement': {'maxReplicasPerNode': 2}}"),
		"{'TaskTemplate': {'ContainerSpec': {'Image': 'a:1',"
		" 'Mounts': [{'Type': 'tmpfs', 'Target': '/a', 'ReadOnly': false}]}, 'Placement': "
		"{'MaxReplicas': 2}}}");
}

static void test_wire_patch__environment_keeps_its_live_order(void **state)
{
	struct test *t = *state;

	assert_json(patched(t, CONTAINER("'Env': ['C=3', 'B=2', 'A=1']"),
			    "{'environment': {'A': '1', 'B': 'new', 'C': '3', 'D': '4'}}"),
		CONTAINER("'Env': ['C=3', 'B=new', 'A=1', 'D=4']"));
}

static void test_wire_patch__hosts_keep_their_live_order(void **state)
{
	struct test *t = *state;

	assert_json(patched(t, CONTAINER("'Hosts': ['10.0.0.2 b', '10.0.0.1 a']"),
			    "{'extraHosts': {'a': '10.0.0.1', 'b': '10.0.0.2', 'c': '10.0.0.3'}}"),
		CONTAINER("'Hosts': ['10.0.0.2 b', '10.0.0.1 a', '10.0.0.3 c']"));
}

static void test_wire_patch__sets_keep_their_live_order(void **state)
{
	struct test *t = *state;

	assert_json(patched(t, CONTAINER("'CapabilityAdd': ['CAP_SYS_TIME', 'CAP_KILL', 'CAP_CHOWN']"),
			    "{'capAdd': ['CHOWN', 'NET_RAW', 'SYS_TIME']}"),
		CONTAINER("'CapabilityAdd': ['CAP_SYS_TIME', 'CAP_CHOWN', 'CAP_NET_RAW']"));
}

static void test_wire_patch__elements_keep_their_live_order(void **state)
{
	struct test *t = *state;

	assert_json(
		patched(t, TASK("'Networks': [{'Target': 'id-c'}, {'Target': 'id-b'}, {'Target': 'id-a'}]"),
			"{'networks': [{'name': 'a', 'aliases': ['x']}, 'c', 'd']}"),
		TASK("'Networks': [{'Target': 'id-c'}, {'Target': 'id-a', 'Aliases': ['x']}, {'Target': "
		     "'id-d'}]"));
}

static void test_wire_patch__elements_that_stay_are_left_as_they_are(void **state)
{
	struct test *t = *state;

	assert_json(patched(t,
			    "{'EndpointSpec': {'Ports': [{'PublishedPort': 81, 'TargetPort': 81},"
			    " {'PublishedPort': 80, 'TargetPort': 80, 'Protocol': 'tcp'}]}}",
			    "{'ports': ['80:80', '81:81', '82:82']}"),
		"{'EndpointSpec': {'Ports': [{'PublishedPort': 81, 'TargetPort': 81},"
		" {'PublishedPort': 80, 'TargetPort': 80, 'Protocol': 'tcp'}, {'PublishedPort': 82, "
		"'TargetPort': 82,"
		" 'Protocol': 'tcp', 'PublishMode': 'ingress'}]}}");
}

static void test_wire_patch__list_is_sent_in_the_wanted_order(void **state)
{
	struct test *t = *state;

	assert_json(patched(t, CONTAINER("'Args': ['b', 'a']"), "{'command': ['a', 'b']}"),
		CONTAINER("'Args': ['a', 'b']"));
}

/* A member that is not sent may mean zero to the Engine, and not the default. */
static void test_wire_patch__object_with_defaults_is_sent_whole(void **state)
{
	struct test *t = *state;

	assert_json(patched(t, "{}", "{'update': {'delay': '1s'}}"),
		"{'UpdateConfig': {'Parallelism': 1, 'Delay': 1000000000, 'FailureAction': 'pause',"
		" 'Monitor': 5000000000, 'MaxFailureRatio': 0.0, 'Order': 'stop-first'}}");
	assert_json(
		patched(t, TASK("'RestartPolicy': {'Condition': 'any'}"), "{'restart': {'maxAttempts': 3}}"),
		TASK("'RestartPolicy': {'Condition': 'any', 'Delay': 5000000000, 'MaxAttempts': 3, 'Window': "
		     "0}"));
}

static void test_wire_patch__replicas_of_a_new_service_make_its_mode(void **state)
{
	struct test *t = *state;

	assert_json(patched(t, "{}", "{'replicas': 0}"), "{'Mode': {'Replicated': {'Replicas': 0}}}");
	assert_json(patched(t, "{'Mode': {'Replicated': {'Replicas': 5}}}", "{}"),
		"{'Mode': {'Replicated': {'Replicas': 1}}}");
}

static void test_wire_patch__capabilities_are_spelled_the_engines_way(void **state)
{
	struct test *t = *state;

	assert_json(patched(t, "{}", "{'capAdd': ['CAP_NET_ADMIN', 'sys_time'], 'capDrop': ['ALL']}"),
		CONTAINER("'CapabilityAdd': ['CAP_NET_ADMIN', 'CAP_SYS_TIME'], 'CapabilityDrop': ['ALL']"));
}

static void test_wire_patch__names_become_the_engines(void **state)
{
	struct test *t = *state;

	assert_json(patched(t, CONTAINER("'Mounts': [{'Type': 'volume', 'Source': 'p_old', 'Target': '/a'}]"),
			    "{'volumes': ['new:/a', '/srv:/srv']}"),
		CONTAINER("'Mounts': [{'Type': 'volume', 'Source': 'p_new', 'Target': '/a'},"
			  " {'Type': 'bind', 'Source': '/srv', 'Target': '/srv', 'ReadOnly': false}]"));
}

static void test_wire_patch__wrongly_typed_members_do_no_harm(void **state)
{
	struct test *t = *state;
	json_object *json = patched(t,
		TASK("'RestartPolicy': 'any', 'Networks': {}, 'Placement': 3, 'ContainerSpec': {'Env': 'A=1',"
		     " 'Mounts': {'Target': '/a'}, 'Healthcheck': [1], 'DNSConfig': true}"),
		"{'restart': {'maxAttempts': 3}, 'networks': ['a'], 'placement': {'maxReplicasPerNode': 1},"
		" 'environment': {'A': '2'}, 'volumes': ['a:/a'], 'healthcheck': {'test': ['NONE']}}");

	assert_true(has_member(json, "TaskTemplate.Networks.Target"));
}

/* A test for each case, decoding and encoding, beside those written out. */

static int setup_case(void **state)
{
	void *own = *state;

	setup_test(state);
	((struct test *)*state)->own = own;
	return 0;
}

static void add_case(
	struct CMUnitTest *test, const struct field_case *c, const char *verb, CMUnitTestFunction run)
{
	static char names[2 * ZPM_COUNT(cases)][96];
	static size_t n;

	snprintf(names[n], sizeof(names[n]), "test_wire_%s__%s_%s", verb, zpm_kinds[c->kind].name, c->name);
	*test = (struct CMUnitTest){ .name = names[n++],
		.test_func = run,
		.setup_func = setup_case,
		.teardown_func = teardown_test,
		.initial_state = (void *)(uintptr_t)c };
}

static const struct CMUnitTest written_out[] = {
	TEST(test_wire__every_field_has_a_case),
	TEST(test_wire_decode__nothing_is_unset_and_not_extra),
	TEST(test_wire_decode__what_the_engine_adds_by_itself_is_not_extra),
	TEST(test_wire_decode__unknown_members_are_extra),
	TEST(test_wire_decode__environment_without_a_value_is_empty),
	TEST(test_wire_decode__order_of_what_is_a_set_means_nothing),
	TEST(test_wire_decode__ratio_is_what_was_sent),
	TEST(test_wire_decode__copying_is_what_no_word_of_it_means),
	TEST(test_wire_decode__job_is_another_mode),
	TEST(test_wire_decode__missing_mode_is_one_replica),
	TEST(test_wire_decode__capabilities_in_any_spelling),
	TEST(test_wire_decode__wrongly_typed_is_unset),
	TEST(test_wire_patch__no_difference_is_no_change),
	TEST(test_wire_patch__changes_only_what_differs),
	TEST(test_wire_patch__removes_what_is_not_wanted),
	TEST(test_wire_patch__removes_unknown_members),
	TEST(test_wire_patch__environment_keeps_its_live_order),
	TEST(test_wire_patch__hosts_keep_their_live_order),
	TEST(test_wire_patch__sets_keep_their_live_order),
	TEST(test_wire_patch__elements_keep_their_live_order),
	TEST(test_wire_patch__elements_that_stay_are_left_as_they_are),
	TEST(test_wire_patch__list_is_sent_in_the_wanted_order),
	TEST(test_wire_patch__object_with_defaults_is_sent_whole),
	TEST(test_wire_patch__replicas_of_a_new_service_make_its_mode),
	TEST(test_wire_patch__capabilities_are_spelled_the_engines_way),
	TEST(test_wire_patch__names_become_the_engines),
	TEST(test_wire_decode__huge_numbers_do_no_harm),
	TEST(test_wire_patch__wrongly_typed_members_do_no_harm),
};

int main(void)
{
	struct CMUnitTest tests[2 * ZPM_COUNT(cases) + ZPM_COUNT(written_out)];
	size_t n = 0;

	for (size_t i = 0; i < ZPM_COUNT(cases); i++) {
		add_case(&tests[n++], &cases[i], "decode", decode_case);
		add_case(&tests[n++], &cases[i], "patch", encode_case);
	}
	memcpy(tests + n, written_out, sizeof(written_out));
	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
