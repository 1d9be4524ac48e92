/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What carries a tunnel: an ordered, reliable stream of bytes over one connected, non-blocking
 * socket. Plain TCP is one kind; a kind that encrypts fits the same four functions.
 */
#ifndef RRP_STREAM_H
#define RRP_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct rrp_stream;

struct rrp_stream_ops {
	/* As read(2): bytes read, 0 at the end of the stream, -EAGAIN, or another negative errno.
	 */
	ssize_t (*read)(struct rrp_stream *stream, void *buffer, size_t size);

	/* As write(2): bytes written, -EAGAIN, or another negative errno. */
	ssize_t (*write)(struct rrp_stream *stream, const void *data, size_t len);

	/* Closes the socket and frees the stream. */
	void (*free)(struct rrp_stream *stream);
};

struct rrp_stream {
	const struct rrp_stream_ops *ops;
	int fd; /* to wait for readable and writable */
};

/*
 * A stream over plain TCP. Takes over `fd` and sets what a tunnel wants of it (TCP_NODELAY, and a
 * bound on what waits unsent in the kernel). NULL when memory is out; `fd` is then still the
 * caller's.
 */
struct rrp_stream *rrp_stream_plain(int fd);

/* How long written bytes may stay without an acknowledgement until the stream fails. */
void rrp_stream_set_timeout(struct rrp_stream *stream, unsigned timeout_ms);

#endif
