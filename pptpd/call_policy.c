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
	if (child->kind == IPC_KIND_TUNNEL)
		return child->max_calls;
	/* It does not say how many of its connections have ended. */
	return child->max_calls * MIN(child->connections, (uint32_t)IPC_CONNECTIONS_MAX);
}

bool call_policy_unproven_fit(size_t unproven, size_t free_slots)
{
	return unproven + 1 <= MAX((size_t)UNPROVEN_ALWAYS, (unproven + free_slots) / 2);
}

const char *call_policy_refuse(const struct child *child, unsigned waiting)
{
	const struct manager *manager = child->manager;
	unsigned max = call_policy_max(child);
	size_t free_slots = addr_pool_size(manager->pool) - addr_pool_leased(manager->pool);
	/* A tunnel's clients come through an LRP that we know, all at once after an outage. */
	size_t unproven = child->kind == IPC_KIND_DIRECT ? MIN(waiting, free_slots) : 0;

	if (child->running_count + waiting >= max ||
	    child->call_count + waiting >= ENDING_FACTOR * max)
		return "too many calls";
	free_slots -= unproven;
	unproven += unproven_count(manager->unproven, &child->remote);
	if (!call_policy_unproven_fit(unproven, free_slots))
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
