// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of a control connection's notices; see the header. */
#include "pptpctrl/pptp/ctrl_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "pptpd/base/bytes.h"

static void bad_length(unsigned length, unsigned control_type, char out[CTRL_TEXT_MAX])
{
	const struct pptp_msg_info *info = pptp_msg_info(control_type);

	if (length < PPTP_HEADER_LEN || length > PPTP_MSG_MAX || !info)
		(void)snprintf(out, CTRL_TEXT_MAX, "expected a message of %d to %d bytes, got %u",
			       PPTP_HEADER_LEN, PPTP_MSG_MAX, length);
	else
		(void)snprintf(out, CTRL_TEXT_MAX,
			       "expected message type %u (%s) of %u bytes, got %u", control_type,
			       info->name, info->len, length);
}

const char *ctrl_text_frame(enum pptp_frame_result result, const uint8_t *data, size_t len,
			    char out[CTRL_TEXT_MAX])
{
	struct byte_reader in = rd_init(data, len);
	unsigned length = rd_u16(&in);
	unsigned message_type = rd_u16(&in);
	uint32_t magic = rd_u32(&in);
	unsigned control_type = rd_u16(&in);

	if (result == PPTP_FRAME_BAD_MAGIC)
		(void)snprintf(out, CTRL_TEXT_MAX,
			       "expected magic 0x%08" PRIx32 ", got 0x%08" PRIx32,
			       (uint32_t)PPTP_MAGIC, magic);
	else if (result == PPTP_FRAME_BAD_LENGTH)
		bad_length(length, control_type, out);
	else if (message_type != PPTP_MESSAGE_CONTROL)
		(void)snprintf(out, CTRL_TEXT_MAX,
			       "expected a control message (PPTP message type %d), got type %u",
			       PPTP_MESSAGE_CONTROL, message_type);
	else
		(void)snprintf(out, CTRL_TEXT_MAX, "unknown message type %u of %u bytes",
			       control_type, length);
	return out;
}

/* Appends ", name value" to the text. */
static void add(char out[CTRL_TEXT_MAX], size_t *used, const char *name, unsigned long value)
{
	int n;

	if (*used >= CTRL_TEXT_MAX)
		return;
	n = snprintf(out + *used, CTRL_TEXT_MAX - *used, ", %s %lu", name, value);
	if (n > 0)
		*used += (size_t)n;
}

static void add_outcome(char out[CTRL_TEXT_MAX], size_t *used, uint8_t result, uint8_t error)
{
	add(out, used, "result", result);
	add(out, used, "error", error);
}

static void add_calls(const struct pptp_msg *message, char out[CTRL_TEXT_MAX], size_t *used)
{
	const struct pptp_outgoing_call_reply *reply = &message->outgoing_call_reply;
	const struct pptp_call_disconnect_notify *notify = &message->call_disconnect_notify;

	switch (message->type) {
	case PPTP_OUTGOING_CALL_REQUEST:
		add(out, used, "call ID", message->outgoing_call_request.call_id);
		add(out, used, "maximum bit/s", message->outgoing_call_request.max_bps);
		add(out, used, "window", message->outgoing_call_request.window);
		break;
	case PPTP_OUTGOING_CALL_REPLY:
		add(out, used, "call ID", reply->call_id);
		add(out, used, "peer's call ID", reply->peer_call_id);
		add_outcome(out, used, reply->result, reply->error);
		break;
	case PPTP_INCOMING_CALL_REQUEST:
		add(out, used, "call ID", message->incoming_call_request.call_id);
		break;
	case PPTP_INCOMING_CALL_REPLY:
		add(out, used, "peer's call ID", message->incoming_call_reply.peer_call_id);
		add_outcome(out, used, message->incoming_call_reply.result,
			    message->incoming_call_reply.error);
		break;
	case PPTP_CALL_CLEAR_REQUEST:
		add(out, used, "call ID", message->call_clear_request.call_id);
		break;
	case PPTP_CALL_DISCONNECT_NOTIFY:
		add(out, used, "call ID", notify->call_id);
		add_outcome(out, used, notify->result, notify->error);
		break;
	case PPTP_SET_LINK_INFO:
		add(out, used, "peer's call ID", message->set_link_info.peer_call_id);
		break;
	default:
		break;
	}
}

const char *ctrl_text_message(const char *verb, const struct pptp_msg *message,
			      char out[CTRL_TEXT_MAX])
{
	const struct pptp_msg_info *info = pptp_msg_info(message->type);
	int n = snprintf(out, CTRL_TEXT_MAX, "%s message type %d (%s)", verb, (int)message->type,
			 info ? info->name : "?");
	size_t used = n > 0 ? (size_t)n : 0;

	switch (message->type) {
	case PPTP_START_REPLY:
		add_outcome(out, &used, message->start.result, message->start.error);
		break;
	case PPTP_STOP_REQUEST:
		add(out, &used, "reason", message->stop_request.reason);
		break;
	case PPTP_STOP_REPLY:
		add_outcome(out, &used, message->stop_reply.result, message->stop_reply.error);
		break;
	case PPTP_ECHO_REQUEST:
		add(out, &used, "identifier", message->echo_request.identifier);
		break;
	case PPTP_ECHO_REPLY:
		add(out, &used, "identifier", message->echo_reply.identifier);
		break;
	default:
		add_calls(message, out, &used);
	}
	return out;
}
