// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a session has to say, in its order: its own frames, then events as far as the other has
 * acknowledged them, then PPP frames by turns of the calls.
 */
#include "pptpctrl/proto/pptp_msg.h"
#include "rrp/session_private.h"

static bool push(struct session *session, struct outq *queue, const struct byte_writer *out)
{
	if (wr_failed(out) || !outq_push(queue, out->start, wr_len(out)))
		return false;
	session_wake_owner(session);
	return true;
}

bool session_queue_control(struct session *session, struct byte_writer *out)
{
	return push(session, &session->control, out);
}

void session_queue_event(struct session *session, struct byte_writer *out)
{
	if (push(session, &session->events, out) && session->event_last < UINT32_MAX)
		return;
	session->overflow = true;
	session_wake_owner(session);
}

void session_queue_link_info(struct session *session, struct tunnel_call *call)
{
	list_remove(&call->info_link);
	list_append(&session->infos, &call->info_link);
	session_wake_owner(session);
}

static void write_ppp(struct byte_writer *out, uint32_t call, const struct sched_frame *ppp)
{
	size_t frame = rrp_frame_begin(out, ppp->is_control ? RRP_PPP_CTL : RRP_PPP_DATA, call, 0);

	wr_copy(out, ppp->data, ppp->len);
	rrp_frame_end(out, frame);
}

void session_queue_last_frames(struct session *session, struct tunnel_call *call)
{
	uint8_t buffer[RRP_HEADER_LEN + RRP_FRAME_MAX];

	for (struct sched_frame *ppp = call->queue.first; ppp; ppp = ppp->next) {
		struct byte_writer out = wr_init(buffer, sizeof(buffer));

		if (!ppp->is_control)
			continue;
		write_ppp(&out, call->number, ppp);
		/* The other half of the room is for the events of the calls that there are. */
		if (session->events.used + wr_len(&out) > session->events.limit / 2)
			break;
		if (!push(session, &session->events, &out))
			break;
	}
}

static void notice_sent(struct session *session, const struct rrp_header *header, uint32_t event)
{
	char name[RRP_TYPE_TEXT_MAX];

	if (header->type == RRP_PPP_CTL)
		return;
	if (event)
		session_notice(session, TUNNEL_NOTICE_DEBUG, "sent %s, call %u, event %u",
			       rrp_type_name(header->type, name), header->call, event);
	else
		session_notice(session, TUNNEL_NOTICE_DEBUG, "sent %s",
			       rrp_type_name(header->type, name));
}

static bool event_window_open(const struct session *session)
{
	return session->event_sent - session->event_acked < SESSION_EVENTS_UNACKED_MAX;
}

/* Moves whole frames from a queue; false when one must stay there. */
static bool move_frames(struct session *session, struct outq *queue, struct byte_writer *out)
{
	const uint8_t *data;
	size_t len;

	while ((data = outq_peek(queue, &len)), len) {
		struct byte_reader in = rd_init(data, len);
		struct rrp_header header = rrp_header_read(&in);
		size_t size = RRP_HEADER_LEN + (size_t)header.length;
		bool is_event = rrp_type_is_event(header.type);

		if ((is_event && !event_window_open(session)) ||
		    size > (size_t)(out->end - out->pos))
			return false;
		wr_copy(out, data, size);
		outq_consume(queue, size);
		if (is_event)
			session->event_sent++;
		notice_sent(session, &header, is_event ? session->event_sent : 0);
	}
	return true;
}

static bool has_room(const struct byte_writer *out)
{
	return (size_t)(out->end - out->pos) >= SESSION_FRAME_MAX;
}

static void write_ack(struct session *session, struct byte_writer *out)
{
	size_t frame = rrp_frame_begin(out, RRP_ACK, 0, 0);

	rrp_ack_write(out, session->event_seen);
	rrp_frame_end(out, frame);
	session->ack_due = false;
	session_notice(session, TUNNEL_NOTICE_DEBUG, "sent ACK of event %u", session->event_seen);
}

/* Says goodbye; events that the other has not made room for are forgotten. */
static void write_goaway(struct session *session, struct byte_writer *out)
{
	const struct rrp_goaway goaway = {.reason = RRP_GOAWAY_SHUTDOWN};
	size_t frame = rrp_frame_begin(out, RRP_GOAWAY, 0, 0);

	rrp_goaway_write(out, &goaway);
	rrp_frame_end(out, frame);
	session->goaway_due = false;
	outq_done(&session->events);
	session_notice(session, TUNNEL_NOTICE_DEBUG, "sent GOAWAY");
}

/* The queue of events is empty: the link infos that wait become events. */
static void write_link_infos(struct session *session, struct byte_writer *out)
{
	while (!list_empty(&session->infos) && event_window_open(session) && has_room(out)) {
		struct tunnel_call *call =
			container_of(session->infos.next, struct tunnel_call, info_link);
		size_t frame =
			rrp_frame_begin(out, RRP_LINK_INFO, call->number, ++session->event_last);

		rrp_link_info_write(out, &call->info);
		rrp_frame_end(out, frame);
		session->event_sent++;
		list_remove(&call->info_link);
		session_notice(session, TUNNEL_NOTICE_DEBUG, "sent LINK_INFO, call %u, event %u",
			       call->number, session->event_sent);
	}
}

static void write_ppp_frames(struct session *session, struct byte_writer *out)
{
	const struct sched_frame *ppp;
	struct sched_queue *queue;

	while ((ppp = sched_peek(&session->sched, &queue))) {
		const struct tunnel_call *call = container_of(queue, struct tunnel_call, queue);

		if ((size_t)RRP_HEADER_LEN + ppp->len > (size_t)(out->end - out->pos))
			return;
		write_ppp(out, call->number, ppp);
		sched_pop(&session->sched, queue);
	}
}

void session_settle(struct session *session)
{
	while (!list_empty(&session->doomed)) {
		struct tunnel_call *call =
			container_of(session->doomed.next, struct tunnel_call, doomed_link);

		call_send_close(session, call->number, PPTP_DISCONNECT_GENERAL_ERROR,
				PPTP_ERROR_NO_RESOURCE);
		call_remove(call);
		session->owner.ops->call_closed(session->owner.context, call,
						PPTP_DISCONNECT_GENERAL_ERROR,
						PPTP_ERROR_NO_RESOURCE);
		call_free(call);
	}
	if (session->overflow)
		session_fault(session, RRP_ERROR_OVERFLOW,
			      "expected ACK, got none for %u events and %zu bytes of more",
			      session->event_sent - session->event_acked, session->events.used);
}

size_t session_output(struct session *session, uint8_t *buffer, size_t size)
{
	struct byte_writer out = wr_init(buffer, size);
	bool events_done;

	session_settle(session);
	if (!move_frames(session, &session->control, &out))
		return wr_len(&out);
	if (session->ack_due && has_room(&out)) /* behind WELCOME, if that still waits */
		write_ack(session, &out);
	events_done = move_frames(session, &session->events, &out);
	if (session->goaway_due && has_room(&out) && (events_done || !event_window_open(session)))
		write_goaway(session, &out);
	if (events_done && session->state == SESSION_UP) {
		write_link_infos(session, &out);
		write_ppp_frames(session, &out);
	}
	/* A callback on the way may have abandoned the session. */
	return session->state == SESSION_OVER ? 0 : wr_len(&out);
}

bool session_has_output(const struct session *session)
{
	if (session->state == SESSION_OVER)
		return false;
	if (session->overflow || session->ack_due || session->goaway_due ||
	    !outq_empty(&session->control) || !list_empty(&session->doomed))
		return true;
	if (!outq_empty(&session->events))
		return event_window_open(session);
	return (!list_empty(&session->infos) && event_window_open(session)) ||
	       !sched_empty(&session->sched);
}
