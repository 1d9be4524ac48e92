/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hosts.allow and hosts.deny without waiting: libwrap asks name servers, which the peer may run, so
 * it is asked in a process of its own, which has neither privileges nor any other connection.
 */
#ifndef PPTPD_ACCESS_CHECK_H
#define PPTPD_ACCESS_CHECK_H

#include <ev.h>
#include <stdbool.h>

#include "pptpd/base/address.h"
#include "pptpd/base/privileges.h"
#include "pptpd/ipc.h"

struct access_check;

struct access_check_ops {
	/* The rules let it in. The descriptor is the callee's. */
	void (*good)(void *context, enum ipc_kind kind, int fd, const struct address *remote,
		     const struct address *local);

	/* There was no answer, the connection is closed. For a log line. */
	void (*failed)(void *context, const struct address *remote, const char *why);
};

/* Asks as that account. NULL when memory is out. */
struct access_check *access_check_new(struct ev_loop *loop, const struct account *account,
				      const struct access_check_ops *ops, void *context);

/* Drops all that wait. Accepts NULL. */
void access_check_free(struct access_check *check);

/*
 * Asks about a connection, which is taken over. Without rules the answer comes at once. Connections
 * between the same addresses wait for one answer. When too many questions of that kind are out, the
 * oldest one ends unanswered: a good name server answers sooner than those of a flood. A refusal is
 * logged for who asked for debug lines; false, the connection closed, when there is no room to ask,
 * or too many questions about the same source are out.
 */
bool access_check_ask(struct access_check *check, enum ipc_kind kind, int fd,
		      const struct address *remote, const struct address *local);

#endif
