// SPDX-License-Identifier: GPL-2.0-or-later
/* The calls of one control connection; see the header. */
#include "pptpctrl/pptp/ctrl_call.h"

#include <stdlib.h>

#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

enum call_state {
	CALL_REQUESTED, /* the owner has not answered yet */
	CALL_CONNECTED,
	CALL_ENDED, /* off the list, about to be freed */
};

struct call_entry {
	struct ctrl_call call;
	enum call_state state;
	struct list link;
};

static struct call_entry *entry_of(struct ctrl_call *call)
{
	return container_of(call, struct call_entry, call);
}

static struct call_entry *entry_at(struct list *link)
{
	return container_of(link, struct call_entry, link);
}

void ctrl_calls_init(struct ctrl_calls *calls, struct ctrl_conn *conn, unsigned max)
{
	*calls = (struct ctrl_calls){.max = max, .conn = conn};
	list_init(&calls->list);
}

void ctrl_calls_done(struct ctrl_calls *calls)
{
	list_for_each (link, &calls->list)
		free(entry_at(link));
	list_init(&calls->list);
	calls->count = 0;
}

void ctrl_calls_free(struct ctrl_call *call)
{
	free(entry_of(call));
}

static struct call_entry *find_by_peer_id(struct ctrl_calls *calls, uint16_t peer_id)
{
	list_for_each (link, &calls->list) {
		if (entry_at(link)->call.request.call_id == peer_id)
			return entry_at(link);
	}
	return NULL;
}

static struct call_entry *find_connected(struct ctrl_calls *calls, uint16_t call_id)
{
	list_for_each (link, &calls->list) {
		struct call_entry *entry = entry_at(link);

		if (entry->state == CALL_CONNECTED && entry->call.call_id == call_id)
			return entry;
	}
	return NULL;
}

/* The one place where a call changes state; one that ended is on no list any more. */
static void enter_state(struct ctrl_calls *calls, struct call_entry *entry, enum call_state state)
{
	entry->state = state;
	if (state != CALL_ENDED)
		return;
	list_remove(&entry->link);
	calls->count--;
}

static void send_reply(uint16_t peer_id, enum pptp_outgoing_result result, enum pptp_error error,
		       struct ctrl_actions *actions)
{
	struct pptp_msg *message = ctrl_action_send(actions, PPTP_OUTGOING_CALL_REPLY);

	message->outgoing_call_reply = (struct pptp_outgoing_call_reply){
		.peer_call_id = peer_id,
		.result = (uint8_t)result,
		.error = (uint8_t)error,
	};
}

/* The Call ID is ours (RFC 2637 2.13); 0 for a call that never got one. */
static void send_disconnect(const struct call_entry *entry, uint8_t result, uint8_t error,
			    struct ctrl_actions *actions)
{
	struct pptp_msg *message = ctrl_action_send(actions, PPTP_CALL_DISCONNECT_NOTIFY);

	message->call_disconnect_notify = (struct pptp_call_disconnect_notify){
		.call_id = entry->call.call_id,
		.result = result,
		.error = error,
	};
}

static void add_call(struct ctrl_calls *calls, const struct pptp_outgoing_call_request *request,
		     struct ctrl_actions *actions)
{
	struct call_entry *entry = calloc(1, sizeof(*entry));

	if (!entry) {
		send_reply(request->call_id, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_NO_RESOURCE,
			   actions);
		ctrl_action_notice(actions, CTRL_NOTICE_CALL_REFUSED,
				   "call ID %u refused: out of memory", request->call_id);
		return;
	}
	entry->call.conn = calls->conn;
	entry->call.request = *request;
	entry->state = CALL_REQUESTED;
	list_append(&calls->list, &entry->link);
	calls->count++;
	ctrl_action_call(actions, CTRL_ACTION_CALL_REQUESTED, &entry->call);
}

static void request_call(struct ctrl_calls *calls, const struct pptp_msg *message,
			 struct ctrl_actions *actions)
{
	const struct pptp_outgoing_call_request *request = &message->outgoing_call_request;

	if (find_by_peer_id(calls, request->call_id)) {
		send_reply(request->call_id, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_BAD_CALL_ID,
			   actions);
		ctrl_action_notice(actions, CTRL_NOTICE_CALL_REFUSED,
				   "call ID %u refused: in use by another call of this connection",
				   request->call_id);
		return;
	}
	if (calls->count >= calls->max) {
		send_reply(request->call_id, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE, actions);
		ctrl_action_notice(actions, CTRL_NOTICE_CALL_REFUSED,
				   "call ID %u refused: this connection has %u calls, all it may "
				   "have",
				   request->call_id, calls->count);
		return;
	}
	add_call(calls, request, actions);
}

/*
 * Answered with a Call-Disconnect-Notify in both states (RFC 2637 2.12): a call that is cleared
 * before it was answered gets no Outgoing-Call-Reply any more.
 */
static void clear_call(struct ctrl_calls *calls, const struct pptp_msg *message,
		       struct ctrl_actions *actions)
{
	uint16_t peer_id = message->call_clear_request.call_id;
	struct call_entry *entry = find_by_peer_id(calls, peer_id);

	if (!entry) {
		ctrl_action_notice(actions, CTRL_NOTICE_UNEXPECTED,
				   "Call-Clear-Request for call ID %u, which is no call", peer_id);
		return;
	}
	send_disconnect(entry, PPTP_DISCONNECT_REQUEST, PPTP_ERROR_NONE, actions);
	enter_state(calls, entry, CALL_ENDED);
	ctrl_action_call(actions, CTRL_ACTION_CALL_ENDED, &entry->call);
}

/* Not a PNS's message (RFC 2637 2.13), but what it means is plain. */
static void drop_call(struct ctrl_calls *calls, const struct pptp_msg *message,
		      struct ctrl_actions *actions)
{
	uint16_t peer_id = message->call_disconnect_notify.call_id;
	struct call_entry *entry = find_by_peer_id(calls, peer_id);

	if (!entry) {
		ctrl_action_notice(actions, CTRL_NOTICE_UNEXPECTED,
				   "Call-Disconnect-Notify for call ID %u, which is no call",
				   peer_id);
		return;
	}
	enter_state(calls, entry, CALL_ENDED);
	ctrl_action_call(actions, CTRL_ACTION_CALL_ENDED, &entry->call);
}

static void set_link_info(struct ctrl_calls *calls, const struct pptp_msg *message,
			  struct ctrl_actions *actions)
{
	uint16_t call_id = message->set_link_info.peer_call_id;
	struct call_entry *entry = find_connected(calls, call_id);

	if (!entry)
		ctrl_action_notice(actions, CTRL_NOTICE_UNEXPECTED,
				   "Set-Link-Info for peer's call ID %u, which is no call of ours",
				   call_id);
	else
		ctrl_action_link_info(actions, &entry->call, message);
}

typedef void call_handler(struct ctrl_calls *calls, const struct pptp_msg *message,
			  struct ctrl_actions *actions);

static call_handler *const handlers[] = {
	[PPTP_OUTGOING_CALL_REQUEST] = request_call,
	[PPTP_CALL_CLEAR_REQUEST] = clear_call,
	[PPTP_CALL_DISCONNECT_NOTIFY] = drop_call,
	[PPTP_SET_LINK_INFO] = set_link_info,
};

void ctrl_calls_message(struct ctrl_calls *calls, const struct pptp_msg *message,
			struct ctrl_actions *ret_actions)
{
	if ((size_t)message->type >= ARRAY_SIZE(handlers) || !handlers[message->type])
		bug("message type %d is not about calls", (int)message->type);
	handlers[message->type](calls, message, ret_actions);
}

bool ctrl_calls_end_one(struct ctrl_calls *calls, uint8_t disconnect_result,
			struct ctrl_actions *ret_actions)
{
	struct call_entry *entry;

	if (list_empty(&calls->list))
		return false;
	entry = entry_at(calls->list.next);
	if (disconnect_result && entry->state == CALL_CONNECTED)
		send_disconnect(entry, disconnect_result, PPTP_ERROR_NONE, ret_actions);
	else if (disconnect_result)
		send_reply(entry->call.request.call_id, PPTP_OUTGOING_DO_NOT_ACCEPT,
			   PPTP_ERROR_NONE, ret_actions);
	enter_state(calls, entry, CALL_ENDED);
	ctrl_action_call(ret_actions, CTRL_ACTION_CALL_ENDED, &entry->call);
	return true;
}

void ctrl_calls_connect(struct ctrl_calls *calls, struct ctrl_call *call,
			const struct pptp_outgoing_call_reply *reply,
			struct ctrl_actions *ret_actions)
{
	struct call_entry *entry = entry_of(call);

	if (entry->state == CALL_ENDED)
		return;
	if (entry->state != CALL_REQUESTED || !reply->call_id ||
	    find_connected(calls, reply->call_id))
		bug("call ID %u connected twice, or to no number", reply->call_id);
	call->call_id = reply->call_id;
	enter_state(calls, entry, CALL_CONNECTED);
	ctrl_action_send(ret_actions, PPTP_OUTGOING_CALL_REPLY)->outgoing_call_reply = *reply;
}

void ctrl_calls_refuse(struct ctrl_calls *calls, struct ctrl_call *call,
		       enum pptp_outgoing_result result, enum pptp_error error,
		       struct ctrl_actions *ret_actions)
{
	struct call_entry *entry = entry_of(call);

	if (entry->state == CALL_ENDED)
		return;
	if (entry->state != CALL_REQUESTED)
		bug("call ID %u refused after it was connected", call->call_id);
	send_reply(call->request.call_id, result, error, ret_actions);
	enter_state(calls, entry, CALL_ENDED);
	ctrl_action_call(ret_actions, CTRL_ACTION_CALL_FREE, call);
}

void ctrl_calls_disconnect(struct ctrl_calls *calls, struct ctrl_call *call,
			   enum pptp_disconnect_result result, enum pptp_error error,
			   struct ctrl_actions *ret_actions)
{
	struct call_entry *entry = entry_of(call);

	if (entry->state == CALL_ENDED)
		return;
	if (entry->state != CALL_CONNECTED)
		bug("peer's call ID %u disconnected before it was connected",
		    call->request.call_id);
	send_disconnect(entry, (uint8_t)result, (uint8_t)error, ret_actions);
	enter_state(calls, entry, CALL_ENDED);
	ctrl_action_call(ret_actions, CTRL_ACTION_CALL_FREE, call);
}
