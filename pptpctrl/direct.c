/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front side of a PPTP client: its control connections and their calls, joined to GRE on one
 * side and to sessions on the other.
 */
#include <stdio.h>
#include <stdlib.h>

#include "pptpctrl/direct_log.h"
#include "pptpctrl/front.h"
#include "pptpctrl/manager_link.h"
#include "pptpctrl/ppp_session.h"
#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpctrl/pptp/gre_engine.h"
#include "pptpctrl/pptp/gre_raw.h"
#include "pptpctrl/title.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"

/*
 * Control connections of one client address. A NAT may stand in front of many clients, each with a
 * connection of its own.
 */
#define CONNECTIONS_MAX 1024

/* For the reply to our Stop-Control-Connection-Request: stopping pptpd waits for it. */
#define STOP_TIMEOUT_S 5

/*
 * A connection without a call holds a process for nothing: we end it when no call comes, and soon
 * when the last call is over, since a client that died with its call will never answer.
 */
#define FIRST_CALL_TIMEOUT_S 60.
#define NEXT_CALL_TIMEOUT_S  10.

struct direct {
	const struct front_context *context;
	char client[ADDRESS_TEXT_MAX];
	struct direct_log log;
	struct list conns;
	unsigned conn_count;
	unsigned call_count;
	bool stopping;
	bool gre_asked;
	struct gre_engine *engine; /* NULL until the raw socket is there */
	struct gre_raw *raw;
};

struct direct_conn {
	struct list link;
	struct direct *direct;
	struct ctrl_conn *ctrl; /* NULL once it is closed */
	bool started;           /* and so announced in the log */
	unsigned ctrl_calls;    /* of the calls those that the client still has */
	struct ev_timer lonely; /* runs while there are none of these */
	struct list calls;
};

struct direct_call {
	struct list link;
	struct direct_conn *conn;
	struct ctrl_call *ctrl; /* NULL once it is over for the client */
	struct ppp_session *session;
	struct gre_call *gre; /* NULL unless frames pass through this process */
};

static void set_title(const struct direct *direct)
{
	const struct direct_call *call = NULL;
	char more[16] = "";

	list_for_each (conn_link, &direct->conns) {
		const struct direct_conn *conn = container_of(conn_link, struct direct_conn, link);

		list_for_each (call_link, &conn->calls) {
			const struct direct_call *one =
				container_of(call_link, struct direct_call, link);

			if (one->ctrl && one->ctrl->call_id)
				call = one;
		}
	}
	if (!call) {
		title_set("pptpd [%s]", direct->client);
		return;
	}
	if (direct->call_count > 1)
		(void)snprintf(more, sizeof(more), " +%u", direct->call_count - 1);
	title_set("pptpd [%s:%04X - %04X%s]", direct->client, call->ctrl->request.call_id,
		  call->ctrl->call_id, more);
}

static void free_conn_if_done(struct direct_conn *conn)
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

static void wait_for_call(struct direct_conn *conn, double timeout_s)
{
	struct ev_loop *loop = conn->direct->context->loop;

	ev_timer_stop(loop, &conn->lonely);
	ev_timer_set(&conn->lonely, timeout_s, 0.);
	ev_timer_start(loop, &conn->lonely);
}

/* The client's side of the call is over; what is left is pppd. */
static void leave_call(struct direct_call *call)
{
	struct direct_conn *conn = call->conn;

	if (call->ctrl && --conn->ctrl_calls == 0 && conn->ctrl)
		wait_for_call(conn, NEXT_CALL_TIMEOUT_S);
	call->ctrl = NULL;
	gre_call_free(call->gre);
	call->gre = NULL;
	set_title(call->conn->direct);
}

static void free_call(struct direct_call *call)
{
	struct direct_conn *conn = call->conn;

	leave_call(call);
	list_remove(&call->link);
	conn->direct->call_count--;
	free(call);
	set_title(conn->direct);
	free_conn_if_done(conn);
}

static void on_gre_frame(void *context, const uint8_t *frame, size_t len)
{
	struct direct_call *call = context;

	ctrl_conn_peer_alive(call->conn->ctrl);
	ppp_session_send(call->session, frame, len);
}

static bool open_gre_call(struct direct_call *call, uint16_t call_id)
{
	struct direct *direct = call->conn->direct;
	const struct gre_call_settings settings = {
		.peer = direct->context->settings.remote.in.sin_addr,
		.call_id = call_id,
		.peer_call_id = call->ctrl->request.call_id,
	};

	if (!ppp_session_carries_frames(call->session))
		return true;
	if (!direct->engine)
		return false; /* the manager has logged why there is no raw socket */
	call->gre = gre_call_new(direct->engine, &settings, on_gre_frame, call);
	if (!call->gre)
		log_system(LOG_ERR, "CTRL: GRE call for client %s", direct->client);
	return call->gre != NULL;
}

static void on_session_started(void *context, uint16_t call_id)
{
	struct direct_call *call = context;

	if (!open_gre_call(call, call_id)) {
		ctrl_call_refuse(call->ctrl, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_NO_RESOURCE);
		leave_call(call);
		ppp_session_stop(call->session);
		return;
	}
	ctrl_call_connect(call->ctrl, call_id, call->ctrl->request.max_bps, GRE_WINDOW_RING);
	set_title(call->conn->direct);
}

static void on_session_refused(void *context, enum ipc_refusal reason)
{
	struct direct_call *call = context;

	if (call->ctrl && reason == IPC_REFUSAL_SYSTEM)
		ctrl_call_refuse(call->ctrl, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_PAC);
	else if (call->ctrl)
		ctrl_call_refuse(call->ctrl, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE);
	free_call(call);
}

static void on_session_frame(void *context, const uint8_t *frame, size_t len)
{
	struct direct_call *call = context;

	if (call->gre)
		gre_call_send(call->gre, frame, len, mono_now());
}

static void on_session_ended(void *context)
{
	struct direct_call *call = context;

	if (call->ctrl && call->ctrl->call_id)
		ctrl_call_disconnect(call->ctrl, PPTP_DISCONNECT_LOST_CARRIER, PPTP_ERROR_NONE);
	else if (call->ctrl)
		ctrl_call_refuse(call->ctrl, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_PAC);
	leave_call(call);
}

static void on_session_reaped(void *context, int32_t pppd_pid, int wait_status)
{
	struct direct_call *call = context;

	direct_log_pppd_ended(&call->conn->direct->log, pppd_pid, wait_status);
	free_call(call);
}

static const struct ppp_session_ops session_ops = {
	.started = on_session_started,
	.refused = on_session_refused,
	.frame = on_session_frame,
	.ended = on_session_ended,
	.reaped = on_session_reaped,
};

static void on_call_requested(void *context, struct ctrl_call *ctrl)
{
	struct direct_conn *conn = context;
	struct direct *direct = conn->direct;
	const struct front_context *front = direct->context;
	struct direct_call *call = calloc(1, sizeof(*call));

	if (call)
		call->session = ppp_session_new(front->sessions, front->settings.remote.in.sin_addr,
						&session_ops, call);
	if (!call || !call->session) {
		log_system(LOG_ERR, "CTRL: call of client %s", direct->client);
		free(call);
		ctrl_call_refuse(ctrl, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_NO_RESOURCE);
		return;
	}
	log_info("CTRL: Starting call (launching pppd, opening GRE)");
	call->conn = conn;
	call->ctrl = ctrl;
	ctrl->owner = call;
	list_append(&conn->calls, &call->link);
	direct->call_count++;
	conn->ctrl_calls++;
	ev_timer_stop(front->loop, &conn->lonely);
}

static void on_call_ended(void *context UNUSED, struct ctrl_call *ctrl)
{
	struct direct_call *call = ctrl->owner;

	if (!call)
		return; /* it was refused before it came to us */
	leave_call(call);
	ppp_session_stop(call->session);
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
	} else {
		direct_log_notice(&conn->direct->log, notice, text);
	}
}

static void on_closed(void *context)
{
	struct direct_conn *conn = context;

	ev_timer_stop(conn->direct->context->loop, &conn->lonely);
	ctrl_conn_free(conn->ctrl);
	conn->ctrl = NULL;
	free_conn_if_done(conn);
}

static const struct ctrl_conn_ops ctrl_ops = {
	.call_requested = on_call_requested,
	.call_ended = on_call_ended,
	.link_info = on_link_info,
	.notice = on_notice,
	.closed = on_closed,
};

static void direct_connection(void *front, int fd)
{
	struct direct *direct = front;
	const struct ipc_settings *settings = &direct->context->settings;
	const struct ctrl_conn_settings ctrl_settings = {
		.start_timeout_s = settings->start_timeout_s,
		.echo_interval_s = settings->echo_interval_s,
		.echo_timeout_s = settings->echo_timeout_s,
		.stop_timeout_s = STOP_TIMEOUT_S,
		.max_calls = settings->max_calls,
		.host_name = "local",
		.vendor = "linux",
	};
	struct direct_conn *conn = NULL;

	if (direct->conn_count < CONNECTIONS_MAX && !direct->stopping)
		conn = calloc(1, sizeof(*conn));
	if (conn) {
		conn->direct = direct;
		list_init(&conn->calls);
		conn->ctrl =
			ctrl_conn_new(direct->context->loop, fd, &ctrl_settings, &ctrl_ops, conn);
	}
	if (!conn || !conn->ctrl) {
		log_err("CTRL: Client %s: no room for another control connection", direct->client);
		free(conn);
		fdio_close(&fd);
		if (!direct->conn_count)
			manager_link_idle(direct->context->link);
		return;
	}
	list_append(&direct->conns, &conn->link);
	direct->conn_count++;
	ev_init(&conn->lonely, on_lonely);
	conn->lonely.data = conn;
	wait_for_call(conn, FIRST_CALL_TIMEOUT_S);
	if (!direct->gre_asked)
		manager_link_open_gre(direct->context->link);
	direct->gre_asked = true;
}

static void direct_gre_opened(void *front, int fd, int error)
{
	struct direct *direct = front;

	if (error)
		return;
	direct->raw = gre_raw_new(direct->context->loop, fd);
	if (direct->raw)
		direct->engine = gre_engine_new(direct->context->loop, gre_raw_send, direct->raw);
	else
		fdio_close(&fd);
	if (direct->engine)
		gre_raw_start(direct->raw, direct->engine);
	else
		log_system(LOG_ERR, "CTRL: GRE of client %s", direct->client);
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
	set_title(direct);
	return direct;
}

static void direct_free(void *front)
{
	struct direct *direct = front;

	list_for_each (conn_link, &direct->conns) {
		struct direct_conn *conn = container_of(conn_link, struct direct_conn, link);

		list_for_each (call_link, &conn->calls) {
			struct direct_call *call =
				container_of(call_link, struct direct_call, link);

			gre_call_free(call->gre);
			free(call);
		}
		ev_timer_stop(direct->context->loop, &conn->lonely);
		ctrl_conn_free(conn->ctrl);
		free(conn);
	}
	gre_raw_free(direct->raw);
	gre_engine_free(direct->engine);
	free(direct);
}

const struct front front_direct = {
	.new = direct_new,
	.free = direct_free,
	.connection = direct_connection,
	.gre_opened = direct_gre_opened,
	.stop = direct_stop,
};
