/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of gre_window that puts packets in order: a ring of those that wait for an earlier one,
 * and how long they do. Takes only packets that the window believes. Used by gre_window alone.
 */
#ifndef PPTPCTRL_PPTP_GRE_RING_H
#define PPTPCTRL_PPTP_GRE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpctrl/pptp/gre_window.h"
#include "pptpd/base/mono.h"

/* A copy of a packet that waits. */
struct gre_held {
	uint32_t sequence;
	struct mono arrived;
	size_t len;
	uint8_t payload[];
};

struct gre_ring {
	gre_window_deliver *deliver;
	void *context;
	struct gre_window_counters *counters;

	uint32_t next;    /* the sequence number that is delivered next */
	uint32_t highest; /* that was taken, next - 1 if nothing is held */
	struct mono head; /* when a packet last arrived with just the number that was next */

	struct gre_held *slots[GRE_WINDOW_RING]; /* by number modulo the ring's size; owned */
	unsigned held;
	size_t held_bytes;
	struct mono oldest; /* when the first of the held packets arrived; kept, since each packet
			       behind a gap asks for it and a look at all of them is slow */

	int64_t wait_us;   /* how long a gap is waited for at present */
	uint64_t given_up; /* bit n: next - 1 - n was given up, not delivered */
	struct mono gave_up_at;
	int64_t gave_up_after_us;
};

/* a - b in the circle of sequence numbers. */
static inline int32_t gre_ring_distance(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

/* NULL when memory is out; otherwise the caller's to free(). */
struct gre_held *gre_held_new(uint32_t sequence, const uint8_t *payload, size_t len,
			      struct mono now);

/* `counters` must outlive the ring. */
void gre_ring_init(struct gre_ring *ring, gre_window_deliver *deliver, void *context,
		   struct gre_window_counters *counters);

/* Frees what is held without delivering it. */
void gre_ring_done(struct gre_ring *ring);

/* Delivers all that is held, then begins anew with `sequence` as the next number. */
void gre_ring_restart(struct gre_ring *ring, uint32_t sequence, struct mono now);

bool gre_ring_holds(const struct gre_ring *ring, uint32_t sequence);

/* Takes a packet whose number is in the ring's range and not held: delivers it, or holds a copy. */
void gre_ring_take(struct gre_ring *ring, uint32_t sequence, const uint8_t *payload, size_t len,
		   struct mono now);

/* Delivers what is held below `sequence`, and gives up all other numbers below it. */
void gre_ring_advance(struct gre_ring *ring, uint32_t sequence, struct mono now);

/* Told about each packet behind the ring: learns from those that came a little too late. */
void gre_ring_note_late(struct gre_ring *ring, uint32_t sequence, struct mono now);

/* Gives up gaps whose time is over. */
void gre_ring_expire(struct gre_ring *ring, struct mono now);

/* When the first gap's time is over; false if nothing is held. */
bool gre_ring_deadline(const struct gre_ring *ring, struct mono *ret_when);

#endif
