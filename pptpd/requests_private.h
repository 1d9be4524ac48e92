/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of requests.c share: one request each. */
#ifndef PPTPD_REQUESTS_PRIVATE_H
#define PPTPD_REQUESTS_PRIVATE_H

#include "pptpd/ipc.h"

struct child;

struct request {
	/* Why the child must not ask for that; NULL: it may. */
	const char *(*refuse)(const struct child *child, const union ipc_message *message);
	void (*act)(struct child *child, const union ipc_message *message);
};

/* Of calls: requests_calls.c. */
extern const struct request request_call_start;
extern const struct request request_call_cancel;
extern const struct request request_call_stop;
extern const struct request request_call_proven;
extern const struct request request_call_ready;

/* Of tunnels: requests_nodes.c. */
extern const struct request request_peer_name;
extern const struct request request_peer;
extern const struct request request_enrol;
extern const struct request request_checkpoint;
extern const struct request request_adopt;

#endif
