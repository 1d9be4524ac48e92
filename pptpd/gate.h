/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which connections get a process: rates and numbers for each source, room for processes, plain
 * tunnels between private addresses only. Runs as root, parses no peer's byte.
 */
#ifndef PPTPD_GATE_H
#define PPTPD_GATE_H

#include "pptpd/base/address.h"
#include "pptpd/ipc.h"

struct manager;

/* Before any other of these: fills the measures in. */
void gate_init(struct manager *manager);

/*
 * A connection was accepted; the descriptor is the callee's. For listeners_ops; the context of all
 * is the manager.
 */
void gate_accepted(void *context, enum ipc_kind kind, int fd, const struct address *remote,
		   const struct address *local);

/* The rules of hosts.allow let it in; the descriptor is the callee's. For access_check_ops. */
void gate_allowed(void *context, enum ipc_kind kind, int fd, const struct address *remote,
		  const struct address *local);

/* The rules of hosts.allow could not be asked about it. For access_check_ops. */
void gate_unanswered(void *context, const struct address *remote, const char *why);

/* It has sent its first bytes: it goes to a process. For admission_new(). */
void gate_ready(void *context, enum ipc_kind kind, int fd, const struct address *remote,
		const struct address *local);

#endif
