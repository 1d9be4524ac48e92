/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the load tool and its pppd say to each other in IP packets once a call is up: data that is
 * counted, sent back or asked for, within a window, so that what is in between is kept full and not
 * flooded. Pure.
 */
#ifndef TESTS_BENCH_LOAD_PROBE_H
#define TESTS_BENCH_LOAD_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/mono.h"

/* Address and control field, protocol: in front of the IP packet. */
#define PROBE_PPP_LEN 4

/* The shortest and longest IP packet. */
#define PROBE_MIN 40
#define PROBE_MAX 1500

/* Packets of data after which whoever gets them says so. */
#define PROBE_REPORT_EVERY 8

enum probe_kind {
	PROBE_ECHO = 1,   /* the pppd sends it back as it is; value: when it was sent */
	PROBE_DATA = 2,   /* counted */
	PROBE_REPORT = 3, /* sequence: behind the highest that came; value: how many came */
	PROBE_BEGIN = 4,  /* what was counted is forgotten, and nothing more is sent */
	PROBE_ASK = 5,    /* for a report, now */
	PROBE_SOURCE = 6, /* send data, within `window`: value: packets per second (0: as fast as
			     the window allows) in the upper half, milliseconds in the lower one */
};

struct probe {
	enum probe_kind kind;
	uint16_t size; /* of the packets asked for */
	uint32_t window;
	uint32_t sequence;
	uint64_t value;
};

/*
 * Writes a PPP frame with an IP packet of `size` bytes to `out`, which has room for it. Its filling
 * is that of encrypted or compressed data: every byte is as likely as any other.
 */
void probe_encode(const struct probe *probe, size_t size, uint8_t *out);

/* Reads the IP packet of a PPP frame, without what is before it. False if it is none of ours. */
bool probe_decode(const uint8_t *packet, size_t len, struct probe *ret_probe);

/* The side that sends data. */
struct probe_sender {
	uint32_t next;               /* sequence number */
	uint32_t base;               /* behind the highest that came over there */
	uint32_t window_max, window; /* the second moves with what is lost, as TCP's does */
	uint32_t grown;              /* packets that came since the window grew */
	uint32_t recovered;          /* sequence number up to which losses are known */
	uint32_t lost;               /* of the last report */
	uint32_t rate;               /* packets per second; 0: what the window allows */
	struct mono begun;           /* sending */
	struct mono moved;           /* `base`, or what was outstanding was given up */
};

void probe_sender_start(struct probe_sender *sender, uint32_t window, uint32_t rate,
			struct mono now);

/* How many may be sent now. Gives up what was not reported for long. */
uint32_t probe_sender_allowed(struct probe_sender *sender, struct mono now);

/*
 * Everything below `base` came over there or is lost; `lost` since the beginning. Half of the
 * window is left after a loss, at most once for what was on its way together.
 */
void probe_sender_reported(struct probe_sender *sender, uint32_t base, uint32_t lost,
			   struct mono now);

/* The side that gets them. */
struct probe_receiver {
	uint32_t count;
	uint32_t behind; /* the highest that came */
	uint32_t late;   /* of the count: overtaken by a later one */
	uint64_t bytes;
};

/* True when it is time for a report. */
bool probe_receiver_take(struct probe_receiver *receiver, const struct probe *probe, size_t len);

struct probe probe_receiver_report(const struct probe_receiver *receiver);

#endif
