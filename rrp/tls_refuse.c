// SPDX-License-Identifier: GPL-2.0-or-later
/* How a server turns a client away that has proven who it is; see rrp/tls.h. */
#include "rrp/tls_private.h"

#include <errno.h>
#include <stdlib.h>

#include "pptpd/base/util.h"

/* As long as the end of a tunnel takes (docs/protocol.md 3). */
#define PATIENCE_S 2.0

static const gnutls_alert_description_t alerts[] = {
	[TLS_REFUSE_UNKNOWN] = GNUTLS_A_CERTIFICATE_UNKNOWN,
	[TLS_REFUSE_DISABLED] = GNUTLS_A_CERTIFICATE_REVOKED,
	[TLS_REFUSE_ADDRESS] = GNUTLS_A_ACCESS_DENIED,
	[TLS_REFUSE_BUSY] = GNUTLS_A_INTERNAL_ERROR,
};

struct tls_refusing {
	struct ev_loop *loop;
	struct tls_link *link;
	struct ev_io socket; /* for writing while the alert is not out, then for reading */
	struct ev_timer timer;
	void (*done)(void *context);
	void *context;
};

static void finish(struct tls_refusing *refusing)
{
	void (*done)(void *) = refusing->done;
	void *context = refusing->context;

	tls_refusing_free(refusing);
	done(context);
}

static void on_socket(struct ev_loop *loop, struct ev_io *watcher, int events UNUSED)
{
	struct tls_refusing *refusing = watcher->data;
	int held = tls_wire_flush(&refusing->link->wire);

	if (held == -EAGAIN)
		return;
	if (held != 0 || tls_link_drain(refusing->link)) {
		finish(refusing);
		return;
	}
	ev_io_stop(loop, watcher);
	ev_io_set(watcher, refusing->link->wire.fd, EV_READ);
	ev_io_start(loop, watcher);
}

static void on_timer(struct ev_loop *loop UNUSED, struct ev_timer *watcher, int events UNUSED)
{
	finish(watcher->data);
}

struct tls_refusing *tls_refuse(struct ev_loop *loop, struct rrp_stream *stream,
				enum tls_refusal why, void (*done)(void *context), void *context)
{
	struct tls_refusing *refusing = calloc(1, sizeof(*refusing));

	if (!refusing) {
		stream->ops->free(stream);
		return NULL;
	}
	refusing->loop = loop;
	refusing->link = tls_stream_take_link(stream);
	refusing->done = done;
	refusing->context = context;
	(void)gnutls_alert_send(refusing->link->session, GNUTLS_AL_FATAL, alerts[why]);
	ev_io_init(&refusing->socket, on_socket, refusing->link->wire.fd, EV_WRITE);
	ev_timer_init(&refusing->timer, on_timer, PATIENCE_S, 0.0);
	refusing->socket.data = refusing;
	refusing->timer.data = refusing;
	ev_io_start(loop, &refusing->socket);
	ev_timer_start(loop, &refusing->timer);
	return refusing;
}

void tls_refusing_free(struct tls_refusing *refusing)
{
	if (!refusing)
		return;
	ev_io_stop(refusing->loop, &refusing->socket);
	ev_timer_stop(refusing->loop, &refusing->timer);
	tls_link_free(refusing->link);
	free(refusing);
}
