/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A private Ethernet for the PPPoE sessions of one pptpctrl, on whose outer end the kernel takes
 * nothing but those sessions' frames. It is gone with its last descriptor. Runs as root.
 */
#ifndef PPTPD_LINK_H
#define PPTPD_LINK_H

#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "pptpd/ipc.h"

struct link {
	int fd; /* pptpctrl's end: close-on-exec, non-blocking; -1: none */
	enum ipc_link_kind kind;
	struct ipc_ring ring;     /* of IPC_LINK_RING */
	char name[IFNAMSIZ];      /* of the outer device */
	uint8_t kernel[ETH_ALEN]; /* its address */
	uint8_t child[ETH_ALEN];  /* of the peer, which is pptpctrl */
};

/* How much memory a ring may take; the same for a TAP. See ipc_ring. */
enum link_size {
	LINK_SMALL, /* for a direct client, of whom there may be thousands, with a call each */
	LINK_LARGE, /* for a tunnel of many calls */
};

struct link_wish {
	enum ipc_link_kind kind;
	bool with_filter;
	enum link_size size;
	unsigned calls; /* that it is for, at most */
};

/* PPP's usual 1500, the PPPoE header's 6 bytes and PPP's protocol's 2 (RFC 2516 4). */
#define LINK_MTU 1508

/*
 * Makes a link of that kind, closes its outer device to everything but PPPoE, and only then brings
 * it up. Without the filter, for kernels that have none, settings of the device keep out what they
 * can. 0, or a negative errno and *ret_failed, a lent text that says at what; there is no device
 * then.
 */
int link_open(const struct link_wish *wish, struct link *ret_link, const char **ret_failed);

#endif
