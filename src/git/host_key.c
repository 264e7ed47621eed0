/*
 * The key of an ssh server against `knownHosts`. libgit2 looks into the file in the user's home only, so
 * what it says of a key does not count.
 */
#include "git/parts.h"

#include "base/list.h"
#include "base/text.h"
#include "base/vault.h"

#include <string.h>

#define MAX_KNOWN (256 * 1024)

/* As known_hosts names it, from ssh://[user@]host[:port]/path or [user@]host:path; with another port
 * "[host]:port". */
static const char *host_of(const char *url, struct zpm_arena *arena)
{
	bool scheme = zpm_starts_with(url, "ssh://");
	const char *at = scheme ? url + strlen("ssh://") : url;
	size_t authority = strcspn(at, "/");
	const char *user = memchr(at, '@', authority), *host = user ? user + 1 : at;
	size_t len = strcspn(host, *host == '[' ? "]" : ":/");
	const char *rest = host + len + (host[len] == ']'), *name;

	name = zpm_arena_strndup(arena, host + (*host == '['), len - (*host == '['));
	len = *rest == ':' ? strspn(rest + 1, "0123456789") : 0;
	if (!scheme || !len || (len == 2 && !strncmp(rest + 1, "22", 2)))
		return name;
	return zpm_arena_printf(arena, "[%s]:%.*s", name, (int)len, rest + 1);
}

/* A line that was found: NAMES TYPE KEY. Those with a mark, like @revoked, never do. */
static bool line_has(const char *line, size_t len, const char *key)
{
	const char *end = line + len, *at = line;

	if (*line == '#' || *line == '@')
		return false;
	for (int i = 0; i < 2; i++) {
		while (at < end && *at != ' ')
			at++;
		at += at < end;
	}
	len = strlen(key);
	return (size_t)(end - at) >= len && !strncmp(at, key, len) && (at + len == end || at[len] == ' ');
}

static bool is_revoked(const char *line, size_t len, const char *key)
{
	return zpm_starts_with(line, "@revoked ") && memmem(line, len, key, strlen(key));
}

bool zpm_git_knows_host(const struct zpm_git *git, const git_cert_hostkey *key)
{
	const struct zpm_git_source *source = git->options->source;
	const char *file = zpm_arena_path(git->arena, git->options->base, source->known_hosts);
	const char *args[] = { "-F", host_of(source->url, git->arena), "-f", file, NULL };
	ZPM_BUF found = { .cap = MAX_KNOWN };
	struct zpm_err err;
	char *text;
	bool known = false;

	if (!file || !(key->type & GIT_CERT_SSH_RAW) || *args[1] == '-' ||
		zpm_git_keygen(args, NULL, &found, &err) != 0 || !found.data)
		return false;
	text = zpm_arena_alloc(git->arena, ZPM_BASE64_SIZE(key->hostkey_len));
	zpm_base64(key->hostkey, key->hostkey_len, text);
	for (const char *line = found.data; *line;) {
		size_t len = strcspn(line, "\n");

		if (is_revoked(line, len, text))
			return false;
		known |= line_has(line, len, text);
		line += len + (line[len] == '\n');
	}
	return known;
}
