/* Write concern: w as a number or "majority", and wtimeout. */
#include "write.h"

#include "repl.h"

#include <string.h>

static void report(bson_t *reply, int code, const char *msg)
{
	bson_t error;

	BSON_APPEND_DOCUMENT_BEGIN(reply, "writeConcernError", &error);
	BCON_APPEND(&error, "code", BCON_INT32(code), "codeName", BCON_UTF8(refusal_name(code)), "errmsg",
		BCON_UTF8(msg));
	if (code == WRITE_CONCERN_FAILED)
		BCON_APPEND(&error, "errInfo", "{", "wtimeout", BCON_BOOL(true), "}");
	bson_append_document_end(reply, &error);
}

static size_t members_with_data(const struct standin *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->config.n; i++)
		n += !s->config.members[i].arbiter;
	return n;
}

static bool acknowledged(const struct standin *s, const struct request *req, bool majority, size_t w)
{
	if (majority)
		return repl_having(s, req->position, true) >= repl_write_majority(s) &&
		       s->commit >= req->position;
	return repl_having(s, req->position, false) >= w;
}

static void begin(struct standin *s, struct request *req)
{
	int64_t timeout = doc_int(req->message.body, "writeConcern.wtimeout", 0);

	req->step = 1;
	req->position = s->store.n;
	req->term = s->term;
	req->until = timeout ? zpm_clock_now() + timeout * ZPM_MS : 0;
}

enum outcome write_finish(struct standin *s, struct request *req, bson_t *reply)
{
	bool majority = !strcmp(doc_text(req->message.body, "writeConcern.w", ""), "majority");
	size_t w = (size_t)doc_int(req->message.body, "writeConcern.w", 1);

	if (!req->step)
		begin(s, req);
	bson_concat(reply, req->result);
	if (!s->opts.set || (!majority && w <= 1))
		return DONE;
	if (!repl_is_primary(s) || s->term != req->term)
		report(reply, PRIMARY_STEPPED_DOWN, "Primary stepped down while waiting for replication");
	else if (!majority && w > members_with_data(s))
		report(reply, UNSATISFIABLE_WRITE_CONCERN, "Not enough data-bearing nodes");
	else if (acknowledged(s, req, majority, w))
		return DONE;
	else if (req->until && zpm_clock_now() >= req->until)
		report(reply, WRITE_CONCERN_FAILED, "waiting for replication timed out");
	else
		return PARKED;
	return DONE;
}
