/*
 * Users: documents of admin.system.users, as the server keeps them, which
 * spread with the log like any other. A router has none, and asks the config
 * servers for theirs.
 *
 * Roles are kept and told, and not asked: who is logged in may do everything.
 */
#ifndef STANDIN_USERS_H
#define STANDIN_USERS_H

#include "standin.h"

#define USERS "admin.system.users"

/* The user that members of a set are to each other, from the key. The caller's. */
bson_t *users_system(const struct key *key);

/*
 * DONE, with the user's document as a view of `found`, empty when there is no such user; it
 * lasts until the next write, or as long as the request. PARKED while a router asks.
 */
enum outcome users_find(struct standin *s, struct request *req, const char *db, const char *name,
	bson_t *found, struct refusal *no);

/* The same on a server that keeps users itself; NULL when there is no such user. */
const bson_t *users_stored(const struct standin *s, const char *db, const char *name);

/* DONE or PARKED as above, with whether there is any user at all. */
enum outcome users_any(struct standin *s, struct request *req, bool *any, struct refusal *no);

/* Appends the names of the mechanisms that it has credentials for. */
void users_mechanisms(const bson_t *user, const char *field, bson_t *reply);

/* Is it still there, and still the same? A router takes it that it is. */
bool users_valid(const struct standin *s, const bson_t *user);

/*
 * Roles as they are stored, {role, db}, out of what a command lists: names, or such documents.
 * Only the server's own roles are known. -1: refused.
 */
int users_roles(const bson_t *listed, const char *db, bson_t *roles, struct refusal *no);

#endif
