/*
 * Tells webhooks what has happened: each gets a POST of JSON, signed where there is a secret for it, and
 * tried again for some minutes while it does not answer. One thread sends all of it, so that nobody waits for
 * a webhook; what is not sent when the process ends is lost.
 *
 * Thread-safe but for new and free.
 */
#ifndef ZPM_NOTIFY_NOTIFY_H
#define ZPM_NOTIFY_NOTIFY_H

#include "base/err.h"

#include <stddef.h>

struct zpm_notifier;

struct zpm_webhook {
	const char *name, *url;
	const void *secret; /* `secret_len` bytes; NULL: what is sent is not signed */
	size_t secret_len;
};

/* `failed` is called by the notifier's thread when one is given up: with its name and why, without its URL.
 */
struct zpm_notifier *zpm_notifier_new(void (*failed)(const char *name, const char *why));

/* Copies all, and queues it; where too many wait for the same webhook, the oldest is dropped. Does not block.
 */
void zpm_notifier_send(struct zpm_notifier *notifier, const struct zpm_webhook *webhook, const char *json);

/* Ends what is being sent, within a second. NULL is fine. */
void zpm_notifier_free(struct zpm_notifier *notifier);

#endif
