/*
 * The composer keeps a stack of its own, as deep as manifests may be, so no
 * input can exhaust the program's. It goes on after whatever leaves the
 * structure of the document intact, and puts a broken node in that place.
 */
#include "manifest/compose.h"

#include "base/index.h"
#include "base/text.h"
#include "manifest/compose_map.h"
#include "manifest/manifest.h"
#include "manifest/syntax.h"

#include <stdlib.h>
#include <string.h>

#define TAG_PREFIX "tag:yaml.org,2002:"

/* Long text weighs more than one node: an alias to it may be copied as often as it is used. */
#define TEXT_PER_WEIGHT 16

/* A list or map whose end has not been read. */
struct frame {
	struct zpm_node *node;
	struct zpm_entry *entry; /* of a map: its value comes next */
	bool dropped;            /* that entry does not count: something is wrong with its key */
	bool merging;            /* that entry is a `<<` */
	struct zpm_node *merge;  /* the value of the map's `<<` */
};

/* Anchors may be set again: then later aliases mean the later node. */
struct anchor {
	struct zpm_node *node;
};

struct composer {
	yaml_parser_t parser;
	const struct zpm_source *source;
	struct zpm_arena *arena;
	struct zpm_diags *diags;
	struct zpm_index *anchors;
	struct frame stack[ZPM_MANIFEST_MAX_DEPTH];
	size_t depth;
	size_t weight; /* of all nodes so far, aliases counted as what they stand for */
	struct zpm_node *root;
	bool any;     /* a document has begun */
	bool stopped; /* the rest cannot be made sense of */
};

static struct zpm_pos at_mark(const struct composer *c, const yaml_mark_t *mark)
{
	return (struct zpm_pos){ c->source->name, (unsigned)mark->line + 1, (unsigned)mark->column + 1 };
}

static struct zpm_node *new_node(struct composer *c, enum zpm_node_kind kind, const yaml_mark_t *mark)
{
	struct zpm_node *node = zpm_arena_alloc(c->arena, sizeof(*node));

	node->kind = kind;
	node->pos = at_mark(c, mark);
	node->weight = 1;
	return node;
}

static void add_weight(struct composer *c, size_t weight, const yaml_mark_t *mark)
{
	c->weight += weight;
	if (c->weight <= ZPM_MANIFEST_MAX_NODES)
		return;
	zpm_diag_add(c->diags, at_mark(c, mark),
		"too large: more than %d values, each alias counted as all it stands for",
		ZPM_MANIFEST_MAX_NODES);
	c->stopped = true;
}

static void set_anchor(struct composer *c, const yaml_char_t *name, struct zpm_node *node)
{
	struct anchor *anchor, *old;

	if (!name)
		return;
	anchor = zpm_arena_alloc(c->arena, sizeof(*anchor));
	anchor->node = node;
	old = zpm_index_add(c->anchors, zpm_arena_strdup(c->arena, (const char *)name), anchor);
	if (old)
		old->node = node;
}

/* The node is a key: what becomes of the entry is said, its value is still to come. */
static void begin_entry(struct composer *c, struct frame *frame, const struct zpm_node *key)
{
	struct zpm_entry *entry = zpm_arena_alloc(c->arena, sizeof(*entry));
	const struct zpm_entry *old = NULL;

	*entry = (struct zpm_entry){ .key = key->text, .pos = key->pos };
	frame->entry = entry;
	frame->merging = false;
	frame->dropped = key->kind != ZPM_NODE_SCALAR;
	if (frame->dropped && key->kind != ZPM_NODE_BROKEN)
		zpm_diag_add(
			c->diags, key->pos, "a key has to be text, not %s", zpm_node_describe(key, c->arena));
	if (frame->dropped)
		return;
	frame->merging = key->plain && !strcmp(key->text, "<<");
	if (!frame->merging)
		old = zpm_node_add_entry(frame->node, entry, c->arena);
	if (!old && !(frame->merging && frame->merge))
		return;
	frame->dropped = true;
	if (old)
		zpm_diag_add(c->diags, key->pos, "duplicate key %s; it is set on line %u, column %u already",
			zpm_node_quote(key->text, c->arena), old->pos.line, old->pos.column);
	else
		zpm_diag_add(c->diags, key->pos,
			"duplicate key '<<'; to merge several mappings write one list: [*a, *b]");
}

/* A node is complete: it is a key, a value, an item or the root. */
static void attach(struct composer *c, struct zpm_node *node)
{
	struct frame *frame = c->depth ? &c->stack[c->depth - 1] : NULL;

	if (!frame) {
		c->root = node;
		return;
	}
	frame->node->weight += node->weight;
	if (frame->node->kind == ZPM_NODE_LIST) {
		zpm_ptrs_push(c->arena, &frame->node->items, node);
	} else if (!frame->entry) {
		begin_entry(c, frame, node);
	} else {
		frame->entry->value = node;
		if (frame->merging && !frame->dropped)
			frame->merge = node;
		frame->entry = NULL;
	}
}

/* `!!str` and `!` make text of anything; other tags would need types that a manifest has not. */
static bool tag_allowed(struct composer *c, const yaml_char_t *tag, bool scalar, const yaml_mark_t *mark)
{
	const char *name = (const char *)tag, *sign = "", *hint = "";

	if (!name || (scalar && (!strcmp(name, "!") || !strcmp(name, TAG_PREFIX "str"))))
		return true;
	if (zpm_starts_with(name, TAG_PREFIX)) {
		name += strlen(TAG_PREFIX);
		sign = "!!";
	} else if (scalar) {
		hint = ", or put text that begins with '!' in quotes";
	}
	zpm_diag_add(c->diags, at_mark(c, mark), "the tag '%s%s' means nothing here; leave it out%s", sign,
		name, hint);
	return false;
}

static void add_scalar(struct composer *c, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	struct zpm_node *node = new_node(c, ZPM_NODE_SCALAR, &event->start_mark);

	node->text = zpm_arena_strndup(c->arena, text, len);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.tag;
	if (!tag_allowed(c, event->data.scalar.tag, true, &event->start_mark))
		node->kind = ZPM_NODE_BROKEN;
	if (memchr(text, '\0', len)) {
		zpm_diag_add(c->diags, at_mark(c, &event->start_mark),
			"holds a NUL character, which no value can");
		node->kind = ZPM_NODE_BROKEN;
	}
	node->weight += len / TEXT_PER_WEIGHT;
	set_anchor(c, event->data.scalar.anchor, node);
	add_weight(c, node->weight, &event->start_mark);
	attach(c, node);
}

static void begin_collection(struct composer *c, enum zpm_node_kind kind, const yaml_char_t *anchor,
	const yaml_char_t *tag, const yaml_mark_t *mark)
{
	struct zpm_node *node = new_node(c, kind, mark);

	if (c->depth == ZPM_MANIFEST_MAX_DEPTH) {
		zpm_diag_add(c->diags, at_mark(c, mark), "nested more than %d levels deep",
			ZPM_MANIFEST_MAX_DEPTH);
		c->stopped = true;
		return;
	}
	node->open = true;
	(void)tag_allowed(c, tag, false, mark);
	set_anchor(c, anchor, node);
	add_weight(c, 1, mark);
	c->stack[c->depth++] = (struct frame){ .node = node };
}

static void end_collection(struct composer *c)
{
	struct frame *frame = &c->stack[c->depth - 1];
	struct zpm_node *node = frame->node;

	node->open = false;
	if (frame->merge && !zpm_node_merge(node, frame->merge, c->arena))
		zpm_diag_add(c->diags, frame->merge->pos,
			"'<<' merges a mapping or a list of mappings, not %s",
			frame->merge->kind == ZPM_NODE_LIST ? "anything else in the list"
							    : zpm_node_describe(frame->merge, c->arena));
	c->depth--;
	attach(c, node);
}

static void add_alias(struct composer *c, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct anchor *anchor = zpm_index_get(c->anchors, name);
	const yaml_mark_t *mark = &event->start_mark;

	if (anchor && !anchor->node->open) {
		add_weight(c, anchor->node->weight, mark);
		attach(c, anchor->node);
		return;
	}
	if (anchor)
		zpm_diag_add(
			c->diags, at_mark(c, mark), "the alias '*%s' is inside of what it stands for", name);
	else
		zpm_diag_add(c->diags, at_mark(c, mark), "unknown alias '*%s': no '&%s' comes before it",
			name, name);
	attach(c, new_node(c, ZPM_NODE_BROKEN, mark));
}

static void begin_document(struct composer *c, const yaml_event_t *event)
{
	if (c->any) {
		zpm_diag_add(c->diags, at_mark(c, &event->start_mark),
			"a second document begins here; a manifest is one document");
		c->stopped = true;
	}
	c->any = true;
}

static void handle(struct composer *c, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		begin_document(c, event);
		break;
	case YAML_SCALAR_EVENT:
		add_scalar(c, event);
		break;
	case YAML_ALIAS_EVENT:
		add_alias(c, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		begin_collection(c, ZPM_NODE_LIST, event->data.sequence_start.anchor,
			event->data.sequence_start.tag, &event->start_mark);
		break;
	case YAML_MAPPING_START_EVENT:
		begin_collection(c, ZPM_NODE_MAP, event->data.mapping_start.anchor,
			event->data.mapping_start.tag, &event->start_mark);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		end_collection(c);
		break;
	case YAML_STREAM_END_EVENT:
		c->stopped = true;
		break;
	default:
		break;
	}
}

struct zpm_node *zpm_compose(
	const struct zpm_source *source, size_t *weight, struct zpm_arena *arena, struct zpm_diags *diags)
{
	struct composer c = {
		.source = source,
		.weight = *weight,
		.arena = arena,
		.diags = diags,
		.anchors = zpm_index_new(arena),
	};
	yaml_event_t event;

	if (!yaml_parser_initialize(&c.parser))
		abort();
	yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&c.parser, (const unsigned char *)source->text, source->len);
	while (!c.stopped) {
		if (!yaml_parser_parse(&c.parser, &event)) {
			zpm_syntax_report(&c.parser, source, diags);
			c.root = NULL;
			break;
		}
		handle(&c, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&c.parser);
	*weight = c.weight;
	/* Cut short inside of the document, or without one. */
	return c.depth ? NULL : c.root;
}
