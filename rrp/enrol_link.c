// SPDX-License-Identifier: GPL-2.0-or-later
/* One frame in, one frame out over a stream; see the header. */
#include "rrp/enrol_link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pptpd/base/log.h"

/* How long the other has to close after our last word (docs/protocol.md 3). */
#define LINGER_S 2.0

/* Reads in one wake-up; a peer that sends without end gets no more of us than others. */
#define READS_MAX 8

static void end(struct enrol_link *link, ssize_t result)
{
	char text[ENROL_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s", rrp_stream_failure(link->stream, result));
	ev_io_stop(link->loop, &link->readable);
	link->event(link->context, ENROL_EVENT_ENDED, NULL, text);
}

/* True when the owner was told something: nothing more may be touched. */
static bool judge_input(struct enrol_link *link)
{
	struct rrp_fault fault;
	struct rrp_frame frame;
	size_t size;

	switch (rrp_frame_next(link->in, link->in_len, link->reader, &frame, &size, &fault)) {
	case RRP_FRAMING_MORE:
		return false;
	case RRP_FRAMING_FRAME:
		link->ignoring = true;
		link->event(link->context, ENROL_EVENT_FRAME, &frame, "");
		return true;
	case RRP_FRAMING_BAD:
		link->ignoring = true;
		link->event(link->context, ENROL_EVENT_BAD, NULL, fault.text);
		return true;
	}
	bug("no such framing");
}

/* A frame that is not refused fits the buffer, so there is room as long as one is missing. */
static void on_readable(struct ev_loop *loop UNUSED, struct ev_io *watcher, int events UNUSED)
{
	struct enrol_link *link = watcher->data;

	for (unsigned i = 0; i < READS_MAX; i++) {
		uint8_t ignored[512];
		uint8_t *to = link->ignoring ? ignored : link->in + link->in_len;
		size_t room = link->ignoring ? sizeof(ignored) : sizeof(link->in) - link->in_len;
		ssize_t n = link->stream->ops->read(link->stream, to, room);

		if (n == -EAGAIN)
			return;
		if (n <= 0) {
			end(link, n);
			return;
		}
		if (link->ignoring)
			continue;
		link->in_len += (size_t)n;
		if (judge_input(link))
			return;
	}
	/* The socket may stay silent about what the stream keeps. */
	if (rrp_stream_pending(link->stream))
		ev_feed_event(link->loop, watcher, EV_READ);
}

/* 0 when all is written, to the last byte that the stream itself kept. */
static ssize_t write_some(struct enrol_link *link)
{
	int kept = rrp_stream_flush(link->stream);
	ssize_t n;

	if (kept != 0 || link->out_start == link->out_len)
		return kept;
	n = link->stream->ops->write(link->stream, link->out + link->out_start,
				     link->out_len - link->out_start);
	if (n < 0)
		return n;
	link->out_start += (size_t)n;
	return link->out_start < link->out_len ? -EAGAIN : rrp_stream_flush(link->stream);
}

static void on_writable(struct ev_loop *loop UNUSED, struct ev_io *watcher, int events UNUSED)
{
	struct enrol_link *link = watcher->data;
	ssize_t left = write_some(link);

	if (left == -EAGAIN)
		return;
	if (left < 0) {
		end(link, left);
		return;
	}
	ev_io_stop(link->loop, &link->writable);
	explicit_bzero(link->out, sizeof(link->out));
	if (link->last)
		enrol_link_set_deadline(link, LINGER_S);
}

static void on_timer(struct ev_loop *loop UNUSED, struct ev_timer *watcher, int events UNUSED)
{
	struct enrol_link *link = watcher->data;

	link->event(link->context, ENROL_EVENT_TIMEOUT, NULL, "");
}

void enrol_link_init(struct enrol_link *link, struct ev_loop *loop, struct rrp_stream *stream,
		     enum rrp_reader reader, unsigned timeout_s, enrol_link_event *event,
		     void *context)
{
	*link = (struct enrol_link){
		.loop = loop,
		.stream = stream,
		.reader = reader,
		.event = event,
		.context = context,
	};
	ev_io_init(&link->readable, on_readable, stream->fd, EV_READ);
	ev_io_init(&link->writable, on_writable, stream->fd, EV_WRITE);
	ev_timer_init(&link->timer, on_timer, 0.0, 0.0);
	link->readable.data = link;
	link->writable.data = link;
	link->timer.data = link;
	ev_io_start(loop, &link->readable);
	if (rrp_stream_pending(stream)) /* the handshake below has read ahead */
		ev_feed_event(loop, &link->readable, EV_READ);
	enrol_link_set_deadline(link, timeout_s);
}

void enrol_link_done(struct enrol_link *link)
{
	ev_io_stop(link->loop, &link->readable);
	ev_io_stop(link->loop, &link->writable);
	ev_timer_stop(link->loop, &link->timer);
	if (link->stream)
		link->stream->ops->free(link->stream);
	link->stream = NULL;
	explicit_bzero(link->in, sizeof(link->in));
	explicit_bzero(link->out, sizeof(link->out));
}

void enrol_link_set_deadline(struct enrol_link *link, double seconds)
{
	ev_timer_stop(link->loop, &link->timer);
	/* From the present, not from when the loop last woke up. */
	ev_timer_set(&link->timer, seconds + ev_time() - ev_now(link->loop), 0.0);
	ev_timer_start(link->loop, &link->timer);
}

struct byte_writer enrol_link_writer(struct enrol_link *link)
{
	return wr_init(link->out, sizeof(link->out));
}

void enrol_link_send(struct enrol_link *link, const struct byte_writer *out, bool last)
{
	if (wr_failed(out))
		bug("a frame of the enrolment does not fit");
	link->out_len = wr_len(out);
	link->out_start = 0;
	link->last = last;
	link->ignoring = link->ignoring || last;
	ev_io_start(link->loop, &link->writable);
}

void enrol_link_send_error(struct enrol_link *link, uint16_t code, const char *text)
{
	struct byte_writer out = enrol_link_writer(link);
	size_t offset = rrp_frame_begin(&out, RRP_ERROR, 0, 0);

	rrp_error_write(&out, code, text);
	rrp_frame_end(&out, offset);
	enrol_link_send(link, &out, true);
}
