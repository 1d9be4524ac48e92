/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls of one control connection, RFC 2637 2.7 to 2.15, the PAC's side: which exist, and what
 * a message or the owner's wish means for them. Pure; internal to this library.
 */
#ifndef PPTPCTRL_PPTP_CTRL_CALL_H
#define PPTPCTRL_PPTP_CTRL_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpctrl/pptp/ctrl_action.h"
#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpctrl/proto/pptp_msg.h"
#include "pptpd/base/list.h"

struct ctrl_calls {
	struct list list;
	unsigned count;
	unsigned max;
	struct ctrl_conn *conn; /* for ctrl_call.conn only */
};

void ctrl_calls_init(struct ctrl_calls *calls, struct ctrl_conn *conn, unsigned max);

/* Frees all calls. */
void ctrl_calls_done(struct ctrl_calls *calls);

/*
 * A message that is about calls: Outgoing-Call-Request, Call-Clear-Request,
 * Call-Disconnect-Notify or Set-Link-Info.
 */
void ctrl_calls_message(struct ctrl_calls *calls, const struct pptp_msg *message,
			struct ctrl_actions *ret_actions);

/*
 * Ends one call because the connection ends; call it until it returns false. A result other than
 * 0 tells the peer: a connected call gets a Call-Disconnect-Notify with it, a requested one a
 * refusal.
 */
bool ctrl_calls_end_one(struct ctrl_calls *calls, uint8_t disconnect_result,
			struct ctrl_actions *ret_actions);

/* What the public functions of the same names in ctrl_conn.h mean. */
void ctrl_calls_connect(struct ctrl_calls *calls, struct ctrl_call *call,
			const struct pptp_outgoing_call_reply *reply,
			struct ctrl_actions *ret_actions);
void ctrl_calls_refuse(struct ctrl_calls *calls, struct ctrl_call *call,
		       enum pptp_outgoing_result result, enum pptp_error error,
		       struct ctrl_actions *ret_actions);
void ctrl_calls_disconnect(struct ctrl_calls *calls, struct ctrl_call *call,
			   enum pptp_disconnect_result result, enum pptp_error error,
			   struct ctrl_actions *ret_actions);

/* Frees a call that an action took off the list. */
void ctrl_calls_free(struct ctrl_call *call);

#endif
