/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks now and then at the order in which the packets of kernel calls come, which otherwise never
 * pass this process, and tells the manager if they overtake each other: the kernel's PPTP drops
 * what is late.
 */
#ifndef PPTPCTRL_REORDER_WATCH_H
#define PPTPCTRL_REORDER_WATCH_H

#include <ev.h>

struct manager_link;
struct reorder_watch;

/* NULL when memory is out. Begins to look with the first call. */
struct reorder_watch *reorder_watch_new(struct ev_loop *loop, struct manager_link *link);

/* Accepts NULL. */
void reorder_watch_free(struct reorder_watch *watch);

/* A call whose frames the kernel moves has started, or is over. */
void reorder_watch_call_started(struct reorder_watch *watch);
void reorder_watch_call_over(struct reorder_watch *watch);

/*
 * The manager's answer: a raw socket connected to the client, of whose packets there is at least
 * the header, which the watch takes over; or -1.
 */
void reorder_watch_opened(struct reorder_watch *watch, int fd);

#endif
