/* The label of a hold, as "TIME USER REASON", and what a hold makes of a service. */
#include "model/hold.h"

#include <ctype.h>
#include <string.h>

const char *zpm_hold_write(const struct zpm_hold *hold, struct zpm_arena *arena)
{
	return zpm_arena_printf(arena, "%s %s%s%s", hold->since, hold->by, hold->reason ? " " : "",
		hold->reason ? hold->reason : "");
}

/* "2026-05-04T03:02:01Z": enough of it to know that zpm wrote the label. */
static bool is_time(const char *text, size_t len)
{
	static const char like[] = "0000-00-00T00:00:00Z";

	if (len != strlen(like))
		return false;
	for (size_t i = 0; i < len; i++)
		if (like[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != like[i])
			return false;
	return true;
}

/* A label comes from outside: one line, and nothing that a terminal would obey. */
static const char *shown(const char *text, size_t len, struct zpm_arena *arena)
{
	char *copy = zpm_arena_strndup(arena, text, len);

	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return copy;
}

void zpm_hold_read(const char *label, struct zpm_hold *hold, struct zpm_arena *arena)
{
	size_t time = strcspn(label, " ");
	const char *rest = label + time + (label[time] == ' ');
	size_t by = strcspn(rest, " ");

	*hold = (struct zpm_hold){ 0 };
	if (is_time(label, time)) {
		hold->since = shown(label, time, arena);
		hold->by = by ? shown(rest, by, arena) : NULL;
		label = rest + by + (rest[by] == ' ');
	}
	hold->reason = *label ? shown(label, strlen(label), arena) : NULL;
}

const char *zpm_hold_text(const char *label, struct zpm_arena *arena)
{
	struct zpm_hold hold;

	zpm_hold_read(label, &hold, arena);
	return zpm_arena_printf(arena, "held%s%s%s%s%s%s", hold.since ? " since " : "",
		hold.since ? hold.since : "", hold.by ? " by " : "", hold.by ? hold.by : "",
		hold.reason ? ": " : "", hold.reason ? hold.reason : "");
}

/* The constraints but for the hold's own, in a list of their own. */
static struct zpm_strs other_constraints(const struct zpm_placement *placement, struct zpm_arena *arena)
{
	struct zpm_strs list = { 0 };

	for (size_t i = 0; i < placement->constraints.n; i++)
		if (strcmp(placement->constraints.v[i], ZPM_HOLD_CONSTRAINT) != 0)
			zpm_strs_push(arena, &list, placement->constraints.v[i]);
	return list;
}

/* Shapes share what they were copied from: the placement is changed in a copy. */
static struct zpm_placement *own_placement(struct zpm_service *service, struct zpm_arena *arena)
{
	struct zpm_placement *placement = zpm_arena_alloc(arena, sizeof(*placement));

	placement->max_replicas_per_node = ZPM_UNSET;
	if (service->placement)
		*placement = *service->placement;
	placement->constraints = other_constraints(placement, arena);
	service->placement = placement;
	return placement;
}

void zpm_hold_set(struct zpm_service *service, struct zpm_arena *arena)
{
	if (service->replicas != ZPM_UNSET)
		service->replicas = 0;
	else
		zpm_strs_push(arena, &own_placement(service, arena)->constraints, ZPM_HOLD_CONSTRAINT);
}

void zpm_hold_clear(struct zpm_service *service, struct zpm_arena *arena)
{
	if (service->placement)
		own_placement(service, arena);
}
