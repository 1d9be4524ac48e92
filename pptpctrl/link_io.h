/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How Ethernet frames get from and to the descriptor of a link: one by one on a TAP, or in bulk in
 * memory that is shared with the kernel. Knows nothing of what is in them.
 */
#ifndef PPTPCTRL_LINK_IO_H
#define PPTPCTRL_LINK_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "pptpd/ipc.h"

struct link_io;

/* Frames received at one wake-up, so that no other descriptor waits for longer than they take. */
#define LINK_IO_BATCH 64

/* A frame, valid and the callee's to change during the call only. */
typedef void link_io_frame(void *context, uint8_t *frame, size_t len);

struct link_io_ops {
	/*
	 * Hands on what is there, LINK_IO_BATCH frames at most. 0, or a negative errno when
	 * nothing will come any more.
	 */
	int (*receive)(struct link_io *io, link_io_frame *frame, void *context);

	/* Takes a frame in two parts, to be sent now, or by flush(). What cannot be is dropped. */
	void (*send)(struct link_io *io, const struct iovec parts[2]);

	/* Sends what was kept. NULL where nothing is. */
	void (*flush)(struct link_io *io);

	/* Closes the descriptor, too. */
	void (*free)(struct link_io *io);
};

struct link_io {
	const struct link_io_ops *ops;
	int fd;
	uint64_t sent; /* or kept to be sent */
	uint64_t dropped;
	int last_errno; /* of the last frame that was dropped, 0: none */
};

/* Each takes over `fd`. NULL, with errno, if it cannot; `fd` is then still the caller's. */
struct link_io *link_io_tap(int fd);

/*
 * What has come before is discarded. The memory is not trusted to be as it was left: the socket
 * may have had another user before, who was interrupted anywhere.
 */
struct link_io *link_io_ring(int fd, const struct ipc_ring *ring);

#endif
