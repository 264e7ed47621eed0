/* The field tables of the section `api` and of the file of tokens. */
#include "model/api.h"

#include "base/text.h"
#include "model/rules.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define HASH_PATTERN "^sha256:[0-9a-f]{64}$"
#define DATE_PATTERN                                                                                         \
	"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"                                                 \
	"(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)?$"

const char *const zpm_api_role_names[] = { "nobody", "viewer", "operator", "admin", NULL };

enum zpm_api_role zpm_api_role_parse(const char *text)
{
	for (int role = ZPM_API_VIEWER; zpm_api_role_names[role]; role++)
		if (!strcmp(text, zpm_api_role_names[role]))
			return (enum zpm_api_role)role;
	return ZPM_API_NOBODY;
}

static const struct zpm_rule rate_rule = { .expected = "a number from 1 to 100000", .min = 1, .max = 100000 };

static const struct zpm_rule claim_rule = {
	.expected = "the name of a claim, like 'role'",
	.pattern = "^[^ ]+$",
	.max_len = 200,
};

#define AT(member) offsetof(struct zpm_api_tls, member)

static const struct zpm_field tls_fields[] = {
	{ .name = "cert",
		.type = ZPM_T_STRING,
		.at = AT(cert),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_not_empty,
		.help = "The file with the certificate, and those between it and its root (PEM)." },
	{ .name = "key",
		.type = ZPM_T_STRING,
		.at = AT(key),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_not_empty,
		.help = "The file with its private key (PEM), which only its owner may read." },
	{ 0 },
};

static const struct zpm_shape tls_shape = {
	.name = "apiTls",
	.help = "The certificate of the API; without one it speaks plain HTTP.",
	.size = sizeof(struct zpm_api_tls),
	.fields = tls_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_api_jwt, member)

static const struct zpm_field jwt_fields[] = {
	{ .name = "publicKey",
		.type = ZPM_T_STRING,
		.at = AT(public_key),
		.flags = ZPM_EITHER,
		.rule = &zpm_rule_not_empty,
		.help = "The file with the public key (PEM) of who signs, by RS256." },
	{ .name = "secret",
		.type = ZPM_T_STRING,
		.at = AT(secret),
		.flags = ZPM_EITHER,
		.rule = &zpm_rule_not_empty,
		.help = "The file with the secret shared with who signs, by HS256; which only its owner may "
			"read." },
	{ .name = "issuer",
		.type = ZPM_T_STRING,
		.at = AT(issuer),
		.rule = &zpm_rule_not_empty,
		.help = "What the claim `iss` has to be; anything when absent." },
	{ .name = "audience",
		.type = ZPM_T_STRING,
		.at = AT(audience),
		.rule = &zpm_rule_not_empty,
		.help = "What the claim `aud` has to be, or to hold; when absent, a token that has one is "
			"for somebody else." },
	{ .name = "roleClaim",
		.type = ZPM_T_STRING,
		.at = AT(role_claim),
		.value = "role",
		.rule = &claim_rule,
		.help = "The claim with the role, or with a list of roles." },
	{ 0 },
};

static const struct zpm_shape jwt_shape = {
	.name = "apiJwt",
	.help = "Whose JSON Web Tokens are taken.",
	.size = sizeof(struct zpm_api_jwt),
	.fields = jwt_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_api_webhook, member)

static const struct zpm_field webhook_fields[] = {
	{ .name = "secret",
		.type = ZPM_T_STRING,
		.at = AT(secret),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_not_empty,
		.help = "The file with the secret that the git server has too, which only its owner may "
			"read." },
	{ 0 },
};

static const struct zpm_shape webhook_shape = {
	.name = "apiWebhook",
	.help = "How a git server says that it has something new.",
	.size = sizeof(struct zpm_api_webhook),
	.fields = webhook_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_api_section, member)

static const struct zpm_rule listen_rule = {
	.expected = ZPM_API_LISTEN_EXPECTED,
	.pattern = "^([0-9.]+|localhost|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$",
};

static const struct zpm_field fields[] = {
	{ .name = "listen",
		.type = ZPM_T_STRING,
		.at = AT(listen),
		.value = "127.0.0.1:8443",
		.rule = &listen_rule,
		.help = "The address and port to listen at; port 0 is any that is free." },
	{ .name = "insecure",
		.type = ZPM_T_BOOL,
		.at = AT(insecure),
		.value = "false",
		.help = "Listen without TLS also where others than this machine can ask." },
	{ .name = "tls",
		.type = ZPM_T_OBJECT,
		.at = AT(tls),
		.shape = &tls_shape,
		.help = "The certificate of the API; without one it speaks plain HTTP." },
	{ .name = "tokens",
		.type = ZPM_T_STRING,
		.at = AT(tokens),
		.rule = &zpm_rule_not_empty,
		.help = "The file with names, roles and hashes of tokens, which only its owner may write; "
			"`zpm token` makes them." },
	{ .name = "jwt",
		.type = ZPM_T_OBJECT,
		.at = AT(jwt),
		.shape = &jwt_shape,
		.help = "Whose JSON Web Tokens are taken." },
	{ .name = "webhook",
		.type = ZPM_T_OBJECT,
		.at = AT(webhook),
		.shape = &webhook_shape,
		.help = "How a git server says that it has something new." },
	{ .name = "rateLimit",
		.type = ZPM_T_INT,
		.at = AT(rate_limit),
		.value = "50",
		.rule = &rate_rule,
		.help = "How many requests one address may make in a second; twice as many at once." },
	{ 0 },
};

const struct zpm_shape zpm_api_shape = {
	.name = "api",
	.help = "The HTTP API and the page of `zpm run`; files are looked for beside the manifest.",
	.size = sizeof(struct zpm_api_section),
	.fields = fields,
};

bool zpm_api_takes_jwt(const struct zpm_api_section *section)
{
	return section->jwt && (section->jwt->public_key || section->jwt->secret);
}

#undef AT
#define AT(member) offsetof(struct zpm_api_token, member)

static const struct zpm_rule name_rule = {
	.expected = "a name of at most 100 letters, digits, '.', '_', '@' and '-'",
	.pattern = "^[A-Za-z0-9][A-Za-z0-9._@-]*$",
	.max_len = 100,
};

static const struct zpm_rule role_rule = { .expected = "viewer, operator or admin",
	.choices = zpm_api_role_names + ZPM_API_VIEWER };

static const struct zpm_rule hash_rule = {
	.expected = "sha256: and 64 hexadecimal digits, as `zpm token` prints it",
	.pattern = HASH_PATTERN,
};

static const struct zpm_rule expires_rule = {
	.expected = "a day or a time in UTC, like '2027-01-01' or '2027-01-01T12:00:00Z'",
	.pattern = DATE_PATTERN,
};

static const struct zpm_field token_fields[] = {
	{ .name = "name",
		.type = ZPM_T_STRING,
		.at = AT(name),
		.flags = ZPM_REQUIRED,
		.rule = &name_rule,
		.help = "Whose it is." },
	{ .name = "role",
		.type = ZPM_T_STRING,
		.at = AT(role),
		.flags = ZPM_REQUIRED,
		.rule = &role_rule,
		.help = "What it may do." },
	{ .name = "hash",
		.type = ZPM_T_STRING,
		.at = AT(hash),
		.flags = ZPM_REQUIRED,
		.rule = &hash_rule,
		.help = "The SHA-256 of the token." },
	{ .name = "expires",
		.type = ZPM_T_STRING,
		.at = AT(expires),
		.rule = &expires_rule,
		.help = "From when on it is taken no more." },
	{ 0 },
};

static const struct zpm_shape token_shape = {
	.name = "token",
	.help = "A token, without what is secret of it.",
	.size = sizeof(struct zpm_api_token),
	.fields = token_fields,
};

static const struct zpm_field tokens_fields[] = {
	{ .name = "tokens",
		.type = ZPM_T_OBJECTS,
		.at = offsetof(struct zpm_api_tokens, list),
		.flags = ZPM_LISTED | ZPM_ORDERED,
		.shape = &token_shape,
		.help = "The tokens." },
	{ 0 },
};

const struct zpm_shape zpm_api_tokens_shape = {
	.name = "tokens",
	.help = "The tokens that are taken.",
	.size = sizeof(struct zpm_api_tokens),
	.fields = tokens_fields,
};

static bool parse_host(const char *host, uint16_t port, union zpm_api_address *address)
{
	*address = (union zpm_api_address){ 0 };
	if (!strcmp(host, "localhost"))
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons(port);
		return true;
	}
	if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) != 1)
		return false;
	address->v6.sin6_family = AF_INET6;
	address->v6.sin6_port = htons(port);
	return true;
}

bool zpm_api_listen_parse(const char *text, union zpm_api_address *address)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	char host[INET6_ADDRSTRLEN + 2];
	unsigned long port;
	bool bracketed;

	if (!len || len >= sizeof(host) || !colon[1] || strlen(colon + 1) > 5 ||
		colon[1 + strspn(colon + 1, "0123456789")])
		return false;
	port = strtoul(colon + 1, NULL, 10);
	bracketed = text[0] == '[' && text[len - 1] == ']';
	if (bracketed) {
		text++;
		len -= 2;
	}
	memcpy(host, text, len);
	host[len] = '\0';
	return port <= UINT16_MAX && bracketed == !!strchr(host, ':') &&
	       parse_host(host, (uint16_t)port, address);
}

bool zpm_api_address_is_loopback(const union zpm_api_address *address)
{
	const struct in6_addr *v6 = &address->v6.sin6_addr;

	if (address->any.sa_family == AF_INET)
		return ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
}
