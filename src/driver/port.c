/*
 * The port of an integration's service, as a document whose _id it is: so the
 * server sees to it that nobody is given one twice, whoever else gives them out.
 */
#include "driver/mongo_side.h"

#include "model/catalog.h"
#include "model/shape.h"

#include <json-c/json.h>
#include <string.h>

static json_object *ids_of(const struct zpm_objects *desired)
{
	json_object *ids = json_object_new_array();

	for (size_t i = 0; i < desired->list.n; i++) {
		const struct zpm_object *want = desired->list.v[i];
		const struct zpm_port_record *record = want->spec;

		if (want->kind->id == ZPM_KIND_PORT)
			json_object_array_add(ids, json_object_new_int64(record->port));
	}
	return ids;
}

/* Consumes the ids. */
static json_object *find_command(const struct zpm_world *world, json_object *ids)
{
	json_object *command = json_object_new_object(), *in = json_object_new_object();
	json_object *filter = json_object_new_object();

	json_object_object_add(in, "$in", ids);
	json_object_object_add(filter, "_id", in);
	json_object_object_add(command, "find", json_object_new_string(world->mongo->ports));
	json_object_object_add(command, "filter", filter);
	json_object_object_add(
		command, "batchSize", json_object_new_int64((int64_t)json_object_array_length(ids)));
	json_object_object_add(command, "singleBatch", json_object_new_boolean(true));
	return command;
}

static const char *text_of(json_object *document, const char *key, struct zpm_arena *arena)
{
	const char *text = zpm_json_text(document, key);

	return text ? zpm_arena_strdup(arena, text) : NULL;
}

static const struct zpm_object *wanting(const struct zpm_objects *desired, int64_t port)
{
	for (size_t i = 0; i < desired->list.n; i++) {
		const struct zpm_object *want = desired->list.v[i];

		if (want->kind->id == ZPM_KIND_PORT &&
			((const struct zpm_port_record *)want->spec)->port == port)
			return want;
	}
	return NULL;
}

/* Under the name of who wants the port: if it is another's, the records differ. */
static void add_document(const struct zpm_world *world, struct zpm_objects *have, json_object *document)
{
	struct zpm_port_record *record = zpm_shape_new(&zpm_port_record_shape, have->arena);
	const struct zpm_object *want = wanting(world->desired, zpm_json_int(document, "_id"));

	if (!want)
		return;
	record->name = want->name;
	record->port = zpm_json_int(document, "port");
	if (zpm_json_at(document, "integration_id"))
		record->integration = zpm_json_int(document, "integration_id");
	record->executable = text_of(document, "executable", have->arena);
	record->code = text_of(document, "tenantcode", have->arena);
	zpm_objects_add(have, zpm_mongo_object(world, ZPM_KIND_PORT, want->name, record, NULL, have->arena));
}

static int observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	json_object *ids, *answer, *batch;
	const char *primary;
	int code;

	if (!world->mongo || !world->mongo->ports)
		return 0;
	ids = ids_of(world->desired);
	if (!json_object_array_length(ids)) {
		json_object_put(ids);
		return 0;
	}
	if (zpm_mongo_find_primary(world, world->mongo->meta_db, have->arena, &primary, err) < 0) {
		json_object_put(ids);
		return -1;
	}
	if (zpm_mongo_ask(world, primary, world->mongo->catalog, find_command(world, ids), false, &answer,
		    &code, err) < 0)
		return -1;
	batch = zpm_json_at(answer, "cursor.firstBatch");
	for (size_t i = 0; batch && i < json_object_array_length(batch); i++)
		add_document(world, have, json_object_array_get_idx(batch, i));
	json_object_put(answer);
	return 0;
}

static json_object *document_of(const struct zpm_port_record *record)
{
	json_object *document = json_object_new_object();

	json_object_object_add(document, "_id", json_object_new_int64(record->port));
	json_object_object_add(document, "port", json_object_new_int64(record->port));
	if (record->integration != ZPM_UNSET)
		json_object_object_add(
			document, "integration_id", json_object_new_int64(record->integration));
	json_object_object_add(document, "executable", json_object_new_string(record->executable));
	if (record->code)
		json_object_object_add(document, "tenantcode", json_object_new_string(record->code));
	return document;
}

static json_object *insert_command(const struct zpm_world *world, const struct zpm_port_record *record)
{
	json_object *command = json_object_new_object(), *documents = json_object_new_array();

	json_object_array_add(documents, document_of(record));
	json_object_object_add(command, "insert", json_object_new_string(world->mongo->ports));
	json_object_object_add(command, "documents", documents);
	return command;
}

static int create(const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena,
	const char **id, struct zpm_err *err)
{
	*id = want->real;
	return zpm_mongo_write_documents(
		world, world->mongo->catalog, insert_command(world, want->spec), arena, err);
}

const struct zpm_driver zpm_port_driver = {
	.kind = &zpm_kinds[ZPM_KIND_PORT],
	.observe = observe,
	.create = create,
};
