/*
 * The certificate of the API, which another one may replace while connections are made. Of the process and
 * not of an API, as libmicrohttpd does not say for whom it asks.
 */
#ifndef ZPM_API_CERTIFICATE_H
#define ZPM_API_CERTIFICATE_H

#include "api/library.h"
#include "model/api.h"

#include <gnutls/abstract.h>

struct zpm_api_certificate;

/*
 * Both are copied. Fails with ZPM_EINVALID where they are not PEM that GnuTLS understands, or do not belong
 * together. The caller frees it, unless it is put in force.
 */
int zpm_api_certificate_new(const struct zpm_api_content *cert, const struct zpm_api_content *key,
	struct zpm_api_certificate **out, struct zpm_err *err);
void zpm_api_certificate_free(struct zpm_api_certificate *certificate);

/* From now on connections are made with this one, which is given away. */
void zpm_api_certificate_use(struct zpm_api_certificate *certificate);

/* Once no connection can be made any more: frees all that have been in force. */
void zpm_api_certificates_forget(void);

/* For MHD_OPTION_HTTPS_CERT_CALLBACK. */
int zpm_api_on_handshake(gnutls_session_t session, const gnutls_datum_t *requested, int n_requested,
	const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **chain,
	unsigned int *n_chain, gnutls_privkey_t *key);

#endif
