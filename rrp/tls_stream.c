// SPDX-License-Identifier: GPL-2.0-or-later
/* The stream of bytes above TLS. */
#include "rrp/tls_private.h"

#include <errno.h>
#include <stdlib.h>

#include "pptpd/base/util.h"

/* RFC 8446 5.1 */
#define PLAINTEXT_MAX 16384

struct tls_stream {
	struct rrp_stream stream;
	struct tls_link *link;
	bool is_over; /* nothing more will be read, but `end` */
	int end;      /* 0 or a negative errno */
};

static struct tls_stream *of(const struct rrp_stream *stream)
{
	return container_of((struct rrp_stream *)(uintptr_t)stream, struct tls_stream, stream);
}

static bool is_pending(const struct tls_stream *tls)
{
	return tls->is_over || gnutls_record_check_pending(tls->link->session) > 0 ||
	       tls_wire_has_record(&tls->link->wire);
}

static bool is_nothing(ssize_t result)
{
	return result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED ||
	       result == GNUTLS_E_WARNING_ALERT_RECEIVED;
}

static void end_reading(struct tls_stream *tls, ssize_t result)
{
	tls->is_over = true;
	if (result == 0)
		return; /* close_notify */
	tls->end = -ECONNRESET;
	tls_text_stream(tls->link, (int)result);
}

/*
 * All records that one read from the socket brought, as far as there is room. Those that are no
 * data (keys' updates) cost a turn, too.
 */
static ssize_t tls_read(struct rrp_stream *stream, void *buffer, size_t size)
{
	struct tls_stream *tls = of(stream);
	uint8_t *bytes = buffer;
	size_t got = 0;

	do {
		ssize_t n;

		if (tls->is_over)
			break;
		n = gnutls_record_recv(tls->link->session, bytes + got, size - got);
		if (n > 0)
			got += (size_t)n;
		else if (!is_nothing(n))
			end_reading(tls, n);
	} while (got < size && is_pending(tls));
	if (got > 0)
		return (ssize_t)got;
	return tls->is_over ? tls->end : -EAGAIN;
}

static ssize_t tls_write(struct rrp_stream *stream, const void *data, size_t len)
{
	struct tls_link *link = of(stream)->link;
	int held = tls_wire_flush(&link->wire);
	ssize_t n;

	if (held != 0)
		return held;
	n = gnutls_record_send(link->session, data, MIN(len, PLAINTEXT_MAX));
	if (link->wire.write_error)
		return -link->wire.write_error;
	if (n >= 0)
		return n;
	return is_nothing(n) ? -EAGAIN : -EIO;
}

/* In order, if it is not broken and the socket takes it now. */
static void tls_free(struct rrp_stream *stream)
{
	struct tls_stream *tls = of(stream);

	if (tls->end == 0 && tls_wire_flush(&tls->link->wire) == 0)
		(void)gnutls_bye(tls->link->session, GNUTLS_SHUT_WR);
	tls_link_free(tls->link);
	free(tls);
}

static bool tls_pending(const struct rrp_stream *stream)
{
	return is_pending(of(stream));
}

static int tls_flush(struct rrp_stream *stream)
{
	return tls_wire_flush(&of(stream)->link->wire);
}

static const char *tls_failure(const struct rrp_stream *stream)
{
	const struct tls_link *link = of(stream)->link;

	return *link->text ? link->text : NULL;
}

static const struct rrp_stream_ops tls_ops = {
	.read = tls_read,
	.write = tls_write,
	.free = tls_free,
	.pending = tls_pending,
	.flush = tls_flush,
	.failure = tls_failure,
};

struct rrp_stream *tls_stream_new(struct tls_link *link)
{
	struct tls_stream *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	tls->stream = (struct rrp_stream){.ops = &tls_ops, .fd = link->wire.fd};
	tls->link = link;
	return &tls->stream;
}

struct tls_link *tls_stream_take_link(struct rrp_stream *stream)
{
	struct tls_stream *tls = of(stream);
	struct tls_link *link = tls->link;

	free(tls);
	return link;
}
