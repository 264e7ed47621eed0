/* The socket, made here rather than by libmicrohttpd, which does not say why it fails. */
#include "api/parts.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 128

static int fail(int fd, const char *listen, struct zpm_err *err)
{
	const char *hint =
		errno == EADDRINUSE ? "; something else listens there: set api.listen to a free port" : "";

	(void)zpm_err_set(
		err, ZPM_EFAILED, "the API cannot listen at %s: %s%s", listen, strerror(errno), hint);
	if (fd >= 0)
		close(fd);
	return -1;
}

int zpm_api_listen(const struct zpm_api_section *section, unsigned *port, struct zpm_err *err)
{
	union zpm_api_address address;
	socklen_t len = sizeof(address.v6);
	const int on = 1;
	int fd;

	if (!zpm_api_listen_parse(section->listen, &address))
		return zpm_err_set(err, ZPM_EINVALID, "api.listen: expected %s, got '%s'",
			ZPM_API_LISTEN_EXPECTED, section->listen);
	if (address.any.sa_family == AF_INET)
		len = sizeof(address.v4);
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		bind(fd, &address.any, len) < 0 || listen(fd, BACKLOG) < 0 ||
		getsockname(fd, &address.any, &len) < 0)
		return fail(fd, section->listen, err);
	*port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
	return fd;
}
