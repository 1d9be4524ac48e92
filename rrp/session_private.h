/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the session core share; nobody else includes it. */
#ifndef RRP_SESSION_PRIVATE_H
#define RRP_SESSION_PRIVATE_H

#include "pptpd/base/list.h"
#include "pptpd/base/outq.h"
#include "pptpd/base/util.h"
#include "rrp/frame.h"
#include "rrp/sched.h"
#include "rrp/session.h"

#define SESSION_VERSION  1
#define SESSION_FEATURES 0

/* Events that may be on the way without an ACK. More wait here. */
#define SESSION_EVENTS_UNACKED_MAX 256

/*
 * Bytes of waiting events: some for the session, and so many for each call that it may have.
 * A peer that never acknowledges reaches it; one in good order does not.
 */
#define SESSION_EVENT_BYTES          (64 * 1024)
#define SESSION_EVENT_BYTES_PER_CALL 256

/* Bytes of waiting frames that are the session's own; only PONGs can become many. */
#define SESSION_CONTROL_BYTES (16 * 1024)

/* How long the last words may take, and the other may take to close. */
#define SESSION_LINGER_MS 2000

/* Longest frame that is neither PPP nor an unknown one, header included. */
#define SESSION_FRAME_MAX 512

/* Calls are found by their number for each frame; some thousands are near enough then. */
#define SESSION_BUCKETS 1024

enum call_state {
	CALL_OPENING,
	CALL_CONNECTED,
	CALL_ENDED, /* its last callback is running */
};

struct tunnel_call {
	struct session *session;
	struct list link;        /* on session.calls, in the order of their opening */
	struct list bucket;      /* on one of session.buckets */
	struct list info_link;   /* on session.infos while `info` is to be sent */
	struct list doomed_link; /* on session.doomed when its control frames exceed the bounds */
	struct sched_queue queue;
	struct rrp_link_info info;
	void *owner;
	uint32_t number;
	enum call_state state;
};

struct session {
	enum session_state state;
	enum tunnel_role role;
	struct session_owner owner;
	char name[RRP_NAME_MAX + 1];
	uint8_t random[SESSION_RANDOM_LEN];

	unsigned hello_timeout_s;
	unsigned ping_interval_s;
	unsigned ping_misses;
	unsigned pings; /* since the last byte came */
	uint64_t ping_cookie;
	struct mono started;
	struct mono last_input;
	struct mono linger_until;
	bool lingering; /* linger_until is set */

	struct outq control; /* frames of the session itself */
	struct outq events;  /* events, and what must keep its place among them */
	uint32_t event_last; /* our numbers: given, written, acknowledged */
	uint32_t event_sent;
	uint32_t event_acked;
	uint32_t event_seen; /* the other's */
	bool ack_due;
	bool goaway_due;
	bool overflow; /* the session is to end: an event did not fit */

	struct sched sched;
	struct list calls;
	struct list buckets[SESSION_BUCKETS];
	struct list infos;
	struct list doomed;
	unsigned count;
	unsigned max_calls;
	uint32_t last_call; /* the highest number that there was */
};

/* session.c */
void session_notice(struct session *session, enum tunnel_notice notice, const char *format, ...)
	PRINTF_LIKE(3, 4);
/* The one place where the state changes. */
void session_set_state(struct session *session, enum session_state state);
/* The other broke the protocol: tells both, and ends the session. */
void session_fault(struct session *session, uint16_t code, const char *format, ...)
	PRINTF_LIKE(3, 4);
/* Ends a session: LINGER or OVER, a notice, call_closed(result) for each call. */
void session_end(struct session *session, enum session_state state, uint8_t result,
		 enum tunnel_notice notice, const char *text);
void session_wake_owner(struct session *session);

/* session_output.c */
/* A frame of the session itself; false when too much waits. */
bool session_queue_control(struct session *session, struct byte_writer *out);
/* An event; the session will end with OVERFLOW when it does not fit. */
void session_queue_event(struct session *session, struct byte_writer *out);
/* Puts the call's waiting control frames in front of the event that ends it, if there is room. */
void session_queue_last_frames(struct session *session, struct tunnel_call *call);
/* The call's link info is to be sent when events can be; the latest value counts. */
void session_queue_link_info(struct session *session, struct tunnel_call *call);

/* tunnel_call.c */
struct tunnel_call *call_new(struct session *session, uint32_t number);
struct tunnel_call *call_find(const struct session *session, uint32_t number);
/* Takes it off everything; the memory stays until call_free(). */
void call_remove(struct tunnel_call *call);
void call_free(struct tunnel_call *call);
void call_send_refused(struct session *session, uint32_t number, uint8_t result, uint8_t error);
void call_send_close(struct session *session, uint32_t number, uint8_t result, uint8_t error);

#endif
