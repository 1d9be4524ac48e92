/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager as a pptpctrl sees it: the other end of its messages, played by a test. */
#ifndef TESTS_UNIT_PPTPCTRL_MANAGER_H
#define TESTS_UNIT_PPTPCTRL_MANAGER_H

#include <stdbool.h>
#include <stdint.h>

#include "pptpd/ipc.h"

#define MANAGER_ASKED_MAX 8192

struct manager_end {
	int fd;
	char asked[MANAGER_ASKED_MAX]; /* "gre;start 0 192.0.2.7;stop 5;name lrp;idle 1;peer;" */
	unsigned logged;               /* lines that came beside */
	struct ipc_log last_log;
};

/* Puts the other end at IPC_FD. */
void manager_begin(struct manager_end *manager);
void manager_end(struct manager_end *manager);

/* Takes what came; false once the other end is gone. */
bool manager_hear(struct manager_end *manager);

/* Hears, compares with all that was asked since the last time, and forgets it. */
void manager_assert_asked(struct manager_end *manager, const char *expected);

/* Takes the descriptor over unless it is negative. */
void manager_send(struct manager_end *manager, const void *message, int fd);

void manager_send_connection(struct manager_end *manager, int fd);

/* With one end of a socket pair for channel; returns the other, pppd's. */
int manager_send_started(struct manager_end *manager, uint32_t request, uint16_t call_id);
void manager_send_refused(struct manager_end *manager, uint32_t request, enum ipc_refusal reason);

/* pppd's status is that of a line that was hung up. */
void manager_send_ended(struct manager_end *manager, uint16_t call_id);

void manager_send_peer_verdict(struct manager_end *manager, enum ipc_verdict verdict,
			       const char *name, uint32_t max_calls);
void manager_send_enrol_verdict(struct manager_end *manager, enum ipc_verdict verdict,
				const char *name);

void manager_send_stop(struct manager_end *manager);
void manager_send_released(struct manager_end *manager);

#endif
