/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Monotonic time; see the header. */
#include "pptpd/base/mono.h"

#include <time.h>

struct mono mono_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail with this clock */
	return (struct mono){.us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000};
}

struct mono mono_add_us(struct mono t, int64_t us)
{
	return (struct mono){.us = t.us + us};
}

struct mono mono_add_ms(struct mono t, int64_t ms)
{
	return mono_add_us(t, ms * 1000);
}

int64_t mono_diff_us(struct mono later, struct mono earlier)
{
	return later.us - earlier.us;
}

bool mono_before(struct mono a, struct mono b)
{
	return a.us < b.us;
}

double mono_until_s(struct mono t, struct mono now)
{
	return mono_before(t, now) ? 0.0 : (double)mono_diff_us(t, now) / 1e6;
}
