/*
 * zpm token: makes a token for the API. It is shown this once; the file of tokens only has its hash, which
 * tells nothing of it.
 */
#include "base/digest.h"
#include "base/vault.h"
#include "cli/cli.h"
#include "model/api.h"
#include "model/shape.h"
#include "model/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define RANDOM_BYTES 32
#define PREFIX       "zpm_"

static int make_token(char token[sizeof(PREFIX) + ZPM_BASE64_SIZE(RANDOM_BYTES)])
{
	unsigned char bytes[RANDOM_BYTES];
	char *digits = token + strlen(PREFIX);

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -1;
	memcpy(token, PREFIX, sizeof(PREFIX));
	zpm_base64(bytes, sizeof(bytes), digits);
	/* The alphabet of RFC 4648, 5: it needs no quotes anywhere. */
	for (char *at = digits; *at; at++)
		*at = (char)(*at == '+' ? '-' : (*at == '/' ? '_' : *at));
	digits[strcspn(digits, "=")] = '\0';
	return 0;
}

/* What the file of tokens would not take. */
static enum zpm_exit check(const char *name)
{
	const struct zpm_shape *entry = zpm_shape_field(&zpm_api_tokens_shape, "tokens")->shape;
	const struct zpm_rule *rule = zpm_shape_field(entry, "name")->rule;

	if (zpm_rule_allows_text(rule, name))
		return ZPM_EXIT_OK;
	fprintf(stderr, "zpm: '%s' is no name for a token: expected %s\n", name, rule->expected);
	return ZPM_EXIT_USAGE;
}

static void print_entry(const struct zpm_cli *cli, const char *token)
{
	char digest[ZPM_DIGEST_SIZE];

	zpm_digest(token, strlen(token), digest);
	fprintf(stderr,
		"zpm: this is the only time the token is shown. For the file of api.tokens:\n"
		"- name: %s\n  role: %s\n  hash: \"%s\"\n",
		cli->args.v[0], cli->role, digest);
	if (cli->expires)
		fprintf(stderr, "  expires: \"%s\"\n", cli->expires);
}

enum zpm_exit zpm_cmd_token(const struct zpm_cli *cli)
{
	char token[sizeof(PREFIX) + ZPM_BASE64_SIZE(RANDOM_BYTES)];
	enum zpm_exit code = check(cli->args.v[0]);

	if (code != ZPM_EXIT_OK)
		return code;
	if (!cli->role) {
		fprintf(stderr, "zpm: say what it may do: --role viewer, operator or admin\n");
		return ZPM_EXIT_USAGE;
	}
	if (make_token(token) < 0) {
		fprintf(stderr, "zpm: the system gives no random bytes: %s\n", strerror(errno));
		return ZPM_EXIT_FAILED;
	}
	puts(token);
	fflush(stdout);
	print_entry(cli, token);
	explicit_bzero(token, sizeof(token));
	return ZPM_EXIT_OK;
}
