/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a pptpctrl may ask of the manager: for each message one predicate that says why not, and one
 * action. Lengths were tested by ipc_receive(). Runs as root; believes nothing that it is told.
 */
#ifndef PPTPD_REQUESTS_H
#define PPTPD_REQUESTS_H

#include <stdint.h>

#include "pptpd/ipc.h"

struct call;
struct child;
struct start_queue_ops;

/* Carries out one message of the child, or refuses it with one log line (of a limited rate). */
void requests_handle(struct child *child, const union ipc_message *message);

/* The answer to the request of a call: there it is, or why not. */
void requests_answer_started(struct child *child, uint32_t request, const struct call *call);
void requests_answer_refused(struct child *child, uint32_t request, enum ipc_refusal reason);

/* What the manager's queue of starts does with a call's request. */
extern const struct start_queue_ops requests_start_ops;

#endif
