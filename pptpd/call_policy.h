/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many calls a pptpctrl may have, and which addresses: predicates. Runs as root. */
#ifndef PPTPD_CALL_POLICY_H
#define PPTPD_CALL_POLICY_H

#include <netinet/in.h>
#include <stdbool.h>

#include "pptpd/base/address.h"

struct child;
struct manager;

/* Calls that it may have now: so many for each control connection that it got, or the tunnel's. */
unsigned call_policy_max(const struct child *child);

/*
 * Whether so many calls of one source, none of which has logged in, leave room for one more: they
 * never take more than half of the slots that would be free without them, so that who cannot log
 * in does not keep others out; but two may always try, or a small pool would serve nobody. Pure.
 */
bool call_policy_unproven_fit(size_t unproven, size_t free_slots);

/*
 * Why the child may not start one more call now, or NULL. So many of its calls that wait for their
 * turn count as if they had started; a tunnel's do not count as ones that have not logged in: those
 * are as many as the pace allows.
 */
const char *call_policy_refuse(const struct child *child, unsigned waiting);

/* Whether its calls may have that PPP address. For addr_pool_take(). */
bool call_policy_allow_address(const void *child, struct in_addr remote);

#endif
