/*
 * The first words with an Engine: which API version both sides speak, and
 * whether it is a manager of a Swarm. Finds out before anything is planned
 * what would otherwise fail in the middle with a text that helps nobody.
 */
#include "docker/client.h"

#include "base/text.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

struct version {
	unsigned major, minor;
};

/* What zpm was written against: 1.41 is Engine 20.10, 1.47 is Engine 27. */
static const struct version oldest = { 1, 41 };
static const struct version newest = { 1, 47 };

static int version_cmp(struct version a, struct version b)
{
	if (a.major != b.major)
		return a.major < b.major ? -1 : 1;
	return a.minor == b.minor ? 0 : a.minor < b.minor ? -1 : 1;
}

static int version_parse(const char *text, struct version *out)
{
	int end = 0;

	if (sscanf(text, "%4u.%4u%n", &out->major, &out->minor, &end) != 2 || text[end])
		return -1;
	return 0;
}

/* "" for a member that is missing or not text. */
static const char *text_at(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

static int not_an_engine(const struct zpm_docker *docker, const char *path, struct zpm_err *err)
{
	return zpm_err_set(err, ZPM_EFAILED,
		"what answers at %s is no Docker Engine: its answer to GET %s makes no sense; check --engine",
		docker->at.name, path);
}

static int get_object(struct zpm_docker *docker, struct zpm_docker_request *request, struct json_object **out,
	struct zpm_err *err)
{
	ZPM_BUF answer = { 0 };

	request->method = "GET";
	request->answer = &answer;
	if (zpm_docker_request(docker, request, err) < 0)
		return -1;
	*out = zpm_docker_parse_object(&answer);
	return *out ? 0 : not_an_engine(docker, request->path, err);
}

static int choose_version(
	const struct zpm_docker *docker, struct json_object *answer, struct version *out, struct zpm_err *err)
{
	const char *least = text_at(answer, "MinAPIVersion");
	struct version highest, lowest = { 0, 0 };

	if (version_parse(text_at(answer, "ApiVersion"), &highest) < 0)
		return not_an_engine(docker, "/version", err);
	if (*least && version_parse(least, &lowest) < 0)
		return not_an_engine(docker, "/version", err);
	if (version_cmp(highest, oldest) < 0)
		return zpm_err_set(err, ZPM_EFAILED,
			"the Engine at %s is too old: it speaks API %u.%u, and zpm needs %u.%u "
			"(Engine 20.10) or later; upgrade it",
			docker->at.name, highest.major, highest.minor, oldest.major, oldest.minor);
	if (version_cmp(lowest, newest) > 0)
		return zpm_err_set(err, ZPM_EFAILED,
			"the Engine at %s is too new: it speaks API %u.%u or later, and this zpm "
			"up to %u.%u; upgrade zpm",
			docker->at.name, lowest.major, lowest.minor, newest.major, newest.minor);
	*out = version_cmp(highest, newest) < 0 ? highest : newest;
	return 0;
}

static int negotiate(struct zpm_docker *docker, char prefix[ZPM_DOCKER_PREFIX_SIZE], struct zpm_err *err)
{
	struct zpm_docker_request request = { .prefix = "", .path = "/version" };
	struct json_object *answer = NULL;
	struct version version = { 0 };
	int result;

	if (get_object(docker, &request, &answer, err) < 0)
		return request.status == 404 ? not_an_engine(docker, "/version", err) : -1;
	result = choose_version(docker, answer, &version, err);
	json_object_put(answer);
	if (result == 0)
		snprintf(prefix, ZPM_DOCKER_PREFIX_SIZE, "/v%u.%u", version.major, version.minor);
	return result;
}

/* The node is up and in a Swarm: but is it a manager, and is there a leader? */
static int judge_active(const char *name, struct json_object *swarm, const char *why, struct zpm_err *err)
{
	struct json_object *manager = NULL;

	json_object_object_get_ex(swarm, "ControlAvailable", &manager);
	if (!json_object_get_boolean(manager))
		return zpm_err_set(err, ZPM_EFAILED,
			"the Engine at %s is a Swarm worker; point --engine at a manager", name);
	if (*why)
		return zpm_err_set(err, ZPM_EUNAVAIL,
			"the Swarm of the Engine at %s does not work: %s; bring back enough managers, "
			"then try again",
			name, why);
	return 0;
}

static int judge_swarm(const char *name, struct json_object *swarm, struct zpm_err *err)
{
	const char *state = text_at(swarm, "LocalNodeState");
	const char *error = zpm_docker_skip_rpc(text_at(swarm, "Error"));
	size_t len = strlen(error);
	char why[ZPM_DOCKER_QUOTE_SIZE];

	/* A sentence of its own becomes part of one. */
	zpm_docker_quote(error, len && error[len - 1] == '.' ? len - 1 : len, why);
	if (!strcmp(state, "active"))
		return judge_active(name, swarm, why, err);
	if (!strcmp(state, "locked"))
		return zpm_err_set(err, ZPM_EFAILED,
			"the Swarm of the Engine at %s is locked: run 'docker swarm unlock' there", name);
	if (!strcmp(state, "pending"))
		return zpm_err_set(err, ZPM_EUNAVAIL,
			"the Engine at %s is still joining its Swarm%s%s; try again soon", name,
			*why ? ": " : "", why);
	if (!strcmp(state, "error"))
		return zpm_err_set(err, ZPM_EFAILED,
			"the Swarm of the Engine at %s is in error: %s; see dockerd's log there", name,
			*why ? why : "no reason given");
	return zpm_err_set(err, ZPM_EFAILED,
		"the Engine at %s is not in Swarm mode: run 'docker swarm init' there, or point --engine at "
		"a "
		"manager",
		name);
}

/* Puts a better error in the place of Swarm's refusal, where GET /info knows the state behind it. */
static void diagnose(struct zpm_docker *docker, const char *prefix, struct zpm_err *err)
{
	struct zpm_docker_request request = { .prefix = prefix, .path = "/info" };
	struct json_object *info = NULL, *swarm = NULL;
	struct zpm_err better;

	if (get_object(docker, &request, &info, &better) < 0)
		return;
	if (json_object_object_get_ex(info, "Swarm", &swarm) &&
		judge_swarm(docker->at.name, swarm, &better) < 0)
		*err = better;
	json_object_put(info);
}

/*
 * GET /swarm takes a millisecond and succeeds on a working manager only. GET
 * /info says more, but on Engine 20.10 it hangs for as long as containers are
 * being started (20 seconds were seen), so it is kept for when Swarm refuses.
 */
static int check_swarm(struct zpm_docker *docker, const char *prefix, struct zpm_err *err)
{
	struct zpm_docker_request request = { .prefix = prefix, .path = "/swarm" };
	struct json_object *swarm = NULL;

	if (get_object(docker, &request, &swarm, err) < 0) {
		if (request.status >= 400)
			diagnose(docker, prefix, err);
		return -1;
	}
	json_object_put(swarm);
	return 0;
}

static void keep_prefix(struct zpm_docker *docker, const char prefix[ZPM_DOCKER_PREFIX_SIZE])
{
	pthread_mutex_lock(&docker->lock);
	memcpy(docker->prefix, prefix, sizeof(docker->prefix));
	pthread_mutex_unlock(&docker->lock);
}

int zpm_docker_agree(struct zpm_docker *docker, struct zpm_err *err)
{
	char prefix[ZPM_DOCKER_PREFIX_SIZE];

	if (negotiate(docker, prefix, err) < 0)
		return -1;
	keep_prefix(docker, prefix);
	return 0;
}

int zpm_docker_hello(struct zpm_docker *docker, struct zpm_err *err)
{
	char prefix[ZPM_DOCKER_PREFIX_SIZE];

	if (negotiate(docker, prefix, err) < 0 || check_swarm(docker, prefix, err) < 0)
		return -1;
	keep_prefix(docker, prefix);
	return 0;
}
