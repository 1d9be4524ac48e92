/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the machines behind a control connection want done after one event, in order. They fill
 * the list and do nothing themselves; ctrl_conn.c carries it out. Internal to this library.
 */
#ifndef PPTPCTRL_PPTP_CTRL_ACTION_H
#define PPTPCTRL_PPTP_CTRL_ACTION_H

#include <stddef.h>
#include <stdint.h>

#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpctrl/proto/pptp_msg.h"
#include "pptpd/base/util.h"

/* Room for the text of a notice; both names of a Start-Control-Connection-Request fit. */
#define CTRL_TEXT_MAX 256

/* No event of either machine asks for more. */
#define CTRL_ACTIONS_MAX 4

enum ctrl_action_kind {
	CTRL_ACTION_SEND,           /* message */
	CTRL_ACTION_NOTICE,         /* notice, text */
	CTRL_ACTION_END_CALLS,      /* every call, one ctrl_calls_end_one() after the other */
	CTRL_ACTION_CALL_REQUESTED, /* tell the owner about call */
	CTRL_ACTION_CALL_ENDED, /* tell the owner, then free call, which is on no list any more */
	CTRL_ACTION_CALL_FREE,  /* the owner knows: only free call */
	CTRL_ACTION_MUTE,       /* tell the owner */
	CTRL_ACTION_LINK_INFO,  /* tell the owner: call, and message.set_link_info */
};

struct ctrl_action {
	enum ctrl_action_kind kind;
	enum ctrl_notice notice;
	uint8_t disconnect_result; /* what the peer is told of each ended call; 0: nothing */
	struct ctrl_call *call;
	struct pptp_msg message;
	char text[CTRL_TEXT_MAX];
};

struct ctrl_actions {
	size_t count;
	struct ctrl_action item[CTRL_ACTIONS_MAX];
};

/* Appends a message to send, all zero but its type, for the caller to fill. */
struct pptp_msg *ctrl_action_send(struct ctrl_actions *actions, enum pptp_msg_type type);

void ctrl_action_notice(struct ctrl_actions *actions, enum ctrl_notice notice, const char *format,
			...) PRINTF_LIKE(3, 4);

void ctrl_action_mute(struct ctrl_actions *actions);

void ctrl_action_end_calls(struct ctrl_actions *actions, uint8_t disconnect_result);

/* One of the CTRL_ACTION_CALL_ kinds. */
void ctrl_action_call(struct ctrl_actions *actions, enum ctrl_action_kind kind,
		      struct ctrl_call *call);

void ctrl_action_link_info(struct ctrl_actions *actions, struct ctrl_call *call,
			   const struct pptp_msg *message);

#endif
