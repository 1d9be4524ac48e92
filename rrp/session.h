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

#include "pptpd/base/mono.h"
#include "rrp/payload.h"
#include "rrp/tunnel.h"

struct session;

/* Random bytes that a session is given at its start: its nonce and, on the server, its number. */
#define SESSION_RANDOM_LEN (RRP_NONCE_LEN + RRP_SESSION_ID_LEN)

/* The least room that session_output() needs: any one frame fits. */
#define SESSION_OUTPUT_MIN (16 * 1024)

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

/* Fills `buffer` with frames; returns how many bytes are to be written. */
size_t session_output(struct session *session, uint8_t *buffer, size_t size);

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
