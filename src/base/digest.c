/* SHA-256 by libcrypto. */
#include "base/digest.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

void zpm_digest(const void *data, size_t len, char out[ZPM_DIGEST_SIZE])
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	char *at = out;

	SHA256(data, len, sum);
	at += sprintf(at, "sha256:");
	for (size_t i = 0; i < sizeof(sum); i++)
		at += sprintf(at, "%02x", sum[i]);
}
