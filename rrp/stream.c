// SPDX-License-Identifier: GPL-2.0-or-later
/* The stream over plain TCP, and what is common to all; see the header. */
#include "rrp/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Bytes that may wait unsent in the kernel while it still says that there is room. What has to wait
 * longer waits in the tunnel, where the newest word of another call can still go first. The send
 * buffer itself is left to the kernel, which sizes it by the path.
 */
#define NOTSENT_LOWAT (16 * 1024)

static ssize_t plain_read(struct rrp_stream *stream, void *buffer, size_t size)
{
	ssize_t n;

	do {
		n = recv(stream->fd, buffer, size, 0);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static ssize_t plain_write(struct rrp_stream *stream, const void *data, size_t len)
{
	ssize_t n;

	do {
		n = send(stream->fd, data, len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/*
 * Not sendmsg(2), which could also pass descriptors and name addresses: the programs' sandboxes
 * keep it away. Who writes ignores SIGPIPE.
 */
static ssize_t plain_writev(struct rrp_stream *stream, const struct iovec *parts, int count)
{
	ssize_t n;

	do {
		n = writev(stream->fd, parts, count);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void plain_free(struct rrp_stream *stream)
{
	(void)close(stream->fd); /* nothing to be done about an error here */
	free(stream);
}

static const struct rrp_stream_ops plain_ops = {
	.read = plain_read,
	.write = plain_write,
	.writev = plain_writev,
	.free = plain_free,
};

/* A socket that is not TCP knows none of these, and needs none. */
static void set_tcp_option(int fd, int option, int value)
{
	(void)setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value));
}

struct rrp_stream *rrp_stream_plain(int fd)
{
	struct rrp_stream *stream = malloc(sizeof(*stream));

	if (!stream)
		return NULL;
	*stream = (struct rrp_stream){.ops = &plain_ops, .fd = fd};
	rrp_stream_tune(fd);
	return stream;
}

void rrp_stream_tune(int fd)
{
	set_tcp_option(fd, TCP_NODELAY, 1);
	set_tcp_option(fd, TCP_NOTSENT_LOWAT, NOTSENT_LOWAT);
}

const char *rrp_stream_failure(const struct rrp_stream *stream, ssize_t result)
{
	const char *text = stream->ops->failure ? stream->ops->failure(stream) : NULL;

	if (text)
		return text;
	return result ? strerror((int)-result) : "the other closed";
}

void rrp_stream_set_timeout(struct rrp_stream *stream, unsigned timeout_ms)
{
	set_tcp_option(stream->fd, TCP_USER_TIMEOUT, (int)timeout_ms);
}
