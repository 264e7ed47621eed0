/* What machines and servers say of themselves, for `zpm doctor`. */
#include "driver/mongo_side.h"

#include "base/clock.h"
#include "docker/docker.h"
#include "mongo/survey.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* RFC 3339, as Docker and extended JSON write it: "2026-01-02T03:04:05.678Z", or with "+01:00". */
static bool parse_time(const char *text, int64_t *time)
{
	struct tm tm = { 0 };
	int64_t unit = ZPM_S, fraction = 0;
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	int hours = 0, minutes = 0;

	if (!end)
		return false;
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end); end++) {
			unit /= 10;
			fraction += (*end - '0') * unit;
		}
	if ((*end == '+' || *end == '-') && isdigit((unsigned char)end[1])) {
		hours = (int)strtol(end, NULL, 10);
		minutes = end[3] == ':' ? (int)strtol(end + 4, NULL, 10) : 0;
		minutes = hours * 60 + (*end == '-' ? -minutes : minutes);
	}
	*time = ((int64_t)timegm(&tm) - minutes * 60) * ZPM_S + fraction;
	return true;
}

/* The answer was on its way back when we looked at our clock, and the question on its way before. */
static void compare_clock(struct zpm_peer *peer, const char *told, int64_t asked)
{
	int64_t time;

	peer->has_clock = parse_time(told, &time);
	if (peer->has_clock)
		peer->ahead = time - (asked + (zpm_clock_wall() - asked) / 2);
}

static struct zpm_peer *add_peer(struct zpm_ptrs *peers, const char *name, struct zpm_arena *arena)
{
	struct zpm_peer *peer = zpm_arena_alloc(arena, sizeof(*peer));

	peer->name = name;
	zpm_ptrs_push(arena, peers, peer);
	return peer;
}

static const char *kept(const char *text, struct zpm_arena *arena)
{
	return text ? zpm_arena_strdup(arena, text) : NULL;
}

static void ask_engine(struct zpm_docker *docker, struct zpm_peer *peer, struct zpm_arena *arena)
{
	struct zpm_err err = { 0 };
	ZPM_BUF answer = { 0 };
	json_object *info;
	int64_t asked;

	if (zpm_docker_agree(docker, &err) < 0) {
		peer->trouble = kept(err.msg, arena);
		return;
	}
	asked = zpm_clock_wall();
	if (zpm_docker_get(docker, "/info", &answer, &err) < 0) {
		peer->trouble = kept(err.msg, arena);
		return;
	}
	info = json_tokener_parse(answer.data);
	peer->version = kept(zpm_json_text(info, "ServerVersion"), arena);
	compare_clock(peer, zpm_json_text(info, "SystemTime"), asked);
	json_object_put(info);
}

static bool is(const char *text, const char *word)
{
	return text && !strcmp(text, word);
}

struct nodes {
	struct zpm_arena *arena;
	struct zpm_ptrs *facts;
};

static int add_node(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct nodes *nodes = ctx;
	struct zpm_node_fact *node = zpm_arena_alloc(nodes->arena, sizeof(*node));
	const char *name = zpm_json_text(json, "Description.Hostname"),
		   *state = zpm_json_text(json, "Status.State");

	(void)raw, (void)len, (void)err;
	node->name = kept(name ? name : "a node without a name", nodes->arena);
	node->version = kept(zpm_json_text(json, "Description.Engine.EngineVersion"), nodes->arena);
	node->manager = zpm_json_at(json, "ManagerStatus");
	node->reachable = is(zpm_json_text(json, "ManagerStatus.Reachability"), "reachable");
	if (!is(state, "ready"))
		node->trouble =
			zpm_arena_printf(nodes->arena, "the node is %s", state ? state : "in no state");
	else if (!is(zpm_json_text(json, "Spec.Availability"), "active"))
		node->trouble = "the node takes no tasks: it is drained or paused";
	else if (node->manager && !node->reachable)
		node->trouble = "the manager cannot be reached by the others";
	zpm_ptrs_push(nodes->arena, nodes->facts, node);
	return 0;
}

static void ask_nodes(const struct zpm_world *world, struct zpm_arena *arena, struct zpm_facts *facts)
{
	struct nodes nodes = { arena, &facts->nodes };
	struct zpm_peer *first = facts->engines.v[0];
	struct zpm_err err = { 0 };
	ZPM_BUF answer = { 0 };

	if ((zpm_docker_get(world->docker, "/nodes", &answer, &err) < 0 ||
		    zpm_answer_each(&answer, add_node, &nodes, &err) < 0) &&
		!first->trouble)
		first->trouble = kept(err.msg, arena);
}

static json_object *ask(const struct zpm_world *world, const struct zpm_peer *peer, const char *command)
{
	json_object *json = json_object_new_object(), *answer = NULL;
	struct zpm_err ignored = { 0 };
	int code;

	json_object_object_add(json, command, json_object_new_int(1));
	if (zpm_mongo_ask(world, peer->name, "admin", json, false, &answer, &code, &ignored) < 0)
		answer = NULL;
	return answer;
}

static void ask_server(const struct zpm_world *world, struct zpm_peer *peer, struct zpm_arena *arena)
{
	json_object *answer = ask(world, peer, "buildInfo");
	int64_t asked;

	peer->version = kept(zpm_json_text(answer, "version"), arena);
	json_object_put(answer);
	asked = zpm_clock_wall();
	answer = ask(world, peer, "isMaster");
	/* A date's key begins with what is no path to us: "$date". */
	compare_clock(peer, zpm_json_text(zpm_json_at(answer, "localTime"), "$date"), asked);
	json_object_put(answer);
}

static void find_servers(const struct zpm_world *world, struct zpm_arena *arena, struct zpm_ptrs *servers)
{
	for (size_t i = 0; i < world->desired->list.n; i++) {
		const struct zpm_object *object = world->desired->list.v[i];

		for (size_t j = 0; object->set && j < object->set->members.n; j++) {
			const struct zpm_mongo_process *process = object->set->members.v[j];

			if (!zpm_mongo_process_is_down(process))
				add_peer(servers, process->address, arena);
		}
	}
	for (size_t i = 0; i < world->mongo->routers.n; i++)
		add_peer(servers, world->mongo->routers.v[i], arena);
}

static void ask_servers(const struct zpm_world *world, struct zpm_arena *arena, struct zpm_ptrs *servers)
{
	struct zpm_mongo_look *looks;

	find_servers(world, arena, servers);
	looks = zpm_arena_alloc(arena, servers->n * sizeof(*looks));
	for (size_t i = 0; i < servers->n; i++)
		looks[i].host = ((const struct zpm_peer *)servers->v[i])->name;
	zpm_mongo_survey(world->mongo->client, looks, servers->n);
	for (size_t i = 0; i < servers->n; i++) {
		struct zpm_peer *peer = servers->v[i];

		if (looks[i].hello.len)
			ask_server(world, peer, arena);
		else
			peer->trouble = kept(looks[i].err.msg, arena);
	}
	zpm_mongo_looks_dispose(looks, servers->n);
}

void zpm_world_ask_facts(const struct zpm_world *world, struct zpm_arena *arena, struct zpm_facts *facts)
{
	ask_engine(world->docker, add_peer(&facts->engines, "the Engine", arena), arena);
	for (size_t i = 0; i < world->remotes.n; i++) {
		const struct zpm_remote *remote = world->remotes.v[i];

		ask_engine(remote->docker,
			add_peer(&facts->engines, zpm_arena_printf(arena, "the Engine of %s", remote->host),
				arena),
			arena);
	}
	ask_nodes(world, arena, facts);
	if (world->mongo)
		ask_servers(world, arena, &facts->servers);
}
