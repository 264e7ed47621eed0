/*
 * What one field alone cannot say: references, order, ports, names, and
 * settings that contradict each other. Through whole manifests, so that the
 * positions are tested as well.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "manifest_case.h"
#include "model/check.h"

#include <time.h>

/* A service whose image is of no interest: its other fields begin on line 7. */
#define A SERVICE "      image: x\n"

static void assert_accepted(const char *text)
{
	zpm_manifest_free(accept_text(text));
}

static void test_platform_check__missing_network_names_the_nearest(void **state)
{
	(void)state;
	assert_rejected(A "      networks: [bakc]\nnetworks: { back: }\n",
		"7:18: services.core.a.networks[0]: there is no network 'bakc'; did you mean 'back'?");
	assert_rejected(A "      networks: { other: }\nnetworks: { back: }\n",
		"7:19: services.core.a.networks[0]: there is no network 'other'");
}

static void test_platform_check__missing_volume_names_the_nearest(void **state)
{
	(void)state;
	assert_rejected(A "      volumes: ['dat:/x', { source: other, target: /y }]\nvolumes: { data: }\n",
		"7:17: services.core.a.volumes[0]: there is no volume 'dat'; did you mean 'data'?",
		"7:27: services.core.a.volumes[1]: there is no volume 'other'");
}

static void test_platform_check__missing_service_names_the_nearest(void **state)
{
	(void)state;
	assert_rejected(A "      dependsOn: [kafak]\n    kafka: { image: x }\n",
		"7:19: services.core.a.dependsOn[0]: there is no service 'kafak'; did you mean 'kafka'?");
	assert_rejected(A "      dependsOn: kafak\n    kafka: { image: x }\n",
		"7:18: services.core.a.dependsOn[0]: there is no service 'kafak'; did you mean 'kafka'?");
}

static void test_platform_check__missing_service_in_a_patch_names_the_nearest(void **state)
{
	(void)state;
	assert_rejected(HEAD "release:\n  patch: { tag: v1, services: [kafka, kafak] }\n"
			     "services: { core: { kafka: { image: x } } }\n",
		"4:39: release.patch.services[1]: there is no service 'kafak'; did you mean 'kafka'?");
}

/* Two features on line 3: what follows begins on line 4. */
#define FEATURES HEAD "features: { big: true, small: false }\n"

static void test_platform_check__missing_feature_names_the_nearest(void **state)
{
	(void)state;
	assert_rejected(FEATURES "defaults: { when: bigg }\n",
		"4:19: defaults.when: there is no feature 'bigg'; did you mean 'big'?");
	assert_rejected(FEATURES "networks: { a: { when: '!smal' } }\nvolumes: { b: { when: smal } }\n"
				 "services: { core: { c: { image: x, when: none } } }\n",
		"4:24: networks.a.when: there is no feature 'smal'; did you mean 'small'?",
		"5:23: volumes.b.when: there is no feature 'smal'; did you mean 'small'?",
		"6:42: services.core.c.when: there is no feature 'none'");
}

static void test_platform_check__reference_to_what_is_left_out_is_refused(void **state)
{
	(void)state;
	assert_rejected(FEATURES
		"networks: { n: { when: small } }\nvolumes: { v: { when: '!big' } }\n"
		"services: { core: { a: { image: x, networks: [n], volumes: ['v:/v'] } } }\n",
		"6:47: services.core.a.networks[0]: the network 'n' is left out by its 'when: small'; what "
		"uses it has to be left out with it",
		"6:61: services.core.a.volumes[0]: the volume 'v' is left out by its 'when: !big'; what uses "
		"it has to be left out with it");
	assert_rejected(FEATURES "networks: { n: { when: small } }\ndefaults: { networks: [n] }\n",
		"5:24: defaults.networks[0]: the network 'n' is left out by its 'when: small'; what uses it "
		"has to be left out with it");
}

static void test_platform_check__what_is_left_out_may_refer_to_what_is_left_out(void **state)
{
	(void)state;
	assert_accepted(
		FEATURES "networks: { n: { when: small } }\nvolumes: { v: { when: small } }\n"
			 "services: { core: { a: { image: x, networks: [n], volumes: ['v:/v'], when: small "
			 "}, b: { image: x, dependsOn: a } } }\n");
}

static void test_platform_check__mistakes_in_what_is_left_out_are_found(void **state)
{
	(void)state;
	assert_rejected(FEATURES "services: { core: { a: { image: x, networks: [n], when: small } } }\n",
		"4:47: services.core.a.networks[0]: there is no network 'n'");
}

static void test_platform_check__objects_for_opposite_cases_may_share_names_and_ports(void **state)
{
	(void)state;
	assert_accepted(FEATURES "networks: { n: { when: big, name: n }, m: { when: '!big', name: n } }\n"
				 "services: { core: { a: { image: x, ports: ['80:80'], when: big },\n"
				 "b: { image: x, ports: ['80:80'], when: '!big' } } }\n");
	assert_rejected(FEATURES "services: { core: { a: { image: x, ports: ['80:80'], when: big },\n"
				 "b: { image: x, ports: ['80:80'], when: '!small' } } }\n",
		"5:24: services.core.b.ports[0]: port 80/tcp is published by the service 'a' already");
}

static void test_platform_check__external_objects_may_have_a_condition(void **state)
{
	(void)state;
	assert_accepted(FEATURES "networks: { n: { external: true, when: small } }\n");
}

static void test_platform_check__missing_reference_in_the_defaults_is_shown_there_once(void **state)
{
	(void)state;
	assert_rejected(HEAD "defaults: { networks: [bakc], dependsOn: none, volumes: ['v:/v'] }\n"
			     "services:\n  core:\n    a: { image: x }\n    b: { image: x }\n",
		"3:24: defaults.networks[0]: there is no network 'bakc'",
		"3:42: defaults.dependsOn[0]: there is no service 'none'",
		"3:58: defaults.volumes[0]: there is no volume 'v'");
}

static void test_platform_check__predefined_networks_need_no_declaration(void **state)
{
	(void)state;
	assert_accepted(A "      networks: [host]\n    b: { image: x, networks: [bridge] }\n");
}

static void test_platform_check__networks_that_no_service_can_be_in_are_refused(void **state)
{
	(void)state;
	assert_rejected(A "      networks: [ingress]\n    b: { image: x, networks: [none] }\n",
		"7:18: services.core.a.networks[0]: services are in the network 'ingress' by publishing "
		"ports; leave it out",
		"8:31: services.core.b.networks[0]: Swarm has no network 'none'; declare one that is "
		"internal instead");
}

static void test_platform_check__dependency_on_an_earlier_tier_is_fine(void **state)
{
	(void)state;
	assert_accepted(
		HEAD "services:\n  system: { a: { image: x } }\n  ui: { b: { image: x, dependsOn: a } }\n");
}

static void test_platform_check__dependency_on_a_later_tier_is_explained(void **state)
{
	(void)state;
	assert_rejected(HEAD
		"services:\n  system:\n    a: { image: x, dependsOn: [b] }\n  ui: { b: { image: x } }\n",
		"5:32: services.system.a.dependsOn[0]: 'b' is of the tier ui, which starts only when the "
		"tier system runs; "
		"tiers start in order");
}

static void test_platform_check__dependency_on_itself_is_refused(void **state)
{
	(void)state;
	assert_rejected(
		A "      dependsOn: a\n", "7:18: services.core.a.dependsOn[0]: 'a' depends on itself");
	assert_rejected(HEAD
		"defaults: { dependsOn: [a] }\nservices: { core: { a: { image: x }, b: { image: x } } }\n",
		"4:21: services.core.a: 'a' depends on itself, through the defaults");
}

static void test_platform_check__cycle_is_named_along_the_cycle(void **state)
{
	(void)state;
	assert_rejected(HEAD "services:\n  core:\n"
			     "    web: { image: x, dependsOn: [kafka] }\n"
			     "    kafka: { image: x, dependsOn: [zookeeper] }\n"
			     "    zookeeper: { image: x, dependsOn: [web, kafka] }\n",
		"7:40: services.core.zookeeper.dependsOn[0]: a cycle of dependencies: web → kafka → "
		"zookeeper → web",
		"7:45: services.core.zookeeper.dependsOn[1]: a cycle of dependencies: kafka → zookeeper → "
		"kafka");
}

static void test_platform_check__cycle_of_two_is_named_once(void **state)
{
	(void)state;
	assert_rejected(HEAD
		"services:\n  core:\n    kafka: { image: x, dependsOn: zookeeper }\n"
		"    zookeeper: { image: x, dependsOn: kafka }\n    web: { image: x, dependsOn: kafka }\n",
		"6:39: services.core.zookeeper.dependsOn[0]: a cycle of dependencies: kafka → zookeeper → "
		"kafka");
}

static void test_platform_check__diamond_is_no_cycle(void **state)
{
	(void)state;
	assert_accepted(A "      dependsOn: [b, c]\n    b: { image: x, dependsOn: d }\n"
			  "    c: { image: x, dependsOn: d }\n    d: { image: x }\n");
}

static void test_platform_check__one_name_in_two_tiers_is_refused(void **state)
{
	(void)state;
	assert_rejected(A "  ui:\n    a: { image: y }\n", "8:5: services.ui.a: there is a service 'a' in the "
							  "tier core already; one name means one service");
}

static void test_platform_check__two_services_publishing_one_port_are_refused(void **state)
{
	(void)state;
	assert_rejected(A "      ports: ['443:8443']\n    b: { image: x, ports: ['80:80', '443:443'] }\n",
		"8:37: services.core.b.ports[1]: port 443/tcp is published by the service 'a' already");
}

static void test_platform_check__one_service_publishing_a_port_twice_is_refused(void **state)
{
	(void)state;
	assert_rejected(A "      ports: ['80:1', '80:2']\n",
		"7:23: services.core.a.ports[1]: this service publishes port 80/tcp twice");
	assert_rejected(A "      ports: [{ target: 1, published: 80, mode: host }, { target: 2, published: "
			  "80, mode: host }]\n",
		"7:57: services.core.a.ports[1]: this service publishes port 80/tcp twice");
}

static void test_platform_check__port_of_another_protocol_is_another_port(void **state)
{
	(void)state;
	assert_accepted(A "      ports: ['53:53/udp']\n    b: { image: x, ports: ['53:53'] }\n");
}

static void test_platform_check__unpublished_ports_do_not_conflict(void **state)
{
	(void)state;
	assert_accepted(A "      ports: [80, 80]\n    b: { image: x, ports: [80] }\n");
}

static void test_platform_check__host_ports_of_two_services_may_be_on_two_nodes(void **state)
{
	(void)state;
	assert_accepted(A "      ports: [{ target: 1, published: 80, mode: host }]\n"
			  "    b: { image: x, ports: [{ target: 1, published: 80, mode: host }] }\n");
}

static void test_platform_check__ingress_port_conflicts_with_a_host_port(void **state)
{
	(void)state;
	assert_rejected(A "      ports: ['80:80']\n    b: { image: x, ports: [{ target: 1, published: 80, "
			  "mode: host }] }\n",
		"8:28: services.core.b.ports[0]: port 80/tcp is published by the service 'a' already");
	assert_rejected(A "      ports: [{ target: 1, published: 80, mode: host }]\n    b: { image: x, "
			  "ports: ['80:80'] }\n",
		"8:28: services.core.b.ports[0]: port 80/tcp is published by the service 'a' already");
}

static void test_platform_check__port_published_by_default_is_published_by_all(void **state)
{
	(void)state;
	assert_rejected(HEAD
		"defaults: { ports: ['80:80'] }\nservices: { core: { a: { image: x }, b: { image: x } } }\n",
		"4:38: services.core.b: port 80/tcp is published by the service 'a' already");
}

static void test_platform_check__name_over_63_with_the_platform_is_refused(void **state)
{
	/* "demo_" and 58 characters are 63, and one more is too many. */
#define NAME_57 "a23456789b123456789c123456789d123456789e123456789f1234567"
	(void)state;
	assert_accepted(HEAD "services: { core: { " NAME_57 "8: { image: x } } }\n");
	assert_rejected(HEAD "services:\n  core:\n    " NAME_57 "89: { image: x }\n",
		"5:5: services.core." NAME_57 "89: its name in Swarm, 'demo_" NAME_57
		"89', is 64 characters long; at most 63");
	assert_rejected(HEAD "networks: { " NAME_57 "89: }\nvolumes: { " NAME_57 "89: { name: short } }\n",
		"3:13: networks." NAME_57 "89: its name in Swarm, 'demo_" NAME_57
		"89', is 64 characters long; at most 63");
#undef NAME_57
}

static void test_platform_check__labels_of_zpm_are_reserved(void **state)
{
	(void)state;
	assert_rejected(A
		"      labels: { zpm.platform: other, team: core }\n      containerLabels: ['zpm.tier=ui']\n"
		"networks: { n: { labels: { zpm.x: y } } }\nvolumes: { v: { labels: [zpm.x=y] } }\n",
		"7:31: services.core.a.labels.zpm.platform: labels that begin with 'zpm.' are zpm's own",
		"8:25: services.core.a.containerLabels.zpm.tier: labels that begin with 'zpm.' are zpm's own",
		"9:35: networks.n.labels.zpm.x: labels that begin with 'zpm.' are zpm's own",
		"10:26: volumes.v.labels.zpm.x: labels that begin with 'zpm.' are zpm's own");
}

static void test_platform_check__global_service_has_no_replicas(void **state)
{
	(void)state;
	assert_rejected(A
		"      mode: global\n      replicas: 3\n      placement: { maxReplicasPerNode: 1 }\n",
		"8:17: services.core.a.replicas: a global service runs once on each node; leave replicas out",
		"9:40: services.core.a.placement.maxReplicasPerNode: a global service runs once on each "
		"node; leave "
		"maxReplicasPerNode out");
	assert_rejected(HEAD
		"defaults: { mode: global }\nservices: { core: { a: { image: x, replicas: 3 } } }\n",
		"4:46: services.core.a.replicas: a global service runs once on each node; leave replicas "
		"out");
}

static void test_platform_check__default_replicas_are_not_for_global_services(void **state)
{
	(void)state;
	assert_accepted(
		HEAD "defaults: { replicas: 2 }\nservices: { core: { a: { image: x, mode: global } } }\n");
}

static void test_platform_check__source_of_a_bind_mount_is_an_absolute_path(void **state)
{
#define ABSOLUTE "a folder of the host is named by an absolute path, which "
	(void)state;
	assert_rejected(A "      volumes: [./data:/x, ~/data:/y, { type: bind, source: data, target: /z }, { "
			  "type: bind, target: /w }]\n",
		"7:17: services.core.a.volumes[0]: " ABSOLUTE "'./data' is not",
		"7:28: services.core.a.volumes[1]: " ABSOLUTE "'~/data' is not",
		"7:39: services.core.a.volumes[2]: " ABSOLUTE "'data' is not",
		"7:81: services.core.a.volumes[3]: has no source; name the folder of the host");
#undef ABSOLUTE
}

static void test_platform_check__anonymous_volume_is_refused(void **state)
{
	(void)state;
	assert_rejected(A "      volumes: [{ target: /x }]\n",
		"7:17: services.core.a.volumes[0]: has no source; declare a volume under volumes and name it "
		"here "
		"(anonymous volumes get lost)");
}

static void test_platform_check__tmpfs_has_no_source(void **state)
{
	(void)state;
	assert_rejected(A "      volumes: [{ type: tmpfs, source: x, target: /x }]\n",
		"7:17: services.core.a.volumes[0]: a tmpfs mount is memory and has no source; leave it out");
}

static void test_platform_check__options_of_another_type_of_mount_are_refused(void **state)
{
	(void)state;
	assert_rejected(A "      volumes:\n"
			  "        - { source: v, target: /a, propagation: shared, size: 1m }\n"
			  "        - { type: bind, source: /b, target: /b, noCopy: true }\n"
			  "        - { type: tmpfs, target: /c, mode: 0o700, propagation: slave }\n"
			  "volumes: { v: }\n",
		"8:49: services.core.a.volumes[0].propagation: belongs to mounts of the type bind, not "
		"volume",
		"8:63: services.core.a.volumes[0].size: belongs to mounts of the type tmpfs, not volume",
		"9:57: services.core.a.volumes[1].noCopy: belongs to mounts of the type volume, not bind",
		"10:64: services.core.a.volumes[2].propagation: belongs to mounts of the type bind, not "
		"tmpfs");
}

static void test_platform_check__two_mounts_on_one_target_are_refused(void **state)
{
	(void)state;
	assert_rejected(A "      volumes: ['v:/data', '/srv:/data/']\nvolumes: { v: }\n",
		"7:28: services.core.a.volumes[1]: another mount of this service has the target '/data' "
		"already");
	assert_rejected(A "      volumes: ['v:/']\nvolumes: { v: }\n",
		"7:17: services.core.a.volumes[0]: nothing can be mounted over the whole file system of a "
		"container");
}

static void test_platform_check__one_network_twice_is_refused(void **state)
{
	(void)state;
	assert_rejected(A "      networks: [n, { name: n }]\nnetworks: { n: }\n",
		"7:21: services.core.a.networks[1]: the network 'n' is listed twice");
}

static void test_platform_check__host_network_excludes_others_and_ports(void **state)
{
	(void)state;
	assert_rejected(A "      networks: [n, host]\n      ports: ['80:80', { target: 1, published: 81, "
			  "mode: host }]\n"
			  "networks: { n: }\n",
		"7:18: services.core.a.networks[0]: a service in the network 'host' cannot be in another one",
		"8:15: services.core.a.ports[0]: a service in the network 'host' is reached there; it cannot "
		"publish a port");
}

static void test_platform_check__dnsrr_excludes_ingress_ports(void **state)
{
#define DNSRR "endpointMode dnsrr has no ingress ports; publish the port with mode host, or use vip"
	(void)state;
	assert_rejected(A "      endpointMode: dnsrr\n      ports: [80, { target: 1, mode: host }]\n",
		"8:15: services.core.a.ports[0]: " DNSRR);
	assert_rejected(HEAD
		"defaults: { endpointMode: dnsrr }\nservices: { core: { a: { image: x, ports: [80] } } }\n",
		"4:44: services.core.a.ports[0]: " DNSRR);
	assert_rejected(HEAD
		"defaults: { ports: [80] }\nservices: { core: { a: { image: x, endpointMode: dnsrr } } }\n",
		"4:50: services.core.a.endpointMode: " DNSRR);
#undef DNSRR
}

static void test_platform_check__healthcheck_begins_with_a_known_word(void **state)
{
#define TEST(text) A "      healthcheck:\n        test: " text "\n"
#define AT         "8:9: services.core.a.healthcheck.test: "
	(void)state;
	assert_accepted(TEST("[NONE]"));
	assert_accepted(TEST("[CMD, /demo, --check]"));
	assert_rejected(TEST("[curl, localhost]"),
		AT "begins with 'curl'; expected CMD, CMD-SHELL or NONE as the first word");
	assert_rejected(TEST("[CMD]"), AT "there is no command behind CMD");
	assert_rejected(TEST("[NONE, x]"), AT "NONE turns the healthcheck off and takes no command");
	assert_rejected(TEST("[CMD-SHELL, curl, localhost]"),
		AT "CMD-SHELL takes one text, the command line for the shell; got 2");
	assert_rejected(TEST("NONE"), "8:15: services.core.a.healthcheck.test: the shell would look for a "
				      "program NONE; to turn the healthcheck "
				      "off write [NONE]");
	assert_rejected(
		TEST("''"), "8:15: services.core.a.healthcheck.test: there is no command behind CMD-SHELL");
#undef AT
#undef TEST
}

static void test_platform_check__healthcheck_times_are_a_millisecond_or_more(void **state)
{
	(void)state;
	assert_rejected(A "      healthcheck: { test: x, interval: 10us, timeout: 0, startPeriod: 1ms }\n",
		"7:41: services.core.a.healthcheck.interval: expected 1ms or more");
}

static void test_platform_check__reservation_above_the_limit_is_refused(void **state)
{
#define ABOVE "a task cannot have more reserved than its limit allows"
	(void)state;
	assert_rejected(A "      resources:\n        limits: { cpus: 1, memory: 64m }\n"
			  "        reservations: { cpus: 1.5, memory: 65m }\n",
		"9:31: services.core.a.resources.reservations.cpus: " ABOVE,
		"9:44: services.core.a.resources.reservations.memory: " ABOVE);
	assert_rejected(HEAD
		"defaults: { resources: { reservations: { memory: 1g } } }\n"
		"services: { core: { a: { image: x, resources: { limits: { memory: 5m, cpus: 1 } } } } }\n",
		"4:67: services.core.a.resources.limits.memory: " ABOVE);
#undef ABOVE
}

static void test_platform_check__resources_below_what_swarm_takes_are_refused(void **state)
{
	(void)state;
	assert_rejected(A "      resources: { reservations: { cpus: 0.0001, memory: 1m } }\n",
		"7:42: services.core.a.resources.reservations.cpus: expected 0.001 or more, got 0.0001",
		"7:58: services.core.a.resources.reservations.memory: expected 4m or more, got '1m'");
}

static void test_platform_check__soft_limit_above_the_hard_one_is_refused(void **state)
{
	(void)state;
	assert_accepted(A "      ulimits: { nofile: { soft: -1, hard: -1 }, core: { soft: 1, hard: -1 } }\n");
	assert_rejected(A "      ulimits: { nofile: { soft: 5, hard: 4 }, core: { soft: -1, hard: 4 } }\n",
		"7:18: services.core.a.ulimits.nofile: the soft limit is above the hard one",
		"7:48: services.core.a.ulimits.core: the soft limit is above the hard one");
}

static void test_platform_check__rollback_of_a_rollback_is_refused(void **state)
{
	(void)state;
	assert_rejected(A
		"      update: { failureAction: rollback }\n      rollback: { failureAction: rollback }\n",
		"8:34: services.core.a.rollback.failureAction: a rollback that fails cannot be rolled back "
		"itself; expected "
		"pause or continue");
}

static void test_platform_check__nfs_excludes_driver_and_options(void **state)
{
	(void)state;
	assert_rejected(HEAD "volumes:\n  v:\n    nfs: { server: nas, path: /x, options: 'rw,addr=nas' }\n"
			     "    driver: rexray\n    driverOptions: { o: rw }\n",
		"5:44: volumes.v.nfs.options: the address is taken from server; leave addr out",
		"6:13: volumes.v.driver: nfs is mounted by the driver local; leave the driver out",
		"7:5: volumes.v.driverOptions: nfs and driverOptions exclude each other; nfs.options takes "
		"mount options");
}

static void test_platform_check__external_objects_have_only_a_name(void **state)
{
	(void)state;
	assert_accepted(HEAD
		"networks: { n: { external: true, name: other_n } }\nvolumes: { v: { external: true } }\n");
	assert_rejected(HEAD "networks:\n  n: { external: true, attachable: false }\n"
			     "volumes:\n  v: { external: true, labels: { a: b } }\n",
		"4:36: networks.n.attachable: an external network is made by somebody else; only its name "
		"can be given",
		"6:24: volumes.v.labels: an external volume is made by somebody else; only its name can be "
		"given");
}

static void test_platform_check__two_objects_of_one_real_name_are_refused(void **state)
{
	(void)state;
	assert_rejected(HEAD "networks: { a: { name: demo_b }, b: }\n",
		"3:34: networks.b: the network 'a' has this name in the Engine already: 'demo_b'");
	assert_rejected(HEAD "volumes: { a: { external: true, name: x }, b: { name: x } }\n",
		"3:44: volumes.b: the volume 'a' has this name in the Engine already: 'x'");
	assert_rejected(HEAD "services: { core: { a: { image: x, name: demo_b }, b: { image: x } } }\n",
		"3:52: services.core.b: the service 'a' has this name in the Engine already: 'demo_b'");
}

static void test_platform_check__services_cannot_share_a_name_by_default(void **state)
{
	(void)state;
	assert_rejected(HEAD "defaults: { name: x }\n",
		"3:19: defaults.name: is one service's; services cannot share a name");
}

static void test_platform_check__name_of_a_predefined_network_is_taken(void **state)
{
	(void)state;
	assert_rejected(HEAD "networks: { host: }\n",
		"3:13: networks.host: every Engine has a network of this name; choose another one");
}

static void test_platform_check__network_name_that_swarm_would_refuse_is_refused(void **state)
{
#define EXPECTED                                                                                             \
	"is no name for a network in Swarm: expected a name of letters, digits, '-' and '_' that begins "    \
	"and ends with a "                                                                                   \
	"letter or digit"
	(void)state;
	assert_accepted(HEAD "networks: { a: { external: true, name: a.b } }\n");
	assert_rejected(HEAD "networks: { a.b: , c: { name: d- } }\n", "3:13: networks.a.b: 'a.b' " EXPECTED,
		"3:31: networks.c.name: 'd-' " EXPECTED);
#undef EXPECTED
}

static void test_platform_check__subnet_listed_twice_is_refused(void **state)
{
	(void)state;
	assert_rejected(HEAD
		"networks: { n: { ipam: [{ subnet: 10.0.0.0/24 }, { subnet: 10.0.0.0/24 }] } }\n",
		"3:50: networks.n.ipam[1]: the subnet 10.0.0.0/24 is listed twice");
}

static void test_platform_check__position_is_the_nearest_thing_that_is_written(void **state)
{
	(void)state;
	assert_rejected(HEAD "defaults: { endpointMode: dnsrr, ports: [80] }\n",
		"3:42: defaults.ports[0]: endpointMode dnsrr has no ingress ports; publish the port with "
		"mode host, or use "
		"vip");
	/* From a map that was merged in. */
	assert_rejected(A "      labels: &l { zpm.x: y }\n    b:\n      image: x\n      labels: { <<: *l }\n",
		"7:27: services.core.a.labels.zpm.x: labels that begin with 'zpm.' are zpm's own",
		"7:27: services.core.b.labels.zpm.x: labels that begin with 'zpm.' are zpm's own");
}

static struct zpm_buf ten_thousand_services(void)
{
	struct zpm_buf text = { 0 };

	zpm_buf_puts(&text, HEAD "networks: { n: }\nvolumes: { v: }\ndefaults: { networks: [n], logging: { "
				 "driver: json-file } }\n"
				 "services:\n  core:\n    s0: { image: x }\n");
	for (int i = 1; i < 10000; i++)
		zpm_buf_printf(&text,
			"    s%d: { image: x, dependsOn: [s%d], ports: ['%d:80'], volumes: ['v:/v'], "
			"environment: { A: b } }\n",
			i, i - 1, i);
	return text;
}

/* The time this thread was given: what other processes take does not count. */
static int64_t cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * ZPM_S + now.tv_nsec;
}

/* 15 ms when built for release; sanitizers and valgrind take some times as long. Quadratic would be minutes.
 */
static void test_platform_check__ten_thousand_services_take_milliseconds(void **state)
{
	struct zpm_buf text = ten_thousand_services();
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(text.data);
	struct zpm_ptrs findings = { 0 };
	int64_t start = cpu_time();

	(void)state;
	zpm_buf_dispose(&text);
	zpm_platform_check(manifest->platform, manifest->arena, &findings);
	assert_int_equal(findings.n, 0);
	print_message("checked in %.1f ms\n", (double)(cpu_time() - start) / ZPM_MS);
	assert_true(cpu_time() - start < 2 * ZPM_S);
}

/* Each asks for the nearest of ten thousand names, but only as often as it is shown. */
static void test_platform_check__ten_thousand_mistakes_take_no_longer(void **state)
{
	struct zpm_buf text = { 0 };
	CLEANUP_MANIFEST struct zpm_manifest *manifest = NULL;
	int64_t start;

	(void)state;
	zpm_buf_puts(&text, HEAD "services:\n  core:\n");
	for (int i = 0; i < 10000; i++)
		zpm_buf_printf(&text, "    service-%d: { image: x, dependsOn: [servic-%d] }\n", i, i);
	start = cpu_time();
	manifest = parse_text(text.data);
	zpm_buf_dispose(&text);
	assert_int_equal(manifest->diags.list.n, ZPM_DIAGS_MAX);
	assert_int_equal(manifest->diags.left_out, 10000 - ZPM_DIAGS_MAX);
	assert_diag(manifest, 0,
		"5:40: services.core.service-0.dependsOn[0]: there is no service 'servic-0'; did you mean "
		"'service-0'?");
	assert_true(cpu_time() - start < 20 * ZPM_S);
}

static void test_platform_check__ignored_drift_has_to_be_of_something(void **state)
{
	(void)state;
	assert_accepted(
		HEAD "reconcile: { ignoreDrift: ['service/*:labels.com.*', 'volume/x:driver', 'service/a:*', "
		     "'service/a:engine.TaskTemplate.X'] }\n");
	assert_rejected(HEAD
		"reconcile:\n  ignoreDrift:\n    - sevice/a:image\n    - service/a:enviroment.A\n"
		"    - service/a:dependsOn\n    - network/n:image\n    - service/a\n",
		"5:7: reconcile.ignoreDrift[0]: there is no kind 'sevice'; did you mean 'service'?",
		"6:7: reconcile.ignoreDrift[1]: a service has no field 'enviroment'; did you mean "
		"'environment'?",
		"7:7: reconcile.ignoreDrift[2]: the Engine knows nothing of a service's dependsOn, so it "
		"cannot drift",
		"8:7: reconcile.ignoreDrift[3]: a network has no field 'image'",
		"9:7: reconcile.ignoreDrift[4]: expected KIND/NAME:PATH, like "
		"'service/kafka:environment.JMX_PORT' or 'service/*:labels.com.*', got 'service/a'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_platform_check__missing_network_names_the_nearest),
		cmocka_unit_test(test_platform_check__missing_volume_names_the_nearest),
		cmocka_unit_test(test_platform_check__missing_service_names_the_nearest),
		cmocka_unit_test(test_platform_check__missing_service_in_a_patch_names_the_nearest),
		cmocka_unit_test(test_platform_check__missing_feature_names_the_nearest),
		cmocka_unit_test(test_platform_check__reference_to_what_is_left_out_is_refused),
		cmocka_unit_test(test_platform_check__what_is_left_out_may_refer_to_what_is_left_out),
		cmocka_unit_test(test_platform_check__mistakes_in_what_is_left_out_are_found),
		cmocka_unit_test(test_platform_check__objects_for_opposite_cases_may_share_names_and_ports),
		cmocka_unit_test(test_platform_check__external_objects_may_have_a_condition),
		cmocka_unit_test(test_platform_check__missing_reference_in_the_defaults_is_shown_there_once),
		cmocka_unit_test(test_platform_check__predefined_networks_need_no_declaration),
		cmocka_unit_test(test_platform_check__networks_that_no_service_can_be_in_are_refused),
		cmocka_unit_test(test_platform_check__dependency_on_an_earlier_tier_is_fine),
		cmocka_unit_test(test_platform_check__dependency_on_a_later_tier_is_explained),
		cmocka_unit_test(test_platform_check__dependency_on_itself_is_refused),
		cmocka_unit_test(test_platform_check__cycle_is_named_along_the_cycle),
		cmocka_unit_test(test_platform_check__cycle_of_two_is_named_once),
		cmocka_unit_test(test_platform_check__diamond_is_no_cycle),
		cmocka_unit_test(test_platform_check__one_name_in_two_tiers_is_refused),
		cmocka_unit_test(test_platform_check__two_services_publishing_one_port_are_refused),
		cmocka_unit_test(test_platform_check__one_service_publishing_a_port_twice_is_refused),
		cmocka_unit_test(test_platform_check__port_of_another_protocol_is_another_port),
		cmocka_unit_test(test_platform_check__unpublished_ports_do_not_conflict),
		cmocka_unit_test(test_platform_check__host_ports_of_two_services_may_be_on_two_nodes),
		cmocka_unit_test(test_platform_check__ingress_port_conflicts_with_a_host_port),
		cmocka_unit_test(test_platform_check__port_published_by_default_is_published_by_all),
		cmocka_unit_test(test_platform_check__name_over_63_with_the_platform_is_refused),
		cmocka_unit_test(test_platform_check__labels_of_zpm_are_reserved),
		cmocka_unit_test(test_platform_check__global_service_has_no_replicas),
		cmocka_unit_test(test_platform_check__default_replicas_are_not_for_global_services),
		cmocka_unit_test(test_platform_check__source_of_a_bind_mount_is_an_absolute_path),
		cmocka_unit_test(test_platform_check__anonymous_volume_is_refused),
		cmocka_unit_test(test_platform_check__tmpfs_has_no_source),
		cmocka_unit_test(test_platform_check__options_of_another_type_of_mount_are_refused),
		cmocka_unit_test(test_platform_check__two_mounts_on_one_target_are_refused),
		cmocka_unit_test(test_platform_check__one_network_twice_is_refused),
		cmocka_unit_test(test_platform_check__host_network_excludes_others_and_ports),
		cmocka_unit_test(test_platform_check__dnsrr_excludes_ingress_ports),
		cmocka_unit_test(test_platform_check__healthcheck_begins_with_a_known_word),
		cmocka_unit_test(test_platform_check__healthcheck_times_are_a_millisecond_or_more),
		cmocka_unit_test(test_platform_check__reservation_above_the_limit_is_refused),
		cmocka_unit_test(test_platform_check__resources_below_what_swarm_takes_are_refused),
		cmocka_unit_test(test_platform_check__soft_limit_above_the_hard_one_is_refused),
		cmocka_unit_test(test_platform_check__rollback_of_a_rollback_is_refused),
		cmocka_unit_test(test_platform_check__nfs_excludes_driver_and_options),
		cmocka_unit_test(test_platform_check__external_objects_have_only_a_name),
		cmocka_unit_test(test_platform_check__two_objects_of_one_real_name_are_refused),
		cmocka_unit_test(test_platform_check__services_cannot_share_a_name_by_default),
		cmocka_unit_test(test_platform_check__ignored_drift_has_to_be_of_something),
		cmocka_unit_test(test_platform_check__name_of_a_predefined_network_is_taken),
		cmocka_unit_test(test_platform_check__network_name_that_swarm_would_refuse_is_refused),
		cmocka_unit_test(test_platform_check__subnet_listed_twice_is_refused),
		cmocka_unit_test(test_platform_check__position_is_the_nearest_thing_that_is_written),
		cmocka_unit_test(test_platform_check__ten_thousand_services_take_milliseconds),
		cmocka_unit_test(test_platform_check__ten_thousand_mistakes_take_no_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
