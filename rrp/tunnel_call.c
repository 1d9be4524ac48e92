// SPDX-License-Identifier: GPL-2.0-or-later
/* The calls of a session, and what their owner does with them; see rrp/tunnel.h. */
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/log.h"
#include "rrp/session_private.h"

struct tunnel_call *call_new(struct session *session, uint32_t number)
{
	struct tunnel_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->session = session;
	call->number = number;
	call->state = CALL_OPENING;
	sched_queue_init(&call->queue);
	list_init(&call->info_link);
	list_init(&call->doomed_link);
	list_append(&session->calls, &call->link);
	list_append(&session->buckets[number % SESSION_BUCKETS], &call->bucket);
	session->count++;
	session->last_call = number;
	return call;
}

struct tunnel_call *call_find(const struct session *session, uint32_t number)
{
	const struct list *bucket = &session->buckets[number % SESSION_BUCKETS];

	list_for_each (item, bucket) {
		struct tunnel_call *call = container_of(item, struct tunnel_call, bucket);

		if (call->number == number)
			return call;
	}
	return NULL;
}

void call_remove(struct tunnel_call *call)
{
	sched_queue_clear(&call->session->sched, &call->queue);
	list_remove(&call->link);
	list_remove(&call->bucket);
	list_remove(&call->info_link);
	list_remove(&call->doomed_link);
	call->session->count--;
	call->state = CALL_ENDED;
}

void call_free(struct tunnel_call *call)
{
	free(call);
}

void call_send_refused(struct session *session, uint32_t number, uint8_t result, uint8_t error)
{
	const struct rrp_result reply = {.result = result, .error = error};
	uint8_t buffer[SESSION_FRAME_MAX];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));
	size_t frame = rrp_frame_begin(&out, RRP_CALL_REFUSED, number, ++session->event_last);

	rrp_call_refused_write(&out, &reply);
	rrp_frame_end(&out, frame);
	session_queue_event(session, &out);
}

void call_send_close(struct session *session, uint32_t number, uint8_t result, uint8_t error)
{
	const struct rrp_result reply = {.result = result, .error = error};
	uint8_t buffer[SESSION_FRAME_MAX];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));
	size_t frame = rrp_frame_begin(&out, RRP_CALL_CLOSE, number, ++session->event_last);

	rrp_call_close_write(&out, &reply);
	rrp_frame_end(&out, frame);
	session_queue_event(session, &out);
}

static void send_open(struct session *session, uint32_t number,
		      const struct tunnel_call_request *request)
{
	struct rrp_call_open open = {
		.family = RRP_FAMILY_IPV4,
		.client_call_id = request->client_call_id,
		.serial = request->serial,
		.min_bps = request->min_bps,
		.max_bps = request->max_bps,
		.bearer = request->bearer,
		.framing = request->framing,
	};
	uint8_t buffer[SESSION_FRAME_MAX];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));
	size_t frame = rrp_frame_begin(&out, RRP_CALL_OPEN, number, ++session->event_last);

	memcpy(open.address, &request->client, sizeof(request->client));
	(void)log_printable(open.phone_number, sizeof(open.phone_number), request->phone_number);
	(void)log_printable(open.subaddress, sizeof(open.subaddress), request->subaddress);
	rrp_call_open_write(&out, &open);
	rrp_frame_end(&out, frame);
	session_queue_event(session, &out);
}

struct tunnel_call *session_call_open(struct session *session,
				      const struct tunnel_call_request *request, void *owner)
{
	struct tunnel_call *call;

	if (session->state != SESSION_UP || session->role != TUNNEL_CLIENT ||
	    session->count >= session->max_calls || session->last_call == UINT32_MAX)
		return NULL;
	/* The other half of the room is for the events of the calls that there are. */
	if (session->events.used > session->events.limit / 2)
		return NULL;
	call = call_new(session, session->last_call + 1);
	if (!call)
		return NULL;
	call->owner = owner;
	send_open(session, call->number, request);
	return call;
}

void tunnel_call_accept(struct tunnel_call *call, uint32_t connect_speed)
{
	struct session *session = call->session;
	uint8_t buffer[SESSION_FRAME_MAX];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));
	size_t frame;

	if (call->state != CALL_OPENING || session->role != TUNNEL_SERVER)
		return;
	call->state = CALL_CONNECTED;
	frame = rrp_frame_begin(&out, RRP_CALL_OPENED, call->number, ++session->event_last);
	rrp_call_opened_write(&out, connect_speed);
	rrp_frame_end(&out, frame);
	session_queue_event(session, &out);
}

void tunnel_call_refuse(struct tunnel_call *call, uint8_t result, uint8_t error)
{
	if (call->state != CALL_OPENING || call->session->role != TUNNEL_SERVER) {
		tunnel_call_close(call, result, error);
		return;
	}
	call_send_refused(call->session, call->number, result, error);
	call_remove(call);
	call_free(call);
}

void tunnel_call_close(struct tunnel_call *call, uint8_t result, uint8_t error)
{
	if (call->state == CALL_ENDED)
		return;
	session_queue_last_frames(call->session, call);
	call_send_close(call->session, call->number, result, error);
	call_remove(call);
	call_free(call);
}

void tunnel_call_link_info(struct tunnel_call *call, uint32_t send_accm, uint32_t receive_accm)
{
	if (call->state != CALL_CONNECTED)
		return;
	call->info = (struct rrp_link_info){.send_accm = send_accm, .receive_accm = receive_accm};
	session_queue_link_info(call->session, call);
}

void tunnel_call_send(struct tunnel_call *call, const uint8_t *frame, size_t len)
{
	struct session *session = call->session;

	if (call->state != CALL_CONNECTED)
		return;
	if (len == 0 || len > RRP_FRAME_MAX) {
		call->queue.dropped++;
		return;
	}
	if (!sched_push(&session->sched, &call->queue, frame, (uint16_t)len,
			rrp_ppp_is_control(frame, len))) {
		list_remove(&call->doomed_link);
		list_append(&session->doomed, &call->doomed_link);
	}
	session_wake_owner(session);
}

void tunnel_call_set_owner(struct tunnel_call *call, void *owner)
{
	call->owner = owner;
}

void *tunnel_call_owner(const struct tunnel_call *call)
{
	return call->owner;
}

uint32_t tunnel_call_number(const struct tunnel_call *call)
{
	return call->number;
}

uint64_t tunnel_call_dropped(const struct tunnel_call *call)
{
	return call->queue.dropped;
}
