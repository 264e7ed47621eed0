/*
 * Engines of single hosts, beside the manager that all else goes through:
 * for what only they know. One that does not answer costs its host, not the
 * platform: what keeps it from answering is told of with the host's node.
 */
#include "driver/world.h"

#include "docker/docker.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

int zpm_world_add_host(struct zpm_world *world, const char *host, const struct zpm_access *access,
	struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_remote *remote = zpm_arena_alloc(arena, sizeof(*remote));

	remote->host = host;
	if (zpm_docker_new(access->endpoint, access->timeout, &remote->docker, err) < 0 ||
		zpm_world_secure(remote->docker, access->tls, err) < 0) {
		zpm_docker_free(remote->docker);
		return zpm_err_wrap(err, "host '%s'", host);
	}
	zpm_ptrs_push(arena, &world->remotes, remote);
	return 0;
}

/* Which node of the Swarm an Engine is. */
static int node_of(struct zpm_docker *docker, char id[ZPM_NODE_ID_SIZE], struct zpm_err *err)
{
	ZPM_BUF answer = { 0 };
	json_object *info;
	const char *text;

	if (zpm_docker_get(docker, "/info", &answer, err) < 0)
		return -1;
	info = json_tokener_parse(answer.data);
	text = zpm_json_text(info, "Swarm.NodeID");
	snprintf(id, ZPM_NODE_ID_SIZE, "%s", text ? text : "");
	json_object_put(info);
	return *id ? 0 : zpm_err_set(err, ZPM_EFAILED, "it is not in a Swarm");
}

/* Asked once: neither changes while zpm runs. */
static int open_remote(const struct zpm_world *world, struct zpm_remote *remote, struct zpm_err *err)
{
	char own[ZPM_NODE_ID_SIZE];

	if (remote->open)
		return 0;
	if (zpm_docker_agree(remote->docker, err) < 0 || node_of(remote->docker, remote->node, err) < 0 ||
		node_of(world->docker, own, err) < 0)
		return -1;
	remote->same = !strcmp(own, remote->node);
	remote->open = true;
	return 0;
}

static void tell_of(const struct zpm_remote *remote, const struct zpm_objects *have, const char *why)
{
	const struct zpm_object *node = zpm_objects_find(have, ZPM_KIND_NODE, remote->host);
	struct zpm_live *live = node ? (struct zpm_live *)(uintptr_t)node->live : NULL;

	if (live && !live->trouble)
		live->trouble = zpm_arena_printf(have->arena, "its own Engine does not answer: %s", why);
}

void zpm_remotes_each(const struct zpm_world *world, struct zpm_objects *have,
	int (*each)(void *ctx, const struct zpm_remote *remote, struct zpm_err *err), void *ctx)
{
	for (size_t i = 0; i < world->remotes.n; i++) {
		struct zpm_remote *remote = world->remotes.v[i];
		struct zpm_err err = { 0 };

		if (open_remote(world, remote, &err) < 0 || (!remote->same && each(ctx, remote, &err) < 0))
			tell_of(remote, have, err.msg);
	}
}

struct zpm_world zpm_world_at(const struct zpm_world *world, const char *host)
{
	struct zpm_world at = *world;

	for (size_t i = 0; host && i < world->remotes.n; i++) {
		const struct zpm_remote *remote = world->remotes.v[i];

		if (!strcmp(remote->host, host))
			at.docker = remote->docker;
	}
	return at;
}

static const struct zpm_remote *remote_of(const struct zpm_world *world, const char *node)
{
	for (size_t i = 0; node && i < world->remotes.n; i++) {
		const struct zpm_remote *remote = world->remotes.v[i];

		if (remote->open && !remote->same && !strcmp(remote->node, node))
			return remote;
	}
	return NULL;
}

int zpm_world_ask(const struct zpm_world *world, const char *node,
	int (*ask)(const struct zpm_world *at, void *ctx, struct zpm_err *err), void *ctx,
	struct zpm_err *err)
{
	const struct zpm_remote *known = remote_of(world, node);
	const struct zpm_world first = zpm_world_at(world, known ? known->host : NULL);
	struct zpm_err silent = { 0 };

	if (!ask(&first, ctx, err))
		return 0;
	if (known && err->code == ZPM_ENOTFOUND && !ask(world, ctx, err))
		return 0;
	for (size_t i = 0; i < world->remotes.n && err->code == ZPM_ENOTFOUND; i++) {
		const struct zpm_remote *remote = world->remotes.v[i];
		const struct zpm_world at = zpm_world_at(world, remote->host);
		struct zpm_err why = { 0 };

		if (remote == known)
			continue;
		if (zpm_docker_agree(at.docker, &why) == 0) {
			if (!ask(&at, ctx, err))
				return 0;
		} else if (!silent.code) {
			silent = why;
			zpm_err_wrap(&silent, "host '%s': its own Engine does not answer", remote->host);
		}
	}
	if (err->code == ZPM_ENOTFOUND && silent.code)
		*err = silent;
	return -1;
}

unsigned zpm_remotes_writes(const struct zpm_world *world)
{
	unsigned writes = 0;

	for (size_t i = 0; i < world->remotes.n; i++)
		writes += zpm_docker_writes(((const struct zpm_remote *)world->remotes.v[i])->docker);
	return writes;
}

void zpm_remotes_close(const struct zpm_world *world)
{
	for (size_t i = 0; i < world->remotes.n; i++)
		zpm_docker_free(((const struct zpm_remote *)world->remotes.v[i])->docker);
}
