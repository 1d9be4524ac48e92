/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits by source; see the header. */
#include "pptpd/peer_limits.h"

#include <stddef.h>

const struct peer_measure peer_measure_bad = {
	.burst = 20,
	.refill_ms = 3000,
	.others_refill_ms = 1000,
};

const struct peer_measure peer_measure_other = {
	.burst = 1000,
	.refill_ms = 250,
	.others_refill_ms = 50,
};

/* The place of `peer`, else a free one, else that of who needs it least, else NULL. */
static struct peer_limit *find_place(struct peer_limits *limits, const struct address *peer,
				     struct mono now)
{
	struct peer_limit *oldest = NULL;

	for (unsigned i = 0; i < limits->count; i++) {
		struct peer_limit *one = &limits->peers[i];

		if (address_same_source(&one->peer, peer))
			return one;
		if ((!oldest || mono_before(one->seen, oldest->seen)) &&
		    rate_limit_is_full(&one->limit, now))
			oldest = one;
	}
	return limits->count < PEER_LIMITS_MAX ? &limits->peers[limits->count] : oldest;
}

static struct rate_limit *limit_of_others(struct peer_limits *limits,
					  const struct peer_measure *measure, struct mono now)
{
	if (!limits->others.burst)
		rate_limit_init(&limits->others, measure->burst, measure->others_refill_ms, now);
	return &limits->others;
}

bool peer_limits_allow(struct peer_limits *limits, const struct peer_measure *measure,
		       const struct address *peer, struct mono now,
		       struct peer_refused *ret_refused)
{
	struct peer_limit *one = find_place(limits, peer, now);
	bool fresh = one == &limits->peers[limits->count];

	ret_refused->of_many = !one;
	if (!one)
		return rate_limit_allow(limit_of_others(limits, measure, now), now,
					&ret_refused->count);
	if (fresh || !address_same_source(&one->peer, peer)) {
		limits->count += fresh;
		one->peer = *peer;
		rate_limit_init(&one->limit, measure->burst, measure->refill_ms, now);
	}
	one->seen = now;
	return rate_limit_allow(&one->limit, now, &ret_refused->count);
}
