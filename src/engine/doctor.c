#include "engine/doctor.h"

#include <sys/stat.h>

static void add_file(
	const struct zpm_session *session, const char *name, struct zpm_arena *arena, struct zpm_ptrs *files)
{
	struct zpm_file_fact *file;
	struct stat stat_of;
	const char *path;

	if (!name || name[0] == '-')
		return;
	path = zpm_arena_path(arena, session->manifest->folder, name);
	if (stat(path, &stat_of) < 0 || !S_ISREG(stat_of.st_mode))
		return;
	file = zpm_arena_alloc(arena, sizeof(*file));
	file->path = path;
	file->mode = stat_of.st_mode;
	zpm_ptrs_push(arena, files, file);
}

/* All that hold a secret: keys, passwords, certificates with their key. */
static void look_at_files(const struct zpm_session *session, struct zpm_arena *arena, struct zpm_ptrs *files)
{
	const struct zpm_platform *platform = session->platform;
	const struct zpm_mongo *mongo = platform->mongo;

	for (size_t i = 0; i < platform->secrets.n; i++)
		add_file(session, ((const struct zpm_secret *)platform->secrets.v[i])->file, arena, files);
	if (mongo && mongo->auth)
		add_file(session, mongo->auth->password_file, arena, files);
	if (mongo && mongo->tls)
		add_file(session, mongo->tls->certificate, arena, files);
}

static void ask_world(struct zpm_session *session, struct zpm_arena *arena, struct zpm_facts *facts)
{
	struct zpm_err err = { 0 };
	struct zpm_peer *engine;

	if (!zpm_session_connect(session, &err)) {
		zpm_world_ask_facts(session->world, arena, facts);
		return;
	}
	engine = zpm_arena_alloc(arena, sizeof(*engine));
	engine->name = "the Engine";
	engine->trouble = zpm_arena_strdup(arena, err.msg);
	zpm_ptrs_push(arena, &facts->engines, engine);
}

void zpm_doctor(struct zpm_session *session, struct zpm_arena *arena, struct zpm_ptrs *findings)
{
	struct zpm_facts facts = { 0 };

	look_at_files(session, arena, &facts.files);
	ask_world(session, arena, &facts);
	zpm_doctor_judge(session->platform, session->desired, &facts, arena, findings);
}
