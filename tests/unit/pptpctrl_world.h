/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A front side of a pptpctrl as main.c drives it, with a manager that the test plays. */
#ifndef TESTS_UNIT_PPTPCTRL_WORLD_H
#define TESTS_UNIT_PPTPCTRL_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpctrl/front.h"
#include "tests/unit/pptpctrl_manager.h"

#define WORLD_TITLE_ROOM 100

/* The client's or LRP's address, as text and as a number. */
#define WORLD_CLIENT      "192.0.2.7"
#define WORLD_CLIENT_ADDR 0xc0000207u

#define WORLD_MAX_CALLS 3

struct world {
	struct manager_end manager;
	struct front_context context;
	const struct front *front;
	void *state; /* the front's */
	char title[WORLD_TITLE_ROOM + 1];
	unsigned released;
	unsigned lost;
	unsigned descriptors;
};

/* Lines that are logged are caught from now on. */
void world_begin(struct world *world, const struct front *front);

/* The same behind TLS. */
void world_begin_tls(struct world *world, const struct front *front);

/* Frees the front side in whatever state it is, and looks for descriptors that are left. */
void world_end(struct world *world);

/* Everything that needs no waiting happens. */
void world_settle(struct world *world);

/* The manager passes a new connection; returns its other end. */
int world_connect(struct world *world);

void world_assert_asked(struct world *world, const char *expected);

/* The manager's answer; returns pppd's end of the channel. */
int world_start_call(struct world *world, uint32_t request, uint16_t call_id);
void world_refuse_call(struct world *world, uint32_t request, enum ipc_refusal reason);
void world_end_call(struct world *world, uint16_t call_id);
void world_stop(struct world *world);

/* A PPP frame through pppd's end of a channel; the second is whether one was there, and only one.
 */
void world_pppd_sends(struct world *world, int pppd, const void *frame, size_t len);
bool world_pppd_hears(struct world *world, int pppd, const void *frame, size_t len);

/* Whether pppd's line is closed. */
bool world_is_hung_up(int pppd);

#endif
