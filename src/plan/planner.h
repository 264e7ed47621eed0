/* A plan in the making. Internal to plan/. */
#ifndef ZPM_PLAN_PLANNER_H
#define ZPM_PLAN_PLANNER_H

#include "plan/plan.h"

/* The name of a volume without the host it is on: "data" of "data@soar-b". */
const char *zpm_hosted_name(const char *name, struct zpm_arena *arena);

struct zpm_planner {
	const struct zpm_platform *platform;
	struct zpm_plan *plan;
	const struct zpm_objects *desired, *have;
	struct zpm_index *changed; /* "kind/name" -> struct zpm_change */
};

struct zpm_plan *zpm_planner_plan(const struct zpm_platform *platform);

struct zpm_change *zpm_planner_add(const struct zpm_planner *planner, enum zpm_action action,
	const struct zpm_object *want, const struct zpm_object *have);

void zpm_planner_refuse(struct zpm_plan *plan, const char *text);

/* The change of an object, if there is one that does something. */
const struct zpm_change *zpm_planner_changed(
	const struct zpm_planner *planner, const char *kind, const char *name);

/*
 * Is a network or volume replaced that the observed service uses? Neither can
 * be replaced under a service: whatever uses it now is replaced with it, even
 * what is about to leave it. An update that leaves might have to wait for a
 * service that waits for the new one.
 */
bool zpm_planner_loses_ground(const struct zpm_planner *planner, const struct zpm_object *have);

/* A volume that may stay other than declared. */
bool zpm_planner_keeps_volume(const struct zpm_object *want);

/* What a replacement costs; refuses one that would lose data nobody gave up. */
void zpm_planner_replace(const struct zpm_planner *planner, struct zpm_change *change);

/*
 * Compares the volumes on hosts' own Engines, by the update that is passed. What
 * is missing there is left to the service that makes it.
 */
void zpm_planner_hosted(const struct zpm_planner *planner,
	void (*update)(const struct zpm_planner *, const struct zpm_object *, const struct zpm_object *));

/*
 * What is there, nobody's, and declared to be adopted, and which the Engine
 * could not change: it has to be as declared, and is used as it is.
 */
void zpm_planner_use(
	const struct zpm_planner *planner, const struct zpm_object *want, const struct zpm_object *have);

/* What a replica set needs to become as declared. Comes after the services. */
void zpm_planner_set(const struct zpm_planner *planner, const struct zpm_object *want);

/* What has to be run in the containers of a service, whose own change is planned already. */
void zpm_planner_setup(const struct zpm_planner *planner, const struct zpm_object *want);

/*
 * Of what is in MongoDB and could not be seen: is it left as it is? Not when something
 * of the topology changes: then it is taken to be missing, and made where it is.
 */
bool zpm_planner_leaves_unseen(
	const struct zpm_planner *planner, const struct zpm_object *want, const struct zpm_object *have);

/* A service cannot be replaced and adopted at once: refuses. */
void zpm_planner_refuse_adoption(const struct zpm_planner *planner, const struct zpm_change *change);

/* Adds the deletions: what is ours and no longer declared or needed. Comes last. */
void zpm_planner_prune(const struct zpm_planner *planner);

#endif
