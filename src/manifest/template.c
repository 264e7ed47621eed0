/* What of the template depends on values is kept as nodes, and decoded for each service anew. */
#include "manifest/template_parts.h"

#include "manifest/manifest.h"

#include "base/index.h"
#include "model/apps.h"
#include "model/platform.h"
#include "model/shape.h"

#include <string.h>

struct zpm_template {
	struct zpm_decoder decoder;
	struct zpm_place place; /* a path of its own, for messages */
	const struct zpm_entry *name;
	const struct zpm_service *fixed; /* with all that depends on no value */
	struct zpm_ptrs varying;         /* struct zpm_entry, the other fields */
};

static bool varies(const struct zpm_node *node)
{
	if (node->kind == ZPM_NODE_SCALAR)
		return strstr(node->text, "${" ZPM_TEMPLATE_PREFIX);
	for (size_t i = 0; i < node->items.n; i++) {
		const void *item = node->items.v[i];

		if (varies(node->kind == ZPM_NODE_LIST ? item : ((const struct zpm_entry *)item)->value))
			return true;
	}
	return false;
}

static const struct zpm_node *child(const struct zpm_node *node, const char *key)
{
	const struct zpm_entry *entry = node ? zpm_node_entry(node, key) : NULL;

	return entry ? entry->value : NULL;
}

const struct zpm_pairs *zpm_template_samples(struct zpm_arena *arena)
{
	struct zpm_pairs *samples = zpm_arena_alloc(arena, sizeof(*samples));

	for (const struct zpm_template_variable *v = zpm_template_variables; v->name; v++)
		zpm_pairs_set(arena, samples, v->name, v->sample);
	return samples;
}

static void check_shared(
	const struct zpm_from_integrations *from, struct zpm_decoder *d, const struct zpm_node *node)
{
	const struct zpm_place place = { .node = node };

	for (const struct zpm_template_variable *v = zpm_template_variables; v->name; v++)
		if (from->per_tenant == 0 && !v->shared && zpm_vars_knows(&d->vars, v->name))
			zpm_complain(d, &place,
				"apps.fromIntegrations: '%s' differs between the tenants that share a "
				"service, as 'perTenant: false' has it",
				v->name);
}

static void split(struct zpm_template *template, struct zpm_service *fixed)
{
	struct zpm_arena *arena = template->decoder.arena;
	const void *unset = zpm_shape_unset(&zpm_template_shape, arena);

	for (size_t i = 0; i < template->place.node->items.n; i++) {
		struct zpm_entry *entry = template->place.node->items.v[i];
		const struct zpm_field *field = zpm_shape_field(&zpm_template_shape, entry->key);

		if (!field || !varies(entry->value))
			continue;
		zpm_field_assign(field, fixed, unset);
		zpm_ptrs_push(arena, &template->varying, entry);
	}
	template->fixed = fixed;
}

struct zpm_template *zpm_template_new(
	struct zpm_decoder *d, const struct zpm_node *root, const struct zpm_platform *platform)
{
	const struct zpm_node *section = child(child(root, "apps"), "fromIntegrations");
	const struct zpm_node *node = child(section, "template");
	struct zpm_template *template;
	struct zpm_service *fixed;

	if (!node || !platform->apps || !platform->apps->from_integrations ||
		!platform->apps->from_integrations->service)
		return NULL;
	check_shared(platform->apps->from_integrations, d, section);
	platform->apps->from_integrations->uses_port = zpm_vars_knows(&d->vars, ZPM_TEMPLATE_PORT);
	template = zpm_arena_alloc(d->arena, sizeof(*template));
	template->decoder = *d;
	template->place = (struct zpm_place){ .node = node };
	template->name = zpm_node_entry(section, "name");
	fixed = zpm_arena_alloc(d->arena, sizeof(*fixed));
	*fixed = *platform->apps->from_integrations->service;
	split(template, fixed);
	return template;
}

/* The first complaint says it: a person mends the document, and looks again. */
static int judge(const struct zpm_diags *diags, struct zpm_err *err)
{
	const struct zpm_diag *first = diags->list.n ? diags->list.v[0] : NULL;

	return first ? zpm_err_set(err, ZPM_EINVALID, "%s", first->msg) : 0;
}

int zpm_template_fill(const struct zpm_template *template, const struct zpm_pairs *values,
	struct zpm_arena *arena, struct zpm_service **service, const char **name, struct zpm_err *err)
{
	struct zpm_diags diags = { .arena = arena };
	struct zpm_decoder d = template->decoder;

	d.arena = d.vars.arena = arena;
	d.diags = &diags;
	d.vars.scope = values;
	d.vars.left = ZPM_MANIFEST_MAX_BYTES;
	*service = zpm_arena_alloc(arena, sizeof(**service));
	**service = *template->fixed;
	for (size_t i = 0; i < template->varying.n; i++) {
		const struct zpm_place place = zpm_place_of_entry(&template->place, template->varying.v[i]);

		zpm_decode_field(
			&d, &place, zpm_shape_field(&zpm_template_shape, place.entry->key), *service);
	}
	*name = NULL;
	if (template->name) {
		const struct zpm_place place = zpm_place_of_entry(&template->place, template->name);

		*name = zpm_decode_text(&d, &place, "text", ZPM_LENIENT);
	}
	return judge(&diags, err);
}

void zpm_template_source(
	const struct zpm_template *template, struct zpm_arena *arena, struct zpm_template_source *source)
{
	const struct zpm_vars *vars = &template->decoder.vars;

	*source = (struct zpm_template_source){ .service = template->place.node,
		.name = template->name ? template->name->value : NULL };
	/* The built-in ones are made from fields, and those nobody uses may be another manifest's. */
	for (size_t i = 0; i < vars->names.n; i++) {
		const char *name = vars->names.v[i];

		if (!zpm_vars_name_mistake(name) && zpm_vars_knows(vars, name))
			zpm_pairs_set(arena, &source->vars, name, zpm_index_get(vars->values, name));
	}
}
