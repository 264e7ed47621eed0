/* SHA-256, as text. The only user of libcrypto. */
#ifndef ZPM_BASE_DIGEST_H
#define ZPM_BASE_DIGEST_H

#include "base/base.h"

#define ZPM_DIGEST_SIZE (sizeof("sha256:") + 64)

/* Writes "sha256:" and 64 hexadecimal digits. */
void zpm_digest(const void *data, size_t len, char out[ZPM_DIGEST_SIZE]);

#endif
