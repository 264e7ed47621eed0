/* Users come and go one by one: the document that has them is made anew each time. */
#include "session.h"

#include "doc.h"

void session_forget(struct session *session)
{
	scram_free(session->scram);
	if (session->user)
		bson_destroy(session->user);
	session->scram = NULL;
	session->user = NULL;
	session->proven = session->short_form = false;
}

void session_dispose(struct session *session)
{
	session_forget(session);
	if (session->users)
		bson_destroy(session->users);
	session->users = NULL;
}

void session_logout(struct session *session, const char *db)
{
	bson_t *kept = bson_new();

	if (session->users) {
		bson_copy_to_excluding_noinit(session->users, kept, db, NULL);
		bson_destroy(session->users);
	}
	session->users = kept;
}

void session_login(struct session *session, const bson_t *user)
{
	const char *db = doc_text(user, "db", "");
	bson_t bare = BSON_INITIALIZER;

	bson_copy_to_excluding_noinit(user, &bare, "credentials", NULL);
	session_logout(session, db);
	bson_append_document(session->users, db, -1, &bare);
	bson_destroy(&bare);
}
