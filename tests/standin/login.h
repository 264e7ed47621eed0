/*
 * Who may be served: clients that have logged in, and members that have the
 * key. Logging in is a conversation of SCRAM, with a command of its own for
 * each step, or the first of them inside the handshake.
 *
 * Source: the manual, "Security", "Localhost Exception" and "Keyfiles"; the
 * drivers' specification of authentication.
 */
#ifndef STANDIN_LOGIN_H
#define STANDIN_LOGIN_H

#include "standin.h"

/* To be asked when the message comes. */
enum trust login_trust(struct standin *s, uint64_t conn, const bson_t *body);

/* DONE: it may be served. PARKED while a router asks whether there are users at all. */
enum outcome login_admit(struct standin *s, struct request *req, struct refusal *no);

/*
 * What a handshake wants to know of logging in: the mechanisms of a user, and the answer to
 * the first step. A failed first step is passed over: the client will try again, and be told.
 */
enum outcome login_hello(struct standin *s, struct request *req, bson_t *reply, struct refusal *no);

#endif
