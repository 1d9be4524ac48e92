/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a server's addresses to a stream: TCP to one after the other, then TLS where it is set. Does
 * not know what goes through the stream.
 */
#include "lrp/upstream_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"
#include "rrp/stream.h"

/* For a whole handshake. */
#define TLS_TIMEOUT_S 10

const struct address *upstream_address(const struct upstream *upstream)
{
	return &upstream->addresses[upstream->address_next - 1];
}

static void on_secured(void *context, struct rrp_stream *stream, const struct tls_peer *peer)
{
	struct upstream *upstream = context;

	upstream->handshake = NULL;
	upstream->cipher = peer->cipher;
	upstream_start_tunnel(upstream, stream);
}

static void on_handshake_failed(void *context, const char *text)
{
	struct upstream *upstream = context;
	char reason[UPSTREAM_REASON_MAX];
	char address[ADDRESS_TEXT_MAX];

	upstream->handshake = NULL;
	(void)snprintf(reason, sizeof(reason), "TLS with %s: %s",
		       address_text_port(upstream_address(upstream), address), text);
	upstream_connect_next(upstream, reason);
}

static const struct tls_handshake_ops handshake_ops = {
	.done = on_secured,
	.failed = on_handshake_failed,
};

/* The TCP connection is made: TLS takes it over. */
static bool start_handshake(struct upstream *upstream)
{
	const struct tls_handshake_settings settings = {
		.identity = upstream->settings.identity,
		.timeout_s = TLS_TIMEOUT_S,
		.expect = &upstream->settings.expect,
		.purpose = TLS_TUNNEL,
	};

	upstream_set_state(upstream, UPSTREAM_SECURING, "connected");
	upstream->handshake = tls_handshake_new(upstream->loop, upstream->fd, &settings,
						&handshake_ops, upstream);
	return upstream->handshake != NULL;
}

static bool start_plain(struct upstream *upstream)
{
	struct rrp_stream *stream = rrp_stream_plain(upstream->fd);

	if (!stream)
		return false;
	upstream->cipher = NULL;
	upstream_start_tunnel(upstream, stream);
	return true;
}

/* The TCP connection is made. */
static void use_connection(struct upstream *upstream)
{
	int fd = upstream->fd;
	bool taken =
		upstream->settings.identity ? start_handshake(upstream) : start_plain(upstream);

	if (!taken) {
		fdio_close(&fd);
		upstream_wait_for_next(upstream, strerror(ENOMEM));
	}
	upstream->fd = -1; /* the stream's from now on */
}

void upstream_stop_connecting(struct upstream *upstream)
{
	ev_io_stop(upstream->loop, &upstream->connected);
	ev_timer_stop(upstream->loop, &upstream->timer);
}

void upstream_connect_failed(struct upstream *upstream, int error)
{
	char address[ADDRESS_TEXT_MAX];
	char reason[UPSTREAM_REASON_MAX];

	upstream_stop_connecting(upstream);
	fdio_close(&upstream->fd);
	(void)snprintf(reason, sizeof(reason), "cannot connect to %s: %s",
		       address_text_port(upstream_address(upstream), address), strerror(error));
	upstream_connect_next(upstream, reason);
}

void upstream_on_connected(struct ev_loop *loop UNUSED, ev_io *watcher, int events UNUSED)
{
	struct upstream *upstream = container_of(watcher, struct upstream, connected);
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(upstream->fd, SOL_SOCKET, SO_ERROR, &error, &len))
		error = errno;
	if (error) {
		upstream_connect_failed(upstream, error);
		return;
	}
	upstream_stop_connecting(upstream);
	use_connection(upstream);
}

/* Bare TCP is for networks that somebody vouches for. */
static bool is_refused(const struct upstream *upstream, const struct address *address,
		       char ret_reason[UPSTREAM_REASON_MAX])
{
	char text[ADDRESS_TEXT_MAX];

	if (upstream->settings.identity || upstream->settings.plain_anywhere ||
	    address_is_private(address))
		return false;
	(void)snprintf(ret_reason, UPSTREAM_REASON_MAX,
		       "%s is not a private address, and \"security plain\" protects nothing on "
		       "the way there: enrol for tls, or add \"plain-anywhere\"",
		       address_text(address, text));
	return true;
}

void upstream_connect_next(struct upstream *upstream, const char *reason)
{
	const struct address *address;
	char refused[UPSTREAM_REASON_MAX];

	if (upstream->address_next == upstream->address_count) {
		upstream_wait_for_next(upstream, reason);
		return;
	}
	address = &upstream->addresses[upstream->address_next++];
	if (upstream->state != UPSTREAM_CONNECTING)
		upstream_set_state(upstream, UPSTREAM_CONNECTING, reason);
	if (is_refused(upstream, address, refused)) {
		upstream_connect_next(upstream, refused); /* at most RESOLVE_MAX deep */
		return;
	}
	upstream->fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (upstream->fd < 0 ||
	    (connect(upstream->fd, &address->sa, address->len) && errno != EINPROGRESS)) {
		upstream_connect_failed(upstream, errno); /* at most RESOLVE_MAX deep */
		return;
	}
	ev_io_set(&upstream->connected, upstream->fd, EV_WRITE);
	ev_io_start(upstream->loop, &upstream->connected);
	upstream_set_timer(upstream, UPSTREAM_CONNECT_TIMEOUT_S);
}
