/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What direct.c (the client and its control connections) and direct_call.c (its calls) share. */
#ifndef PPTPCTRL_DIRECT_PRIVATE_H
#define PPTPCTRL_DIRECT_PRIVATE_H

#include <ev.h>
#include <stdbool.h>

#include "pptpctrl/direct_log.h"
#include "pptpctrl/frame_hold.h"
#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpd/base/address.h"
#include "pptpd/base/list.h"

struct front_context;
struct gre_call;
struct gre_engine;
struct gre_raw;
struct ppp_session;
struct reorder_watch;

/* The raw socket of the process, which calls need whose frames pass through it. */
enum direct_gre {
	DIRECT_GRE_UNKNOWN, /* none has needed it yet */
	DIRECT_GRE_ASKED,
	DIRECT_GRE_OPEN,
	DIRECT_GRE_FAILED, /* the first call of the next connection asks again */
};

struct direct {
	const struct front_context *context;
	char client[ADDRESS_TEXT_MAX];
	struct direct_log log;
	struct list conns;
	unsigned conn_count;
	bool stopping;
	enum direct_gre gre;
	struct gre_engine *engine; /* NULL unless the raw socket is there */
	struct gre_raw *raw;
	struct reorder_watch *watch; /* NULL until there is a call whose frames do not */
};

struct direct_conn {
	struct list link;
	struct direct *direct;
	struct ctrl_conn *ctrl; /* NULL once it is closed */
	bool started;           /* and so announced in the log */
	struct list calls;
	unsigned call_count;    /* of these, until each one's pppd is reaped */
	unsigned ctrl_calls;    /* of these, those that the client still has */
	struct ev_timer lonely; /* runs while the client has none */
};

struct direct_call {
	struct list link;
	struct direct_conn *conn;
	struct ctrl_call *ctrl; /* NULL once it is over for the client */
	struct ppp_session *session;
	struct gre_call *gre;   /* NULL unless frames pass through this process */
	bool waits_for_gre;     /* the process's raw socket is on its way */
	struct frame_hold hold; /* what came from pppd until then */
	bool watched;     /* the kernel moves the frames, and the order of its packets matters */
	uint16_t call_id; /* ours, once the session has started */
	bool hung_up;     /* by us, before pppd ended */
};

/* Shows one of the connected calls in the process's title, and how many there are beside it. */
void direct_set_title(const struct direct *direct);

/* The client has no call on the connection: it is closed if none comes in that time. */
void direct_wait_for_call(struct direct_conn *conn, double timeout_s);

/* Frees the connection once it is closed and all its calls are gone. */
void direct_free_conn_if_done(struct direct_conn *conn);

/* An Outgoing-Call-Request: asks the manager for pppd; answered later, or refused at once. */
void direct_call_new(struct direct_conn *conn, struct ctrl_call *ctrl);

/* There is an engine now, or there will be none: for each call that waits for it. */
void direct_calls_have_gre(struct direct *direct);

/*
 * The control connection is mute: a packet of one of its calls shows that the client lives, also
 * where the packets do not pass through this process.
 */
void direct_listen_for_calls(struct direct_conn *conn);

/* The client is done with the call; pppd is hung up, and the rest follows when it is reaped. */
void direct_call_end(struct direct_call *call);

/* Frees a call at the end of the process, without a word to anybody. */
void direct_call_free(struct direct_call *call);

#endif
