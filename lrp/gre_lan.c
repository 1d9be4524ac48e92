/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GRE on the LAN; see the header. */
#include "lrp/gre_lan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lrp/reassembly.h"
#include "pptpctrl/pptp/gre_raw.h"
#include "pptpctrl/proto/gre.h"
#include "pptpctrl/proto/ipv4.h"
#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"
#include "pptpd/base/util.h"

/* Packets handled before timers, control connections and the tunnel get their turn. */
#define READ_BATCH 64

/* Between looks at whether the captured interface is still there, or there again. */
#define CHECK_EVERY_S 2.0

/* Between lines about packets that went wrong. */
#define LINE_EVERY_MS 60000

struct gre_lan {
	struct ev_loop *loop;
	const char *interface;
	struct in_addr address;
	struct capture *capture; /* NULL while the interface is gone */
	struct gre_raw *raw;
	ev_io readable;
	ev_timer check;
	struct reassembly *reassembly;
	struct gre_engine *engine;
	uint64_t not_ours;
	struct capture_counters before; /* of captures that are closed */
	struct gre_lan_counters logged;
	struct rate_limit lines;
	struct mono now; /* of the batch that is being read */
};

static void on_packet(void *context, const uint8_t *data, size_t len)
{
	struct gre_lan *gre = context;
	struct ipv4_header packet, datagram;

	if (!ipv4_decode(data, len, &packet) || packet.protocol != GRE_IP_PROTOCOL ||
	    packet.destination.s_addr != gre->address.s_addr) {
		gre->not_ours++;
		return;
	}
	if (reassembly_add(gre->reassembly, &packet, gre->now, &datagram))
		gre_engine_input(gre->engine, datagram.source, datagram.payload,
				 datagram.payload_len, gre->now);
}

static void start_reading(struct gre_lan *gre)
{
	ev_io_set(&gre->readable, capture_fd(gre->capture), EV_READ);
	ev_io_start(gre->loop, &gre->readable);
}

/* The counters of this capture and those before it. */
static struct capture_counters all_captures(const struct gre_lan *gre)
{
	struct capture_counters all = gre->before;

	if (gre->capture) {
		struct capture_counters now = capture_counters(gre->capture);

		all.unusable += now.unusable;
		all.dropped += now.dropped;
	}
	return all;
}

static void close_capture(struct gre_lan *gre)
{
	ev_io_stop(gre->loop, &gre->readable);
	gre->before = all_captures(gre);
	capture_close(gre->capture);
	gre->capture = NULL;
}

/*
 * Needs the privilege that opening the first capture needed. The calls live on meanwhile: their
 * clients' PPP decides how long it bears the silence.
 */
static void reopen_capture(struct gre_lan *gre, bool was_open)
{
	char error[CAPTURE_ERROR_MAX];

	gre->capture = capture_open(gre->interface, gre->address, error);
	if (gre->capture)
		start_reading(gre);
	if (gre->capture)
		log_notice("interface %s: capturing again", gre->interface);
	else if (was_open)
		log_warning("interface %s: no capture until it is back: %s", gre->interface, error);
}

static void on_readable(struct ev_loop *loop UNUSED, ev_io *watcher, int events UNUSED)
{
	struct gre_lan *gre = container_of(watcher, struct gre_lan, readable);
	char error[CAPTURE_ERROR_MAX];

	gre->now = mono_now();
	if (capture_read(gre->capture, READ_BATCH, on_packet, gre, error))
		return;
	log_warning("interface %s: the capture ended, and is tried again every %.0f s: %s",
		    gre->interface, CHECK_EVERY_S, error);
	close_capture(gre);
}

/*
 * What went wrong since the last such line. Packets of no call are named, but no reason for a line:
 * a few come at the end of each call.
 */
static void log_trouble(struct gre_lan *gre)
{
	const struct gre_lan_counters now = gre_lan_counters(gre);
	const struct gre_lan_counters *then = &gre->logged;
	unsigned left_out;

	if ((now.malformed == then->malformed && now.overrun == then->overrun &&
	     now.unsent == then->unsent) ||
	    !rate_limit_allow(&gre->lines, mono_now(), &left_out))
		return;
	log_warning("interface %s: GRE packets: %" PRIu64 " malformed, %" PRIu64
		    " of no call, %" PRIu64 " came too fast, %" PRIu64 " could not be sent%s%s",
		    gre->interface, now.malformed - then->malformed, now.unknown - then->unknown,
		    now.overrun - then->overrun, now.unsent - then->unsent,
		    now.unsent == then->unsent ? "" : ", the last one: ",
		    now.unsent == then->unsent ? ""
					       : strerror(gre_raw_counters(gre->raw)->last_errno));
	gre->logged = now;
}

static void on_check(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct gre_lan *gre = container_of(watcher, struct gre_lan, check);

	log_trouble(gre);
	if (!gre->capture) {
		reopen_capture(gre, false);
	} else if (!capture_is_current(gre->capture)) {
		close_capture(gre);
		reopen_capture(gre, true);
	}
}

/* gre_send; the raw socket comes to be after the engine. */
static void send_packet(void *context, struct in_addr peer, const struct iovec *parts, int count)
{
	struct gre_lan *gre = context;

	gre_raw_send(gre->raw, peer, parts, count);
}

struct gre_lan *gre_lan_new(struct ev_loop *loop, const char *interface, struct in_addr address,
			    struct capture *capture, int raw_gre)
{
	struct gre_lan *gre = calloc(1, sizeof(*gre));

	if (!gre)
		return NULL;
	gre->loop = loop;
	gre->interface = interface;
	gre->address = address;
	gre->capture = capture;
	gre->reassembly = reassembly_new();
	gre->engine = gre_engine_new(loop, send_packet, gre);
	if (gre->reassembly && gre->engine)
		gre->raw = gre_raw_new(loop, raw_gre);
	if (!gre->raw) {
		gre_engine_free(gre->engine);
		reassembly_free(gre->reassembly);
		free(gre);
		return NULL;
	}
	rate_limit_init(&gre->lines, 1, LINE_EVERY_MS, mono_now());
	ev_init(&gre->readable, on_readable);
	start_reading(gre);
	ev_timer_init(&gre->check, on_check, CHECK_EVERY_S, CHECK_EVERY_S);
	ev_timer_start(loop, &gre->check);
	return gre;
}

void gre_lan_free(struct gre_lan *gre)
{
	if (!gre)
		return;
	ev_timer_stop(gre->loop, &gre->check);
	close_capture(gre);
	gre_engine_free(gre->engine);
	gre_raw_free(gre->raw);
	reassembly_free(gre->reassembly);
	free(gre);
}

struct gre_engine *gre_lan_engine(struct gre_lan *gre)
{
	return gre->engine;
}

struct gre_lan_counters gre_lan_counters(const struct gre_lan *gre)
{
	const struct gre_engine_counters *engine = gre_engine_counters(gre->engine);
	const struct capture_counters capture = all_captures(gre);

	return (struct gre_lan_counters){
		.received = engine->received,
		.malformed = capture.unusable + gre->not_ours + engine->malformed,
		.unknown = engine->unknown,
		.overrun = capture.dropped,
		.unsent = gre_raw_counters(gre->raw)->dropped,
	};
}
