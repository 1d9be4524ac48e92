/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks up a host name without holding up the loop: a short-lived child process without privilege
 * asks the resolver, which can take as long as it likes, and is killed when it takes too long. The
 * child reads what name servers send, so its answer is handed on unread to one who has no privilege
 * either, and who judges it.
 */
#ifndef LRP_RESOLVE_H
#define LRP_RESOLVE_H

#include <ev.h>
#include <stdbool.h>

#include "lrp/child.h"
#include "pptpd/base/address.h"
#include "pptpd/base/privileges.h"

/* Addresses of one name that are tried. */
#define RESOLVE_MAX 8

/* Longer than the resolver's own default of two rounds of 5 s would be of no use to anyone. */
#define RESOLVE_TIMEOUT_S 10

struct resolve;

/* What the child says. */
struct resolve_answer {
	int32_t error; /* of getaddrinfo(3) */
	uint32_t count;
	struct address addresses[RESOLVE_MAX]; /* in the order in which they should be tried */
};

enum resolve_end {
	RESOLVE_ANSWERED = 1,
	RESOLVE_DIED,
	RESOLVE_TIMED_OUT,
	RESOLVE_NOT_STARTED,
};

/*
 * `answer` is NULL unless it ended with RESOLVE_ANSWERED, and valid during the call only. The
 * lookup is freed after the return.
 */
typedef void resolve_done(void *context, enum resolve_end end, const struct resolve_answer *answer);

/* An address written in numbers, which needs no lookup. False if `host` is none. */
bool resolve_numeric(const char *host, uint16_t port, struct address *ret_address);

/*
 * Starts a lookup by a child of `origin` (lrp/child.h) that becomes `account`; `done` is called
 * later, never from within this call. NULL, errno set, when no process can be started. The caller
 * must not reap the child.
 */
struct resolve *resolve_start(struct ev_loop *loop, const char *host, uint16_t port,
			      const struct account *account, const struct child_origin *origin,
			      resolve_done *done, void *context);

/* Ends it without an answer. Accepts NULL. */
void resolve_cancel(struct resolve *resolve);

/*
 * Believes of an answer what can be: addresses of the two families with their lengths and the right
 * port. Returns how many are left in ret_addresses; with none, *ret_error says why.
 */
unsigned resolve_judge(const struct resolve_answer *answer, uint16_t port,
		       struct address ret_addresses[RESOLVE_MAX], const char **ret_error);

#endif
