/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of a control connection share: its struct, and the two halves of ctrl_conn.c
 * that carry out actions (ctrl_perform.c) and take messages off the socket (ctrl_receive.c).
 */
#ifndef PPTPCTRL_PPTP_CTRL_PRIVATE_H
#define PPTPCTRL_PPTP_CTRL_PRIVATE_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpctrl/pptp/ctrl_action.h"
#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpctrl/pptp/ctrl_fsm.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/outq.h"

/* Many messages, so that one read takes what is there; always more than a whole one. */
#define CTRL_IN_SIZE 4096

/*
 * While more than the mark waits to be written we read nothing, so that a peer that does not read
 * cannot make us answer. Above it there is room for what does not depend on reading: what the
 * owner sends about each call (an Outgoing-Call-Reply of 32 bytes and a Call-Disconnect-Notify of
 * 148), the answers to the last message, Echo-Requests and a Stop-Control-Connection-Request.
 */
#define CTRL_OUT_MARK       4096
#define CTRL_OUT_FOR_CALL   (32 + 148)
#define CTRL_OUT_FOR_ITSELF 1024

struct ctrl_conn {
	struct ev_loop *loop;
	int fd; /* -1 after the end */
	struct ctrl_conn_settings settings;
	const struct ctrl_conn_ops *ops;
	void *context;
	struct ctrl_fsm fsm;

	ev_io readable;
	ev_io writable;
	ev_timer deadline;     /* of the machine */
	struct mono armed_for; /* what `deadline` is set to while active */
	ev_timer deferred;     /* the next turn of the loop: goes on reading, or tears down */

	struct outq out;
	uint8_t in[CTRL_IN_SIZE];
	size_t in_used;
	bool more_to_handle; /* `in` may hold a whole message that this wake-up did not take */

	unsigned depth; /* of functions at work below; nothing is freed before the last returns */
	bool freed;     /* the owner let go: no more callbacks */
};

/* Whether bytes from the peer are wanted now. */
bool ctrl_may_receive(const struct ctrl_conn *conn);

/* Reads once and handles a bounded number of messages; sets more_to_handle if some may be left. */
void ctrl_receive(struct ctrl_conn *conn);

/* Takes bytes that nobody wants off the socket, a bounded number. */
void ctrl_receive_discard(struct ctrl_conn *conn);

/* Carries out what a machine wants; once the owner freed the connection, only frees calls. */
void ctrl_perform(struct ctrl_conn *conn, const struct ctrl_actions *actions);

/* ctrl_fsm_fail() with its actions. */
void ctrl_fail(struct ctrl_conn *conn, enum ctrl_notice notice, const char *text);

/* Not to be used once the owner freed the connection. */
void ctrl_tell(struct ctrl_conn *conn, enum ctrl_notice notice, const char *text);

/* Ends all calls; a result other than 0 tells the peer. */
void ctrl_end_calls(struct ctrl_conn *conn, uint8_t disconnect_result);

#endif
