/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exponential back-off with jitter; see the header. */
#include "lrp/backoff.h"

#include "pptpd/base/util.h"

void backoff_init(struct backoff *backoff)
{
	*backoff = (struct backoff){.ceiling_ms = BACKOFF_MIN_MS};
}

unsigned backoff_next_ms(struct backoff *backoff, uint32_t random)
{
	unsigned ceiling = backoff->ceiling_ms;
	unsigned least = MAX(ceiling / 2, (unsigned)BACKOFF_MIN_MS);

	backoff->ceiling_ms = MIN(ceiling * 2, (unsigned)BACKOFF_MAX_MS);
	return least + random % (ceiling - least + 1);
}

void backoff_tunnel_ended(struct backoff *backoff, struct mono up, struct mono now)
{
	if (mono_diff_us(now, up) >= BACKOFF_STABLE_S * INT64_C(1000000))
		backoff_init(backoff);
}
