/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 16-bit numbers that are random, unique among those in use, and never 0. A number that was
 * given back is not handed out again at once, so that late packets of its last user find nobody.
 */
#ifndef PPTPD_BASE_ID_POOL_H
#define PPTPD_BASE_ID_POOL_H

#include <stdbool.h>
#include <stdint.h>

/* Numbers that rest after use. */
#define ID_POOL_REST 256

struct id_pool {
	uint64_t used[65536 / 64];
	unsigned count; /* in use or resting */
	uint16_t resting[ID_POOL_REST];
	unsigned rest_next;
};

void id_pool_init(struct id_pool *pool);

/* False when none is free or the kernel gives no random number. */
bool id_pool_take(struct id_pool *pool, uint16_t *ret_id);

/* Gives back a number that was taken. */
void id_pool_give(struct id_pool *pool, uint16_t id);

#endif
