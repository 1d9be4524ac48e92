/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The channel that works everywhere: asynchronous HDLC on a pseudo-terminal, as Poptop's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pptpctrl/hdlc.h"
#include "pptpctrl/ppp_channel.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/outq.h"
#include "pptpd/base/util.h"

/* Bytes that may wait for pppd's side: some 20 full frames; what comes then is dropped. */
#define WAITING_MAX (64 * 1024)

/*
 * Frames of one wake-up are written together when the loop is about to sleep, or before that when
 * so many bytes wait, so that a burst stays far below WAITING_MAX.
 */
#define WRITE_SIZE (16 * 1024)

/*
 * A pseudo-terminal gives at most one page less a byte at a time. What is shorter was the last that
 * was there: asking once more to be told so would be a system call for each wake-up.
 */
#define READ_SIZE 4095

/* Reads in one go, so that one busy call does not starve the others. */
#define READ_BATCH 16

struct chan_pty {
	struct ppp_channel channel;
	struct ev_loop *loop;
	const struct ppp_channel_ops *ops;
	void *context;
	int fd;
	bool *freed; /* set while a callback runs, so that it may free us */
	struct ev_io readable;
	struct ev_io writable;
	struct ev_prepare prepare; /* active while frames wait for the end of the wake-up */
	struct outq out;
	struct hdlc_decoder decoder;
};

static void stop(struct chan_pty *pty)
{
	ev_io_stop(pty->loop, &pty->readable);
	ev_io_stop(pty->loop, &pty->writable);
	ev_prepare_stop(pty->loop, &pty->prepare);
}

static void pty_free(struct ppp_channel *channel)
{
	struct chan_pty *pty = container_of(channel, struct chan_pty, channel);

	if (pty->freed)
		*pty->freed = true;
	if (ev_is_active(&pty->prepare))
		(void)outq_flush(&pty->out, pty->fd); /* the client's last words */
	stop(pty);
	fdio_close(&pty->fd);
	outq_done(&pty->out);
	hdlc_decoder_done(&pty->decoder);
	free(pty);
}

static void flush(struct chan_pty *pty)
{
	ev_prepare_stop(pty->loop, &pty->prepare);
	/* A failed write shows as the end of the stream when reading, too. */
	if (outq_flush(&pty->out, pty->fd) != 0 || outq_empty(&pty->out))
		ev_io_stop(pty->loop, &pty->writable);
	else
		ev_io_start(pty->loop, &pty->writable);
}

static void on_writable(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	flush(io->data);
}

static void on_prepare(struct ev_loop *loop UNUSED, struct ev_prepare *prepare, int events UNUSED)
{
	flush(prepare->data);
}

/* All frames that end in these bytes. False: the channel was freed meanwhile. */
static bool take_bytes(struct chan_pty *pty, const uint8_t *data, size_t len)
{
	struct byte_reader in = rd_init(data, len);
	struct hdlc_frame room;
	const uint8_t *frame;
	size_t frame_len;
	bool freed = false;

	pty->freed = &freed;
	while (!freed && hdlc_decoder_next(&pty->decoder, &in, &room, &frame, &frame_len))
		pty->ops->frame(pty->context, frame, frame_len);
	if (!freed)
		pty->freed = NULL;
	return !freed;
}

static void on_readable(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct chan_pty *pty = io->data;
	uint8_t data[READ_SIZE];

	for (int i = 0; i < READ_BATCH; i++) {
		ssize_t len = read(pty->fd, data, sizeof(data));

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (len <= 0) { /* EIO: pppd has closed its side */
			stop(pty);
			pty->ops->stopped(pty->context);
			return;
		}
		if (!take_bytes(pty, data, (size_t)len) || len < READ_SIZE)
			return;
	}
}

static void pty_send(struct ppp_channel *channel, const uint8_t *frame, size_t len)
{
	struct chan_pty *pty = container_of(channel, struct chan_pty, channel);
	size_t most = HDLC_ENCODED_MAX(len);
	uint8_t *encoded;

	if (len > PPP_CHANNEL_FRAME_MAX)
		return;
	encoded = outq_reserve(&pty->out, most);
	if (!encoded)
		return; /* pppd's side is stuck: the frame is lost, as on a full line */
	/*
	 * What the kernel's side takes out of its input is between pppd and the far client, who run
	 * LCP: so every byte that an ACCM can name is escaped (RFC 1662 7.1).
	 */
	outq_commit(&pty->out, hdlc_encode(&hdlc_escapes_all, frame, len, encoded, most));
	if (ev_is_active(&pty->writable))
		return;
	if (pty->out.used < WRITE_SIZE)
		ev_prepare_start(pty->loop, &pty->prepare);
	else
		flush(pty);
}

static const struct ppp_channel_class pty_class = {
	.name = "pty",
	.carries_frames = true,
	.send = pty_send,
	.free = pty_free,
};

struct ppp_channel *ppp_channel_pty(struct ev_loop *loop, int fd, const struct ppp_channel_ops *ops,
				    void *context)
{
	struct chan_pty *pty = calloc(1, sizeof(*pty));

	if (!pty)
		return NULL;
	pty->channel.class = &pty_class;
	pty->loop = loop;
	pty->ops = ops;
	pty->context = context;
	pty->fd = fd;
	outq_init(&pty->out, WAITING_MAX);
	hdlc_decoder_init(&pty->decoder);
	ev_io_init(&pty->readable, on_readable, fd, EV_READ);
	ev_io_init(&pty->writable, on_writable, fd, EV_WRITE);
	ev_prepare_init(&pty->prepare, on_prepare);
	pty->prepare.data = pty;
	pty->readable.data = pty;
	pty->writable.data = pty;
	ev_io_start(loop, &pty->readable);
	return &pty->channel;
}
