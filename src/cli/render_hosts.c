/* Hosts as text, a few lines each, and as JSON. */
#include "cli/render.h"

#include "engine/hosts.h"
#include "model/host.h"

#include <json-c/json.h>
#include <string.h>

#define INDENT     "      "
#define WORD_WIDTH 9

static const char *member_state(const struct zpm_host_member *member)
{
	return member->seen ? zpm_member_state_names[member->seen->state] : "unknown";
}

static const char *member_trouble(const struct zpm_host_member *member)
{
	return member->seen ? member->seen->trouble : NULL;
}

static void render_list(struct zpm_buf *out, const struct zpm_strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		zpm_buf_printf(out, "%s%s", i ? ", " : "", list->v[i]);
}

/* "  a   10.0.0.1  active, by a failover instead of passive; declared down" */
static void render_head(const struct zpm_host_view *view, struct zpm_buf *out)
{
	const struct zpm_host *host = view->host;

	zpm_buf_printf(out, "  %s  %s  ", host->name, zpm_host_address(host));
	render_list(out, &host->roles);
	if (!host->roles.n)
		zpm_buf_puts(out, "no role");
	if (host->failover) {
		zpm_buf_puts(out, ", by a failover instead of ");
		render_list(out, &view->declared->roles);
	}
	if (host->state)
		zpm_buf_printf(out, "; declared %s", host->state);
	zpm_buf_puts(out, "\n");
}

static void render_word(struct zpm_buf *out, const char *word)
{
	zpm_buf_puts(out, INDENT);
	zpm_render_padded(out, word, WORD_WIDTH);
}

/* "node     node-1: ready, active, manager, Engine 20.10.24" */
static void render_node(const struct zpm_object *object, struct zpm_arena *arena, struct zpm_buf *out)
{
	const struct zpm_node_view *view = object->live->node;
	const struct zpm_swarm_node *node = object->spec;

	render_word(out, "node");
	zpm_buf_printf(out, "%s: %s, %s%s", zpm_render_plain(view->hostname, arena),
		view->state ? zpm_render_plain(view->state, arena) : "in no state",
		node->availability ? node->availability : "active", view->manager ? ", manager" : "");
	if (view->engine)
		zpm_buf_printf(out, ", Engine %s", zpm_render_plain(view->engine, arena));
	if (object->live->trouble)
		zpm_buf_printf(out, " (%s)", zpm_render_plain(object->live->trouble, arena));
	zpm_buf_puts(out, "\n");
	if (!node->labels.n)
		return;
	render_word(out, "labels");
	for (size_t i = 0; i < node->labels.n; i++)
		zpm_buf_printf(out, "%s%s=%s", i ? " " : "", zpm_render_plain(node->labels.v[i].key, arena),
			zpm_render_plain(node->labels.v[i].value, arena));
	zpm_buf_puts(out, "\n");
}

static void render_member(const struct zpm_host_member *member, struct zpm_arena *arena, struct zpm_buf *out)
{
	render_word(out, "member");
	zpm_buf_printf(out, "%s of %s: %s", member->address, member->set, member_state(member));
	if (member_trouble(member))
		zpm_buf_printf(out, " (%s)", zpm_render_plain(member_trouble(member), arena));
	zpm_buf_puts(out, "\n");
}

void zpm_render_hosts(
	const struct zpm_ptrs *views, const char *platform, struct zpm_arena *arena, struct zpm_buf *out)
{
	zpm_buf_printf(out, "%s: %zu host%s\n", platform, views->n, views->n == 1 ? "" : "s");
	for (size_t i = 0; i < views->n; i++) {
		const struct zpm_host_view *view = views->v[i];

		zpm_buf_puts(out, "\n");
		render_head(view, out);
		if (view->node) {
			render_node(view->node, arena, out);
		} else {
			render_word(out, "node");
			zpm_buf_puts(out, "the Swarm has none of that name\n");
		}
		for (size_t j = 0; j < view->members.n; j++)
			render_member(view->members.v[j], arena, out);
	}
}

static void add_text(json_object *json, const char *key, const char *text)
{
	if (text)
		json_object_object_add(json, key, json_object_new_string(text));
}

static json_object *list_json(const struct zpm_strs *list)
{
	json_object *json = json_object_new_array();

	for (size_t i = 0; i < list->n; i++)
		json_object_array_add(json, json_object_new_string(list->v[i]));
	return json;
}

static json_object *node_json(const struct zpm_object *object)
{
	const struct zpm_node_view *view = object->live->node;
	const struct zpm_swarm_node *node = object->spec;
	json_object *json = json_object_new_object(), *labels = json_object_new_object();

	for (size_t i = 0; i < node->labels.n; i++)
		add_text(labels, node->labels.v[i].key, node->labels.v[i].value);
	add_text(json, "id", object->live->id);
	add_text(json, "hostname", view->hostname);
	add_text(json, "state", view->state);
	add_text(json, "availability", node->availability);
	add_text(json, "engineVersion", view->engine);
	json_object_object_add(json, "manager", json_object_new_boolean(view->manager));
	json_object_object_add(json, "labels", labels);
	add_text(json, "why", object->live->trouble);
	return json;
}

static json_object *members_json(const struct zpm_ptrs *members)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < members->n; i++) {
		const struct zpm_host_member *member = members->v[i];
		json_object *json = json_object_new_object();

		add_text(json, "set", member->set);
		add_text(json, "host", member->address);
		add_text(json, "state", member_state(member));
		add_text(json, "why", member_trouble(member));
		json_object_array_add(list, json);
	}
	return list;
}

json_object *zpm_render_hosts_json(const struct zpm_ptrs *views)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < views->n; i++) {
		const struct zpm_host_view *view = views->v[i];
		json_object *json = json_object_new_object();

		add_text(json, "name", view->host->name);
		add_text(json, "address", zpm_host_address(view->host));
		json_object_object_add(json, "roles", list_json(&view->host->roles));
		json_object_object_add(json, "declaredRoles", list_json(&view->declared->roles));
		add_text(json, "state", view->host->state);
		json_object_object_add(json, "node", view->node ? node_json(view->node) : NULL);
		json_object_object_add(json, "members", members_json(&view->members));
		json_object_array_add(list, json);
	}
	return list;
}
