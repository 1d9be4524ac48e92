/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control connections of the LAN; see the header. */
#include "lrp/lan.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "pptpd/base/address.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"

/* After accept(2) found no descriptor or memory left. */
#define ACCEPT_PAUSE_S 1.0

struct lan {
	struct ev_loop *loop;
	struct lan_settings settings;
	struct calls *calls;
	struct lan_sources *sources;
	ev_io acceptable;
	ev_timer pause;        /* until accepting is tried again */
	ev_timer look;         /* for connections without a call */
	struct list half_open; /* oldest first */
	struct list started;
	unsigned half_open_count;
	unsigned count;
	struct rate_limit accept_lines; /* about failures that are nobody's in particular */
	bool stopping;
};

struct lan_conn {
	struct list link;
	struct lan *lan;
	struct lan_source *source;
	struct ctrl_conn *ctrl;
	bool half_open;
	bool idle; /* since the last look */
};

#define CLOSED  "control connection closed: "
#define IGNORED "ignored: "

/* How a notice of a connection is logged, and what its text is about. */
static const struct {
	int severity;
	const char *about;
} notices[] = {
	[CTRL_NOTICE_START] = {LOG_INFO, "control connection started: "},
	[CTRL_NOTICE_PEER_CLOSED] = {LOG_INFO, CLOSED},
	[CTRL_NOTICE_STOPPED] = {LOG_INFO, CLOSED},
	[CTRL_NOTICE_ECHO_TIMEOUT] = {LOG_WARNING, CLOSED},
	[CTRL_NOTICE_START_TIMEOUT] = {LOG_WARNING, CLOSED},
	[CTRL_NOTICE_STOP_TIMEOUT] = {LOG_INFO, CLOSED},
	[CTRL_NOTICE_READ_ERROR] = {LOG_WARNING, CLOSED},
	[CTRL_NOTICE_WRITE_ERROR] = {LOG_WARNING, CLOSED},
	[CTRL_NOTICE_QUEUE_FULL] = {LOG_WARNING, CLOSED},
	[CTRL_NOTICE_BAD_LENGTH] = {LOG_WARNING, CLOSED},
	[CTRL_NOTICE_BAD_MAGIC] = {LOG_WARNING, CLOSED},
	[CTRL_NOTICE_BAD_FIRST] = {LOG_WARNING, CLOSED},
	[CTRL_NOTICE_BAD_VERSION] = {LOG_WARNING, CLOSED},
	[CTRL_NOTICE_UNKNOWN_TYPE] = {LOG_WARNING, IGNORED},
	[CTRL_NOTICE_NOT_SUPPORTED] = {LOG_WARNING, ""},
	[CTRL_NOTICE_UNEXPECTED] = {LOG_WARNING, IGNORED},
	[CTRL_NOTICE_CALL_REFUSED] = {LOG_WARNING, ""},
	[CTRL_NOTICE_WAN_ERROR] = {LOG_INFO, ""},
	[CTRL_NOTICE_PROTOCOL] = {LOG_DEBUG, ""},
};

/* The only way out of the half-open ones, but for the connection's end. */
static void set_started(struct lan_conn *conn)
{
	if (!conn->half_open)
		return;
	conn->half_open = false;
	conn->lan->half_open_count--;
	conn->source->half_open--;
	list_remove(&conn->link);
	list_append(&conn->lan->started, &conn->link);
	if (!ev_is_active(&conn->lan->look))
		ev_timer_again(conn->lan->loop, &conn->lan->look);
}

/* Closes at once what is still open. */
static void conn_free(struct lan_conn *conn)
{
	struct lan *lan = conn->lan;

	if (conn->half_open) {
		lan->half_open_count--;
		conn->source->half_open--;
	}
	lan->count--;
	conn->source->connections--;
	list_remove(&conn->link);
	ctrl_conn_free(conn->ctrl);
	free(conn);
}

static void on_call_requested(void *context, struct ctrl_call *call)
{
	struct lan_conn *conn = context;

	conn->idle = false;
	calls_client_requested(conn->lan->calls, call, conn->source);
}

static void on_call_ended(void *context, struct ctrl_call *call)
{
	struct lan_conn *conn = context;

	calls_client_ended(conn->lan->calls, call);
}

static void on_link_info(void *context, struct ctrl_call *call, uint32_t send_accm,
			 uint32_t receive_accm)
{
	struct lan_conn *conn = context;

	calls_client_link_info(conn->lan->calls, call, send_accm, receive_accm);
}

static void on_notice(void *context, enum ctrl_notice notice, const char *text)
{
	struct lan_conn *conn = context;

	if (notice == CTRL_NOTICE_START)
		set_started(conn);
	lan_source_log(conn->source, notices[notice].severity, "%s%s", notices[notice].about, text);
}

static void on_closed(void *context)
{
	struct lan_conn *conn = context;
	struct lan *lan = conn->lan;

	conn_free(conn);
	if (lan->stopping && !lan->count)
		lan->settings.stopped(lan->settings.context);
}

static const struct ctrl_conn_ops ctrl_ops = {
	.call_requested = on_call_requested,
	.call_ended = on_call_ended,
	.link_info = on_link_info,
	.notice = on_notice,
	.closed = on_closed,
};

/* The oldest half-open connection, of `source` only unless that is NULL. */
static struct lan_conn *oldest_half_open(struct lan *lan, const struct lan_source *source)
{
	list_for_each (item, &lan->half_open) {
		struct lan_conn *conn = container_of(item, struct lan_conn, link);

		if (!source || conn->source == source)
			return conn;
	}
	return NULL;
}

static void push_out(struct lan_conn *conn, const char *why)
{
	if (!conn)
		return;
	lan_source_log(conn->source, LOG_WARNING,
		       CLOSED "%s, and it sent no Start-Control-Connection-Request", why);
	conn_free(conn);
}

static unsigned half_open_limit(const struct lan_settings *settings)
{
	return MAX(LAN_HALF_OPEN_MIN, MIN(settings->connections / 2, LAN_HALF_OPEN_MAX));
}

static unsigned connections_limit(const struct lan_settings *settings)
{
	return settings->connections + half_open_limit(settings) + LAN_CONNECTIONS_SPARE;
}

/* Makes room among the half-open ones, or says why the newcomer cannot stay. */
static const char *make_room(struct lan *lan, struct lan_source *source)
{
	unsigned before;

	if (!rate_limit_allow(&source->connects, mono_now(), &before))
		return "too many in too short a time from this address";
	if (lan->count >= connections_limit(&lan->settings))
		return "too many control connections in all";
	if (source->connections >= LAN_CONNECTIONS_PER_SOURCE_MAX)
		return "too many control connections from this address";
	if (source->half_open >= LAN_HALF_OPEN_PER_SOURCE_MAX)
		push_out(oldest_half_open(lan, source), "too many silent ones from this address");
	else if (lan->half_open_count >= half_open_limit(&lan->settings))
		push_out(oldest_half_open(lan, NULL), "too many silent ones in all");
	return NULL;
}

/* Serves the accepted socket, which is ours or closed afterwards. */
static void take_connection(struct lan *lan, int fd, const struct address *peer)
{
	struct lan_source *source = lan_sources_get(lan->sources, peer->in.sin_addr, mono_now());
	struct lan_conn *conn = NULL;
	const char *refused;

	if (!source)
		goto close_socket; /* as many hosts as connections: no place even for its log line
				    */
	refused = make_room(lan, source);
	if (refused) {
		lan_source_log(source, LOG_WARNING, "control connection refused: %s", refused);
		goto close_socket;
	}
	conn = calloc(1, sizeof(*conn));
	if (!conn)
		goto close_socket;
	conn->lan = lan;
	conn->source = source;
	conn->half_open = true;
	conn->ctrl = ctrl_conn_new(lan->loop, fd, &lan->settings.ctrl, &ctrl_ops, conn);
	if (!conn->ctrl)
		goto close_socket;
	lan->count++;
	lan->half_open_count++;
	source->connections++;
	source->half_open++;
	list_append(&lan->half_open, &conn->link);
	lan_source_log(source, LOG_DEBUG, "connected from port %u", address_port(peer));
	return;

close_socket:
	free(conn);
	fdio_close(&fd);
}

/* Nothing waits (false), or it failed in a way that needs no pause (true, next one). */
static bool accept_failed(struct lan *lan)
{
	unsigned left_out;

	if (errno == EAGAIN)
		return false;
	if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO)
		return true;
	if (rate_limit_allow(&lan->accept_lines, mono_now(), &left_out))
		log_system(LOG_ERR, "cannot accept control connections");
	ev_io_stop(lan->loop, &lan->acceptable);
	ev_timer_set(&lan->pause, ACCEPT_PAUSE_S, 0.);
	ev_timer_start(lan->loop, &lan->pause);
	return false;
}

static void on_acceptable(struct ev_loop *loop UNUSED, ev_io *watcher, int events UNUSED)
{
	struct lan *lan = container_of(watcher, struct lan, acceptable);

	for (int i = 0; i < LAN_ACCEPT_BATCH; i++) {
		struct sockaddr_storage storage;
		socklen_t len = sizeof(storage);
		int fd = accept4(lan->settings.listener, (struct sockaddr *)&storage, &len,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);
		struct address peer;

		if (fd < 0) {
			if (!accept_failed(lan))
				return;
			continue;
		}
		peer = address_from_sockaddr(&storage, len);
		take_connection(lan, fd, &peer);
	}
}

static void on_pause_over(struct ev_loop *loop, ev_timer *watcher, int events UNUSED)
{
	struct lan *lan = container_of(watcher, struct lan, pause);

	ev_io_start(loop, &lan->acceptable);
}

static void on_look(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct lan *lan = container_of(watcher, struct lan, look);

	if (list_empty(&lan->started))
		ev_timer_stop(lan->loop, &lan->look);
	list_for_each (item, &lan->started) {
		struct lan_conn *conn = container_of(item, struct lan_conn, link);
		bool has_calls = ctrl_conn_calls(conn->ctrl) > 0;

		if (conn->idle && !has_calls)
			ctrl_conn_stop(conn->ctrl, PPTP_STOP_NONE);
		conn->idle = !has_calls;
	}
}

struct lan *lan_new(struct ev_loop *loop, const struct lan_settings *settings, struct calls *calls)
{
	struct lan *lan = calloc(1, sizeof(*lan));

	if (!lan)
		return NULL;
	/* Twice: a flood of hosts that come once must not push out each other's rate limit. */
	lan->sources = lan_sources_new(2 * connections_limit(settings));
	if (!lan->sources) {
		free(lan);
		return NULL;
	}
	lan->loop = loop;
	lan->settings = *settings;
	lan->calls = calls;
	list_init(&lan->half_open);
	list_init(&lan->started);
	rate_limit_init(&lan->accept_lines, 1, 60000, mono_now());
	ev_timer_init(&lan->pause, on_pause_over, ACCEPT_PAUSE_S, 0.);
	ev_timer_init(&lan->look, on_look, settings->look_every_s, settings->look_every_s);
	ev_io_init(&lan->acceptable, on_acceptable, settings->listener, EV_READ);
	ev_io_start(loop, &lan->acceptable);
	return lan;
}

static void stop_accepting(struct lan *lan)
{
	ev_io_stop(lan->loop, &lan->acceptable);
	ev_timer_stop(lan->loop, &lan->pause);
	fdio_close(&lan->settings.listener);
}

static void free_all(struct list *connections)
{
	list_for_each (item, connections)
		conn_free(container_of(item, struct lan_conn, link));
}

void lan_free(struct lan *lan)
{
	if (!lan)
		return;
	stop_accepting(lan);
	ev_timer_stop(lan->loop, &lan->look);
	free_all(&lan->half_open);
	free_all(&lan->started);
	lan_sources_free(lan->sources);
	free(lan);
}

bool lan_stop(struct lan *lan)
{
	lan->stopping = true;
	calls_set_stopping(lan->calls);
	stop_accepting(lan);
	free_all(&lan->half_open); /* RFC 2637 3.1: nothing to stop before the start */
	list_for_each (item, &lan->started)
		ctrl_conn_stop(container_of(item, struct lan_conn, link)->ctrl,
			       PPTP_STOP_LOCAL_SHUTDOWN);
	return !lan->count;
}
