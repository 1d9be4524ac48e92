/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may have a call; see the header. Runs as root. */
#include "pptpd/call_policy.h"

#include "pptpd/addr_pool.h"
#include "pptpd/child.h"
#include "pptpd/manager.h"
#include "pptpd/nodes.h"
#include "pptpd/unproven.h"

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

const char *call_policy_refuse(const struct child *child)
{
	const struct manager *manager = child->manager;
	unsigned max = call_policy_max(child);

	if (child->running_count + child->waiting_count >= max ||
	    child->call_count + child->waiting_count >= ENDING_FACTOR * max)
		return "too many calls";
	if (!call_policy_unproven_fit(unproven_count(manager->unproven, &child->remote),
				      addr_pool_size(manager->pool) -
					      addr_pool_leased(manager->pool)))
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
