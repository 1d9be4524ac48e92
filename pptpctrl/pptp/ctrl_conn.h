/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One accepted PPTP control connection (RFC 2637 2 and 3.1), the PAC's side: reads and writes the
 * TCP socket, answers what needs no owner (start, echo, stop, refusals), keeps the calls, and
 * tells its owner about the rest. Starts no pppd and knows no GRE; logs nothing itself.
 *
 * Every function below may be called from within every callback, ctrl_conn_free() included: then
 * no further callback comes, and calls and connection must not be touched any more. The program
 * ignores SIGPIPE.
 */
#ifndef PPTPCTRL_PPTP_CTRL_CONN_H
#define PPTPCTRL_PPTP_CTRL_CONN_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "pptpctrl/proto/pptp_msg.h"
#include "pptpd/base/mono.h"

struct ctrl_conn;

struct ctrl_conn_settings {
	unsigned start_timeout_s; /* until a Start-Control-Connection-Request is complete */
	unsigned echo_interval_s; /* of silence before an Echo-Request (RFC 2637 3.1.4: 60); 0:
				     none is sent */
	unsigned echo_timeout_s;  /* for its reply, then the connection is lost (60); 0: never */
	unsigned doubt_s;         /* of these, until the owner is told mute(); 0: never */
	unsigned stop_timeout_s;  /* for the reply to our Stop-Control-Connection-Request, and for
				     the peer to read our last message */
	unsigned max_calls;       /* at once on this connection */
	const char *host_name;    /* in our Start-Control-Connection-Reply, at most PPTP_NAME_LEN */
	const char *vendor;
};

/*
 * A call on this connection. Allocated and freed by the connection; the owner may keep the pointer
 * until it refuses or disconnects the call or is told call_ended().
 */
struct ctrl_call {
	struct ctrl_conn *conn;
	struct pptp_outgoing_call_request request; /* request.call_id is the peer's call ID */
	uint16_t call_id;                          /* ours; 0 until the call is connected */
	void *owner;                               /* the owner's, untouched */
};

/* What became of a connection, and other things worth a log line. */
enum ctrl_notice {
	CTRL_NOTICE_START,         /* a Start-Control-Connection-Request was accepted */
	CTRL_NOTICE_PEER_CLOSED,   /* end of stream */
	CTRL_NOTICE_STOPPED,       /* Stop-Control-Connection-Request, or the reply to ours */
	CTRL_NOTICE_ECHO_TIMEOUT,  /* no reply to our Echo-Request */
	CTRL_NOTICE_START_TIMEOUT, /* no complete first message in time */
	CTRL_NOTICE_STOP_TIMEOUT,  /* no reply to our Stop-Control-Connection-Request */
	CTRL_NOTICE_READ_ERROR,    /* errno in the text */
	CTRL_NOTICE_WRITE_ERROR,
	CTRL_NOTICE_QUEUE_FULL,    /* the peer does not read what we send: closed */
	CTRL_NOTICE_BAD_LENGTH,    /* framing: closed */
	CTRL_NOTICE_BAD_MAGIC,     /* framing: closed */
	CTRL_NOTICE_BAD_FIRST,     /* the first message is not a Start-Control-Connection-Request:
				      closed */
	CTRL_NOTICE_BAD_VERSION,   /* refused with Start result 5: closed */
	CTRL_NOTICE_UNKNOWN_TYPE,  /* skipped */
	CTRL_NOTICE_NOT_SUPPORTED, /* a known type that we refuse or ignore (Incoming-Call-Request
				      ...) */
	CTRL_NOTICE_UNEXPECTED,    /* a message that does not fit the state: ignored */
	CTRL_NOTICE_CALL_REFUSED,  /* by the connection itself: too many calls, call ID in use */
	CTRL_NOTICE_WAN_ERROR,     /* WAN-Error-Notify, its counters in the text */
	CTRL_NOTICE_PROTOCOL,      /* message sent or received, for debugging */
};

struct ctrl_conn_ops {
	/*
	 * An Outgoing-Call-Request. The owner answers it, now or later, with ctrl_call_connect()
	 * or ctrl_call_refuse().
	 */
	void (*call_requested)(void *context, struct ctrl_call *call);

	/*
	 * The peer cleared the call, or the connection ended: the owner lets go of it. What RFC
	 * 2637 asks to be sent is sent already. The call is freed after the return; refusing or
	 * disconnecting it here has no effect.
	 */
	void (*call_ended)(void *context, struct ctrl_call *call);

	/* Set-Link-Info for a connected call, RFC 2637 2.15. */
	void (*link_info)(void *context, struct ctrl_call *call, uint32_t send_accm,
			  uint32_t receive_accm);

	/*
	 * Something for the log; `text` has what was expected and what came, without the peer. May
	 * come from within a function that the owner called. A peer can cause any number of them.
	 */
	void (*notice)(void *context, enum ctrl_notice notice, const char *text);

	/*
	 * An Echo-Request had no reply and the peer gave no other sign of life for doubt_s: the
	 * moment to look for one elsewhere. Told again when one that was found is as old. NULL
	 * unless doubt_s is set.
	 */
	void (*mute)(void *context);

	/*
	 * The last callback, after call_ended() for each call; the socket is closed. Never from
	 * within a function that the owner called. The owner calls ctrl_conn_free() now or later.
	 */
	void (*closed)(void *context);
};

/*
 * Takes over the connected, non-blocking socket `fd` and starts to serve it. `settings` is copied
 * (its texts must outlive the connection), `ops` must outlive it. NULL when memory is out; `fd` is
 * then still the caller's.
 */
struct ctrl_conn *ctrl_conn_new(struct ev_loop *loop, int fd,
				const struct ctrl_conn_settings *settings,
				const struct ctrl_conn_ops *ops, void *context);

/* Closes at once, without a message and without a callback. Accepts NULL. */
void ctrl_conn_free(struct ctrl_conn *conn);

/*
 * Ends the connection in order: a Call-Disconnect-Notify (administrative shutdown) for each
 * connected call and a refusal (do not accept) for each requested one, then a
 * Stop-Control-Connection-Request, then closed() when the reply came or stop_timeout_s is over. The
 * owner is told call_ended() for each call before this returns. A connection that was not started
 * is only closed; one that is ending already goes on with that.
 */
void ctrl_conn_stop(struct ctrl_conn *conn, enum pptp_stop_reason reason);

/*
 * Answers a requested call: Outgoing-Call-Reply with result 1, `call_id` as ours, the connect speed
 * in bit/s and our receive window in packets. The number is not 0 and no other connected call of
 * this connection has it.
 */
void ctrl_call_connect(struct ctrl_call *call, uint16_t call_id, uint32_t connect_speed,
		       uint16_t window);

/* Answers a requested call with a refusal, and frees it; no call_ended(). */
void ctrl_call_refuse(struct ctrl_call *call, enum pptp_outgoing_result result,
		      enum pptp_error error);

/*
 * Ends a connected call with a Call-Disconnect-Notify, and frees it; no call_ended(). The
 * connection stays.
 */
void ctrl_call_disconnect(struct ctrl_call *call, enum pptp_disconnect_result result,
			  enum pptp_error error);

/*
 * The peer was alive `when` by other means, a valid GRE packet of one of its calls. Puts off the
 * end after echo_timeout_s; Echo-Requests are sent as always. Cheap enough for every packet: it
 * asks no clock.
 */
void ctrl_conn_peer_alive(struct ctrl_conn *conn, struct mono when);

/* Whether mute() was told, and there has been no sign of life since. */
bool ctrl_conn_is_mute(const struct ctrl_conn *conn);

/* Calls at present, requested or connected. */
unsigned ctrl_conn_calls(const struct ctrl_conn *conn);

#endif
