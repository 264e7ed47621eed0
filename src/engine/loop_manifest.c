/* Which manifest is in force: the last one without mistakes. */
#include "engine/loop_parts.h"

#include "base/clock.h"
#include "engine/access.h"
#include "engine/rollback.h"
#include "model/shape.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void watch(struct zpm_loop *loop, const struct zpm_session *session)
{
	struct zpm_err err = { 0 };

	if (session && session->manifest &&
		zpm_watcher_set(loop->watcher, &session->manifest->files, zpm_clock_now(), &err) < 0)
		zpm_loop_tell(loop, ZPM_LOOP_TROUBLE, "cannot watch the manifest: %s", err.msg);
}

static void take_rules(struct zpm_loop *loop)
{
	const struct zpm_reconcile *declared = loop->session->manifest->platform->reconcile;
	struct zpm_reconcile *rules =
		declared ? zpm_shape_copy(&zpm_reconcile_shape, declared, loop->session->arena)
			 : zpm_shape_new(&zpm_reconcile_shape, loop->session->arena);

	zpm_shape_canonicalise(&zpm_reconcile_shape, rules, loop->session->arena);
	loop->rules = *rules;
}

static const char *copy(const struct zpm_loop *loop, const char *text)
{
	return text ? zpm_arena_strdup(loop->arena, text) : NULL;
}

/* What a later session does not bring along. */
static void keep_for_good(struct zpm_loop *loop, const struct zpm_session *session)
{
	struct zpm_tls *tls = NULL;

	if (loop->access.endpoint)
		return;
	if (session->access.tls) {
		tls = zpm_arena_alloc(loop->arena, sizeof(*tls));
		*tls = (struct zpm_tls){ .ca = copy(loop, session->access.tls->ca),
			.cert = copy(loop, session->access.tls->cert),
			.key = copy(loop, session->access.tls->key) };
	}
	loop->platform = copy(loop, session->manifest->platform->platform);
	loop->access = (struct zpm_access){ .endpoint = copy(loop, session->access.endpoint),
		.tls = tls,
		.timeout = session->access.timeout };
}

static void put_in_force(struct zpm_loop *loop, struct zpm_session *session)
{
	const char *hash = loop->back.revision ? loop->back.hash : loop->source;
	bool mended = loop->broken;

	keep_for_good(loop, session);
	zpm_session_free(loop->session);
	zpm_session_free(loop->broken);
	loop->session = session;
	loop->generation++;
	loop->broken = NULL;
	loop->rounds = 0;
	take_rules(loop);
	if (!strcmp(hash, loop->manifest) && !mended)
		return;
	if (strcmp(hash, loop->manifest) != 0)
		loop->settled = loop->recorded = loop->converged = false;
	snprintf(loop->manifest, sizeof(loop->manifest), "%s", hash);
	zpm_pace_forget(loop->pace);
	if (loop->back.revision)
		zpm_loop_tell(loop, ZPM_LOOP_MANIFEST,
			"revision %" PRId64 " is in force until the manifest changes, as %s wants it",
			loop->back.revision, loop->back.by);
	else
		zpm_loop_tell(loop, ZPM_LOOP_MANIFEST, "the manifest %.19s%s%.12s is in force", hash,
			*loop->commit ? " of commit " : "", loop->commit);
}

/* The first mistake, and how many more there are. */
static const char *mistakes_text(const struct zpm_session *session, const struct zpm_err *err)
{
	const struct zpm_diags *diags = session->manifest ? &session->manifest->diags : NULL;
	const struct zpm_diag *first = diags && diags->list.n ? diags->list.v[0] : NULL;

	if (!first)
		return zpm_arena_strdup(session->arena, err->msg);
	return zpm_arena_printf(session->arena, "%s:%u:%u: %s%s", first->pos.file, first->pos.line,
		first->pos.column, first->msg,
		diags->list.n == 1 ? ""
				   : zpm_arena_printf(session->arena, " (and %zu more)",
					     diags->list.n - 1 + diags->left_out));
}

/* Keeps what is wrong with it, to be shown. */
static int keep_broken(struct zpm_loop *loop, struct zpm_session *session, const struct zpm_err *err)
{
	const char *text = mistakes_text(session, err);
	/* Where there is no manifest in force the loop cannot begin, and whoever has started it is told. */
	bool news = loop->session && (!loop->broken || strcmp(loop->mistakes, text) != 0);

	zpm_session_free(loop->broken);
	loop->broken = session;
	loop->mistakes = text;
	if (news)
		zpm_loop_tell(loop, ZPM_LOOP_MISTAKES, "%s", text);
	return -1;
}

bool zpm_loop_has_commit(struct zpm_loop *loop)
{
	const struct zpm_git_view view = zpm_git_watch_view(loop->git);

	if (view.trouble.code && strcmp(view.trouble.msg, loop->git_trouble) != 0)
		zpm_loop_tell(loop, ZPM_LOOP_TROUBLE, "%s", view.trouble.msg);
	snprintf(loop->git_trouble, sizeof(loop->git_trouble), "%s", view.trouble.msg);
	return view.known && strcmp(view.revision.id, loop->commit) != 0 &&
	       strcmp(view.revision.id, loop->refused) != 0;
}

/* The file itself, or what its repository has in its place. */
static int load(struct zpm_loop *loop, const struct zpm_git_view *view, struct zpm_session **session,
	struct zpm_err *err)
{
	struct zpm_session_options options = loop->options->session;

	if (view)
		options.manifest = view->revision.manifest;
	return zpm_session_load(&options, session, err);
}

/* The first manifest may say that it is not the one that counts. */
static int follow_git(struct zpm_loop *loop, struct zpm_session **session, struct zpm_err *err)
{
	const struct zpm_manifest *manifest = (*session)->manifest;
	const struct zpm_reconcile *rules = manifest->platform->reconcile;
	struct zpm_git_view view;
	int result;

	if (loop->git || !rules || !rules->git)
		return 0;
	if (!loop->options->state)
		return zpm_err_set(err, ZPM_EINVALID,
			"there is no folder for what comes from git: set STATE_DIRECTORY, or HOME");
	if (zpm_git_watch_new(rules->git, manifest->folder, loop->options->state, &loop->git, err) < 0)
		return -1;
	view = zpm_git_watch_view(loop->git);
	loop->platform = copy(loop, manifest->platform->platform);
	zpm_session_free(*session);
	*session = NULL;
	result = load(loop, &view, session, err);
	if (!result)
		snprintf(loop->commit, sizeof(loop->commit), "%s", view.revision.id);
	return result;
}

static int load_now(struct zpm_loop *loop, struct zpm_session **session, struct zpm_err *err)
{
	struct zpm_git_view view;
	int result;

	if (!loop->git) {
		result = load(loop, NULL, session, err);
		return result < 0 ? -1 : follow_git(loop, session, err);
	}
	view = zpm_git_watch_view(loop->git);
	result = load(loop, &view, session, err);
	snprintf(result < 0 ? loop->refused : loop->commit, sizeof(loop->commit), "%s", view.revision.id);
	return result;
}

static void note_back(struct zpm_loop *loop, const struct zpm_rollback *rollback)
{
	struct zpm_loop_back *back = &loop->back;

	*back = (struct zpm_loop_back){ .revision = rollback ? rollback->revision : 0 };
	if (!rollback)
		return;
	snprintf(back->hash, sizeof(back->hash), "%s", rollback->hash ? rollback->hash : "");
	snprintf(back->commit, sizeof(back->commit), "%s", rollback->commit ? rollback->commit : "");
	snprintf(back->by, sizeof(back->by), "%s", rollback->by ? rollback->by : "somebody");
}

/* The manifest has changed since, so that it is what counts again. The others see the record go. */
static void end_rollback(struct zpm_loop *loop)
{
	struct zpm_err err = { 0 };

	if (!zpm_lease_holds(loop->lease))
		return;
	if (zpm_rollback_end(loop->records, loop->platform, &err) < 0)
		zpm_loop_tell(loop, ZPM_LOOP_TROUBLE, "cannot end the rollback: %s", err.msg);
	else
		loop->rollback = 0;
}

/* The revision in the place of the manifest. With mistakes it is what is broken. */
static int restore(struct zpm_loop *loop, const struct zpm_rollback *rollback, struct zpm_session **session,
	struct zpm_err *err)
{
	struct zpm_session_options options = loop->options->session;
	struct zpm_session *earlier;
	int result;

	options.manifest = zpm_arena_printf((*session)->arena, "revision %" PRId64, rollback->revision);
	result = zpm_session_restore(
		&options, rollback->manifest, (*session)->manifest->folder, &earlier, err);
	if (result < 0)
		zpm_session_free(*session);
	else
		zpm_session_replace(earlier, *session);
	*session = earlier;
	return result;
}

static int heed(struct zpm_loop *loop, const struct zpm_rollback *rollback, struct zpm_session **session,
	struct zpm_err *err)
{
	bool counts = rollback && zpm_rollback_replaces(rollback, loop->source, loop->commit);

	loop->rollback = rollback ? rollback->record->version : 0;
	if (counts && restore(loop, rollback, session, err) < 0)
		return -1;
	if (rollback && !counts)
		end_rollback(loop);
	note_back(loop, counts ? rollback : NULL);
	return 0;
}

/*
 * An earlier revision, when somebody wants that. While nobody knows whether somebody does, what is in force
 * stays so: *session is NULL then.
 */
static int go_back(struct zpm_loop *loop, struct zpm_session **session, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	const struct zpm_rollback *rollback = NULL;
	struct zpm_err trouble;
	int result = 0;

	if (zpm_rollback_read(loop->records, loop->platform, arena, &rollback, &trouble) < 0) {
		loop->rollback = UINT64_MAX;
		zpm_session_free(*session);
		*session = NULL;
	} else {
		result = heed(loop, rollback, session, err);
	}
	zpm_arena_free(arena);
	return result;
}

int zpm_loop_heed_rollback(struct zpm_loop *loop, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	const struct zpm_rollback *rollback;
	int result = zpm_rollback_read(loop->records, loop->platform, arena, &rollback, err);

	if (!result && (rollback ? rollback->record->version : 0) != loop->rollback)
		zpm_loop_reload(loop);
	zpm_arena_free(arena);
	return result;
}

int zpm_loop_load(struct zpm_loop *loop, struct zpm_err *err)
{
	struct zpm_session *session = NULL;
	int result = load_now(loop, &session, err);

	loop->reread = false;
	watch(loop, session);
	if (!result && loop->platform && strcmp(session->manifest->platform->platform, loop->platform) != 0)
		result = zpm_err_set(err, ZPM_EINVALID,
			"the manifest is of platform '%s' now, and this zpm runs '%s': start another one for "
			"it",
			session->manifest->platform->platform, loop->platform);
	if (!result)
		snprintf(loop->source, sizeof(loop->source), "%s",
			zpm_session_manifest_hash(session, session->arena));
	/* Before the first round nobody has been asked. */
	if (!result && loop->records)
		result = go_back(loop, &session, err);
	if (result < 0)
		return keep_broken(loop, session, err);
	if (session)
		put_in_force(loop, session);
	return 0;
}

void zpm_loop_reload(struct zpm_loop *loop)
{
	struct zpm_err err = { 0 };

	/* What is wrong has been told of. */
	(void)zpm_loop_load(loop, &err);
}
