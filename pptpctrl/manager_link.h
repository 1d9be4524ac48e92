/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This process's end of the messages with the manager: requests out, answers and orders in. */
#ifndef PPTPCTRL_MANAGER_LINK_H
#define PPTPCTRL_MANAGER_LINK_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "pptpd/ipc.h"

struct manager_link;

struct manager_link_ops {
	/* A socket to serve; the callee's. */
	void (*connection)(void *context, int fd);

	/* The raw socket, the callee's; or -1 with an errno, which the manager has logged. */
	void (*gre_opened)(void *context, const struct ipc_gre_opened *opened, int fd);

	/* The link of the PPPoE sessions, once, before the first call on it; the callee's. */
	void (*link_given)(void *context, const struct ipc_link *link, int fd);

	/* Answers to manager_link_start_call(). The channel's descriptor is the callee's. */
	void (*call_started)(void *context, const struct ipc_call_started *started, int fd);
	void (*call_refused)(void *context, uint32_t request, enum ipc_refusal reason);

	/* The call's pppd was reaped; the call's ID is free again. */
	void (*call_ended)(void *context, const struct ipc_call_ended *ended);

	/* Answers to manager_link_peer() and manager_link_enrol(). */
	void (*peer_verdict)(void *context, const struct ipc_peer_verdict *verdict);
	void (*enrol_verdict)(void *context, const struct ipc_enrol_verdict *verdict);

	/* Answer to manager_link_idle(): leave. */
	void (*released)(void *context);

	/* End everything in order, then leave. */
	void (*stop)(void *context);

	/* The manager is gone: leave. */
	void (*lost)(void *context);
};

/* Waits for the settings, the first message on IPC_FD. False if it is not what we understand. */
bool manager_link_settings(struct ipc_settings *ret_settings);

/*
 * Waits for the channel to the signer, the second message of a TLS tunnel; the caller's from now
 * on. False if something else came.
 */
bool manager_link_signer(int *ret_channel);

/* Serves IPC_FD in the loop. NULL when memory is out. */
struct manager_link *manager_link_new(struct ev_loop *loop, const struct manager_link_ops *ops,
				      void *context);
void manager_link_free(struct manager_link *link);

/* Log lines of this process from now on; the context of log_init(). */
void manager_link_log(void *link, int severity, const char *line);

/*
 * Asks for a call: pppd and a channel. `request` comes back in the answer. The client's own ID of
 * the call is for a channel whose packets the kernel sends.
 */
void manager_link_start_call(struct manager_link *link, uint32_t request, struct in_addr client,
			     uint16_t client_call_id);

/* Nobody waits for that call any more; it is answered still. */
void manager_link_cancel_call(struct manager_link *link, uint32_t request);

/* Hangs the call up. */
void manager_link_stop_call(struct manager_link *link, uint16_t call_id);

/* Asks for a raw socket for the GRE of all calls, or for one that gives samples of it. */
void manager_link_open_gre(struct manager_link *link, bool sample);

/* The client's packets overtake each other: the next call shall not have the kernel's channel. */
void manager_link_reordered(struct manager_link *link);

/* Tells the name of a plain tunnel's LRP, which has only letters, digits and ._- */
void manager_link_peer_name(struct manager_link *link, const char *name);

/* A node has proven its ID; is it welcome? */
void manager_link_peer(struct manager_link *link, const struct node_id *id);

/* It shows the secret with this hash; may it enrol? */
void manager_link_enrol(struct manager_link *link, const struct node_id *id,
			const uint8_t secret_hash[IPC_SECRET_HASH_LEN]);

/* pppd of that call has sent its first frame. */
void manager_link_call_ready(struct manager_link *link, uint16_t call_id);

/* pppd of that call has let its user in. */
void manager_link_call_proven(struct manager_link *link, uint16_t call_id);

/* There is nothing to do any more: may this process leave? */
void manager_link_idle(struct manager_link *link);

#endif
