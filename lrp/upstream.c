/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connection and reconnection to one server; see the header. */
#include "lrp/upstream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "lrp/backoff.h"
#include "lrp/resolve.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"
#include "pptpd/base/util.h"
#include "rrp/stream.h"

/* tunnel_settings' hello_timeout_s and ping_misses. */
#define HELLO_TIMEOUT_S 5
#define PING_MISSES     3

/* For the answer to look_up(), which has a shorter deadline of its own. */
#define LOOK_UP_TIMEOUT_S (RESOLVE_TIMEOUT_S + 5)

/* During a long outage: so many lines about attempts at once, then one every so often. */
#define DOWN_LINES         6
#define DOWN_LINE_EVERY_MS 60000

/* For a whole handshake. */
#define TLS_TIMEOUT_S 10

#define REASON_MAX TLS_ERROR_MAX

/* "HOST:PORT" with brackets. */
#define LABEL_MAX (ADDRESS_HOST_MAX + 8)

enum upstream_state {
	UPSTREAM_WAITING, /* for the next attempt */
	UPSTREAM_RESOLVING,
	UPSTREAM_CONNECTING, /* TCP, one address after the other */
	UPSTREAM_SECURING,   /* connected; TLS handshake */
	UPSTREAM_GREETING,   /* connected; HELLO sent, WELCOME not yet received */
	UPSTREAM_UP,
	UPSTREAM_STOPPING, /* upstream_stop(): what was sent last is on its way */
	UPSTREAM_STOPPED,
};

struct upstream {
	struct ev_loop *loop;
	struct upstream_settings settings;
	const struct upstream_ops *ops;
	void *context;

	enum upstream_state state;
	ev_timer timer; /* WAITING: the next attempt; CONNECTING: gives up this address */
	ev_io connected;
	int fd;                          /* CONNECTING only; later the stream's */
	struct tls_handshake *handshake; /* SECURING only */
	const char *cipher;              /* of the last one that was good; NULL: bare TCP */
	struct tunnel *tunnel;

	struct address addresses[RESOLVE_MAX];
	unsigned address_count;
	unsigned address_next;

	struct backoff backoff;
	struct mono up_since;
	struct rate_limit down_lines;
	char reason[REASON_MAX]; /* why the tunnel goes down, from its last notice */
	char text[UPSTREAM_TEXT_MAX];
	char label[LABEL_MAX]; /* the server as configured, in log lines */
};

static const char *const state_names[] = {
	[UPSTREAM_WAITING] = "waiting",       [UPSTREAM_RESOLVING] = "resolving",
	[UPSTREAM_CONNECTING] = "connecting", [UPSTREAM_SECURING] = "securing",
	[UPSTREAM_GREETING] = "greeting",     [UPSTREAM_UP] = "up",
	[UPSTREAM_STOPPING] = "stopping",     [UPSTREAM_STOPPED] = "stopped",
};

static void connect_next(struct upstream *upstream, const char *reason);

static void set_state(struct upstream *upstream, enum upstream_state state, const char *why)
{
	log_debug("SERVER %s: %s -> %s: %s", upstream->label, state_names[upstream->state],
		  state_names[state], why);
	upstream->state = state;
}

static void set_timer(struct upstream *upstream, double after_s)
{
	ev_timer_stop(upstream->loop, &upstream->timer);
	ev_timer_set(&upstream->timer, after_s, 0.);
	ev_timer_start(upstream->loop, &upstream->timer);
}

static const struct address *current_address(const struct upstream *upstream)
{
	return &upstream->addresses[upstream->address_next - 1];
}

/* The attempt or the tunnel ended: says so, and sets the time of the next attempt. */
static void wait_for_next(struct upstream *upstream, const char *reason)
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
	set_state(upstream, UPSTREAM_WAITING, reason);
	set_timer(upstream, ms / 1000.);
}

static void on_up(void *context, const char *peer_name)
{
	struct upstream *upstream = context;
	char address[ADDRESS_TEXT_MAX];

	(void)snprintf(upstream->text, sizeof(upstream->text), "%s (%s)", peer_name,
		       address_text_port(current_address(upstream), address));
	upstream->up_since = mono_now();
	rate_limit_init(&upstream->down_lines, DOWN_LINES, DOWN_LINE_EVERY_MS, upstream->up_since);
	set_state(upstream, UPSTREAM_UP, "hello exchanged");
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
		set_state(upstream, UPSTREAM_STOPPED, "the tunnel is shut down");
		upstream->ops->stopped(upstream->context);
		return;
	}
	if (was == UPSTREAM_UP)
		backoff_tunnel_ended(&upstream->backoff, upstream->up_since, mono_now());
	wait_for_next(upstream, *upstream->reason ? upstream->reason : "the tunnel ended");
}

static const struct tunnel_ops tunnel_ops = {
	.up = on_up,
	.call_accepted = on_call_accepted,
	.call_refused = on_call_refused,
	.call_closed = on_call_closed,
	.link_info = on_link_info,
	.frame = on_frame,
	.notice = on_notice,
	.down = on_down,
};

/* The tunnel takes the stream over. */
static void start_tunnel(struct upstream *upstream, struct rrp_stream *stream)
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
	set_state(upstream, UPSTREAM_GREETING, "connected");
	upstream->tunnel = tunnel_new(upstream->loop, stream, &settings, &tunnel_ops, upstream);
	if (!upstream->tunnel) {
		stream->ops->free(stream);
		wait_for_next(upstream, strerror(ENOMEM));
	}
}

static void on_secured(void *context, struct rrp_stream *stream, const struct tls_peer *peer)
{
	struct upstream *upstream = context;

	upstream->handshake = NULL;
	upstream->cipher = peer->cipher;
	start_tunnel(upstream, stream);
}

static void on_handshake_failed(void *context, const char *text)
{
	struct upstream *upstream = context;
	char reason[REASON_MAX];
	char address[ADDRESS_TEXT_MAX];

	upstream->handshake = NULL;
	(void)snprintf(reason, sizeof(reason), "TLS with %s: %s",
		       address_text_port(current_address(upstream), address), text);
	connect_next(upstream, reason);
}

static const struct tls_handshake_ops handshake_ops = {
	.done = on_secured,
	.failed = on_handshake_failed,
};

/* The TCP connection is made: TLS takes it over. */
static bool start_handshake(struct upstream *upstream)
{
	const struct tls_handshake_settings settings = {
		.identity = upstream->settings.identity,
		.timeout_s = TLS_TIMEOUT_S,
		.expect = &upstream->settings.expect,
		.purpose = TLS_TUNNEL,
	};

	set_state(upstream, UPSTREAM_SECURING, "connected");
	upstream->handshake = tls_handshake_new(upstream->loop, upstream->fd, &settings,
						&handshake_ops, upstream);
	return upstream->handshake != NULL;
}

static bool start_plain(struct upstream *upstream)
{
	struct rrp_stream *stream = rrp_stream_plain(upstream->fd);

	if (!stream)
		return false;
	upstream->cipher = NULL;
	start_tunnel(upstream, stream);
	return true;
}

/* The TCP connection is made. */
static void use_connection(struct upstream *upstream)
{
	int fd = upstream->fd;
	bool taken =
		upstream->settings.identity ? start_handshake(upstream) : start_plain(upstream);

	if (!taken) {
		fdio_close(&fd);
		wait_for_next(upstream, strerror(ENOMEM));
	}
	upstream->fd = -1; /* the stream's from now on */
}

static void stop_connecting(struct upstream *upstream)
{
	ev_io_stop(upstream->loop, &upstream->connected);
	ev_timer_stop(upstream->loop, &upstream->timer);
}

/* This address failed: the next one, if there is one. */
static void connect_failed(struct upstream *upstream, int error)
{
	char address[ADDRESS_TEXT_MAX];
	char reason[REASON_MAX];

	stop_connecting(upstream);
	fdio_close(&upstream->fd);
	(void)snprintf(reason, sizeof(reason), "cannot connect to %s: %s",
		       address_text_port(current_address(upstream), address), strerror(error));
	connect_next(upstream, reason);
}

static void on_connected(struct ev_loop *loop UNUSED, ev_io *watcher, int events UNUSED)
{
	struct upstream *upstream = container_of(watcher, struct upstream, connected);
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(upstream->fd, SOL_SOCKET, SO_ERROR, &error, &len))
		error = errno;
	if (error) {
		connect_failed(upstream, error);
		return;
	}
	stop_connecting(upstream);
	use_connection(upstream);
}

/* Bare TCP is for networks that somebody vouches for. */
static bool is_refused(const struct upstream *upstream, const struct address *address,
		       char ret_reason[REASON_MAX])
{
	char text[ADDRESS_TEXT_MAX];

	if (upstream->settings.identity || upstream->settings.plain_anywhere ||
	    address_is_private(address))
		return false;
	(void)snprintf(ret_reason, REASON_MAX,
		       "%s is not a private address, and \"security plain\" protects nothing on "
		       "the way there: enrol for tls, or add \"plain-anywhere\"",
		       address_text(address, text));
	return true;
}

/* Tries the next address; without one, `reason` is why the attempt as a whole failed. */
static void connect_next(struct upstream *upstream, const char *reason)
{
	const struct address *address;
	char refused[REASON_MAX];

	if (upstream->address_next == upstream->address_count) {
		wait_for_next(upstream, reason);
		return;
	}
	address = &upstream->addresses[upstream->address_next++];
	if (upstream->state != UPSTREAM_CONNECTING)
		set_state(upstream, UPSTREAM_CONNECTING, reason);
	if (is_refused(upstream, address, refused)) {
		connect_next(upstream, refused); /* at most RESOLVE_MAX deep */
		return;
	}
	upstream->fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (upstream->fd < 0 ||
	    (connect(upstream->fd, &address->sa, address->len) && errno != EINPROGRESS)) {
		connect_failed(upstream, errno); /* at most RESOLVE_MAX deep */
		return;
	}
	ev_io_set(&upstream->connected, upstream->fd, EV_WRITE);
	ev_io_start(upstream->loop, &upstream->connected);
	set_timer(upstream, UPSTREAM_CONNECT_TIMEOUT_S);
}

/* The addresses are known, or `error` says why there is none. */
static void start_connecting(struct upstream *upstream, unsigned count, const char *error)
{
	char reason[REASON_MAX];

	ev_timer_stop(upstream->loop, &upstream->timer);
	upstream->address_count = count;
	upstream->address_next = 0;
	(void)snprintf(reason, sizeof(reason), "cannot look up %s: %s", upstream->settings.host,
		       error ? error : "no address");
	connect_next(upstream, count ? "resolved" : reason);
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
	set_state(upstream, UPSTREAM_RESOLVING, "a name");
	set_timer(upstream, LOOK_UP_TIMEOUT_S);
	error = upstream->settings.look_up(upstream->settings.look_up_context);
	if (error)
		start_connecting(upstream, 0, strerror(-error));
}

static void on_timer(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct upstream *upstream = container_of(watcher, struct upstream, timer);

	if (upstream->state == UPSTREAM_CONNECTING)
		connect_failed(upstream, ETIMEDOUT);
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
	ev_io_init(&upstream->connected, on_connected, -1, EV_WRITE);
	ev_timer_init(&upstream->timer, on_timer, 0., 0.);
	ev_timer_start(loop, &upstream->timer);
	return upstream;
}

/* Ends everything but a tunnel. */
static void stop_attempts(struct upstream *upstream)
{
	stop_connecting(upstream);
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
		set_state(upstream, UPSTREAM_STOPPED, "asked to");
		return true;
	}
	set_state(upstream, UPSTREAM_STOPPING, "asked to");
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
