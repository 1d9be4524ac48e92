/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machines of a control connection as the tests drive them: events go in, what they want done
 * comes out as words, and nothing is sent anywhere.
 */
#ifndef TESTS_UNIT_CTRL_MACHINE_H
#define TESTS_UNIT_CTRL_MACHINE_H

#include "tests/unit/unit.h"

#include "pptpctrl/pptp/ctrl_fsm.h"

struct machine {
	struct ctrl_fsm fsm;
	struct ctrl_actions actions; /* of the last event */
	char summary[512];           /* in words; protocol notices left out */
	char text[CTRL_TEXT_MAX];    /* of the last notice */
	struct ctrl_call *requested; /* the last one */
};

/* Start 10 s, echo after 60 s and for 30 s, stop 5 s, two calls. */
extern const struct ctrl_conn_settings machine_settings;

/* So many seconds after the start. */
struct mono machine_time(int seconds);

void machine_begin(struct machine *m, enum ctrl_state state);
void machine_begin_with(struct machine *m, const struct ctrl_conn_settings *chosen,
			enum ctrl_state state);
void machine_end(struct machine *m);

/* Forgets the last event; the list for the next one. */
struct ctrl_actions *machine_fresh(struct machine *m);

/* Carries actions out: appends their words to the summary, frees calls. */
void machine_perform(struct machine *m, const struct ctrl_actions *actions);

/* The n-th message that the last event sent, from 0. */
const struct pptp_msg *machine_sent(const struct machine *m, size_t n);

/* A plain message of each type; those about a call mean the peer's call ID 7 or our 70. */
struct pptp_msg machine_message(enum pptp_msg_type type);

/* Events: each forgets the last one and carries out what this one wants. */
void machine_give(struct machine *m, const struct pptp_msg *message, struct mono now);
void machine_give_type(struct machine *m, enum pptp_msg_type type);
void machine_request_call(struct machine *m, uint16_t peer_id);
void machine_connect_call(struct machine *m, uint16_t call_id);
void machine_stop(struct machine *m, struct mono now);
void machine_tick(struct machine *m, struct mono now);

/* The machine's timer is due so many seconds after the start. */
void machine_assert_deadline(const struct machine *m, int seconds);

#endif
