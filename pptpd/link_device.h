/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network devices of links: their settings, and what closes them to everything but PPPoE. All in
 * the network namespace of who calls. Runs as root.
 */
#ifndef PPTPD_LINK_DEVICE_H
#define PPTPD_LINK_DEVICE_H

#include <net/ethernet.h>
#include <stdint.h>

/*
 * Each returns 0, or a negative errno and in *ret_failed, lent, at what.
 *
 * Closes the device, which is down, to all but PPPoE.
 */
int link_device_harden(const char *name, const char **ret_failed);

/* Its own address and MTU; it is down. */
int link_device_set(const char *name, const uint8_t address[ETH_ALEN], int mtu,
		    const char **ret_failed);

/* Up, and without ARP. */
int link_device_set_up(const char *name, const char **ret_failed);

#endif
