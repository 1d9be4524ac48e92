/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts the parts of the program together; see the header. */
#include "lrp/service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "lrp/calls.h"
#include "lrp/capture.h"
#include "lrp/gre_lan.h"
#include "lrp/lan.h"
#include "lrp/lan_sockets.h"
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
	const struct lrp_conf *conf;
	struct lan_sockets sockets;
	struct capture *capture; /* gre_lan's once that exists */

	struct ev_loop *loop;
	ev_signal signals[3];
	ev_timer end_timeout;
	bool stopping;
	bool lan_stopped;
	bool upstream_stopped;
	struct gre_lan *gre;
	struct calls *calls;
	struct upstream *upstream;
	struct lan *lan;
};

struct service *service_open(const struct lrp_conf *conf)
{
	struct service *service = calloc(1, sizeof(*service));
	char error[CAPTURE_ERROR_MAX];

	if (!service) {
		log_system(LOG_ERR, "start");
		return NULL;
	}
	service->conf = conf;
	service->sockets = (struct lan_sockets){.listener = -1, .raw_gre = -1};
	if (!lan_sockets_open(conf, &service->sockets)) {
		service_free(service);
		return NULL;
	}
	service->capture = capture_open(conf->interface, service->sockets.address, error);
	if (!service->capture) {
		log_err("cannot capture on %s: %s", conf->interface, error);
		service_free(service);
		return NULL;
	}
	return service;
}

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

static void stop(struct service *service, int signal_number)
{
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

static void on_signal(struct ev_loop *loop UNUSED, ev_signal *watcher, int events UNUSED)
{
	struct service *service = watcher->data;

	if (watcher->signum == SIGHUP)
		log_notice("SIGHUP: the configuration is not read again; restart lrp for that");
	else
		stop(service, watcher->signum);
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

static void watch_signals(struct service *service)
{
	const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

	(void)signal(SIGPIPE, SIG_IGN); /* writes return EPIPE instead */
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		ev_signal_init(&service->signals[i], on_signal, numbers[i]);
		service->signals[i].data = service;
		ev_signal_start(service->loop, &service->signals[i]);
	}
	ev_timer_init(&service->end_timeout, on_end_timeout, END_TIMEOUT_S, 0.);
}

static bool start_gre_and_calls(struct service *service)
{
	struct calls_settings settings = {
		.limit = service->conf->connections,
		.upstream_stopped = on_upstream_stopped,
		.context = service,
	};

	service->gre =
		gre_lan_new(service->loop, service->conf->interface, service->sockets.address,
			    service->capture, service->sockets.raw_gre);
	if (!service->gre)
		return false;
	service->capture = NULL;
	service->sockets.raw_gre = -1;
	settings.engine = gre_lan_engine(service->gre);
	service->calls = calls_new(service->loop, &settings);
	return service->calls != NULL;
}

static bool start_upstream(struct service *service)
{
	const struct upstream_settings settings = {
		.host = service->conf->server_host,
		.port = service->conf->server_port,
		.name = service->conf->name,
		.keepalive_s = service->conf->keepalive_s,
		.max_calls = service->conf->connections,
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
	const struct lrp_conf *conf = service->conf;
	const struct lan_settings settings = {
		.listener = service->sockets.listener,
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
	service->sockets.listener = -1;
	return true;
}

static void log_start(const struct service *service)
{
	char address[INET_ADDRSTRLEN];

	(void)inet_ntop(AF_INET, &service->sockets.address, address, sizeof(address));
	log_notice("serving PPTP on %s (%s) as %s", address, service->conf->interface,
		   service->conf->name);
}

static void log_end(const struct service *service)
{
	const struct gre_lan_counters gre = gre_lan_counters(service->gre);

	log_notice("ended; GRE packets from the LAN: %" PRIu64 ", of these %" PRIu64
		   " malformed and %" PRIu64 " of no call; %" PRIu64 " came too fast, %" PRIu64
		   " could not be sent",
		   gre.received, gre.malformed, gre.unknown, gre.overrun, gre.unsent);
}

bool service_run(struct service *service)
{
	raise_descriptor_limit();
	service->loop = ev_loop_new(EVFLAG_AUTO);
	if (!service->loop || !start_gre_and_calls(service) || !start_upstream(service) ||
	    !start_lan(service)) {
		log_system(LOG_ERR, "cannot start");
		return false;
	}
	watch_signals(service);
	log_start(service);
	ev_run(service->loop, 0);
	log_end(service);
	return true;
}

static void stop_signals(struct service *service)
{
	for (size_t i = 0; i < ARRAY_SIZE(service->signals); i++)
		ev_signal_stop(service->loop, &service->signals[i]);
	ev_timer_stop(service->loop, &service->end_timeout);
}

void service_free(struct service *service)
{
	if (!service)
		return;
	lan_free(service->lan);
	calls_free(service->calls);
	upstream_free(service->upstream);
	gre_lan_free(service->gre);
	if (service->loop) {
		stop_signals(service);
		ev_loop_destroy(service->loop);
	}
	capture_close(service->capture);
	lan_sockets_close(&service->sockets);
	free(service);
}
