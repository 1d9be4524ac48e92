/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tunnel to the server, and what it tells; its calls are the owner's business. */
#include "lrp/upstream_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pptpd/base/log.h"
#include "pptpd/base/util.h"
#include "rrp/stream.h"

/* tunnel_settings' hello_timeout_s and ping_misses. */
#define HELLO_TIMEOUT_S 5
#define PING_MISSES     3

static void on_up(void *context, const char *peer_name)
{
	struct upstream *upstream = context;
	char address[ADDRESS_TEXT_MAX];

	(void)snprintf(upstream->text, sizeof(upstream->text), "%s (%s)", peer_name,
		       address_text_port(upstream_address(upstream), address));
	upstream->up_since = mono_now();
	rate_limit_init(&upstream->down_lines, DOWN_LINES, DOWN_LINE_EVERY_MS, upstream->up_since);
	upstream_set_state(upstream, UPSTREAM_UP, "hello exchanged");
	log_notice("SERVER %s: up, connected to %s, %s%s", upstream->label, upstream->text,
		   upstream->cipher ? "TLS 1.3 with " : "unprotected",
		   upstream->cipher ? upstream->cipher : "");
}

static void on_call_accepted(void *context, struct tunnel_call *call, uint32_t connect_speed)
{
	struct upstream *upstream = context;

	upstream->ops->call_accepted(upstream->context, call, connect_speed);
}

static void on_call_refused(void *context, struct tunnel_call *call, uint8_t result, uint8_t error)
{
	struct upstream *upstream = context;

	upstream->ops->call_refused(upstream->context, call, result, error);
}

static void on_call_closed(void *context, struct tunnel_call *call, uint8_t result, uint8_t error)
{
	struct upstream *upstream = context;

	upstream->ops->call_closed(upstream->context, call, result, error);
}

/* Set-Link-Info goes from the PNS to the PAC, RFC 2637 2.15: a server has none for a client. */
static void on_link_info(void *context UNUSED, struct tunnel_call *call UNUSED,
			 uint32_t send_accm UNUSED, uint32_t receive_accm UNUSED)
{
}

static void on_frame(void *context, struct tunnel_call *call, const uint8_t *frame, size_t len)
{
	struct upstream *upstream = context;

	upstream->ops->frame(upstream->context, call, frame, len);
}

static void on_frames_done(void *context)
{
	struct upstream *upstream = context;

	upstream->ops->frames_done(upstream->context);
}

static void on_notice(void *context, enum tunnel_notice notice, const char *text)
{
	struct upstream *upstream = context;

	log_debug("SERVER %s: %s", upstream->label, text);
	if (notice != TUNNEL_NOTICE_DEBUG && notice != TUNNEL_NOTICE_UP)
		(void)snprintf(upstream->reason, sizeof(upstream->reason), "%s", text);
}

static void on_down(void *context)
{
	struct upstream *upstream = context;
	enum upstream_state was = upstream->state;

	tunnel_free(upstream->tunnel);
	upstream->tunnel = NULL;
	if (was == UPSTREAM_STOPPING) {
		upstream_set_state(upstream, UPSTREAM_STOPPED, "the tunnel is shut down");
		upstream->ops->stopped(upstream->context);
		return;
	}
	if (was == UPSTREAM_UP)
		backoff_tunnel_ended(&upstream->backoff, upstream->up_since, mono_now());
	upstream_wait_for_next(upstream, *upstream->reason ? upstream->reason : "the tunnel ended");
}

static const struct tunnel_ops tunnel_ops = {
	.up = on_up,
	.call_accepted = on_call_accepted,
	.call_refused = on_call_refused,
	.call_closed = on_call_closed,
	.link_info = on_link_info,
	.frame = on_frame,
	.frames_done = on_frames_done,
	.notice = on_notice,
	.down = on_down,
};

void upstream_start_tunnel(struct upstream *upstream, struct rrp_stream *stream)
{
	const struct tunnel_settings settings = {
		.role = TUNNEL_CLIENT,
		.hello_timeout_s = HELLO_TIMEOUT_S,
		.ping_interval_s = upstream->settings.keepalive_s,
		.ping_misses = PING_MISSES,
		.max_calls = upstream->settings.max_calls,
		.name = upstream->settings.name,
	};

	upstream->reason[0] = '\0';
	upstream_set_state(upstream, UPSTREAM_GREETING, "connected");
	upstream->tunnel = tunnel_new(upstream->loop, stream, &settings, &tunnel_ops, upstream);
	if (!upstream->tunnel) {
		stream->ops->free(stream);
		upstream_wait_for_next(upstream, strerror(ENOMEM));
	}
}
