/* What libmongoc's errors mean. */
#include "mongo/client.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

/* How the library words what keeps a server from answering, and what it is. */
static const struct cause {
	const char *says, *means;
} causes[] = {
	{ "connection refused", "refuses the connection: no server listens there" },
	{ "connection timeout", "does not answer in time" },
	{ "socket timeout", "does not answer in time" },
	{ "Failed to resolve", "is no host name anybody knows" },
	{ "TLS handshake failed", "does not complete the TLS handshake" },
	{ "certificate", "shows a certificate that is not trusted" },
	{ "Connection reset", "has closed the connection" },
	{ "connection closed", "has closed the connection" },
	{ "Failed to read", "has broken off, or does not answer in time" },
	{ "Failed to send", "has closed the connection" },
};

static int fail_unreachable(const char *host, const bson_error_t *error, struct zpm_err *err)
{
	for (size_t i = 0; i < ZPM_COUNT(causes); i++)
		if (strcasestr(error->message, causes[i].says))
			return zpm_err_set(err, ZPM_EUNAVAIL, "%s %s", host, causes[i].means);
	return zpm_err_set(err, ZPM_EUNAVAIL, "%s is out of reach: %s", host, error->message);
}

static enum zpm_code code_of(int code)
{
	switch (code) {
	case ZPM_MONGO_NOT_YET_INITIALIZED:
	case ZPM_MONGO_SHARD_NOT_FOUND:
		return ZPM_ENOTFOUND;
	case ZPM_MONGO_CONFIG_INCOMPATIBLE:
	case ZPM_MONGO_CONFIG_IN_PROGRESS:
	case ZPM_MONGO_CONFIG_NOT_COMMITTED:
	case ZPM_MONGO_PRIMARY_STEPPED_DOWN:
	case ZPM_MONGO_NOT_PRIMARY:
	case 13435: /* not the primary, and told not to read elsewhere */
		return ZPM_ECONFLICT;
	case ZPM_MONGO_NODE_NOT_FOUND: /* not heard of yet, perhaps */
	case ZPM_MONGO_EXCEEDED_TIME:
	case 50:    /* maxTimeMS is over */
	case 91:    /* shutting down */
	case 11600: /* the same, in the middle of something */
	case 11602: /* interrupted by a change of state */
	case 13436: /* neither primary nor secondary, or recovering */
		return ZPM_EUNAVAIL;
	default:
		return ZPM_EFAILED;
	}
}

static int fail_command(const char *host, const bson_error_t *error, int *code, struct zpm_err *err)
{
	*code = (int)error->code;
	if (*code == ZPM_MONGO_UNAUTHORIZED)
		return zpm_err_set(err, ZPM_EFAILED, "%s: not authorised: %s", host, error->message);
	return zpm_err_set(err, code_of(*code), "%s: %s (code %d)", host, error->message, *code);
}

int zpm_mongo_fail(const char *host, const bson_error_t *error, int *code, struct zpm_err *err)
{
	*code = 0;
	if (error->domain == MONGOC_ERROR_SERVER)
		return fail_command(host, error, code, err);
	if (error->domain == MONGOC_ERROR_CLIENT && error->code == MONGOC_ERROR_CLIENT_AUTHENTICATE) {
		*code = ZPM_MONGO_AUTHENTICATION_FAILED;
		return zpm_err_set(err, ZPM_EFAILED, "%s: the user or the password is not accepted", host);
	}
	if (error->domain == MONGOC_ERROR_PROTOCOL || error->domain == MONGOC_ERROR_BSON)
		return zpm_err_set(
			err, ZPM_EFAILED, "%s is no MongoDB server that zpm knows: %s", host, error->message);
	return fail_unreachable(host, error, err);
}
