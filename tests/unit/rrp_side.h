/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The owner of one end of a tunnel, for tests: writes each callback as a line of text, and does
 * what the test told it to do meanwhile.
 */
#ifndef TESTS_UNIT_RRP_SIDE_H
#define TESTS_UNIT_RRP_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/util.h"
#include "rrp/tunnel.h"

#define SIDE_LOG_MAX   8192
#define SIDE_CALLS_MAX 4096

struct side;

/* Runs at the start of a callback, which it is told by its name ("frame", "call_closed"). */
typedef void side_hook(struct side *side, const char *callback, struct tunnel_call *call);

struct side {
	char log[SIDE_LOG_MAX]; /* "up lrp;opened 1 192.0.2.7;" - what no longer fits is left out */
	size_t log_len;
	bool log_debug;
	bool accept; /* accept each call at once */
	bool refuse; /* refuse it */
	bool echo;   /* send each frame back */
	side_hook *hook;
	void *hook_context;
	struct tunnel_call *calls[SIDE_CALLS_MAX]; /* by number; NULL once gone */
	uint8_t last_frame[RRP_FRAME_MAX];
	size_t last_len;
	uint64_t frames;
	uint64_t frame_bytes;
	uint64_t done_frames; /* `frames` at the last frames_done() */
	struct tunnel_call_request last_request;
	enum tunnel_notice last_notice;
	bool down;
};

extern const struct tunnel_ops side_ops;

/* Adds a line of the test's own. */
void side_note(struct side *side, const char *format, ...) PRINTF_LIKE(2, 3);

void side_clear_log(struct side *side);

#endif
