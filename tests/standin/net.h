/*
 * Connections, in both directions, and the one loop that serves them. Nothing
 * here blocks but poll() and the resolving of a peer's name; nothing calls back
 * into the caller of `net_call`: answers come from `net_turn`.
 */
#ifndef STANDIN_NET_H
#define STANDIN_NET_H

#include "key.h"
#include "wire.h"

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

struct standin;
struct net;
struct session;

/* What is called is signed with the key, which is the caller's. */
struct net *net_new(struct standin *standin, const struct key *key);
void net_free(struct net *net);

/* Binds every address of a comma-separated list. -1: said why on standard error. */
int net_listen(struct net *net, const char *addresses, int port);

/* One round: waits at most `wait_ms` for something to happen, and deals with it. */
void net_turn(struct net *net, int wait_ms);

/* What came is the callee's. `conn` names the connection for the functions below, and is never used again. */
void standin_take(struct standin *standin, uint64_t conn, struct message *message);

/* False when the connection has gone; `net_alive` asks beforehand. */
bool net_answer(struct net *net, uint64_t id, const struct message *to, const bson_t *body);
bool net_alive(const struct net *net, uint64_t id);
void net_close(struct net *net, uint64_t id);

/* Of a connection that somebody else opened; NULL when it has gone. */
struct session *net_session(struct net *net, uint64_t id);
/* Is who opened it on this machine? */
bool net_local(const struct net *net, uint64_t id);

/* `reply` is NULL when none came: refused, cut off, or too late. */
typedef void (*net_done)(struct standin *standin, const bson_t *reply, void *arg);

/* Sends a command to "host:port", or to nobody where that is empty. `done` is called once, always. */
void net_call(
	struct net *net, const char *host, const bson_t *command, int timeout_ms, net_done done, void *arg);

#endif
