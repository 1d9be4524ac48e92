// SPDX-License-Identifier: GPL-2.0-or-later
/* The recording owner; see the header. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/rrp_side.h"

static const char *const notice_names[] = {
	[TUNNEL_NOTICE_UP] = "UP",
	[TUNNEL_NOTICE_CLOSED] = "CLOSED",
	[TUNNEL_NOTICE_LOST] = "LOST",
	[TUNNEL_NOTICE_SILENT] = "SILENT",
	[TUNNEL_NOTICE_HELLO_TIMEOUT] = "HELLO_TIMEOUT",
	[TUNNEL_NOTICE_PROTOCOL] = "PROTOCOL",
	[TUNNEL_NOTICE_REFUSED] = "REFUSED",
	[TUNNEL_NOTICE_OVERFLOW] = "OVERFLOW",
	[TUNNEL_NOTICE_DEBUG] = "DEBUG",
};

void side_note(struct side *side, const char *format, ...)
{
	size_t room = sizeof(side->log) - side->log_len;
	va_list args;
	int used;

	va_start(args, format);
	used = vsnprintf(side->log + side->log_len, room, format, args);
	va_end(args);
	if (used > 0 && (size_t)used < room)
		side->log_len += (size_t)used;
	side->log[side->log_len] = '\0';
}

void side_clear_log(struct side *side)
{
	side->log_len = 0;
	side->log[0] = '\0';
}

static void run_hook(struct side *side, const char *callback, struct tunnel_call *call)
{
	if (side->hook)
		side->hook(side, callback, call);
}

static void set_call(struct side *side, uint32_t number, struct tunnel_call *call)
{
	if (number < SIDE_CALLS_MAX)
		side->calls[number] = call;
}

static void on_up(void *context, const char *peer_name)
{
	struct side *side = context;

	side_note(side, "up %s;", peer_name);
	run_hook(side, "up", NULL);
}

static void on_opened(void *context, struct tunnel_call *call,
		      const struct tunnel_call_request *request)
{
	struct side *side = context;
	char address[INET_ADDRSTRLEN];

	(void)inet_ntop(AF_INET, &request->client, address, sizeof(address));
	side_note(side, "opened %u %s;", tunnel_call_number(call), address);
	side->last_request = *request;
	if (side->refuse) {
		tunnel_call_refuse(call, 7, 0);
		return;
	}
	set_call(side, tunnel_call_number(call), call);
	if (side->accept)
		tunnel_call_accept(call, 100000000);
	run_hook(side, "call_opened", call);
}

static void on_accepted(void *context, struct tunnel_call *call, uint32_t connect_speed)
{
	struct side *side = context;

	side_note(side, "accepted %u %u;", tunnel_call_number(call), connect_speed);
	run_hook(side, "call_accepted", call);
}

static void on_refused(void *context, struct tunnel_call *call, uint8_t result, uint8_t error)
{
	struct side *side = context;

	side_note(side, "refused %u %u %u;", tunnel_call_number(call), result, error);
	set_call(side, tunnel_call_number(call), NULL);
	run_hook(side, "call_refused", call);
}

static void on_closed(void *context, struct tunnel_call *call, uint8_t result, uint8_t error)
{
	struct side *side = context;

	side_note(side, "closed %u %u %u;", tunnel_call_number(call), result, error);
	set_call(side, tunnel_call_number(call), NULL);
	run_hook(side, "call_closed", call);
}

static void on_link_info(void *context, struct tunnel_call *call, uint32_t send_accm,
			 uint32_t receive_accm)
{
	struct side *side = context;

	side_note(side, "link_info %u %08x %08x;", tunnel_call_number(call), send_accm,
		  receive_accm);
	run_hook(side, "link_info", call);
}

static void on_frame(void *context, struct tunnel_call *call, const uint8_t *frame, size_t len)
{
	struct side *side = context;

	side_note(side, "frame %u %zu;", tunnel_call_number(call), len);
	memcpy(side->last_frame, frame, len);
	side->last_len = len;
	side->frames++;
	side->frame_bytes += len;
	if (side->echo)
		tunnel_call_send(call, frame, len);
	run_hook(side, "frame", call);
}

static void on_frames_done(void *context)
{
	struct side *side = context;

	run_hook(side, "frames_done", NULL);
	side->done_frames = side->frames;
}

static void on_notice(void *context, enum tunnel_notice notice, const char *text)
{
	struct side *side = context;

	if (notice != TUNNEL_NOTICE_DEBUG)
		side->last_notice = notice;
	if (notice != TUNNEL_NOTICE_DEBUG || side->log_debug)
		side_note(side, "%s %s;", notice_names[notice], text);
	run_hook(side, "notice", NULL);
}

static void on_down(void *context)
{
	struct side *side = context;

	side_note(side, "down;");
	side->down = true;
	run_hook(side, "down", NULL);
}

const struct tunnel_ops side_ops = {
	.up = on_up,
	.call_opened = on_opened,
	.call_accepted = on_accepted,
	.call_refused = on_refused,
	.call_closed = on_closed,
	.link_info = on_link_info,
	.frame = on_frame,
	.frames_done = on_frames_done,
	.notice = on_notice,
	.down = on_down,
};
