/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One end of a tunnel without its stream: bytes in, callbacks and bytes out, time passed in. The
 * callbacks are those of rrp/tunnel.h but down(); they come from session_input(),
 * session_output() and session_tick(), and call_closed() from session_shutdown().
 */
#ifndef RRP_SESSION_H
#define RRP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "pptpd/base/mono.h"
#include "rrp/payload.h"
#include "rrp/tunnel.h"

struct session;

/* Random bytes that a session is given at its start: its nonce and, on the server, its number. */
#define SESSION_RANDOM_LEN (RRP_NONCE_LEN + RRP_SESSION_ID_LEN)

/*
 * Bytes that session_output() gives out at once: any one frame fits, and a full record of TLS has
 * as many.
 */
#define SESSION_OUTPUT_MAX (16 * 1024)

/* Pieces that they are in. Frames that stay where they are have more than 256 bytes: see there. */
#define SESSION_PARTS_MAX 128

struct sched_frame;

/*
 * What is to be written next, in order: frames in `bytes`, and long PPP frames where they waited,
 * which is no copy. The owner sets `bytes` and `in_one`, the rest is zero at first.
 */
struct session_output {
	uint8_t *bytes; /* SESSION_OUTPUT_MAX, the owner's */
	bool in_one;    /* copy all frames to `bytes`: there is one part */
	struct iovec parts[SESSION_PARTS_MAX];
	struct sched_frame *frames[SESSION_PARTS_MAX]; /* that the parts are; NULL: in `bytes` */
	unsigned first;                                /* part that is not written in full */
	unsigned count;                                /* of all parts */
	size_t left;                                   /* bytes in first and those behind it */
};

enum session_state {
	SESSION_HELLO,
	SESSION_UP,
	SESSION_LINGER, /* last words to be written; then until the other closes, or a limit */
	SESSION_OVER,   /* close the stream now */
};

/* Told, in any function, that there may be something for session_output() to do. */
typedef void session_wake(void *context);

struct session_owner {
	const struct tunnel_ops *ops;
	void *context; /* for the callbacks */
	session_wake *wake;
	void *wake_context;
};

/* `owner` and `settings` are copied, the name too; ops must outlive it. NULL: out of memory. */
struct session *session_new(const struct tunnel_settings *settings,
			    const uint8_t random[SESSION_RANDOM_LEN],
			    const struct session_owner *owner, struct mono now);

/* Not from within a callback. Accepts NULL. */
void session_free(struct session *session);

/* Ends the session without a word and without a callback, from anywhere. */
void session_abandon(struct session *session);

/*
 * Takes what came, and returns how many bytes it used: all but an incomplete frame at the end,
 * which must be passed again with more behind it. All of them when the session is ending.
 */
size_t session_input(struct session *session, const uint8_t *data, size_t len, struct mono now);

/* Fills `out`, in which nothing is left; returns how many bytes are to be written. */
size_t session_output(struct session *session, struct session_output *out);

/* So many bytes of `out` are written. */
void session_output_written(struct session *session, struct session_output *out, size_t len);

/* Nothing more of `out` will be written. Due before session_free(). */
void session_output_drop(struct session *session, struct session_output *out);

/* Delivers the callbacks that an owner's function could not; session_output() does it too. */
void session_settle(struct session *session);

/* Whether session_output() has something to do now. */
bool session_has_output(const struct session *session);

/* Time went by; due at session_deadline() at the latest. */
void session_tick(struct session *session, struct mono now);
struct mono session_deadline(const struct session *session);

/* The stream ended or failed; `text` says how. */
void session_lost(struct session *session, const char *text);

/* As tunnel_shutdown(). */
void session_shutdown(struct session *session);

/* As tunnel_call_open(); the other functions of a call are those of rrp/tunnel.h. */
struct tunnel_call *session_call_open(struct session *session,
				      const struct tunnel_call_request *request, void *owner);

enum session_state session_state(const struct session *session);

unsigned session_calls(const struct session *session);

#endif
