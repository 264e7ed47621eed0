/* What is read of the platform's database, in one go. */
#include "mongo/catalog.h"

#include "model/feature.h"
#include "model/shape.h"
#include "mongo/documents.h"
#include "mongo/homes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A catalog in the making. */
struct reader {
	struct zpm_mongo_client *mongo;
	const struct zpm_catalog_query *query;
	struct zpm_arena *arena;
	struct zpm_catalog *catalog;
	struct zpm_homes homes;
};

/* A list of it, the tenants' or their databases'. */
struct tenancy {
	struct reader *reader;
	const struct zpm_shape *shape;
	struct zpm_ptrs *list;
};

static int take_tenancy(void *ctx, const bson_t *document, struct zpm_err *err)
{
	const struct tenancy *tenancy = ctx;
	struct zpm_arena *arena = tenancy->reader->arena;
	void *object = zpm_shape_new(tenancy->shape, arena);

	(void)err;
	zpm_document_decode(document, tenancy->shape, object, arena);
	zpm_ptrs_push(arena, tenancy->list, object);
	if (tenancy->shape != &zpm_tenant_backup_shape)
		zpm_homes_note(&tenancy->reader->homes, document);
	return 0;
}

static struct zpm_query query_of(
	const struct reader *reader, const char *collection, const struct zpm_shape *shape)
{
	return (struct zpm_query){ .host = reader->query->host,
		.database = reader->query->from->database,
		.collection = collection,
		.shape = shape };
}

static int read_tenancy(struct reader *reader, const char *collection, const struct zpm_shape *shape,
	struct zpm_ptrs *list, struct zpm_err *err)
{
	static const char *const logins[] = { "db_username", "db_password", NULL };
	struct tenancy tenancy = { reader, shape, list };
	struct zpm_query query = query_of(reader, collection, shape);

	query.fields = shape == &zpm_tenant_backup_shape ? NULL : logins;
	return zpm_mongo_find(reader->mongo, &query, take_tenancy, &tenancy, err);
}

static int read_objects(const struct reader *reader, const char *collection, const struct zpm_shape *shape,
	struct zpm_ptrs *list, struct zpm_err *err)
{
	const struct zpm_query query = query_of(reader, collection, shape);

	return zpm_mongo_find_objects(reader->mongo, &query, reader->arena, list, err);
}

static int read_platform(struct reader *reader, struct zpm_err *err)
{
	const struct zpm_from_integrations *from = reader->query->from;
	const struct zpm_catalog_names *names = from->collections;
	struct zpm_catalog *catalog = reader->catalog;

	if (read_tenancy(reader, names->tenants, &zpm_tenant_shape, &catalog->tenants, err) < 0 ||
		read_tenancy(reader, names->databases, &zpm_tenant_database_shape, &catalog->databases, err) <
			0 ||
		read_tenancy(reader, names->backups, &zpm_tenant_backup_shape, &catalog->backups, err) < 0)
		return -1;
	if (read_objects(reader, names->integrations, &zpm_integration_shape, &catalog->integrations, err) <
			0 ||
		read_objects(reader, names->ports, &zpm_port_record_shape, &catalog->ports, err) < 0)
		return -1;
	return from->params ? read_objects(reader, from->params->collection, &zpm_app_params_shape,
				      &catalog->params, err)
			    : 0;
}

/* Nothing that was read before the failure may pass for all there is. */
static void forget(struct zpm_catalog *catalog, const char *why, struct zpm_arena *arena)
{
	struct zpm_catalog_gap *gap = zpm_arena_alloc(arena, sizeof(*gap));

	*catalog = (struct zpm_catalog){ .features = catalog->features };
	gap->why = zpm_arena_strdup(arena, why);
	zpm_ptrs_push(arena, &catalog->gaps, gap);
}

/* A value of the manifest is text, and may mean a number or a truth in a document. */
static void append_value(bson_t *values, const char *text)
{
	bool truth = !strcmp(text, "true");
	char *end;
	double number = strtod(text, &end);

	BSON_APPEND_UTF8(values, "0", text);
	if (*text && !*end)
		BSON_APPEND_DOUBLE(values, "1", number);
	else if (truth || !strcmp(text, "false"))
		BSON_APPEND_BOOL(values, "1", truth);
}

static bson_t *filter_of(const struct zpm_pairs *pairs)
{
	bson_t *filter = bson_new();

	for (size_t i = 0; i < pairs->n; i++) {
		bson_t in, values;

		BSON_APPEND_DOCUMENT_BEGIN(filter, pairs->v[i].key, &in);
		BSON_APPEND_ARRAY_BEGIN(&in, "$in", &values);
		append_value(&values, pairs->v[i].value);
		bson_append_array_end(&in, &values);
		bson_append_document_end(filter, &in);
	}
	return filter;
}

static bool means_on(const char *text)
{
	static const char *const words[] = { "true", "1", "yes", "on", "enabled", "active", NULL };

	for (size_t i = 0; words[i]; i++)
		if (!strcasecmp(words[i], text))
			return true;
	return false;
}

/* The field of one document. */
struct sentence {
	const char *field;
	struct zpm_feature_state *state;
	struct zpm_arena *arena;
};

static int take_state(void *ctx, const bson_t *document, struct zpm_err *err)
{
	const struct sentence *sentence = ctx;
	const char *text = zpm_document_text(document, sentence->field, sentence->arena);

	(void)err;
	sentence->state->said = text != NULL;
	sentence->state->enabled = text && means_on(text);
	return 0;
}

static void read_feature(const struct reader *reader, const struct zpm_feature *feature)
{
	const struct zpm_feature_source *source = feature->from_database;
	const char *const fields[] = { source->field, NULL };
	struct zpm_feature_state *state = zpm_arena_alloc(reader->arena, sizeof(*state));
	struct sentence sentence = { source->field, state, reader->arena };
	struct zpm_query query = { .host = reader->query->host,
		.database = source->database ? source->database : reader->query->from->database,
		.collection = source->collection,
		.fields = fields,
		.most = 1 };
	bson_t *filter = filter_of(&source->filter);
	struct zpm_err err = { 0 };

	query.filter = filter;
	state->name = feature->name;
	if (zpm_mongo_find(reader->mongo, &query, take_state, &sentence, &err) < 0)
		state->why = zpm_arena_strdup(reader->arena, err.msg);
	bson_destroy(filter);
	zpm_ptrs_push(reader->arena, &reader->catalog->features, state);
}

void zpm_mongo_read_catalog(struct zpm_mongo_client *mongo, const struct zpm_catalog_query *query,
	struct zpm_arena *arena, struct zpm_catalog *catalog)
{
	struct reader reader = { mongo, query, arena, catalog, { mongo, arena, { 0 } } };
	struct zpm_err err = { 0 };

	for (size_t i = 0; i < query->features->n; i++) {
		const struct zpm_feature *feature = query->features->v[i];

		if (feature->from_database)
			read_feature(&reader, feature);
	}
	if (!query->from)
		return;
	if (read_platform(&reader, &err) < 0)
		forget(catalog, err.msg, arena);
	else
		zpm_homes_read(&reader.homes, query->from->collections, catalog);
	zpm_homes_close(&reader.homes);
}
