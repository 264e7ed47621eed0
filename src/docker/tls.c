/*
 * TLS to an Engine at tcp://: which certificates, and what goes wrong with
 * them in words that say whose certificate it is. There is no way to turn the
 * verification off.
 */
#include "docker/client.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLAIN_SCHEME "http://"

static int check_file(const char *what, const char *path, struct zpm_err *err)
{
	char text[128];

	if (!path || !access(path, R_OK))
		return 0;
	return zpm_err_set(err, ZPM_EFAILED, "cannot read the %s '%.200s': %s", what, path,
		strerror_r(errno, text, sizeof(text)));
}

static char *copy(const char *text)
{
	return text ? zpm_strdup(text) : NULL;
}

int zpm_docker_secure(struct zpm_docker *docker, const struct zpm_docker_tls *tls, struct zpm_err *err)
{
	ZPM_BUF base = { 0 };

	if (docker->at.socket || docker->at.ssh.host)
		return 0;
	if (check_file("CA", tls->ca, err) < 0 || check_file("certificate", tls->cert, err) < 0 ||
		check_file("private key", tls->key, err) < 0)
		return -1;
	zpm_buf_printf(&base, "https://%s", docker->at.base + strlen(PLAIN_SCHEME));
	free(docker->at.base);
	docker->at.base = base.data;
	base.data = NULL;
	docker->tls = true;
	docker->ca = copy(tls->ca);
	docker->cert = copy(tls->cert);
	docker->key = copy(tls->key);
	return 0;
}

void zpm_docker_tls_set(CURL *curl, const struct zpm_docker *docker)
{
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	if (docker->ca) {
		/* This one, and not beside it all that the system trusts. */
		curl_easy_setopt(curl, CURLOPT_CAINFO, docker->ca);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	if (docker->cert) {
		curl_easy_setopt(curl, CURLOPT_SSLCERT, docker->cert);
		curl_easy_setopt(curl, CURLOPT_SSLKEY, docker->key);
		/* Else OpenSSL asks at the terminal for the password of a key that has one. */
		curl_easy_setopt(curl, CURLOPT_KEYPASSWD, "");
	}
}

/* "[...]:SSL routines::tlsv13 alert certificate required": the end of it is what the Engine said. */
static const char *alert_in(const char *detail)
{
	const char *alert = strstr(detail, " alert ");

	return alert ? alert + strlen(" alert ") : NULL;
}

bool zpm_docker_tls_explain(
	const struct zpm_docker *docker, CURLcode code, const char *detail, struct zpm_err *err)
{
	const char *name = docker->at.name, *alert = alert_in(detail);

	if (code == CURLE_PEER_FAILED_VERIFICATION)
		zpm_err_set(err, ZPM_EFAILED,
			"the certificate of the Docker Engine at %s is not accepted: %s; check engine.tls.ca",
			name, detail);
	else if (alert)
		zpm_err_set(err, ZPM_EFAILED,
			"the Docker Engine at %s does not accept this side's certificate: %s; check "
			"engine.tls.cert and engine.tls.key",
			name, alert);
	else if (code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE)
		zpm_err_set(err, ZPM_EFAILED,
			"the certificates for the Docker Engine at %s cannot be used: %s; check engine.tls",
			name, detail);
	else if (code == CURLE_SSL_CONNECT_ERROR)
		zpm_err_set(err, ZPM_EFAILED,
			"no TLS with the Docker Engine at %s: %s; does it speak TLS at that port?", name,
			detail);
	else if (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING)
		zpm_err_set(err, ZPM_EUNAVAIL,
			"the Docker Engine at %s broke off the connection (%s); is dockerd being restarted, "
			"or "
			"does it not accept this side's certificate (engine.tls.cert)?",
			name, detail);
	else
		return false;
	return true;
}
