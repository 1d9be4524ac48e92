/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All GRE calls of a process behind one receive path, found by (peer address, our call ID). Where
 * packets come from and go to is the owner's: a raw socket, libpcap, a test.
 */
#ifndef PPTPCTRL_PPTP_GRE_ENGINE_H
#define PPTPCTRL_PPTP_GRE_ENGINE_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "pptpctrl/pptp/gre_window.h"

struct gre_engine;
struct gre_call;

/*
 * Sends one GRE packet (header and payload, without IP header) to `peer`. A packet that cannot be
 * sent is dropped and the reason counted by the owner: no send error ends a call. Must not free the
 * engine or a call.
 */
typedef void gre_send(void *context, struct in_addr peer, const struct iovec *parts, int count);

/*
 * For a sender that sends what has gathered with one system call: the payloads that `send` was
 * given stay where they are until this returns.
 */
typedef void gre_flush(void *context);

struct gre_engine_counters {
	uint64_t received;
	uint64_t malformed; /* not enhanced GRE for PPP */
	uint64_t unknown;   /* no such call */
};

/* A PPP frame of the call, in order, as the GRE payload had it; valid during the call only. */
typedef void gre_call_frame(void *context, const uint8_t *frame, size_t len);

struct gre_call_settings {
	struct in_addr peer;
	uint16_t call_id;      /* ours: what the peer writes into its packets */
	uint16_t peer_call_id; /* what we write into ours */
};

/* NULL when memory is out. */
struct gre_engine *gre_engine_new(struct ev_loop *loop, gre_send *send, void *context);

/* All calls must be gone, and no callback of theirs may be running. Accepts NULL. */
void gre_engine_free(struct gre_engine *engine);

/* Before the first call. Without it, `send` is to send at once. */
void gre_engine_set_flush(struct gre_engine *engine, gre_flush *flush);

/*
 * One packet from `source`, without its IP header, as received. gre_engine_settle() is due at the
 * end of the batch.
 */
void gre_engine_input(struct gre_engine *engine, struct in_addr source, const uint8_t *packet,
		      size_t len, struct mono now);

/* All packets of one wake-up are in: what is to be acknowledged now leaves, once for each call. */
void gre_engine_settle(struct gre_engine *engine, struct mono now);

/* At the end of a batch of gre_call_send(), before the frames' memory is used again. */
void gre_engine_flush(struct gre_engine *engine);

const struct gre_engine_counters *gre_engine_counters(const struct gre_engine *engine);

/* NULL when memory is out or the pair of peer and call ID is in use. */
struct gre_call *gre_call_new(struct gre_engine *engine, const struct gre_call_settings *settings,
			      gre_call_frame *frame, void *context);

/*
 * No callback follows. May be called from within any call's frame callback, its own included.
 * Accepts NULL.
 */
void gre_call_free(struct gre_call *call);

/*
 * Sends one PPP frame with the next sequence number and, if one is owed, the acknowledgement.
 * A frame that is empty or longer than a GRE packet can state (65535) is dropped. It must stay as
 * it is until gre_engine_flush(), which is due then, if the owner has set one.
 */
void gre_call_send(struct gre_call *call, const uint8_t *frame, size_t len);

/*
 * When a packet of the call last came, be it data or an acknowledgement alone: the peer lived then.
 * False if none came yet.
 */
bool gre_call_last_heard(const struct gre_call *call, struct mono *ret_when);

const struct gre_window_counters *gre_call_counters(const struct gre_call *call);

#endif
