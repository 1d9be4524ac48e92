/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front side of a PPTP client: its control connections, and the GRE socket of its calls. */
#include <stdio.h>
#include <stdlib.h>

#include "pptpctrl/direct_private.h"
#include "pptpctrl/front.h"
#include "pptpctrl/manager_link.h"
#include "pptpctrl/pptp/gre_engine.h"
#include "pptpctrl/pptp/gre_raw.h"
#include "pptpctrl/reorder_watch.h"
#include "pptpctrl/title.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"

/* For the reply to our Stop-Control-Connection-Request: stopping pptpd waits for it. */
#define STOP_TIMEOUT_S 5

/*
 * Half of the time after which a mute client is lost: enough for a reply, and the rest for a packet
 * of one of its calls.
 */
#define DOUBT_S(timeout_s) (((timeout_s) + 1) / 2)

/* A connection on which no call comes holds a process for nothing: we end it. */
#define FIRST_CALL_TIMEOUT_S 60.

void direct_set_title(const struct direct *direct)
{
	const struct direct_call *call = NULL;
	unsigned connected = 0;
	char more[16] = "";

	list_for_each (conn_link, &direct->conns) {
		const struct direct_conn *conn = container_of(conn_link, struct direct_conn, link);

		list_for_each (call_link, &conn->calls) {
			const struct direct_call *one =
				container_of(call_link, struct direct_call, link);

			if (!one->ctrl || !one->ctrl->call_id)
				continue;
			call = one;
			connected++;
		}
	}
	if (!call) {
		title_set("pptpd [%s]", direct->client);
		return;
	}
	if (connected > 1)
		(void)snprintf(more, sizeof(more), " +%u", connected - 1);
	title_set("pptpd [%s:%04X - %04X%s]", direct->client, call->ctrl->request.call_id,
		  call->ctrl->call_id, more);
}

void direct_free_conn_if_done(struct direct_conn *conn)
{
	struct direct *direct = conn->direct;

	if (conn->ctrl || !list_empty(&conn->calls))
		return;
	if (conn->started)
		log_info("CTRL: Client %s control connection finished", direct->client);
	list_remove(&conn->link);
	free(conn);
	if (--direct->conn_count == 0)
		manager_link_idle(direct->context->link);
}

static void on_lonely(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	struct direct_conn *conn = timer->data;

	log_debug("CTRL: Client %s has no call, closing the control connection",
		  conn->direct->client);
	ctrl_conn_stop(conn->ctrl, PPTP_STOP_NONE);
}

void direct_wait_for_call(struct direct_conn *conn, double timeout_s)
{
	struct ev_loop *loop = conn->direct->context->loop;

	ev_timer_stop(loop, &conn->lonely);
	ev_timer_set(&conn->lonely, timeout_s, 0.);
	ev_timer_start(loop, &conn->lonely);
}

static void on_call_requested(void *context, struct ctrl_call *ctrl)
{
	direct_call_new(context, ctrl);
}

static void on_call_ended(void *context UNUSED, struct ctrl_call *ctrl)
{
	if (ctrl->owner) /* or it was refused before it came to us */
		direct_call_end(ctrl->owner);
}

static void on_link_info(void *context UNUSED, struct ctrl_call *ctrl UNUSED,
			 uint32_t send_accm UNUSED, uint32_t receive_accm UNUSED)
{
	/* GRE carries frames without escapes, and towards pppd every escape is made anyway. */
}

static void on_notice(void *context, enum ctrl_notice notice, const char *text)
{
	struct direct_conn *conn = context;

	if (notice == CTRL_NOTICE_START && !conn->started) {
		conn->started = true;
		log_info("CTRL: Client %s control connection started", conn->direct->client);
	} else if (notice == CTRL_NOTICE_STOPPED && conn->ctrl_calls) {
		log_warning("CTRL: Request to close control connection when call is open, closing");
	} else {
		direct_log_notice(&conn->direct->log, notice, text);
	}
}

static void on_mute(void *context)
{
	direct_listen_for_calls(context);
}

static void on_closed(void *context)
{
	struct direct_conn *conn = context;

	ev_timer_stop(conn->direct->context->loop, &conn->lonely);
	ctrl_conn_free(conn->ctrl);
	conn->ctrl = NULL;
	direct_free_conn_if_done(conn);
}

static const struct ctrl_conn_ops ctrl_ops = {
	.call_requested = on_call_requested,
	.call_ended = on_call_ended,
	.link_info = on_link_info,
	.notice = on_notice,
	.mute = on_mute,
	.closed = on_closed,
};

static void refuse_connection(const struct direct *direct, int fd)
{
	if (direct->stopping)
		log_debug("CTRL: Client %s: connection closed while stopping", direct->client);
	else
		log_err("CTRL: Client %s: no room for another control connection", direct->client);
	fdio_close(&fd);
	if (!direct->conn_count)
		manager_link_idle(direct->context->link);
}

static void direct_connection(void *front, int fd)
{
	struct direct *direct = front;
	const struct ipc_settings *settings = &direct->context->settings;
	const struct ctrl_conn_settings ctrl_settings = {
		.start_timeout_s = settings->start_timeout_s,
		.echo_interval_s = settings->echo_interval_s,
		.echo_timeout_s = settings->echo_timeout_s,
		.doubt_s = DOUBT_S(settings->echo_timeout_s),
		.stop_timeout_s = STOP_TIMEOUT_S,
		.max_calls = settings->max_calls,
		.host_name = "local",
		.vendor = "linux",
	};
	struct direct_conn *conn = NULL;

	if (direct->conn_count < IPC_CONNECTIONS_MAX && !direct->stopping)
		conn = calloc(1, sizeof(*conn));
	if (conn) {
		conn->direct = direct;
		list_init(&conn->calls);
		conn->ctrl =
			ctrl_conn_new(direct->context->loop, fd, &ctrl_settings, &ctrl_ops, conn);
	}
	if (!conn || !conn->ctrl) {
		free(conn);
		refuse_connection(direct, fd);
		return;
	}
	list_append(&direct->conns, &conn->link);
	direct->conn_count++;
	if (direct->gre == DIRECT_GRE_FAILED)
		direct->gre = DIRECT_GRE_UNKNOWN;
	ev_init(&conn->lonely, on_lonely);
	conn->lonely.data = conn;
	direct_wait_for_call(conn, FIRST_CALL_TIMEOUT_S);
}

static void open_engine(struct direct *direct, int fd)
{
	direct->raw = gre_raw_new(direct->context->loop, fd);
	if (direct->raw)
		direct->engine =
			gre_engine_new(direct->context->loop, gre_raw_send_connected, direct->raw);
	else
		fdio_close(&fd);
	if (direct->engine)
		gre_raw_start(direct->raw, direct->engine);
	else
		log_system(LOG_ERR, "CTRL: GRE of client %s, whose connections end",
			   direct->client);
}

static void direct_stop(void *front)
{
	struct direct *direct = front;

	direct->stopping = true;
	list_for_each (link, &direct->conns) {
		struct direct_conn *conn = container_of(link, struct direct_conn, link);

		if (conn->ctrl)
			ctrl_conn_stop(conn->ctrl, PPTP_STOP_NONE);
	}
	if (!direct->conn_count)
		manager_link_idle(direct->context->link);
}

/* The manager gives the socket once: without an engine this process is of no more use. */
static void direct_gre_opened(void *front, const struct ipc_gre_opened *opened, int fd)
{
	struct direct *direct = front;

	if (opened->sample) {
		reorder_watch_opened(direct->watch, fd);
		return;
	}
	direct->gre = opened->error ? DIRECT_GRE_FAILED : DIRECT_GRE_OPEN;
	if (!opened->error)
		open_engine(direct, fd);
	direct_calls_have_gre(direct);
	if (!opened->error && !direct->engine)
		direct_stop(direct);
}

static void *direct_new(const struct front_context *context)
{
	struct direct *direct = calloc(1, sizeof(*direct));

	if (!direct) {
		log_system(LOG_ERR, "CTRL: client");
		return NULL;
	}
	direct->context = context;
	list_init(&direct->conns);
	(void)address_text(&context->settings.remote, direct->client);
	direct_log_init(&direct->log, direct->client);
	direct_set_title(direct);
	return direct;
}

static void direct_free(void *front)
{
	struct direct *direct = front;

	list_for_each (conn_link, &direct->conns) {
		struct direct_conn *conn = container_of(conn_link, struct direct_conn, link);

		list_for_each (call_link, &conn->calls)
			direct_call_free(container_of(call_link, struct direct_call, link));
		ev_timer_stop(direct->context->loop, &conn->lonely);
		ctrl_conn_free(conn->ctrl);
		free(conn);
	}
	if (direct->raw)
		direct_log_unsent(&direct->log, gre_raw_counters(direct->raw));
	gre_raw_free(direct->raw);
	gre_engine_free(direct->engine);
	reorder_watch_free(direct->watch);
	free(direct);
}

const struct front front_direct = {
	.new = direct_new,
	.free = direct_free,
	.connection = direct_connection,
	.gre_opened = direct_gre_opened,
	.stop = direct_stop,
};
