// SPDX-License-Identifier: GPL-2.0-or-later
/* A TLS handshake in a libev loop; see rrp/tls.h. Decides nothing but that it takes too long. */
#include "rrp/tls_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/util.h"
#include "rrp/stream.h"

/* Warnings of the other, which mean nothing here, for one wake-up. */
#define WARNINGS_MAX 4

struct tls_handshake {
	struct ev_loop *loop;
	struct tls_link *link;
	struct ev_io readable;
	struct ev_io writable; /* active while bytes of ours wait, and to begin */
	struct ev_timer timer;
	unsigned timeout_s;
	const struct tls_handshake_ops *ops;
	void *context;
};

/* Leaves the link. */
static void dismantle(struct tls_handshake *handshake)
{
	ev_io_stop(handshake->loop, &handshake->readable);
	ev_io_stop(handshake->loop, &handshake->writable);
	ev_timer_stop(handshake->loop, &handshake->timer);
	free(handshake);
}

/* The owner is told last, when all else is gone. */
static void fail(struct tls_handshake *handshake)
{
	const struct tls_handshake_ops *ops = handshake->ops;
	void *context = handshake->context;
	struct tls_link *link = handshake->link;
	char text[TLS_ERROR_MAX];

	memcpy(text, link->text, sizeof(text));
	dismantle(handshake);
	(void)tls_link_drain(link);
	tls_link_free(link);
	ops->failed(context, text);
}

/* So that the other end can say why, unless it is it that ended this. */
static void send_alert(struct tls_link *link, int error)
{
	if (link->fault != TLS_FAULT_NONE)
		(void)gnutls_alert_send(link->session, GNUTLS_AL_FATAL, link->alert);
	else if (error != GNUTLS_E_FATAL_ALERT_RECEIVED && error != GNUTLS_E_PREMATURE_TERMINATION)
		(void)gnutls_alert_send_appropriate(link->session, error);
}

static void fail_with(struct tls_handshake *handshake, int error)
{
	send_alert(handshake->link, error);
	tls_text_handshake(handshake->link, error);
	fail(handshake);
}

static void finish(struct tls_handshake *handshake)
{
	const struct tls_handshake_ops *ops = handshake->ops;
	void *context = handshake->context;
	struct tls_link *link = handshake->link;
	struct rrp_stream *stream;
	struct tls_peer peer = {
		.id = link->peer,
		.purpose = link->purpose,
		.cipher = gnutls_cipher_get_name(gnutls_cipher_get(link->session)),
	};

	/* Nobody comes in who did not prove who it is, whatever the library thinks of it. */
	if (!link->is_proven) {
		fail_with(handshake, GNUTLS_E_CERTIFICATE_REQUIRED);
		return;
	}
	stream = tls_stream_new(link);
	if (!stream) {
		fail_with(handshake, GNUTLS_E_MEMORY_ERROR);
		return;
	}
	link->is_up = true;
	tls_transcript_done(&link->transcript);
	link->expect = NULL; /* it need not live any longer */
	dismantle(handshake);
	ops->done(context, stream, &peer);
}

/* As far as it goes. May free the handshake. */
static void step(struct tls_handshake *handshake)
{
	struct tls_link *link = handshake->link;
	int error = GNUTLS_E_AGAIN;

	for (unsigned i = 0; i < WARNINGS_MAX; i++) {
		error = tls_link_handshake(link);
		if (error != GNUTLS_E_WARNING_ALERT_RECEIVED)
			break;
	}
	if (link->wire.not_tls) /* it may never say enough for GnuTLS to see that */
		error = GNUTLS_E_UNEXPECTED_PACKET;
	/* A failed write is not the end: why the other closed may still be read. */
	if (tls_wire_flush(&link->wire) == -EAGAIN)
		ev_io_start(handshake->loop, &handshake->writable);
	else
		ev_io_stop(handshake->loop, &handshake->writable);
	if (error == 0)
		finish(handshake);
	else if (error != GNUTLS_E_AGAIN && error != GNUTLS_E_INTERRUPTED)
		fail_with(handshake, error);
}

static void on_io(struct ev_loop *loop UNUSED, struct ev_io *watcher, int events UNUSED)
{
	step(watcher->data);
}

static void on_timer(struct ev_loop *loop UNUSED, struct ev_timer *watcher, int events UNUSED)
{
	struct tls_handshake *handshake = watcher->data;

	tls_text_timeout(handshake->link, handshake->timeout_s);
	fail(handshake);
}

struct tls_handshake *tls_handshake_new(struct ev_loop *loop, int fd,
					const struct tls_handshake_settings *settings,
					const struct tls_handshake_ops *ops, void *context)
{
	struct tls_handshake *handshake = calloc(1, sizeof(*handshake));

	if (!handshake)
		return NULL;
	handshake->link = tls_link_new(fd, settings);
	if (!handshake->link) {
		free(handshake);
		return NULL;
	}
	rrp_stream_tune(fd); /* now: a flight of the handshake is several small writes */
	handshake->loop = loop;
	handshake->timeout_s = settings->timeout_s;
	handshake->ops = ops;
	handshake->context = context;
	ev_io_init(&handshake->readable, on_io, fd, EV_READ);
	ev_io_init(&handshake->writable, on_io, fd, EV_WRITE);
	ev_timer_init(&handshake->timer, on_timer, settings->timeout_s, 0.0);
	handshake->readable.data = handshake;
	handshake->writable.data = handshake;
	handshake->timer.data = handshake;
	ev_io_start(loop, &handshake->readable);
	ev_io_start(loop, &handshake->writable); /* a client begins; a server finds nothing yet */
	ev_timer_start(loop, &handshake->timer);
	return handshake;
}

void tls_handshake_free(struct tls_handshake *handshake)
{
	struct tls_link *link;

	if (!handshake)
		return;
	link = handshake->link;
	dismantle(handshake);
	tls_link_free(link);
}
