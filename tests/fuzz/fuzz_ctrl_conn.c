// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arbitrary bytes through a whole control connection: framing, machine, calls, and an owner that
 * answers, refuses, waits, disconnects, stops and frees as the call IDs of the input say.
 */
#include "tests/fuzz/fuzz.h"

#include <ev.h>
#include <signal.h>
#include <sys/socket.h>

#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

#define MAX_CALLS 6

/* Turns of the loop for an input to be handled, and for the end to come. */
#define TURNS 8

struct owner {
	struct ctrl_conn *conn;
	struct ctrl_call *calls[MAX_CALLS];
	uint16_t next_id;
};

/* The place of a call, or an empty one for NULL: there is always one. */
static struct ctrl_call **place_of(struct owner *owner, const struct ctrl_call *call)
{
	size_t i = 0;

	while (i < MAX_CALLS && owner->calls[i] != call)
		i++;
	MUST(i < MAX_CALLS);
	return &owner->calls[i];
}

static void forget(struct owner *owner, const struct ctrl_call *call)
{
	*place_of(owner, call) = NULL;
}

static void on_call_requested(void *context, struct ctrl_call *call)
{
	struct owner *owner = context;

	*place_of(owner, NULL) = call;
	switch (call->request.call_id % 8) {
	case 0:
		forget(owner, call);
		ctrl_call_refuse(call, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE);
		break;
	case 1:
		ctrl_conn_stop(owner->conn, PPTP_STOP_NONE);
		break;
	case 2:
		ctrl_conn_free(owner->conn);
		owner->conn = NULL;
		break;
	case 3:
		break;
	default:
		ctrl_call_connect(call, ++owner->next_id, call->request.max_bps, 64);
	}
}

static void on_call_ended(void *context, struct ctrl_call *call)
{
	forget(context, call);
}

/* Ends the oldest call, or answers it. */
static void on_link_info(void *context, struct ctrl_call *call UNUSED, uint32_t send_accm UNUSED,
			 uint32_t receive_accm UNUSED)
{
	struct owner *owner = context;
	struct ctrl_call *first = NULL;

	for (size_t i = 0; i < MAX_CALLS && !first; i++)
		first = owner->calls[i];
	MUST(first);
	if (!first->call_id) {
		ctrl_call_connect(first, ++owner->next_id, 0, 1);
		return;
	}
	forget(owner, first);
	ctrl_call_disconnect(first, PPTP_DISCONNECT_LOST_CARRIER, PPTP_ERROR_NONE);
}

static void on_notice(void *context UNUSED, enum ctrl_notice notice UNUSED, const char *text)
{
	for (; *text; text++)
		MUST(*text >= ' ' && *text <= '~');
}

static void on_closed(void *context)
{
	struct owner *owner = context;

	for (size_t i = 0; i < MAX_CALLS; i++)
		MUST(!owner->calls[i]);
	ctrl_conn_free(owner->conn);
	owner->conn = NULL;
}

static const struct ctrl_conn_ops ops = {
	.call_requested = on_call_requested,
	.call_ended = on_call_ended,
	.link_info = on_link_info,
	.notice = on_notice,
	.closed = on_closed,
};

static const struct ctrl_conn_settings settings = {
	.start_timeout_s = 60,
	.echo_interval_s = 60,
	.echo_timeout_s = 60,
	.stop_timeout_s = 60,
	.max_calls = MAX_CALLS,
	.host_name = "server",
	.vendor = "vendor",
};

static void turn(struct ev_loop *loop, int peer)
{
	uint8_t answers[4096];

	for (int i = 0; i < TURNS; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		while (recv(peer, answers, sizeof(answers), 0) > 0)
			;
	}
}

/* The first byte says how many bytes are sent at once, 0 for all. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ev_loop *loop;
	struct owner owner = {.next_id = 0};
	size_t chunk;
	int fds[2];

	if (!loop) {
		loop = ev_loop_new(0);
		(void)signal(SIGPIPE, SIG_IGN);
	}
	if (!size)
		return 0;
	chunk = data[0] ? data[0] : size;
	MUST(loop && socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	MUST(fdio_set_flags(fds[0]) == 0 && fdio_set_flags(fds[1]) == 0);
	owner.conn = ctrl_conn_new(loop, fds[0], &settings, &ops, &owner);
	MUST(owner.conn);
	for (size_t done = 1; done < size && owner.conn; done += chunk) {
		if (send(fds[1], data + done, MIN(chunk, size - done), MSG_NOSIGNAL) < 0)
			break;
		turn(loop, fds[1]);
	}
	fdio_close(&fds[1]);
	for (int i = 0; i < TURNS && owner.conn; i++)
		ev_run(loop, EVRUN_NOWAIT);
	ctrl_conn_free(owner.conn);
	return 0;
}
