/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An enrolment between the node at one end of a stream and the manager, with its log line. */
#ifndef PPTPCTRL_ENROL_FRONT_H
#define PPTPCTRL_ENROL_FRONT_H

#include "pptpctrl/front.h"

struct enrol_front;
struct rrp_stream;

/*
 * Takes over the stream of the node `id`. `address` and `front` must outlive the object. over()
 * comes once, from the loop, and may free it. NULL when memory is out; the stream is then still the
 * caller's.
 */
struct enrol_front *enrol_front_new(const struct front_context *front, struct rrp_stream *stream,
				    const struct node_id *id, const char *address,
				    void (*over)(void *context), void *context);

/* Closes without a callback. Accepts NULL. */
void enrol_front_free(struct enrol_front *enrolment);

/* The manager's answer; ignored when it was not asked. */
void enrol_front_verdict(struct enrol_front *enrolment, const struct ipc_enrol_verdict *verdict);

#endif
