/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slots for calls: each a pair of PPP addresses (or none, when pppd chooses) and, while it is
 * leased, a call ID. The one place that knows what is in use. Pure.
 */
#ifndef PPTPD_ADDR_POOL_H
#define PPTPD_ADDR_POOL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr_pool;

struct addr_lease {
	size_t slot;
	struct in_addr local; /* both 0.0.0.0 when pppd chooses */
	struct in_addr remote;
	uint16_t call_id; /* random, unique among the leased and those just given back, never 0 */
};

/*
 * `count` slots; slot i has remotes[i] and locals[i], or locals[0] if there is only one local
 * address. With count_remotes 0 the slots have no addresses. NULL when memory is out. The lists are
 * copied.
 */
struct addr_pool *addr_pool_new(size_t count, const struct in_addr *locals, size_t count_locals,
				const struct in_addr *remotes, size_t count_remotes);

void addr_pool_free(struct addr_pool *pool);

/* Whether a slot with that address (0.0.0.0: pppd chooses) may be leased. */
typedef bool addr_pool_filter(const void *context, struct in_addr remote);

/*
 * Leases the slot that has been free for longest, of those that the filter takes (NULL: all); false
 * when none is free.
 */
bool addr_pool_take(struct addr_pool *pool, addr_pool_filter *filter, const void *context,
		    struct addr_lease *ret_lease);

/* Whether that would succeed now, but for its call ID. */
bool addr_pool_may_take(const struct addr_pool *pool, addr_pool_filter *filter,
			const void *context);

/* Whether there is such a slot, leased or not. */
bool addr_pool_has(const struct addr_pool *pool, addr_pool_filter *filter, const void *context);

/* Gives a lease back. */
void addr_pool_give(struct addr_pool *pool, const struct addr_lease *lease);

/* The lease gets another call ID. False, and nothing has changed, if there is none. */
bool addr_pool_renew_call_id(struct addr_pool *pool, struct addr_lease *lease);

size_t addr_pool_size(const struct addr_pool *pool);
size_t addr_pool_leased(const struct addr_pool *pool);

#endif
