/* SHA-256, as text. */
#ifndef ZPM_BASE_DIGEST_H
#define ZPM_BASE_DIGEST_H

#include "base/base.h"

#define ZPM_DIGEST_SIZE (sizeof("sha256:") + 64)

/* Writes "sha256:" and 64 hexadecimal digits. */
void zpm_digest(const void *data, size_t len, char out[ZPM_DIGEST_SIZE]);

/*
 * The same, made slow on purpose (PBKDF2): for what may be short enough to be
 * guessed by somebody who sees the digest. Some milliseconds.
 */
void zpm_digest_slow(const void *data, size_t len, const char *salt, char out[ZPM_DIGEST_SIZE]);

#endif
