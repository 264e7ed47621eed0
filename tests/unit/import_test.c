/* From what is observed to a manifest, and from there to the same again. */
#include "emit_case.h"
#include "wire_case.h"

#include "manifest/manifest.h"
#include "model/hold.h"
#include "plan/expand.h"
#include "plan/import.h"

#define P(rest)        "{'apiVersion': 'zpm/v1', 'platform': 'p'" rest "}"
#define CORE(services) P(", 'services': {'core': {" services "}}")

static struct zpm_platform *imported(
	struct test *t, const struct zpm_objects *have, bool all, struct zpm_strs *notes)
{
	static struct zpm_strs none;

	none = (struct zpm_strs){ 0 };
	return zpm_import_platform(have, all, t->arena, notes ? notes : &none);
}

/* Written and read again. */
static struct zpm_platform *through_text(struct test *t, const struct zpm_platform *platform)
{
	json_object *json = keep_json(t, zpm_manifest_to_json(platform, t->arena));
	const struct zpm_strs notes = { 0 };
	struct zpm_err err;
	ZPM_BUF out = { 0 };

	assert_int_equal(zpm_manifest_emit(json, &notes, &out, &err), 0);
	return read_again(t, zpm_arena_strdup(t->arena, out.data));
}

static const char *text_of(struct test *t, const struct zpm_platform *platform)
{
	return text_of_json(keep_json(t, zpm_manifest_to_json(platform, t->arena)));
}

static struct zpm_object *add_live(struct test *t, struct zpm_objects *have, enum zpm_kind_id kind,
	const char *name, const char *real, const char *owner, void *spec)
{
	struct zpm_object *object = zpm_arena_alloc(t->arena, sizeof(*object));
	struct zpm_live *live = zpm_arena_alloc(t->arena, sizeof(*live));

	live->id = real;
	live->owner = owner;
	*object = (struct zpm_object){ .kind = &zpm_kinds[kind],
		.name = name,
		.real = real,
		.tier = ZPM_TIER_NONE,
		.spec = spec,
		.live = live };
	zpm_objects_add(have, object);
	return object;
}

/* What is sent to the Engine, seen there, imported, written, read and expanded is what it was. */

/* Every file has a path. */
static void give_targets(const struct zpm_ptrs *files)
{
	for (size_t i = 0; i < files->n; i++) {
		struct zpm_file *file = files->v[i];

		if (!file->target)
			file->target = file->source;
	}
}

static void make_importable(struct test *t, struct zpm_service *service)
{
	service->image = zpm_expand_image(service->image, NULL, t->arena);
	zpm_pairs_set(t->arena, &service->labels, "zpm.platform", "p");
	zpm_pairs_set(t->arena, &service->labels, "zpm.tier", "ui");
	give_targets(&service->secrets);
	give_targets(&service->configs);
	for (size_t i = 0; i < service->volumes.n; i++) {
		struct zpm_mount *mount = service->volumes.v[i];

		mount->driver = NULL;
		mount->driver_options = mount->volume_labels = (struct zpm_pairs){ 0 };
		if (!strcmp(mount->type, "volume"))
			mount->source = zpm_arena_printf(t->arena, "v%zu", i);
	}
}

static void service_comes_back(struct test *t, struct dice *dice)
{
	struct zpm_service *service = random_canonical(dice, &zpm_service_shape, t->arena);
	struct zpm_objects *have = zpm_objects_new("p", t->arena), *desired;
	const struct zpm_object *object = NULL;
	void *seen;

	make_importable(t, service);
	seen = decoded(t, ZPM_KIND_SERVICE, encoded(t, ZPM_KIND_SERVICE, service), NULL);
	add_live(t, have, ZPM_KIND_SERVICE, "a", "p_a", "p", seen)->tier = ZPM_TIER_UI;
	/* Their mounts say nothing of how they are made, as those of external ones do. */
	for (size_t i = 0; i < service->volumes.n; i++)
		add_live(t, have, ZPM_KIND_VOLUME, zpm_arena_printf(t->arena, "v%zu", i),
			zpm_arena_printf(t->arena, "p_v%zu", i), NULL,
			zpm_shape_new(&zpm_volume_shape, t->arena));
	desired = zpm_expand(through_text(t, imported(t, have, false, NULL)), t->arena);
	object = zpm_objects_find_real(desired, ZPM_KIND_SERVICE, "p_a");
	assert_non_null(object);
	assert_int_equal(object->tier, ZPM_TIER_UI);
	if (!zpm_shape_equal(&zpm_service_shape, service, object->spec, t->arena))
		fail_msg("wanted %s\n   got %s", text_of_object(t, &zpm_service_shape, service),
			text_of_object(t, &zpm_service_shape, object->spec));
}

static void test_import__any_service_comes_back_as_it_was(void **state)
{
	each_seed(*state, 2000, service_comes_back);
}

/* What zpm has made. */

static const char whole[] =
	P(", 'networks': {'net': {'attachable': true, 'labels': {'a': 'b'}}}, "
	  "'volumes': {'data': {}, 'nas': {'nfs': {'server': 'nas', 'path': '/x', 'options': 'rw,hard'}}}, "
	  "'services': {'system': {'db': {'image': 'db:1', 'networks': ['net'], 'volumes': ['data:/d', "
	  "'nas:/n:ro']}}, "
	  "'ui': {'web': {'image': 'web:1', 'ports': ['80:80'], 'networks': [{'name': 'net', 'aliases': "
	  "['www']}]}}}");

static void test_import__of_what_zpm_made_is_what_was_declared(void **state)
{
	struct test *t = *state;
	struct zpm_platform *platform = imported(t, given_observed(t, whole), false, NULL);

	assert_string_equal(text_of(t, platform), text_of(t, given_platform(t, whole)));
}

static void test_import__plans_nothing(void **state)
{
	struct test *t = *state;
	struct zpm_objects *have = given_observed(t, whole);
	struct zpm_platform *platform = through_text(t, imported(t, have, false, NULL));
	const struct zpm_plan_options options = { 0 };
	struct zpm_plan *plan =
		keep_plan(t, zpm_plan_new(platform, zpm_expand(platform, t->arena), have, &options));

	assert_int_equal(plan->changes.n, 0);
	assert_int_equal(plan->refusals.n, 0);
	assert_int_equal(plan->kept.n, 5);
}

static struct zpm_service *service(struct test *t, const char *text)
{
	return given_canonical(t, &zpm_service_shape, text);
}

/* Single quotes, as in what tests are given. */
static void assert_imports(struct test *t, const struct zpm_objects *have, bool all, struct zpm_strs *notes,
	const char *expected)
{
	assert_json(keep_json(t, zpm_manifest_to_json(imported(t, have, all, notes), t->arena)), expected);
}

static void test_import__secrets_stay_where_they_are(void **state)
{
	struct test *t = *state;
	struct zpm_objects *have = zpm_objects_new("p", t->arena);

	add_live(t, have, ZPM_KIND_SERVICE, "a", "p_a", "p",
		service(t, "{'image': 'x:1', 'secrets': [{'source': 'key@0123456789ab', 'target': 'key'}, "
			   "{'source': 'docker:theirs', 'target': 'x'}, {'source': 'key@ba9876543210', "
			   "'target': 'old'}]}"));
	assert_imports(t, have, false, NULL,
		P(", 'secrets': {'key': {'external': true, 'name': 'p_key-0123456789ab'}, "
		  "'p_key-ba9876543210': {'external': true}, 'theirs': {'external': true}}, "
		  "'services': {'core': {'a': {'image': 'x:1', 'secrets': ['key', {'source': 'theirs', "
		  "'target': 'x'}, "
		  "{'source': 'p_key-ba9876543210', 'target': 'old'}]}}}"));
}

static void test_import__superseded_version_is_not_held(void **state)
{
	struct test *t = *state;
	struct zpm_objects *have = zpm_objects_new("p", t->arena);
	struct zpm_object *old = add_live(t, have, ZPM_KIND_SECRET, "key@0123456789ab", "p_key-0123456789ab",
		"p", zpm_shape_new(&zpm_secret_shape, t->arena));
	struct zpm_use use = { .by = ZPM_USE_PREVIOUS };

	zpm_ptrs_push(t->arena, &((struct zpm_live *)(uintptr_t)old->live)->uses, &use);
	assert_imports(t, have, false, NULL, P(""));
	use.by = ZPM_USE_SPEC;
	assert_imports(t, have, false, NULL,
		P(", 'secrets': {'key': {'external': true, 'name': 'p_key-0123456789ab'}}"));
}

static void test_import__config_of_text_is_declared_with_it(void **state)
{
	struct test *t = *state;
	struct zpm_objects *have = zpm_objects_new("p", t->arena);
	struct zpm_secret *text = zpm_shape_new(&zpm_config_shape, t->arena);
	struct zpm_secret *bytes = zpm_shape_new(&zpm_config_shape, t->arena);

	text->data = "a=$b\n";
	text->len = 5;
	bytes->data = "\xff";
	bytes->len = 1;
	add_live(t, have, ZPM_KIND_CONFIG, "text@0123456789ab", "p_text-0123456789ab", "p", text);
	add_live(t, have, ZPM_KIND_CONFIG, "bytes@0123456789ab", "p_bytes-0123456789ab", "p", bytes);
	assert_imports(t, have, false, NULL,
		P(", 'configs': {'bytes': {'external': true, 'name': 'p_bytes-0123456789ab'}, "
		  "'text': {'content': 'a=$$b\\n'}}"));
}

static void test_import__what_nobody_owns_is_adopted_when_all_is_asked_for(void **state)
{
	struct test *t = *state;
	struct zpm_objects *have = zpm_objects_new("p", t->arena);

	add_live(t, have, ZPM_KIND_NETWORK, "docker:net", "net", NULL,
		given_canonical(t, &zpm_network_shape,
			"{'ipam': [{'subnet': '10.0.1.0/24', 'gateway': '10.0.1.1'}]}"));
	add_live(t, have, ZPM_KIND_NETWORK, "docker:host", "host", NULL,
		given_canonical(t, &zpm_network_shape, "{'driver': 'host'}"));
	add_live(t, have, ZPM_KIND_NETWORK, "docker:ingress", "ingress", NULL,
		given_canonical(t, &zpm_network_shape, "{}"));
	add_live(t, have, ZPM_KIND_VOLUME, "docker:data", "data", NULL,
		given_canonical(t, &zpm_volume_shape, "{}"));
	add_live(t, have, ZPM_KIND_VOLUME, "docker:unused", "unused", NULL,
		given_canonical(t, &zpm_volume_shape, "{}"));
	add_live(t, have, ZPM_KIND_SERVICE, "docker:lone", "lone", NULL,
		service(t, "{'image': 'x:1', 'networks': ['docker:net'], 'volumes': [{'source': "
			   "'docker:data', 'target': '/d'}]}"));
	add_live(t, have, ZPM_KIND_SERVICE, "web", "p_web", NULL,
		service(t,
			"{'image': 'x:1', 'networks': [{'name': 'docker:net', 'aliases': ['web', 'www']}]}"));
	assert_imports(t, have, true, NULL,
		P(", 'networks': {'net': {'name': 'net', 'adopt': true, 'ipam': [{'subnet': "
		  "'10.0.1.0/24'}]}}, "
		  "'volumes': {'data': {'name': 'data', 'adopt': true}}, 'services': {'core': {"
		  "'lone': {'name': 'lone', 'adopt': true, 'image': 'x:1', 'networks': ['net'], 'volumes': "
		  "['data:/d']}, "
		  "'web': {'adopt': true, 'image': 'x:1', 'networks': {'net': {'aliases': ['www']}}}}}"));
	assert_imports(t, have, false, NULL, P(""));
}

/* Its key would become an alias, and a new alias restarts tasks. */
static void test_import__service_without_the_alias_of_its_name_keeps_its_whole_name(void **state)
{
	struct test *t = *state;
	struct zpm_objects *have = zpm_objects_new("p", t->arena);

	add_live(t, have, ZPM_KIND_SERVICE, "web", "p_web", NULL,
		service(t, "{'image': 'x:1', 'networks': [{'name': 'docker:n', 'aliases': ['www']}]}"));
	assert_imports(t, have, true, NULL,
		P(", 'networks': {'n': {'external': true}}, 'services': {'core': {'p_web': {'name': 'p_web', "
		  "'adopt': true, 'image': 'x:1', 'networks': {'n': {'aliases': ['www']}}}}}"));
}

static void test_import__what_others_own_is_left_out(void **state)
{
	struct test *t = *state;
	struct zpm_objects *have = zpm_objects_new("p", t->arena);
	struct zpm_strs notes = { 0 };

	add_live(t, have, ZPM_KIND_SERVICE, "docker:q_a", "q_a", "q", service(t, "{'image': 'x:1'}"));
	add_live(t, have, ZPM_KIND_SERVICE, "docker:q_b", "q_b", "q", service(t, "{'image': 'x:1'}"));
	add_live(t, have, ZPM_KIND_NETWORK, "docker:q_n", "q_n", "q",
		given_canonical(t, &zpm_network_shape, "{}"));
	add_live(t, have, ZPM_KIND_SERVICE, "job", "p_job", NULL,
		service(t, "{'image': 'x:1', 'mode': 'replicatedJob'}"));
	assert_imports(t, have, true, &notes, P(""));
	assert_int_equal(notes.n, 4);
	assert_has(notes.v[2], "the platform q's");
	assert_has(notes.v[3], "p_job");
}

/* Else the first apply would take away what runs now. */
static void test_import__what_a_manifest_cannot_say_is_left_as_it_is(void **state)
{
	struct test *t = *state;
	struct zpm_objects *have = zpm_objects_new("p", t->arena);
	struct zpm_object *object = add_live(t, have, ZPM_KIND_SERVICE, "a", "p_a", "p",
		service(t, "{'image': 'x:1', 'hostname': '{{.Node.Hostname}}', "
			   "'volumes': [{'target': '/anonymous'}, '/srv:/srv']}"));

	zpm_pairs_set(t->arena, &((struct zpm_live *)(uintptr_t)object->live)->extra, "TaskTemplate.X", "1");
	assert_imports(t, have, false, NULL,
		P(", 'services': {'core': {'a': {'image': 'x:1', 'volumes': ['/srv:/srv']}}}, 'reconcile': "
		  "{'ignoreDrift': ['service/a:engine.TaskTemplate.X', 'service/a:hostname', "
		  "'service/a:volumes./anonymous']}"));
}

/* Hosts, where the node's name is not the host's, and what runs on them. */
static void test_import__of_hosts_and_roles_is_what_was_declared(void **state)
{
	struct test *t = *state;
	static const char manifest[] =
		P(", 'hosts': {'a': {'roles': ['active', 'db'], 'node': 'node-a', 'labels': {'rack': 'r1'}}, "
		  "'b': {'state': 'down'}, 'c': {'roles': ['secondary-active']}}, "
		  "'services': {'core': {'one': {'image': 'x:1', 'runsOn': ['active']}, "
		  "'two': {'image': 'x:1', 'placement': {'constraints': ['node.role == manager']}, "
		  "'runsOn': ['active', 'secondary-active']}}}");

	assert_string_equal(text_of(t, imported(t, given_observed(t, manifest), false, NULL)),
		text_of(t, given_platform(t, manifest)));
}

/* The hold is an operator's, and goes when the operator lets go. */
static void test_import__held_service_is_as_if_it_were_not(void **state)
{
	struct test *t = *state;
	struct zpm_objects *have = zpm_objects_new("p", t->arena);
	struct zpm_strs notes = { 0 };

	add_live(t, have, ZPM_KIND_SERVICE, "a", "p_a", "p", service(t, "{'image': 'x:1', 'replicas': 0}"))
		->hold = "x";
	add_live(t, have, ZPM_KIND_SERVICE, "b", "p_b", "p",
		service(t, "{'image': 'x:1', 'mode': 'global', 'placement': {'constraints': "
			   "['" ZPM_HOLD_CONSTRAINT "']}}"))
		->hold = "x";
	assert_imports(t, have, false, &notes,
		P(", 'services': {'core': {'a': {'image': 'x:1'}, 'b': {'image': 'x:1', 'mode': "
		  "'global'}}}"));
	assert_has(notes.v[2], "The service a is held");
}

static void test_import__two_of_one_name_get_keys_of_their_own(void **state)
{
	struct test *t = *state;
	struct zpm_objects *have = zpm_objects_new("p", t->arena);

	add_live(t, have, ZPM_KIND_SERVICE, "web", "p_web", "p", service(t, "{'image': 'x:1'}"));
	add_live(t, have, ZPM_KIND_SERVICE, "docker:web", "web", NULL, service(t, "{'image': 'x:2'}"));
	assert_imports(t, have, true, NULL,
		P(", 'services': {'core': {'p_web': {'name': 'p_web', 'image': 'x:1'}, "
		  "'web': {'name': 'web', 'adopt': true, 'image': 'x:2'}}}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_import__any_service_comes_back_as_it_was),
		TEST(test_import__of_what_zpm_made_is_what_was_declared),
		TEST(test_import__plans_nothing),
		TEST(test_import__secrets_stay_where_they_are),
		TEST(test_import__superseded_version_is_not_held),
		TEST(test_import__config_of_text_is_declared_with_it),
		TEST(test_import__what_nobody_owns_is_adopted_when_all_is_asked_for),
		TEST(test_import__service_without_the_alias_of_its_name_keeps_its_whole_name),
		TEST(test_import__what_others_own_is_left_out),
		TEST(test_import__what_a_manifest_cannot_say_is_left_as_it_is),
		TEST(test_import__of_hosts_and_roles_is_what_was_declared),
		TEST(test_import__held_service_is_as_if_it_were_not),
		TEST(test_import__two_of_one_name_get_keys_of_their_own),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
