/* SHA-256 by libcrypto. */
#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOW_ROUNDS 10000

static void write_digest(const unsigned char sum[SHA256_DIGEST_LENGTH], char out[ZPM_DIGEST_SIZE])
{
	out += sprintf(out, "sha256:");
	for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++)
		out += sprintf(out, "%02x", sum[i]);
}

void zpm_digest(const void *data, size_t len, char out[ZPM_DIGEST_SIZE])
{
	unsigned char sum[SHA256_DIGEST_LENGTH];

	SHA256(data, len, sum);
	write_digest(sum, out);
}

void zpm_digest_slow(const void *data, size_t len, const char *salt, char out[ZPM_DIGEST_SIZE])
{
	unsigned char sum[SHA256_DIGEST_LENGTH];

	if (!PKCS5_PBKDF2_HMAC(data, (int)len, (const unsigned char *)salt, (int)strlen(salt), SLOW_ROUNDS,
		    EVP_sha256(), sizeof(sum), sum)) {
		fputs("zpm: libcrypto has no PBKDF2\n", stderr);
		abort();
	}
	write_digest(sum, out);
}
