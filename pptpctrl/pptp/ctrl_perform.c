// SPDX-License-Identifier: GPL-2.0-or-later
/* Carries out what a control connection's machines want: sends, tells the owner, frees calls. */
#include "pptpctrl/pptp/ctrl_private.h"

#include "pptpctrl/pptp/ctrl_text.h"
#include "pptpd/base/bytes.h"
#include "pptpd/base/log.h"

void ctrl_tell(struct ctrl_conn *conn, enum ctrl_notice notice, const char *text)
{
	conn->ops->notice(conn->context, notice, text);
}

void ctrl_fail(struct ctrl_conn *conn, enum ctrl_notice notice, const char *text)
{
	struct ctrl_actions actions = {.count = 0};

	ctrl_fsm_fail(&conn->fsm, notice, text, mono_now(), &actions);
	ctrl_perform(conn, &actions);
}

static void send_message(struct ctrl_conn *conn, const struct pptp_msg *message)
{
	uint8_t bytes[PPTP_MSG_MAX];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	char text[CTRL_TEXT_MAX];

	/* Never a later message behind one that the queue did not take. */
	if (conn->fsm.state == CTRL_CLOSED)
		return;
	pptp_msg_encode(message, &out);
	if (wr_failed(&out))
		bug("message type %d cannot be encoded", (int)message->type);
	if (!outq_push(&conn->out, bytes, wr_len(&out))) {
		ctrl_fail(conn, CTRL_NOTICE_QUEUE_FULL, "the peer does not read what it is sent");
		return;
	}
	ctrl_tell(conn, CTRL_NOTICE_PROTOCOL, ctrl_text_message("sent", message, text));
}

void ctrl_end_calls(struct ctrl_conn *conn, uint8_t disconnect_result)
{
	struct ctrl_actions actions = {.count = 0};

	while (ctrl_calls_end_one(&conn->fsm.calls, disconnect_result, &actions)) {
		ctrl_perform(conn, &actions);
		actions.count = 0;
	}
}

static void perform_one(struct ctrl_conn *conn, const struct ctrl_action *action)
{
	const struct pptp_set_link_info *link = &action->message.set_link_info;

	switch (action->kind) {
	case CTRL_ACTION_SEND:
		send_message(conn, &action->message);
		break;
	case CTRL_ACTION_NOTICE:
		ctrl_tell(conn, action->notice, action->text);
		break;
	case CTRL_ACTION_END_CALLS:
		ctrl_end_calls(conn, action->disconnect_result);
		break;
	case CTRL_ACTION_CALL_REQUESTED:
		conn->ops->call_requested(conn->context, action->call);
		break;
	case CTRL_ACTION_CALL_ENDED:
		conn->ops->call_ended(conn->context, action->call);
		break;
	case CTRL_ACTION_CALL_FREE:
		break;
	case CTRL_ACTION_MUTE:
		conn->ops->mute(conn->context);
		break;
	case CTRL_ACTION_LINK_INFO:
		conn->ops->link_info(conn->context, action->call, link->send_accm,
				     link->receive_accm);
		break;
	}
}

void ctrl_perform(struct ctrl_conn *conn, const struct ctrl_actions *actions)
{
	for (size_t i = 0; i < actions->count; i++) {
		const struct ctrl_action *action = &actions->item[i];

		if (!conn->freed)
			perform_one(conn, action);
		if (action->kind == CTRL_ACTION_CALL_ENDED || action->kind == CTRL_ACTION_CALL_FREE)
			ctrl_calls_free(action->call);
	}
}
