/* Configs of the Swarm as zpm's memory. Facts: "Config" in Docker's API description v1.41. */
#include "driver/record.h"

#include "base/vault.h"
#include "docker/docker.h"
#include "driver/world.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct zpm_records {
	struct zpm_docker *docker;
	bool borrowed;
};

int zpm_records_open(const struct zpm_access *access, struct zpm_records **out, struct zpm_err *err)
{
	struct zpm_docker *docker;

	if (zpm_docker_new(access->endpoint, access->timeout, &docker, err) < 0)
		return -1;
	if (zpm_world_secure(docker, access->tls, err) < 0 || zpm_docker_hello(docker, err) < 0) {
		zpm_docker_free(docker);
		return -1;
	}
	*out = zpm_alloc(sizeof(**out));
	(*out)->docker = docker;
	return 0;
}

void zpm_records_close(struct zpm_records *records)
{
	if (!records)
		return;
	if (!records->borrowed)
		zpm_docker_free(records->docker);
	free(records);
}

struct zpm_records *zpm_records_of(const struct zpm_world *world)
{
	struct zpm_records *records = zpm_alloc(sizeof(*records));

	*records = (struct zpm_records){ .docker = world->docker, .borrowed = true };
	return records;
}

const char *zpm_record_name(const char *kind, const char *rest, struct zpm_arena *arena)
{
	const char *name = zpm_arena_printf(arena, ZPM_RECORD_PREFIX "%s-%s", kind, rest);
	char digest[ZPM_DIGEST_SIZE];

	if (strlen(name) <= ZPM_NAME_MAX)
		return name;
	zpm_digest(rest, strlen(rest), digest);
	return zpm_arena_printf(arena, ZPM_RECORD_PREFIX "%s-%.32s", kind, strchr(digest, ':') + 1);
}

struct collector {
	struct zpm_arena *arena;
	struct zpm_ptrs *list;
};

static void read_data(struct zpm_record *record, const char *text, struct zpm_arena *arena)
{
	char *data = zpm_arena_alloc(arena, strlen(text) + 1);
	ssize_t len = zpm_base64_decode(text, data);

	record->data = data;
	record->len = len < 0 ? 0 : (size_t)len;
	data[record->len] = '\0';
}

static int collect(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct collector *collector = ctx;
	struct zpm_arena *arena = collector->arena;
	struct zpm_record *record = zpm_arena_alloc(arena, sizeof(*record));
	const char *id = zpm_json_text(json, "ID"), *name = zpm_json_text(json, "Spec.Name");
	const char *data = zpm_json_text(json, "Spec.Data");
	json_object *labels = zpm_json_at(json, "Spec.Labels");

	(void)raw, (void)len;
	if (!id || !name)
		return zpm_answer_lacks("a name or an id", err);
	record->id = zpm_arena_strdup(arena, id);
	record->name = zpm_arena_strdup(arena, name);
	record->version = json_object_get_uint64(zpm_json_at(json, "Version.Index"));
	if (json_object_is_type(labels, json_type_object)) {
		json_object_object_foreach (labels, key, value) {
			zpm_pairs_set(arena, &record->labels, zpm_arena_strdup(arena, key),
				zpm_arena_strdup(arena, json_object_get_string(value)));
		}
	}
	read_data(record, data ? data : "", arena);
	zpm_ptrs_push(arena, collector->list, record);
	return 0;
}

int zpm_records_list(struct zpm_records *records, const char *label, const char *value,
	struct zpm_arena *arena, struct zpm_ptrs *list, struct zpm_err *err)
{
	struct collector collector = { arena, list };
	ZPM_BUF filter = { 0 };
	ZPM_BUF path = { 0 };
	ZPM_BUF answer = { 0 };
	ZPM_FREE char *escaped = NULL;

	zpm_buf_printf(&filter, "{\"label\":[\"%s=%s\"]}", label, value);
	escaped = zpm_docker_escape(filter.data);
	zpm_buf_printf(&path, "/configs?filters=%s", escaped);
	if (zpm_docker_get(records->docker, path.data, &answer, err) < 0 ||
		zpm_answer_each(&answer, collect, &collector, err) < 0)
		return zpm_err_wrap(err, "list configs");
	return 0;
}

static json_object *encode(
	const struct zpm_record *record, const struct zpm_pairs *labels, struct zpm_arena *arena)
{
	json_object *json = json_object_new_object(), *set = json_object_new_object();
	char *data = zpm_arena_alloc(arena, ZPM_BASE64_SIZE(record->len));

	zpm_base64(record->data, record->len, data);
	for (size_t i = 0; i < labels->n; i++)
		json_object_object_add(set, labels->v[i].key, json_object_new_string(labels->v[i].value));
	json_object_object_add(json, "Name", json_object_new_string(record->name));
	json_object_object_add(json, "Labels", set);
	json_object_object_add(json, "Data", json_object_new_string(data));
	return json;
}

static int post(struct zpm_records *records, const char *path, const struct zpm_record *record,
	const struct zpm_pairs *labels, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	json_object *json = encode(record, labels, arena);
	int result = zpm_docker_post(records->docker, path,
		json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN), NULL, err);

	json_object_put(json);
	zpm_arena_free(arena);
	return result;
}

int zpm_record_create(struct zpm_records *records, const struct zpm_record *record, struct zpm_err *err)
{
	return post(records, "/configs/create", record, &record->labels, err);
}

/* Swarm wants to see that the content does not change. */
int zpm_record_relabel(struct zpm_records *records, const struct zpm_record *record,
	const struct zpm_pairs *labels, struct zpm_err *err)
{
	ZPM_BUF path = { 0 };

	zpm_buf_printf(&path, "/configs/%s/update?version=%" PRIu64, record->id, record->version);
	return post(records, path.data, record, labels, err);
}

int zpm_record_remove(struct zpm_records *records, const char *id, struct zpm_err *err)
{
	ZPM_BUF path = { 0 };

	zpm_buf_printf(&path, "/configs/%s", id);
	if (zpm_docker_delete(records->docker, path.data, err) < 0 && err->code != ZPM_ENOTFOUND)
		return -1;
	return 0;
}

int zpm_records_forget(struct zpm_records *records, const char *platform, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_ptrs list = { 0 };
	int result = zpm_records_list(records, ZPM_LABEL_RECORD, platform, arena, &list, err);

	for (size_t i = 0; !result && i < list.n; i++)
		result = zpm_record_remove(records, ((const struct zpm_record *)list.v[i])->id, err);
	zpm_arena_free(arena);
	return result;
}
