/*
 * What can be asked for: one row says all there is to say about an endpoint. Routing, who may, what a body
 * may hold, 405 and the OpenAPI document follow from the rows.
 */
#ifndef ZPM_API_ROUTES_H
#define ZPM_API_ROUTES_H

#include "api/api.h"

struct zpm_api_request;

/* Methods, of which HEAD goes with GET. */
enum zpm_api_method {
	ZPM_API_GET,
	ZPM_API_HEAD,
	ZPM_API_POST,
	ZPM_API_OTHER,
	ZPM_API_METHOD_COUNT,
};

extern const char *const zpm_api_method_names[ZPM_API_METHOD_COUNT];

/* A member of the body of a POST. Its value goes to the command. */
struct zpm_api_member {
	const char *name, *help;
	bool required;
	size_t at;      /* offsetof in struct zpm_api_command: text, unless there is a `max` */
	size_t max_len; /* of text, in characters, none of them for control; at least one */
	int64_t min, max;
};

enum zpm_api_route_flag {
	ZPM_API_HAS_ETAG = 1 << 0,  /* honours If-None-Match */
	ZPM_API_IF_PLAN = 1 << 1,   /* honours If-Match, with the ETag of the plan */
	ZPM_API_IS_STREAM = 1 << 2, /* an answer without end */
	ZPM_API_IS_HOOK = 1 << 3,   /* proved by a signature, not by a token */
	ZPM_API_MAY_WAIT = 1 << 4,  /* answers 503 while there is nothing to answer with */
};

struct zpm_api_route {
	enum zpm_api_method method; /* GET or POST */
	const char *path, *id, *summary;
	enum zpm_api_role role;               /* ZPM_API_NOBODY: no token is asked for */
	unsigned flags;                       /* of enum zpm_api_route_flag */
	const struct zpm_api_member *members; /* ends with a row without a name; NULL: no body */
	size_t max_body;
	const char *type;   /* of the answer */
	const char *schema; /* of the answer, in the OpenAPI document; NULL: text */
	int (*handle)(struct zpm_api_request *request);
	int which; /* of enum zpm_api_document, enum zpm_api_op or enum zpm_api_file */
};

extern const struct zpm_api_route zpm_api_routes[]; /* ends with a row without a path */
extern const size_t zpm_api_route_count;

/* What is the same in each process. */
enum zpm_api_file {
	ZPM_API_PAGE,
	ZPM_API_PAGE_CSS,
	ZPM_API_PAGE_JS,
	ZPM_API_OPENAPI,
	ZPM_API_FILE_COUNT,
};

/* The files of the page, as they were when zpm was built. */
struct zpm_api_page {
	const char *data;
	size_t len;
};

extern const struct zpm_api_page zpm_api_pages[ZPM_API_OPENAPI];

struct json_object;

/* openapi.c: the OpenAPI document. The caller's: json_object_put() it. */
struct json_object *zpm_api_openapi(void);

/*
 * body.c: what a body says, checked against the members; the texts in the command are those of `*said`, which
 * is the caller's. NULL, or what is wrong, in `why`.
 */
const char *zpm_api_body_parse(const struct zpm_api_member *members, const char *text, size_t len,
	struct zpm_api_command *command, struct json_object **said, char why[256]);

#endif
