/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sixteen bytes at a time, in the vector types of gcc and clang: one SSE2 or NEON register where
 * there is one, plain words elsewhere. The same source for all, so there is nothing to choose at
 * run time.
 */
#ifndef PPTPCTRL_LANE_H
#define PPTPCTRL_LANE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LANE_LEN 16

/*
 * Comparing two gives 0xff in each byte for which it holds, else 0. Not to be passed by value: how
 * that is done depends on the processor the compiler has in mind.
 */
typedef uint8_t lane __attribute__((vector_size(LANE_LEN)));

static inline void lane_load(lane *ret, const uint8_t *bytes)
{
	memcpy(ret, bytes, sizeof(*ret));
}

static inline void lane_store(uint8_t *out, const lane *value)
{
	memcpy(out, value, sizeof(*value));
}

static inline bool lane_is_zero(const lane *value)
{
	uint64_t half[2];

	memcpy(half, value, sizeof(half));
	return !(half[0] | half[1]);
}

#endif
