/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts the parts of the program together; see the header. */
#include "lrp/service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "lrp/call_hosts.h"
#include "lrp/calls.h"
#include "lrp/gre_lan.h"
#include "lrp/lan.h"
#include "lrp/upstream.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

/* For the reply to our Stop-Control-Connection-Request. */
#define STOP_TIMEOUT_S 3

/* For the whole orderly end; what is open then is closed without a word. */
#define END_TIMEOUT_S 5.0

#define VENDOR "lrp"

/* Calls on one control connection. No client makes more than a few; each is a pppd of the server.
 */
#define CALLS_PER_CONNECTION 8

struct service {
	struct service_settings settings;
	struct ev_loop *loop;
	ev_timer end_timeout;
	bool stopping;
	bool broken;
	bool lan_stopped;
	bool upstream_stopped;
	struct call_hosts *hosts;
	struct gre_lan *gre;
	struct calls *calls;
	struct upstream *upstream;
	struct lan *lan;
};

static void finish_if_stopped(struct service *service)
{
	if (service->stopping && service->lan_stopped && service->upstream_stopped)
		ev_break(service->loop, EVBREAK_ALL);
}

static void on_lan_stopped(void *context)
{
	struct service *service = context;

	service->lan_stopped = true;
	finish_if_stopped(service);
}

static void on_upstream_stopped(void *context)
{
	struct service *service = context;

	service->upstream_stopped = true;
	finish_if_stopped(service);
}

/* parent_link_ops' stop */
static void on_stop(void *context, int signal_number)
{
	struct service *service = context;

	if (service->stopping) {
		log_notice("signal %d once more: ending at once", signal_number);
		ev_break(service->loop, EVBREAK_ALL);
		return;
	}
	log_notice("signal %d: ending %u calls", signal_number, calls_count(service->calls));
	service->stopping = true;
	ev_timer_start(service->loop, &service->end_timeout);
	service->lan_stopped = lan_stop(service->lan); /* ends the calls, also in the tunnel */
	service->upstream_stopped = upstream_stop(service->upstream);
	finish_if_stopped(service);
}

static void on_hangup(void *context UNUSED)
{
	log_notice("SIGHUP: the configuration is not read again; restart lrp for that");
}

static void on_looked_up(void *context, const struct resolve_answer *answer, const char *error)
{
	struct service *service = context;

	upstream_looked_up(service->upstream, answer, error);
}

/* Without a parent nobody binds the capture again, and nobody signs. */
static void on_parent_lost(void *context)
{
	struct service *service = context;

	service->broken = true;
	ev_break(service->loop, EVBREAK_ALL);
}

static const struct parent_link_ops parent_ops = {
	.stop = on_stop,
	.hangup = on_hangup,
	.looked_up = on_looked_up,
	.lost = on_parent_lost,
};

/* upstream_settings' look_up; there is one server, with number 0. */
static int look_up(void *context)
{
	struct service *service = context;

	return parent_link_look_up(service->settings.link, 0);
}

/* gre_lan_settings' broken */
static void on_capture_broken(void *context, const char *why)
{
	struct service *service = context;

	log_err("interface %s: the capture broke: %s", service->settings.conf->interface, why);
	service->broken = true;
	ev_break(service->loop, EVBREAK_ALL);
}

static void on_end_timeout(struct ev_loop *loop, ev_timer *watcher UNUSED, int events UNUSED)
{
	log_warning("not everything ended in time: closing the rest");
	ev_break(loop, EVBREAK_ALL);
}

/*
 * One descriptor for each control connection and a few more: what the hard limit gives. If it is
 * not enough, accept(2) says so in the log.
 */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool start_gre_and_calls(struct service *service)
{
	const struct service_settings *settings = &service->settings;
	const struct gre_lan_settings gre = {
		.interface = settings->conf->interface,
		.address = settings->sockets.address,
		.capture = settings->capture,
		.raw_gre = settings->sockets.raw_gre,
		.hosts = service->hosts,
		.broken = on_capture_broken,
		.context = service,
	};
	struct calls_settings calls = {
		.hosts = service->hosts,
		.limit = settings->conf->connections,
		.upstream_stopped = on_upstream_stopped,
		.context = service,
	};

	service->gre = gre_lan_new(service->loop, &gre);
	if (!service->gre)
		return false;
	service->settings.capture = NULL;
	service->settings.sockets.raw_gre = -1;
	calls.engine = gre_lan_engine(service->gre);
	service->calls = calls_new(service->loop, &calls);
	return service->calls != NULL;
}

static bool start_upstream(struct service *service)
{
	const struct lrp_conf *conf = service->settings.conf;
	const struct upstream_settings settings = {
		.host = conf->server.host,
		.port = conf->server.port,
		.name = conf->name,
		.keepalive_s = conf->keepalive_s,
		.max_calls = conf->connections,
		.identity = service->settings.identity,
		.expect =
			{
				.pinned = conf->server.pinned,
				.pin = conf->server.pin,
				.anchors = service->settings.anchors,
				.host = conf->server.verify_host,
			},
		.plain_anywhere = conf->plain_anywhere,
		.look_up = look_up,
		.look_up_context = service,
	};

	service->upstream =
		upstream_new(service->loop, &settings, &calls_upstream_ops, service->calls);
	if (!service->upstream)
		return false;
	calls_set_upstream(service->calls, service->upstream);
	return true;
}

static bool start_lan(struct service *service)
{
	const struct lrp_conf *conf = service->settings.conf;
	const struct lan_settings settings = {
		.listener = service->settings.sockets.listener,
		.connections = conf->connections,
		.look_every_s = LAN_LOOK_EVERY_S,
		.ctrl =
			{
				.start_timeout_s = conf->start_timeout_s,
				.echo_interval_s = conf->echo_interval_s,
				.echo_timeout_s = conf->echo_timeout_s,
				.stop_timeout_s = STOP_TIMEOUT_S,
				.max_calls = MIN(conf->connections, CALLS_PER_CONNECTION),
				.host_name = conf->name,
				.vendor = VENDOR,
			},
		.stopped = on_lan_stopped,
		.context = service,
	};

	service->lan = lan_new(service->loop, &settings, service->calls);
	if (!service->lan)
		return false;
	service->settings.sockets.listener = -1;
	return true;
}

static void log_start(const struct service *service)
{
	char address[INET_ADDRSTRLEN];

	(void)inet_ntop(AF_INET, &service->settings.sockets.address, address, sizeof(address));
	log_notice("serving PPTP on %s (%s) as %s", address, service->settings.conf->interface,
		   service->settings.conf->name);
}

static void log_end(const struct service *service)
{
	const struct gre_lan_counters gre = gre_lan_counters(service->gre);

	log_notice("ended; GRE packets from the LAN: %" PRIu64 ", of these %" PRIu64
		   " malformed and %" PRIu64 " of no call; %" PRIu64 " came too fast, %" PRIu64
		   " could not be sent",
		   gre.received, gre.malformed, gre.unknown, gre.overrun, gre.unsent);
}

struct service *service_new(const struct service_settings *settings)
{
	struct service *service = calloc(1, sizeof(*service));

	if (!service)
		return NULL;
	service->settings = *settings;
	raise_descriptor_limit();
	ev_timer_init(&service->end_timeout, on_end_timeout, END_TIMEOUT_S, 0.);
	service->loop = ev_loop_new(EVFLAG_AUTO);
	service->hosts = call_hosts_new();
	if (!service->loop || !service->hosts || !start_gre_and_calls(service) ||
	    !start_upstream(service) || !start_lan(service)) {
		service_free(service);
		return NULL;
	}
	parent_link_start(settings->link, service->loop, &parent_ops, service);
	return service;
}

bool service_run(struct service *service)
{
	log_start(service);
	ev_run(service->loop, 0);
	log_end(service);
	return !service->broken;
}

void service_free(struct service *service)
{
	if (!service)
		return;
	lan_free(service->lan);
	calls_free(service->calls);
	upstream_free(service->upstream);
	gre_lan_free(service->gre);
	call_hosts_free(service->hosts);
	capture_close(service->settings.capture);
	lan_sockets_close(&service->settings.sockets);
	parent_link_free(service->settings.link);
	if (service->loop) {
		ev_timer_stop(service->loop, &service->end_timeout);
		ev_loop_destroy(service->loop);
	}
	free(service);
}
