/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts the fragments of IPv4 datagrams together (RFC 791 3.2), within bounds that no sender can
 * exceed. Pure: time is passed in. Knows no checksum and no protocol above IP.
 */
#ifndef LRP_REASSEMBLY_H
#define LRP_REASSEMBLY_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpctrl/proto/ipv4.h"
#include "pptpd/base/mono.h"

/*
 * Datagrams in progress, of all sources and of one: what a burst on a reordering LAN needs. One
 * more pushes out the oldest. At 64 KiB each, 8 MiB at the very most.
 */
#define REASSEMBLY_DATAGRAMS_MAX  128
#define REASSEMBLY_PER_SOURCE_MAX 32

/* Fragments of one datagram: 64 KiB at an MTU of 1500 make 45. */
#define REASSEMBLY_PIECES_MAX 64

/* For all fragments of a datagram to arrive, from the first that did; RFC 791 3.2 proposes it. */
#define REASSEMBLY_TIMEOUT_MS 15000

/*
 * A datagram is also given up when so many others were begun after it: a fast sender uses its
 * 16-bit identifications again within the timeout, and the pieces would be mixed (RFC 4963).
 */
#define REASSEMBLY_DISTANCE_MAX 1024

/* The longest payload: 65535 less the shortest IP header. */
#define REASSEMBLY_PAYLOAD_MAX (65535 - 20)

/* A shorter first fragment, which would split a GRE header, is refused (RFC 1858 3). */
#define REASSEMBLY_FIRST_MIN 16

struct reassembly_counters {
	uint64_t fragments;
	uint64_t completed;
	uint64_t refused;    /* empty, tiny, of impossible length */
	uint64_t duplicates; /* the same bytes once more: ignored */
	uint64_t overlaps;   /* datagrams dropped because their fragments contradict each other */
	uint64_t expired;    /* datagrams given up by time or distance */
	uint64_t evicted;    /* datagrams pushed out by newer ones, or with too many fragments */
	uint64_t no_memory;  /* datagrams dropped for want of memory */
};

struct reassembly;

/* NULL when memory is out. Memory for datagrams is taken when fragments come. */
struct reassembly *reassembly_new(void);

/* Accepts NULL. */
void reassembly_free(struct reassembly *reassembly);

/*
 * Takes a packet, whose bytes are copied if they have to wait. True if it is not a fragment, or the
 * last one missing: *ret_datagram is then the whole datagram, no fragment, and its payload valid
 * until the next call (or as long as the packet, if that was whole).
 */
bool reassembly_add(struct reassembly *reassembly, const struct ipv4_header *packet,
		    struct mono now, struct ipv4_header *ret_datagram);

const struct reassembly_counters *reassembly_counters(const struct reassembly *reassembly);

#endif
