/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listening sockets: PPTP clients on TCP 1723, LRP tunnels where rrp-listen says. */
#ifndef PPTPD_LISTENERS_H
#define PPTPD_LISTENERS_H

#include <ev.h>
#include <stdbool.h>

#include "pptpd/base/address.h"
#include "pptpd/ipc.h"

struct conf;
struct listeners;

/* A connection was accepted; the descriptor is the callee's. */
typedef void listeners_accepted(void *context, enum ipc_kind kind, int fd,
				const struct address *remote, const struct address *local);

/* Descriptors are short: the callee frees one if it can, and says so. */
typedef bool listeners_make_place(void *context);

struct listeners_ops {
	listeners_accepted *accepted;
	listeners_make_place *make_place;
};

/* Binds and listens, without serving yet. NULL, logged, when one of them fails. */
struct listeners *listeners_open(const struct conf *conf);

/* Whether rrp-security allows every address of rrp-listen; logged if not. Opens nothing. */
bool listeners_check(const struct conf *conf);

/* Serves in the loop. `ops` must outlive the listeners. */
void listeners_start(struct listeners *listeners, struct ev_loop *loop,
		     const struct listeners_ops *ops, void *context);

/* Closes the sockets. Accepts NULL. */
void listeners_free(struct listeners *listeners);

#endif
