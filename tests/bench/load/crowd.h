/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All clients of the load tool: who dials when, what became of them, and in which order. */
#ifndef TESTS_BENCH_LOAD_CROWD_H
#define TESTS_BENCH_LOAD_CROWD_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/load/client.h"

/* A call ID tells a client, and it is never 0. */
#define CROWD_MAX 65535

struct crowd_settings {
	struct in_addr server;
	struct in_addr first_source, last_source;
	size_t calls;
	size_t calls_per_source; /* 0: as few as the sources allow */
	double within_s;         /* over which the dialling is spread evenly */
	double wait_s;           /* from the first dial; who is not up by then has failed */
	struct ppp_peer_settings ppp;
};

struct crowd {
	struct crowd_settings settings;
	struct client_world world;
	struct client *clients;
	size_t dialled, up, failed, lost;
	struct mono begun, settled;
	ev_timer dialling, tick;

	void (*all_settled)(void *context); /* each is up or has failed */
	void (*probe)(void *context, struct client *client, const struct probe *probe, size_t len,
		      struct mono now);
	void *context;
};

/* Begins to dial. False, with what is wrong on stderr, if that cannot be. */
bool crowd_start(struct crowd *crowd, struct ev_loop *loop, const struct crowd_settings *settings);

/* Closes all control connections and frees everything. */
void crowd_done(struct crowd *crowd);

/* A line with how many are up and lost now, and why. */
void crowd_report_state(const struct crowd *crowd, const char *event, bool json);

/* The same with times and order: once all are settled. */
void crowd_report(const struct crowd *crowd, bool json);

#endif
