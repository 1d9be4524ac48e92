/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Monotonic time as a type of its own, so that it cannot be mixed with wall-clock time. */
#ifndef PPTPD_BASE_MONO_H
#define PPTPD_BASE_MONO_H

#include <stdbool.h>
#include <stdint.h>

struct mono {
	int64_t us; /* microseconds since an arbitrary start */
};

/* The clock. Only programs and event handlers ask it; everything pure gets it passed in. */
struct mono mono_now(void);

struct mono mono_add_us(struct mono t, int64_t us);
struct mono mono_add_ms(struct mono t, int64_t ms);

/* later - earlier in microseconds; negative if it is the other way round. */
int64_t mono_diff_us(struct mono later, struct mono earlier);

bool mono_before(struct mono a, struct mono b);

/* Seconds from now until t for a libev timer, never negative. */
double mono_until_s(struct mono t, struct mono now);

#endif
