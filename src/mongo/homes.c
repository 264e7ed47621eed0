/*
 * One client for each of them, made of the login that its document has: the
 * password goes from the document into the client, and is wiped with it.
 */
#include "mongo/homes.h"

#include "mongo/documents.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* More databases than these are asked by turns. */
#define MAX_THREADS 16

#define USUAL_PORT "27017"

struct home {
	const char *code, *host, *database; /* whose it is; "host:port" */
	struct zpm_mongo_client *client;    /* NULL: it cannot be asked, as `err` says */
	struct zpm_arena *arena;            /* of what it says */
	struct zpm_ptrs integrations, ports;
	struct zpm_err err;
};

static const char *with_port(const char *host, struct zpm_arena *arena)
{
	return strchr(host, ':') ? host : zpm_arena_printf(arena, "%s:" USUAL_PORT, host);
}

static bool is_noted(const struct zpm_homes *homes, const struct home *home)
{
	for (size_t i = 0; i < homes->list.n; i++) {
		const struct home *other = homes->list.v[i];

		if (!strcmp(other->code, home->code) && !strcmp(other->host, home->host) &&
			!strcmp(other->database, home->database))
			return true;
	}
	return false;
}

/* Text of the document as it is, for as long as that is there; "" for none. */
static const char *borrowed(const bson_t *document, const char *field)
{
	bson_iter_t iter;

	return bson_iter_init_find(&iter, document, field) && BSON_ITER_HOLDS_UTF8(&iter)
		       ? bson_iter_utf8(&iter, NULL)
		       : "";
}

/* Who logs in to the platform's database is nobody there, and its key is nobody else's to see. */
static struct zpm_mongo_client *client_of(const struct zpm_homes *homes, const bson_t *document)
{
	const char *username = borrowed(document, "db_username");
	struct zpm_mongo_access access = homes->platform->access;

	access.key = NULL;
	access.username = *username ? username : NULL;
	access.password = borrowed(document, "db_password");
	access.source = borrowed(document, "db_name");
	return zpm_mongo_new(&access);
}

void zpm_homes_note(struct zpm_homes *homes, const bson_t *document)
{
	struct zpm_arena *arena = homes->arena;
	const char *host = zpm_document_text(document, "db_host", arena);
	struct home *home;

	if (!host || !*host || !zpm_status_is_active(borrowed(document, "status")))
		return;
	home = zpm_arena_alloc(arena, sizeof(*home));
	home->code = zpm_document_text(document, "tenantcode", arena);
	home->host = with_port(host, arena);
	home->database = zpm_document_text(document, "db_name", arena);
	home->database = home->database ? home->database : "";
	if (!home->code || is_noted(homes, home))
		return;
	if (*home->database)
		home->client = client_of(homes, document);
	else
		(void)zpm_err_set(&home->err, ZPM_EINVALID, "%s: no db_name says which database", home->host);
	home->arena = zpm_arena_new();
	zpm_ptrs_push(arena, &homes->list, home);
}

/* Those that are being asked. */
struct round {
	const struct zpm_homes *homes;
	const struct zpm_catalog_names *names;
	atomic_size_t next;
};

static void ask(const struct zpm_catalog_names *names, struct home *home)
{
	struct zpm_query query = { .host = home->host,
		.database = home->database,
		.collection = names->integrations,
		.shape = &zpm_integration_shape };

	if (!home->client)
		return;
	if (zpm_mongo_find_objects(home->client, &query, home->arena, &home->integrations, &home->err) < 0)
		return;
	query.collection = names->ports;
	query.shape = &zpm_port_record_shape;
	(void)zpm_mongo_find_objects(home->client, &query, home->arena, &home->ports, &home->err);
}

static void *take_turns(void *arg)
{
	struct round *round = arg;
	size_t i;

	while ((i = atomic_fetch_add(&round->next, 1)) < round->homes->list.n)
		ask(round->names, round->homes->list.v[i]);
	return NULL;
}

/* A tenant speaks for itself alone, whatever its documents say. */
static void add_answer(const struct home *home, struct zpm_arena *arena, struct zpm_catalog *catalog)
{
	for (size_t i = 0; i < home->integrations.n; i++) {
		struct zpm_integration *integration = home->integrations.v[i];

		integration->code = home->code;
		zpm_ptrs_push(arena, &catalog->integrations, integration);
	}
	for (size_t i = 0; i < home->ports.n; i++) {
		struct zpm_port_record *port = home->ports.v[i];

		port->code = home->code;
		zpm_ptrs_push(arena, &catalog->ports, port);
	}
}

static void add_gap(const struct home *home, struct zpm_arena *arena, struct zpm_catalog *catalog)
{
	struct zpm_catalog_gap *gap = zpm_arena_alloc(arena, sizeof(*gap));

	gap->code = home->code;
	gap->why = zpm_arena_strdup(arena, home->err.msg);
	zpm_ptrs_push(arena, &catalog->gaps, gap);
}

void zpm_homes_read(
	struct zpm_homes *homes, const struct zpm_catalog_names *names, struct zpm_catalog *catalog)
{
	struct round round = { .homes = homes, .names = names };
	pthread_t threads[MAX_THREADS];
	size_t started = 0;

	/* One of them is this thread; where no other can be had, it asks all. */
	while (started + 1 < homes->list.n && started < MAX_THREADS &&
		!pthread_create(&threads[started], NULL, take_turns, &round))
		started++;
	take_turns(&round);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < homes->list.n; i++) {
		struct home *home = homes->list.v[i];

		if (home->err.code)
			add_gap(home, homes->arena, catalog);
		else
			add_answer(home, homes->arena, catalog);
	}
}

void zpm_homes_close(struct zpm_homes *homes)
{
	for (size_t i = 0; i < homes->list.n; i++) {
		struct home *home = homes->list.v[i];

		zpm_arena_join(homes->arena, home->arena);
		zpm_mongo_free(home->client);
	}
}
