/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links that are a pair of virtual Ethernet devices. The inner one is alone in a network namespace
 * that nobody is in; the descriptor is a packet socket there, with rings of frames in memory that
 * pptpctrl maps. Runs as root.
 */
#ifndef PPTPD_LINK_RING_H
#define PPTPD_LINK_RING_H

#include "pptpd/link.h"

/*
 * Makes the pair, the outer device down, and fills in descriptor, name and ring; addresses are
 * chosen already. Takes some milliseconds in a process of its own, and is given up after a fifth of
 * a second: -ETIMEDOUT. 0, or a negative errno and *ret_failed, lent; no descriptor and no device
 * then. What calls do not read keeps no frames of others out while there are no more than
 * `wish->calls`.
 */
int link_ring_make(struct link *link, const struct link_wish *wish, const char **ret_failed);

#endif
