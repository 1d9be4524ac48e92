// SPDX-License-Identifier: GPL-2.0-or-later
/* What a session does with each frame that came. A handler's callback is the last thing it does. */
#include <string.h>

#include "pptpctrl/proto/pptp_msg.h"
#include "pptpd/base/log.h"
#include "rrp/session_private.h"

typedef void handle_frame(struct session *session, const struct rrp_frame *frame, struct mono now);

static void fault_payload(struct session *session, const struct rrp_frame *frame)
{
	char name[RRP_TYPE_TEXT_MAX];

	session_fault(session, RRP_ERROR_PROTOCOL,
		      "%s: expected legal values, got others in %zu bytes",
		      rrp_type_name(frame->header.type, name), frame->payload_len);
}

/* Each side sends one frame that nobody knows, so that skipping is never a surprise. */
static void queue_grease(struct session *session)
{
	uint8_t buffer[SESSION_FRAME_MAX];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));

	rrp_frame_grease(&out, RRP_GREASE_FIRST | (session->random[0] & 0x0f), session->random,
			 session->random[1] & 0x0f);
	(void)session_queue_control(session, &out); /* hardly anything waits yet */
}

static void come_up(struct session *session, const char *peer_name)
{
	const char *name = peer_name[0] ? peer_name : "(no name)";

	session_set_state(session, SESSION_UP);
	queue_grease(session);
	session_notice(session, TUNNEL_NOTICE_UP, "%s, version %u", name, SESSION_VERSION);
	if (session->state == SESSION_UP)
		session->owner.ops->up(session->owner.context, name);
}

static void queue_welcome(struct session *session)
{
	struct rrp_welcome welcome = {
		.version = SESSION_VERSION,
		.features = SESSION_FEATURES,
		.max_calls = session->max_calls,
	};
	uint8_t buffer[SESSION_FRAME_MAX];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));
	size_t frame = rrp_frame_begin(&out, RRP_WELCOME, 0, 0);

	memcpy(welcome.nonce, session->random, sizeof(welcome.nonce));
	memcpy(welcome.session_id, session->random + RRP_NONCE_LEN, sizeof(welcome.session_id));
	memcpy(welcome.name, session->name, sizeof(welcome.name));
	rrp_welcome_write(&out, &welcome);
	rrp_frame_end(&out, frame);
	(void)session_queue_control(session, &out); /* the first frame fits */
}

static void on_hello(struct session *session, const struct rrp_frame *frame, struct mono now UNUSED)
{
	struct rrp_hello hello;

	if (!rrp_hello_read(frame->payload, frame->payload_len, &hello)) {
		fault_payload(session, frame);
		return;
	}
	if (hello.lowest > SESSION_VERSION || hello.highest < SESSION_VERSION) {
		session_fault(session, RRP_ERROR_VERSION,
			      "HELLO: expected version %u, got %u to %u", SESSION_VERSION,
			      hello.lowest, hello.highest);
		return;
	}
	queue_welcome(session);
	come_up(session, hello.name);
}

static void on_welcome(struct session *session, const struct rrp_frame *frame,
		       struct mono now UNUSED)
{
	struct rrp_welcome welcome;

	if (!rrp_welcome_read(frame->payload, frame->payload_len, &welcome)) {
		fault_payload(session, frame);
		return;
	}
	if (welcome.version != SESSION_VERSION || welcome.features & ~(uint32_t)SESSION_FEATURES) {
		session_fault(session, RRP_ERROR_VERSION,
			      "WELCOME: expected version %u and features %u, got %u and %u",
			      SESSION_VERSION, SESSION_FEATURES, welcome.version, welcome.features);
		return;
	}
	if (welcome.max_calls)
		session->max_calls = MIN(session->max_calls, welcome.max_calls);
	come_up(session, welcome.name);
}

static void on_error(struct session *session, const struct rrp_frame *frame, struct mono now UNUSED)
{
	char text[RRP_ERROR_TEXT_MAX + 1];
	struct rrp_error error;

	if (!rrp_error_read(frame->payload, frame->payload_len, &error)) {
		fault_payload(session, frame);
		return;
	}
	(void)log_printable(text, sizeof(text), error.text);
	session_end(session, SESSION_OVER, PPTP_DISCONNECT_LOST_CARRIER, TUNNEL_NOTICE_REFUSED,
		    text);
}

static void on_goaway(struct session *session, const struct rrp_frame *frame,
		      struct mono now UNUSED)
{
	struct rrp_goaway goaway;

	if (!rrp_goaway_read(frame->payload, frame->payload_len, &goaway)) {
		fault_payload(session, frame);
		return;
	}
	session_end(session, SESSION_OVER, PPTP_DISCONNECT_ADMIN_SHUTDOWN, TUNNEL_NOTICE_CLOSED,
		    session->role == TUNNEL_CLIENT ? "the server ends this tunnel; its log says why"
						   : "the other shuts down");
}

static void on_ack(struct session *session, const struct rrp_frame *frame, struct mono now UNUSED)
{
	uint32_t event;

	if (!rrp_ack_read(frame->payload, frame->payload_len, &event)) {
		fault_payload(session, frame);
		return;
	}
	if (event > session->event_sent) {
		session_fault(session, RRP_ERROR_PROTOCOL, "ACK: expected at most event %u, got %u",
			      session->event_sent, event);
		return;
	}
	session->event_acked = MAX(session->event_acked, event);
	if (session_has_output(session))
		session_wake_owner(session);
}

static void on_ping(struct session *session, const struct rrp_frame *frame, struct mono now)
{
	uint8_t buffer[SESSION_FRAME_MAX];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));
	struct rrp_ping ping;
	size_t pong;

	if (!rrp_ping_read(frame->payload, frame->payload_len, &ping)) {
		fault_payload(session, frame);
		return;
	}
	ping.clock_ms = (uint32_t)(now.us / 1000);
	ping.delay_us = 0;
	pong = rrp_frame_begin(&out, RRP_PONG, 0, 0);
	rrp_ping_write(&out, &ping);
	rrp_frame_end(&out, pong);
	if (!session_queue_control(session, &out))
		session_fault(session, RRP_ERROR_OVERFLOW,
			      "expected to write PONG, got more PINGs than are read answers");
}

/* That it came is all that matters today. */
static void on_pong(struct session *session, const struct rrp_frame *frame, struct mono now UNUSED)
{
	struct rrp_ping pong;

	if (!rrp_ping_read(frame->payload, frame->payload_len, &pong))
		fault_payload(session, frame);
}

/* RFC 2637 2.7's fields in host order. False when this version cannot serve the call. */
static bool take_request(const struct rrp_call_open *open, struct tunnel_call_request *ret_request)
{
	struct tunnel_call_request request = {
		.client_call_id = open->client_call_id,
		.serial = open->serial,
		.min_bps = open->min_bps,
		.max_bps = open->max_bps,
		.bearer = open->bearer,
		.framing = open->framing,
	};

	if (open->family != RRP_FAMILY_IPV4)
		return false;
	memcpy(&request.client, open->address, sizeof(request.client));
	memcpy(request.phone_number, open->phone_number, sizeof(request.phone_number));
	memcpy(request.subaddress, open->subaddress, sizeof(request.subaddress));
	*ret_request = request;
	return true;
}

static void on_call_open(struct session *session, const struct rrp_frame *frame,
			 struct mono now UNUSED)
{
	uint32_t number = frame->header.call;
	struct tunnel_call_request request;
	struct rrp_call_open open;
	struct tunnel_call *call;

	if (!rrp_call_open_read(frame->payload, frame->payload_len, &open)) {
		fault_payload(session, frame);
		return;
	}
	if (number <= session->last_call) {
		session_fault(session, RRP_ERROR_PROTOCOL,
			      "CALL_OPEN: expected a call above %u, got %u", session->last_call,
			      number);
		return;
	}
	session->last_call = number;
	if (!take_request(&open, &request)) {
		call_send_refused(session, number, PPTP_OUTGOING_GENERAL_ERROR,
				  PPTP_ERROR_BAD_VALUE);
		return;
	}
	if (session->count >= session->max_calls) {
		call_send_refused(session, number, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE);
		return;
	}
	call = call_new(session, number);
	if (!call) {
		call_send_refused(session, number, PPTP_OUTGOING_GENERAL_ERROR,
				  PPTP_ERROR_NO_RESOURCE);
		return;
	}
	session->owner.ops->call_opened(session->owner.context, call, &request);
}

/*
 * The call that a frame is for; NULL when it has ended here, which the other may not know yet, or
 * when the frame is a fault.
 */
static struct tunnel_call *find_call(struct session *session, const struct rrp_frame *frame)
{
	uint32_t number = frame->header.call;
	struct tunnel_call *call = call_find(session, number);
	char name[RRP_TYPE_TEXT_MAX];

	if (!call && number > session->last_call)
		session_fault(session, RRP_ERROR_PROTOCOL, "%s: expected a call up to %u, got %u",
			      rrp_type_name(frame->header.type, name), session->last_call, number);
	return call;
}

static struct tunnel_call *find_call_in(struct session *session, const struct rrp_frame *frame,
					enum call_state state)
{
	struct tunnel_call *call = find_call(session, frame);
	char name[RRP_TYPE_TEXT_MAX];

	if (!call || call->state == state)
		return call;
	session_fault(session, RRP_ERROR_PROTOCOL, "%s: expected a call that is %s, got call %u",
		      rrp_type_name(frame->header.type, name),
		      state == CALL_OPENING ? "opening" : "connected", frame->header.call);
	return NULL;
}

static void on_call_opened(struct session *session, const struct rrp_frame *frame,
			   struct mono now UNUSED)
{
	struct tunnel_call *call;
	uint32_t speed;

	if (!rrp_call_opened_read(frame->payload, frame->payload_len, &speed)) {
		fault_payload(session, frame);
		return;
	}
	call = find_call_in(session, frame, CALL_OPENING);
	if (!call)
		return;
	call->state = CALL_CONNECTED;
	session->owner.ops->call_accepted(session->owner.context, call, speed);
}

static void on_call_refused(struct session *session, const struct rrp_frame *frame,
			    struct mono now UNUSED)
{
	struct tunnel_call *call;
	struct rrp_result result;

	if (!rrp_call_refused_read(frame->payload, frame->payload_len, &result)) {
		fault_payload(session, frame);
		return;
	}
	call = find_call_in(session, frame, CALL_OPENING);
	if (!call)
		return;
	call_remove(call);
	session->owner.ops->call_refused(session->owner.context, call, result.result, result.error);
	call_free(call);
}

static void on_call_close(struct session *session, const struct rrp_frame *frame,
			  struct mono now UNUSED)
{
	struct tunnel_call *call;
	struct rrp_result result;

	if (!rrp_call_close_read(frame->payload, frame->payload_len, &result)) {
		fault_payload(session, frame);
		return;
	}
	call = find_call(session, frame);
	if (!call)
		return;
	call_remove(call);
	session->owner.ops->call_closed(session->owner.context, call, result.result, result.error);
	call_free(call);
}

static void on_link_info(struct session *session, const struct rrp_frame *frame,
			 struct mono now UNUSED)
{
	struct tunnel_call *call;
	struct rrp_link_info info;

	if (!rrp_link_info_read(frame->payload, frame->payload_len, &info)) {
		fault_payload(session, frame);
		return;
	}
	call = find_call_in(session, frame, CALL_CONNECTED);
	if (!call)
		return;
	session->owner.ops->link_info(session->owner.context, call, info.send_accm,
				      info.receive_accm);
}

static void on_ppp(struct session *session, const struct rrp_frame *frame, struct mono now UNUSED)
{
	struct tunnel_call *call = find_call_in(session, frame, CALL_CONNECTED);

	if (call)
		session->owner.ops->frame(session->owner.context, call, frame->payload,
					  frame->payload_len);
}

static handle_frame *const handlers[] = {
	[RRP_HELLO] = on_hello,
	[RRP_WELCOME] = on_welcome,
	[RRP_GOAWAY] = on_goaway,
	[RRP_ERROR] = on_error,
	[RRP_CALL_OPEN] = on_call_open,
	[RRP_CALL_OPENED] = on_call_opened,
	[RRP_CALL_REFUSED] = on_call_refused,
	[RRP_LINK_INFO] = on_link_info,
	[RRP_CALL_CLOSE] = on_call_close,
	[RRP_PPP_CTL] = on_ppp,
	[RRP_PPP_DATA] = on_ppp,
	[RRP_ACK] = on_ack,
	[RRP_PING] = on_ping,
	[RRP_PONG] = on_pong,
};

static enum rrp_reader reader_of(const struct session *session)
{
	if (session->state == SESSION_HELLO)
		return session->role == TUNNEL_SERVER ? RRP_READER_HELLO : RRP_READER_WELCOME;
	return session->role == TUNNEL_SERVER ? RRP_READER_SERVER : RRP_READER_CLIENT;
}

/* Counts an event; false when it came before, or is a fault. */
static bool take_event(struct session *session, const struct rrp_frame *frame)
{
	uint32_t expected = session->event_seen + 1;
	char name[RRP_TYPE_TEXT_MAX];

	if (frame->sequence > expected || frame->sequence == 0) {
		session_fault(session, RRP_ERROR_PROTOCOL, "%s: expected event %u, got %u",
			      rrp_type_name(frame->header.type, name), expected, frame->sequence);
		return false;
	}
	session->ack_due = true;
	session_wake_owner(session);
	if (frame->sequence < expected)
		return false;
	session->event_seen = expected;
	return true;
}

static void notice_received(struct session *session, const struct rrp_frame *frame)
{
	uint8_t type = frame->header.type;
	char name[RRP_TYPE_TEXT_MAX];

	if (rrp_type_is_event(type))
		session_notice(session, TUNNEL_NOTICE_DEBUG, "%s %s, call %u, event %u",
			       frame->unknown ? "skipped" : "received", rrp_type_name(type, name),
			       frame->header.call, frame->sequence);
	else if (type != RRP_PPP_CTL && type != RRP_PPP_DATA)
		session_notice(session, TUNNEL_NOTICE_DEBUG, "%s %s",
			       frame->unknown ? "skipped" : "received", rrp_type_name(type, name));
}

static void take_frame(struct session *session, const struct rrp_frame *frame, struct mono now)
{
	enum session_state before = session->state;

	notice_received(session, frame);
	if (session->state != before)
		return; /* the owner ended the tunnel meanwhile */
	if (rrp_type_is_event(frame->header.type) && !take_event(session, frame))
		return;
	if (!frame->unknown)
		handlers[frame->header.type](session, frame, now);
}

static bool is_ending(const struct session *session)
{
	return session->state == SESSION_LINGER || session->state == SESSION_OVER;
}

size_t session_input(struct session *session, const uint8_t *data, size_t len, struct mono now)
{
	enum rrp_framing framing = RRP_FRAMING_FRAME;
	struct rrp_fault fault;
	size_t used = 0;

	if (len) {
		session->last_input = now;
		session->pings = 0;
	}
	while (!is_ending(session) && framing == RRP_FRAMING_FRAME) {
		struct rrp_frame frame;
		size_t size;

		framing = rrp_frame_next(data + used, len - used, reader_of(session), &frame, &size,
					 &fault);
		if (framing == RRP_FRAMING_FRAME) {
			take_frame(session, &frame, now);
			used += size;
		}
	}
	if (framing == RRP_FRAMING_BAD && !is_ending(session))
		session_fault(session, RRP_ERROR_PROTOCOL, "%s", fault.text);
	return is_ending(session) ? len : used;
}
