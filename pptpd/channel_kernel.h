/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own PPTP channel: no frame of such a call enters user space. Runs as root. */
#ifndef PPTPD_CHANNEL_KERNEL_H
#define PPTPD_CHANNEL_KERNEL_H

#include <netinet/in.h>
#include <stdint.h>

/* One end of a call: an address, and what that end calls it (RFC 2637 2.7, Call ID). */
struct channel_kernel_end {
	struct in_addr address;
	uint16_t call_id;
};

/*
 * A connected socket for pppd, the caller's, or a negative errno. -EBUSY: that call ID of ours is
 * taken, perhaps in another network namespace, of which all of a kernel's have one table;
 * -EALREADY: the client's is.
 */
int channel_kernel_open(const struct channel_kernel_end *ours,
			const struct channel_kernel_end *clients);

/* 0, or the negative errno that says why this kernel has no such channel. */
int channel_kernel_probe(void);

#endif
