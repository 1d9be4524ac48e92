/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ladder of PPP channels: what this machine has, what is best for a call, and what it falls to
 * when that cannot be had. No call is lost for want of a channel: a pseudo-terminal always works.
 * Runs as root.
 */
#ifndef PPTPD_CHANNEL_H
#define PPTPD_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpd/base/rate_limit.h"
#include "pptpd/channel_trust.h"
#include "pptpd/ipc.h"
#include "pptpd/link_choice.h"
#include "pptpd/reordered_sources.h"

struct call;
struct child;
struct conf;

/* All zero at first. */
struct channels {
	struct channel_trust trust;   /* what this machine has, and what of it works */
	struct link_choice links;     /* of PPPoE sessions */
	struct rate_limit fall_limit; /* for the lines that tell of falls */
	struct reordered_sources reordered;
};

/* Looks what this machine has of what the settings may ask for, before the loop runs. Logs. */
void channels_open(struct channels *channels, const struct conf *conf);

/*
 * The best channel that the call can have (it may get another call ID). A connected socket for
 * pppd, the caller's, or -1 with IPC_CHANNEL_PTY. A line if a better one that this machine has
 * could not be had.
 */
int channel_open(struct call *call, uint16_t client_call_id, enum ipc_channel *ret_kind);

/* Packets of the child's client overtake each other: its next calls avoid the kernel's channel. */
void channels_note_reordered(struct channels *channels, const struct child *child);

#endif
