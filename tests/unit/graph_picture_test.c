/* Names that no manifest may have come from nowhere else either, but pictures do not rely on that. */
#include "support.h"

#include "cli/render.h"

#include <string.h>

#define NASTY "a<b>&'\\\"c"

static struct zpm_objects *nasty(struct test *t)
{
	struct zpm_objects *desired =
		given_desired(t, "{'apiVersion': 'zpm/v1', 'platform': 'p', 'services': {'core': {"
				 "'nasty': {'image': 'x', 'networks': ['n'], 'volumes': ['v:/v']}, "
				 "'waits': {'image': 'x', 'dependsOn': ['nasty']}}}}");
	struct zpm_object *object = object_of(desired, ZPM_KIND_SERVICE, "nasty");
	struct zpm_service *waits = object_of(desired, ZPM_KIND_SERVICE, "waits")->spec;
	struct zpm_service *service = object->spec;

	desired->platform = service->image = NASTY;
	((struct zpm_attachment *)service->networks.v[0])->name = NASTY;
	((struct zpm_mount *)service->volumes.v[0])->source = NASTY;
	object->name = NASTY;
	waits->depends_on.v[0] = NASTY;
	return desired;
}

static void test_svg__no_name_breaks_out(void **state)
{
	struct test *t = *state;
	ZPM_BUF out = { 0 };

	zpm_render_svg(nasty(t), t->arena, &out);
	assert_has(out.data, "a&#60;b&#62;&#38;&#39;\\&#34;c");
	assert_null(strstr(out.data, "<b>"));
	assert_null(strstr(out.data, "\\\"c"));
}

static void test_dot__no_name_breaks_out(void **state)
{
	struct test *t = *state;
	ZPM_BUF out = { 0 };

	zpm_render_dot(nasty(t), &out);
	assert_has(out.data, "\"a<b>&'\\\\\\\"c\" -> \"waits\";");
	assert_has(out.data, "digraph \"a<b>&'\\\\\\\"c\" {");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_svg__no_name_breaks_out),
		TEST(test_dot__no_name_breaks_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
