/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LAN side of the GRE engine: captured packets go in, whole ones and those put together from
 * fragments; what it sends leaves through the raw socket. Keeping the capture bound to its
 * interface is the parent's business.
 */
#ifndef LRP_GRE_LAN_H
#define LRP_GRE_LAN_H

#include <ev.h>
#include <netinet/in.h>
#include <stdint.h>

#include "lrp/call_hosts.h"
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

struct gre_lan_settings {
	const char *interface;  /* for log lines; must outlive it */
	struct in_addr address; /* whose GRE is taken */
	struct capture *capture;
	int raw_gre;                    /* to send through */
	const struct call_hosts *hosts; /* whose fragments are put together */

	/* The capture cannot be read any more. */
	void (*broken)(void *context, const char *why);
	void *context;
};

/*
 * Takes over capture and socket. NULL when memory is out or the socket refuses to fragment (errno
 * is kept); both are then still the caller's.
 */
struct gre_lan *gre_lan_new(struct ev_loop *loop, const struct gre_lan_settings *settings);

/* The engine's calls must be gone. Accepts NULL. */
void gre_lan_free(struct gre_lan *gre);

/* For gre_call_new(); lives as long as `gre`. */
struct gre_engine *gre_lan_engine(struct gre_lan *gre);

struct gre_lan_counters gre_lan_counters(const struct gre_lan *gre);

#endif
