/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks up a host name without holding up the loop: a short-lived child process asks the
 * resolver, which can take as long as it likes, and is killed when it takes too long.
 */
#ifndef LRP_RESOLVE_H
#define LRP_RESOLVE_H

#include <ev.h>
#include <stdbool.h>

#include "pptpd/base/address.h"

/* Addresses of one name that are tried. */
#define RESOLVE_MAX 8

/* Longer than the resolver's own default of two rounds of 5 s would be of no use to anyone. */
#define RESOLVE_TIMEOUT_S 10

struct resolve;

/*
 * The answer: `count` addresses in the order in which they should be tried, valid during the call
 * only, or `error` and no address. The lookup is over, and freed after the return.
 */
typedef void resolve_done(void *context, const struct address *addresses, unsigned count,
			  const char *error);

/* An address written in numbers, which needs no lookup. False if `host` is none. */
bool resolve_numeric(const char *host, uint16_t port, struct address *ret_address);

/*
 * Starts a lookup; `done` is called later, never from within this call. NULL, errno set, when no
 * process can be started. The caller must not reap the child.
 */
struct resolve *resolve_start(struct ev_loop *loop, const char *host, uint16_t port,
			      resolve_done *done, void *context);

/* Ends it without an answer. Accepts NULL. */
void resolve_cancel(struct resolve *resolve);

#endif
