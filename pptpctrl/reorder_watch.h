/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks now and then at the order in which the packets of kernel calls come, which otherwise never
 * pass this process, and tells the manager if they overtake each other: the kernel's PPTP drops
 * what is late.
 */
#ifndef PPTPCTRL_REORDER_WATCH_H
#define PPTPCTRL_REORDER_WATCH_H

#include <ev.h>
#include <stdint.h>

#include "pptpd/base/mono.h"

struct manager_link;
struct reorder_watch;

/* A packet of the call came just now. Must not free the watch. */
typedef void reorder_watch_heard(void *context, uint16_t call_id, struct mono now);

/*
 * NULL when memory is out. Begins to look with the first call. Between two samples of a busy call
 * lie `rest_s` seconds; a call without packets is not looked at again before one has come.
 */
struct reorder_watch *reorder_watch_new(struct ev_loop *loop, struct manager_link *link,
					double rest_s, reorder_watch_heard *heard, void *context);

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
