// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A session on a stream in a libev loop. Writes once when the loop is about to sleep, so that
 * whatever one wake-up brought goes out together; what the stream does not take waits in the
 * session.
 */
#include "rrp/tunnel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "pptpd/base/util.h"
#include "rrp/frame.h"
#include "rrp/session.h"

/* One read takes as much as this, behind an incomplete frame of the one before. */
#define READ_MAX (64 * 1024)
#define IN_SIZE  (RRP_HEADER_LEN + RRP_LENGTH_MAX + READ_MAX)

/* Reads for the last words of a peer that our write found gone. */
#define LAST_READS_MAX 16

/*
 * Bytes that we write before we ask again whether the stream's socket has room below its mark:
 * a socket takes more than it should have, and what it took waits where no order can be changed.
 */
#define WRITE_UNASKED_MAX (16 * 1024)

/* Buffers written in one wake-up; then others have their turn. */
#define WRITES_MAX 16

struct tunnel {
	struct ev_loop *loop;
	struct rrp_stream *stream; /* NULL when closed */
	struct session *session;
	const struct tunnel_ops *ops;
	void *context;

	struct ev_io readable;
	struct ev_io writable;     /* active while the stream has no room */
	struct ev_timer timer;     /* fires at armed_for */
	struct ev_prepare prepare; /* these two while there may be something to write */
	struct ev_idle idle;       /* keeps the loop from sleeping if `prepare` came too late */
	struct ev_idle pending;    /* and while the stream has input that the socket has not */
	struct mono armed_for;

	unsigned busy; /* depth of our functions on the stack */
	bool freed;    /* the owner wants no more of it; `busy` holds the memory */
	bool is_down;
	bool lends; /* frames in `in` to the owner, until frames_done() */

	uint8_t *in; /* IN_SIZE */
	size_t in_len;
	struct session_output out; /* what the stream has not taken */
	size_t unasked;            /* bytes that may be written without asking for room */
};

static void stop_output(struct tunnel *tunnel)
{
	ev_prepare_stop(tunnel->loop, &tunnel->prepare);
	ev_idle_stop(tunnel->loop, &tunnel->idle);
}

static void close_stream(struct tunnel *tunnel)
{
	stop_output(tunnel);
	ev_idle_stop(tunnel->loop, &tunnel->pending);
	ev_io_stop(tunnel->loop, &tunnel->readable);
	ev_io_stop(tunnel->loop, &tunnel->writable);
	ev_timer_stop(tunnel->loop, &tunnel->timer);
	if (tunnel->stream)
		tunnel->stream->ops->free(tunnel->stream);
	tunnel->stream = NULL;
}

static void destroy(struct tunnel *tunnel)
{
	if (tunnel->session)
		session_output_drop(tunnel->session, &tunnel->out);
	session_free(tunnel->session);
	free(tunnel->in);
	free(tunnel->out.bytes);
	free(tunnel);
}

static void wake(void *context)
{
	struct tunnel *tunnel = context;

	if (!tunnel->stream || ev_is_active(&tunnel->prepare)) /* both are, or none */
		return;
	ev_prepare_start(tunnel->loop, &tunnel->prepare);
	ev_idle_start(tunnel->loop, &tunnel->idle);
}

static void arm_timer(struct tunnel *tunnel)
{
	struct mono deadline = session_deadline(tunnel->session);

	/* A later deadline is found when the timer fires. */
	if (ev_is_active(&tunnel->timer) && !mono_before(deadline, tunnel->armed_for))
		return;
	tunnel->armed_for = deadline;
	ev_timer_stop(tunnel->loop, &tunnel->timer);
	ev_timer_set(&tunnel->timer, mono_until_s(deadline, mono_now()), 0.0);
	ev_timer_start(tunnel->loop, &tunnel->timer);
}

/* Every handler of the loop begins with enter() and ends with leave(), and touches nothing after.
 */
static void enter(struct tunnel *tunnel)
{
	tunnel->busy++;
}

static void leave(struct tunnel *tunnel)
{
	tunnel->busy--;
	if (tunnel->freed) {
		destroy(tunnel);
		return;
	}
	if (session_state(tunnel->session) != SESSION_OVER) {
		arm_timer(tunnel);
		return;
	}
	close_stream(tunnel);
	tunnel->is_down = true;
	tunnel->ops->down(tunnel->context);
}

/* The owner gives back the frames of this read: before it frees the tunnel, or after them all. */
static void take_frames_back(struct tunnel *tunnel)
{
	if (!tunnel->lends)
		return;
	tunnel->lends = false;
	if (tunnel->ops->frames_done)
		tunnel->ops->frames_done(tunnel->context);
}

/* One read. False when nothing more is to be had. */
static bool read_some(struct tunnel *tunnel)
{
	struct rrp_stream *stream = tunnel->stream;
	size_t used;
	ssize_t n;

	if (!stream)
		return false;
	n = stream->ops->read(stream, tunnel->in + tunnel->in_len, IN_SIZE - tunnel->in_len);
	if (n == -EAGAIN)
		return false;
	if (n <= 0) {
		session_lost(tunnel->session, rrp_stream_failure(stream, n));
		return false;
	}
	tunnel->in_len += (size_t)n;
	tunnel->lends = true;
	used = session_input(tunnel->session, tunnel->in, tunnel->in_len, mono_now());
	take_frames_back(tunnel);
	tunnel->in_len -= used;
	memmove(tunnel->in, tunnel->in + used, tunnel->in_len);
	return true;
}

/* Reads, and has the loop come again if there is more. */
static void input(struct tunnel *tunnel)
{
	enter(tunnel);
	(void)read_some(tunnel);
	if (tunnel->stream) {
		if (rrp_stream_pending(tunnel->stream))
			ev_idle_start(tunnel->loop, &tunnel->pending);
		else
			ev_idle_stop(tunnel->loop, &tunnel->pending);
		/* Reading may make the stream itself answer. An error shows in the next write. */
		if (rrp_stream_flush(tunnel->stream) == -EAGAIN)
			ev_io_start(tunnel->loop, &tunnel->writable);
	}
	leave(tunnel);
}

static void on_readable(struct ev_loop *loop UNUSED, struct ev_io *watcher, int events UNUSED)
{
	input(watcher->data);
}

static void on_pending(struct ev_loop *loop UNUSED, struct ev_idle *watcher, int events UNUSED)
{
	input(watcher->data);
}

/* Before the loss is told: the other may have said why. */
static void write_failed(struct tunnel *tunnel, ssize_t result)
{
	for (unsigned i = 0; i < LAST_READS_MAX && read_some(tunnel); i++)
		;
	if (tunnel->stream)
		session_lost(tunnel->session, rrp_stream_failure(tunnel->stream, result));
}

/* Whether all that was written is with the socket. */
static bool is_flushed(struct tunnel *tunnel)
{
	int held = rrp_stream_flush(tunnel->stream);

	if (held == 0)
		return true;
	if (held == -EAGAIN)
		ev_io_start(tunnel->loop, &tunnel->writable);
	else
		write_failed(tunnel, held);
	return false;
}

static bool has_room(struct tunnel *tunnel)
{
	struct pollfd fd = {.fd = tunnel->stream->fd, .events = POLLOUT};

	if (tunnel->unasked == 0 && poll(&fd, 1, 0) > 0)
		tunnel->unasked = WRITE_UNASKED_MAX; /* an error shows in the write */
	return tunnel->unasked > 0;
}

static ssize_t write_parts(struct rrp_stream *stream, const struct session_output *out)
{
	const struct iovec *parts = out->parts + out->first;
	unsigned count = out->count - out->first;

	if (count == 1)
		return stream->ops->write(stream, parts->iov_base, parts->iov_len);
	return stream->ops->writev(stream, parts, (int)count);
}

/* Writes once; false when the stream takes no more now. */
static bool write_some(struct tunnel *tunnel)
{
	struct rrp_stream *stream = tunnel->stream;
	ssize_t n = -EAGAIN;

	if (has_room(tunnel))
		n = write_parts(stream, &tunnel->out);
	if (n == -EAGAIN) {
		tunnel->unasked = 0;
		ev_io_start(tunnel->loop, &tunnel->writable);
		return false;
	}
	if (n < 0) {
		write_failed(tunnel, n);
		return false;
	}
	session_output_written(tunnel->session, &tunnel->out, (size_t)n);
	tunnel->unasked -= MIN(tunnel->unasked, (size_t)n);
	return is_flushed(tunnel);
}

/*
 * Takes from the session what is to be written next, but not before the stream has room: until
 * then something more urgent may still come. False when there is nothing, or no room.
 */
static bool fill(struct tunnel *tunnel)
{
	session_settle(tunnel->session);
	if (!tunnel->stream || !session_has_output(tunnel->session))
		return false;
	if (!has_room(tunnel)) {
		ev_io_start(tunnel->loop, &tunnel->writable);
		return false;
	}
	return session_output(tunnel->session, &tunnel->out) > 0 && tunnel->stream;
}

/* Writes what there is, as far as the stream takes it and others can wait. */
static void flush(struct tunnel *tunnel)
{
	stop_output(tunnel);
	if (!tunnel->stream || !is_flushed(tunnel))
		return;
	for (unsigned i = 0; i < WRITES_MAX; i++) {
		if (tunnel->out.left == 0 && !fill(tunnel))
			return;
		if (!write_some(tunnel))
			return;
	}
	wake(tunnel);
}

static void output(struct tunnel *tunnel)
{
	enter(tunnel);
	if (ev_is_active(&tunnel->writable)) {
		stop_output(tunnel);
		session_settle(tunnel->session);
	} else {
		flush(tunnel);
	}
	leave(tunnel);
}

static void on_prepare(struct ev_loop *loop UNUSED, struct ev_prepare *watcher, int events UNUSED)
{
	output(watcher->data);
}

static void on_idle(struct ev_loop *loop UNUSED, struct ev_idle *watcher, int events UNUSED)
{
	output(watcher->data);
}

static void on_writable(struct ev_loop *loop, struct ev_io *watcher, int events UNUSED)
{
	struct tunnel *tunnel = watcher->data;

	ev_io_stop(loop, watcher);
	tunnel->unasked = WRITE_UNASKED_MAX;
	output(tunnel);
}

static void on_timer(struct ev_loop *loop UNUSED, struct ev_timer *watcher, int events UNUSED)
{
	struct tunnel *tunnel = watcher->data;

	enter(tunnel);
	/* When we ourselves were stopped, what came meanwhile shows that the other lives. */
	(void)read_some(tunnel);
	session_tick(tunnel->session, mono_now());
	leave(tunnel);
}

static void start_watchers(struct tunnel *tunnel)
{
	ev_io_init(&tunnel->readable, on_readable, tunnel->stream->fd, EV_READ);
	ev_io_init(&tunnel->writable, on_writable, tunnel->stream->fd, EV_WRITE);
	ev_timer_init(&tunnel->timer, on_timer, 0.0, 0.0);
	ev_prepare_init(&tunnel->prepare, on_prepare);
	ev_idle_init(&tunnel->idle, on_idle);
	ev_idle_init(&tunnel->pending, on_pending);
	ev_set_priority(&tunnel->pending, EV_MAXPRI); /* waits for nothing else to be idle */
	tunnel->readable.data = tunnel;
	tunnel->writable.data = tunnel;
	tunnel->timer.data = tunnel;
	tunnel->prepare.data = tunnel;
	tunnel->idle.data = tunnel;
	tunnel->pending.data = tunnel;
	ev_io_start(tunnel->loop, &tunnel->readable);
	ev_idle_start(tunnel->loop,
		      &tunnel->pending); /* something may have come with the handshake */
	arm_timer(tunnel);
	wake(tunnel);
}

struct tunnel *tunnel_new(struct ev_loop *loop, struct rrp_stream *stream,
			  const struct tunnel_settings *settings, const struct tunnel_ops *ops,
			  void *context)
{
	struct tunnel *tunnel = calloc(1, sizeof(*tunnel));
	uint8_t random[SESSION_RANDOM_LEN];
	struct session_owner owner = {
		.ops = ops,
		.context = context,
		.wake = wake,
		.wake_context = tunnel,
	};

	if (!tunnel || getrandom(random, sizeof(random), 0) != sizeof(random)) {
		free(tunnel);
		return NULL;
	}
	tunnel->loop = loop;
	tunnel->ops = ops;
	tunnel->context = context;
	tunnel->unasked = WRITE_UNASKED_MAX;
	tunnel->in = malloc(IN_SIZE);
	tunnel->out.bytes = malloc(SESSION_OUTPUT_MAX);
	tunnel->out.in_one = !stream->ops->writev;
	tunnel->session = session_new(settings, random, &owner, mono_now());
	if (!tunnel->in || !tunnel->out.bytes || !tunnel->session) {
		destroy(tunnel);
		return NULL;
	}
	tunnel->stream = stream;
	rrp_stream_set_timeout(stream, settings->ping_interval_s * settings->ping_misses * 1000);
	start_watchers(tunnel);
	return tunnel;
}

void tunnel_free(struct tunnel *tunnel)
{
	if (!tunnel)
		return;
	close_stream(tunnel);
	session_abandon(tunnel->session);
	take_frames_back(tunnel);
	tunnel->freed = true;
	if (!tunnel->busy)
		destroy(tunnel);
}

void tunnel_shutdown(struct tunnel *tunnel)
{
	if (tunnel->is_down || tunnel->freed)
		return;
	enter(tunnel);
	session_shutdown(tunnel->session);
	tunnel->busy--;
	if (tunnel->freed && !tunnel->busy)
		destroy(tunnel);
}

struct tunnel_call *tunnel_call_open(struct tunnel *tunnel,
				     const struct tunnel_call_request *request, void *owner)
{
	return session_call_open(tunnel->session, request, owner);
}

unsigned tunnel_calls(const struct tunnel *tunnel)
{
	return session_calls(tunnel->session);
}
