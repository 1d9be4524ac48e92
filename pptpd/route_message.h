/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request of rtnetlink(7): a pair of virtual Ethernet devices with an end in each of two network
 * namespaces.
 */
#ifndef PPTPD_ROUTE_MESSAGE_H
#define PPTPD_ROUTE_MESSAGE_H

#include <net/ethernet.h>
#include <stdint.h>
#include <sys/types.h>

struct route_pair_end {
	const char *name;
	uint8_t address[ETH_ALEN];
	uint32_t mtu;
};

/*
 * Makes a pair of devices, both down: one in the namespace of the socket (route_writer.h), the
 * other in that of the process `inner_pid`. 0 or a negative errno.
 */
int route_message_make_pair(int socket, const struct route_pair_end *outer,
			    const struct route_pair_end *inner, pid_t inner_pid);

#endif
