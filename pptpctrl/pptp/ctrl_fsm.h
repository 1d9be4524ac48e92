/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine of one control connection, RFC 2637 3.1, the PAC's side: (state, event, now) to
 * (state, actions). Pure: knows neither sockets nor the loop. Internal to this library.
 */
#ifndef PPTPCTRL_PPTP_CTRL_FSM_H
#define PPTPCTRL_PPTP_CTRL_FSM_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpctrl/pptp/ctrl_action.h"
#include "pptpctrl/pptp/ctrl_alive.h"
#include "pptpctrl/pptp/ctrl_call.h"
#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpctrl/proto/pptp_msg.h"
#include "pptpd/base/mono.h"

enum ctrl_state {
	CTRL_WAIT_START,      /* only a Start-Control-Connection-Request is legal */
	CTRL_ESTABLISHED,     /* calls may come and go */
	CTRL_WAIT_STOP_REPLY, /* we sent a Stop-Control-Connection-Request */
	CTRL_FLUSHING,        /* over; stays open until all is written. Takes no message */
	CTRL_CLOSED,          /* to be torn down. Takes no message */
};

struct ctrl_fsm {
	const struct ctrl_conn_settings *settings; /* outlive the machine */
	enum ctrl_state state;
	struct mono entered; /* the present state */
	struct ctrl_calls calls;
	struct ctrl_alive alive; /* used when established */
};

/* `conn` becomes ctrl_call.conn of each call. */
void ctrl_fsm_init(struct ctrl_fsm *fsm, struct ctrl_conn *conn,
		   const struct ctrl_conn_settings *settings, struct mono now);

/* Frees the calls. */
void ctrl_fsm_done(struct ctrl_fsm *fsm);

/* Whether a message may be handed to the machine now. */
bool ctrl_fsm_takes_messages(const struct ctrl_fsm *fsm);

/* Each of these appends to ret_actions, which the caller emptied. */

void ctrl_fsm_message(struct ctrl_fsm *fsm, const struct pptp_msg *message, struct mono now,
		      struct ctrl_actions *ret_actions);

/* A well-framed message that RFC 2637 does not know; `text` says what came. */
void ctrl_fsm_unknown(struct ctrl_fsm *fsm, const char *text, struct mono now,
		      struct ctrl_actions *ret_actions);

/*
 * The stream ended, failed, lost its framing or its queue: the connection is over, and `notice`
 * with `text` says why. At the end of the stream what waits is still written.
 */
void ctrl_fsm_fail(struct ctrl_fsm *fsm, enum ctrl_notice notice, const char *text, struct mono now,
		   struct ctrl_actions *ret_actions);

/* The owner wants to end the connection in order. */
void ctrl_fsm_stop(struct ctrl_fsm *fsm, enum pptp_stop_reason reason, struct mono now,
		   struct ctrl_actions *ret_actions);

/* All that was to be sent is written. */
void ctrl_fsm_flushed(struct ctrl_fsm *fsm, struct mono now, struct ctrl_actions *ret_actions);

/* Time has passed; does nothing before the deadline. */
void ctrl_fsm_tick(struct ctrl_fsm *fsm, struct mono now, struct ctrl_actions *ret_actions);

/* When ctrl_fsm_tick() is due; false if no timer runs. */
bool ctrl_fsm_deadline(const struct ctrl_fsm *fsm, struct mono *ret_when);

#endif
