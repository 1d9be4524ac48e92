/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LAN side of the GRE engine: captured packets go in, whole ones and those put together from
 * fragments; what it sends leaves through the raw socket. Opens the capture again when the
 * interface was gone.
 */
#ifndef LRP_GRE_LAN_H
#define LRP_GRE_LAN_H

#include <ev.h>
#include <netinet/in.h>
#include <stdint.h>

#include "lrp/capture.h"
#include "pptpctrl/pptp/gre_engine.h"

struct gre_lan;

/* Packets, since the start. */
struct gre_lan_counters {
	uint64_t received;
	uint64_t malformed; /* no sound IPv4 header for GRE to our address, or no enhanced GRE */
	uint64_t unknown;   /* of no call */
	uint64_t overrun;   /* came faster than they were read */
	uint64_t unsent;    /* lost on the way out, as on any network */
};

/*
 * Serves `capture` (taken over) of GRE to `address` on `interface`, and sends through `raw_gre`
 * (taken over). `interface` must outlive it. NULL when memory is out or the socket refuses
 * to fragment (errno is kept); both are then still the caller's.
 */
struct gre_lan *gre_lan_new(struct ev_loop *loop, const char *interface, struct in_addr address,
			    struct capture *capture, int raw_gre);

/* The engine's calls must be gone. Accepts NULL. */
void gre_lan_free(struct gre_lan *gre);

/* For gre_call_new(); lives as long as `gre`. */
struct gre_engine *gre_lan_engine(struct gre_lan *gre);

struct gre_lan_counters gre_lan_counters(const struct gre_lan *gre);

#endif
