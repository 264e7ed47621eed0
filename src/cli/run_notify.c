/* See run_notify.h. */
#include "cli/run_notify.h"

#include "base/clock.h"
#include "base/vault.h"
#include "engine/news.h"
#include "notify/notify.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct zpm_run_notify {
	const char *holder;
	void (*say)(const char *event, const char *line);
	struct zpm_notifier *notifier; /* NULL until there is somebody to tell */
	struct zpm_news news;
	uint64_t generation;     /* of the manifest whose webhooks these are */
	bool leads;              /* the others see the same, and one is enough to tell */
	char *platform;          /* NULL: no look yet */
	char *trouble;           /* told of, while it lasts */
	struct zpm_arena *arena; /* of the targets, as is the vault */
	struct zpm_vault *vault;
	struct zpm_ptrs targets; /* struct zpm_notify_target */
};

/* The line is the notifier's thread's own. */
static void (*say_failed)(const char *event, const char *line);

static void failed(const char *name, const char *why)
{
	char line[256];

	snprintf(line, sizeof(line), "webhook '%s' was not told: %s", name, why);
	say_failed("notify", line);
}

struct zpm_run_notify *zpm_run_notify_new(
	const char *holder, void (*say)(const char *event, const char *line))
{
	struct zpm_run_notify *run = zpm_alloc(sizeof(*run));

	run->holder = holder;
	run->say = say_failed = say;
	return run;
}

static void forget(struct zpm_run_notify *run)
{
	zpm_arena_free(run->arena);
	zpm_vault_free(run->vault);
	run->arena = NULL;
	run->vault = NULL;
	run->targets = (struct zpm_ptrs){ 0 };
}

void zpm_run_notify_free(struct zpm_run_notify *run)
{
	if (!run)
		return;
	zpm_notifier_free(run->notifier);
	forget(run);
	free(run->platform);
	free(run->trouble);
	free(run);
}

static void follow_manifest(struct zpm_run_notify *run, const struct zpm_session *session)
{
	struct zpm_err err = { 0 };

	forget(run);
	if (!session->manifest->platform->notify.n)
		return;
	run->arena = zpm_arena_new();
	run->vault = zpm_vault_new();
	if (zpm_session_notify_files(session, run->vault, run->arena, &run->targets, &err) < 0 &&
		(!run->trouble || strcmp(run->trouble, err.msg) != 0)) {
		free(run->trouble);
		run->trouble = zpm_strdup(err.msg);
		run->say("trouble", err.msg);
	}
	if (!run->notifier)
		run->notifier = zpm_notifier_new(failed);
}

static void add_text(json_object *json, const char *key, const char *text)
{
	json_object_object_add(json, key, json_object_new_string(text));
}

static json_object *notice_json(const struct zpm_run_notify *run, enum zpm_notice notice, const char *text)
{
	json_object *json = json_object_new_object();
	char at[ZPM_TIME_SIZE], line[1200];

	zpm_time_text(zpm_clock_wall(), at);
	/* Chats show what is under this name, so all of it is there. */
	snprintf(line, sizeof(line), "%s: %s: %s", run->platform, zpm_notice_names[notice], text);
	add_text(json, "text", line);
	add_text(json, "platform", run->platform);
	add_text(json, "event", zpm_notice_names[notice]);
	add_text(json, "detail", text);
	add_text(json, "at", at);
	add_text(json, "from", run->holder);
	return json;
}

static void notify(struct zpm_run_notify *run, enum zpm_notice notice, const char *text)
{
	json_object *json;

	if (!run->targets.n || !run->leads || !run->platform)
		return;
	json = notice_json(run, notice, text);
	for (size_t i = 0; i < run->targets.n; i++) {
		const struct zpm_notify_target *target = run->targets.v[i];
		const struct zpm_webhook webhook = { target->name, target->url, target->secret.data,
			target->secret.len };

		if (target->events & (1U << notice))
			zpm_notifier_send(run->notifier, &webhook,
				json_object_to_json_string_ext(
					json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	}
	json_object_put(json);
}

void zpm_run_notify_tell(struct zpm_run_notify *run, enum zpm_loop_event event, const char *text)
{
	enum zpm_notice notice;

	if (event == ZPM_LOOP_LEADS)
		run->leads = true;
	if (zpm_news_take(&run->news, event, &notice))
		notify(run, notice, text);
	if (event == ZPM_LOOP_FOLLOWS)
		run->leads = false;
}

void zpm_run_notify_look(struct zpm_run_notify *run, const struct zpm_loop_look *look)
{
	if (!run->platform)
		run->platform = zpm_strdup(look->session->manifest->platform->platform);
	if (look->generation != run->generation)
		follow_manifest(run, look->session);
	run->generation = look->generation;
	if (zpm_news_look(&run->news))
		notify(run, ZPM_NOTICE_RECOVERED, "the platform can be looked at again");
}
