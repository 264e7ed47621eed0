/* Manifest to plan, in the order of the river. */
#include "engine/session.h"

#include "base/digest.h"
#include "driver/record.h"
#include "engine/access.h"
#include "engine/apps.h"
#include "engine/pin.h"
#include "manifest/api_files.h"
#include "model/json.h"
#include "plan/apps.h"
#include "plan/desired_sets.h"
#include "plan/expand.h"
#include "plan/failover.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static struct zpm_session *new_session(const struct zpm_session_options *options)
{
	struct zpm_session *session = zpm_alloc(sizeof(*session));

	session->arena = zpm_arena_new();
	session->targets = options->targets;
	session->options = options->plan;
	return session;
}

/* The manifest has been read. */
static int begin(struct zpm_session *session, const struct zpm_session_options *options, struct zpm_err *err)
{
	const struct zpm_platform *platform = session->manifest->platform;

	if (session->manifest->diags.list.n)
		return zpm_err_set(err, ZPM_EINVALID, "the manifest has mistakes");
	zpm_access_choose(options->endpoint, platform, session->manifest->folder, session->arena,
		&session->access, &session->warnings);
	session->platform = platform;
	session->desired = zpm_expand(platform, session->arena);
	session->declared = session->desired;
	return 0;
}

int zpm_session_load(const struct zpm_session_options *options, struct zpm_session **out, struct zpm_err *err)
{
	struct zpm_session *session = *out = new_session(options);

	if (zpm_manifest_load(options->manifest, &options->vars, &session->manifest, err) < 0)
		return -1;
	return begin(session, options, err);
}

int zpm_session_restore(const struct zpm_session_options *options, const char *text, const char *folder,
	struct zpm_session **out, struct zpm_err *err)
{
	struct zpm_session *session = *out = new_session(options);

	session->manifest = zpm_manifest_restore(options->manifest, folder, text);
	return begin(session, options, err);
}

void zpm_session_replace(struct zpm_session *session, struct zpm_session *replaced)
{
	const struct zpm_platform *now = replaced->manifest->platform;
	struct zpm_platform *platform = session->manifest->platform;

	session->replaced = replaced;
	platform->reconcile = now->reconcile;
	platform->api = now->api;
	platform->notify = now->notify;
}

static int add_hosts(struct zpm_session *session, struct zpm_err *err)
{
	const struct zpm_ptrs *hosts = &session->manifest->platform->hosts;

	for (size_t i = 0; i < hosts->n; i++) {
		const struct zpm_host *host = hosts->v[i];
		struct zpm_access access;

		if (!host->engine || !host->engine->endpoint)
			continue;
		access = zpm_access_of_host(
			host, session->manifest->folder, session->arena, &session->warnings);
		if (zpm_world_add_host(session->world, host->name, &access, session->arena, err) < 0)
			return -1;
	}
	return 0;
}

static void add_mongo(struct zpm_session *session)
{
	const struct zpm_platform *platform = session->manifest->platform;
	const struct zpm_desired_sets *sets = zpm_desired_sets(platform, session->arena);

	if (platform->mongo)
		zpm_world_add_mongo(
			session->world, platform, &sets->routers, session->manifest->folder, session->arena);
}

int zpm_session_connect(struct zpm_session *session, struct zpm_err *err)
{
	if (session->world)
		return 0;
	if (zpm_world_connect(&session->access, session->desired, session->arena, &session->world, err) < 0)
		return -1;
	add_mongo(session);
	return add_hosts(session, err);
}

static bool same_roles(const struct zpm_platform *a, const struct zpm_platform *b)
{
	for (size_t i = 0; i < a->hosts.n; i++) {
		const char *x = ((const struct zpm_host *)a->hosts.v[i])->failover;
		const char *y = ((const struct zpm_host *)b->hosts.v[i])->failover;

		if (!x != !y || (x && strcmp(x, y) != 0))
			return false;
	}
	return true;
}

/* From now on the platform is this one. What was seen has the same names under either. */
static void take_platform(struct zpm_session *session, const struct zpm_platform *platform)
{
	session->platform = platform;
	session->desired = zpm_expand(platform, session->apps ? session->have->arena : session->arena);
	if (session->apps) {
		if (session->apps->from)
			zpm_apps_leave(session->apps, session->have, session->desired);
		session->desired->troubles = session->apps->troubles;
	}
	session->pinned = false;
	session->pins = (struct zpm_ptrs){ 0 };
	zpm_world_desire(session->world, session->desired);
}

static void take_roles(struct zpm_session *session, const struct zpm_platform *platform)
{
	if (!same_roles(session->platform, platform))
		take_platform(session, platform);
}

static void add_note(struct zpm_session *session, const char *note)
{
	if (!zpm_strs_have(&session->notes, note))
		zpm_strs_push(session->arena, &session->notes, note);
}

static void note_apps(struct zpm_session *session)
{
	struct zpm_strs unpatched = { 0 };

	if (zpm_apps_are_unknown(session->apps)) {
		add_note(session,
			"the platform's database is not there yet: what it says of apps and features "
			"comes with the next apply");
		return;
	}
	if (session->apps->from)
		zpm_apps_unpatched(session->apps, session->desired, &unpatched);
	for (size_t i = 0; i < unpatched.n; i++)
		add_note(session,
			zpm_arena_printf(session->arena,
				"a patch is for '%s', which neither the manifest nor the database asks for",
				unpatched.v[i]));
}

/* What the database says, and the roles that are recorded: both are known only now. */
static void take_findings(struct zpm_session *session)
{
	const struct zpm_platform *platform = session->manifest->platform;
	const char *note;

	if (zpm_apps_are_declared(platform))
		session->apps = zpm_session_apps(session, &platform);
	session->settled = platform;
	platform = zpm_failover_recorded(platform, session->have, session->arena, &note);
	if (session->apps)
		take_platform(session, platform);
	else
		take_roles(session, platform);
	if (note)
		add_note(session, note);
	if (session->apps)
		note_apps(session);
	for (size_t i = 0; i < session->desired->troubles.n; i++) {
		const struct zpm_trouble *trouble = session->desired->troubles.v[i];

		add_note(session, zpm_arena_printf(session->arena, "%s '%s': %s", trouble->kind,
					  trouble->name, trouble->why));
	}
}

/* What came of the last look goes with it. */
static void forget(struct zpm_session *session)
{
	zpm_plan_free(session->plan);
	session->plan = NULL;
	if (session->apps) {
		session->apps = NULL;
		session->platform = session->manifest->platform;
		session->desired = session->declared;
		zpm_world_desire(session->world, session->desired);
	}
	if (session->have)
		zpm_arena_free(session->have->arena);
}

int zpm_session_observe(struct zpm_session *session, struct zpm_err *err)
{
	if (zpm_session_connect(session, err) < 0)
		return -1;
	forget(session);
	session->have = zpm_objects_new(session->desired->platform, zpm_arena_new());
	if (zpm_world_observe(session->world, session->have, err) < 0)
		return -1;
	take_findings(session);
	return 0;
}

const char *zpm_session_manifest_hash(const struct zpm_session *session, struct zpm_arena *arena)
{
	char digest[ZPM_DIGEST_SIZE];
	json_object *json = zpm_shape_to_json(&zpm_platform_shape, session->manifest->platform, arena);
	const char *text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);

	zpm_digest(text, strlen(text), digest);
	json_object_put(json);
	return zpm_arena_strdup(arena, digest);
}

int zpm_session_plan(struct zpm_session *session, struct zpm_err *err)
{
	if (zpm_session_observe(session, err) < 0)
		return -1;
	zpm_session_pin(session);
	session->plan = zpm_plan_new(session->platform, session->desired, session->have, &session->options);
	return session->targets.n ? zpm_plan_target(session->plan, &session->targets, err) : 0;
}

int zpm_session_plan_failover(
	struct zpm_session *session, const char *to, struct zpm_strs *why, struct zpm_err *err)
{
	const struct zpm_platform *platform;

	if (zpm_session_observe(session, err) < 0)
		return -1;
	platform = session->settled;
	if (to)
		platform = zpm_failover_to(session->platform, to, session->arena, err);
	else if (!zpm_failover_is_on(session->platform))
		return zpm_err_set(
			err, ZPM_EINVALID, "no failover is recorded: the roles are the manifest's");
	if (!platform)
		return -1;
	zpm_failover_check(
		session->desired, session->have, zpm_failover_active(platform), session->arena, why);
	take_roles(session, platform);
	zpm_session_pin(session);
	session->plan = zpm_plan_new(session->platform, session->desired, session->have, &session->options);
	return 0;
}

int zpm_session_plan_destroy(struct zpm_session *session, bool volumes, struct zpm_err *err)
{
	if (zpm_session_observe(session, err) < 0)
		return -1;
	session->plan = zpm_plan_destroy(session->platform, session->desired, session->have, volumes);
	return 0;
}

int zpm_session_plan_operate(
	struct zpm_session *session, const struct zpm_request *request, struct zpm_err *err)
{
	if (zpm_session_observe(session, err) < 0)
		return -1;
	return zpm_plan_operate(
		session->platform, session->desired, session->have, request, &session->plan, err);
}

int zpm_session_find(
	struct zpm_session *session, const char *name, const struct zpm_object **service, struct zpm_err *err)
{
	const char *owner;

	if (zpm_session_observe(session, err) < 0 ||
		zpm_operate_find(session->desired, session->have, name, service, err) < 0)
		return -1;
	owner = (*service)->live->owner;
	if (owner && !strcmp(owner, session->desired->platform))
		return 0;
	return zpm_err_set(err, ZPM_EREFUSED,
		"service '%s' does not carry the label %s=%s: it is not this platform's", (*service)->real,
		ZPM_LABEL_PLATFORM, session->desired->platform);
}

const char *zpm_session_note(struct zpm_session *session)
{
	if (session->told < session->notes.n)
		return session->notes.v[session->told++];
	return session->world ? zpm_world_trouble(session->world) : NULL;
}

int zpm_session_forget(const struct zpm_session *session, struct zpm_err *err)
{
	struct zpm_records *records = zpm_records_of(session->world);
	int result = zpm_records_forget(records, session->desired->platform, err);

	zpm_records_close(records);
	return result;
}

int zpm_session_api_files(const struct zpm_session *session, const struct zpm_api_section *section,
	struct zpm_vault *vault, struct zpm_arena *arena, struct zpm_api_files *out, struct zpm_err *err)
{
	return zpm_manifest_api_files(section, session->manifest->folder, vault, arena, out, err);
}

int zpm_session_notify_files(const struct zpm_session *session, struct zpm_vault *vault,
	struct zpm_arena *arena, struct zpm_ptrs *targets, struct zpm_err *err)
{
	const struct zpm_manifest *manifest = session->manifest;

	return zpm_manifest_notify_files(
		&manifest->platform->notify, manifest->folder, vault, arena, targets, err);
}

void zpm_session_free(struct zpm_session *session)
{
	if (!session)
		return;
	zpm_session_free(session->replaced);
	zpm_plan_free(session->plan);
	if (session->have)
		zpm_arena_free(session->have->arena);
	zpm_world_free(session->world);
	zpm_manifest_free(session->manifest);
	zpm_arena_free(session->arena);
	free(session);
}
