/*
 * What a server keeps of a client as long as its connection lasts: who is
 * logged in on it, and the conversation by which somebody is about to be.
 */
#ifndef STANDIN_SESSION_H
#define STANDIN_SESSION_H

#include "scram.h"

struct session {
	bson_t *users; /* {DATABASE: {user, db, userId, roles}}, one of each database; NULL: nobody */
	/* The conversation; `scram` NULL: there is none. */
	struct scram *scram;
	char db[64];
	bson_t *user; /* who is about to log in */
	bool proven, short_form;
};

void session_dispose(struct session *session);

/* Ends the conversation without a result. */
void session_forget(struct session *session);

/* Logs in a user, in the place of another of the same database. Copied, without credentials. */
void session_login(struct session *session, const bson_t *user);
void session_logout(struct session *session, const char *db);

#endif
