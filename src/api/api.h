/*
 * The HTTP API and the web page of `zpm run`: who may ask for what, and how it is said over HTTP. What the
 * answers say comes from the caller, as JSON, and what is asked for goes to the caller; it knows no Engine.
 *
 * Runs in threads of its own. All calls are thread-safe once it has been started, and none but starting and
 * stopping blocks.
 */
#ifndef ZPM_API_API_H
#define ZPM_API_API_H

#include "base/buf.h"
#include "model/api.h"

enum zpm_api_document {
	ZPM_API_STATUS,
	ZPM_API_PLAN,
	ZPM_API_HISTORY,
	ZPM_API_INTEGRATIONS,
	ZPM_API_TENANTS,
	ZPM_API_DOCUMENT_COUNT,
};

enum zpm_api_op {
	ZPM_API_START,    /* `service` runs again */
	ZPM_API_STOP,     /* `service` is held at no tasks */
	ZPM_API_APPLY,    /* what the plan shows is done now, also outside of windows */
	ZPM_API_PAUSE,    /* nothing is changed until */
	ZPM_API_RESUME,   /* this */
	ZPM_API_ROLLBACK, /* `revision` is in force until the manifest changes */
	ZPM_API_WEBHOOK,  /* the git repository has something new */
	ZPM_API_OP_COUNT,
};

struct zpm_api_command {
	enum zpm_api_op op;
	const char *service, *reason; /* NULL where there is none */
	int64_t revision;
	const char *by; /* the name of the token, or the subject of the JWT */
};

/* One request that waits for its answer. */
struct zpm_api_call;

struct zpm_api_backend {
	/* Called by the API's threads; may not block. The command is valid during the call. Whoever takes it
	 * answers `call` once, then or later, with zpm_api_answer(). */
	void (*command)(void *ctx, const struct zpm_api_command *command, struct zpm_api_call *call);
	/* One line of JSON for each request that may change something, allowed or not. */
	void (*audit)(void *ctx, const char *line);
	/* Adds text for GET /metrics, in Prometheus' format 0.0.4. */
	void (*metrics)(void *ctx, struct zpm_buf *out);
	void *ctx;
};

struct zpm_api;

/*
 * Listens as the manifest says; paths of files are taken from `folder`. Fails with ZPM_EINVALID where a file
 * is not as it should be, and with ZPM_EFAILED where it cannot listen. The caller stops it.
 */
int zpm_api_start(const struct zpm_api_section *section, const char *folder,
	const struct zpm_api_backend *backend, struct zpm_api **out, struct zpm_err *err);

/* Ends all requests, those that wait for an answer too, and frees. NULL is fine. */
void zpm_api_stop(struct zpm_api *api);

/* The port it listens at, as the manifest may leave it to the system with 0. */
unsigned zpm_api_port(const struct zpm_api *api);

/* Replaces a document; the text is copied. Until there is one its endpoint answers 503. */
void zpm_api_show(struct zpm_api *api, enum zpm_api_document document, const char *json);

/* Tells all that listen at GET /events. `json` is the data, on one line; both are copied. */
void zpm_api_publish(struct zpm_api *api, const char *event, const char *json);

/* Why GET /readyz answers 503; NULL: it answers 200. Not ready at first. */
void zpm_api_set_unready(struct zpm_api *api, const char *why);

/* Answers with an HTTP status and JSON, both copied. After zpm_api_stop() it does nothing. */
void zpm_api_answer(struct zpm_api_call *call, unsigned status, const char *json);

#endif
