/*
 * libmicrohttpd lets go of a connection on which nothing moves. One that sends a byte now and then would stay
 * for ever: so each part of a request has a time of its own.
 */
#include "api/parts.h"
#include "base/clock.h"

#include <stdlib.h>
#include <sys/socket.h>

static struct zpm_api_peer *new_peer(struct zpm_api *api, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		api->mhd->get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct zpm_api_peer *peer = zpm_alloc(sizeof(*peer));

	peer->fd = info ? info->connect_fd : -1;
	peer->deadline = zpm_clock_now() + api->limits.head;
	pthread_mutex_lock(&api->lock);
	peer->next = api->peers;
	peer->link = &api->peers;
	if (peer->next)
		peer->next->link = &peer->next;
	api->peers = peer;
	pthread_mutex_unlock(&api->lock);
	return peer;
}

/* Before the socket is closed, so that its number cannot be another one's yet. */
static void forget(struct zpm_api *api, struct zpm_api_peer *peer)
{
	pthread_mutex_lock(&api->lock);
	*peer->link = peer->next;
	if (peer->next)
		peer->next->link = peer->link;
	pthread_mutex_unlock(&api->lock);
	free(peer);
}

void zpm_api_on_connection(void *cls, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		*context = new_peer(cls, connection);
	else if (*context)
		forget(cls, *context);
}

void zpm_api_peer_allow(struct zpm_api *api, struct MHD_Connection *connection, int64_t time)
{
	const union MHD_ConnectionInfo *info =
		api->mhd->get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct zpm_api_peer *peer = info ? info->socket_context : NULL;

	if (!peer)
		return;
	pthread_mutex_lock(&api->lock);
	peer->deadline = time == INT64_MAX ? INT64_MAX : zpm_clock_now() + time;
	pthread_mutex_unlock(&api->lock);
}

void zpm_api_peers_expire(struct zpm_api *api, int64_t now)
{
	pthread_mutex_lock(&api->lock);
	for (struct zpm_api_peer *peer = api->peers; peer; peer = peer->next) {
		if (peer->deadline > now || peer->fd < 0)
			continue;
		shutdown(peer->fd, SHUT_RDWR);
		peer->deadline = INT64_MAX;
		zpm_api_metrics_reject(api->metrics, ZPM_API_REJECTED_SLOW);
	}
	pthread_mutex_unlock(&api->lock);
}
