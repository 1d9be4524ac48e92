/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks now and then at the order in which the packets of kernel calls come, which otherwise never
 * pass this process, and tells the manager if they overtake each other: the kernel's PPTP drops
 * what is late.
 */
#ifndef PPTPCTRL_REORDER_WATCH_H
#define PPTPCTRL_REORDER_WATCH_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "pptpd/base/mono.h"

struct manager_link;
struct reorder_watch;

/* Must not free the watch. */
struct reorder_watch_ops {
	/* A packet of that call came just now; false if no such call is watched. */
	bool (*heard)(void *context, uint16_t call_id, struct mono now);

	/* Whether a sign of life is still wanted, after reorder_watch_listen(). */
	bool (*listens)(void *context);
};

/*
 * NULL when memory is out; `ops` outlive it. Begins to look with the first call. A sample ends when
 * it is full or takes too long; the rest after it is the longer the less comes in the samples.
 */
struct reorder_watch *reorder_watch_new(struct ev_loop *loop, struct manager_link *link,
					const struct reorder_watch_ops *ops, void *context);

/* The same with other times, in seconds: of a sample, and of the rests after it. */
struct reorder_watch_times {
	double sample_s;
	double rest_s;
	double rest_max_s;
};

void reorder_watch_set_times(struct reorder_watch *watch, const struct reorder_watch_times *times);

/* Accepts NULL. */
void reorder_watch_free(struct reorder_watch *watch);

/* A call whose frames the kernel moves has started, or is over. */
void reorder_watch_call_started(struct reorder_watch *watch);
void reorder_watch_call_over(struct reorder_watch *watch);

/*
 * A call's control connection is mute: takes a sample now, which lasts until listens() says that no
 * sign of life is wanted any more, at most so many seconds. Does nothing without calls.
 */
void reorder_watch_listen(struct reorder_watch *watch, double for_s);

/*
 * The manager's answer: a raw socket connected to the client, of whose packets there is at least
 * the header, which the watch takes over; or -1.
 */
void reorder_watch_opened(struct reorder_watch *watch, int fd);

#endif
