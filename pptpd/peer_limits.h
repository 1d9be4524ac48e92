/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many bad log lines each address may cause, however many connections, and so processes, it
 * makes for them. Bounded: the address that was quiet for longest is forgotten first. Pure.
 */
#ifndef PPTPD_PEER_LIMITS_H
#define PPTPD_PEER_LIMITS_H

#include <stdbool.h>

#include "pptpd/base/address.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"

/* Addresses that are remembered. Searched only for bad lines, so without an index. */
#define PEER_LIMITS_MAX 128

/* So many lines at once, then one every so often. */
#define PEER_LIMITS_BURST     20
#define PEER_LIMITS_REFILL_MS 3000

/* All zero at first. */
struct peer_limits {
	unsigned count;
	struct peer_limit {
		struct address peer;
		struct mono seen;
		struct rate_limit limit;
	} peers[PEER_LIMITS_MAX];
};

/* Whether that address may cause one more line; as rate_limit_allow(). */
bool peer_limits_allow(struct peer_limits *limits, const struct address *peer, struct mono now,
		       unsigned *ret_refused);

#endif
