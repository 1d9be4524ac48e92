// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bytes between GnuTLS and the socket. GnuTLS reads a record in two small pieces and wants each
 * of its writes taken whole: large reads and one kept record make that one system call each. It
 * never sees a part of a record, so that what is left here says whether reading can go on.
 */
#include "rrp/tls_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/base/bytes.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

/* RFC 8446 5.1: from change_cipher_spec to application_data, heartbeat, and the major version. */
#define TYPE_FIRST    20
#define TYPE_LAST     24
#define MAJOR_VERSION 3

bool tls_wire_init(struct tls_wire *wire, int fd)
{
	*wire = (struct tls_wire){.fd = fd, .in = malloc(TLS_IN_SIZE), .out = malloc(TLS_OUT_SIZE)};
	return wire->in && wire->out;
}

void tls_wire_done(struct tls_wire *wire)
{
	fdio_close(&wire->fd);
	free(wire->in);
	free(wire->out);
}

/* Whether a record may begin like this. GnuTLS is given anything else at once, to refuse it. */
static bool is_plausible(const uint8_t *start, size_t len)
{
	struct byte_reader in = rd_init(start, len);
	uint8_t type = rd_u8(&in);

	if (type < TYPE_FIRST || type > TYPE_LAST || (len > 1 && rd_u8(&in) != MAJOR_VERSION))
		return false;
	rd_skip(&in, len > 1 ? 1 : 0);
	return len < TLS_HEADER_LEN || TLS_HEADER_LEN + (size_t)rd_u16(&in) <= TLS_RECORD_MAX;
}

/* The length of the record that begins at `start`, once that is known; else 0. */
static size_t record_len(const uint8_t *start, size_t len)
{
	struct byte_reader in = rd_init(start, len);

	rd_skip(&in, TLS_HEADER_LEN - 2);
	len = rd_u16(&in);
	return rd_failed(&in) ? 0 : TLS_HEADER_LEN + len;
}

bool tls_wire_has_record(const struct tls_wire *wire)
{
	const uint8_t *start = wire->in + wire->in_start;
	size_t len;

	if (wire->in_len == 0)
		return false;
	if (wire->record_left > 0 || !is_plausible(start, wire->in_len))
		return true;
	len = record_len(start, wire->in_len);
	return len > 0 && wire->in_len >= len;
}

/* One read, behind what is left of the last. */
static void fill(struct tls_wire *wire)
{
	ssize_t n;

	memmove(wire->in, wire->in + wire->in_start, wire->in_len); /* less than a record */
	wire->in_start = 0;
	do {
		n = recv(wire->fd, wire->in + wire->in_len, TLS_IN_SIZE - wire->in_len, 0);
	} while (n < 0 && errno == EINTR);
	if (n > 0) {
		wire->in_len += (size_t)n;
		wire->not_tls |= !wire->heard && !is_plausible(wire->in, wire->in_len);
		wire->heard = true;
	} else if (n == 0) {
		wire->ended = true;
	} else if (errno != EAGAIN) {
		wire->read_error = errno;
	}
}

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
	struct tls_wire *wire = pointer;
	const uint8_t *start;

	if (!tls_wire_has_record(wire) && !wire->ended && !wire->read_error)
		fill(wire);
	if (!tls_wire_has_record(wire)) {
		errno = wire->read_error ? wire->read_error : EAGAIN;
		return wire->ended ? 0 : -1;
	}
	start = wire->in + wire->in_start;
	if (wire->record_left == 0 && is_plausible(start, wire->in_len))
		wire->record_left = record_len(start, wire->in_len);
	size = MIN(size, wire->record_left ? wire->record_left : wire->in_len);
	memcpy(data, start, size);
	wire->in_start += size;
	wire->in_len -= size;
	wire->record_left -= MIN(wire->record_left, size);
	return (ssize_t)size;
}

static int wait_to_pull(gnutls_transport_ptr_t pointer, unsigned timeout_ms UNUSED)
{
	const struct tls_wire *wire = pointer;
	struct pollfd fd = {.fd = wire->fd, .events = POLLIN};

	return tls_wire_has_record(wire) ? 1 : poll(&fd, 1, 0); /* nobody waits here */
}

/* Bytes that the socket took; an error is kept. */
static size_t send_some(struct tls_wire *wire, const uint8_t *data, size_t len)
{
	ssize_t n;

	do {
		n = send(wire->fd, data, len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		wire->write_error = errno;
	return n > 0 ? (size_t)n : 0;
}

/*
 * Always takes all, and tells GnuTLS of no error: what the other said before it closed must stay
 * readable.
 */
static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t len)
{
	struct tls_wire *wire = pointer;
	const uint8_t *bytes = data;
	size_t sent = 0;

	if (wire->out_len == 0 && !wire->write_error) {
		wire->out_start = 0;
		sent = send_some(wire, bytes, len);
	}
	if (wire->write_error)
		return (ssize_t)len;
	if (len - sent > TLS_OUT_SIZE - wire->out_start - wire->out_len) {
		wire->write_error = ENOBUFS; /* it makes GnuTLS talk, and does not read */
		return (ssize_t)len;
	}
	memcpy(wire->out + wire->out_start + wire->out_len, bytes + sent, len - sent);
	wire->out_len += len - sent;
	return (ssize_t)len;
}

int tls_wire_flush(struct tls_wire *wire)
{
	if (wire->out_len > 0 && !wire->write_error) {
		size_t sent = send_some(wire, wire->out + wire->out_start, wire->out_len);

		wire->out_start += sent;
		wire->out_len -= sent;
	}
	if (wire->write_error)
		return -wire->write_error;
	return wire->out_len ? -EAGAIN : 0;
}

void tls_wire_attach(struct tls_wire *wire, gnutls_session_t session)
{
	gnutls_transport_set_ptr(session, wire);
	gnutls_transport_set_pull_function(session, pull);
	gnutls_transport_set_pull_timeout_function(session, wait_to_pull);
	gnutls_transport_set_push_function(session, push);
}
