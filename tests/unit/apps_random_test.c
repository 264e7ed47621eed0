/*
 * Random catalogs, with mistakes in them. Whatever they say: deciding twice gives the same,
 * the order of documents means nothing, no name or port is given twice, and what is decided
 * is kept once it is done.
 */
#include "apps_case.h"

#include "base/index.h"

#include <string.h>

#define ROUNDS 150

#define SPLIT                                                                                                \
	APPS_HEAD "release: { buildType: prod }\n" APPS_FROM "    ports: '20000-20024'\n"                    \
		  "    params: { collection: app_params, buildType: prod }\n"                                \
		  "    template:\n      image: '${integration.executable}:1'\n"                              \
		  "      environment: { PORT: '${integration.port}', TITLE: '${integration.title}' }\n"
#define SHARED                                                                                               \
	APPS_HEAD APPS_FROM "    perTenant: false\n    ports: '20000-20004'\n"                               \
			    "    template:\n      image: '${integration.executable}:1'\n"                    \
			    "      environment: { PORT: '${integration.port}' }\n"
/* Twice as likely to be filled in well as not. */
static const char *const tenants[] = { "acme", "beta", "Gamma 3", "delta" };
static const char *const executables[] = { "mail", "dns", "chat", "web/proxy", "No Image!", "", NULL };
static const char *const states[] = { "active", "active", "active", "ACTIVE", "inactive", NULL };
static const char *const titles[] = { "Mail", "${platform}", "{ a: b }", NULL };

static const char *any(struct dice *dice, const char *const *texts, size_t n)
{
	return texts[roll(dice, n)];
}

#define ANY(dice, texts) any(dice, texts, ZPM_COUNT(texts))

static void fill(struct apps_case *c, struct dice *dice)
{
	add_tenant(c, "Gamma 3", "active");
	add_tenant(c, "delta", ANY(dice, states));
	for (uint64_t i = roll(dice, 40); i > 0; i--) {
		struct zpm_integration *one = add_integration(
			c, ANY(dice, tenants), (int64_t)roll(dice, 30), ANY(dice, executables));

		one->id = one_in(dice, 20) ? ZPM_UNSET : one->id;
		one->status = ANY(dice, states);
		one->title = ANY(dice, titles);
		one->service_name = one_in(dice, 2) ? random_text(dice, 12, c->t->arena) : one->executable;
	}
	for (uint64_t i = roll(dice, 15); i > 0; i--)
		add_port(c, 20000 - 2 + (int64_t)roll(dice, 30), one_in(dice, 3) ? NULL : ANY(dice, tenants),
			one_in(dice, 3) ? ZPM_UNSET : (int64_t)roll(dice, 30), ANY(dice, executables));
	add_params(c, "{'param_type': '*', 'environment': {'A': '1', 'B': '1'}}");
	add_params(c, "{'param_type': 'mail', 'build_name': 'prod', 'environment': {'A': '2'}}");
	add_params(c, "{'param_type': 'dns', 'environment': {'A=': '2'}}");
	if (one_in(dice, 4))
		add_gap(c, ANY(dice, tenants), "no answer");
}

static void shuffle(struct zpm_ptrs *list, struct dice *dice)
{
	for (size_t i = list->n; i > 1; i--) {
		size_t other = roll(dice, i);
		void *one = list->v[i - 1];

		list->v[i - 1] = list->v[other];
		list->v[other] = one;
	}
}

/* All that was decided, as text. */
static const char *decision(struct apps_case *c)
{
	const char *text = troubles_of(c);

	for (size_t i = 0; i < c->desired->list.n; i++) {
		const struct zpm_object *object = c->desired->list.v[i];

		text = zpm_arena_printf(c->t->arena, "%s%s%s %s\n", text, object->name,
			object->left ? "*" : "", text_of_object(c->t, object->kind->shape, object->spec));
	}
	return text;
}

static void assert_nothing_twice(struct apps_case *c)
{
	struct zpm_index *names = zpm_index_new(c->t->arena), *ports = zpm_index_new(c->t->arena);

	for (size_t i = 0; i < c->desired->list.n; i++) {
		const struct zpm_object *object = c->desired->list.v[i];
		const char *port;

		if (!zpm_object_integration(object))
			continue;
		if (zpm_index_add(names, object->real, c))
			fail_msg("two are called %s", object->real);
		port = variable_of(c, object->name, "PORT");
		if (zpm_index_add(ports, port, c))
			fail_msg("port %s is that of two", port);
	}
}

static void test_one(struct test *t, struct dice *dice)
{
	struct apps_case *c = given_apps(t, one_in(dice, 3) ? SHARED : SPLIT);
	const char *first, *done;

	fill(c, dice);
	decide(c);
	first = decision(c);
	decide(c);
	assert_string_equal(decision(c), first);
	shuffle(&c->catalog->integrations, dice);
	shuffle(&c->catalog->tenants, dice);
	shuffle(&c->catalog->ports, dice);
	shuffle(&c->catalog->params, dice);
	decide(c);
	assert_string_equal(decision(c), first);
	assert_nothing_twice(c);
	converge(c);
	done = apps_of(c);
	decide(c);
	assert_string_equal(apps_of(c), done);
	assert_string_equal(ports_of(c), "");
	end_apps(c);
}

static void test_apps__of_any_catalog_are_decided_once_and_for_all(void **state)
{
	each_seed(*state, ROUNDS, test_one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		APPS_TEST(test_apps__of_any_catalog_are_decided_once_and_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
