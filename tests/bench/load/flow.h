/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data mode of the load tool: sends through the calls that are up, and counts what arrives. */
#ifndef TESTS_BENCH_LOAD_FLOW_H
#define TESTS_BENCH_LOAD_FLOW_H

#include <ev.h>
#include <stdbool.h>

#include "tests/bench/load/crowd.h"

struct flow;

enum flow_kind {
	FLOW_UP,   /* to the server, counted there */
	FLOW_DOWN, /* from it */
	FLOW_BOTH, /* at once */
	FLOW_ECHO, /* to the server and back */
	FLOW_PING, /* one after the other: for the round trip */
};

struct flow_settings {
	enum flow_kind kind;
	unsigned size; /* bytes of each IP packet */
	unsigned rate; /* packets per second in all and each way; 0: as fast as windows allow */
	double seconds;
	size_t calls;    /* of the first that are up */
	unsigned window; /* packets that may be on their way in a call */
};

/* "up", "down", "both", "echo", "ping". False for anything else. */
bool flow_kind_parse(const char *word, enum flow_kind *ret_kind);

/* Begins; finished() comes when it is over, after a line of JSON or text. NULL: no call is up. */
struct flow *flow_start(struct crowd *crowd, const struct flow_settings *settings, bool json,
			void (*finished)(void *context), void *context);

/* A probe that came for one of its clients. Accepts NULL: nothing was going on. */
void flow_take(struct flow *flow, struct client *client, const struct probe *probe, size_t len,
	       struct mono now);

/* Accepts NULL. */
void flow_free(struct flow *flow);

#endif
