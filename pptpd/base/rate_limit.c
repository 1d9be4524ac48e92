/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A token bucket; see the header. */
#include "pptpd/base/rate_limit.h"

#include "pptpd/base/util.h"

void rate_limit_init(struct rate_limit *limit, unsigned burst, unsigned refill_ms, struct mono now)
{
	*limit = (struct rate_limit){
		.burst = burst,
		.refill_ms = refill_ms,
		.tokens = burst,
		.since = now,
	};
}

bool rate_limit_allow(struct rate_limit *limit, struct mono now, unsigned *ret_refused)
{
	int64_t gained = mono_diff_us(now, limit->since) / 1000 / limit->refill_ms;

	if (gained > 0) {
		limit->tokens = (unsigned)MIN(gained + limit->tokens, (int64_t)limit->burst);
		limit->since = mono_add_ms(limit->since, gained * limit->refill_ms);
	}
	if (limit->tokens == limit->burst) /* the time of a full bucket does not count */
		limit->since = now;
	if (!limit->tokens) {
		limit->refused++;
		return false;
	}
	limit->tokens--;
	*ret_refused = limit->refused;
	limit->refused = 0;
	return true;
}

bool rate_limit_is_full(const struct rate_limit *limit, struct mono now)
{
	return mono_diff_us(now, limit->since) / 1000 / limit->refill_ms + limit->tokens >=
	       limit->burst;
}
