/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Leases of addresses and call IDs; see the header. */
#include "pptpd/addr_pool.h"

#include <stdlib.h>

#include "pptpd/base/id_pool.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"

struct slot {
	struct list link; /* on the free list, in the order they were given back */
	bool leased;
	struct in_addr local;
	struct in_addr remote;
};

struct addr_pool {
	struct list free;
	size_t count;
	size_t leased;
	struct id_pool call_ids;
	struct slot slots[];
};

struct addr_pool *addr_pool_new(size_t count, const struct in_addr *locals, size_t count_locals,
				const struct in_addr *remotes, size_t count_remotes)
{
	struct addr_pool *pool = calloc(1, sizeof(*pool) + count * sizeof(pool->slots[0]));

	if (!pool)
		return NULL;
	pool->count = count;
	list_init(&pool->free);
	id_pool_init(&pool->call_ids);
	for (size_t i = 0; i < count; i++) {
		struct slot *slot = &pool->slots[i];

		if (count_remotes) {
			slot->remote = remotes[i];
			slot->local = locals[count_locals == 1 ? 0 : i];
		}
		list_append(&pool->free, &slot->link);
	}
	return pool;
}

void addr_pool_free(struct addr_pool *pool)
{
	free(pool);
}

static struct slot *find_free(const struct addr_pool *pool, addr_pool_filter *filter,
			      const void *context)
{
	list_for_each (link, &pool->free) {
		struct slot *slot = container_of(link, struct slot, link);

		if (!filter || filter(context, slot->remote))
			return slot;
	}
	return NULL;
}

bool addr_pool_take(struct addr_pool *pool, addr_pool_filter *filter, const void *context,
		    struct addr_lease *ret_lease)
{
	struct slot *slot = find_free(pool, filter, context);
	uint16_t call_id;

	if (!slot || !id_pool_take(&pool->call_ids, &call_id))
		return false;
	list_remove(&slot->link);
	slot->leased = true;
	pool->leased++;
	*ret_lease = (struct addr_lease){
		.slot = (size_t)(slot - pool->slots),
		.local = slot->local,
		.remote = slot->remote,
		.call_id = call_id,
	};
	return true;
}

bool addr_pool_may_take(const struct addr_pool *pool, addr_pool_filter *filter, const void *context)
{
	return find_free(pool, filter, context) != NULL;
}

bool addr_pool_has(const struct addr_pool *pool, addr_pool_filter *filter, const void *context)
{
	for (size_t i = 0; i < pool->count; i++) {
		if (filter(context, pool->slots[i].remote))
			return true;
	}
	return false;
}

void addr_pool_give(struct addr_pool *pool, const struct addr_lease *lease)
{
	struct slot *slot = &pool->slots[lease->slot];

	if (lease->slot >= pool->count || !slot->leased)
		bug("addr_pool: slot %zu given back but not leased", lease->slot);
	slot->leased = false;
	pool->leased--;
	list_append(&pool->free, &slot->link);
	id_pool_give(&pool->call_ids, lease->call_id);
}

bool addr_pool_renew_call_id(struct addr_pool *pool, struct addr_lease *lease)
{
	uint16_t call_id;

	if (!id_pool_take(&pool->call_ids, &call_id))
		return false;
	id_pool_give(&pool->call_ids, lease->call_id);
	lease->call_id = call_id;
	return true;
}

size_t addr_pool_size(const struct addr_pool *pool)
{
	return pool->count;
}

size_t addr_pool_leased(const struct addr_pool *pool)
{
	return pool->leased;
}
