/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's PPPoE sessions on a pptpctrl's own link (link.h). Runs as root. */
#ifndef PPTPD_CHANNEL_PPPOE_H
#define PPTPD_CHANNEL_PPPOE_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpd/ipc.h"

struct link;

/* A connected socket for pppd, the caller's, or a negative errno. `session` is not 0. */
int channel_pppoe_open(const struct link *link, uint16_t session);

/*
 * 0, or the negative errno that says why this machine has no such channel on links of that kind
 * (link_open()), and in *ret_failed, lent, what failed.
 */
int channel_pppoe_probe(enum ipc_link_kind kind, bool with_filter, const char **ret_failed);

#endif
