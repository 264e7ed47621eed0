/* Looking into a service of the session's platform: its output, and its containers. Blocks on the Engine. */
#ifndef ZPM_ENGINE_INSIDE_H
#define ZPM_ENGINE_INSIDE_H

#include "driver/streams.h"
#include "engine/session.h"

/* Errors as of zpm_session_find() and zpm_service_logs(). */
int zpm_session_logs(struct zpm_session *session, const char *service, const struct zpm_log_options *options,
	struct zpm_err *err);

/*
 * Runs a program in a running task of a service, on a node whose Engine is the
 * session's own or that of a host.
 * `task` is its slot, or the node's name for a global service; NULL: the first that is there.
 */
int zpm_session_exec(struct zpm_session *session, const char *service, const char *task,
	const struct zpm_exec *exec, int *code, struct zpm_err *err);

#endif
