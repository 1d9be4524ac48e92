/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many log lines each address may cause, however many connections, and so processes, it
 * makes for them. Bounded: the address that was quiet for longest is forgotten first. Pure.
 */
#ifndef PPTPD_PEER_LIMITS_H
#define PPTPD_PEER_LIMITS_H

#include <stdbool.h>

#include "pptpd/base/address.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"

/* Addresses that are remembered. Few enough to be searched for each line without an index. */
#define PEER_LIMITS_MAX 128

/* So many lines at once, then one every so often. */
struct peer_measure {
	unsigned burst;
	unsigned refill_ms;
};

/* Of lines about what a peer does wrong. */
extern const struct peer_measure peer_measure_bad;

/*
 * Of all others: a control connection that starts and ends is two, a call three more. An LRP or a
 * translated address with a hundred clients may lose and start them all twice.
 */
extern const struct peer_measure peer_measure_other;

/* All zero at first. Always used with the same measure. */
struct peer_limits {
	unsigned count;
	struct peer_limit {
		struct address peer;
		struct mono seen;
		struct rate_limit limit;
	} peers[PEER_LIMITS_MAX];
};

/* Whether that address may cause one more line; as rate_limit_allow(). */
bool peer_limits_allow(struct peer_limits *limits, const struct peer_measure *measure,
		       const struct address *peer, struct mono now, unsigned *ret_refused);

#endif
