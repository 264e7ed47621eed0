/* Two buckets for each address, which fill up with time, in sets of a few, as a processor's cache has them.
 */
#include "api/limit.h"

#include "base/base.h"
#include "base/clock.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SETS     1024
#define WAYS     4
#define FAILURES 10
#define MINUTE   (60 * ZPM_S)

/* What it is full with: all that is left to spend, in nanoseconds of the time that it takes to fill. */
struct bucket {
	int64_t left;
};

struct entry {
	uint64_t key;
	int64_t seen; /* 0: the entry is free */
	struct bucket requests, failures;
};

struct zpm_api_limiter {
	pthread_mutex_t lock;
	int64_t cost, burst; /* of a request, and of all that may come at once, in nanoseconds */
	uint64_t salt;
	struct entry entries[SETS][WAYS];
};

struct zpm_api_limiter *zpm_api_limiter_new(int64_t rate)
{
	struct zpm_api_limiter *limiter = zpm_alloc(sizeof(*limiter));

	pthread_mutex_init(&limiter->lock, NULL);
	limiter->cost = ZPM_S / rate;
	limiter->burst = 2 * rate * limiter->cost;
	/* So that nobody can choose addresses that push another one out. */
	(void)!getrandom(&limiter->salt, sizeof(limiter->salt), 0);
	return limiter;
}

void zpm_api_limiter_free(struct zpm_api_limiter *limiter)
{
	if (!limiter)
		return;
	pthread_mutex_destroy(&limiter->lock);
	free(limiter);
}

uint64_t zpm_api_limiter_key(const struct sockaddr *address)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
	uint32_t host = 0;
	uint64_t network;

	if (address->sa_family == AF_INET)
		host = ((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr;
	else if (address->sa_family != AF_INET6)
		return 0;
	else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		memcpy(&host, &v6->sin6_addr.s6_addr[12], sizeof(host));
	if (host)
		return host;
	memcpy(&network, &v6->sin6_addr, sizeof(network));
	return network;
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static size_t set_of(const struct zpm_api_limiter *limiter, uint64_t key)
{
	uint64_t mixed = (key ^ limiter->salt) * 0x9e3779b97f4a7c15ULL;

	return (size_t)(mixed >> 32) % SETS;
}

/* With its buckets as they are now. */
static struct entry *find(struct zpm_api_limiter *limiter, uint64_t key, int64_t now)
{
	struct entry *set = limiter->entries[set_of(limiter, key)], *oldest = set;
	int64_t gone;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].seen && set[i].key == key) {
			gone = now > set[i].seen ? now - set[i].seen : 0;
			set[i].requests.left = min64(set[i].requests.left + gone, limiter->burst);
			set[i].failures.left = min64(set[i].failures.left + gone, MINUTE);
			set[i].seen += gone;
			return &set[i];
		}
		if (set[i].seen < oldest->seen)
			oldest = &set[i];
	}
	*oldest = (struct entry){ .key = key, .seen = now ? now : 1 };
	oldest->requests.left = limiter->burst;
	oldest->failures.left = MINUTE;
	return oldest;
}

/* How long until the bucket has so much, in whole seconds. */
static unsigned wait_for(const struct bucket *bucket, int64_t cost)
{
	return bucket->left >= cost ? 0 : (unsigned)((cost - bucket->left + ZPM_S - 1) / ZPM_S);
}

unsigned zpm_api_limiter_ask(struct zpm_api_limiter *limiter, uint64_t key, int64_t now)
{
	struct entry *entry;
	unsigned seconds;

	pthread_mutex_lock(&limiter->lock);
	entry = find(limiter, key, now);
	seconds = wait_for(&entry->requests, limiter->cost);
	if (!seconds)
		entry->requests.left -= limiter->cost;
	pthread_mutex_unlock(&limiter->lock);
	return seconds;
}

void zpm_api_limiter_fail(struct zpm_api_limiter *limiter, uint64_t key, int64_t now)
{
	struct entry *entry;

	pthread_mutex_lock(&limiter->lock);
	entry = find(limiter, key, now);
	entry->failures.left -= min64(entry->failures.left, MINUTE / FAILURES);
	pthread_mutex_unlock(&limiter->lock);
}

unsigned zpm_api_limiter_locked(struct zpm_api_limiter *limiter, uint64_t key, int64_t now)
{
	unsigned seconds;

	pthread_mutex_lock(&limiter->lock);
	seconds = wait_for(&find(limiter, key, now)->failures, MINUTE / FAILURES);
	pthread_mutex_unlock(&limiter->lock);
	return seconds;
}
