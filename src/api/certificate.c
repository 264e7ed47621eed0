/*
 * GnuTLS does not say when it needs a certificate no more. So those that have been replaced are kept until
 * the API ends: a few kilobytes every few weeks.
 */
#include "api/certificate.h"

#include "base/digest.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CHAIN 16

struct zpm_api_certificate {
	struct zpm_api_certificate *before;
	gnutls_pcert_st chain[MAX_CHAIN];
	unsigned n;
	gnutls_privkey_t key;
	char cert_digest[ZPM_DIGEST_SIZE], key_digest[ZPM_DIGEST_SIZE]; /* of the files */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct zpm_api_certificate *in_force;

static gnutls_datum_t datum_of(const struct zpm_api_content *content)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)content->data, (unsigned)content->len };
}

/* Only GnuTLS' table of credentials looks whether the two belong together. */
static int check_match(const struct zpm_gnutls *lib, const gnutls_datum_t *cert, const gnutls_datum_t *key)
{
	gnutls_certificate_credentials_t credentials;
	int code = lib->certificate_allocate_credentials(&credentials);

	if (code < 0)
		return code;
	code = lib->certificate_set_x509_key_mem(credentials, cert, key, GNUTLS_X509_FMT_PEM);
	lib->certificate_free_credentials(credentials);
	return code;
}

/* Whether they match is asked last: what cannot be read at all makes that leak. */
static int import(const struct zpm_gnutls *lib, struct zpm_api_certificate *certificate,
	const gnutls_datum_t *cert, const gnutls_datum_t *key)
{
	unsigned n = MAX_CHAIN;
	int code = lib->pcert_list_import_x509_raw(certificate->chain, &n, cert, GNUTLS_X509_FMT_PEM, 0);

	if (code < 0)
		return code;
	certificate->n = n;
	code = lib->privkey_init(&certificate->key);
	if (code >= 0)
		code = lib->privkey_import_x509_raw(certificate->key, key, GNUTLS_X509_FMT_PEM, NULL, 0);
	return code < 0 ? code : check_match(lib, cert, key);
}

int zpm_api_certificate_new(const struct zpm_api_content *cert, const struct zpm_api_content *key,
	struct zpm_api_certificate **out, struct zpm_err *err)
{
	const struct zpm_gnutls *lib = zpm_gnutls_load(err);
	const gnutls_datum_t cert_datum = datum_of(cert), key_datum = datum_of(key);
	struct zpm_api_certificate *certificate;
	int code;

	if (!lib)
		return -1;
	certificate = zpm_alloc(sizeof(*certificate));
	zpm_digest(cert->data, cert->len, certificate->cert_digest);
	zpm_digest(key->data, key->len, certificate->key_digest);
	code = import(lib, certificate, &cert_datum, &key_datum);
	if (code >= 0) {
		*out = certificate;
		return 0;
	}
	zpm_api_certificate_free(certificate);
	return zpm_err_set(err, ZPM_EINVALID,
		"api.tls: the certificate and its key cannot be used: %s; do they belong together?",
		lib->strerror(code));
}

void zpm_api_certificate_free(struct zpm_api_certificate *certificate)
{
	const struct zpm_gnutls *lib = zpm_gnutls_load(&(struct zpm_err){ 0 });

	if (!certificate)
		return;
	for (unsigned i = 0; i < certificate->n; i++)
		lib->pcert_deinit(&certificate->chain[i]);
	if (certificate->key)
		lib->privkey_deinit(certificate->key);
	free(certificate);
}

static bool is_same(const struct zpm_api_certificate *a, const struct zpm_api_certificate *b)
{
	return a && !strcmp(a->cert_digest, b->cert_digest) && !strcmp(a->key_digest, b->key_digest);
}

void zpm_api_certificate_use(struct zpm_api_certificate *certificate)
{
	bool known;

	pthread_mutex_lock(&lock);
	known = is_same(in_force, certificate);
	if (!known) {
		certificate->before = in_force;
		in_force = certificate;
	}
	pthread_mutex_unlock(&lock);
	if (known)
		zpm_api_certificate_free(certificate);
}

void zpm_api_certificates_forget(void)
{
	struct zpm_api_certificate *certificate, *before;

	pthread_mutex_lock(&lock);
	certificate = in_force;
	in_force = NULL;
	pthread_mutex_unlock(&lock);
	for (; certificate; certificate = before) {
		before = certificate->before;
		zpm_api_certificate_free(certificate);
	}
}

int zpm_api_on_handshake(gnutls_session_t session, const gnutls_datum_t *requested, int n_requested,
	const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **chain,
	unsigned int *n_chain, gnutls_privkey_t *key)
{
	int code = -1;

	(void)session, (void)requested, (void)n_requested, (void)algorithms, (void)n_algorithms;
	pthread_mutex_lock(&lock);
	if (in_force) {
		*chain = in_force->chain;
		*n_chain = in_force->n;
		*key = in_force->key;
		code = 0;
	}
	pthread_mutex_unlock(&lock);
	return code;
}
