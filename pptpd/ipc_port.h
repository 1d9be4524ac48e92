/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One end of the socket pair between manager and pptpctrl in an event loop: whole messages in,
 * whole messages out, those that the socket does not take yet kept in order.
 */
#ifndef PPTPD_IPC_PORT_H
#define PPTPD_IPC_PORT_H

#include <ev.h>

#include "pptpd/ipc.h"

struct ipc_port;

struct ipc_port_ops {
	/* A message that the other end may send; a descriptor other than -1 is the callee's. */
	void (*message)(void *context, const union ipc_message *message, int fd);

	/*
	 * The other end is gone (error 0), broke the protocol (-EPROTO), does not read (-ENOBUFS),
	 * or the socket failed. Told once; nothing is received or sent any more. Always from the
	 * loop, never from ipc_port_send().
	 */
	void (*closed)(void *context, int error);
};

/*
 * Takes over `socket`. `sender` says who the other end is, `ops` must outlive the port. NULL when
 * memory is out; the socket is then still the caller's.
 */
struct ipc_port *ipc_port_new(struct ev_loop *loop, int socket, enum ipc_sender sender,
			      const struct ipc_port_ops *ops, void *context);

/* Closes the socket and drops what still waits. Not from within message(). Accepts NULL. */
void ipc_port_free(struct ipc_port *port);

/* Sends a message now or in its turn, with a copy of `passed_fd` unless that is negative. */
void ipc_port_send(struct ipc_port *port, const void *message, int passed_fd);

/*
 * Receives now what the other end, which is known to have ended, sent before: message() is called
 * for each, closed() is not. Returns the error that it would have been told, 0 for none. For use
 * just before ipc_port_free().
 */
int ipc_port_drain(struct ipc_port *port);

/* Messages that wait to be sent. */
unsigned ipc_port_waiting(const struct ipc_port *port);

#endif
