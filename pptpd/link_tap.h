/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A private Ethernet for the PPPoE sessions of one pptpctrl: a TAP device with no address, on which
 * the kernel takes nothing but those sessions' frames. It is gone with its last descriptor. Runs as
 * root.
 */
#ifndef PPTPD_LINK_TAP_H
#define PPTPD_LINK_TAP_H

#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>

struct link_tap {
	int fd; /* close-on-exec, non-blocking; -1: none */
	char name[IFNAMSIZ];
	uint8_t kernel[ETH_ALEN]; /* the device's own address */
	uint8_t child[ETH_ALEN];  /* of the peer, which is pptpctrl */
};

/*
 * Makes a device, closes it to everything but PPPoE, and only then brings it up. 0, or a negative
 * errno and *ret_failed, a lent text that says at what; there is no device then.
 */
int link_tap_open(struct link_tap *ret_link, const char **ret_failed);

#endif
