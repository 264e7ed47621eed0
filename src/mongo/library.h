/*
 * libmongoc, loaded with the first client. To start it takes milliseconds, which a command that
 * wants nothing of MongoDB is not to wait for. For mongo/ only.
 */
#ifndef ZPM_MONGO_LIBRARY_H
#define ZPM_MONGO_LIBRARY_H

#include "base/err.h"

#include <mongoc/mongoc.h>

/* The functions that are used, without the prefix mongoc_. */
#define ZPM_MONGOC(X)                                                                                        \
	X(init)                                                                                              \
	X(cleanup)                                                                                           \
	X(log_set_handler)                                                                                   \
	X(uri_new_for_host_port)                                                                             \
	X(uri_destroy)                                                                                       \
	X(uri_set_option_as_bool)                                                                            \
	X(uri_set_option_as_int32)                                                                           \
	X(uri_set_option_as_utf8)                                                                            \
	X(uri_set_username)                                                                                  \
	X(uri_set_password)                                                                                  \
	X(uri_set_auth_mechanism)                                                                            \
	X(uri_set_auth_source)                                                                               \
	X(client_new_from_uri)                                                                               \
	X(client_destroy)                                                                                    \
	X(client_command_simple)                                                                             \
	X(client_set_error_api)                                                                              \
	X(client_set_appname)

struct zpm_mongoc {
#define ZPM_MONGOC_MEMBER(name) __typeof__(mongoc_##name) *name;
	ZPM_MONGOC(ZPM_MONGOC_MEMBER)
#undef ZPM_MONGOC_MEMBER
};

/* The library, for the rest of the process; NULL, and `err`, where it cannot be loaded. Any thread may ask.
 */
const struct zpm_mongoc *zpm_mongoc_load(struct zpm_err *err);

#endif
