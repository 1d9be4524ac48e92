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

/* From a packet until a look at whether any went wrong. */
#define CHECK_AFTER_S 2.0

/* Between lines about packets that went wrong. */
#define LINE_EVERY_MS 60000

struct gre_lan {
	struct ev_loop *loop;
	struct gre_lan_settings settings;
	struct gre_raw *raw;
	ev_io readable;
	ev_timer check;
	struct reassembly *reassembly;
	struct gre_engine *engine;
	uint64_t not_ours;
	uint64_t no_call; /* fragments */
	struct gre_lan_counters logged;
	struct rate_limit lines;
	struct mono now; /* of the batch that is being read */
};

/*
 * Fragments wait only if their source has a call: no other host of the LAN, nor one that writes
 * just any source into its packets, can push those out that belong to a call.
 */
static void on_packet(void *context, const uint8_t *data, size_t len)
{
	struct gre_lan *gre = context;
	struct ipv4_header packet, datagram;

	if (!ipv4_decode(data, len, &packet) || packet.protocol != GRE_IP_PROTOCOL ||
	    packet.destination.s_addr != gre->settings.address.s_addr) {
		gre->not_ours++;
		return;
	}
	if ((packet.more_fragments || packet.fragment_offset) &&
	    !call_hosts_has(gre->settings.hosts, packet.source)) {
		gre->no_call++;
		return;
	}
	if (reassembly_add(gre->reassembly, &packet, gre->now, &datagram))
		gre_engine_input(gre->engine, datagram.source, datagram.payload,
				 datagram.payload_len, gre->now);
}

static void check_in(struct gre_lan *gre, double seconds)
{
	ev_timer_set(&gre->check, seconds, 0.);
	ev_timer_start(gre->loop, &gre->check);
}

/* Something came or went: it may go wrong. Nobody is woken while nothing does. */
static void check_later(struct gre_lan *gre)
{
	if (!ev_is_active(&gre->check))
		check_in(gre, CHECK_AFTER_S);
}

static void on_readable(struct ev_loop *loop UNUSED, ev_io *watcher, int events UNUSED)
{
	struct gre_lan *gre = container_of(watcher, struct gre_lan, readable);
	char error[CAPTURE_ERROR_MAX];
	bool is_sound;

	gre->now = mono_now();
	is_sound = capture_read(gre->settings.capture, READ_BATCH, on_packet, gre, error);
	gre_engine_settle(gre->engine, gre->now);
	check_later(gre);
	if (is_sound)
		return;
	ev_io_stop(gre->loop, &gre->readable);
	gre->settings.broken(gre->settings.context, error);
}

/*
 * What went wrong since the last such line; what the limit holds back now is told later. Packets of
 * no call are named, but no reason for a line: a few come at the end of each call.
 */
static void log_trouble(struct gre_lan *gre)
{
	const struct gre_lan_counters now = gre_lan_counters(gre);
	const struct gre_lan_counters *then = &gre->logged;
	unsigned left_out;

	if (now.malformed == then->malformed && now.overrun == then->overrun &&
	    now.unsent == then->unsent)
		return;
	if (!rate_limit_allow(&gre->lines, mono_now(), &left_out)) {
		check_in(gre, LINE_EVERY_MS / 1000.);
		return;
	}
	log_warning("interface %s: GRE packets: %" PRIu64 " malformed, %" PRIu64
		    " of no call, %" PRIu64 " came too fast, %" PRIu64 " could not be sent%s%s",
		    gre->settings.interface, now.malformed - then->malformed,
		    now.unknown - then->unknown, now.overrun - then->overrun,
		    now.unsent - then->unsent, now.unsent == then->unsent ? "" : ", the last one: ",
		    now.unsent == then->unsent ? ""
					       : strerror(gre_raw_counters(gre->raw)->last_errno));
	gre->logged = now;
}

static void on_check(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct gre_lan *gre = container_of(watcher, struct gre_lan, check);

	log_trouble(gre);
}

/* gre_send; the raw socket comes to be after the engine. */
static void send_packet(void *context, struct in_addr peer, const struct iovec *parts, int count)
{
	struct gre_lan *gre = context;

	gre_raw_send(gre->raw, peer, parts, count);
	check_later(gre);
}

/* gre_flush */
static void flush_packets(void *context)
{
	struct gre_lan *gre = context;

	gre_raw_flush(gre->raw);
}

struct gre_lan *gre_lan_new(struct ev_loop *loop, const struct gre_lan_settings *settings)
{
	struct gre_lan *gre = calloc(1, sizeof(*gre));

	if (!gre)
		return NULL;
	gre->loop = loop;
	gre->settings = *settings;
	gre->reassembly = reassembly_new();
	gre->engine = gre_engine_new(loop, send_packet, gre);
	if (gre->reassembly && gre->engine)
		gre->raw = gre_raw_new(loop, settings->raw_gre);
	if (!gre->raw) {
		gre_engine_free(gre->engine);
		reassembly_free(gre->reassembly);
		free(gre);
		return NULL;
	}
	rate_limit_init(&gre->lines, 1, LINE_EVERY_MS, mono_now());
	ev_io_init(&gre->readable, on_readable, capture_fd(settings->capture), EV_READ);
	ev_io_start(loop, &gre->readable);
	gre_engine_set_flush(gre->engine, flush_packets);
	ev_timer_init(&gre->check, on_check, CHECK_AFTER_S, 0.);
	return gre;
}

void gre_lan_free(struct gre_lan *gre)
{
	if (!gre)
		return;
	ev_timer_stop(gre->loop, &gre->check);
	ev_io_stop(gre->loop, &gre->readable);
	capture_close(gre->settings.capture);
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
	const struct capture_counters capture = capture_counters(gre->settings.capture);

	return (struct gre_lan_counters){
		.received = engine->received,
		.malformed = capture.unusable + gre->not_ours + engine->malformed,
		.unknown = engine->unknown + gre->no_call,
		.overrun = capture.dropped,
		.unsent = gre_raw_counters(gre->raw)->dropped,
	};
}
