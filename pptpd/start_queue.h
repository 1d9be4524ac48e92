/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a call's pppd is started: the children take turns, first come, first served inside each, and
 * only so many at a time as the machine can start without the others' clients losing patience. So
 * who asks for many calls waits for them himself. What waits holds nothing: no address, no process.
 * Who may have a call at all is call_policy.h's. Runs as root.
 */
#ifndef PPTPD_START_QUEUE_H
#define PPTPD_START_QUEUE_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/list.h"
#include "pptpd/base/mono.h"
#include "pptpd/ipc.h"

struct child;
struct start_queue;

/* A pppd that is starting, as the queue counts it; part of its call, all zero at first. */
struct start_place {
	struct list link;
	struct mono since;
};

struct start_queue_ops {
	/* The request's turn has come: start_queue_started() is called if a pppd runs now. */
	void (*start)(struct child *child, const struct ipc_call_start *request);

	/* It will not come. */
	void (*refuse)(struct child *child, uint32_t request, enum ipc_refusal reason);
};

/* So many pppd for each processor that this process may use. */
unsigned start_queue_usual_places(void);

/* `places`: pppd that may be starting at once. NULL when memory is out. */
struct start_queue *start_queue_new(struct ev_loop *loop, unsigned places,
				    const struct start_queue_ops *ops);

/* Frees it; what waits is forgotten. Accepts NULL. */
void start_queue_free(struct start_queue *queue);

/* A request: starts it, or lets it wait. */
void start_queue_add(struct start_queue *queue, struct child *child,
		     const struct ipc_call_start *request);

/* Refuses the child's request if it waits. */
void start_queue_cancel(struct start_queue *queue, struct child *child, uint32_t request);

/* The child is gone: its requests are forgotten. */
void start_queue_forget(struct start_queue *queue, struct child *child);

/* The manager stops: refuses all that wait. */
void start_queue_stop(struct start_queue *queue);

/* A pppd was forked. It takes one of the places, for some seconds at most. */
void start_queue_started(struct start_queue *queue, struct start_place *place);

/* It has started, or ended: its place is the next one's. Harmless when it has none any more. */
void start_queue_leave(struct start_queue *queue, struct start_place *place);

/* How many requests wait. */
size_t start_queue_waiting(const struct start_queue *queue);

#endif
