/* Docker's configuration file, and which credentials it holds for whom. */
#include "docker/credentials.h"

#include "base/list.h"
#include "base/text.h"
#include "docker/credentials_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct zpm_credentials {
	pthread_mutex_t lock; /* guards all below */
	struct zpm_arena *arena;
	struct zpm_vault *vault; /* of the file and the headers */
	bool loaded;
	const char *path;   /* of the configuration */
	const char *config; /* NULL: there is none */
	size_t config_len;
	struct zpm_pairs found; /* server and header, which may be NULL */
	struct zpm_strs troubles;
	size_t told; /* how many of them */
};

struct zpm_credentials *zpm_credentials_new(void)
{
	struct zpm_credentials *credentials = zpm_alloc(sizeof(*credentials));

	pthread_mutex_init(&credentials->lock, NULL);
	credentials->arena = zpm_arena_new();
	return credentials;
}

void zpm_credentials_free(struct zpm_credentials *credentials)
{
	if (!credentials)
		return;
	zpm_vault_free(credentials->vault);
	zpm_arena_free(credentials->arena);
	pthread_mutex_destroy(&credentials->lock);
	free(credentials);
}

static void complain(struct zpm_credentials *c, const char *what)
{
	zpm_strs_push(c->arena, &c->troubles,
		zpm_arena_printf(c->arena, "no credentials for registries: '%s': %s", c->path, what));
}

static const char *find_config(struct zpm_arena *arena)
{
	const char *folder = getenv("DOCKER_CONFIG"), *home = getenv("HOME");

	if (folder && *folder)
		return zpm_arena_printf(arena, "%s/config.json", folder);
	return home && *home ? zpm_arena_printf(arena, "%s/.docker/config.json", home) : NULL;
}

static void read_config(struct zpm_credentials *c, int fd)
{
	struct stat stat;
	char *text;
	ssize_t len;

	if (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode)) {
		complain(c, "it is not an ordinary file");
		return;
	}
	if ((size_t)stat.st_size > ZPM_CREDENTIALS_MAX_CONFIG) {
		complain(c, "it is larger than 1 MiB, which no configuration of docker's is");
		return;
	}
	/* One byte more ends the text. */
	len = zpm_vault_read(c->vault, fd, (size_t)stat.st_size + 1, &text);
	if (len < 0 || len > stat.st_size) {
		complain(c, len < 0 ? strerror(errno) : "it changes while it is read");
		return;
	}
	c->config = text;
	c->config_len = (size_t)len;
}

static void load(struct zpm_credentials *c)
{
	int fd;

	c->loaded = true;
	c->path = find_config(c->arena);
	if (!c->path)
		return;
	/* Never waits for a pipe. */
	fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			complain(c, strerror(errno));
		return;
	}
	c->vault = zpm_vault_new();
	read_config(c, fd);
	close(fd);
}

static json_object *member(json_object *json, const char *key)
{
	json_object *value = NULL;

	if (json_object_is_type(json, json_type_object))
		json_object_object_get_ex(json, key, &value);
	return value;
}

/* Older files have "https://registry.example.net/v1/" for registry.example.net. */
static bool is_filed_as(const char *key, const char *server)
{
	size_t len;

	if (!strcmp(key, server))
		return true;
	if (zpm_starts_with(key, "https://"))
		key += strlen("https://");
	else if (zpm_starts_with(key, "http://"))
		key += strlen("http://");
	len = strcspn(key, "/");
	return strlen(server) == len && !strncmp(key, server, len);
}

/* Filed under the very name, or under one that means the same. */
static json_object *find_entry(json_object *auths, const char *server)
{
	json_object *entry = member(auths, server);

	if (entry || !json_object_is_type(auths, json_type_object))
		return entry;
	json_object_object_foreach (auths, key, value)
		if (is_filed_as(key, server))
			return value;
	return NULL;
}

static const char *copied(struct zpm_vault *vault, json_object *entry, const char *key)
{
	const char *text = zpm_secret_json_text(entry, key);

	return text ? zpm_vault_strdup(vault, text) : NULL;
}

/* "auth" is base64 of "username:password", and goes before the two by themselves. */
static int take_entry(
	json_object *entry, struct zpm_vault *vault, struct zpm_login *login, struct zpm_err *err)
{
	const char *auth = zpm_secret_json_text(entry, "auth");
	char *pair, *colon;

	login->username = copied(vault, entry, "username");
	login->password = copied(vault, entry, "password");
	login->identity_token = copied(vault, entry, "identitytoken");
	login->registry_token = copied(vault, entry, "registrytoken");
	if (!auth)
		return login->username || login->identity_token || login->registry_token
			       ? 0
			       : zpm_err_set(err, ZPM_ENOTFOUND, "its entry is empty");
	pair = zpm_vault_alloc(vault, strlen(auth) + 1);
	if (zpm_base64_decode(auth, pair) < 0 || !(colon = strchr(pair, ':')))
		return zpm_err_set(
			err, ZPM_EFAILED, "its entry in Docker's configuration has an auth that is no login");
	*colon = '\0';
	login->username = pair;
	login->password = colon + 1;
	return 0;
}

static int look_up(json_object *config, const char *server, struct zpm_vault *vault, struct zpm_login *login,
	struct zpm_err *err)
{
	const char *helper = zpm_secret_json_text(member(config, "credHelpers"), server);
	json_object *entry;

	if (!helper)
		helper = zpm_secret_json_text(config, "credsStore");
	if (helper)
		return zpm_credential_helper_ask(helper, server, vault, login, err);
	entry = find_entry(member(config, "auths"), server);
	return entry ? take_entry(entry, vault, login, err)
		     : zpm_err_set(err, ZPM_ENOTFOUND, "there are none");
}

/* The header, or NULL. What is only needed on the way is wiped at its end. */
static const char *make_header(struct zpm_credentials *c, const char *server)
{
	json_object *config = c->config ? zpm_secret_json_parse(c->config, c->config_len) : NULL;
	struct zpm_login login = { 0 };
	struct zpm_vault *scratch;
	struct zpm_err err = { 0 };
	const char *header = NULL;

	if (!config) {
		if (c->config)
			complain(c, "it is not the JSON it should be");
		c->config = NULL;
		return NULL;
	}
	scratch = zpm_vault_new();
	if (!look_up(config, server, scratch, &login, &err))
		header = zpm_login_encode(&login, server, c->vault);
	else if (err.code != ZPM_ENOTFOUND)
		zpm_strs_push(c->arena, &c->troubles,
			zpm_arena_printf(c->arena, "no credentials for '%s': %s", server, err.msg));
	zpm_vault_free(scratch);
	zpm_secret_json_put(config);
	return header;
}

static const struct zpm_pair *find_found(const struct zpm_credentials *c, const char *server)
{
	for (size_t i = 0; i < c->found.n; i++)
		if (!strcmp(c->found.v[i].key, server))
			return &c->found.v[i];
	return NULL;
}

const char *zpm_credentials_find(struct zpm_credentials *credentials, const char *server)
{
	const struct zpm_pair *found;
	const char *header;

	pthread_mutex_lock(&credentials->lock);
	if (!credentials->loaded)
		load(credentials);
	found = find_found(credentials, server);
	header = found ? found->value : make_header(credentials, server);
	if (!found)
		zpm_pairs_set(credentials->arena, &credentials->found,
			zpm_arena_strdup(credentials->arena, server), header);
	pthread_mutex_unlock(&credentials->lock);
	return header;
}

const char *zpm_credentials_trouble(struct zpm_credentials *credentials)
{
	const char *trouble = NULL;

	pthread_mutex_lock(&credentials->lock);
	if (credentials->told < credentials->troubles.n)
		trouble = credentials->troubles.v[credentials->told++];
	pthread_mutex_unlock(&credentials->lock);
	return trouble;
}
