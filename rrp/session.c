// SPDX-License-Identifier: GPL-2.0-or-later
/* Start, end, time and state of a session; see the header. */
#include "rrp/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpctrl/proto/pptp_msg.h"
#include "pptpd/base/log.h"
#include "rrp/session_private.h"

#define TEXT_MAX 256

void session_wake_owner(struct session *session)
{
	session->owner.wake(session->owner.wake_context);
}

void session_notice(struct session *session, enum tunnel_notice notice, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	session->owner.ops->notice(session->owner.context, notice, text);
}

static void queue_hello(struct session *session)
{
	struct rrp_hello hello = {
		.lowest = SESSION_VERSION,
		.highest = SESSION_VERSION,
		.features = SESSION_FEATURES,
	};
	uint8_t buffer[SESSION_FRAME_MAX];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));
	size_t frame = rrp_frame_begin(&out, RRP_HELLO, 0, 0);

	memcpy(hello.nonce, session->random, sizeof(hello.nonce));
	memcpy(hello.name, session->name, sizeof(hello.name));
	rrp_hello_write(&out, &hello);
	rrp_frame_end(&out, frame);
	(void)session_queue_control(session, &out); /* the first frame fits */
}

static void init_lists(struct session *session)
{
	sched_init(&session->sched);
	list_init(&session->calls);
	list_init(&session->infos);
	list_init(&session->doomed);
	for (size_t i = 0; i < SESSION_BUCKETS; i++)
		list_init(&session->buckets[i]);
}

struct session *session_new(const struct tunnel_settings *settings,
			    const uint8_t random[SESSION_RANDOM_LEN],
			    const struct session_owner *owner, struct mono now)
{
	struct session *session = calloc(1, sizeof(*session));
	size_t event_bytes =
		SESSION_EVENT_BYTES + (size_t)settings->max_calls * SESSION_EVENT_BYTES_PER_CALL;

	if (!session)
		return NULL;
	session->state = SESSION_HELLO;
	session->role = settings->role;
	session->owner = *owner;
	session->hello_timeout_s = settings->hello_timeout_s;
	session->ping_interval_s = MAX(settings->ping_interval_s, 1U);
	session->ping_misses = MAX(settings->ping_misses, 1U);
	session->max_calls = settings->max_calls;
	session->started = now;
	session->last_input = now;
	(void)log_printable(session->name, sizeof(session->name), settings->name);
	memcpy(session->random, random, SESSION_RANDOM_LEN);
	outq_init(&session->control, SESSION_CONTROL_BYTES);
	outq_init(&session->events, event_bytes);
	init_lists(session);
	if (session->role == TUNNEL_CLIENT)
		queue_hello(session);
	return session;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	session_abandon(session);
	sched_done(&session->sched);
	free(session);
}

static struct tunnel_call *first_call(const struct session *session)
{
	if (list_empty(&session->calls))
		return NULL;
	return container_of(session->calls.next, struct tunnel_call, link);
}

void session_set_state(struct session *session, enum session_state state)
{
	session->state = state;
	if (state == SESSION_OVER) {
		outq_done(&session->control);
		outq_done(&session->events);
		session->ack_due = false;
		session->goaway_due = false;
	}
	session->overflow = false;
}

void session_abandon(struct session *session)
{
	struct tunnel_call *call;

	session_set_state(session, SESSION_OVER);
	while ((call = first_call(session))) {
		call_remove(call);
		call_free(call);
	}
}

/* The owner may close other calls, or the whole tunnel, in each callback. */
static void close_calls(struct session *session, uint8_t result)
{
	struct tunnel_call *call;

	while ((call = first_call(session))) {
		call_remove(call);
		session->owner.ops->call_closed(session->owner.context, call, result, 0);
		call_free(call);
	}
}

void session_end(struct session *session, enum session_state state, uint8_t result,
		 enum tunnel_notice notice, const char *text)
{
	session_set_state(session, state);
	session_notice(session, notice, "%s", text);
	close_calls(session, result);
	session_wake_owner(session);
}

/* ERROR in place of whatever waits. */
static void queue_error(struct session *session, uint16_t code, const char *text)
{
	uint8_t buffer[SESSION_FRAME_MAX];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));
	size_t frame = rrp_frame_begin(&out, RRP_ERROR, 0, 0);

	rrp_error_write(&out, code, text);
	rrp_frame_end(&out, frame);
	outq_done(&session->events);
	outq_done(&session->control);
	session->ack_due = false;
	(void)session_queue_control(session, &out); /* the queue is empty */
}

void session_fault(struct session *session, uint16_t code, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	queue_error(session, code, text);
	session_end(session, SESSION_LINGER, PPTP_DISCONNECT_LOST_CARRIER,
		    code == RRP_ERROR_OVERFLOW ? TUNNEL_NOTICE_OVERFLOW : TUNNEL_NOTICE_PROTOCOL,
		    text);
}

void session_lost(struct session *session, const char *text)
{
	if (session->state == SESSION_LINGER)
		session_set_state(session, SESSION_OVER);
	if (session->state != SESSION_OVER)
		session_end(session, SESSION_OVER, PPTP_DISCONNECT_LOST_CARRIER, TUNNEL_NOTICE_LOST,
			    text);
}

void session_shutdown(struct session *session)
{
	if (session->state == SESSION_HELLO)
		session_set_state(session, SESSION_OVER);
	if (session->state == SESSION_UP) {
		list_for_each (item, &session->calls) {
			struct tunnel_call *call = container_of(item, struct tunnel_call, link);

			session_queue_last_frames(session, call);
		}
		session_set_state(session, SESSION_LINGER);
		session->goaway_due = true;
		close_calls(session, PPTP_DISCONNECT_ADMIN_SHUTDOWN);
	}
	session_wake_owner(session);
}

static void queue_ping(struct session *session, struct mono now)
{
	struct rrp_ping ping = {
		.cookie = ++session->ping_cookie,
		.clock_ms = (uint32_t)(now.us / 1000),
	};
	uint8_t buffer[SESSION_FRAME_MAX];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));
	size_t frame = rrp_frame_begin(&out, RRP_PING, 0, 0);

	rrp_ping_write(&out, &ping);
	rrp_frame_end(&out, frame);
	if (session_queue_control(session, &out))
		session->pings++;
}

static struct mono next_ping(const struct session *session)
{
	return mono_add_ms(session->last_input,
			   (int64_t)session->ping_interval_s * 1000 * (session->pings + 1));
}

static void tick_up(struct session *session, struct mono now)
{
	char text[TEXT_MAX];

	if (mono_before(now, next_ping(session)))
		return;
	if (session->pings + 1 < session->ping_misses) {
		queue_ping(session, now);
		return;
	}
	(void)snprintf(text, sizeof(text), "nothing came for %u seconds",
		       session->ping_interval_s * session->ping_misses);
	session_end(session, SESSION_OVER, PPTP_DISCONNECT_LOST_CARRIER, TUNNEL_NOTICE_SILENT,
		    text);
}

static void tick_linger(struct session *session, struct mono now)
{
	if (!session->lingering) {
		session->lingering = true;
		session->linger_until = mono_add_ms(now, SESSION_LINGER_MS);
	} else if (!mono_before(now, session->linger_until)) {
		session_set_state(session, SESSION_OVER);
	}
}

static void tick_hello(struct session *session, struct mono now)
{
	const char *expected = session->role == TUNNEL_SERVER ? "HELLO" : "WELCOME";
	char text[TEXT_MAX];

	if (mono_before(now, session_deadline(session)))
		return;
	(void)snprintf(text, sizeof(text), "expected %s within %u seconds, got nothing complete",
		       expected, session->hello_timeout_s);
	session_end(session, SESSION_OVER, PPTP_DISCONNECT_LOST_CARRIER,
		    TUNNEL_NOTICE_HELLO_TIMEOUT, text);
}

void session_tick(struct session *session, struct mono now)
{
	sched_trim(&session->sched);
	switch (session->state) {
	case SESSION_HELLO:
		tick_hello(session, now);
		break;
	case SESSION_UP:
		tick_up(session, now);
		break;
	case SESSION_LINGER:
		tick_linger(session, now);
		break;
	case SESSION_OVER:
		break;
	}
}

struct mono session_deadline(const struct session *session)
{
	switch (session->state) {
	case SESSION_HELLO:
		return mono_add_ms(session->started, (int64_t)session->hello_timeout_s * 1000);
	case SESSION_UP:
		return next_ping(session);
	case SESSION_LINGER:
		return session->lingering ? session->linger_until : session->last_input;
	case SESSION_OVER:
		break;
	}
	return session->last_input;
}

enum session_state session_state(const struct session *session)
{
	return session->state;
}

unsigned session_calls(const struct session *session)
{
	return session->count;
}
