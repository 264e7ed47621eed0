/*
 * libmicrohttpd, GnuTLS that comes with it, and libjwt, loaded with the first API: a command that serves
 * nobody is not to wait for them. For api/ only.
 */
#ifndef ZPM_API_LIBRARY_H
#define ZPM_API_LIBRARY_H

#include "base/err.h"

#include <gnutls/abstract.h>
#include <jwt.h>
#include <microhttpd.h>

/* The functions that are used, without the prefix MHD_. */
#define ZPM_MICROHTTPD(X)                                                                                    \
	X(start_daemon)                                                                                      \
	X(stop_daemon)                                                                                       \
	X(set_connection_option)                                                                             \
	X(get_connection_info)                                                                               \
	X(get_connection_values)                                                                             \
	X(lookup_connection_value)                                                                           \
	X(suspend_connection)                                                                                \
	X(resume_connection)                                                                                 \
	X(queue_response)                                                                                    \
	X(create_response_from_buffer)                                                                       \
	X(create_response_from_callback)                                                                     \
	X(add_response_header)                                                                               \
	X(destroy_response)

/* The same, without jwt_. */
#define ZPM_LIBJWT(X)                                                                                        \
	X(decode)                                                                                            \
	X(free)                                                                                              \
	X(get_alg)                                                                                           \
	X(get_headers_json)                                                                                  \
	X(get_grants_json)

/* The same, without gnutls_. */
#define ZPM_GNUTLS(X)                                                                                        \
	X(certificate_allocate_credentials)                                                                  \
	X(certificate_set_x509_key_mem)                                                                      \
	X(certificate_free_credentials)                                                                      \
	X(pcert_list_import_x509_raw)                                                                        \
	X(pcert_deinit)                                                                                      \
	X(privkey_init)                                                                                      \
	X(privkey_import_x509_raw)                                                                           \
	X(privkey_deinit)                                                                                    \
	X(strerror)

struct zpm_microhttpd {
#define ZPM_MICROHTTPD_MEMBER(name) __typeof__(MHD_##name) *name;
	ZPM_MICROHTTPD(ZPM_MICROHTTPD_MEMBER)
#undef ZPM_MICROHTTPD_MEMBER
};

struct zpm_libjwt {
#define ZPM_LIBJWT_MEMBER(name) __typeof__(jwt_##name) *name;
	ZPM_LIBJWT(ZPM_LIBJWT_MEMBER)
#undef ZPM_LIBJWT_MEMBER
};

struct zpm_gnutls {
#define ZPM_GNUTLS_MEMBER(name) __typeof__(gnutls_##name) *name;
	ZPM_GNUTLS(ZPM_GNUTLS_MEMBER)
#undef ZPM_GNUTLS_MEMBER
};

/* The libraries, for the rest of the process; NULL, and `err`, where one cannot be loaded. Any thread may
 * ask. */
const struct zpm_microhttpd *zpm_microhttpd_load(struct zpm_err *err);
const struct zpm_libjwt *zpm_libjwt_load(struct zpm_err *err);
const struct zpm_gnutls *zpm_gnutls_load(struct zpm_err *err);

#endif
