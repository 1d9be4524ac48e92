/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What both ends of an enrolment need of a stream in a loop: one frame in, one frame out, a
 * deadline, and an orderly end. Only for rrp/enrol_*.c.
 */
#ifndef RRP_ENROL_LINK_H
#define RRP_ENROL_LINK_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rrp/enrol.h"
#include "rrp/frame.h"
#include "rrp/payload.h"
#include "rrp/stream.h"

/* The longest that we send: ERROR. */
#define ENROL_OUT_MAX (RRP_HEADER_LEN + RRP_ERROR_MIN + RRP_ERROR_TEXT_MAX)

enum enrol_event {
	ENROL_EVENT_FRAME,   /* the one that is read; what follows it is ignored */
	ENROL_EVENT_BAD,     /* the other broke the protocol: text */
	ENROL_EVENT_ENDED,   /* the other closed, or the stream failed: text */
	ENROL_EVENT_TIMEOUT, /* the deadline, or the last word is said and the other stays */
};

/* From the loop, and the last that the link does in a wake-up: the owner may free it here. */
typedef void enrol_link_event(void *context, enum enrol_event event, const struct rrp_frame *frame,
			      const char *text);

struct enrol_link {
	struct ev_loop *loop;
	struct rrp_stream *stream;
	enum rrp_reader reader;
	enrol_link_event *event;
	void *context;
	struct ev_io readable;
	struct ev_io writable; /* active while something waits */
	struct ev_timer timer;
	bool ignoring; /* the frame was read, or the last word is said */
	bool last;     /* what waits is our last word */
	size_t in_len;
	size_t out_len;
	size_t out_start; /* bytes of it that are written */
	uint8_t in[RRP_HEADER_LEN + RRP_LENGTH_HELLO_MAX];
	uint8_t out[ENROL_OUT_MAX];
};

/* Takes over the stream, and starts reading. */
void enrol_link_init(struct enrol_link *link, struct ev_loop *loop, struct rrp_stream *stream,
		     enum rrp_reader reader, unsigned timeout_s, enrol_link_event *event,
		     void *context);

/* Closes the stream, stops, and wipes what was read and written. May be called again. */
void enrol_link_done(struct enrol_link *link);

/* A new deadline, `seconds` from now. */
void enrol_link_set_deadline(struct enrol_link *link, double seconds);

/* A writer into the frame that enrol_link_send() sends. */
struct byte_writer enrol_link_writer(struct enrol_link *link);

/*
 * Sends what was written to it. If it is our `last` word, input is ignored from now on, and the
 * other has two seconds to close after it is written.
 */
void enrol_link_send(struct enrol_link *link, const struct byte_writer *out, bool last);

/* Our last word is an ERROR. */
void enrol_link_send_error(struct enrol_link *link, uint16_t code, const char *text);

#endif
