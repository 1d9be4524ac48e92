/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One PPTP client with one call: its control connection (RFC 2637, the PNS's side), the GRE of its
 * call, and the PPP link in it. Trusts that packets come in the order they were sent.
 */
#ifndef TESTS_BENCH_LOAD_CLIENT_H
#define TESTS_BENCH_LOAD_CLIENT_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpctrl/proto/gre.h"
#include "pptpctrl/proto/pptp_msg.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"
#include "tests/bench/load/ppp_peer.h"
#include "tests/bench/load/probe.h"

struct client;
struct gre_socket;

#define CLIENT_CAUSE_MAX 64

/* What all clients share. */
struct client_world {
	struct ev_loop *loop;
	struct gre_socket *gre;
	struct in_addr server;
	struct ppp_peer_settings ppp;

	/* The client is up now, or has failed or was lost (see its state and cause). */
	void (*changed)(void *context, struct client *client);

	/* A probe came in an IP packet of `len` bytes. */
	void (*probe)(void *context, struct client *client, const struct probe *probe, size_t len,
		      struct mono now);
	void *context;
};

enum client_state {
	CLIENT_NEW,
	CLIENT_CONNECTING,
	CLIENT_STARTING, /* for the Start-Control-Connection-Reply */
	CLIENT_CALLING,  /* for the Outgoing-Call-Reply */
	CLIENT_LINKING,  /* PPP */
	CLIENT_UP,
	CLIENT_FAILED,
	CLIENT_LOST, /* was up */
};

struct client {
	const struct client_world *world;
	struct in_addr source;
	uint16_t call_id; /* ours */
	uint16_t peer_call_id;
	enum client_state state;
	char cause[CLIENT_CAUSE_MAX]; /* why it failed or was lost */

	struct mono dialled, replied, up;

	ev_io socket; /* its descriptor is owned; -1: none */
	uint8_t in[PPTP_MSG_MAX];
	size_t in_used;

	uint32_t next_sequence;
	uint32_t received; /* the highest sequence number, with ack_owed or any_received */
	unsigned ack_owed; /* packets that were not acknowledged yet */
	bool any_received;
	uint64_t missing; /* sequence numbers that were left out */
	uint64_t late;
	unsigned early; /* packets that came before the reply to the call: lost */

	struct ppp_peer ppp;

	struct probe_sender sender; /* of the data mode */
	struct probe_receiver receiver;
	struct probe_receiver there; /* what the far end said it got: count and behind */
};

void client_dial(struct client *client, struct mono now);

/* Closes everything at once. */
void client_close(struct client *client);

/* A GRE packet for its call. */
void client_receive(struct client *client, const struct gre_header *header, struct mono now);

/* Sends what is due: repeated requests and acknowledgements alone. */
void client_tick(struct client *client, struct mono now);

/* Sends a probe in an IP packet of `size` bytes. */
void client_send(struct client *client, const struct probe *probe, size_t size);

/* It fails, or is lost if it was up, for the reason that `cause` and the rest say as printf(). */
void client_fail(struct client *client, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
