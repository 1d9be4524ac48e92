/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link whose descriptor gives and takes one frame for each read(2) and write(2). */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "pptpctrl/link_io.h"
#include "pptpctrl/ppp_channel.h"
#include "pptpctrl/proto/pppoe.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

/* The longest frame that is taken; the rest of a longer one is lost, and so is the frame. */
#define FRAME_MAX (PPPOE_HEADER_LEN + PPP_CHANNEL_FRAME_MAX)

struct link_tap_io {
	struct link_io io;
	uint8_t frame[FRAME_MAX];
};

static int tap_receive(struct link_io *io, link_io_frame *frame, void *context)
{
	struct link_tap_io *tap = container_of(io, struct link_tap_io, io);

	for (unsigned i = 0; i < LINK_IO_BATCH; i++) {
		ssize_t len = read(io->fd, tap->frame, sizeof(tap->frame));

		if (len < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOMEM))
			return 0;
		if (len <= 0)
			return len ? -errno : -EPIPE;
		frame(context, tap->frame, (size_t)len);
	}
	return 0;
}

static void tap_send(struct link_io *io, const struct iovec parts[2])
{
	if (writev(io->fd, parts, 2) >= 0) {
		io->sent++;
		return;
	}
	io->dropped++;
	io->last_errno = errno;
}

static void tap_free(struct link_io *io)
{
	fdio_close(&io->fd);
	free(container_of(io, struct link_tap_io, io));
}

static const struct link_io_ops tap_ops = {
	.receive = tap_receive,
	.send = tap_send,
	.free = tap_free,
};

struct link_io *link_io_tap(int fd)
{
	struct link_tap_io *tap = calloc(1, sizeof(*tap));

	if (!tap)
		return NULL;
	tap->io = (struct link_io){.ops = &tap_ops, .fd = fd};
	return &tap->io;
}
