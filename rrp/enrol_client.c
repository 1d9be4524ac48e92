// SPDX-License-Identifier: GPL-2.0-or-later
/* The enrolling node's end; see rrp/enrol.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/log.h"
#include "rrp/enrol_link.h"
#include "rrp/enrol_payload.h"

struct enrol_client {
	struct enrol_link link;
	const struct enrol_client_ops *ops;
	void *context;
	unsigned timeout_s;
};

static void finish(struct enrol_client *client, enum enrol_client_result result, const char *text)
{
	char copy[ENROL_TEXT_MAX];

	(void)log_printable(copy, sizeof(copy), text);
	enrol_link_done(&client->link);
	client->ops->done(client->context, result, copy);
}

static void take_error(struct enrol_client *client, const struct rrp_frame *frame)
{
	struct rrp_error error;

	if (!rrp_error_read(frame->payload, frame->payload_len, &error))
		finish(client, ENROL_CLIENT_FAILED, "the server's refusal cannot be read");
	else
		finish(client, ENROL_CLIENT_REFUSED, error.text);
}

static void take_enrolled(struct enrol_client *client, const struct rrp_frame *frame)
{
	struct rrp_enrolled enrolled;

	if (!rrp_enrolled_read(frame->payload, frame->payload_len, &enrolled))
		finish(client, ENROL_CLIENT_FAILED,
		       "the server answered with something that is no name");
	else if (enrolled.version != ENROL_VERSION)
		finish(client, ENROL_CLIENT_FAILED,
		       "the server answered with a version of the enrolment that was not offered");
	else
		finish(client, ENROL_CLIENT_ENROLLED, enrolled.name);
}

/* enrol_link_event */
static void on_event(void *context, enum enrol_event event, const struct rrp_frame *frame,
		     const char *text)
{
	struct enrol_client *client = context;
	char told[ENROL_TEXT_MAX];

	switch (event) {
	case ENROL_EVENT_FRAME:
		if (frame->header.type == RRP_ERROR)
			take_error(client, frame);
		else
			take_enrolled(client, frame);
		break;
	case ENROL_EVENT_BAD:
		(void)snprintf(told, sizeof(told), "the server breaks the protocol: %s", text);
		finish(client, ENROL_CLIENT_FAILED, told);
		break;
	case ENROL_EVENT_ENDED:
		(void)snprintf(told, sizeof(told),
			       "the connection ended before the server answered: %s", text);
		finish(client, ENROL_CLIENT_FAILED, told);
		break;
	case ENROL_EVENT_TIMEOUT:
		(void)snprintf(told, sizeof(told), "the server did not answer within %u seconds",
			       client->timeout_s);
		finish(client, ENROL_CLIENT_FAILED, told);
		break;
	}
}

struct enrol_client *enrol_client_new(struct ev_loop *loop, struct rrp_stream *stream,
				      unsigned timeout_s, const uint8_t secret[ENROL_SECRET_LEN],
				      const struct enrol_client_ops *ops, void *context)
{
	struct enrol_client *client = calloc(1, sizeof(*client));
	struct rrp_enrol enrol = {.lowest = ENROL_VERSION, .highest = ENROL_VERSION};
	struct byte_writer out;
	size_t offset;

	if (!client)
		return NULL;
	client->ops = ops;
	client->context = context;
	client->timeout_s = timeout_s;
	enrol_link_init(&client->link, loop, stream, RRP_READER_ENROLLED, timeout_s, on_event,
			client);
	memcpy(enrol.secret, secret, sizeof(enrol.secret));
	out = enrol_link_writer(&client->link);
	offset = rrp_frame_begin(&out, RRP_ENROL, 0, 0);
	rrp_enrol_write(&out, &enrol);
	explicit_bzero(&enrol, sizeof(enrol));
	rrp_frame_end(&out, offset);
	enrol_link_send(&client->link, &out, false);
	return client;
}

void enrol_client_free(struct enrol_client *client)
{
	if (!client)
		return;
	enrol_link_done(&client->link);
	free(client);
}
