/*
 * From YAML's events to a tree of nodes. What YAML would let a manifest do and
 * a manifest must not (explode, nest without end, hold two documents, say one
 * key twice) is found here. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_COMPOSE_H
#define ZPM_MANIFEST_COMPOSE_H

#include "manifest/node.h"
#include "manifest/source.h"

/*
 * The root of the document, or NULL when there is none to work with; everything
 * wrong is in the diagnostics. A tree may come with diagnostics too. `weight` is
 * how much the documents composed before weigh together, and is added to.
 */
struct zpm_node *zpm_compose(
	const struct zpm_source *source, size_t *weight, struct zpm_arena *arena, struct zpm_diags *diags);

#endif
