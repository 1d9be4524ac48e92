/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which PPP channels calls may have now: what the last look at this machine found, and whether
 * pppd gets on with our plugin when it counts. Nothing here waits, but the first look. Runs as
 * root.
 *
 * A pppd that ends before PPP runs says nothing of the plugin: its options may be wrong. So after
 * one that had the plugin, a call on a pseudo-terminal tells: if it fares no better, the plugin is
 * not to blame.
 */
#ifndef PPTPD_CHANNEL_TRUST_H
#define PPTPD_CHANNEL_TRUST_H

#include <stdbool.h>
#include <sys/types.h>

#include "pptpd/base/mono.h"
#include "pptpd/channel_probe.h"
#include "pptpd/ipc.h"
#include "pptpd/link.h"

/* How long the plugin is not used after it failed: doubled each time in a row, up to the last. */
#define CHANNEL_DISTRUST_S     60
#define CHANNEL_DISTRUST_MAX_S 3600

struct errands;

/* All zero at first. */
struct channel_trust {
	const char *ppp; /* NULL: only pseudo-terminals are asked for */
	struct errands *errands;
	bool looking;          /* a look is under way */
	bool look_again;       /* and another is to follow */
	bool say_all;          /* with a line about all that is missing */
	int answer[2];         /* both ends of the pipe for the findings of a look */
	struct mono next_look; /* no sooner, unless there is a new reason */
	struct channel_findings found;
	bool on_trial;     /* the plugin: a pseudo-terminal is to tell */
	pid_t failed_pid;  /* pppd for whose end it is */
	int failed_status; /* its wait status */
	struct mono distrusted_until;
	int64_t distrust_s; /* the last one, 0 for none since a call had its channel */
};

/* The first look, before the loop runs: five seconds at most. `ppp`: see the struct. Logs. */
void channel_trust_open(struct channel_trust *trust, const char *ppp);

/* From now on looks are errands, at once if the first had no answer; with NULL there are none any
 * more. */
void channel_trust_start(struct channel_trust *trust, struct errands *errands);

/* Looks anew, in the background; until then all is as before. Logs what is missing. */
void channel_trust_look(struct channel_trust *trust);

/* Whether calls may have that channel now. Begins a look if pppd or the plugin are other files. */
bool channel_trust_may_use(struct channel_trust *trust);
bool channel_trust_has(const struct channel_trust *trust, enum ipc_channel channel);

/* The best link of that size, for so many calls, that this machine has; once it has PPPoE. */
struct link_wish channel_trust_link(const struct channel_trust *trust, enum link_size size,
				    unsigned calls);

/* A pppd with the plugin ended with that wait status before PPP ran, without anybody's wish. */
void channel_trust_plugin_failed(struct channel_trust *trust, pid_t pppd, int wait_status);

/* A pppd with the plugin runs PPP. */
void channel_trust_plugin_runs(struct channel_trust *trust);

/* The same of a pppd on a pseudo-terminal: how it went. Logs if the plugin is to blame. */
void channel_trust_pty_told(struct channel_trust *trust, bool runs);

#endif
