/*
 * How much one address may ask, and how often it may be wrong about who it is. A fixed amount of memory: of
 * very many addresses, those are forgotten that have been silent longest. Thread-safe, and has no clock.
 */
#ifndef ZPM_API_LIMIT_H
#define ZPM_API_LIMIT_H

#include <stdint.h>
#include <sys/socket.h>

struct zpm_api_limiter;

/* `rate` requests in a second, twice as many at once. */
struct zpm_api_limiter *zpm_api_limiter_new(int64_t rate);
void zpm_api_limiter_free(struct zpm_api_limiter *limiter);

/* An address as far as it is one client: of IPv6, its network. */
uint64_t zpm_api_limiter_key(const struct sockaddr *address);

/* Counts a request. 0: it may go on; else in how many seconds it may. `now` is in nanoseconds. */
unsigned zpm_api_limiter_ask(struct zpm_api_limiter *limiter, uint64_t key, int64_t now);

/* Counts a login that failed. */
void zpm_api_limiter_fail(struct zpm_api_limiter *limiter, uint64_t key, int64_t now);

/* 0: it may try to log in; else in how many seconds it may, after ten failures in a minute. */
unsigned zpm_api_limiter_locked(struct zpm_api_limiter *limiter, uint64_t key, int64_t now);

#endif
