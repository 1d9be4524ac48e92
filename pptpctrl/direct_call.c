/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A direct client's calls: each joins a call of a control connection, GRE, and a session. */
#include <stdio.h>
#include <stdlib.h>

#include "pptpctrl/direct_private.h"
#include "pptpctrl/front.h"
#include "pptpctrl/manager_link.h"
#include "pptpctrl/ppp_session.h"
#include "pptpctrl/pptp/gre_engine.h"
#include "pptpctrl/reorder_watch.h"
#include "pptpd/base/log.h"

/* After the last call: a client that died with it will never answer, and holds a process. */
#define NEXT_CALL_TIMEOUT_S 10.

#define NOTICE_MAX 128

/* The client's side of the call is over; what is left is pppd. */
static void leave_call(struct direct_call *call)
{
	struct direct_conn *conn = call->conn;

	if (call->ctrl && --conn->ctrl_calls == 0 && conn->ctrl)
		direct_wait_for_call(conn, NEXT_CALL_TIMEOUT_S);
	if (call->gre)
		direct_log_gre(&conn->direct->log, gre_call_counters(call->gre));
	if (call->watched)
		reorder_watch_call_over(conn->direct->watch);
	call->watched = false;
	call->ctrl = NULL;
	call->waits_for_gre = false;
	frame_hold_done(&call->hold);
	gre_call_free(call->gre);
	call->gre = NULL;
	direct_set_title(call->conn->direct);
}

static void hang_up(struct direct_call *call)
{
	leave_call(call);
	call->hung_up = true;
	ppp_session_stop(call->session);
}

static void drop_call(struct direct_call *call)
{
	struct direct_conn *conn = call->conn;

	leave_call(call);
	list_remove(&call->link);
	conn->call_count--;
	free(call);
	direct_free_conn_if_done(conn);
}

static void on_gre_frame(void *context, const uint8_t *frame, size_t len)
{
	struct direct_call *call = context;
	struct mono when;

	if (gre_call_last_heard(call->gre, &when))
		ctrl_conn_peer_alive(call->conn->ctrl, when);
	ppp_session_send(call->session, frame, len);
}

static void refuse_without_gre(struct direct_call *call)
{
	ctrl_call_refuse(call->ctrl, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_NO_RESOURCE);
	hang_up(call);
}

static void connect_call(struct direct_call *call)
{
	ctrl_call_connect(call->ctrl, call->call_id, call->ctrl->request.max_bps, GRE_WINDOW_RING);
	direct_set_title(call->conn->direct);
}

static void send_to_client(void *context, const uint8_t *frame, size_t len)
{
	struct direct_call *call = context;

	gre_call_send(call->gre, frame, len);
}

static void connect_with_gre(struct direct_call *call)
{
	struct direct *direct = call->conn->direct;
	const struct gre_call_settings settings = {
		.peer = direct->context->settings.remote.in.sin_addr,
		.call_id = call->call_id,
		.peer_call_id = call->ctrl->request.call_id,
	};

	if (!direct->engine) { /* who could not make it has logged why */
		refuse_without_gre(call);
		return;
	}
	call->gre = gre_call_new(direct->engine, &settings, on_gre_frame, call);
	if (!call->gre) {
		log_system(LOG_ERR, "CTRL: GRE call for client %s", direct->client);
		refuse_without_gre(call);
		return;
	}
	connect_call(call);
	frame_hold_give(&call->hold, send_to_client, call);
}

static void wait_for_gre(struct direct_call *call)
{
	struct direct *direct = call->conn->direct;

	call->waits_for_gre = true;
	if (direct->gre == DIRECT_GRE_UNKNOWN)
		manager_link_open_gre(direct->context->link, false);
	direct->gre = DIRECT_GRE_ASKED;
}

void direct_calls_have_gre(struct direct *direct)
{
	list_for_each (conn_link, &direct->conns) {
		struct direct_conn *conn = container_of(conn_link, struct direct_conn, link);

		list_for_each (call_link, &conn->calls) {
			struct direct_call *call =
				container_of(call_link, struct direct_call, link);

			if (!call->waits_for_gre)
				continue;
			call->waits_for_gre = false;
			connect_with_gre(call);
		}
	}
}

/* As on_gre_frame() knows it of calls whose frames pass through this process. */
static bool on_heard(void *context, uint16_t call_id, struct mono now)
{
	struct direct *direct = context;
	bool is_watched = false;

	list_for_each (conn_link, &direct->conns) {
		struct direct_conn *conn = container_of(conn_link, struct direct_conn, link);

		list_for_each (call_link, &conn->calls) {
			struct direct_call *call =
				container_of(call_link, struct direct_call, link);

			if (!call->watched || call->call_id != call_id)
				continue;
			ctrl_conn_peer_alive(conn->ctrl, now);
			is_watched = true;
		}
	}
	return is_watched;
}

static bool has_watched_call(const struct direct_conn *conn)
{
	list_for_each (link, &conn->calls)
		if (container_of(link, struct direct_call, link)->watched)
			return true;
	return false;
}

/* Whether there is a mute control connection of which a packet may still come. */
static bool on_listens(void *context)
{
	const struct direct *direct = context;

	list_for_each (link, &direct->conns) {
		const struct direct_conn *conn = container_of(link, struct direct_conn, link);

		if (conn->ctrl && ctrl_conn_is_mute(conn->ctrl) && has_watched_call(conn))
			return true;
	}
	return false;
}

static const struct reorder_watch_ops watch_ops = {.heard = on_heard, .listens = on_listens};

void direct_listen_for_calls(struct direct_conn *conn)
{
	const struct ipc_settings *settings = &conn->direct->context->settings;

	if (has_watched_call(conn))
		reorder_watch_listen(conn->direct->watch, settings->echo_timeout_s);
}

/* A call that cannot be watched is none the worse for it. */
static void watch_call(struct direct_call *call)
{
	struct direct *direct = call->conn->direct;
	const struct front_context *front = direct->context;

	if (!direct->watch)
		direct->watch = reorder_watch_new(front->loop, front->link, &watch_ops, direct);
	if (!direct->watch)
		return;
	call->watched = true;
	reorder_watch_call_started(direct->watch);
}

static void on_session_started(void *context, uint16_t call_id)
{
	struct direct_call *call = context;
	enum direct_gre gre = call->conn->direct->gre;

	call->call_id = call_id;
	if (!ppp_session_carries_frames(call->session)) {
		connect_call(call);
		watch_call(call);
	} else if (gre <= DIRECT_GRE_ASKED) {
		wait_for_gre(call);
	} else {
		connect_with_gre(call);
	}
}

static void on_session_refused(void *context, enum ipc_refusal reason)
{
	struct direct_call *call = context;

	if (call->ctrl && reason == IPC_REFUSAL_SYSTEM)
		ctrl_call_refuse(call->ctrl, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_PAC);
	else if (call->ctrl)
		ctrl_call_refuse(call->ctrl, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE);
	drop_call(call);
}

static void on_session_frame(void *context, const uint8_t *frame, size_t len)
{
	struct direct_call *call = context;

	if (call->gre)
		gre_call_send(call->gre, frame, len);
	else if (call->waits_for_gre)
		frame_hold_push(&call->hold, frame, len);
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
	const struct direct_log_end end = {
		.pppd_pid = pppd_pid,
		.wait_status = wait_status,
		.hung_up = call->hung_up,
		.denied = ppp_session_is_denied(call->session),
	};

	direct_log_pppd_ended(&call->conn->direct->log, &end);
	drop_call(call);
}

static const struct ppp_session_ops session_ops = {
	.started = on_session_started,
	.refused = on_session_refused,
	.frame = on_session_frame,
	.ended = on_session_ended,
	.reaped = on_session_reaped,
};

/*
 * A call keeps its slot until its pppd is reaped. So a client that clears each call as soon as it
 * has asked for it cannot have more of them started than one that keeps them.
 */
static bool refuse_for_number(struct direct_conn *conn, struct ctrl_call *ctrl)
{
	char text[NOTICE_MAX];

	if (conn->call_count < conn->direct->context->settings.max_calls)
		return false;
	(void)snprintf(text, sizeof(text),
		       "call ID %u refused: %u calls of this connection have not ended yet, as "
		       "many as it may have",
		       ctrl->request.call_id, conn->call_count);
	direct_log_notice(&conn->direct->log, CTRL_NOTICE_CALL_REFUSED, text);
	ctrl_call_refuse(ctrl, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE);
	return true;
}

void direct_call_new(struct direct_conn *conn, struct ctrl_call *ctrl)
{
	struct direct *direct = conn->direct;
	const struct front_context *front = direct->context;
	struct direct_call *call;

	if (refuse_for_number(conn, ctrl))
		return;
	call = calloc(1, sizeof(*call));
	if (call)
		call->session = ppp_session_new(front->sessions, front->settings.remote.in.sin_addr,
						ctrl->request.call_id, &session_ops, call);
	if (!call || !call->session) {
		log_system(LOG_ERR, "CTRL: call of client %s", direct->client);
		free(call);
		ctrl_call_refuse(ctrl, PPTP_OUTGOING_GENERAL_ERROR, PPTP_ERROR_NO_RESOURCE);
		return;
	}
	log_info("CTRL: Starting call (launching pppd, opening GRE)");
	frame_hold_init(&call->hold);
	call->conn = conn;
	call->ctrl = ctrl;
	ctrl->owner = call;
	list_append(&conn->calls, &call->link);
	conn->call_count++;
	conn->ctrl_calls++;
	ev_timer_stop(front->loop, &conn->lonely);
}

void direct_call_end(struct direct_call *call)
{
	hang_up(call);
}

void direct_call_free(struct direct_call *call)
{
	frame_hold_done(&call->hold);
	gre_call_free(call->gre);
	free(call);
}
