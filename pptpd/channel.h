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
#include <sys/types.h>

#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"
#include "pptpd/ipc.h"
#include "pptpd/link_choice.h"
#include "pptpd/plugin/channel_words.h"
#include "pptpd/reordered_sources.h"

struct call;
struct child;
struct conf;

/* All zero at first. */
struct channels {
	bool has[IPC_CHANNEL_KERNEL + 1];      /* by enum ipc_channel: what this machine has */
	struct link_choice links;              /* of PPPoE sessions */
	char version[CHANNEL_VERSION_MAX + 1]; /* of pppd */
	struct mono distrusted_until;          /* the plugin */
	struct rate_limit fall_limit;          /* for the lines that tell of falls */
	struct reordered_sources reordered;
};

/*
 * Finds out what this machine has of what the settings may ask for; one line for each channel that
 * it lacks, which no call tries from then on. Runs pppd, for moments.
 */
void channels_probe(struct channels *channels, const struct conf *conf);

/*
 * The best channel that the call can have (it may get another call ID). A connected socket for
 * pppd, the caller's, or -1 with IPC_CHANNEL_PTY. A line if a better one that this machine has
 * could not be had.
 */
int channel_open(struct call *call, uint16_t client_call_id, enum ipc_channel *ret_kind);

/* pppd ended before PPP ran on the channel: for some time, calls do without our plugin. Logs. */
void channels_distrust(struct channels *channels, pid_t pppd, int wait_status);

/* Packets of the child's client overtake each other: its next calls avoid the kernel's channel. */
void channels_note_reordered(struct channels *channels, const struct child *child);

#endif
