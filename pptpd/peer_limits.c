/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines by address; see the header. */
#include "pptpd/peer_limits.h"

const struct peer_measure peer_measure_bad = {.burst = 20, .refill_ms = 3000};
const struct peer_measure peer_measure_other = {.burst = 1000, .refill_ms = 250};

/* The place of `peer`, else a free one, else that of the address quiet for longest. */
static struct peer_limit *find_place(struct peer_limits *limits, const struct address *peer)
{
	struct peer_limit *oldest = &limits->peers[0];

	for (unsigned i = 0; i < limits->count; i++) {
		struct peer_limit *one = &limits->peers[i];

		if (address_same_source(&one->peer, peer))
			return one;
		if (mono_before(one->seen, oldest->seen))
			oldest = one;
	}
	return limits->count < PEER_LIMITS_MAX ? &limits->peers[limits->count] : oldest;
}

bool peer_limits_allow(struct peer_limits *limits, const struct peer_measure *measure,
		       const struct address *peer, struct mono now, unsigned *ret_refused)
{
	struct peer_limit *one = find_place(limits, peer);
	bool fresh = one == &limits->peers[limits->count];

	if (fresh || !address_same_source(&one->peer, peer)) {
		limits->count += fresh;
		one->peer = *peer;
		rate_limit_init(&one->limit, measure->burst, measure->refill_ms, now);
	}
	one->seen = now;
	return rate_limit_allow(&one->limit, now, ret_refused);
}
