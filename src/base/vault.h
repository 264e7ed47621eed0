/*
 * Memory for what must stay secret: never swapped where the system allows it,
 * left out of core dumps, and wiped before it is given back.
 *
 * Not thread-safe: filled by one thread, and may be read by many.
 */
#ifndef ZPM_BASE_VAULT_H
#define ZPM_BASE_VAULT_H

#include "base/base.h"

#include <sys/types.h>

struct zpm_vault;

/* From the first vault on, the process as a whole dumps no core: libraries copy what they send. */
struct zpm_vault *zpm_vault_new(void);
void zpm_vault_free(struct zpm_vault *vault);

/* Zeroed; whole pages. The vault's, until that is freed. */
void *zpm_vault_alloc(struct zpm_vault *vault, size_t size);

/*
 * Reads at most `room` bytes until the end of a file or pipe, straight into
 * the vault, and a NUL behind them. Returns how many, or -1 with errno set.
 */
ssize_t zpm_vault_read(struct zpm_vault *vault, int fd, size_t room, char **data);

/* Bytes that base64 takes for `len` bytes, with its NUL. */
#define ZPM_BASE64_SIZE(len) (((len) + 2) / 3 * 4 + 1)

/* Writes ZPM_BASE64_SIZE(len) bytes. */
void zpm_base64(const void *data, size_t len, char *out);

/* Writes at most strlen(text) bytes, and returns how many; -1 when the text is no padded base64. */
ssize_t zpm_base64_decode(const char *text, void *out);

#endif
