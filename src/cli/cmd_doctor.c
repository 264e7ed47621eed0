/* zpm doctor: what around the platform does not work, or will not for ever, and what to do about it. */
#include "cli/cli.h"
#include "cli/render.h"

#include "engine/doctor.h"

#include <json-c/json.h>
#include <stdio.h>

static const enum zpm_colour colours[ZPM_LEVEL_COUNT] = {
	[ZPM_LEVEL_OK] = ZPM_COLOUR_GREEN,
	[ZPM_LEVEL_WARN] = ZPM_COLOUR_YELLOW,
	[ZPM_LEVEL_FAIL] = ZPM_COLOUR_RED,
};

static size_t count(const struct zpm_ptrs *findings, enum zpm_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++)
		n += ((const struct zpm_finding *)findings->v[i])->level == level;
	return n;
}

static void show_text(const struct zpm_cli *cli, const char *platform, const struct zpm_ptrs *findings)
{
	ZPM_BUF out = { 0 };

	zpm_buf_printf(&out, "%s: %zu to mend, %zu to look at, %zu fine\n\n", platform,
		count(findings, ZPM_LEVEL_FAIL), count(findings, ZPM_LEVEL_WARN),
		count(findings, ZPM_LEVEL_OK));
	for (size_t i = 0; i < findings->n; i++) {
		const struct zpm_finding *finding = findings->v[i];

		zpm_buf_printf(&out, "  %s", zpm_colour(cli->colour, colours[finding->level]));
		zpm_render_padded(&out, zpm_level_names[finding->level], 5);
		zpm_buf_puts(&out, zpm_colour(cli->colour, ZPM_COLOUR_NONE));
		zpm_render_padded(&out, finding->check, 16);
		zpm_buf_printf(&out, "%s\n", finding->text);
		if (finding->mend)
			zpm_buf_printf(&out, "%*s%s\n", 25, "→ ", finding->mend);
	}
	fputs(out.data, stdout);
}

static void show_json(const char *platform, const struct zpm_ptrs *findings)
{
	json_object *json = json_object_new_object(), *list = json_object_new_array();
	json_object *summary = json_object_new_object();

	for (size_t i = 0; i < findings->n; i++) {
		const struct zpm_finding *finding = findings->v[i];
		json_object *item = json_object_new_object();

		json_object_object_add(
			item, "level", json_object_new_string(zpm_level_names[finding->level]));
		json_object_object_add(item, "check", json_object_new_string(finding->check));
		json_object_object_add(item, "text", json_object_new_string(finding->text));
		if (finding->mend)
			json_object_object_add(item, "mend", json_object_new_string(finding->mend));
		json_object_array_add(list, item);
	}
	for (int level = 0; level < ZPM_LEVEL_COUNT; level++)
		json_object_object_add(summary, zpm_level_names[level],
			json_object_new_uint64(count(findings, (enum zpm_level)level)));
	json_object_object_add(json, "platform", json_object_new_string(platform));
	json_object_object_add(json, "findings", list);
	json_object_object_add(json, "summary", summary);
	zpm_print_json(json);
}

enum zpm_exit zpm_cmd_doctor(const struct zpm_cli *cli)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	struct zpm_ptrs findings = { 0 };
	struct zpm_arena *arena;

	if (code == ZPM_EXIT_OK) {
		arena = zpm_arena_new();
		zpm_doctor(session, arena, &findings);
		if (cli->output == ZPM_OUTPUT_JSON)
			show_json(session->desired->platform, &findings);
		else
			show_text(cli, session->desired->platform, &findings);
		if (count(&findings, ZPM_LEVEL_FAIL))
			code = ZPM_EXIT_FAILED;
		zpm_arena_free(arena);
	}
	zpm_session_free(session);
	return code;
}
