/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may have a call; see the header. Runs as root. */
#include "pptpd/call_policy.h"

#include "pptpd/addr_pool.h"
#include "pptpd/call.h"
#include "pptpd/child.h"
#include "pptpd/manager.h"
#include "pptpd/nodes.h"

/* Calls that may try to log in however full the pool is. */
#define UNPROVEN_ALWAYS 2

/*
 * Calls that were hung up while their pppd still runs count apart, since a client may dial anew
 * before it has ended: as many of them as of running ones.
 */
#define ENDING_FACTOR 2

unsigned call_policy_max(const struct child *child)
{
	return child->kind == IPC_KIND_DIRECT ? child->max_calls * child->connections
					      : child->max_calls;
}

bool call_policy_unproven_fit(size_t unproven, size_t free_slots)
{
	return unproven + 1 <= MAX((size_t)UNPROVEN_ALWAYS, (unproven + free_slots) / 2);
}

static size_t count_unproven(const struct list *calls, const struct address *source)
{
	size_t count = 0;

	list_for_each (link, calls) {
		const struct call *call = container_of(link, struct call, link);

		count += !call->proven && address_same_source(&call->source, source);
	}
	return count;
}

static size_t unproven_of(const struct manager *manager, const struct address *source)
{
	size_t count = count_unproven(&manager->orphans, source);

	list_for_each (link, &manager->children)
		count += count_unproven(&container_of(link, struct child, link)->calls, source);
	return count;
}

const char *call_policy_refuse(const struct child *child)
{
	const struct addr_pool *pool = child->manager->pool;
	size_t running = 0, all = 0, max = call_policy_max(child);

	list_for_each (link, &child->calls) {
		running += container_of(link, struct call, link)->state == CALL_RUNNING;
		all++;
	}
	if (running >= max || all >= ENDING_FACTOR * max)
		return "too many calls";
	if (!call_policy_unproven_fit(unproven_of(child->manager, &child->remote),
				      addr_pool_size(pool) - addr_pool_leased(pool)))
		return "too many calls that have not logged in";
	return NULL;
}

bool call_policy_allow_address(const void *child, struct in_addr remote)
{
	const struct lrp *lrp = nodes_lrp_of(child);

	/* Where pppd chooses the addresses, there is nothing to choose from. */
	return !lrp || remote.s_addr == INADDR_ANY ||
	       lrp_options_allow_address(&lrp->options, remote);
}
