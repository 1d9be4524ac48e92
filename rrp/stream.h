/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What carries a tunnel: an ordered, reliable stream of bytes over one connected, non-blocking
 * socket. Plain TCP is one kind, TLS (rrp/tls.h) another.
 */
#ifndef RRP_STREAM_H
#define RRP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct rrp_stream;

struct rrp_stream_ops {
	/* As read(2): bytes read, 0 at the end of the stream, -EAGAIN, or another negative errno.
	 */
	ssize_t (*read)(struct rrp_stream *stream, void *buffer, size_t size);

	/* As write(2): bytes written, -EAGAIN, or another negative errno. */
	ssize_t (*write)(struct rrp_stream *stream, const void *data, size_t len);

	/*
	 * As writev(2), and otherwise as write(). NULL for a stream that wants its bytes in one
	 * piece.
	 */
	ssize_t (*writev)(struct rrp_stream *stream, const struct iovec *parts, int count);

	/* Closes the socket, in order if the stream has such a thing, and frees the stream. */
	void (*free)(struct rrp_stream *stream);

	/*
	 * The rest is for streams that keep bytes; NULL for one that does not. Their users call the
	 * functions below.
	 */

	/* Whether read() has something to say although the socket may stay silent. */
	bool (*pending)(const struct rrp_stream *stream);

	/* Writes on what write() took and the socket did not: 0 when nothing is left, else as
	 * write(). */
	int (*flush)(struct rrp_stream *stream);

	/* Why the stream broke, better than errno can say it, or NULL. Valid until it is freed. */
	const char *(*failure)(const struct rrp_stream *stream);
};

struct rrp_stream {
	const struct rrp_stream_ops *ops;
	int fd; /* to wait for readable and writable */
};

/* Whether to read on at once: waiting for the socket could be in vain. */
static inline bool rrp_stream_pending(const struct rrp_stream *stream)
{
	return stream->ops->pending && stream->ops->pending(stream);
}

/*
 * To be called when the socket can be written, and before new bytes; until it returns 0 some that
 * were written are still here. -EAGAIN, or another negative errno, as write().
 */
static inline int rrp_stream_flush(struct rrp_stream *stream)
{
	return stream->ops->flush ? stream->ops->flush(stream) : 0;
}

/* What to tell of a stream whose read() or write() returned `result`, 0 or a negative errno. */
const char *rrp_stream_failure(const struct rrp_stream *stream, ssize_t result);

/* What every tunnel's socket wants: TCP_NODELAY, and a bound on what waits unsent in the kernel. */
void rrp_stream_tune(int fd);

/*
 * A stream over plain TCP. Takes over `fd` and tunes it. NULL when memory is out; `fd` is then
 * still the caller's.
 */
struct rrp_stream *rrp_stream_plain(int fd);

/* How long written bytes may stay without an acknowledgement until the stream fails. */
void rrp_stream_set_timeout(struct rrp_stream *stream, unsigned timeout_ms);

#endif
