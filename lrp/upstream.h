/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to one server: looks up its name, connects, has it prove who it is, keeps a tunnel over
 * the connection, and tries again with growing pauses when any of that fails. Knows nothing of
 * PPTP; whose calls the tunnel carries is the owner's business.
 */
#ifndef LRP_UPSTREAM_H
#define LRP_UPSTREAM_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "lrp/resolve.h"
#include "rrp/tls.h"
#include "rrp/tunnel.h"

/* For one TCP connection to be made. */
#define UPSTREAM_CONNECT_TIMEOUT_S 10

/* Longest upstream_text(). */
#define UPSTREAM_TEXT_MAX 160

struct upstream;

struct upstream_settings {
	const char *host; /* a name, which is looked up for each attempt, or an address */
	uint16_t port;
	const char *name; /* ours */
	unsigned keepalive_s;
	unsigned max_calls;

	struct tls_identity *identity; /* NULL: the tunnel is bare TCP; must outlive it */
	struct tls_expectation expect; /* with `identity` */
	bool plain_anywhere;           /* without: also to addresses that are not private */

	/*
	 * Asks for the addresses of `host`; upstream_looked_up() follows unless it fails. Returns 0
	 * or a negative errno. Not called for an address.
	 */
	int (*look_up)(void *context);
	void *look_up_context;
};

/* What happens to calls in the tunnel; tunnel_ops has the meanings. */
struct upstream_ops {
	void (*call_accepted)(void *context, struct tunnel_call *call, uint32_t connect_speed);
	void (*call_refused)(void *context, struct tunnel_call *call, uint8_t result,
			     uint8_t error);
	void (*call_closed)(void *context, struct tunnel_call *call, uint8_t result, uint8_t error);
	void (*frame)(void *context, struct tunnel_call *call, const uint8_t *frame, size_t len);
	void (*frames_done)(void *context);

	/* upstream_stop() is done; never from within it. */
	void (*stopped)(void *context);
};

/*
 * Starts to connect at once. The texts of `settings`, and `ops`, must outlive it. NULL when memory
 * is out.
 */
struct upstream *upstream_new(struct ev_loop *loop, const struct upstream_settings *settings,
			      const struct upstream_ops *ops, void *context);

/* Closes at once, without a word and without a callback. Accepts NULL. */
void upstream_free(struct upstream *upstream);

/*
 * Ends the tunnel in order and connects no more. True if there was nothing to end; else stopped()
 * follows.
 */
bool upstream_stop(struct upstream *upstream);

/* The answer to look_up(): `answer`, or `error` and NULL. One that was not asked for is ignored. */
void upstream_looked_up(struct upstream *upstream, const struct resolve_answer *answer,
			const char *error);

bool upstream_is_up(const struct upstream *upstream);

/* Opens a call in the tunnel, as tunnel_call_open(). NULL also when the tunnel is not up. */
struct tunnel_call *upstream_open_call(struct upstream *upstream,
				       const struct tunnel_call_request *request, void *owner);

/* "NAME (ADDRESS:PORT)" of the server as it called itself when the tunnel was last up. */
const char *upstream_text(const struct upstream *upstream);

#endif
