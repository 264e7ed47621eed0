/* Access to BSON by dotted paths, and refusals with the server's codes. */
#include "doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int code;
	const char *name;
} CODES[] = {
	{ BAD_VALUE, "BadValue" },
	{ HOST_UNREACHABLE, "HostUnreachable" },
	{ FAILED_TO_PARSE, "FailedToParse" },
	{ USER_NOT_FOUND, "UserNotFound" },
	{ UNAUTHORIZED, "Unauthorized" },
	{ TYPE_MISMATCH, "TypeMismatch" },
	{ PROTOCOL_ERROR, "ProtocolError" },
	{ AUTHENTICATION_FAILED, "AuthenticationFailed" },
	{ ILLEGAL_OPERATION, "IllegalOperation" },
	{ ALREADY_INITIALIZED, "AlreadyInitialized" },
	{ NAMESPACE_NOT_FOUND, "NamespaceNotFound" },
	{ ROLE_NOT_FOUND, "RoleNotFound" },
	{ CURSOR_NOT_FOUND, "CursorNotFound" },
	{ MAX_TIME_EXPIRED, "MaxTimeMSExpired" },
	{ COMMAND_NOT_FOUND, "CommandNotFound" },
	{ WRITE_CONCERN_FAILED, "WriteConcernFailed" },
	{ SHARD_NOT_FOUND, "ShardNotFound" },
	{ INVALID_NAMESPACE, "InvalidNamespace" },
	{ NODE_NOT_FOUND, "NodeNotFound" },
	{ NO_REPLICATION_ENABLED, "NoReplicationEnabled" },
	{ INVALID_REPLICA_SET_CONFIG, "InvalidReplicaSetConfig" },
	{ NOT_YET_INITIALIZED, "NotYetInitialized" },
	{ NOT_SECONDARY, "NotSecondary" },
	{ OPERATION_FAILED, "OperationFailed" },
	{ UNSATISFIABLE_WRITE_CONCERN, "UnsatisfiableWriteConcern" },
	{ INCOMPATIBLE_CONFIG, "NewReplicaSetConfigurationIncompatible" },
	{ NODE_NOT_ELECTABLE, "NodeNotElectable" },
	{ INCONSISTENT_SET_NAMES, "InconsistentReplicaSetNames" },
	{ CONFIGURATION_IN_PROGRESS, "ConfigurationInProgress" },
	{ FAILED_READ_PREFERENCE, "FailedToSatisfyReadPreference" },
	{ PRIMARY_STEPPED_DOWN, "PrimarySteppedDown" },
	{ EXCEEDED_TIME_LIMIT, "ExceededTimeLimit" },
	{ CONFIG_NOT_COMMITTED, "CurrentConfigNotCommittedYet" },
	{ MECHANISM_UNAVAILABLE, "MechanismUnavailable" },
	{ NOT_WRITABLE_PRIMARY, "NotWritablePrimary" },
	{ DUPLICATE_KEY, "DuplicateKey" },
	{ NOT_PRIMARY_NO_SECONDARY_OK, "NotPrimaryNoSecondaryOk" },
	{ NOT_PRIMARY_OR_SECONDARY, "NotPrimaryOrSecondary" },
	{ USER_EXISTS, "Location51003" },
};

int refuse(struct refusal *no, int code, const char *fmt, ...)
{
	va_list args;

	no->code = code;
	va_start(args, fmt);
	vsnprintf(no->msg, sizeof(no->msg), fmt, args);
	va_end(args);
	return -1;
}

const char *refusal_name(int code)
{
	for (size_t i = 0; i < ZPM_COUNT(CODES); i++)
		if (CODES[i].code == code)
			return CODES[i].name;
	return "UnknownError";
}

bool doc_find(const bson_t *doc, const char *path, bson_iter_t *found)
{
	bson_iter_t iter;

	return bson_iter_init(&iter, doc) && bson_iter_find_descendant(&iter, path, found);
}

bool doc_has(const bson_t *doc, const char *path)
{
	bson_iter_t found;

	return doc_find(doc, path, &found);
}

const char *doc_text(const bson_t *doc, const char *path, const char *fallback)
{
	bson_iter_t found;

	if (!doc_find(doc, path, &found) || !BSON_ITER_HOLDS_UTF8(&found))
		return fallback;
	return bson_iter_utf8(&found, NULL);
}

int64_t doc_int(const bson_t *doc, const char *path, int64_t fallback)
{
	bson_iter_t found;

	if (!doc_find(doc, path, &found) || !BSON_ITER_HOLDS_NUMBER(&found))
		return fallback;
	return bson_iter_as_int64(&found);
}

double doc_number(const bson_t *doc, const char *path, double fallback)
{
	bson_iter_t found;

	if (!doc_find(doc, path, &found) || !BSON_ITER_HOLDS_NUMBER(&found))
		return fallback;
	return bson_iter_as_double(&found);
}

bool doc_bool(const bson_t *doc, const char *path, bool fallback)
{
	bson_iter_t found;

	return doc_find(doc, path, &found) ? bson_iter_as_bool(&found) : fallback;
}

bool iter_sub(const bson_iter_t *iter, bson_t *view)
{
	const uint8_t *data = NULL;
	uint32_t len = 0;

	if (BSON_ITER_HOLDS_DOCUMENT(iter))
		bson_iter_document(iter, &len, &data);
	else if (BSON_ITER_HOLDS_ARRAY(iter))
		bson_iter_array(iter, &len, &data);
	return data && bson_init_static(view, data, len);
}

bool doc_sub(const bson_t *doc, const char *path, bson_t *view)
{
	bson_iter_t found;

	return doc_find(doc, path, &found) && iter_sub(&found, view);
}

bool iter_next_doc(bson_iter_t *iter, bson_t *view)
{
	while (bson_iter_next(iter))
		if (BSON_ITER_HOLDS_DOCUMENT(iter) && iter_sub(iter, view))
			return true;
	return false;
}

void array_add_doc(bson_t *array, uint32_t *n, const bson_t *doc)
{
	char room[16];
	const char *key;

	bson_uint32_to_string((*n)++, &key, room, sizeof(room));
	bson_append_document(array, key, -1, doc);
}

void array_add_text(bson_t *array, uint32_t *n, const char *text)
{
	char room[16];
	const char *key;

	bson_uint32_to_string((*n)++, &key, room, sizeof(room));
	bson_append_utf8(array, key, -1, text, -1);
}
