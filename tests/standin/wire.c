/* Framing of messages. Numbers on the wire are little-endian. */
#include "wire.h"

#include "doc.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#define HEADER_SIZE 16

enum {
	OP_REPLY = 1,
	OP_QUERY = 2004,
	OP_MSG = 2013,
};

enum {
	FLAG_CHECKSUM = 1,
	FLAG_MORE_TO_COME = 2,
};

struct reader {
	const uint8_t *at, *end;
};

static int32_t get_int(const uint8_t *at)
{
	uint32_t raw;

	memcpy(&raw, at, sizeof(raw));
	return (int32_t)le32toh(raw);
}

static bool read_int(struct reader *r, int32_t *value)
{
	if (r->end - r->at < 4)
		return false;
	*value = get_int(r->at);
	r->at += 4;
	return true;
}

static bool read_text(struct reader *r, const char **text)
{
	const uint8_t *nul = memchr(r->at, 0, (size_t)(r->end - r->at));

	if (!nul)
		return false;
	*text = (const char *)r->at;
	r->at = nul + 1;
	return true;
}

static bool read_doc(struct reader *r, bson_t *view)
{
	int32_t len;

	if (r->end - r->at < 5)
		return false;
	len = get_int(r->at);
	if (len < 5 || len > r->end - r->at || !bson_init_static(view, r->at, (size_t)len))
		return false;
	r->at += len;
	return bson_validate(view, BSON_VALIDATE_NONE, NULL);
}

/* A section of kind 1 becomes the array that it stands for. */
static bool read_sequence(struct reader *r, bson_t *body)
{
	struct reader part = *r;
	const char *name;
	int32_t len;
	uint32_t n = 0;
	bson_t array, doc;
	bool good = true;

	if (!read_int(r, &len) || len < 5 || len > part.end - part.at)
		return false;
	part.end = part.at + len;
	part.at += 4;
	if (!read_text(&part, &name))
		return false;
	bson_append_array_begin(body, name, -1, &array);
	while (good && part.at < part.end) {
		good = read_doc(&part, &doc);
		if (good)
			array_add_doc(&array, &n, &doc);
	}
	bson_append_array_end(body, &array);
	r->at = part.end;
	return good;
}

static bool read_msg(struct reader *r, struct message *message)
{
	int32_t flags;
	bson_t view;

	if (!read_int(r, &flags))
		return false;
	message->silent = flags & FLAG_MORE_TO_COME;
	if (flags & FLAG_CHECKSUM)
		r->end -= 4;
	while (r->at < r->end) {
		uint8_t kind = *r->at++;

		if (kind == 0 && read_doc(r, &view))
			bson_concat(message->body, &view);
		else if (kind != 1 || !read_sequence(r, message->body))
			return false;
	}
	snprintf(message->db, sizeof(message->db), "%s", doc_text(message->body, "$db", "admin"));
	return true;
}

static bool read_query(struct reader *r, struct message *message)
{
	int32_t skipped;
	const char *ns;
	bson_t view, inner;

	if (!read_int(r, &skipped) || !read_text(r, &ns) || !read_int(r, &skipped) ||
		!read_int(r, &skipped) || !read_doc(r, &view))
		return false;
	snprintf(message->db, sizeof(message->db), "%.*s", (int)strcspn(ns, "."), ns);
	message->legacy = true;
	bson_concat(message->body, doc_sub(&view, "$query", &inner) ? &inner : &view);
	return true;
}

static void drop_front(struct zpm_buf *buf, size_t len)
{
	memmove(buf->data, buf->data + len, buf->len - len);
	buf->len -= len;
}

int wire_take(struct zpm_buf *in, struct message *message)
{
	struct reader r;
	int32_t len, op;
	bool good;

	if (in->len < HEADER_SIZE)
		return 0;
	len = get_int((const uint8_t *)in->data);
	if (len < HEADER_SIZE || len > WIRE_MESSAGE_MAX)
		return -1;
	if (in->len < (size_t)len)
		return 0;
	r = (struct reader){ (const uint8_t *)in->data + HEADER_SIZE, (const uint8_t *)in->data + len };
	*message = (struct message){ .id = get_int((const uint8_t *)in->data + 4),
		.answers = get_int((const uint8_t *)in->data + 8),
		.body = bson_new() };
	op = get_int((const uint8_t *)in->data + 12);
	good = op == OP_MSG ? read_msg(&r, message) : op == OP_QUERY && read_query(&r, message);
	drop_front(in, (size_t)len);
	if (good)
		return 1;
	bson_destroy(message->body);
	message->body = NULL;
	return -1;
}

static void put_int(struct zpm_buf *out, int32_t value)
{
	uint32_t raw = htole32((uint32_t)value);

	zpm_buf_add(out, (const char *)&raw, sizeof(raw));
}

static void put_header(struct zpm_buf *out, int32_t len, int32_t id, int32_t answers, int32_t op)
{
	put_int(out, HEADER_SIZE + len);
	put_int(out, id);
	put_int(out, answers);
	put_int(out, op);
}

void wire_put(struct zpm_buf *out, int32_t id, int32_t answers, const bson_t *body)
{
	put_header(out, 5 + (int32_t)body->len, id, answers, OP_MSG);
	put_int(out, 0);
	zpm_buf_add(out, "", 1);
	zpm_buf_add(out, (const char *)bson_get_data(body), body->len);
}

void wire_put_legacy(struct zpm_buf *out, int32_t id, int32_t answers, const bson_t *body)
{
	put_header(out, 20 + (int32_t)body->len, id, answers, OP_REPLY);
	for (int i = 0; i < 4; i++)
		put_int(out, 0);
	put_int(out, 1);
	zpm_buf_add(out, (const char *)bson_get_data(body), body->len);
}
