/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often something may happen: a token bucket that also counts what it refused. */
#ifndef PPTPD_BASE_RATE_LIMIT_H
#define PPTPD_BASE_RATE_LIMIT_H

#include <stdbool.h>

#include "pptpd/base/mono.h"

struct rate_limit {
	unsigned burst;     /* so many at once */
	unsigned refill_ms; /* then one every so many milliseconds */
	unsigned tokens;
	unsigned refused; /* since the last one that was allowed */
	struct mono since;
};

void rate_limit_init(struct rate_limit *limit, unsigned burst, unsigned refill_ms, struct mono now);

/*
 * Whether it may happen now. If so, *ret_refused says how many were refused since the
 * last one, so that a log line can say how many it stands for.
 */
bool rate_limit_allow(struct rate_limit *limit, struct mono now, unsigned *ret_refused);

/* Whether as much may happen at once as if nothing ever had. */
bool rate_limit_is_full(const struct rate_limit *limit, struct mono now);

#endif
