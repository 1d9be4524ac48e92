/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which sequence numbers of the peer are believed, and what is acknowledged; see the header.
 * Sending is never held back by the window that the peer told us or by missing acknowledgements, as
 * RFC 2637 4.2 to 4.4 would have it: what we carry has its own flow control, peers tell windows
 * that they do not mean, and a peer that acknowledges only with its own data would stop the call.
 */
#include "pptpctrl/pptp/gre_window.h"

#include <stdlib.h>

#include "pptpctrl/pptp/gre_ring.h"
#include "pptpd/base/util.h"

/*
 * Farther ahead than this is not what loss leaves behind: MPPE's coherency count (RFC 3078 3.1) has
 * 12 bits, so nothing encrypted survives a longer gap without starting afresh either.
 */
#define JUMP_MAX 4096

/*
 * A peer that restarted its numbers is believed after three packets in sequence, because three lost
 * LCP echoes in a row end a link. They must stretch over a second, which a burst that comes late
 * does not; where nothing late can come from, as many packets as the ring holds do as well.
 */
#define RESYNC_PACKETS       3
#define RESYNC_SPAN_US       1000000
#define RESYNC_BURST_PACKETS GRE_WINDOW_RING

/*
 * What does not break such a sequence: so many lost packets, or one that was overtaken by as many,
 * which it is only if it comes within the time that a network delays a packet.
 */
#define RESYNC_GAP     16
#define RESYNC_SWAP_US 300000

/*
 * An acknowledgement leaves alone after a quarter of the window, too: RFC 2637 4.2 lets a sender
 * begin with half of it, so half would stop such a peer for a round trip again and again.
 */
#define ACK_EVERY (GRE_WINDOW_RING / 4)

/* Packets out of the window whose numbers follow each other. */
struct run {
	unsigned count;
	uint32_t last;
	struct mono since;
	struct mono until;
};

struct gre_window {
	struct gre_ring ring;
	struct gre_window_counters counters;
	bool started;          /* with the first payload, whatever its number */
	struct gre_held *jump; /* one packet ahead of the ring, not yet believed; owned */
	struct run run;

	bool owes_ack;
	struct mono owes_since;
	uint32_t ack_sent;

	uint32_t send_next;
	uint32_t acked_next; /* the lowest number of ours that is not acknowledged */
};

struct gre_window *gre_window_new(gre_window_deliver *deliver, void *context)
{
	struct gre_window *window = calloc(1, sizeof(*window));

	if (!window)
		return NULL;
	gre_ring_init(&window->ring, deliver, context, &window->counters);
	return window;
}

void gre_window_free(struct gre_window *window)
{
	if (!window)
		return;
	gre_ring_done(&window->ring);
	free(window->jump);
	free(window);
}

static void drop_jump(struct gre_window *window)
{
	if (!window->jump)
		return;
	free(window->jump);
	window->jump = NULL;
	window->counters.stray++;
}

/*
 * A believed packet. RFC 2637 4.3: the highest number that came is acknowledged, also while earlier
 * ones are missing; so a gap does not stop a peer that keeps to the window.
 */
static void accept_packet(struct gre_window *window, uint32_t sequence, const uint8_t *payload,
			  size_t len, struct mono now)
{
	window->run.count = 0;
	if (gre_ring_distance(sequence, window->ring.highest) > 0 && !window->owes_ack) {
		window->owes_ack = true;
		window->owes_since = now;
	}
	gre_ring_take(&window->ring, sequence, payload, len, now);
}

static void receive_inside(struct gre_window *window, uint32_t sequence, const uint8_t *payload,
			   size_t len, struct mono now)
{
	if (gre_ring_holds(&window->ring, sequence)) {
		window->counters.old++;
		return;
	}
	drop_jump(window);
	accept_packet(window, sequence, payload, len, now);
}

/* Believes the packet in the jump slot, and the numbers from `sequence` on. */
static void follow_jump(struct gre_window *window, uint32_t sequence, struct mono now)
{
	struct gre_held *jump = window->jump;

	window->jump = NULL;
	window->counters.resyncs++;
	gre_ring_advance(&window->ring, sequence, now);
	accept_packet(window, jump->sequence, jump->payload, jump->len, now);
	free(jump);
}

/*
 * A number ahead of the ring: left behind by a burst of losses, or forged. Two packets close to
 * each other are believed at once; a single one when nothing that contradicts it came for as long
 * as a gap is waited for.
 */
static void receive_ahead(struct gre_window *window, uint32_t sequence, const uint8_t *payload,
			  size_t len, struct mono now)
{
	struct gre_ring *ring = &window->ring;
	const struct gre_held *jump = window->jump;
	int32_t d = jump ? gre_ring_distance(sequence, jump->sequence) : 0;

	if (ring->held && sequence - ring->highest < GRE_WINDOW_RING) {
		drop_jump(window);
		gre_ring_advance(ring, sequence - (GRE_WINDOW_RING - 1), now);
		accept_packet(window, sequence, payload, len, now);
	} else if (jump && d == 0) {
		window->counters.old++;
	} else if (jump && d > -GRE_WINDOW_RING && d < GRE_WINDOW_RING) {
		follow_jump(window, d > 0 ? jump->sequence : sequence, now);
		accept_packet(window, sequence, payload, len, now);
	} else {
		drop_jump(window);
		window->jump = gre_held_new(sequence, payload, len, now);
		if (!window->jump)
			window->counters.no_memory++;
	}
}

/* Counts a packet out of the window; true when so many came in sequence that they are believed. */
static bool run_convinces(struct run *run, uint32_t sequence, bool far, struct mono now)
{
	int32_t step = gre_ring_distance(sequence, run->last);
	bool overtaken =
		step <= 0 && step >= -RESYNC_GAP && mono_diff_us(now, run->until) < RESYNC_SWAP_US;

	if (run->count && overtaken)
		return false;
	if (!run->count || step <= 0 || step > RESYNC_GAP) {
		*run = (struct run){.count = 1, .last = sequence, .since = now, .until = now};
		return false;
	}
	run->count++;
	run->last = sequence;
	run->until = now;
	if (mono_diff_us(now, run->since) >= RESYNC_SPAN_US)
		return run->count >= RESYNC_PACKETS;
	return far && run->count >= RESYNC_BURST_PACKETS;
}

/* A number behind the window, or too far ahead. */
static void receive_outside(struct gre_window *window, uint32_t sequence, const uint8_t *payload,
			    size_t len, struct mono now)
{
	int32_t d = gre_ring_distance(sequence, window->ring.next);
	bool far = d >= JUMP_MAX || d <= -JUMP_MAX;

	if (run_convinces(&window->run, sequence, far, now)) {
		drop_jump(window);
		gre_ring_restart(&window->ring, sequence, now);
		window->counters.resyncs++;
		window->ack_sent = sequence - 1;
		accept_packet(window, sequence, payload, len, now);
		return;
	}
	if (far) {
		window->counters.stray++;
		return;
	}
	window->counters.old++;
	gre_ring_note_late(&window->ring, sequence, now);
}

void gre_window_receive(struct gre_window *window, uint32_t sequence, const uint8_t *payload,
			size_t len, struct mono now)
{
	uint32_t ahead;

	if (!window->started) {
		window->started = true;
		gre_ring_restart(&window->ring, sequence, now);
		window->ack_sent = sequence - 1;
	}
	ahead = sequence - window->ring.next;
	if (ahead < GRE_WINDOW_RING)
		receive_inside(window, sequence, payload, len, now);
	else if (ahead < JUMP_MAX)
		receive_ahead(window, sequence, payload, len, now);
	else
		receive_outside(window, sequence, payload, len, now);
}

void gre_window_acked(struct gre_window *window, uint32_t ack)
{
	uint32_t in_flight = window->send_next - window->acked_next;

	if (ack - window->acked_next >= in_flight)
		return;
	window->counters.acked += ack - window->acked_next + 1;
	window->acked_next = ack + 1;
}

uint32_t gre_window_next_sequence(struct gre_window *window)
{
	window->counters.sent++;
	return window->send_next++;
}

bool gre_window_owes_ack(const struct gre_window *window, uint32_t *ret_ack)
{
	if (!window->owes_ack)
		return false;
	*ret_ack = window->ring.highest;
	return true;
}

void gre_window_ack_sent(struct gre_window *window)
{
	window->owes_ack = false;
	window->ack_sent = window->ring.highest;
}

/* When the owed acknowledgement should leave alone. */
static struct mono ack_when(const struct gre_window *window)
{
	if (window->ring.highest - window->ack_sent >= ACK_EVERY)
		return window->owes_since;
	return mono_add_us(window->owes_since, GRE_WINDOW_ACK_DELAY_US);
}

bool gre_window_ack_due(const struct gre_window *window, struct mono now)
{
	return window->owes_ack && !mono_before(now, ack_when(window));
}

void gre_window_expire(struct gre_window *window, struct mono now)
{
	int64_t wait_us = window->ring.wait_us;

	gre_ring_expire(&window->ring, now);
	if (window->jump && mono_diff_us(now, window->jump->arrived) >= wait_us)
		follow_jump(window, window->jump->sequence, now);
}

bool gre_window_deadline(const struct gre_window *window, struct mono *ret_when)
{
	struct mono when = {.us = INT64_MAX};

	(void)gre_ring_deadline(&window->ring, &when); /* leaves it alone if nothing is held */
	if (window->owes_ack)
		when.us = MIN(when.us, ack_when(window).us);
	if (window->jump)
		when.us = MIN(when.us, window->jump->arrived.us + window->ring.wait_us);
	if (when.us == INT64_MAX)
		return false;
	*ret_when = when;
	return true;
}

const struct gre_window_counters *gre_window_counters(const struct gre_window *window)
{
	return &window->counters;
}
