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

/* Comparing two gives 0xff in each byte for which it holds, else 0. */
typedef uint8_t lane __attribute__((vector_size(LANE_LEN)));

static inline lane lane_load(const uint8_t *bytes)
{
	lane value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static inline void lane_store(uint8_t *out, lane value)
{
	memcpy(out, &value, sizeof(value));
}

static inline bool lane_is_zero(lane value)
{
	uint64_t half[2];

	memcpy(half, &value, sizeof(half));
	return !(half[0] | half[1]);
}

#endif
