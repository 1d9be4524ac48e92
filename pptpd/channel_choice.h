/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which PPP channels a call may have, best first: what ppp-channel says of its source, and what
 * that comes to for a direct or a tunnelled call. Knows nothing of what this machine has. Pure.
 */
#ifndef PPTPD_CHANNEL_CHOICE_H
#define PPTPD_CHANNEL_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "pptpd/base/net.h"
#include "pptpd/ipc.h"

/* Source networks with a setting of their own. Few enough to be searched for each call. */
#define CHANNEL_RULES_MAX 64

/* All channels there are, so the longest ladder. */
#define CHANNEL_RUNGS_MAX 3

/* Room for what is wrong with a value, with terminator. */
#define CHANNEL_PROBLEM_MAX 128

enum channel_wish {
	CHANNEL_AUTO,
	CHANNEL_KERNEL,
	CHANNEL_PPPOE,
	CHANNEL_PTY,
};

/* All zero at first. */
struct channel_choice {
	bool given; /* `wish` was */
	enum channel_wish wish;
	struct channel_rule {
		struct net net;
		enum channel_wish wish;
	} rules[CHANNEL_RULES_MAX];
	size_t count;
};

/*
 * Adds what one line says: "WORD" for all sources, or "NETWORK WORD". Of two lines about the same,
 * the first counts. False and what is wrong with it.
 */
bool channel_choice_add(struct channel_choice *choice, const char *value,
			char ret_problem[CHANNEL_PROBLEM_MAX]);

/* What the most specific network that has the source says; `otherwise` where nothing is said. */
enum channel_wish channel_choice_find(const struct channel_choice *choice,
				      const struct address *source, enum channel_wish otherwise);

/* Whether any source may have another channel than a pseudo-terminal. */
bool channel_choice_needs_plugin(const struct channel_choice *choice, enum channel_wish otherwise);

/*
 * The channels to try, best first; the last one is IPC_CHANNEL_PTY. Returns their number.
 * `reordered` is a source whose packets overtake each other, which the kernel's channel would drop.
 */
size_t channel_choice_ladder(enum channel_wish wish, enum ipc_kind kind, bool reordered,
			     enum ipc_channel ret_rungs[CHANNEL_RUNGS_MAX]);

/* The word for it in settings and log lines. */
const char *channel_choice_name(enum ipc_channel channel);

#endif
