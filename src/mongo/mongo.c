/* Connections by server, and commands on them. */
#include "mongo/client.h"

#include "base/clock.h"
#include "base/metrics.h"

#include <stdlib.h>
#include <string.h>

#define WHITE " \t\r\n\v\f"

static char *copy(const char *text)
{
	return text ? zpm_strdup(text) : NULL;
}

/* An editor ends the last line; a password does not mean that. */
static char *copy_password(const char *text)
{
	char *password = copy(text);
	size_t len = password ? strlen(password) : 0;

	if (len && password[len - 1] == '\n')
		password[--len] = '\0';
	if (len && password[len - 1] == '\r')
		password[--len] = '\0';
	return password;
}

/* As servers read it: without blanks, and of several keys, "- " before each, the first. */
static char *copy_key(const char *text)
{
	size_t len = 0;
	char *key;

	if (!text)
		return NULL;
	text += strspn(text, WHITE);
	if (text[0] == '-' && strchr(WHITE, text[1]))
		text += 1;
	key = zpm_alloc(strlen(text) + 1);
	for (const char *c = text; *c && !(*c == '\n' && c[1] == '-'); c++)
		if (!strchr(WHITE, *c))
			key[len++] = *c;
	return key;
}

static void wipe(const char *secret)
{
	if (secret)
		explicit_bzero((char *)secret, strlen(secret));
	free((char *)secret);
}

struct zpm_mongo_client *zpm_mongo_new(const struct zpm_mongo_access *access)
{
	struct zpm_mongo_client *mongo = zpm_alloc(sizeof(*mongo));

	mongo->lib = zpm_mongoc_load(&mongo->failure);
	mongo->access = *access;
	mongo->access.username = copy(access->username);
	mongo->access.password = copy_password(access->password);
	mongo->access.source = copy(access->source);
	mongo->access.key = copy_key(access->key);
	mongo->access.ca = copy(access->ca);
	mongo->access.pem = copy(access->pem);
	if (!access->connect_timeout)
		mongo->access.connect_timeout = ZPM_MONGO_CONNECT_TIMEOUT;
	if (!access->timeout)
		mongo->access.timeout = ZPM_MONGO_TIMEOUT;
	pthread_mutex_init(&mongo->lock, NULL);
	return mongo;
}

static void free_link(const struct zpm_mongo_client *mongo, struct zpm_mongo_link *link)
{
	if (link->client)
		mongo->lib->client_destroy(link->client);
	pthread_mutex_destroy(&link->lock);
	free(link);
}

void zpm_mongo_free(struct zpm_mongo_client *mongo)
{
	if (!mongo)
		return;
	for (struct zpm_mongo_link *link = mongo->links, *next; link; link = next) {
		next = link->next;
		free_link(mongo, link);
	}
	wipe(mongo->access.password);
	wipe(mongo->access.key);
	free((char *)mongo->access.username);
	free((char *)mongo->access.source);
	free((char *)mongo->access.ca);
	free((char *)mongo->access.pem);
	pthread_mutex_destroy(&mongo->lock);
	free(mongo);
}

/* The server's, made on first sight. */
static struct zpm_mongo_link *link_to(struct zpm_mongo_client *mongo, const char *host)
{
	struct zpm_mongo_link *link;

	pthread_mutex_lock(&mongo->lock);
	for (link = mongo->links; link && strcmp(link->host, host) != 0; link = link->next)
		;
	if (!link) {
		link = zpm_alloc(sizeof(*link) + strlen(host) + 1);
		memcpy(link->host, host, strlen(host) + 1);
		pthread_mutex_init(&link->lock, NULL);
		link->by_key = mongo->access.key && !mongo->access.username;
		link->next = mongo->links;
		mongo->links = link;
	}
	pthread_mutex_unlock(&mongo->lock);
	return link;
}

static bool set_options(
	const struct zpm_mongoc *lib, mongoc_uri_t *uri, const struct zpm_mongo_access *access)
{
	int32_t connect = (int32_t)(access->connect_timeout / ZPM_MS);
	int32_t timeout = (int32_t)(access->timeout / ZPM_MS);

	return lib->uri_set_option_as_bool(uri, MONGOC_URI_DIRECTCONNECTION, true) &&
	       lib->uri_set_option_as_bool(uri, MONGOC_URI_SERVERSELECTIONTRYONCE, true) &&
	       lib->uri_set_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, connect) &&
	       lib->uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, connect) &&
	       lib->uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, timeout) &&
	       /* A repeated write is to be seen for what it is. */
	       lib->uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, false) &&
	       lib->uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, false);
}

static bool set_tls(const struct zpm_mongoc *lib, mongoc_uri_t *uri, const struct zpm_mongo_access *access)
{
	if (!access->tls)
		return true;
	return lib->uri_set_option_as_bool(uri, MONGOC_URI_TLS, true) &&
	       (!access->ca || lib->uri_set_option_as_utf8(uri, MONGOC_URI_TLSCAFILE, access->ca)) &&
	       (!access->pem ||
		       lib->uri_set_option_as_utf8(uri, MONGOC_URI_TLSCERTIFICATEKEYFILE, access->pem));
}

static bool set_login(
	const struct zpm_mongoc *lib, mongoc_uri_t *uri, const struct zpm_mongo_access *access, bool by_key)
{
	if (by_key)
		return lib->uri_set_username(uri, "__system") && lib->uri_set_password(uri, access->key) &&
		       lib->uri_set_auth_source(uri, "local") &&
		       lib->uri_set_auth_mechanism(uri, "SCRAM-SHA-256");
	return !access->username ||
	       (lib->uri_set_username(uri, access->username) &&
		       lib->uri_set_password(uri, access->password) &&
		       lib->uri_set_auth_source(uri, access->source ? access->source : "admin"));
}

static int connect_to(const struct zpm_mongo_client *mongo, struct zpm_mongo_link *link, struct zpm_err *err)
{
	const struct zpm_mongoc *lib = mongo->lib;
	const char *colon = strrchr(link->host, ':');
	long port = colon ? strtol(colon + 1, NULL, 10) : 0;
	char name[256];
	mongoc_uri_t *uri;

	if (!lib) {
		*err = mongo->failure;
		return -1;
	}
	if (!colon || port < 1 || port > UINT16_MAX || (size_t)(colon - link->host) >= sizeof(name))
		return zpm_err_set(err, ZPM_EINVALID, "'%s' is no host:port", link->host);
	memcpy(name, link->host, (size_t)(colon - link->host));
	name[colon - link->host] = '\0';
	uri = lib->uri_new_for_host_port(name, (uint16_t)port);
	if (uri && set_options(lib, uri, &mongo->access) && set_tls(lib, uri, &mongo->access) &&
		set_login(lib, uri, &mongo->access, link->by_key))
		link->client = lib->client_new_from_uri(uri);
	lib->uri_destroy(uri);
	if (!link->client)
		return zpm_err_set(err, ZPM_EINVALID, "%s: MongoDB's library does not take such a connection",
			link->host);
	lib->client_set_error_api(link->client, MONGOC_ERROR_API_VERSION_2);
	lib->client_set_appname(link->client, "zpm");
	return 0;
}

/* A command and what is made of its answer. */
struct call {
	const char *database;
	const bson_t *command;
	const struct zpm_mongo_sink *sink;
	int *code;
};

static int ask(const struct zpm_mongo_client *mongo, struct zpm_mongo_link *link, const struct call *call,
	struct zpm_err *err)
{
	bson_error_t error = { 0 };
	bson_t reply;
	int result;

	if (!link->client && connect_to(mongo, link, err) < 0)
		return -1;
	if (!mongo->lib->client_command_simple(
		    link->client, call->database, call->command, NULL, &reply, &error))
		result = zpm_mongo_fail(link->host, &error, call->code, err);
	else if (reply.len > ZPM_MONGO_MAX_ANSWER)
		result = zpm_err_set(err, ZPM_EFAILED, "%s: the answer is too long", link->host);
	else
		result = call->sink->take(call->sink->ctx, link->host, &reply, err);
	bson_destroy(&reply);
	return result;
}

/* The user may be one that the server does not know yet: then it is asked by key, from then on. */
static int ask_as_somebody(const struct zpm_mongo_client *mongo, struct zpm_mongo_link *link,
	const struct call *call, struct zpm_err *err)
{
	int result = ask(mongo, link, call, err);

	if (result < 0 && *call->code == ZPM_MONGO_AUTHENTICATION_FAILED && mongo->access.key &&
		!link->by_key) {
		mongo->lib->client_destroy(link->client);
		link->client = NULL;
		link->by_key = true;
		*call->code = 0;
		result = ask(mongo, link, call, err);
	}
	if (result < 0 && *call->code == ZPM_MONGO_AUTHENTICATION_FAILED && link->by_key)
		return zpm_err_set(err, ZPM_EFAILED,
			"%s: the key file is not the server's, or it is a router, which needs a user%s",
			link->host,
			mongo->access.username ? "; the user or the password is not accepted" : "");
	return result;
}

static int run(const struct zpm_mongo_client *mongo, struct zpm_mongo_link *link, const struct call *call,
	struct zpm_err *err)
{
	int result;

	if (zpm_clock_now() < link->silent_until) {
		*err = link->silence;
		return -1;
	}
	result = ask_as_somebody(mongo, link, call, err);
	if (result < 0 && link->client && err->code == ZPM_EUNAVAIL && !*call->code) {
		link->silence = *err;
		link->silent_until = zpm_clock_now() + mongo->access.connect_timeout;
	}
	return result;
}

int zpm_mongo_run_bson(struct zpm_mongo_client *mongo, const char *host, const char *database,
	const bson_t *command, const struct zpm_mongo_sink *sink, int *code, struct zpm_err *err)
{
	struct zpm_mongo_link *link = link_to(mongo, host);
	const struct call call = { database, command, sink, code };
	int64_t began;
	int result;

	*code = 0;
	pthread_mutex_lock(&link->lock);
	began = zpm_clock_now();
	result = run(mongo, link, &call, err);
	pthread_mutex_unlock(&link->lock);
	zpm_timing_add(ZPM_TIMING_MONGO_CALL, zpm_clock_now() - began);
	zpm_metric_add(ZPM_METRIC_MONGO_CALLS, 1);
	if (result < 0)
		zpm_metric_add(ZPM_METRIC_MONGO_FAILURES, 1);
	return result;
}

static int write_json(void *ctx, const char *host, const bson_t *reply, struct zpm_err *err)
{
	struct zpm_buf *answer = ctx;
	char *json;

	if (!answer)
		return 0;
	json = bson_as_relaxed_extended_json(reply, NULL);
	if (!json)
		return zpm_err_set(err, ZPM_EFAILED, "%s: the answer is no BSON", host);
	zpm_buf_puts(answer, json);
	bson_free(json);
	return 0;
}

int zpm_mongo_run(struct zpm_mongo_client *mongo, const char *host, const char *database, const char *command,
	struct zpm_buf *answer, int *code, struct zpm_err *err)
{
	const struct zpm_mongo_sink sink = { write_json, answer };
	int unwanted, *server_code = code ? code : &unwanted, result;
	bson_error_t error;
	bson_t *bson = bson_new_from_json((const uint8_t *)command, -1, &error);

	*server_code = 0;
	if (answer)
		zpm_buf_clear(answer);
	if (!bson)
		return zpm_err_set(err, ZPM_EINVALID, "no command of MongoDB's: %s", error.message);
	result = zpm_mongo_run_bson(mongo, host, database, bson, &sink, server_code, err);
	bson_destroy(bson);
	return result;
}

int zpm_mongo_write(struct zpm_mongo_client *mongo, const char *host, const char *database,
	const char *command, struct zpm_buf *answer, int *code, struct zpm_err *err)
{
	const struct zpm_guard *guard = &mongo->guard;

	if (guard->may_write && guard->may_write(guard->ctx, err) < 0)
		return -1;
	if (zpm_mongo_run(mongo, host, database, command, answer, code, err) < 0)
		return -1;
	atomic_fetch_add(&mongo->writes, 1);
	return 0;
}

void zpm_mongo_guard(struct zpm_mongo_client *mongo, const struct zpm_guard *guard)
{
	mongo->guard = *guard;
}

void zpm_mongo_retry(struct zpm_mongo_client *mongo)
{
	pthread_mutex_lock(&mongo->lock);
	for (struct zpm_mongo_link *link = mongo->links; link; link = link->next) {
		pthread_mutex_lock(&link->lock);
		link->silent_until = 0;
		pthread_mutex_unlock(&link->lock);
	}
	pthread_mutex_unlock(&mongo->lock);
}

unsigned zpm_mongo_writes(const struct zpm_mongo_client *mongo)
{
	return atomic_load(&mongo->writes);
}
