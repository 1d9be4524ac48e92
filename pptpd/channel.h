/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ladder of PPP channels: what this machine can, what is best for a call, and what it falls to
 * when that cannot be had. A call is never lost for want of a channel: a pseudo-terminal always
 * works. Runs as root.
 */
#ifndef PPTPD_CHANNEL_H
#define PPTPD_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"
#include "pptpd/ipc.h"
#include "pptpd/plugin/channel_words.h"

struct call;
struct conf;

struct channels {
	bool pppoe; /* what this machine has */
	bool kernel;
	char version[CHANNEL_VERSION_MAX + 1]; /* pppd's, "" unless it takes our plugin */
	struct rate_limit fall_limit;          /* for the lines that tell of falls */
};

/* Finds out what this machine has; a line for what it lacks. Takes moments: before the loop. */
void channels_probe(struct channels *channels, const struct conf *conf);

/*
 * The best channel that the call can have, as it calls itself there (it may get another call ID). A
 * connected socket for pppd, the caller's, or -1 with IPC_CHANNEL_PTY. A call that gets less than
 * what is best for it gives a line.
 */
int channel_open(struct call *call, uint16_t client_call_id, enum ipc_channel *ret_kind);

#endif
