/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPP frames that wait for the tunnel's stream: first in, first out within a call, by turns between
 * calls, bounded in memory. Knows neither frames of the tunnel nor time.
 */
#ifndef RRP_SCHED_H
#define RRP_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/list.h"
#include "rrp/pool.h"

/*
 * Most memory that waiting data frames take, of one call and of all: some 80 full frames, and four
 * such calls. Beyond, the oldest data frame is dropped: what waited longest is worth least, and
 * inner TCP learns of the loss soonest.
 */
#define SCHED_CALL_DATA_MAX (128 * 1024)
#define SCHED_DATA_MAX      (512 * 1024)

/*
 * The same for PPP control frames, which are never dropped. No peer in good order has more than a
 * few of them on the way; a call that exceeds this is to be closed.
 */
#define SCHED_CALL_CONTROL_MAX (64 * 1024)
#define SCHED_CONTROL_MAX      (1024 * 1024)

/* Bytes that whoever writes a frame may put in front of it: the header of a frame of the tunnel. */
#define SCHED_HEADROOM 8

struct sched_frame {
	struct sched_frame *next;
	uint16_t len; /* of the PPP frame */
	bool is_control;
	uint8_t wire[]; /* SCHED_HEADROOM bytes, then the PPP frame */
};

/* The frames of one call. */
struct sched_queue {
	struct list link; /* on sched.active while there are frames */
	struct sched_frame *first;
	struct sched_frame **end;
	size_t data_bytes; /* memory, not only payload */
	size_t control_bytes;
	int deficit; /* bytes that the call may still send in its turn */
	uint64_t dropped;
};

struct sched {
	struct list active;
	struct pool pool; /* of the frames */
	size_t data_bytes;
	size_t control_bytes;
};

void sched_init(struct sched *sched);

/* All frames must be gone. */
void sched_done(struct sched *sched);

void sched_queue_init(struct sched_queue *queue);

/*
 * Appends a copy of the frame; the oldest data frames are dropped, and counted, as the bounds say.
 * False when a control frame exceeds its bounds or memory is out for it.
 */
bool sched_push(struct sched *sched, struct sched_queue *queue, const uint8_t *data, uint16_t len,
		bool is_control);

/* Called now and then: gives back memory that no frame needed since the last time. */
void sched_trim(struct sched *sched);

/* The frame whose turn it is, with its call's queue; NULL when nothing waits. */
const struct sched_frame *sched_peek(struct sched *sched, struct sched_queue **ret_queue);

/*
 * Takes the first frame off the queue, against the call's turn. It is the caller's then, outside
 * all bounds, until sched_release().
 */
struct sched_frame *sched_take(struct sched *sched, struct sched_queue *queue);
void sched_release(struct sched *sched, struct sched_frame *frame);

/* Takes the first frame off the queue and releases it. */
void sched_pop(struct sched *sched, struct sched_queue *queue);

/* Drops whatever waits. */
void sched_queue_clear(struct sched *sched, struct sched_queue *queue);

static inline bool sched_empty(const struct sched *sched)
{
	return list_empty(&sched->active);
}

#endif
