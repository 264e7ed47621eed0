/*
 * What dependsOn may not say: a service that is not there, itself, one of a
 * later tier, or one that comes round to itself.
 */
#include "base/buf.h"
#include "base/index.h"
#include "model/check_parts.h"

#include <string.h>

/* A dependency out of the defaults is everybody's: the path is then that of the service. */
static const char *path_of(struct zpm_checker *c, const struct zpm_subject *subject, size_t i)
{
	if (!subject->own->depends_on.n)
		return subject->path;
	return zpm_arena_printf(c->arena, "%s.dependsOn[%zu]", subject->path, i);
}

static void check_dependency(struct zpm_checker *c, const struct zpm_subject *subject, size_t i)
{
	const char *name = subject->full->depends_on.v[i];
	const struct zpm_subject *other = zpm_index_get(c->services.index, name);
	bool own = subject->own->depends_on.n;

	if (!*name)
		return;
	if (!other && own)
		zpm_find_missing(c, path_of(c, subject, i), "service", name, &c->services);
	else if (other && other == subject)
		zpm_find(c, path_of(c, subject, i), "'%s' depends on itself%s", name,
			own ? "" : ", through the defaults");
	else if (other && other->tier > subject->tier)
		zpm_find(c, path_of(c, subject, i),
			"'%s' is of the tier %s, which starts only when the tier %s runs; tiers start in "
			"order",
			name, zpm_tier_names[other->tier], zpm_tier_names[subject->tier]);
}

void zpm_check_dependencies(struct zpm_checker *c, const struct zpm_subject *subject)
{
	for (size_t i = 0; i < subject->full->depends_on.n; i++)
		check_dependency(c, subject, i);
}

/* The dependency to follow, or NULL for one that cannot be part of a cycle worth naming. */
static struct zpm_subject *follow(const struct zpm_checker *c, const struct zpm_subject *from, size_t i)
{
	struct zpm_subject *to = zpm_index_get(c->services.index, from->full->depends_on.v[i]);

	/* Itself and later tiers have been reported; a way back from an earlier tier needs one of those. */
	return to && to != from && to->tier == from->tier ? to : NULL;
}

/* "kafka → zookeeper → kafka": from where the trail meets itself. */
static void report_cycle(struct zpm_checker *c, const struct zpm_ptrs *trail, const struct zpm_subject *first)
{
	const struct zpm_subject *last = trail->v[trail->n - 1];
	ZPM_BUF names = { 0 };
	size_t i = trail->n - 1;

	while (trail->v[i] != first)
		i--;
	for (; i < trail->n; i++) {
		zpm_buf_puts(&names, ((const struct zpm_subject *)trail->v[i])->own->name);
		zpm_buf_puts(&names, " → ");
	}
	zpm_buf_puts(&names, first->own->name);
	zpm_find(c, path_of(c, last, last->next - 1), "a cycle of dependencies: %s", names.data);
}

/* Depth first along an explicit trail: a chain may be as long as there are services. */
static void walk(struct zpm_checker *c, struct zpm_subject *start, struct zpm_ptrs *trail)
{
	start->seen = ZPM_ON_TRAIL;
	zpm_ptrs_push(c->arena, trail, start);
	while (trail->n) {
		struct zpm_subject *top = trail->v[trail->n - 1], *next;

		if (top->next == top->full->depends_on.n) {
			top->seen = ZPM_SEEN;
			trail->n--;
			continue;
		}
		next = follow(c, top, top->next++);
		if (!next || next->seen == ZPM_SEEN)
			continue;
		if (next->seen == ZPM_ON_TRAIL) {
			report_cycle(c, trail, next);
			continue;
		}
		next->seen = ZPM_ON_TRAIL;
		zpm_ptrs_push(c->arena, trail, next);
	}
}

void zpm_check_cycles(struct zpm_checker *c)
{
	struct zpm_ptrs trail = { 0 };

	for (size_t i = 0; i < c->subjects.n; i++) {
		struct zpm_subject *subject = c->subjects.v[i];

		if (subject->seen == ZPM_UNSEEN)
			walk(c, subject, &trail);
	}
}
