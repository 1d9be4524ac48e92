/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One end of a tunnel over one connected stream (docs/protocol.md): hello, calls, PPP frames,
 * keepalive. The LRP is the client and opens calls; the RRP is the server and answers. Starts no
 * pppd, knows no GRE, logs nothing itself.
 */
#ifndef RRP_TUNNEL_H
#define RRP_TUNNEL_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rrp/stream.h"

struct tunnel;
struct tunnel_call;

#define RRP_PORT 4723

/* Longest PPP frame that a tunnel carries: what GRE over IPv4 can at most bring. */
#define RRP_FRAME_MAX 8192

/* Longest name of a node in HELLO and WELCOME. */
#define RRP_NAME_MAX 64

/* Longest phone number and subaddress; RFC 2637's fields. */
#define RRP_NUMBER_MAX 64

enum tunnel_role {
	TUNNEL_CLIENT, /* LRP */
	TUNNEL_SERVER, /* RRP */
};

struct tunnel_settings {
	enum tunnel_role role;
	unsigned hello_timeout_s; /* until the other's HELLO or WELCOME is complete (5) */
	unsigned ping_interval_s; /* of silence before we send PING (15) */
	unsigned ping_misses;     /* intervals without any byte, then the tunnel is dead (3) */
	unsigned max_calls;       /* at once */
	const char *name;         /* ours, at most RRP_NAME_MAX, printable ASCII */
};

/* What the client knows of a call when its PPTP client asks for it. */
struct tunnel_call_request {
	struct in_addr client;   /* the PPTP client's address on the LAN */
	uint16_t client_call_id; /* what the PPTP client calls it; for logs and titles only */
	uint16_t serial;
	uint32_t min_bps;
	uint32_t max_bps;
	uint32_t bearer;
	uint32_t framing;
	char phone_number[RRP_NUMBER_MAX + 1];
	char subaddress[RRP_NUMBER_MAX + 1];
};

enum tunnel_notice {
	TUNNEL_NOTICE_UP,     /* the other's name and version in the text */
	TUNNEL_NOTICE_CLOSED, /* by the other, in order */
	TUNNEL_NOTICE_LOST,   /* reset, end of stream without a word, write error */
	TUNNEL_NOTICE_SILENT, /* ping_misses intervals without a byte */
	TUNNEL_NOTICE_HELLO_TIMEOUT,
	TUNNEL_NOTICE_PROTOCOL, /* the other broke the protocol: expected and got in the text */
	TUNNEL_NOTICE_REFUSED,  /* the other sent ERROR; its text, made printable */
	TUNNEL_NOTICE_OVERFLOW, /* the other does not read: control events do not fit any more */
	TUNNEL_NOTICE_DEBUG,    /* frames other than PPP, sent or received */
};

/*
 * Callbacks come from the loop, never from within a function that the owner called, but for
 * call_closed() in tunnel_shutdown(). Within any callback the owner may call any function here,
 * tunnel_free() too.
 *
 * Every pointer to a tunnel_call is valid until call_refused() or call_closed() returned, or until
 * the owner called tunnel_call_close(), tunnel_call_refuse() or tunnel_free() itself. During its
 * call_refused() or call_closed() a call only knows its owner, number and dropped frames; whatever
 * else is asked of it does nothing.
 */
struct tunnel_ops {
	/* The hello exchange is done: calls may be opened. `peer_name` is printable. */
	void (*up)(void *context, const char *peer_name);

	/* Server: answer with tunnel_call_accept() or tunnel_call_refuse(), now or later. */
	void (*call_opened)(void *context, struct tunnel_call *call,
			    const struct tunnel_call_request *request);

	/* Client: the server connected the call, with its speed in bit/s. */
	void (*call_accepted)(void *context, struct tunnel_call *call, uint32_t connect_speed);

	/*
	 * Client: result and error code as in an Outgoing-Call-Reply (RFC 2637 2.8); the result is
	 * one of 2 to 7.
	 */
	void (*call_refused)(void *context, struct tunnel_call *call, uint8_t result,
			     uint8_t error);

	/*
	 * The other closed the call, or the tunnel went down (1, Lost Carrier), or the owner sent
	 * more PPP control frames than can wait (2 and 4: General Error, No-Resource). Result and
	 * error code as in a Call-Disconnect-Notify (RFC 2637 2.13); the result is one of 1 to 4.
	 */
	void (*call_closed)(void *context, struct tunnel_call *call, uint8_t result, uint8_t error);

	void (*link_info)(void *context, struct tunnel_call *call, uint32_t send_accm,
			  uint32_t receive_accm);

	/*
	 * A PPP frame as a GRE payload would carry it. Its bytes stay until frames_done().
	 */
	void (*frame)(void *context, struct tunnel_call *call, const uint8_t *frame, size_t len);

	/*
	 * One read was handed on, with as many frames as it had: nobody may point to them any more.
	 * Comes from within tunnel_free() if that is called while a read is handed on. May be NULL.
	 */
	void (*frames_done)(void *context);

	/* Something for the log, printable, without the peer's address. */
	void (*notice)(void *context, enum tunnel_notice notice, const char *text);

	/*
	 * The last callback, after call_closed() for every call; the stream is closed. Never from
	 * within a function that the owner called. The owner calls tunnel_free() now or later.
	 */
	void (*down)(void *context);
};

/*
 * Takes over the stream, which must be connected, and starts: the client sends HELLO. `settings` is
 * copied (the name too), `ops` must outlive the tunnel. NULL when memory or random numbers are out;
 * the stream is then still the caller's.
 */
struct tunnel *tunnel_new(struct ev_loop *loop, struct rrp_stream *stream,
			  const struct tunnel_settings *settings, const struct tunnel_ops *ops,
			  void *context);

/*
 * Closes at once, without a word and without a further callback but a frames_done() that is owed;
 * every call is gone with it.
 * Accepts NULL.
 */
void tunnel_free(struct tunnel *tunnel);

/*
 * Ends the tunnel in order: PPP control frames that wait, then GOAWAY, which ends all calls
 * (administrative shutdown), then down() when the other has closed, or after two seconds. The owner
 * is told call_closed() for each call before this returns.
 */
void tunnel_shutdown(struct tunnel *tunnel);

/*
 * Client: opens a call. NULL if the tunnel is not up, is closing, has as many calls as we or the
 * server allow, has too much waiting to be written, or memory is out. Text that is not printable
 * is sent with '?' in its place.
 */
struct tunnel_call *tunnel_call_open(struct tunnel *tunnel,
				     const struct tunnel_call_request *request, void *owner);

/* Server: connects a call, with the speed in bit/s that the PPTP client is told. */
void tunnel_call_accept(struct tunnel_call *call, uint32_t connect_speed);

/*
 * Server: refuses a call that was not accepted, and frees it. A result that RFC 2637 2.8 does not
 * have is sent as 2 (General Error).
 */
void tunnel_call_refuse(struct tunnel_call *call, uint8_t result, uint8_t error);

/*
 * Either side: ends a call in any state, and frees it. PPP control frames that wait still go out,
 * data frames do not. A result that RFC 2637 2.13 does not have is sent as 2 (General Error).
 */
void tunnel_call_close(struct tunnel_call *call, uint8_t result, uint8_t error);

/* For a connected call. While it waits to be written, a newer one takes its place. */
void tunnel_call_link_info(struct tunnel_call *call, uint32_t send_accm, uint32_t receive_accm);

/*
 * Sends a PPP frame of a connected call, 1 to RRP_FRAME_MAX bytes. When too much waits, of the call
 * or of all, the oldest data frame is dropped, and counted. PPP control frames (protocol 0x8000 and
 * above) are never dropped; a call that has 64 KiB of them waiting is ended.
 */
void tunnel_call_send(struct tunnel_call *call, const uint8_t *frame, size_t len);

void tunnel_call_set_owner(struct tunnel_call *call, void *owner);
void *tunnel_call_owner(const struct tunnel_call *call);

/* The call's number in the tunnel, for logs. */
uint32_t tunnel_call_number(const struct tunnel_call *call);

/* Data frames of the call that were dropped because they had to wait too long. */
uint64_t tunnel_call_dropped(const struct tunnel_call *call);

/* Calls at present, in any state. */
unsigned tunnel_calls(const struct tunnel *tunnel);

#endif
