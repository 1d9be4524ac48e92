/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens the two LAN sockets that need privilege: the listener on TCP 1723 and the raw GRE socket.
 * Runs as root, once, before the first byte of a peer is read. Reads and writes neither.
 */
#ifndef LRP_LAN_SOCKETS_H
#define LRP_LAN_SOCKETS_H

#include <netinet/in.h>
#include <stdbool.h>

#include "lrp/conf.h"

struct lan_sockets {
	struct in_addr address; /* ours on the LAN: where both are bound */
	int listener;
	/*
	 * For sending only. That it exists keeps the kernel from answering GRE with ICMP protocol
	 * unreachable; a filter sees to it that nothing is ever queued on it.
	 */
	int raw_gre;
};

/* False, after one log line that names what failed, with nothing left open. */
bool lan_sockets_open(const struct lrp_conf *conf, struct lan_sockets *ret_sockets);

/* Accepts sockets that were never opened, if their descriptors are negative. */
void lan_sockets_close(struct lan_sockets *sockets);

#endif
