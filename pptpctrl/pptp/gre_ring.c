/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets that wait for an earlier one; see the header. */
#include "pptpctrl/pptp/gre_ring.h"

#include <stdlib.h>
#include <string.h>

#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

/*
 * How long a gap is waited for. It begins well above what reordering in a network takes (equal-cost
 * paths differ by a few ms, a Wi-Fi retransmission by some tens), because a wrong guess costs a
 * packet each time, and a long wait costs only time, at the first losses. It never reaches the
 * time-outs of the inner TCP flows, nor does it go below what a busy scheduler may take.
 */
#define WAIT_START_US 100000
#define WAIT_MIN_US   10000
#define WAIT_MAX_US   300000

/* A gap that stayed empty takes an eighth off the wait: 18 losses lead from start to minimum. */
#define WAIT_DECAY 8

/* Bytes that may be held: 64 frames of 2 KiB, more than a PPP link with an MRU of 1500 sends. */
#define HELD_BYTES_MAX (GRE_WINDOW_RING * 2048)

/* Numbers that `given_up` remembers. */
#define GIVEN_UP_BITS 64

struct gre_held *gre_held_new(uint32_t sequence, const uint8_t *payload, size_t len,
			      struct mono now)
{
	struct gre_held *held = malloc(sizeof(*held) + len);

	if (!held)
		return NULL;
	held->sequence = sequence;
	held->arrived = now;
	held->len = len;
	if (len)
		memcpy(held->payload, payload, len);
	return held;
}

void gre_ring_init(struct gre_ring *ring, gre_window_deliver *deliver, void *context,
		   struct gre_window_counters *counters)
{
	*ring = (struct gre_ring){
		.deliver = deliver,
		.context = context,
		.counters = counters,
		.wait_us = WAIT_START_US,
	};
}

void gre_ring_done(struct gre_ring *ring)
{
	for (size_t i = 0; i < GRE_WINDOW_RING; i++)
		free(ring->slots[i]);
}

static struct gre_held **slot_of(struct gre_ring *ring, uint32_t sequence)
{
	return &ring->slots[sequence % GRE_WINDOW_RING];
}

bool gre_ring_holds(const struct gre_ring *ring, uint32_t sequence)
{
	const struct gre_held *held = ring->slots[sequence % GRE_WINDOW_RING];

	return held && held->sequence == sequence;
}

/* The state is complete before the callback, which may come back into the window. */
static void deliver_next(struct gre_ring *ring, const uint8_t *payload, size_t len)
{
	ring->next++;
	ring->given_up <<= 1;
	ring->counters->delivered++;
	ring->deliver(ring->context, payload, len);
}

static struct mono find_oldest(const struct gre_ring *ring)
{
	struct mono oldest = {.us = INT64_MAX};

	for (size_t i = 0; i < GRE_WINDOW_RING; i++)
		if (ring->slots[i] && mono_before(ring->slots[i]->arrived, oldest))
			oldest = ring->slots[i]->arrived;
	return oldest;
}

/* Takes the packet that is next out of its slot. */
static struct gre_held *release_next(struct gre_ring *ring)
{
	struct gre_held **slot = slot_of(ring, ring->next);
	struct gre_held *held = *slot;

	*slot = NULL;
	ring->held--;
	ring->held_bytes -= held->len;
	return held;
}

/* Delivers what is held from `next` on without a gap. */
static void drain(struct gre_ring *ring)
{
	if (!gre_ring_holds(ring, ring->next))
		return;
	while (gre_ring_holds(ring, ring->next)) {
		struct gre_held *held = release_next(ring);

		deliver_next(ring, held->payload, held->len);
		free(held);
	}
	if (ring->held)
		ring->oldest = find_oldest(ring);
}

/*
 * Since when the first gap is waited for: since a packet behind it came, or, if later, since a
 * packet last arrived in its turn, because then the rest of the gap may be just about to come. So
 * a forged number inside the window takes the place of one packet, not of all before it.
 */
static struct mono gap_since(const struct gre_ring *ring)
{
	return mono_before(ring->oldest, ring->head) ? ring->head : ring->oldest;
}

/* A packet needed `needed_us` to come: from now on wait twice as long. */
static void grow_wait(struct gre_ring *ring, int64_t needed_us)
{
	ring->wait_us = MIN(MAX(ring->wait_us, 2 * needed_us), WAIT_MAX_US);
}

/* Gives up the numbers below `sequence`, none of which may be held. */
static void skip_to(struct gre_ring *ring, uint32_t sequence, struct mono now)
{
	uint32_t count = sequence - ring->next;

	ring->counters->lost += count;
	ring->gave_up_after_us = ring->held ? mono_diff_us(now, gap_since(ring)) : 0;
	ring->gave_up_at = now;
	if (count < GIVEN_UP_BITS)
		ring->given_up = ring->given_up << count | ((UINT64_C(1) << count) - 1);
	else
		ring->given_up = UINT64_MAX;
	ring->next = sequence;
}

/* The lowest number that is held; there must be one. */
static uint32_t first_held(const struct gre_ring *ring)
{
	for (uint32_t i = 1; i < GRE_WINDOW_RING; i++)
		if (gre_ring_holds(ring, ring->next + i))
			return ring->next + i;
	bug("gre_ring: %u packets held, none within the ring", ring->held);
}

/* Gives up the first gap. */
static void give_up_gap(struct gre_ring *ring, struct mono now)
{
	skip_to(ring, first_held(ring), now);
	drain(ring);
}

void gre_ring_advance(struct gre_ring *ring, uint32_t sequence, struct mono now)
{
	while (ring->held && gre_ring_distance(first_held(ring), sequence) < 0)
		give_up_gap(ring, now);
	if (gre_ring_distance(sequence, ring->next) > 0)
		skip_to(ring, sequence, now);
	drain(ring);
}

void gre_ring_restart(struct gre_ring *ring, uint32_t sequence, struct mono now)
{
	while (ring->held)
		give_up_gap(ring, now);
	ring->next = sequence;
	ring->highest = sequence - 1;
	ring->given_up = 0;
}

static void hold(struct gre_ring *ring, uint32_t sequence, const uint8_t *payload, size_t len,
		 struct mono now)
{
	struct gre_held *held = gre_held_new(sequence, payload, len, now);

	if (!held) {
		ring->counters->no_memory++;
		return;
	}
	*slot_of(ring, sequence) = held;
	if (!ring->held)
		ring->oldest = now;
	ring->held++;
	ring->held_bytes += len;
}

/* A packet that arrived in its turn. */
static void pass(struct gre_ring *ring, const uint8_t *payload, size_t len, struct mono now)
{
	if (ring->held)
		grow_wait(ring, mono_diff_us(now, gap_since(ring)));
	ring->head = now;
	deliver_next(ring, payload, len);
	drain(ring);
}

void gre_ring_take(struct gre_ring *ring, uint32_t sequence, const uint8_t *payload, size_t len,
		   struct mono now)
{
	if (gre_ring_distance(sequence, ring->highest) > 0)
		ring->highest = sequence;
	else
		ring->counters->reordered++;
	while (ring->held && sequence != ring->next && ring->held_bytes + len > HELD_BYTES_MAX)
		give_up_gap(ring, now);
	if (sequence == ring->next)
		pass(ring, payload, len, now);
	else if (sequence - ring->next < GRE_WINDOW_RING && !*slot_of(ring, sequence))
		hold(ring, sequence, payload, len, now);
	else
		ring->counters->old++; /* what was delivered to make room went beyond it */
}

void gre_ring_note_late(struct gre_ring *ring, uint32_t sequence, struct mono now)
{
	uint32_t place = ring->next - 1 - sequence;
	int64_t needed_us = ring->gave_up_after_us + mono_diff_us(now, ring->gave_up_at);

	if (place >= GIVEN_UP_BITS || !(ring->given_up >> place & 1))
		return;
	ring->given_up &= ~(UINT64_C(1) << place);
	if (needed_us <= WAIT_MAX_US)
		grow_wait(ring, needed_us);
}

void gre_ring_expire(struct gre_ring *ring, struct mono now)
{
	bool gave_up = false;

	while (ring->held && mono_diff_us(now, gap_since(ring)) >= ring->wait_us) {
		give_up_gap(ring, now);
		gave_up = true;
	}
	if (gave_up)
		ring->wait_us = MAX(ring->wait_us - ring->wait_us / WAIT_DECAY, WAIT_MIN_US);
}

bool gre_ring_deadline(const struct gre_ring *ring, struct mono *ret_when)
{
	if (!ring->held)
		return false;
	*ret_when = mono_add_us(gap_since(ring), ring->wait_us);
	return true;
}
