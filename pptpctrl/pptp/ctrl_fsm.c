// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine of one control connection; see the header. */
#include "pptpctrl/pptp/ctrl_fsm.h"

#include <inttypes.h>
#include <stdio.h>

#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

#define MS_PER_S 1000

/* In our Start-Control-Connection-Reply, whose Max Channels stay 0: no limit to tell. */
#define FIRMWARE_REVISION 1

static const char *const state_names[] = {
	[CTRL_WAIT_START] = "wait-start",
	[CTRL_ESTABLISHED] = "established",
	[CTRL_WAIT_STOP_REPLY] = "wait-stop-reply",
	[CTRL_FLUSHING] = "flushing",
	[CTRL_CLOSED] = "closed",
};

void ctrl_fsm_init(struct ctrl_fsm *fsm, struct ctrl_conn *conn,
		   const struct ctrl_conn_settings *settings, struct mono now)
{
	*fsm = (struct ctrl_fsm){
		.settings = settings,
		.state = CTRL_WAIT_START,
		.entered = now,
	};
	ctrl_alive_init(&fsm->alive, settings->echo_interval_s, settings->echo_timeout_s,
			settings->doubt_s, now);
	ctrl_calls_init(&fsm->calls, conn, settings->max_calls);
}

void ctrl_fsm_done(struct ctrl_fsm *fsm)
{
	ctrl_calls_done(&fsm->calls);
}

bool ctrl_fsm_takes_messages(const struct ctrl_fsm *fsm)
{
	return fsm->state < CTRL_FLUSHING;
}

static void enter_state(struct ctrl_fsm *fsm, enum ctrl_state state, const char *reason,
			struct mono now, struct ctrl_actions *actions)
{
	ctrl_action_notice(actions, CTRL_NOTICE_PROTOCOL, "%s -> %s: %s", state_names[fsm->state],
			   state_names[state], reason);
	fsm->state = state;
	fsm->entered = now;
}

static const char *message_name(const struct pptp_msg *message)
{
	const struct pptp_msg_info *info = pptp_msg_info(message->type);

	return info ? info->name : "?";
}

static void send_start_reply(const struct ctrl_fsm *fsm, enum pptp_start_result result,
			     struct ctrl_actions *actions)
{
	struct pptp_start *start = &ctrl_action_send(actions, PPTP_START_REPLY)->start;

	start->version = PPTP_VERSION;
	start->result = (uint8_t)result;
	start->framing = PPTP_FRAMING_ASYNC | PPTP_FRAMING_SYNC;
	start->bearer = PPTP_BEARER_ANALOG | PPTP_BEARER_DIGITAL;
	start->firmware = FIRMWARE_REVISION;
	(void)snprintf(start->host_name, sizeof(start->host_name), "%s", fsm->settings->host_name);
	(void)snprintf(start->vendor, sizeof(start->vendor), "%s", fsm->settings->vendor);
}

static void send_stop_request(enum pptp_stop_reason reason, struct ctrl_actions *actions)
{
	ctrl_action_send(actions, PPTP_STOP_REQUEST)->stop_request.reason = (uint8_t)reason;
}

static void start_first(struct ctrl_fsm *fsm, const struct pptp_msg *message, struct mono now,
			struct ctrl_actions *actions)
{
	const struct pptp_start *start = &message->start;
	char host_name[PPTP_NAME_LEN + 1];
	char vendor[PPTP_NAME_LEN + 1];

	if (start->version != PPTP_VERSION) {
		send_start_reply(fsm, PPTP_START_BAD_VERSION, actions);
		ctrl_action_notice(actions, CTRL_NOTICE_BAD_VERSION,
				   "expected PPTP version 1.0, got %u.%u", start->version >> 8,
				   start->version & 0xffu);
		enter_state(fsm, CTRL_FLUSHING, "version refused", now, actions);
		return;
	}
	send_start_reply(fsm, PPTP_START_OK, actions);
	enter_state(fsm, CTRL_ESTABLISHED, "started by the peer", now, actions);
	ctrl_action_notice(actions, CTRL_NOTICE_START, "host name \"%s\", vendor \"%s\"",
			   log_printable(host_name, sizeof(host_name), start->host_name),
			   log_printable(vendor, sizeof(vendor), start->vendor));
}

static void not_first(struct ctrl_fsm *fsm, const struct pptp_msg *message, struct mono now,
		      struct ctrl_actions *actions)
{
	ctrl_action_notice(actions, CTRL_NOTICE_BAD_FIRST,
			   "message type %d (%s) before Start-Control-Connection-Request",
			   (int)message->type, message_name(message));
	enter_state(fsm, CTRL_CLOSED, "wrong first message", now, actions);
}

static void unexpected(struct ctrl_fsm *fsm, const struct pptp_msg *message, struct mono now UNUSED,
		       struct ctrl_actions *actions)
{
	ctrl_action_notice(actions, CTRL_NOTICE_UNEXPECTED,
			   "message type %d (%s) does not fit state %s", (int)message->type,
			   message_name(message), state_names[fsm->state]);
}

/* After our Stop-Control-Connection-Request the peer may still speak about calls that are gone. */
static void ignore(struct ctrl_fsm *fsm UNUSED, const struct pptp_msg *message UNUSED,
		   struct mono now UNUSED, struct ctrl_actions *actions UNUSED)
{
}

static void start_again(struct ctrl_fsm *fsm, const struct pptp_msg *message, struct mono now,
			struct ctrl_actions *actions)
{
	send_start_reply(fsm, PPTP_START_ALREADY_EXISTS, actions);
	unexpected(fsm, message, now, actions);
}

/* The calls end without a word: the message clears them all (RFC 2637 2.3). */
static void stop_asked(struct ctrl_fsm *fsm, const struct pptp_msg *message, struct mono now,
		       struct ctrl_actions *actions)
{
	ctrl_action_send(actions, PPTP_STOP_REPLY)->stop_reply.result = PPTP_RESULT_OK;
	enter_state(fsm, CTRL_FLUSHING, "stopped by the peer", now, actions);
	ctrl_action_notice(actions, CTRL_NOTICE_STOPPED,
			   "Stop-Control-Connection-Request, reason %u",
			   message->stop_request.reason);
	ctrl_action_end_calls(actions, 0);
}

static void stop_answered(struct ctrl_fsm *fsm, const struct pptp_msg *message, struct mono now,
			  struct ctrl_actions *actions)
{
	enter_state(fsm, CTRL_CLOSED, "stopped by us", now, actions);
	ctrl_action_notice(actions, CTRL_NOTICE_STOPPED,
			   "Stop-Control-Connection-Reply, result %u, error %u",
			   message->stop_reply.result, message->stop_reply.error);
}

static void echo_asked(struct ctrl_fsm *fsm UNUSED, const struct pptp_msg *message,
		       struct mono now UNUSED, struct ctrl_actions *actions)
{
	struct pptp_echo_reply *reply = &ctrl_action_send(actions, PPTP_ECHO_REPLY)->echo_reply;

	reply->identifier = message->echo_request.identifier;
	reply->result = PPTP_RESULT_OK;
}

static void echo_answered(struct ctrl_fsm *fsm, const struct pptp_msg *message,
			  struct mono now UNUSED, struct ctrl_actions *actions)
{
	uint32_t got = message->echo_reply.identifier;
	uint32_t oldest = fsm->alive.oldest;
	uint32_t next = fsm->alive.next;

	if (ctrl_alive_answer(&fsm->alive, got))
		return;
	if (oldest == next)
		ctrl_action_notice(actions, CTRL_NOTICE_UNEXPECTED,
				   "Echo-Reply %" PRIu32 " without an Echo-Request", got);
	else
		ctrl_action_notice(actions, CTRL_NOTICE_UNEXPECTED,
				   "expected Echo-Reply %" PRIu32 ", got %" PRIu32, next - 1, got);
}

static void about_call(struct ctrl_fsm *fsm, const struct pptp_msg *message, struct mono now UNUSED,
		       struct ctrl_actions *actions)
{
	ctrl_calls_message(&fsm->calls, message, actions);
}

static void refuse_incoming(struct ctrl_fsm *fsm UNUSED, const struct pptp_msg *message,
			    struct mono now UNUSED, struct ctrl_actions *actions)
{
	struct pptp_incoming_call_reply *reply =
		&ctrl_action_send(actions, PPTP_INCOMING_CALL_REPLY)->incoming_call_reply;

	reply->peer_call_id = message->incoming_call_request.call_id;
	reply->result = PPTP_INCOMING_DO_NOT_ACCEPT;
	ctrl_action_notice(actions, CTRL_NOTICE_NOT_SUPPORTED,
			   "Incoming-Call-Request, call ID %u, refused: only outgoing calls are "
			   "served",
			   reply->peer_call_id);
}

static void wan_error(struct ctrl_fsm *fsm UNUSED, const struct pptp_msg *message,
		      struct mono now UNUSED, struct ctrl_actions *actions)
{
	const struct pptp_wan_error_notify *wan = &message->wan_error_notify;

	ctrl_action_notice(actions, CTRL_NOTICE_WAN_ERROR,
			   "WAN-Error-Notify, call ID %u: CRC %" PRIu32 ", framing %" PRIu32
			   ", hardware overruns %" PRIu32 ", buffer overruns %" PRIu32
			   ", time-outs %" PRIu32 ", alignment %" PRIu32,
			   wan->peer_call_id, wan->crc_errors, wan->framing_errors,
			   wan->hardware_overruns, wan->buffer_overruns, wan->timeouts,
			   wan->alignment_errors);
}

typedef void message_handler(struct ctrl_fsm *fsm, const struct pptp_msg *message, struct mono now,
			     struct ctrl_actions *actions);

/* Every message type in every state that takes messages. */
static message_handler *const handlers[][CTRL_WAIT_STOP_REPLY + 1] = {
	/*                              wait-start   established      wait-stop-reply */
	[PPTP_START_REQUEST] = {start_first, start_again, unexpected},
	[PPTP_START_REPLY] = {not_first, unexpected, unexpected},
	[PPTP_STOP_REQUEST] = {not_first, stop_asked, stop_asked},
	[PPTP_STOP_REPLY] = {not_first, unexpected, stop_answered},
	[PPTP_ECHO_REQUEST] = {not_first, echo_asked, echo_asked},
	[PPTP_ECHO_REPLY] = {not_first, echo_answered, ignore},
	[PPTP_OUTGOING_CALL_REQUEST] = {not_first, about_call, ignore},
	[PPTP_OUTGOING_CALL_REPLY] = {not_first, unexpected, unexpected},
	[PPTP_INCOMING_CALL_REQUEST] = {not_first, refuse_incoming, ignore},
	[PPTP_INCOMING_CALL_REPLY] = {not_first, unexpected, unexpected},
	[PPTP_INCOMING_CALL_CONNECTED] = {not_first, unexpected, unexpected},
	[PPTP_CALL_CLEAR_REQUEST] = {not_first, about_call, ignore},
	[PPTP_CALL_DISCONNECT_NOTIFY] = {not_first, about_call, ignore},
	[PPTP_WAN_ERROR_NOTIFY] = {not_first, wan_error, ignore},
	[PPTP_SET_LINK_INFO] = {not_first, about_call, ignore},
};

void ctrl_fsm_message(struct ctrl_fsm *fsm, const struct pptp_msg *message, struct mono now,
		      struct ctrl_actions *ret_actions)
{
	if ((size_t)message->type >= ARRAY_SIZE(handlers) || !handlers[message->type][0] ||
	    !ctrl_fsm_takes_messages(fsm))
		bug("message type %d given in state %s", (int)message->type,
		    state_names[fsm->state]);
	/* Also one that is skipped or refused shows that the peer lives. */
	ctrl_alive_heard(&fsm->alive, now);
	handlers[message->type][fsm->state](fsm, message, now, ret_actions);
}

void ctrl_fsm_unknown(struct ctrl_fsm *fsm, const char *text, struct mono now,
		      struct ctrl_actions *ret_actions)
{
	ctrl_alive_heard(&fsm->alive, now);
	if (fsm->state != CTRL_WAIT_START) {
		ctrl_action_notice(ret_actions, CTRL_NOTICE_UNKNOWN_TYPE, "%s", text);
		return;
	}
	ctrl_action_notice(ret_actions, CTRL_NOTICE_BAD_FIRST,
			   "%s before Start-Control-Connection-Request", text);
	enter_state(fsm, CTRL_CLOSED, "wrong first message", now, ret_actions);
}

void ctrl_fsm_fail(struct ctrl_fsm *fsm, enum ctrl_notice notice, const char *text, struct mono now,
		   struct ctrl_actions *ret_actions)
{
	if (fsm->state == CTRL_CLOSED)
		return;
	/* Once it is over, its reason was told; how the rest goes is of no interest. */
	if (fsm->state != CTRL_FLUSHING)
		ctrl_action_notice(ret_actions, notice, "%s", text);
	if (notice != CTRL_NOTICE_PEER_CLOSED) {
		enter_state(fsm, CTRL_CLOSED, "failed", now, ret_actions);
		return;
	}
	enter_state(fsm, CTRL_FLUSHING, "closed by the peer", now, ret_actions);
	ctrl_action_end_calls(ret_actions, 0);
}

void ctrl_fsm_stop(struct ctrl_fsm *fsm, enum pptp_stop_reason reason, struct mono now,
		   struct ctrl_actions *ret_actions)
{
	if (fsm->state == CTRL_WAIT_START) {
		enter_state(fsm, CTRL_CLOSED, "stopped before its start", now, ret_actions);
		return;
	}
	if (fsm->state != CTRL_ESTABLISHED)
		return;
	ctrl_action_end_calls(ret_actions, PPTP_DISCONNECT_ADMIN_SHUTDOWN);
	send_stop_request(reason, ret_actions);
	enter_state(fsm, CTRL_WAIT_STOP_REPLY, "stopped by us", now, ret_actions);
}

void ctrl_fsm_flushed(struct ctrl_fsm *fsm, struct mono now, struct ctrl_actions *ret_actions)
{
	if (fsm->state == CTRL_FLUSHING)
		enter_state(fsm, CTRL_CLOSED, "all is written", now, ret_actions);
}

static struct mono later_by(struct mono when, unsigned seconds)
{
	return mono_add_ms(when, (int64_t)seconds * MS_PER_S);
}

static bool established_deadline(const struct ctrl_fsm *fsm, struct mono *ret_when)
{
	const struct ctrl_alive *alive = &fsm->alive;
	struct mono when[3];
	unsigned count = 0;

	count += ctrl_alive_due(alive, &when[count]);
	count += ctrl_alive_doubtful(alive, &when[count]);
	count += ctrl_alive_lost(alive, &when[count]);
	if (!count)
		return false;
	*ret_when = when[0];
	for (unsigned i = 1; i < count; i++)
		if (mono_before(when[i], *ret_when))
			*ret_when = when[i];
	return true;
}

bool ctrl_fsm_deadline(const struct ctrl_fsm *fsm, struct mono *ret_when)
{
	switch (fsm->state) {
	case CTRL_WAIT_START:
		*ret_when = later_by(fsm->entered, fsm->settings->start_timeout_s);
		return true;
	case CTRL_ESTABLISHED:
		return established_deadline(fsm, ret_when);
	case CTRL_WAIT_STOP_REPLY:
	case CTRL_FLUSHING:
		*ret_when = later_by(fsm->entered, fsm->settings->stop_timeout_s);
		return true;
	case CTRL_CLOSED:
		break;
	}
	return false;
}

/*
 * The peer is told although it is probably gone: one that lives and only fails to answer learns
 * why its calls end. Nobody waits for its reply.
 */
static void lose_peer(struct ctrl_fsm *fsm, struct mono now, struct ctrl_actions *actions)
{
	enter_state(fsm, CTRL_FLUSHING, "no reply to Echo-Request", now, actions);
	ctrl_action_notice(actions, CTRL_NOTICE_ECHO_TIMEOUT,
			   "no Echo-Reply %" PRIu32 " and no other message for %u s",
			   fsm->alive.next - 1, fsm->settings->echo_timeout_s);
	ctrl_action_end_calls(actions, PPTP_DISCONNECT_LOST_CARRIER);
	send_stop_request(PPTP_STOP_NONE, actions);
}

static void tick_established(struct ctrl_fsm *fsm, struct mono now, struct ctrl_actions *actions)
{
	struct ctrl_alive *alive = &fsm->alive;
	struct mono when;

	if (ctrl_alive_lost(alive, &when) && !mono_before(now, when)) {
		lose_peer(fsm, now, actions);
		return;
	}
	if (ctrl_alive_doubtful(alive, &when) && !mono_before(now, when)) {
		ctrl_alive_doubt(alive);
		ctrl_action_mute(actions);
	}
	if (ctrl_alive_due(alive, &when) && !mono_before(now, when))
		ctrl_action_send(actions, PPTP_ECHO_REQUEST)->echo_request.identifier =
			ctrl_alive_ask(alive, now);
}

void ctrl_fsm_tick(struct ctrl_fsm *fsm, struct mono now, struct ctrl_actions *ret_actions)
{
	struct mono deadline;

	if (!ctrl_fsm_deadline(fsm, &deadline) || mono_before(now, deadline))
		return;
	switch (fsm->state) {
	case CTRL_WAIT_START:
		ctrl_action_notice(ret_actions, CTRL_NOTICE_START_TIMEOUT,
				   "expected a Start-Control-Connection-Request within %u s",
				   fsm->settings->start_timeout_s);
		enter_state(fsm, CTRL_CLOSED, "start timeout", now, ret_actions);
		break;
	case CTRL_ESTABLISHED:
		tick_established(fsm, now, ret_actions);
		break;
	case CTRL_WAIT_STOP_REPLY:
		ctrl_action_notice(ret_actions, CTRL_NOTICE_STOP_TIMEOUT,
				   "expected a Stop-Control-Connection-Reply within %u s",
				   fsm->settings->stop_timeout_s);
		enter_state(fsm, CTRL_CLOSED, "stop timeout", now, ret_actions);
		break;
	case CTRL_FLUSHING:
		enter_state(fsm, CTRL_CLOSED, "the peer does not read the rest", now, ret_actions);
		break;
	case CTRL_CLOSED:
		break;
	}
}
