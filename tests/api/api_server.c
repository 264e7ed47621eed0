/*
 * The API of a manifest, with somebody behind it who does as standard input says: what it is asked for is
 * printed.
 *
 *   api-server MANIFEST [LIMIT=MILLISECONDS...]
 */
#include "api/parts.h"
#include "base/clock.h"
#include "base/vault.h"
#include "manifest/api_files.h"
#include "manifest/manifest.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HELD 1000

static const char *const documents[] = { "status", "plan", "history", "integrations", "tenants" };
static const char *const ops[] = { "start", "stop", "apply", "pause", "resume", "rollback", "webhook" };

struct server {
	struct zpm_manifest *manifest;
	struct zpm_api *api;
	pthread_mutex_t lock; /* of output and what follows */
	bool holds;           /* commands are answered by `release` only */
	struct zpm_api_call *held[MAX_HELD];
	size_t n;
};

static void add(json_object *json, const char *name, const char *text)
{
	json_object_object_add(json, name, text ? json_object_new_string(text) : NULL);
}

static void print_command(const struct zpm_api_command *command)
{
	json_object *json = json_object_new_object();

	add(json, "op", ops[command->op]);
	add(json, "service", command->service);
	add(json, "reason", command->reason);
	add(json, "by", command->by);
	json_object_object_add(json, "revision", json_object_new_int64(command->revision));
	printf("command %s\n", json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
}

static void on_command(void *ctx, const struct zpm_api_command *command, struct zpm_api_call *call)
{
	struct server *server = ctx;
	bool holds, missing = command->service && !strcmp(command->service, "missing");

	pthread_mutex_lock(&server->lock);
	print_command(command);
	holds = server->holds;
	if (holds)
		server->held[server->n++ % MAX_HELD] = call;
	pthread_mutex_unlock(&server->lock);
	if (holds)
		return;
	if (missing)
		zpm_api_answer(call, 404,
			"{\"error\":{\"code\":\"not_found\",\"message\":\"there is no such service\"}}");
	else
		zpm_api_answer(call, 200, "{\"done\":true}");
}

static void on_audit(void *ctx, const char *line)
{
	struct server *server = ctx;

	pthread_mutex_lock(&server->lock);
	printf("audit %s\n", line);
	pthread_mutex_unlock(&server->lock);
}

static void on_metrics(void *ctx, struct zpm_buf *out)
{
	(void)ctx;
	zpm_buf_puts(out, "# TYPE zpm_test gauge\nzpm_test 1\n");
}

static int read_files(
	struct server *server, struct zpm_vault *vault, struct zpm_api_files *files, struct zpm_err *err)
{
	return zpm_manifest_api_files(server->manifest->platform->api, server->manifest->folder, vault,
		server->manifest->arena, files, err);
}

static void show(struct server *server, const char *name, const char *path)
{
	FILE *file = fopen(path, "r");
	ZPM_BUF text = { 0 };
	char piece[4096];
	size_t len;

	for (; file && (len = fread(piece, 1, sizeof(piece), file)) > 0;)
		zpm_buf_add(&text, piece, len);
	if (file)
		fclose(file);
	for (size_t i = 0; i < ZPM_COUNT(documents); i++)
		if (!strcmp(name, documents[i]))
			zpm_api_show(server->api, (enum zpm_api_document)i, text.data);
}

static void hold(struct server *server)
{
	pthread_mutex_lock(&server->lock);
	server->holds = true;
	pthread_mutex_unlock(&server->lock);
}

static void release(struct server *server, unsigned status, const char *json)
{
	struct zpm_api_call *held[MAX_HELD];
	size_t n;

	pthread_mutex_lock(&server->lock);
	n = server->n;
	memcpy(held, server->held, sizeof(held));
	server->n = 0;
	pthread_mutex_unlock(&server->lock);
	for (size_t i = 0; i < n; i++)
		zpm_api_answer(held[i], status, json);
}

static void reload(struct server *server)
{
	struct zpm_vault *vault = zpm_vault_new();
	struct zpm_api_files files;
	struct zpm_err err;
	bool failed =
		read_files(server, vault, &files, &err) < 0 || zpm_api_reload(server->api, &files, &err) < 0;

	printf("reload %s\n", failed ? err.msg : "done");
	zpm_vault_free(vault);
}

/* NAME REST: cuts the name off and returns the rest. */
static char *split(char *text)
{
	char *rest = text + strcspn(text, " ");

	if (*rest)
		*rest++ = '\0';
	return rest;
}

/* False: that is all. */
static bool obey(struct server *server, char *line)
{
	char *rest = split(line), *more;

	if (!strcmp(line, "stop"))
		return false;
	if (!strcmp(line, "show") || !strcmp(line, "publish") || !strcmp(line, "release"))
		more = split(rest);
	else
		more = rest;
	if (!strcmp(line, "show"))
		show(server, rest, more);
	else if (!strcmp(line, "publish"))
		zpm_api_publish(server->api, rest, more);
	else if (!strcmp(line, "unready"))
		zpm_api_set_unready(server->api, rest);
	else if (!strcmp(line, "ready"))
		zpm_api_set_unready(server->api, NULL);
	else if (!strcmp(line, "reload"))
		reload(server);
	else if (!strcmp(line, "hold"))
		hold(server);
	else if (!strcmp(line, "release"))
		release(server, (unsigned)strtoul(rest, NULL, 10), more);
	return true;
}

static void set_limit(struct zpm_api_limits *limits, char *text)
{
	char *value = text + strcspn(text, "=");
	const struct {
		const char *name;
		int64_t *at;
	} all[] = { { "tick", &limits->tick }, { "call", &limits->call }, { "silence", &limits->silence },
		{ "head", &limits->head }, { "body", &limits->body }, { "answer", &limits->answer },
		{ "parting", &limits->parting } };

	*value++ = '\0';
	for (size_t i = 0; i < ZPM_COUNT(all); i++)
		if (!strcmp(text, all[i].name))
			*all[i].at = strtoll(value, NULL, 10) * ZPM_MS;
	if (!strcmp(text, "idle"))
		limits->idle = (unsigned)strtoul(value, NULL, 10);
}

static int start(struct server *server, const struct zpm_api_limits *limits, struct zpm_err *err)
{
	const struct zpm_api_backend backend = {
		.command = on_command, .audit = on_audit, .metrics = on_metrics, .ctx = server
	};
	struct zpm_vault *vault = zpm_vault_new();
	struct zpm_api_files files;
	int result = read_files(server, vault, &files, err);

	if (!result)
		result = zpm_api_start_with(
			server->manifest->platform->api, &files, &backend, limits, &server->api, err);
	zpm_vault_free(vault);
	return result;
}

static int load(struct server *server, const char *path)
{
	struct zpm_err err;

	if (zpm_manifest_load(path, NULL, &server->manifest, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		return -1;
	}
	for (size_t i = 0; i < server->manifest->diags.list.n; i++)
		fprintf(stderr, "%s\n", ((const struct zpm_diag *)server->manifest->diags.list.v[i])->msg);
	return server->manifest->platform ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct server server = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct zpm_api_limits limits = zpm_api_default_limits;
	struct zpm_err err;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	for (int i = 2; i < argc; i++)
		set_limit(&limits, argv[i]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2 || load(&server, argv[1]) < 0) {
		zpm_manifest_free(server.manifest);
		return 2;
	}
	if (start(&server, &limits, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		zpm_manifest_free(server.manifest);
		return 1;
	}
	printf("port %u\n", zpm_api_port(server.api));
	while ((len = getline(&line, &room, stdin)) > 0) {
		line[len - (line[len - 1] == '\n')] = '\0';
		if (!obey(&server, line))
			break;
		printf("ok\n");
	}
	zpm_api_stop(server.api);
	release(&server, 200, "{}");
	zpm_manifest_free(server.manifest);
	free(line);
	return 0;
}
