/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the peer of an established control connection still lives, RFC 2637 3.1.4: when an
 * Echo-Request is due, which replies fit, when the peer is lost. Pure; internal to this library.
 */
#ifndef PPTPCTRL_PPTP_CTRL_ALIVE_H
#define PPTPCTRL_PPTP_CTRL_ALIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpd/base/mono.h"

struct ctrl_alive {
	unsigned interval_s; /* of silence before an Echo-Request; 0: none is ever sent */
	unsigned timeout_s;  /* without any sign of life after it; 0: the peer is never lost */
	unsigned doubt_s;    /* of these, until the peer is in doubt; 0: never */
	struct mono heard;   /* the last whole message, or the start */
	struct mono sign;    /* the last sign of life from elsewhere */
	bool waits;          /* an Echo-Request was sent after `heard` */
	struct mono first;   /* the first one after `heard` */
	struct mono last;    /* the latest one */
	bool doubted;        /* no sign of life since it was put in doubt */
	uint32_t oldest;     /* identifiers from here to before `next` have no reply yet */
	uint32_t next;
};

void ctrl_alive_init(struct ctrl_alive *alive, unsigned interval_s, unsigned timeout_s,
		     unsigned doubt_s, struct mono now);

/* A whole control message came. */
void ctrl_alive_heard(struct ctrl_alive *alive, struct mono now);

/*
 * The peer lives although it does not speak here. Puts off its loss, not the Echo-Requests: they
 * also keep a NAT's entry for the control connection.
 */
void ctrl_alive_sign(struct ctrl_alive *alive, struct mono now);

/* An Echo-Request goes out; its identifier. */
uint32_t ctrl_alive_ask(struct ctrl_alive *alive, struct mono now);

/* Whether an Echo-Request without a reply had this identifier; older ones count as answered. */
bool ctrl_alive_answer(struct ctrl_alive *alive, uint32_t identifier);

/* When the next Echo-Request is due; false: never. */
bool ctrl_alive_due(const struct ctrl_alive *alive, struct mono *ret_when);

/* When a peer that stays mute is in doubt; false: it is already, or need not be. */
bool ctrl_alive_doubtful(const struct ctrl_alive *alive, struct mono *ret_when);

/* The peer is in doubt from now on, until there is a sign of life. */
void ctrl_alive_doubt(struct ctrl_alive *alive);

/* When a peer that stays mute is lost; false: not before another Echo-Request. */
bool ctrl_alive_lost(const struct ctrl_alive *alive, struct mono *ret_when);

#endif
