// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a session has to say, in its order: its own frames, then events as far as the other has
 * acknowledged them, then PPP frames by turns of the calls.
 */
#include <string.h>

#include "pptpctrl/proto/pptp_msg.h"
#include "rrp/session_private.h"

/* A shorter PPP frame costs less to be copied than to be a part of its own. */
#define COPIED_MAX 256

_Static_assert(SCHED_HEADROOM == RRP_HEADER_LEN, "a frame of the tunnel is made where it waits");
_Static_assert(SESSION_PARTS_MAX >= 2 * SESSION_OUTPUT_MAX / COPIED_MAX, "copied ones in between");

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

	wr_copy(out, ppp->wire + SCHED_HEADROOM, ppp->len);
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

/* Bytes that were written behind the last ones in `bytes`. */
static void add_copied(struct session_output *out, const uint8_t *start, size_t len)
{
	if (!out->count || out->frames[out->count - 1]) {
		out->parts[out->count] = (struct iovec){.iov_base = (void *)(uintptr_t)start};
		out->frames[out->count++] = NULL;
	}
	out->parts[out->count - 1].iov_len += len;
	out->left += len;
}

static void add_copy(struct session_output *out, struct byte_writer *bytes, uint32_t call,
		     const struct sched_frame *ppp)
{
	const uint8_t *start = bytes->pos;

	write_ppp(bytes, call, ppp);
	add_copied(out, start, (size_t)(bytes->pos - start));
}

/* The frame itself, with its header put in front of it. */
static void add_frame(struct session_output *out, uint32_t call, struct sched_frame *ppp)
{
	struct byte_writer header = wr_init(ppp->wire, SCHED_HEADROOM);

	rrp_ppp_header_write(&header, ppp->is_control ? RRP_PPP_CTL : RRP_PPP_DATA, call, ppp->len);
	out->parts[out->count] = (struct iovec){
		.iov_base = ppp->wire,
		.iov_len = (size_t)SCHED_HEADROOM + ppp->len,
	};
	out->frames[out->count++] = ppp;
	out->left += (size_t)SCHED_HEADROOM + ppp->len;
}

static void add_ppp_frames(struct session *session, struct session_output *out,
			   struct byte_writer *bytes)
{
	const struct sched_frame *ppp;
	struct sched_queue *queue;

	while ((ppp = sched_peek(&session->sched, &queue))) {
		uint32_t call = container_of(queue, struct tunnel_call, queue)->number;

		if (out->left + RRP_HEADER_LEN + ppp->len > SESSION_OUTPUT_MAX)
			return;
		if (out->in_one || ppp->len <= COPIED_MAX) {
			add_copy(out, bytes, call, ppp);
			sched_pop(&session->sched, queue);
		} else {
			add_frame(out, call, sched_take(&session->sched, queue));
		}
	}
}

/* Lets go of the first part. */
static void finish_part(struct session *session, struct session_output *out)
{
	if (out->frames[out->first])
		sched_release(&session->sched, out->frames[out->first]);
	out->first++;
}

void session_output_written(struct session *session, struct session_output *out, size_t len)
{
	out->left -= len;
	while (out->first < out->count && len >= out->parts[out->first].iov_len) {
		len -= out->parts[out->first].iov_len;
		finish_part(session, out);
	}
	if (len) {
		struct iovec *part = &out->parts[out->first];

		part->iov_base = (uint8_t *)part->iov_base + len;
		part->iov_len -= len;
	}
}

void session_output_drop(struct session *session, struct session_output *out)
{
	while (out->first < out->count)
		finish_part(session, out);
	out->left = 0;
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

/* All but PPP frames; true when those may follow. */
static bool write_own_frames(struct session *session, struct byte_writer *out)
{
	bool events_done;

	if (!move_frames(session, &session->control, out))
		return false;
	if (session->ack_due && has_room(out)) /* behind WELCOME, if that still waits */
		write_ack(session, out);
	events_done = move_frames(session, &session->events, out);
	if (session->goaway_due && has_room(out) && (events_done || !event_window_open(session)))
		write_goaway(session, out);
	if (!events_done || session->state != SESSION_UP)
		return false;
	write_link_infos(session, out);
	return true;
}

size_t session_output(struct session *session, struct session_output *out)
{
	struct byte_writer bytes = wr_init(out->bytes, SESSION_OUTPUT_MAX);
	bool ppp_may_follow;

	out->first = out->count = 0;
	session_settle(session);
	ppp_may_follow = write_own_frames(session, &bytes);
	/* A callback on the way may have abandoned the session. */
	if (session->state == SESSION_OVER)
		return 0;
	if (wr_len(&bytes))
		add_copied(out, bytes.start, wr_len(&bytes));
	if (ppp_may_follow)
		add_ppp_frames(session, out, &bytes);
	return out->left;
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
