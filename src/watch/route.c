/*
 * A path is followed as the system would follow it, one name after the other. What is
 * missing ends it: when that comes to be, the path is followed anew.
 */
#include "watch/route.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many as Linux follows. */
#define MAX_LINKS 40

/* A path under way. */
struct walk {
	struct zpm_route *route;
	const char *at;   /* the folder that was reached */
	const char *rest; /* of the path, as seen from there */
	unsigned links;
};

static struct zpm_stage *stage_of(struct zpm_route *route, const char *folder)
{
	struct zpm_stage *stage = zpm_index_get(route->by_folder, folder);
	struct stat about;

	if (stage)
		return stage;
	stage = zpm_arena_alloc(route->arena, sizeof(*stage));
	stage->folder = folder;
	stage->index = zpm_index_new(route->arena);
	if (!lstat(folder, &about)) {
		stage->device = about.st_dev;
		stage->inode = about.st_ino;
	}
	zpm_index_add(route->by_folder, folder, stage);
	zpm_ptrs_push(route->arena, &route->stages, stage);
	return stage;
}

static void note(struct zpm_route *route, struct zpm_stage *stage, const char *name)
{
	if (!zpm_index_add(stage->index, name, stage))
		zpm_strs_push(route->arena, &stage->names, name);
}

static const char *join(struct zpm_arena *arena, const char *folder, const char *name)
{
	return zpm_arena_printf(arena, "%s/%s", strcmp(folder, "/") ? folder : "", name);
}

static const char *parent(struct zpm_arena *arena, const char *folder)
{
	const char *slash = strrchr(folder, '/');

	return slash == folder ? "/" : zpm_arena_strndup(arena, folder, (size_t)(slash - folder));
}

/* False when nobody could follow the link either. */
static bool follow(struct walk *walk, const char *link)
{
	struct zpm_arena *arena = walk->route->arena;
	char target[PATH_MAX];
	ssize_t len = readlink(link, target, sizeof(target) - 1);

	if (len <= 0 || ++walk->links > MAX_LINKS)
		return false;
	target[len] = '\0';
	if (*target == '/')
		walk->at = "/";
	walk->rest = zpm_arena_printf(arena, "%s/%s", target, walk->rest);
	return strlen(walk->rest) < PATH_MAX;
}

/* One name further; false when that is the end of what is there. */
static bool step_to(struct walk *walk, const char *name)
{
	struct zpm_route *route = walk->route;
	struct zpm_stage *stage = stage_of(route, walk->at);
	const char *path = join(route->arena, walk->at, name);
	struct stat about;

	note(route, stage, name);
	if (lstat(path, &about) < 0) {
		stage->files = true;
		return false;
	}
	if (S_ISLNK(about.st_mode))
		return follow(walk, path);
	if (!S_ISDIR(about.st_mode)) {
		stage->files = true;
		return false;
	}
	walk->at = path;
	return true;
}

static bool step(struct walk *walk)
{
	struct zpm_arena *arena = walk->route->arena;
	size_t len = strcspn(walk->rest, "/");
	const char *name = zpm_arena_strndup(arena, walk->rest, len);

	walk->rest += len + (walk->rest[len] == '/');
	if (!*name || !strcmp(name, "."))
		return true;
	if (strcmp(name, "..") != 0)
		return step_to(walk, name);
	walk->at = parent(arena, walk->at);
	return true;
}

static void follow_path(struct zpm_route *route, const char *path)
{
	struct walk walk = { .route = route, .at = "/", .rest = path };
	struct zpm_stage *last;

	while (*walk.rest)
		if (!step(&walk))
			return;
	last = stage_of(route, walk.at);
	last->whole = true;
	last->files = true;
}

struct zpm_route *zpm_route_new(const struct zpm_strs *paths)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_route *route = zpm_arena_alloc(arena, sizeof(*route));

	route->arena = arena;
	route->by_folder = zpm_index_new(arena);
	for (size_t i = 0; i < paths->n; i++)
		follow_path(route, paths->v[i]);
	return route;
}

void zpm_route_free(struct zpm_route *route)
{
	if (route)
		zpm_arena_free(route->arena);
}

static bool stages_equal(const struct zpm_stage *a, const struct zpm_stage *b)
{
	if (strcmp(a->folder, b->folder) != 0 || a->device != b->device || a->inode != b->inode ||
		a->whole != b->whole || a->files != b->files || a->names.n != b->names.n)
		return false;
	for (size_t i = 0; i < a->names.n; i++)
		if (strcmp(a->names.v[i], b->names.v[i]) != 0)
			return false;
	return true;
}

bool zpm_route_equals(const struct zpm_route *a, const struct zpm_route *b)
{
	if (a->stages.n != b->stages.n)
		return false;
	for (size_t i = 0; i < a->stages.n; i++)
		if (!stages_equal(a->stages.v[i], b->stages.v[i]))
			return false;
	return true;
}

bool zpm_stage_has(const struct zpm_stage *stage, const char *name)
{
	return stage->whole || zpm_index_get(stage->index, name);
}
