/* The section `notify`: each webhook needs one URL. */
#include "model/check_parts.h"

void zpm_check_notify(struct zpm_checker *c)
{
	const struct zpm_ptrs *all = &c->platform->notify;

	for (size_t i = 0; i < all->n; i++) {
		const struct zpm_notify *one = all->v[i];
		const char *path = zpm_arena_printf(c->arena, "notify.%s", one->name);

		if (!one->url && !one->url_file)
			zpm_find(c, path, "it needs a 'url', or a 'urlFile' with one");
		else if (one->url && one->url_file)
			zpm_find(c, path, "url and urlFile exclude each other");
	}
}
