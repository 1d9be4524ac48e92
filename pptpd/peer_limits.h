/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much each source (an address, or an IPv6 network) may cause, however many connections, and so
 * processes, it makes for it. Bounded: a source is forgotten only once it may cause as much as one
 * never heard of; those that find no place by then share one measure. Pure.
 */
#ifndef PPTPD_PEER_LIMITS_H
#define PPTPD_PEER_LIMITS_H

#include <stdbool.h>

#include "pptpd/base/address.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"

/* Sources that are remembered. Few enough to be searched for each line without an index. */
#define PEER_LIMITS_MAX 128

/* So many at once, then one every so often. */
struct peer_measure {
	unsigned burst;
	unsigned refill_ms;
	unsigned others_refill_ms; /* of those without a place, all together; the same burst */
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
	struct rate_limit others;
};

/* What was refused since the last that was allowed. */
struct peer_refused {
	unsigned count;
	bool of_many; /* not of that source alone */
};

/* Whether that source may cause one more. */
bool peer_limits_allow(struct peer_limits *limits, const struct peer_measure *measure,
		       const struct address *peer, struct mono now,
		       struct peer_refused *ret_refused);

#endif
