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
	const char *by; /* the name of the token, or the subject of the JWT; "webhook" for that */
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
 * Listens as the section says, whose files have been read with zpm_manifest_api_files(); both are copied.
 * Fails with ZPM_EINVALID where a file does not hold what it should, and with ZPM_EFAILED where it cannot
 * listen. The caller stops it. Not ready at first.
 */
int zpm_api_start(const struct zpm_api_section *section, const struct zpm_api_files *files,
	const struct zpm_api_backend *backend, struct zpm_api **out, struct zpm_err *err);

/*
 * The same files, read again: tokens, the key of JSON Web Tokens, the webhook's secret and the certificate
 * take the place of those before, for requests that come from now on; who listens at GET /events with a token
 * that is taken no more is let go. On failure (ZPM_EINVALID) all stays as it was. What the section itself
 * says of them stays as it was at the start, so that another section needs zpm_api_stop() and
 * zpm_api_start().
 */
int zpm_api_reload(struct zpm_api *api, const struct zpm_api_files *files, struct zpm_err *err);

/* Ends all requests, those that wait for an answer too, and frees. NULL is fine. */
void zpm_api_stop(struct zpm_api *api);

/* The port it listens at, as the manifest may leave it to the system with 0. */
unsigned zpm_api_port(const struct zpm_api *api);

/*
 * Replaces a document; the text is copied. Until there is one its endpoint answers 503. Where the text is
 * another one, those at GET /events are told: `document`, with its name and its ETag.
 */
void zpm_api_show(struct zpm_api *api, enum zpm_api_document document, const char *json);

/* Tells all that listen at GET /events. `event` is a word, `json` the data, on one line; both are copied. */
void zpm_api_publish(struct zpm_api *api, const char *event, const char *json);

/* Why GET /readyz answers 503; NULL: it answers 200. Not ready at first. */
void zpm_api_set_unready(struct zpm_api *api, const char *why);

/*
 * Answers with an HTTP status (200, 202, 404, 409, 500 or 503) and JSON, both copied; what is no success is
 * {"error": {"code": "conflict", "message": "..."}}. Does nothing for one that nobody waits for any more: it
 * has been answered with 504 after half a minute, the client has gone, or zpm_api_stop() was called.
 */
void zpm_api_answer(struct zpm_api_call *call, unsigned status, const char *json);

#endif
