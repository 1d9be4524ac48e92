/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's PPPoE sessions on a pptpctrl's own link (link.h). Runs as root. */
#ifndef PPTPD_CHANNEL_PPPOE_H
#define PPTPD_CHANNEL_PPPOE_H

#include <stdint.h>

struct link;
struct link_wish;

/* A connected socket for pppd, the caller's, or a negative errno. `session` is not 0. */
int channel_pppoe_open(const struct link *link, uint16_t session);

/*
 * 0, or the negative errno that says why this machine has no such channel on such links, and in
 * *ret_failed, lent, what failed.
 */
int channel_pppoe_probe(const struct link_wish *wish, const char **ret_failed);

#endif
