/* HMAC by libcrypto. */
#include "base/mac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>

#define MAC_BYTES 32

struct zpm_mac {
	EVP_MAC *algorithm;
	EVP_MAC_CTX *ctx;
};

static void check(bool fine)
{
	if (fine)
		return;
	fputs("zpm: libcrypto has no HMAC-SHA256\n", stderr);
	abort();
}

struct zpm_mac *zpm_mac_new(const void *key, size_t len)
{
	struct zpm_mac *mac = zpm_alloc(sizeof(*mac));
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = { OSSL_PARAM_utf8_string("digest", digest, sizeof(digest) - 1),
		OSSL_PARAM_END };

	mac->algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
	mac->ctx = mac->algorithm ? EVP_MAC_CTX_new(mac->algorithm) : NULL;
	check(mac->ctx && EVP_MAC_init(mac->ctx, key, len, params));
	return mac;
}

void zpm_mac_add(struct zpm_mac *mac, const void *data, size_t len)
{
	check(EVP_MAC_update(mac->ctx, data, len));
}

void zpm_mac_end(struct zpm_mac *mac, char out[ZPM_MAC_SIZE])
{
	unsigned char sum[MAC_BYTES];
	size_t len;

	check(EVP_MAC_final(mac->ctx, sum, &len, sizeof(sum)) && len == sizeof(sum));
	for (size_t i = 0; i < sizeof(sum); i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

void zpm_mac_free(struct zpm_mac *mac)
{
	if (!mac)
		return;
	EVP_MAC_CTX_free(mac->ctx);
	EVP_MAC_free(mac->algorithm);
	free(mac);
}

bool zpm_mac_same(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && !CRYPTO_memcmp(a, b, a_len);
}
