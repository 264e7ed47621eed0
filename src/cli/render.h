/* Plans, outcomes and states as text and as JSON. */
#ifndef ZPM_CLI_RENDER_H
#define ZPM_CLI_RENDER_H

#include "base/buf.h"
#include "engine/apply.h"
#include "engine/status.h"

struct json_object;

void zpm_render_plan(const struct zpm_plan *plan, bool colour, struct zpm_buf *out);
struct json_object *zpm_render_plan_json(const struct zpm_plan *plan, const char *manifest_hash);
/* As a comment of a pull request: https://github.github.com/gfm/ */
void zpm_render_plan_markdown(const struct zpm_plan *plan, struct zpm_buf *out);

/* What the renderings of a plan share. "~" and its like: */
const char *zpm_render_sign(enum zpm_action action);
/* "2 changes (1 create, 1 update), 3 unchanged" */
void zpm_render_counts(const struct zpm_plan *plan, struct zpm_buf *out);
/* "restarts 2 tasks (drift)", or what a new object is */
void zpm_render_cost(const struct zpm_change *change, struct zpm_buf *out);
/* Was its service held before? An operator has to be reminded of that. */
bool zpm_render_is_held(const struct zpm_change *change);
/* A field's value on one line, without control characters. */
void zpm_render_value(struct json_object *value, struct zpm_buf *out);

void zpm_render_outcome(
	const struct zpm_outcome *outcome, const char *platform, bool colour, struct zpm_buf *out);
struct json_object *zpm_render_outcome_json(const struct zpm_outcome *outcome);

void zpm_render_status(
	const struct zpm_ptrs *statuses, const struct zpm_session *session, bool colour, struct zpm_buf *out);
struct json_object *zpm_render_status_json(
	const struct zpm_ptrs *statuses, const struct zpm_session *session);

struct zpm_apps_plan;

/* What the platform's database says, and what becomes of it. */
void zpm_render_integrations(const struct zpm_apps_plan *plan, struct zpm_buf *out);
struct json_object *zpm_render_integrations_json(const struct zpm_apps_plan *plan);
void zpm_render_tenants(const struct zpm_apps_plan *plan, struct zpm_buf *out);
struct json_object *zpm_render_tenants_json(const struct zpm_apps_plan *plan);

/* The hosts of a platform, struct zpm_host_view each. */
void zpm_render_hosts(
	const struct zpm_ptrs *views, const char *platform, struct zpm_arena *arena, struct zpm_buf *out);
struct json_object *zpm_render_hosts_json(const struct zpm_ptrs *views);

/* The revisions of a platform, struct zpm_revision each. */
void zpm_render_history(const struct zpm_ptrs *revisions, struct zpm_buf *out);
struct json_object *zpm_render_history_json(const struct zpm_ptrs *revisions);

/* {"since": ..., "by": ..., "reason": ...} of a hold's label, without what is not known. */
struct json_object *zpm_render_hold_json(const char *label);

/* Have all converged, or are held? */
bool zpm_statuses_converged(const struct zpm_ptrs *statuses);

/* What depends on what, as a picture and as Graphviz takes it. Pure. */
void zpm_render_svg(const struct zpm_objects *desired, struct zpm_arena *arena, struct zpm_buf *out);
void zpm_render_dot(const struct zpm_objects *desired, struct zpm_buf *out);

/* Prints JSON, readable, with a newline behind, and frees it. */
void zpm_print_json(struct json_object *json);

enum zpm_colour {
	ZPM_COLOUR_NONE,
	ZPM_COLOUR_GREEN,
	ZPM_COLOUR_YELLOW,
	ZPM_COLOUR_RED,
	ZPM_COLOUR_MAGENTA,
	ZPM_COLOUR_DIM,
};

/* The escape sequence, or "" when colour is off. */
const char *zpm_colour(bool on, enum zpm_colour colour);

/* Text that others wrote, with blanks for what would steer a terminal; "" for NULL. */
const char *zpm_render_plain(const char *text, struct zpm_arena *arena);

/* Adds text and blanks up to a width in columns, at least one. */
void zpm_render_padded(struct zpm_buf *out, const char *text, size_t width);

/*
 * "service  kafka     ": what sort of thing it is, and its name. A long sort takes its room from
 * the name, so that what follows stays in its column. The other: how wide that has to be.
 */
void zpm_render_ref(struct zpm_buf *out, const char *sort, const char *name, size_t width);
size_t zpm_render_ref_width(const char *sort, const char *name);

#endif
