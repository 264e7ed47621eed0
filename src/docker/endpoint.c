/*
 * Where the Engine is: "unix:///path", "tcp://host:port" or
 * "ssh://user@host:port", taken apart before anything is connected, so that a
 * slip of the pen is named as one.
 */
#include "docker/client.h"

#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define UNIX_SCHEME "unix://"
#define TCP_SCHEME  "tcp://"
#define SSH_SCHEME  "ssh://"
#define MAX_HOST    253 /* DNS's limit */
#define EXPECTED    "expected unix:///path/to/docker.sock, tcp://host:port or ssh://user@host"

static char *join(const char *before, const char *after)
{
	ZPM_BUF text = { 0 };
	char *joined;

	zpm_buf_printf(&text, "%s%s", before, after);
	joined = text.data;
	text.data = NULL;
	return joined;
}

static int parse_unix(const char *text, struct zpm_docker_endpoint *out, struct zpm_err *err)
{
	const char *path = text + strlen(UNIX_SCHEME);
	size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

	if (path[0] != '/' || !path[1])
		return zpm_err_set(err, ZPM_EINVALID,
			"engine endpoint '%.200s': the path of the socket has to be absolute, as in "
			"unix:///var/run/docker.sock",
			text);
	if (strlen(path) > most)
		return zpm_err_set(err, ZPM_EINVALID,
			"engine endpoint '%.120s...': the path of a socket may not be longer than %zu "
			"characters",
			text, most);
	*out = (struct zpm_docker_endpoint){
		.name = zpm_strdup(text),
		.socket = zpm_strdup(path),
		.base = zpm_strdup("http://docker"),
	};
	return 0;
}

/* The length of "name", "1.2.3.4" or "[::1]" at the start of the text; 0: none. */
static size_t host_len(const char *text)
{
	size_t len = 0;

	if (text[0] == '[') {
		len = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
		return len > 1 && text[len] == ']' ? len + 1 : 0;
	}
	while (isalnum((unsigned char)text[len]) || (text[len] && strchr(".-_", text[len])))
		len++;
	return len;
}

static bool port_is_valid(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	long port;

	if (!digits || text[digits])
		return false;
	port = strtol(text, NULL, 10);
	return port >= 1 && port <= 65535;
}

static int parse_tcp(const char *text, struct zpm_docker_endpoint *out, struct zpm_err *err)
{
	const char *host = text + strlen(TCP_SCHEME);
	size_t len = host_len(host);

	if (!len || len > MAX_HOST || host[len] != ':' || !port_is_valid(host + len + 1))
		return zpm_err_set(err, ZPM_EINVALID,
			"engine endpoint '%.200s': expected tcp://host:port with a port from 1 to 65535, as "
			"in tcp://127.0.0.1:2375",
			text);
	*out = (struct zpm_docker_endpoint){ .name = zpm_strdup(text), .base = join("http://", host) };
	return 0;
}

static char *part(const char *text, size_t len)
{
	char *copy = len ? strndup(text, len) : NULL;

	if (len && !copy)
		abort();
	return copy;
}

/* An address in brackets goes to ssh without them. */
static char *ssh_host(const char *host, size_t len)
{
	return host[0] == '[' ? part(host + 1, len - 2) : part(host, len);
}

/* A name that begins with '-' would be an option to ssh. */
static int parse_ssh(const char *text, struct zpm_docker_endpoint *out, struct zpm_err *err)
{
	const char *user = text + strlen(SSH_SCHEME), *at = strchr(user, '@');
	size_t user_len = at ? host_len(user) : 0;
	const char *host = at ? at + 1 : user;
	size_t len = host_len(host);
	bool good = len && len <= MAX_HOST && host[0] != '-' && user[0] != '-';

	if (at && (user + user_len != at || !user_len))
		good = false;
	if (good && host[len] && (host[len] != ':' || !port_is_valid(host + len + 1)))
		good = false;
	if (!good)
		return zpm_err_set(err, ZPM_EINVALID,
			"engine endpoint '%.200s': expected ssh://host, ssh://user@host or "
			"ssh://user@host:port; no name begins with '-'",
			text);
	*out = (struct zpm_docker_endpoint){ .name = zpm_strdup(text), .base = zpm_strdup("http://docker") };
	out->ssh.user = part(user, user_len);
	out->ssh.host = ssh_host(host, len);
	out->ssh.port = host[len] ? zpm_strdup(host + len + 1) : NULL;
	return 0;
}

int zpm_docker_endpoint_parse(const char *text, struct zpm_docker_endpoint *out, struct zpm_err *err)
{
	if (!text || !*text)
		return zpm_err_set(err, ZPM_EINVALID, "the engine endpoint is empty: " EXPECTED);
	if (zpm_starts_with(text, UNIX_SCHEME))
		return parse_unix(text, out, err);
	if (zpm_starts_with(text, TCP_SCHEME))
		return parse_tcp(text, out, err);
	if (zpm_starts_with(text, SSH_SCHEME))
		return parse_ssh(text, out, err);
	return zpm_err_set(err, ZPM_EINVALID, "engine endpoint '%.200s': " EXPECTED, text);
}

void zpm_docker_endpoint_dispose(struct zpm_docker_endpoint *at)
{
	free(at->name);
	free(at->socket);
	free(at->base);
	free(at->ssh.host);
	free(at->ssh.user);
	free(at->ssh.port);
	*at = (struct zpm_docker_endpoint){ 0 };
}
