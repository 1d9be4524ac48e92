// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The socket, the timers and the owner of one control connection; see the header. What a message
 * means is decided in ctrl_fsm.c and ctrl_call.c, whose actions are carried out here.
 */
#include "pptpctrl/pptp/ctrl_conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpctrl/pptp/ctrl_private.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

static void stop_watchers(struct ctrl_conn *conn)
{
	ev_io_stop(conn->loop, &conn->readable);
	ev_io_stop(conn->loop, &conn->writable);
	ev_timer_stop(conn->loop, &conn->deadline);
	ev_timer_stop(conn->loop, &conn->deferred);
}

static void destroy(struct ctrl_conn *conn)
{
	ctrl_fsm_done(&conn->fsm);
	outq_done(&conn->out);
	free(conn);
}

static void watch_io(struct ctrl_conn *conn, ev_io *watcher, bool wanted)
{
	if (wanted)
		ev_io_start(conn->loop, watcher);
	else
		ev_io_stop(conn->loop, watcher);
}

static void arm_deadline(struct ctrl_conn *conn)
{
	struct mono when;

	if (!ctrl_fsm_deadline(&conn->fsm, &when)) {
		ev_timer_stop(conn->loop, &conn->deadline);
		return;
	}
	if (ev_is_active(&conn->deadline) && !mono_diff_us(when, conn->armed_for))
		return;
	ev_timer_stop(conn->loop, &conn->deadline);
	ev_timer_set(&conn->deadline, mono_until_s(when, mono_now()), 0.);
	ev_timer_start(conn->loop, &conn->deadline);
	conn->armed_for = when;
}

/* Lets the loop watch for what the state needs now. */
static void update_watchers(struct ctrl_conn *conn)
{
	bool closed;

	if (outq_empty(&conn->out)) {
		struct ctrl_actions actions = {.count = 0};

		ctrl_fsm_flushed(&conn->fsm, mono_now(), &actions);
		ctrl_perform(conn, &actions);
	}
	if (conn->freed)
		return;
	closed = conn->fsm.state == CTRL_CLOSED;
	watch_io(conn, &conn->readable, ctrl_may_receive(conn) && !conn->more_to_handle);
	watch_io(conn, &conn->writable, !closed && !outq_empty(&conn->out));
	arm_deadline(conn);
	if (!ev_is_active(&conn->deferred) &&
	    (closed || (conn->more_to_handle && ctrl_may_receive(conn)))) {
		ev_timer_set(&conn->deferred, 0., 0.);
		ev_timer_start(conn->loop, &conn->deferred);
	}
}

/* Every function that the loop or the owner calls is enclosed in these two. */
static void enter(struct ctrl_conn *conn)
{
	conn->depth++;
}

static void leave(struct ctrl_conn *conn)
{
	if (conn->depth == 1 && !conn->freed && conn->fd >= 0)
		update_watchers(conn);
	if (--conn->depth == 0 && conn->freed)
		destroy(conn);
}

/* Also when it failed already: what was answered before should still reach the peer. */
static void flush(struct ctrl_conn *conn)
{
	int error;

	if (conn->freed || conn->fd < 0)
		return;
	error = outq_flush(&conn->out, conn->fd);
	if (error)
		ctrl_fail(conn, CTRL_NOTICE_WRITE_ERROR, strerror(-error));
}

static void leave_handler(struct ctrl_conn *conn)
{
	flush(conn);
	leave(conn);
}

/* The one place where a connection ends. Runs from the loop only, never below the owner. */
static void tear_down(struct ctrl_conn *conn)
{
	stop_watchers(conn);
	ctrl_end_calls(conn, 0);
	if (conn->freed)
		return;
	ctrl_receive_discard(conn);
	fdio_close(&conn->fd);
	outq_done(&conn->out);
	conn->ops->closed(conn->context);
}

static void on_readable(struct ev_loop *loop UNUSED, ev_io *watcher, int events UNUSED)
{
	struct ctrl_conn *conn = watcher->data;

	enter(conn);
	ctrl_receive(conn);
	leave_handler(conn);
}

static void on_writable(struct ev_loop *loop UNUSED, ev_io *watcher, int events UNUSED)
{
	struct ctrl_conn *conn = watcher->data;

	enter(conn);
	leave_handler(conn);
}

/* What came while this process was held up counts before its absence does. */
static void on_deadline(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct ctrl_conn *conn = watcher->data;
	struct ctrl_actions actions = {.count = 0};

	enter(conn);
	if (ctrl_may_receive(conn))
		ctrl_receive(conn);
	ctrl_fsm_tick(&conn->fsm, mono_now(), &actions);
	ctrl_perform(conn, &actions);
	leave_handler(conn);
}

static void on_deferred(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct ctrl_conn *conn = watcher->data;

	enter(conn);
	if (conn->fsm.state == CTRL_CLOSED)
		tear_down(conn);
	else if (ctrl_may_receive(conn))
		ctrl_receive(conn);
	leave_handler(conn);
}

static void init_watchers(struct ctrl_conn *conn)
{
	ev_io_init(&conn->readable, on_readable, conn->fd, EV_READ);
	ev_io_init(&conn->writable, on_writable, conn->fd, EV_WRITE);
	ev_timer_init(&conn->deadline, on_deadline, 0., 0.);
	ev_timer_init(&conn->deferred, on_deferred, 0., 0.);
	conn->readable.data = conn;
	conn->writable.data = conn;
	conn->deadline.data = conn;
	conn->deferred.data = conn;
}

struct ctrl_conn *ctrl_conn_new(struct ev_loop *loop, int fd,
				const struct ctrl_conn_settings *settings,
				const struct ctrl_conn_ops *ops, void *context)
{
	struct ctrl_conn *conn = calloc(1, sizeof(*conn));
	int on = 1;

	if (!conn)
		return NULL;
	conn->loop = loop;
	conn->fd = fd;
	conn->settings = *settings;
	conn->ops = ops;
	conn->context = context;
	outq_init(&conn->out, CTRL_OUT_MARK + CTRL_OUT_FOR_ITSELF +
				      (size_t)settings->max_calls * CTRL_OUT_FOR_CALL);
	ctrl_fsm_init(&conn->fsm, conn, &conn->settings, mono_now());
	init_watchers(conn);
	/* Messages are short and awaited; where the option fails they are only slower. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	update_watchers(conn);
	return conn;
}

void ctrl_conn_free(struct ctrl_conn *conn)
{
	if (!conn || conn->freed)
		return;
	conn->freed = true;
	stop_watchers(conn);
	fdio_close(&conn->fd);
	if (!conn->depth)
		destroy(conn);
}

void ctrl_conn_stop(struct ctrl_conn *conn, enum pptp_stop_reason reason)
{
	struct ctrl_actions actions = {.count = 0};

	enter(conn);
	ctrl_fsm_stop(&conn->fsm, reason, mono_now(), &actions);
	ctrl_perform(conn, &actions);
	leave(conn);
}

void ctrl_conn_peer_alive(struct ctrl_conn *conn, struct mono when)
{
	ctrl_alive_sign(&conn->fsm.alive, when);
}

bool ctrl_conn_is_mute(const struct ctrl_conn *conn)
{
	return conn->fsm.alive.doubted;
}

unsigned ctrl_conn_calls(const struct ctrl_conn *conn)
{
	return conn->fsm.calls.count;
}

void ctrl_call_connect(struct ctrl_call *call, uint16_t call_id, uint32_t connect_speed,
		       uint16_t window)
{
	struct ctrl_conn *conn = call->conn;
	struct ctrl_actions actions = {.count = 0};
	const struct pptp_outgoing_call_reply reply = {
		.call_id = call_id,
		.peer_call_id = call->request.call_id,
		.result = PPTP_OUTGOING_CONNECTED,
		.connect_speed = connect_speed,
		.window = window,
	};

	enter(conn);
	ctrl_calls_connect(&conn->fsm.calls, call, &reply, &actions);
	ctrl_perform(conn, &actions);
	/*
	 * Now, not in the loop's next turn: the owner may have PPP frames of the call at hand,
	 * which a client that still waits for this reply drops. An error shows when the loop tries
	 * again.
	 */
	if (!conn->freed && conn->fd >= 0)
		(void)outq_flush(&conn->out, conn->fd);
	leave(conn);
}

void ctrl_call_refuse(struct ctrl_call *call, enum pptp_outgoing_result result,
		      enum pptp_error error)
{
	struct ctrl_conn *conn = call->conn;
	struct ctrl_actions actions = {.count = 0};

	enter(conn);
	ctrl_calls_refuse(&conn->fsm.calls, call, result, error, &actions);
	ctrl_perform(conn, &actions);
	leave(conn);
}

void ctrl_call_disconnect(struct ctrl_call *call, enum pptp_disconnect_result result,
			  enum pptp_error error)
{
	struct ctrl_conn *conn = call->conn;
	struct ctrl_actions actions = {.count = 0};

	enter(conn);
	ctrl_calls_disconnect(&conn->fsm.calls, call, result, error, &actions);
	ctrl_perform(conn, &actions);
	leave(conn);
}
