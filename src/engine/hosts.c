/* From what is desired and observed of kinds to what there is of each host. */
#include "engine/hosts.h"

#include "model/host.h"
#include "model/mongo_object.h"

#include <string.h>

static void add_members(struct zpm_host_view *view, const struct zpm_object *want,
	const struct zpm_objects *have, struct zpm_arena *arena)
{
	const struct zpm_object *seen = zpm_objects_find_real(have, want->kind->id, want->real);
	const struct zpm_set_view *set = seen ? seen->live->set : NULL;

	for (size_t i = 0; i < want->set->members.n; i++) {
		const struct zpm_mongo_process *process = want->set->members.v[i];
		struct zpm_host_member *member;

		if (strcmp(process->host_name, view->host->name) != 0)
			continue;
		member = zpm_arena_alloc(arena, sizeof(*member));
		member->set = want->name;
		member->address = process->address;
		member->seen = set ? zpm_member_view_by_host(&set->members, process->address) : NULL;
		zpm_ptrs_push(arena, &view->members, member);
	}
}

void zpm_hosts_view(const struct zpm_session *session, struct zpm_arena *arena, struct zpm_ptrs *views)
{
	const struct zpm_ptrs *declared = &session->manifest->platform->hosts,
			      *hosts = &session->platform->hosts;
	const struct zpm_ptrs *objects = &session->desired->list;

	for (size_t i = 0; i < hosts->n; i++) {
		struct zpm_host_view *view = zpm_arena_alloc(arena, sizeof(*view));

		view->declared = declared->v[i];
		view->host = hosts->v[i];
		view->node = zpm_objects_find(session->have, ZPM_KIND_NODE, view->host->name);
		for (size_t j = 0; j < objects->n; j++) {
			const struct zpm_object *want = objects->v[j];

			if (want->set)
				add_members(view, want, session->have, arena);
		}
		zpm_ptrs_push(arena, views, view);
	}
}

bool zpm_host_is_seen(const struct zpm_host_view *view)
{
	if (zpm_host_is_down(view->host))
		return true;
	for (size_t i = 0; i < view->members.n; i++) {
		const struct zpm_host_member *member = view->members.v[i];

		if (!member->seen || member->seen->trouble)
			return false;
	}
	return view->node;
}
