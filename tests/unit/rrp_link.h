/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two sessions joined in memory, or one whose peer is the test; time stands still unless moved. */
#ifndef TESTS_UNIT_RRP_LINK_H
#define TESTS_UNIT_RRP_LINK_H

#include "rrp/frame.h"
#include "rrp/session.h"
#include "tests/unit/rrp_side.h"

/* Everything at once, for link_pump(). */
#define LINK_GLUED SIZE_MAX

struct link_end {
	struct session *session;
	struct side side;
	uint8_t *in; /* what came and was not used */
	size_t in_len;
	uint8_t *sent; /* all that it wrote, for tests that look at it or replay it */
	size_t sent_len;
	size_t sent_size;
	unsigned outputs;
	bool woken;
};

struct link {
	struct link_end client;
	struct link_end server;
	struct mono now;
};

/* Of `max_calls` calls; the hello exchange is not done. */
struct link *link_new(unsigned client_max_calls, unsigned server_max_calls);
void link_free(struct link *link);

/* A link_new() after its hello exchange, with empty logs. */
struct link *link_up(unsigned client_max_calls, unsigned server_max_calls);

/* Hands bytes to an end in pieces of at most `chunk`. */
void link_feed(struct link *link, struct link_end *to, const uint8_t *data, size_t len,
	       size_t chunk);

/* What an end has to say now, once; the bytes are also kept in end->sent. */
size_t link_output(struct link_end *from);

/* Carries bytes both ways in pieces of at most `chunk` until nobody has anything to say. */
void link_pump(struct link *link, size_t chunk);

/* One frame at a time of what an end wrote from *offset on; false at its end. */
bool link_sent_frame(const struct link_end *from, size_t *offset, enum rrp_reader reader,
		     struct rrp_frame *ret_frame);

/* How many frames of a type an end wrote since `offset`. */
unsigned link_count_sent(const struct link_end *from, size_t offset, uint8_t type);

#endif
