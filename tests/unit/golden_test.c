/*
 * Whole plans, from the manifest and what the Engine shows to what a person
 * and a program are told. Each folder of tests/golden is a case: manifest.yaml,
 * observed.json as an Engine 20.10 answered it, plan.txt and plan.json.
 *
 * ZPM_GOLDEN_UPDATE=1 writes the plans anew; read the difference before you keep it.
 */
#include "support.h"

#include "base/buf.h"
#include "cli/render.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define GOLDEN    ZPM_SOURCE_DIR "/tests/golden"
#define MAX_CASES 64

/* The hash of the spec as the manifest declares it now, so that the cases outlive changes of the tables. */
#define AS_DECLARED "(as declared)"

/* An Engine that only answers questions, one connection at a time. */
struct engine {
	char dir[32], endpoint[64];
	int listener;
	pthread_t thread;
	json_object *observed;
};

static const char *answer_to(const struct engine *engine, const char *path)
{
	static const char *const lists[] = { "networks", "volumes", "services" };

	if (!strcmp(path, "/version"))
		return "{\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\"}";
	if (!strncmp(path, "/v1.41/", 7)) {
		path += 7;
		if (!strcmp(path, "swarm"))
			return "{\"ID\":\"golden\"}";
		if (!strcmp(path, "nodes") || !strncmp(path, "secrets?", 8) || !strncmp(path, "configs?", 8))
			return "[]";
		for (size_t i = 0; i < ZPM_COUNT(lists); i++)
			if (!strcmp(path, lists[i]))
				return json_object_to_json_string_ext(
					json_object_object_get(engine->observed, path),
					JSON_C_TO_STRING_PLAIN);
	}
	return NULL;
}

static void answer(const struct engine *engine, int fd, const char *request)
{
	char method[8] = "", path[256] = "";
	const char *body;
	ZPM_BUF out = { 0 };

	if (sscanf(request, "%7s %255s", method, path) != 2 || strcmp(method, "GET") != 0)
		body = NULL;
	else
		body = answer_to(engine, path);
	zpm_buf_printf(&out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s",
		body ? "200 OK" : "404 Not Found", body ? strlen(body) : 0, body ? body : "");
	send(fd, out.data, out.len, MSG_NOSIGNAL);
}

static void serve(const struct engine *engine, int fd)
{
	ZPM_BUF request = { 0 };
	char piece[1024];
	ssize_t len;

	while ((len = recv(fd, piece, sizeof(piece), 0)) > 0) {
		zpm_buf_add(&request, piece, (size_t)len);
		if (!strstr(request.data, "\r\n\r\n"))
			continue;
		answer(engine, fd, request.data);
		zpm_buf_clear(&request);
	}
	close(fd);
}

static void *run_engine(void *arg)
{
	const struct engine *engine = arg;
	int fd;

	while ((fd = accept(engine->listener, NULL, NULL)) >= 0)
		serve(engine, fd);
	return NULL;
}

/* Listens, but answers only once its thread runs. */
static struct engine *open_engine(struct test *t, json_object *observed)
{
	struct engine *engine = zpm_arena_alloc(t->arena, sizeof(*engine));
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	engine->observed = observed;
	snprintf(engine->dir, sizeof(engine->dir), "/tmp/zpm-golden-XXXXXX");
	assert_non_null(mkdtemp(engine->dir));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/sock", engine->dir);
	snprintf(engine->endpoint, sizeof(engine->endpoint), "unix://%s/sock", engine->dir);
	engine->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_return_code(bind(engine->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_return_code(listen(engine->listener, 4), 0);
	return engine;
}

static void close_engine(struct engine *engine)
{
	close(engine->listener);
	unlink(engine->endpoint + strlen("unix://"));
	rmdir(engine->dir);
}

/* One case. */

static const char *read_text(struct test *t, const char *path)
{
	FILE *file = fopen(path, "r");
	ZPM_BUF text = { 0 };
	char piece[4096];
	size_t len;

	if (!file)
		return "";
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		zpm_buf_add(&text, piece, len);
	fclose(file);
	return zpm_arena_strdup(t->arena, text.data ? text.data : "");
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void fill_hash(const struct zpm_objects *desired, enum zpm_kind_id kind, const char *real,
	json_object *labels, struct zpm_arena *arena)
{
	const struct zpm_object *object = zpm_objects_find_real(desired, kind, real);
	json_object *hash = NULL;

	if (!object || !json_object_object_get_ex(labels, ZPM_LABEL_SPEC, &hash) ||
		strcmp(json_object_get_string(hash), AS_DECLARED) != 0)
		return;
	json_object_set_string(hash, zpm_object_hash(object, arena));
}

static void fill_hashes(const struct zpm_objects *desired, enum zpm_kind_id kind, json_object *list,
	const char *inside, struct zpm_arena *arena)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *object = json_object_array_get_idx(list, i);

		if (inside)
			object = json_object_object_get(object, inside);
		fill_hash(desired, kind, json_object_get_string(json_object_object_get(object, "Name")),
			json_object_object_get(object, "Labels"), arena);
	}
}

static void fill_observed(struct test *t, const struct zpm_objects *desired, json_object *observed)
{
	json_object *volumes = json_object_object_get(observed, "volumes");

	fill_hashes(desired, ZPM_KIND_NETWORK, json_object_object_get(observed, "networks"), NULL, t->arena);
	fill_hashes(desired, ZPM_KIND_VOLUME, json_object_object_get(volumes, "Volumes"), NULL, t->arena);
	fill_hashes(
		desired, ZPM_KIND_SERVICE, json_object_object_get(observed, "services"), "Spec", t->arena);
}

/* Compares with the file, or writes it. True when they are the same. */
static bool is_golden(struct test *t, const char *path, const char *text)
{
	const char *expected;

	if (getenv("ZPM_GOLDEN_UPDATE"))
		write_text(path, text);
	expected = read_text(t, path);
	if (!strcmp(expected, text))
		return true;
	print_error("%s is\n%s\nand the plan is now\n%s\n", path, expected, text);
	return false;
}

static bool render_as_expected(struct test *t, const char *dir, const struct zpm_plan *plan)
{
	json_object *json = keep_json(t, zpm_render_plan_json(plan, "sha256:of-the-manifest"));
	const char *text = json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	ZPM_BUF out = { 0 };
	bool same;

	zpm_render_plan(plan, false, &out);
	same = is_golden(t, zpm_arena_printf(t->arena, "%s/plan.txt", dir), out.data);
	return is_golden(t, zpm_arena_printf(t->arena, "%s/plan.json", dir),
		       zpm_arena_printf(t->arena, "%s\n", text)) &&
	       same;
}

static bool plan_is_golden(struct test *t, const char *dir, struct engine *engine,
	struct zpm_session *session, struct zpm_err *err)
{
	int result;

	assert_return_code(pthread_create(&engine->thread, NULL, run_engine, engine), 0);
	result = zpm_session_plan(session, err);
	zpm_world_free(session->world);
	session->world = NULL;
	shutdown(engine->listener, SHUT_RDWR);
	pthread_join(engine->thread, NULL);
	return result == 0 && render_as_expected(t, dir, session->plan);
}

static void test_case(void **state)
{
	struct test *t = *state;
	const char *dir = t->own;
	json_object *observed =
		keep_json(t, json_object_from_file(zpm_arena_printf(t->arena, "%s/observed.json", dir)));
	struct engine *engine = open_engine(t, observed);
	const struct zpm_session_options options = {
		.manifest = zpm_arena_printf(t->arena, "%s/manifest.yaml", dir),
		.endpoint = engine->endpoint,
	};
	struct zpm_session *session;
	struct zpm_err err = { 0 };
	bool same = false;

	assert_non_null(observed);
	if (zpm_session_load(&options, &session, &err) == 0) {
		fill_observed(t, session->desired, observed);
		same = plan_is_golden(t, dir, engine, session, &err);
	}
	zpm_session_free(session);
	close_engine(engine);
	if (err.code)
		fail_msg("%s", err.msg);
	assert_true(same);
}

/* All cases. */

static int setup_case(void **state)
{
	void *own = *state;

	setup_test(state);
	((struct test *)*state)->own = own;
	return 0;
}

static int is_case(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(void)
{
	static char dirs[MAX_CASES][256], names[MAX_CASES][128];
	struct CMUnitTest tests[MAX_CASES];
	struct dirent **entries;
	int n = scandir(GOLDEN, &entries, is_case, alphasort);

	if (n < 1 || n > MAX_CASES) {
		fprintf(stderr, "%d cases in %s\n", n, GOLDEN);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		snprintf(dirs[i], sizeof(dirs[i]), "%s/%.100s", GOLDEN, entries[i]->d_name);
		snprintf(names[i], sizeof(names[i]), "test_golden__%.100s", entries[i]->d_name);
		tests[i] = (struct CMUnitTest){ names[i], test_case, setup_case, teardown_test, dirs[i] };
		free(entries[i]);
	}
	free(entries);
	return _cmocka_run_group_tests("golden", tests, (size_t)n, NULL, NULL);
}
