/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequence and acknowledgement numbers of one call in one process, RFC 2637 4.1 to 4.4. Puts
 * packets in order within a small ring, remembers what must be acknowledged, and when. Pure: time
 * is passed in, packets come back through a callback.
 */
#ifndef PPTPCTRL_PPTP_GRE_WINDOW_H
#define PPTPCTRL_PPTP_GRE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/mono.h"

/* Packets that may wait for an earlier one: also the receive window that we tell the peer. */
#define GRE_WINDOW_RING 64

/*
 * An acknowledgement leaves alone after so long: the answer of a PPP peer or of a near network can
 * take it along until then.
 */
#define GRE_WINDOW_ACK_DELAY_US 50000

/*
 * Takes one payload in order; the bytes are the window's and valid during the call only. May call
 * any function of the window except gre_window_free().
 */
typedef void gre_window_deliver(void *context, const uint8_t *payload, size_t len);

/* Each payload that was received is one of delivered, old, stray and no_memory, or still waits. */
struct gre_window_counters {
	uint64_t delivered;
	uint64_t old;       /* dropped: duplicate, or later than its place was kept */
	uint64_t stray;     /* dropped: its number fits nothing that the peer may send */
	uint64_t no_memory; /* dropped: should have waited, and there was no memory */
	uint64_t reordered; /* came late but in time, and was put into place */
	uint64_t lost;      /* sequence numbers given up */
	uint64_t resyncs;   /* the peer's numbers jumped and we followed */
	uint64_t sent;      /* sequence numbers taken for payloads of ours */
	uint64_t acked;     /* of these, acknowledged by the peer */
};

struct gre_window;

/* NULL when memory is out. */
struct gre_window *gre_window_new(gre_window_deliver *deliver, void *context);

/* Frees what waits without delivering it. Accepts NULL. */
void gre_window_free(struct gre_window *window);

/* A payload with its sequence number arrived. `payload` is copied if it has to wait. */
void gre_window_receive(struct gre_window *window, uint32_t sequence, const uint8_t *payload,
			size_t len, struct mono now);

/*
 * An acknowledgement number arrived; one that acknowledges what was never sent is ignored. Nothing
 * that is sent ever waits for acknowledgements: see gre_window.c.
 */
void gre_window_acked(struct gre_window *window, uint32_t ack);

/* The sequence number for the next payload that is sent: 0, 1, 2 ... */
uint32_t gre_window_next_sequence(struct gre_window *window);

/*
 * Whether an acknowledgement is owed, and its number. The caller sends it, with a payload or alone,
 * and then calls gre_window_ack_sent().
 */
bool gre_window_owes_ack(const struct gre_window *window, uint32_t *ret_ack);
void gre_window_ack_sent(struct gre_window *window);

/*
 * Whether the owed acknowledgement should leave now and alone, rather than wait for a payload to
 * travel with: the time is up, or a quarter of the window is used.
 */
bool gre_window_ack_due(const struct gre_window *window, struct mono now);

/* Gives up gaps whose time is over and delivers what waited behind them. */
void gre_window_expire(struct gre_window *window, struct mono now);

/* When gre_window_expire() or gre_window_ack_due() has something to do; false for never. */
bool gre_window_deadline(const struct gre_window *window, struct mono *ret_when);

const struct gre_window_counters *gre_window_counters(const struct gre_window *window);

#endif
