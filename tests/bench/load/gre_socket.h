/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One raw socket for the GRE packets of many source addresses, in batches both ways. Keeps nothing
 * in order and repeats nothing.
 */
#ifndef TESTS_BENCH_LOAD_GRE_SOCKET_H
#define TESTS_BENCH_LOAD_GRE_SOCKET_H

#include <ev.h>
#include <netinet/in.h>
#include <stdint.h>

#include "pptpctrl/proto/gre.h"
#include "pptpd/base/mono.h"

struct gre_socket;

/* A packet that came from the server for `own`; valid during the call only. */
typedef void gre_socket_take(void *context, struct in_addr own, const struct gre_header *header,
			     struct mono now);

struct gre_socket_counters {
	uint64_t sent;
	uint64_t not_sent; /* the kernel would not take them */
	uint64_t received;
	uint64_t malformed;
};

/* Sends to and takes from `server`. NULL, errno set, if there is no such socket or no memory. */
struct gre_socket *gre_socket_new(struct ev_loop *loop, struct in_addr server,
				  gre_socket_take *take, void *context);
void gre_socket_free(struct gre_socket *socket);

/*
 * Sends header and payload from `own`, at the end of the loop's turn or when a batch is full. A
 * payload longer than the socket's room is a mistake of the caller's.
 */
void gre_socket_send(struct gre_socket *socket, struct in_addr own,
		     const struct gre_header *header);

/* Sends now what waits. */
void gre_socket_flush(struct gre_socket *socket);

const struct gre_socket_counters *gre_socket_counters(const struct gre_socket *socket);

#endif
