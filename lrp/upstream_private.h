/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of an upstream share: its life (upstream.c), the way from addresses to a stream
 * (upstream_connect.c), and the tunnel over that (upstream_tunnel.c).
 */
#ifndef LRP_UPSTREAM_PRIVATE_H
#define LRP_UPSTREAM_PRIVATE_H

#include "lrp/backoff.h"
#include "lrp/upstream.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"

/* During a long outage: so many lines about attempts at once, then one every so often. */
#define DOWN_LINES         6
#define DOWN_LINE_EVERY_MS 60000

#define UPSTREAM_REASON_MAX TLS_ERROR_MAX

/* "HOST:PORT" with brackets. */
#define UPSTREAM_LABEL_MAX (ADDRESS_HOST_MAX + 8)

enum upstream_state {
	UPSTREAM_WAITING, /* for the next attempt */
	UPSTREAM_RESOLVING,
	UPSTREAM_CONNECTING, /* TCP, one address after the other */
	UPSTREAM_SECURING,   /* connected; TLS handshake */
	UPSTREAM_GREETING,   /* connected; HELLO sent, WELCOME not yet received */
	UPSTREAM_UP,
	UPSTREAM_STOPPING, /* upstream_stop(): what was sent last is on its way */
	UPSTREAM_STOPPED,
};

struct upstream {
	struct ev_loop *loop;
	struct upstream_settings settings;
	const struct upstream_ops *ops;
	void *context;

	enum upstream_state state;
	ev_timer timer; /* WAITING: the next attempt; CONNECTING: gives up this address */
	ev_io connected;
	int fd;                          /* CONNECTING only; later the stream's */
	struct tls_handshake *handshake; /* SECURING only */
	const char *cipher;              /* of the last one that was good; NULL: bare TCP */
	struct tunnel *tunnel;

	struct address addresses[RESOLVE_MAX];
	unsigned address_count;
	unsigned address_next;

	struct backoff backoff;
	struct mono up_since;
	struct rate_limit down_lines;
	char reason[UPSTREAM_REASON_MAX]; /* why the tunnel goes down, from its last notice */
	char text[UPSTREAM_TEXT_MAX];
	char label[UPSTREAM_LABEL_MAX]; /* the server as configured, in log lines */
};

/* The one place where the state changes. */
void upstream_set_state(struct upstream *upstream, enum upstream_state state, const char *why);

void upstream_set_timer(struct upstream *upstream, double after_s);

/* The attempt or the tunnel ended: says so, and sets the time of the next attempt. */
void upstream_wait_for_next(struct upstream *upstream, const char *reason);

/* The address of this attempt. */
const struct address *upstream_address(const struct upstream *upstream);

/* Tries the next address; without one, `reason` is why the attempt as a whole failed. */
void upstream_connect_next(struct upstream *upstream, const char *reason);

/* This address failed, with that errno: the next one, if there is one. */
void upstream_connect_failed(struct upstream *upstream, int error);

/* The callback of `connected`. */
void upstream_on_connected(struct ev_loop *loop, ev_io *watcher, int events);

/* No TCP connection is to be made any more; the socket is the caller's. */
void upstream_stop_connecting(struct upstream *upstream);

/* The tunnel takes the stream over. */
void upstream_start_tunnel(struct upstream *upstream, struct rrp_stream *stream);

#endif
