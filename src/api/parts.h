/* What the files of api/ share. For api/ only, and for tests that need shorter times. */
#ifndef ZPM_API_PARTS_H
#define ZPM_API_PARTS_H

#include "api/keys.h"
#include "api/library.h"
#include "api/limit.h"
#include "api/routes.h"

#include <pthread.h>
#include <stdatomic.h>

/* How long what may last, in nanoseconds. */
struct zpm_api_limits {
	int64_t tick;    /* how exact the others are */
	int64_t call;    /* until a command that nobody answers is answered with 504 */
	int64_t silence; /* until those who listen for events hear that it lives */
	int64_t head;    /* of a connection without a request */
	int64_t body;    /* of a request that has not come whole */
	int64_t answer;  /* of an answer that is not taken */
	int64_t parting; /* of zpm_api_stop() waiting for answers to be taken */
	unsigned idle;   /* in seconds: of a connection on which nothing moves */
};

extern const struct zpm_api_limits zpm_api_default_limits;

int zpm_api_start_with(const struct zpm_api_section *section, const struct zpm_api_files *files,
	const struct zpm_api_backend *backend, const struct zpm_api_limits *limits, struct zpm_api **out,
	struct zpm_err *err);

/* A document with its answers, made once: bodies are not copied for a request. */
struct zpm_api_served {
	struct MHD_Response *whole, *unchanged; /* NULL: there is none yet */
	char etag[40];
};

/* A connection, and until when it may be in the state it is in. */
struct zpm_api_peer {
	struct zpm_api_peer *next, **link;
	int fd;
	int64_t deadline; /* of zpm_clock_now(); INT64_MAX: none */
};

#define ZPM_API_KEPT_EVENTS   256
#define ZPM_API_MAX_LISTENERS 100

struct zpm_api_event {
	uint64_t id;
	char *text; /* as it is sent */
	size_t len;
};

struct zpm_api_listener;

struct zpm_api_events {
	pthread_mutex_t lock;
	struct zpm_api_event kept[ZPM_API_KEPT_EVENTS]; /* by id */
	uint64_t last;                                  /* id */
	struct zpm_api_listener *listeners;
	size_t n;
	bool ended;
};

/* Why a request was turned away, as metrics count it. */
enum zpm_api_rejection {
	ZPM_API_REJECTED_RATE,
	ZPM_API_REJECTED_LOCKED,
	ZPM_API_REJECTED_CREDENTIALS,
	ZPM_API_REJECTED_ROLE,
	ZPM_API_REJECTED_SIZE,
	ZPM_API_REJECTED_LISTENERS,
	ZPM_API_REJECTED_SLOW,
	ZPM_API_REJECTION_COUNT,
};

struct zpm_api_metrics;

struct zpm_api {
	const struct zpm_microhttpd *mhd;
	struct zpm_arena *arena;
	const struct zpm_api_section *section;
	struct zpm_api_backend backend;
	struct zpm_api_limits limits;
	struct zpm_api_limiter *limiter;
	struct zpm_api_metrics *metrics;
	struct MHD_Daemon *daemon;
	struct zpm_api_served files[ZPM_API_FILE_COUNT];
	struct zpm_api_events events;
	unsigned port;
	pthread_t ticker;
	bool ticks;
	atomic_bool complained;
	char complaint[256]; /* what libmicrohttpd said first while it was started */

	pthread_mutex_t lock; /* of what follows; taken last of all but libmicrohttpd's own */
	pthread_cond_t moved;
	bool stopping;
	size_t open; /* requests that are not over */
	struct zpm_api_served documents[ZPM_API_DOCUMENT_COUNT];
	char *unready; /* NULL: it is ready */
	struct zpm_api_keys *keys;
	struct zpm_api_peer *peers;
};

struct zpm_api_call;

/* A request, from its head to the end of its answer. */
struct zpm_api_request {
	struct zpm_api *api;
	struct MHD_Connection *connection;
	const struct zpm_api_route *route; /* NULL: there is none of this path and method */
	size_t path_index;                 /* of the first route of its path, or behind the last */
	enum zpm_api_method method;
	char address[64];
	uint64_t client; /* key for the limiter */
	struct zpm_api_keys *keys;
	struct zpm_api_identity who;

	/* Why it is refused, known before its body has come; 0: it is not. */
	unsigned refused;
	char why[256];
	unsigned retry_after; /* in seconds; 0: nobody can say */
	const char *allow;    /* of 405 */

	size_t received; /* bytes of the body */
	struct zpm_buf body;
	struct zpm_mac *mac; /* of the body of the webhook */
	struct json_object *said;
	struct zpm_api_call *call;
	int64_t began;
	unsigned status; /* of the answer; 0: there is none yet */
};

/* server.c: libmicrohttpd's callbacks. */
enum MHD_Result zpm_api_on_request(void *cls, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *size, void **context);
void zpm_api_on_completed(
	void *cls, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode why);

/* judge.c: what can be said of a request by its head. Sets `refused`, or not. */
void zpm_api_judge(struct zpm_api_request *request, const char *path);

/* The webhook's signature, once the whole body has been seen. */
bool zpm_api_signature_is_right(struct zpm_api_request *request);

/* A header of the request; NULL: it has none. */
const char *zpm_api_header(const struct zpm_api_request *request, const char *name);

/* reply.c: each returns what libmicrohttpd wants to hear. The response is given away. */
int zpm_api_reply(struct zpm_api_request *request, unsigned status, struct MHD_Response *response);
int zpm_api_reply_json(struct zpm_api_request *request, unsigned status, const char *json);
int zpm_api_reply_error(struct zpm_api_request *request, unsigned status, const char *fmt, ...)
	ZPM_PRINTF(3, 4);
/* As `refused` and `why` say. */
int zpm_api_refuse(struct zpm_api_request *request);

/* Sets these, unless it is refused already. */
void zpm_api_set_refused(struct zpm_api_request *request, unsigned status, const char *fmt, ...)
	ZPM_PRINTF(3, 4);

/* "forbidden" for 403. */
const char *zpm_api_error_code(unsigned status);

/* Headers that every answer has. */
void zpm_api_add_headers(const struct zpm_api *api, struct MHD_Response *response, const char *type);

/* documents.c */
void zpm_api_served_make(const struct zpm_api *api, struct zpm_api_served *served, const char *data,
	size_t len, const struct zpm_api_route *route);
void zpm_api_served_drop(const struct zpm_api *api, struct zpm_api_served *served);
void zpm_api_make_files(struct zpm_api *api);
/* Does a header like If-Match or If-None-Match name the tag? Strong: W/ makes it another. */
bool zpm_api_etag_is_in(const char *header, const char *etag, bool strong);
int zpm_api_handle_file(struct zpm_api_request *request);
int zpm_api_handle_document(struct zpm_api_request *request);

/* handle.c */
int zpm_api_handle_health(struct zpm_api_request *request);
int zpm_api_handle_ready(struct zpm_api_request *request);
int zpm_api_handle_whoami(struct zpm_api_request *request);
int zpm_api_handle_command(struct zpm_api_request *request);
int zpm_api_handle_webhook(struct zpm_api_request *request);

/* call.c: hands the command over, and holds the request until there is an answer. */
int zpm_api_call_make(struct zpm_api_request *request, const struct zpm_api_command *command);
/* The request goes on, as its call is answered. */
int zpm_api_call_finish(struct zpm_api_request *request);
/* The request is over. */
void zpm_api_call_leave(struct zpm_api_request *request);
/* Answers those of which the time is over, or all. */
void zpm_api_calls_expire(struct zpm_api *api, int64_t now, bool all);

/* events.c */
int zpm_api_handle_events(struct zpm_api_request *request);
void zpm_api_events_init(struct zpm_api_events *events);
void zpm_api_events_tick(struct zpm_api *api, int64_t now);
/* Lets go of all who listen. */
void zpm_api_events_end(struct zpm_api *api);
void zpm_api_events_dispose(struct zpm_api_events *events);

/* metrics.c */
struct zpm_api_metrics *zpm_api_metrics_new(void);
void zpm_api_metrics_free(struct zpm_api_metrics *metrics);
void zpm_api_metrics_count(struct zpm_api_metrics *metrics, const struct zpm_api_request *request);
void zpm_api_metrics_reject(struct zpm_api_metrics *metrics, enum zpm_api_rejection why);
int zpm_api_handle_metrics(struct zpm_api_request *request);

/* audit.c: tells of a POST, once its answer is known. */
void zpm_api_audit(const struct zpm_api_request *request);

/* peers.c */
void zpm_api_on_connection(void *cls, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode what);
/* From now on it has so long; INT64_MAX: for ever. */
void zpm_api_peer_allow(struct zpm_api *api, struct MHD_Connection *connection, int64_t time);
/* Cuts those off whose time is over. */
void zpm_api_peers_expire(struct zpm_api *api, int64_t now);

/* listen.c: a socket that listens where the section says, and the port; -1 with `err` set. */
int zpm_api_listen(const struct zpm_api_section *section, unsigned *port, struct zpm_err *err);

#endif
