/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random unique 16-bit numbers; see the header. */
#include "pptpd/base/id_pool.h"

#include <string.h>
#include <sys/random.h>

#include "pptpd/base/log.h"

void id_pool_init(struct id_pool *pool)
{
	memset(pool, 0, sizeof(*pool));
}

static bool is_used(const struct id_pool *pool, uint16_t id)
{
	return pool->used[id / 64] >> (id % 64) & 1;
}

bool id_pool_take(struct id_pool *pool, uint16_t *ret_id)
{
	uint16_t id;

	if (pool->count >= UINT16_MAX)
		return false;
	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return false;
	while (id == 0 || is_used(pool, id))
		id++;
	pool->used[id / 64] |= UINT64_C(1) << (id % 64);
	pool->count++;
	*ret_id = id;
	return true;
}

static bool is_resting(const struct id_pool *pool, uint16_t id)
{
	for (unsigned i = 0; i < ID_POOL_REST; i++) {
		if (pool->resting[i] == id)
			return true;
	}
	return false;
}

void id_pool_give(struct id_pool *pool, uint16_t id)
{
	uint16_t rested = pool->resting[pool->rest_next];

	if (id == 0 || !is_used(pool, id) || is_resting(pool, id))
		bug("id_pool: %u given back but not in use", id);
	pool->resting[pool->rest_next] = id;
	pool->rest_next = (pool->rest_next + 1) % ID_POOL_REST;
	if (rested) {
		pool->used[rested / 64] &= ~(UINT64_C(1) << (rested % 64));
		pool->count--;
	}
}
