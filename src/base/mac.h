/* Who knows a secret: HMAC-SHA256 of what comes in pieces, and comparing without telling how much is right.
 */
#ifndef ZPM_BASE_MAC_H
#define ZPM_BASE_MAC_H

#include "base/base.h"

#include <stdbool.h>

#define ZPM_MAC_SIZE 65

struct zpm_mac;

struct zpm_mac *zpm_mac_new(const void *key, size_t len);
void zpm_mac_add(struct zpm_mac *mac, const void *data, size_t len);

/* Writes 64 hexadecimal digits and a NUL. Once. */
void zpm_mac_end(struct zpm_mac *mac, char out[ZPM_MAC_SIZE]);
void zpm_mac_free(struct zpm_mac *mac);

/* Takes as long whatever the bytes are. Lengths are no secret. */
bool zpm_mac_same(const void *a, size_t a_len, const void *b, size_t b_len);

#endif
