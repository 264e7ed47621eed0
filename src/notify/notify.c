/* The queue and the thread that sends. See notify.h. */
#include "notify/notify.h"

#include "base/clock.h"
#include "base/mac.h"
#include "base/vault.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUEUED_MOST 100
#define TRIES       8
#define FIRST_PAUSE (1 * ZPM_S)
#define LAST_PAUSE  (60 * ZPM_S)
#define TIMEOUT_MS  10000L
#define SIGNATURE   "X-Zpm-Signature-256: sha256="

struct message {
	struct message *next;
	char *name, *url, *json;
	char signature[ZPM_MAC_SIZE]; /* "": there is none */
	unsigned tries;
	int64_t due;
};

struct zpm_notifier {
	void (*failed)(const char *name, const char *why);
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct message *queue; /* the oldest first */
	size_t n;
	atomic_bool ending;
};

static void message_free(struct message *message)
{
	if (!message)
		return;
	free(message->name);
	explicit_bzero(message->url, strlen(message->url));
	free(message->url);
	free(message->json);
	free(message);
}

static size_t ignore(const char *data, size_t size, size_t count, void *ctx)
{
	(void)data;
	(void)ctx;
	return size * count;
}

static int stop_when_ending(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct zpm_notifier *notifier = ctx;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return notifier->ending;
}

static void add_header(struct curl_slist **headers, const char *text)
{
	struct curl_slist *longer = curl_slist_append(*headers, text);

	if (!longer)
		abort();
	*headers = longer;
}

/* NULL: it has been taken. The text is curl's, or in `room`. */
static const char *post(const struct zpm_notifier *notifier, const struct message *message, char room[64])
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = NULL;
	char signature[sizeof(SIGNATURE) + ZPM_MAC_SIZE];
	CURLcode code;
	long status = 0;

	if (!curl)
		abort();
	add_header(&headers, "Content-Type: application/json");
	add_header(&headers, "Expect:");
	snprintf(signature, sizeof(signature), SIGNATURE "%s", message->signature);
	if (*message->signature)
		add_header(&headers, signature);
	curl_easy_setopt(curl, CURLOPT_URL, message->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "zpm/" ZPM_VERSION);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, message->json);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_when_ending);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, notifier);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (code != CURLE_OK)
		return curl_easy_strerror(code);
	snprintf(room, 64, "it answers with status %ld", status);
	return status >= 200 && status < 300 ? NULL : room;
}

/* Takes the first one that is due out of the queue; NULL: none is, and `*wait` says for how long. */
static struct message *take_due(struct zpm_notifier *notifier, int64_t *wait)
{
	int64_t now = zpm_clock_now();

	*wait = LAST_PAUSE;
	for (struct message **at = &notifier->queue; *at; at = &(*at)->next) {
		struct message *message = *at;

		if (message->due <= now) {
			*at = message->next;
			notifier->n--;
			message->next = NULL;
			return message;
		}
		if (message->due - now < *wait)
			*wait = message->due - now;
	}
	return NULL;
}

static void append(struct zpm_notifier *notifier, struct message *message)
{
	struct message **last = &notifier->queue;
	struct message *oldest = notifier->n < QUEUED_MOST ? NULL : notifier->queue;

	while (*last)
		last = &(*last)->next;
	*last = message;
	notifier->n++;
	if (!oldest)
		return;
	notifier->queue = oldest->next;
	notifier->n--;
	message_free(oldest);
}

/* Without the lock. */
static void send_one(struct zpm_notifier *notifier, struct message *message)
{
	char room[64];
	const char *why = post(notifier, message, room);

	if (!why || notifier->ending) {
		message_free(message);
	} else if (++message->tries == TRIES) {
		notifier->failed(message->name, why);
		message_free(message);
	} else {
		message->due = zpm_clock_now() + zpm_backoff(message->tries - 1, FIRST_PAUSE, LAST_PAUSE);
		pthread_mutex_lock(&notifier->lock);
		append(notifier, message);
		pthread_mutex_unlock(&notifier->lock);
	}
}

static void wait_for(struct zpm_notifier *notifier, int64_t wait)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(wait / ZPM_S);
	until.tv_nsec += (long)(wait % ZPM_S);
	if (until.tv_nsec >= ZPM_S) {
		until.tv_nsec -= (long)ZPM_S;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&notifier->news, &notifier->lock, &until);
}

static void *work(void *ctx)
{
	struct zpm_notifier *notifier = ctx;
	struct message *message;
	int64_t wait;

	pthread_mutex_lock(&notifier->lock);
	while (!notifier->ending) {
		message = take_due(notifier, &wait);
		if (!message) {
			wait_for(notifier, wait);
			continue;
		}
		pthread_mutex_unlock(&notifier->lock);
		send_one(notifier, message);
		pthread_mutex_lock(&notifier->lock);
	}
	pthread_mutex_unlock(&notifier->lock);
	return NULL;
}

struct zpm_notifier *zpm_notifier_new(void (*failed)(const char *name, const char *why))
{
	struct zpm_notifier *notifier = zpm_alloc(sizeof(*notifier));
	pthread_condattr_t attributes;

	notifier->failed = failed;
	pthread_mutex_init(&notifier->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&notifier->news, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&notifier->thread, NULL, work, notifier) != 0)
		abort();
	return notifier;
}

static void sign(const struct zpm_webhook *webhook, struct message *message)
{
	struct zpm_mac *mac;

	if (!webhook->secret)
		return;
	mac = zpm_mac_new(webhook->secret, webhook->secret_len);
	zpm_mac_add(mac, message->json, strlen(message->json));
	zpm_mac_end(mac, message->signature);
	zpm_mac_free(mac);
}

void zpm_notifier_send(struct zpm_notifier *notifier, const struct zpm_webhook *webhook, const char *json)
{
	struct message *message = zpm_alloc(sizeof(*message));

	message->name = zpm_strdup(webhook->name);
	message->url = zpm_strdup(webhook->url);
	message->json = zpm_strdup(json);
	sign(webhook, message);
	pthread_mutex_lock(&notifier->lock);
	append(notifier, message);
	pthread_cond_signal(&notifier->news);
	pthread_mutex_unlock(&notifier->lock);
}

void zpm_notifier_free(struct zpm_notifier *notifier)
{
	struct message *next;

	if (!notifier)
		return;
	pthread_mutex_lock(&notifier->lock);
	notifier->ending = true;
	pthread_cond_signal(&notifier->news);
	pthread_mutex_unlock(&notifier->lock);
	pthread_join(notifier->thread, NULL);
	for (struct message *message = notifier->queue; message; message = next) {
		next = message->next;
		message_free(message);
	}
	pthread_cond_destroy(&notifier->news);
	pthread_mutex_destroy(&notifier->lock);
	free(notifier);
}
