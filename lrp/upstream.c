/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connection and reconnection to one server; see the header. */
#include "lrp/upstream_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

/* For the answer to look_up(), which has a shorter deadline of its own. */
#define LOOK_UP_TIMEOUT_S (RESOLVE_TIMEOUT_S + 5)

static const char *const state_names[] = {
	[UPSTREAM_WAITING] = "waiting",       [UPSTREAM_RESOLVING] = "resolving",
	[UPSTREAM_CONNECTING] = "connecting", [UPSTREAM_SECURING] = "securing",
	[UPSTREAM_GREETING] = "greeting",     [UPSTREAM_UP] = "up",
	[UPSTREAM_STOPPING] = "stopping",     [UPSTREAM_STOPPED] = "stopped",
};

void upstream_set_state(struct upstream *upstream, enum upstream_state state, const char *why)
{
	log_debug("SERVER %s: %s -> %s: %s", upstream->label, state_names[upstream->state],
		  state_names[state], why);
	upstream->state = state;
}

void upstream_set_timer(struct upstream *upstream, double after_s)
{
	ev_timer_stop(upstream->loop, &upstream->timer);
	ev_timer_set(&upstream->timer, after_s, 0.);
	ev_timer_start(upstream->loop, &upstream->timer);
}

void upstream_wait_for_next(struct upstream *upstream, const char *reason)
{
	uint32_t random = 0;
	unsigned left_out;
	unsigned ms;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
		random = 0; /* only the jitter is missing then */
	ms = backoff_next_ms(&upstream->backoff, random);
	if (rate_limit_allow(&upstream->down_lines, mono_now(), &left_out)) {
		char more[40] = "";

		if (left_out)
			(void)snprintf(more, sizeof(more), " (%u more not shown)", left_out);
		log_warning("SERVER %s: down: %s; next try in %u.%u s%s", upstream->label, reason,
			    ms / 1000, ms % 1000 / 100, more);
	}
	upstream_set_state(upstream, UPSTREAM_WAITING, reason);
	upstream_set_timer(upstream, ms / 1000.);
}

/* The addresses are known, or `error` says why there is none. */
static void start_connecting(struct upstream *upstream, unsigned count, const char *error)
{
	char reason[UPSTREAM_REASON_MAX];

	ev_timer_stop(upstream->loop, &upstream->timer);
	upstream->address_count = count;
	upstream->address_next = 0;
	(void)snprintf(reason, sizeof(reason), "cannot look up %s: %s", upstream->settings.host,
		       error ? error : "no address");
	upstream_connect_next(upstream, count ? "resolved" : reason);
}

void upstream_looked_up(struct upstream *upstream, const struct resolve_answer *answer,
			const char *error)
{
	unsigned count = 0;

	if (upstream->state != UPSTREAM_RESOLVING)
		return;
	if (answer)
		count = resolve_judge(answer, upstream->settings.port, upstream->addresses, &error);
	start_connecting(upstream, count, error);
}

static void start_attempt(struct upstream *upstream)
{
	int error;

	if (resolve_numeric(upstream->settings.host, upstream->settings.port,
			    &upstream->addresses[0])) {
		start_connecting(upstream, 1, NULL);
		return;
	}
	upstream_set_state(upstream, UPSTREAM_RESOLVING, "a name");
	upstream_set_timer(upstream, LOOK_UP_TIMEOUT_S);
	error = upstream->settings.look_up(upstream->settings.look_up_context);
	if (error)
		start_connecting(upstream, 0, strerror(-error));
}

static void on_timer(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct upstream *upstream = container_of(watcher, struct upstream, timer);

	if (upstream->state == UPSTREAM_CONNECTING)
		upstream_connect_failed(upstream, ETIMEDOUT);
	else if (upstream->state == UPSTREAM_RESOLVING)
		start_connecting(upstream, 0, "no answer");
	else
		start_attempt(upstream);
}

struct upstream *upstream_new(struct ev_loop *loop, const struct upstream_settings *settings,
			      const struct upstream_ops *ops, void *context)
{
	struct upstream *upstream = calloc(1, sizeof(*upstream));

	if (!upstream)
		return NULL;
	upstream->loop = loop;
	upstream->settings = *settings;
	upstream->ops = ops;
	upstream->context = context;
	upstream->state = UPSTREAM_WAITING;
	upstream->fd = -1;
	(void)snprintf(upstream->label, sizeof(upstream->label),
		       strchr(settings->host, ':') ? "[%s]:%u" : "%s:%u", settings->host,
		       settings->port);
	backoff_init(&upstream->backoff);
	rate_limit_init(&upstream->down_lines, DOWN_LINES, DOWN_LINE_EVERY_MS, mono_now());
	ev_io_init(&upstream->connected, upstream_on_connected, -1, EV_WRITE);
	ev_timer_init(&upstream->timer, on_timer, 0., 0.);
	ev_timer_start(loop, &upstream->timer);
	return upstream;
}

/* Ends everything but a tunnel. */
static void stop_attempts(struct upstream *upstream)
{
	upstream_stop_connecting(upstream);
	tls_handshake_free(upstream->handshake);
	upstream->handshake = NULL;
	fdio_close(&upstream->fd);
}

void upstream_free(struct upstream *upstream)
{
	if (!upstream)
		return;
	stop_attempts(upstream);
	tunnel_free(upstream->tunnel);
	free(upstream);
}

bool upstream_stop(struct upstream *upstream)
{
	stop_attempts(upstream);
	if (!upstream->tunnel) {
		upstream_set_state(upstream, UPSTREAM_STOPPED, "asked to");
		return true;
	}
	upstream_set_state(upstream, UPSTREAM_STOPPING, "asked to");
	tunnel_shutdown(upstream->tunnel);
	return false;
}

bool upstream_is_up(const struct upstream *upstream)
{
	return upstream->state == UPSTREAM_UP;
}

struct tunnel_call *upstream_open_call(struct upstream *upstream,
				       const struct tunnel_call_request *request, void *owner)
{
	if (!upstream_is_up(upstream))
		return NULL;
	return tunnel_call_open(upstream->tunnel, request, owner);
}

const char *upstream_text(const struct upstream *upstream)
{
	return upstream->text;
}
