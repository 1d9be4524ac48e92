// SPDX-License-Identifier: GPL-2.0-or-later
/* The server's end of an enrolment; see rrp/enrol.h. */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/log.h"
#include "rrp/enrol_link.h"
#include "rrp/enrol_payload.h"

/* One row for each enum enrol_refusal: what the node's operator reads. */
static const struct {
	uint16_t code;
	const char *text;
} refusals[] = {
	[ENROL_REFUSE_UNKNOWN] =
		{RRP_ERROR_ENROL_UNKNOWN,
		 "the server knows no such enrolment line: copy it whole, or make a "
		 "new one there with \"pptpd-ctl lrp add NAME\""},
	[ENROL_REFUSE_USED] =
		{RRP_ERROR_ENROL_USED,
		 "this enrolment line was used before: make a new one on the server with "
		 "\"pptpd-ctl lrp add NAME\"; if no box of yours used it, a stranger did: "
		 "\"pptpd-ctl lrp list\" there shows what to remove"},
	[ENROL_REFUSE_EXPIRED] =
		{RRP_ERROR_ENROL_EXPIRED,
		 "this enrolment line has expired: make a new one on the server with "
		 "\"pptpd-ctl lrp add NAME\""},
	[ENROL_REFUSE_BUSY] = {RRP_ERROR_ENROL_BUSY,
			       "the server cannot enrol anyone now: try again, and look into the "
			       "server's log"},
};

enum state {
	STATE_READING, /* for ENROL */
	STATE_ASKED,   /* the owner has to answer */
	STATE_ANSWERED /* the last word is on its way */
};

struct enrol_server {
	struct enrol_link link;
	const struct enrol_server_ops *ops;
	void *context;
	unsigned timeout_s;
	enum state state;
	enum enrol_server_result result; /* once answered */
	char text[ENROL_TEXT_MAX];       /* that goes with it */
};

void enrol_secret_hash(const uint8_t secret[ENROL_SECRET_LEN], uint8_t ret_hash[ENROL_HASH_LEN])
{
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, secret, ENROL_SECRET_LEN, ret_hash) < 0)
		bug("the library cannot hash");
}

static void finish(struct enrol_server *server, enum enrol_server_result result, const char *text)
{
	char copy[ENROL_TEXT_MAX];

	(void)log_printable(copy, sizeof(copy), text);
	server->state = STATE_ANSWERED;
	enrol_link_done(&server->link);
	server->ops->done(server->context, result, copy);
}

static void answer(struct enrol_server *server, enum enrol_server_result result, const char *text)
{
	server->state = STATE_ANSWERED;
	server->result = result;
	(void)snprintf(server->text, sizeof(server->text), "%s", text);
	enrol_link_set_deadline(&server->link, server->timeout_s);
}

static void refuse_protocol(struct enrol_server *server, uint16_t code, const char *text)
{
	answer(server, ENROL_SERVER_PROTOCOL, text);
	enrol_link_send_error(&server->link, code, text);
}

static void take_enrol(struct enrol_server *server, const struct rrp_frame *frame)
{
	uint8_t hash[ENROL_HASH_LEN];
	struct rrp_enrol enrol;
	char text[ENROL_TEXT_MAX];

	if (!rrp_enrol_read(frame->payload, frame->payload_len, &enrol)) {
		refuse_protocol(server, RRP_ERROR_PROTOCOL, "ENROL: lowest version above highest");
		return;
	}
	if (enrol.lowest > ENROL_VERSION || enrol.highest < ENROL_VERSION) {
		(void)snprintf(text, sizeof(text), "expected enrolment version %d, got %u to %u",
			       ENROL_VERSION, enrol.lowest, enrol.highest);
		explicit_bzero(&enrol, sizeof(enrol));
		refuse_protocol(server, RRP_ERROR_VERSION, text);
		return;
	}
	enrol_secret_hash(enrol.secret, hash);
	explicit_bzero(&enrol, sizeof(enrol));
	explicit_bzero(server->link.in, sizeof(server->link.in));
	server->state = STATE_ASKED;
	enrol_link_set_deadline(&server->link, server->timeout_s);
	server->ops->asked(server->context, hash);
}

static void timed_out(struct enrol_server *server)
{
	if (server->state == STATE_READING) {
		finish(server, ENROL_SERVER_SILENT, "");
	} else if (server->state == STATE_ASKED) {
		enrol_server_refuse(server, ENROL_REFUSE_BUSY);
		server->result = ENROL_SERVER_UNANSWERED;
	} else if (ev_is_active(&server->link.writable)) {
		finish(server, ENROL_SERVER_LOST, "it does not take the answer");
	} else {
		finish(server, server->result, server->text);
	}
}

/* enrol_link_event */
static void on_event(void *context, enum enrol_event event, const struct rrp_frame *frame,
		     const char *text)
{
	struct enrol_server *server = context;

	switch (event) {
	case ENROL_EVENT_FRAME:
		take_enrol(server, frame);
		break;
	case ENROL_EVENT_BAD:
		refuse_protocol(server, RRP_ERROR_PROTOCOL, text);
		break;
	case ENROL_EVENT_ENDED:
		if (server->state == STATE_ANSWERED && !ev_is_active(&server->link.writable))
			finish(server, server->result, server->text);
		else
			finish(server, ENROL_SERVER_LOST, text);
		break;
	case ENROL_EVENT_TIMEOUT:
		timed_out(server);
		break;
	}
}

struct enrol_server *enrol_server_new(struct ev_loop *loop, struct rrp_stream *stream,
				      unsigned timeout_s, const struct enrol_server_ops *ops,
				      void *context)
{
	struct enrol_server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->ops = ops;
	server->context = context;
	server->timeout_s = timeout_s;
	enrol_link_init(&server->link, loop, stream, RRP_READER_ENROL, timeout_s, on_event, server);
	return server;
}

void enrol_server_accept(struct enrol_server *server, const char *name)
{
	struct rrp_enrolled enrolled = {.version = ENROL_VERSION};
	struct byte_writer out = enrol_link_writer(&server->link);
	size_t offset;

	if (server->state != STATE_ASKED)
		return;
	(void)snprintf(enrolled.name, sizeof(enrolled.name), "%s", name);
	offset = rrp_frame_begin(&out, RRP_ENROLLED, 0, 0);
	rrp_enrolled_write(&out, &enrolled);
	rrp_frame_end(&out, offset);
	answer(server, ENROL_SERVER_ACCEPTED, "");
	enrol_link_send(&server->link, &out, true);
}

void enrol_server_refuse(struct enrol_server *server, enum enrol_refusal why)
{
	if (server->state != STATE_ASKED)
		return;
	answer(server, ENROL_SERVER_REFUSED, "");
	enrol_link_send_error(&server->link, refusals[why].code, refusals[why].text);
}

void enrol_server_free(struct enrol_server *server)
{
	if (!server)
		return;
	enrol_link_done(&server->link);
	free(server);
}
