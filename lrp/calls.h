/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joins the three parts of each call: the call on a client's control connection, the call in the
 * tunnel, and GRE between here and the client. Translates their identifiers; looks into no PPP
 * frame.
 */
#ifndef LRP_CALLS_H
#define LRP_CALLS_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "lrp/call_hosts.h"
#include "lrp/lan_sources.h"
#include "lrp/upstream.h"
#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpctrl/pptp/gre_engine.h"

/*
 * For the server to answer a call. It lets calls wait for their turn, for a minute at most, and
 * says so itself when that is over; clients wait about as long.
 */
#define CALLS_ANSWER_TIMEOUT_S 65

struct calls;

struct calls_settings {
	struct gre_engine *engine; /* through which the calls' GRE goes */
	struct call_hosts *hosts;  /* the clients whose calls are connected are kept there */
	unsigned limit;            /* calls at once */

	/* upstream_ops' stopped(), handed on. */
	void (*upstream_stopped)(void *context);
	void *context;
};

/* NULL when memory is out. */
struct calls *calls_new(struct ev_loop *loop, const struct calls_settings *settings);

/*
 * Ends the GRE of calls that are left and tells neither side: the connections and the tunnel are
 * the owner's to close. Accepts NULL.
 */
void calls_free(struct calls *calls);

/* For upstream_new(), with the calls as its context. */
extern const struct upstream_ops calls_upstream_ops;

/* Where calls are opened from now on; to be set before the first request. */
void calls_set_upstream(struct calls *calls, struct upstream *upstream);

/* A client asks for a call. `source` must stay valid until calls_client_ended(). */
void calls_client_requested(struct calls *calls, struct ctrl_call *ctrl, struct lan_source *source);

/* The client's side of a call ended, as ctrl_conn_ops says. */
void calls_client_ended(struct calls *calls, struct ctrl_call *ctrl);

void calls_client_link_info(struct calls *calls, struct ctrl_call *ctrl, uint32_t send_accm,
			    uint32_t receive_accm);

/* From now on, calls that end are reported to the server as an administrative shutdown. */
void calls_set_stopping(struct calls *calls);

/* At present, connected or not. */
unsigned calls_count(const struct calls *calls);

#endif
