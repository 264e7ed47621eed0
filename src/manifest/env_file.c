/*
 * envFile: KEY=VALUE lines, comments and blank lines, as `docker run
 * --env-file` reads them: no quotes, no escapes, the value is the rest of the
 * line. Files are found beside the manifest and nowhere else.
 */
#include "manifest/env_file.h"

#include "base/buf.h"
#include "base/text.h"
#include "manifest/node.h"
#include "manifest/source.h"
#include "model/platform.h"

#include <string.h>

#define MAX_BYTES (256 * 1024)

struct reader {
	const char *folder;
	const struct zpm_node *root;
	const char *file;
	struct zpm_diags *diags;
};

static bool is_inside(const char *path)
{
	if (path[0] == '/')
		return false;
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (!strncmp(part, "..", 2) && (!part[2] || part[2] == '/'))
			return false;
	}
	return true;
}

static void take_lines(const struct reader *reader, struct zpm_pos pos, const char *path, char *text,
	struct zpm_pairs *pairs)
{
	struct zpm_arena *arena = reader->diags->arena;
	char *rest = text, *line;

	for (unsigned number = 1; (line = strsep(&rest, "\n")); number++) {
		size_t len = strlen(line);

		if (len && line[len - 1] == '\r')
			line[len - 1] = '\0';
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		len = strcspn(line, "=");
		if (!len || !line[len])
			zpm_diag_add(reader->diags, pos, "%s, line %u: expected KEY=VALUE", path, number);
		else
			zpm_pairs_set(arena, pairs, zpm_arena_strndup(arena, line, len),
				zpm_arena_strdup(arena, line + len + 1));
	}
}

static void read_one(
	const struct reader *reader, const char *name, const char *where, struct zpm_pairs *pairs)
{
	struct zpm_pos pos = zpm_node_locate(reader->root, where, reader->file);
	struct zpm_err err = { 0 };
	ZPM_BUF path = { 0 };
	ZPM_BUF text = { 0 };

	zpm_buf_printf(&path, "%s/%s", reader->folder, name);
	if (!is_inside(name))
		zpm_diag_add(reader->diags, pos, "envFile '%s' is outside of the manifest's folder", name);
	else if (zpm_source_read_regular(path.data, MAX_BYTES, &text, &err) < 0)
		zpm_diag_add(reader->diags, pos, "envFile: %s", err.msg);
	else if (zpm_utf8_valid_len(text.data, text.len) != text.len)
		zpm_diag_add(reader->diags, pos, "envFile '%s' is not UTF-8", name);
	else
		take_lines(reader, pos, name, text.data, pairs);
}

static void read_for_service(const struct reader *reader, const char *where, struct zpm_service *service)
{
	struct zpm_arena *arena = reader->diags->arena;
	struct zpm_pairs pairs = { 0 };

	for (size_t i = 0; i < service->env_file.n; i++)
		read_one(reader, service->env_file.v[i], zpm_arena_printf(arena, "%s.envFile[%zu]", where, i),
			&pairs);
	for (size_t i = 0; i < service->environment.n; i++)
		zpm_pairs_set(arena, &pairs, service->environment.v[i].key, service->environment.v[i].value);
	service->environment = pairs;
	service->env_file = (struct zpm_strs){ 0 };
}

void zpm_read_env_files(struct zpm_platform *platform, const char *folder, const struct zpm_node *root,
	const char *file, struct zpm_diags *diags)
{
	const struct reader reader = { folder, root, file, diags };

	if (platform->defaults)
		read_for_service(&reader, "defaults", platform->defaults);
	for (int tier = 0; platform->services && tier < ZPM_TIER_COUNT; tier++) {
		const struct zpm_ptrs *services = &platform->services->services[tier];

		for (size_t i = 0; i < services->n; i++) {
			struct zpm_service *service = services->v[i];

			if (service->env_file.n)
				read_for_service(&reader,
					zpm_arena_printf(diags->arena, "services.%s.%s", zpm_tier_names[tier],
						service->name),
					service);
		}
	}
}
