/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LAN's control connections: accepts them within limits, serves them, logs what they do. What
 * becomes of their calls is for calls.h.
 */
#ifndef LRP_LAN_H
#define LRP_LAN_H

#include <ev.h>
#include <stdbool.h>

#include "lrp/calls.h"
#include "pptpctrl/pptp/ctrl_conn.h"

/*
 * Connections that sent no Start-Control-Connection-Request yet; one more pushes out the oldest, so
 * that whoever opens silent connections only ever keeps out himself. Half as many as can have
 * calls, within these bounds: after a power cut, all clients come at once, and a busy box reads
 * late.
 */
#define LAN_HALF_OPEN_MIN            64
#define LAN_HALF_OPEN_MAX            1024
#define LAN_HALF_OPEN_PER_SOURCE_MAX 8

/* All connections of one host. Generous: several clients can sit behind one translated address. */
#define LAN_CONNECTIONS_PER_SOURCE_MAX 64

/* Connections accepted before others get their turn. */
#define LAN_ACCEPT_BATCH 16

/* Control connections beyond one for each call and the half-open ones: those that go. */
#define LAN_CONNECTIONS_SPARE 64

/*
 * Seconds between looks at the started connections; one that had no call at two of them in a row,
 * nor asked for one in between, is ended. Else a few hosts that start connections and never call
 * keep everybody out.
 */
#define LAN_LOOK_EVERY_S 60.

struct lan;

struct lan_settings {
	int listener;         /* taken over */
	unsigned connections; /* calls that there can be */
	double look_every_s;  /* LAN_LOOK_EVERY_S */
	struct ctrl_conn_settings ctrl;

	/* The last connection is gone after lan_stop(). */
	void (*stopped)(void *context);
	void *context;
};

/*
 * Starts to accept. The texts of `settings` and `calls` must outlive it. NULL when memory is out;
 * the listener is then still the caller's.
 */
struct lan *lan_new(struct ev_loop *loop, const struct lan_settings *settings, struct calls *calls);

/* Closes everything at once. Accepts NULL. */
void lan_free(struct lan *lan);

/*
 * Accepts no more, and ends each connection in order. True if there was none; else stopped()
 * follows.
 */
bool lan_stop(struct lan *lan);

#endif
