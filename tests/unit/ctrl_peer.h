/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A control connection over a socket pair as the tests drive it: the peer's end with what it read,
 * an owner that notes what it was told, and system calls that fail on demand.
 */
#ifndef TESTS_UNIT_CTRL_PEER_H
#define TESTS_UNIT_CTRL_PEER_H

#include "tests/unit/unit.h"

#include <stdbool.h>

#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpctrl/proto/pptp_msg.h"

/* What the owner does when it is told about a call. */
enum answer {
	ANSWER_LATER,
	ANSWER_CONNECT,
	ANSWER_REFUSE,
	ANSWER_STOP,
};

struct peer {
	struct ev_loop *loop;
	struct ctrl_conn *conn;
	int fd; /* the other end, -1 when closed */
	enum answer answer;
	const char *free_at;      /* the connection is freed when this word is noted */
	bool freed;               /* ... which happened */
	const char *stop_at;      /* the connection is stopped when this word is noted */
	bool closed;              /* closed() came */
	bool reset;               /* the peer's end was reset */
	bool disconnect_others;   /* from within call_ended() */
	char log[4096];           /* what the owner was told, in words */
	unsigned requests;        /* calls requested */
	unsigned refusals;        /* CTRL_NOTICE_CALL_REFUSED */
	struct ctrl_call *call;   /* the last one requested */
	struct ctrl_call *others; /* one more, for disconnect_others */
	uint8_t *heard;           /* what the peer read */
	size_t heard_len;
	size_t heard_used;
};

/* System calls that are made to fail or to do less than they could. */
struct peer_fault {
	bool interrupt;         /* every other call ends with EINTR */
	size_t most;            /* bytes for each call; 0: no limit */
	unsigned calls;         /* made so far */
	bool pipe_is_full;      /* each write ends with EAGAIN */
	unsigned queue_refuses; /* so many messages */
};

extern struct peer_fault peer_fault;

/* All timeouts 60 s, four calls. */
extern const struct ctrl_conn_settings peer_settings;

/* A new loop and connection, all zero besides. */
void peer_begin(struct peer *p);
void peer_begin_with(struct peer *p, const struct ctrl_conn_settings *chosen);
void peer_end(struct peer *p);

/* The next connection on the same loop; forgets the one before, which must be freed or closed. */
void peer_begin_again(struct peer *p);

/* Reads what is there; false at the end of the stream. */
bool peer_hear(struct peer *p);

/* Runs the loop until all that needs no waiting has happened; the peer reads if it `listens`. */
void peer_turn(struct peer *p, bool listens);
void peer_settle(struct peer *p);

/* Encodes; returns the length. */
size_t peer_put(uint8_t *out, size_t room, const struct pptp_msg *message);

/* A plain message of each type; those about a call mean the peer's call ID 7 or our 107. */
struct pptp_msg peer_message(enum pptp_msg_type type);

/* A start, a call with all that can happen to it, and the end: one glued stream. */
size_t peer_put_dialogue(uint8_t *out, size_t room);

/* Sends `chunk` bytes at a time with a turn of the loop between; returns what the pipe took. */
size_t peer_send_bytes(struct peer *p, const uint8_t *data, size_t len, size_t chunk);

void peer_send(struct peer *p, const struct pptp_msg *message);
void peer_send_type(struct peer *p, enum pptp_msg_type type);

/* These two also let it be handled. */
void peer_request_call(struct peer *p, uint16_t peer_id);
void peer_establish(struct peer *p);

/* The next message that the peer read; fails if there is none. */
struct pptp_msg peer_next(struct peer *p);
void peer_assert_heard(struct peer *p, enum pptp_msg_type type);
void peer_assert_heard_all(const struct peer *p);

#endif
