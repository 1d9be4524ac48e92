// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A control connection over a socket pair: how the stream is cut, what a slow, hostile or vanished
 * peer can do, and what the owner may do from within its callbacks.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/pptp/ctrl_conn.h"
#include "pptpctrl/proto/pptp_frame.h"
#include "pptpctrl/proto/pptp_msg.h"
#include "pptpd/base/bytes.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/outq.h"

/* Turns of the loop in which everything that can happen without waiting has happened. */
#define TURNS 40

/* What the peer read; the answers to 2,000 calls fit. */
#define HEARD_MAX (1u << 18)

/* What the owner does when it is told about a call. */
enum answer {
	ANSWER_LATER,
	ANSWER_CONNECT,
	ANSWER_REFUSE,
	ANSWER_STOP,
};

struct world {
	struct ev_loop *loop;
	struct ctrl_conn *conn;
	int peer; /* the other end, -1 when closed */
	enum answer answer;
	const char *free_at;      /* the connection is freed when this word is noted */
	bool freed;               /* ... which happened */
	bool closed;              /* closed() came */
	bool disconnect_others;   /* from within call_ended() */
	char log[4096];           /* what the owner was told, in words */
	unsigned requests;        /* calls requested */
	unsigned refusals;        /* CTRL_NOTICE_CALL_REFUSED */
	struct ctrl_call *call;   /* the last one requested */
	struct ctrl_call *others; /* one more, for disconnect_others */
	uint8_t *heard;
	size_t heard_len;
	size_t heard_used;
};

/* System calls that are made to fail or to do less than they could. */
static struct {
	bool interrupt; /* every other call ends with EINTR */
	size_t most;    /* bytes for each call; 0: no limit */
	unsigned calls;
	bool queue_is_full;
} fault;

ssize_t __real_recv(int fd, void *buffer, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buffer, size_t len, int flags);
ssize_t __real_write(int fd, const void *buffer, size_t len);
ssize_t __wrap_write(int fd, const void *buffer, size_t len);
bool __real_outq_push(struct outq *q, const void *data, size_t len);
bool __wrap_outq_push(struct outq *q, const void *data, size_t len);

static bool interrupted(void)
{
	if (!fault.interrupt || fault.calls++ % 2)
		return false;
	errno = EINTR;
	return true;
}

static size_t at_most(size_t len)
{
	return fault.most ? MIN(len, fault.most) : len;
}

ssize_t __wrap_recv(int fd, void *buffer, size_t len, int flags)
{
	return interrupted() ? -1 : __real_recv(fd, buffer, at_most(len), flags);
}

ssize_t __wrap_write(int fd, const void *buffer, size_t len)
{
	return interrupted() ? -1 : __real_write(fd, buffer, at_most(len));
}

bool __wrap_outq_push(struct outq *q, const void *data, size_t len)
{
	return !fault.queue_is_full && __real_outq_push(q, data, len);
}

/* Notes one thing that the owner was told. */
static void note(struct world *w, const char *word, const char *detail)
{
	size_t used = strlen(w->log);

	(void)snprintf(w->log + used, sizeof(w->log) - used, "%s%s%s%s", used ? "\n" : "", word,
		       *detail ? " " : "", detail);
	if (w->free_at && !strcmp(w->free_at, word)) {
		w->freed = true;
		ctrl_conn_free(w->conn);
		w->conn = NULL;
	}
}

static const char *number(uint16_t value, char out[8])
{
	(void)snprintf(out, 8, "%u", value);
	return out;
}

static void on_call_requested(void *context, struct ctrl_call *call)
{
	struct world *w = context;
	char id[8];

	assert_false(w->freed);
	w->requests++;
	w->others = w->call;
	w->call = call;
	call->owner = w;
	note(w, "requested", number(call->request.call_id, id));
	if (w->freed)
		return;
	if (w->answer == ANSWER_CONNECT)
		ctrl_call_connect(call, (uint16_t)(call->request.call_id + 100),
				  call->request.max_bps, 64);
	else if (w->answer == ANSWER_REFUSE)
		ctrl_call_refuse(call, PPTP_OUTGOING_BUSY, PPTP_ERROR_NONE);
	else if (w->answer == ANSWER_STOP)
		ctrl_conn_stop(w->conn, PPTP_STOP_NONE);
}

static void on_call_ended(void *context, struct ctrl_call *call)
{
	struct world *w = context;
	char id[8];

	assert_false(w->freed);
	assert_ptr_equal(call->owner, w);
	/* Without effect: the call has ended. */
	ctrl_call_disconnect(call, PPTP_DISCONNECT_REQUEST, PPTP_ERROR_NONE);
	note(w, "ended", number(call->request.call_id, id));
	if (w->freed || !w->disconnect_others)
		return;
	w->disconnect_others = false;
	ctrl_call_disconnect(w->others, PPTP_DISCONNECT_ADMIN_SHUTDOWN, PPTP_ERROR_NONE);
}

static void on_link_info(void *context, struct ctrl_call *call, uint32_t send_accm,
			 uint32_t receive_accm)
{
	struct world *w = context;
	char id[8];

	assert_false(w->freed);
	assert_int_equal(send_accm, 0xffffffff);
	assert_int_equal(receive_accm, 0x000a0000);
	note(w, "link-info", number(call->request.call_id, id));
}

static void on_notice(void *context, enum ctrl_notice notice, const char *text)
{
	static const char *const words[] = {
		[CTRL_NOTICE_START] = "start",
		[CTRL_NOTICE_PEER_CLOSED] = "peer-closed",
		[CTRL_NOTICE_STOPPED] = "stopped",
		[CTRL_NOTICE_ECHO_TIMEOUT] = "echo-timeout",
		[CTRL_NOTICE_START_TIMEOUT] = "start-timeout",
		[CTRL_NOTICE_STOP_TIMEOUT] = "stop-timeout",
		[CTRL_NOTICE_READ_ERROR] = "read-error",
		[CTRL_NOTICE_WRITE_ERROR] = "write-error",
		[CTRL_NOTICE_QUEUE_FULL] = "queue-full",
		[CTRL_NOTICE_BAD_LENGTH] = "bad-length",
		[CTRL_NOTICE_BAD_MAGIC] = "bad-magic",
		[CTRL_NOTICE_BAD_FIRST] = "bad-first",
		[CTRL_NOTICE_BAD_VERSION] = "bad-version",
		[CTRL_NOTICE_UNKNOWN_TYPE] = "unknown-type",
		[CTRL_NOTICE_NOT_SUPPORTED] = "not-supported",
		[CTRL_NOTICE_UNEXPECTED] = "unexpected",
		[CTRL_NOTICE_CALL_REFUSED] = "call-refused",
		[CTRL_NOTICE_WAN_ERROR] = "wan-error",
		[CTRL_NOTICE_PROTOCOL] = "protocol",
	};
	struct world *w = context;

	assert_false(w->freed);
	if (notice == CTRL_NOTICE_CALL_REFUSED)
		w->refusals++;
	if (notice != CTRL_NOTICE_PROTOCOL)
		note(w, words[notice], text);
	else if (w->free_at && strstr(text, w->free_at))
		note(w, w->free_at, "");
}

static void on_closed(void *context)
{
	struct world *w = context;

	assert_false(w->freed);
	assert_false(w->closed);
	w->closed = true;
	note(w, "closed", "");
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
	.max_calls = 4,
	.host_name = "server",
	.vendor = "vendor",
};

static void begin_with(struct world *w, const struct ctrl_conn_settings *chosen)
{
	int fds[2];

	*w = (struct world){.loop = ev_loop_new(0)};
	memset(&fault, 0, sizeof(fault));
	w->heard = malloc(HEARD_MAX);
	assert_non_null(w->heard);
	assert_non_null(w->loop);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(fdio_set_flags(fds[0]), 0);
	assert_int_equal(fdio_set_flags(fds[1]), 0);
	w->peer = fds[1];
	w->conn = ctrl_conn_new(w->loop, fds[0], chosen, &ops, w);
	assert_non_null(w->conn);
}

static void begin(struct world *w)
{
	begin_with(w, &settings);
}

static void end(struct world *w)
{
	ctrl_conn_free(w->conn);
	fdio_close(&w->peer);
	ev_loop_destroy(w->loop);
	free(w->heard);
	memset(&fault, 0, sizeof(fault));
}

/* The peer takes what is there; false at the end of the stream. */
static bool hear(struct world *w)
{
	ssize_t n = 0;

	if (w->peer >= 0)
		n = __real_recv(w->peer, w->heard + w->heard_len, HEARD_MAX - w->heard_len, 0);
	if (n > 0)
		w->heard_len += (size_t)n;
	return n > 0 || (n < 0 && errno == EAGAIN);
}

static void turn(struct world *w, bool listens)
{
	for (int i = 0; i < TURNS; i++) {
		ev_run(w->loop, EVRUN_NOWAIT);
		if (listens)
			(void)hear(w);
	}
}

static void settle(struct world *w)
{
	turn(w, true);
}

static size_t put(uint8_t *out, size_t room, const struct pptp_msg *message)
{
	struct byte_writer writer = wr_init(out, room);

	pptp_msg_encode(message, &writer);
	assert_false(wr_failed(&writer));
	return wr_len(&writer);
}

static struct pptp_msg make(enum pptp_msg_type type)
{
	struct pptp_msg message = {.type = type};

	switch (type) {
	case PPTP_START_REQUEST:
		message.start.version = PPTP_VERSION;
		break;
	case PPTP_OUTGOING_CALL_REQUEST:
		message.outgoing_call_request.call_id = 7;
		message.outgoing_call_request.max_bps = 100000;
		break;
	case PPTP_ECHO_REQUEST:
		message.echo_request.identifier = 99;
		break;
	case PPTP_CALL_CLEAR_REQUEST:
		message.call_clear_request.call_id = 7;
		break;
	case PPTP_SET_LINK_INFO:
		message.set_link_info = (struct pptp_set_link_info){107, 0xffffffff, 0x000a0000};
		break;
	default:
		break;
	}
	return message;
}

/* Sends all bytes, `chunk` at a time with turns of the loop between; stops when the pipe is full.
 */
static size_t send_bytes(struct world *w, const uint8_t *data, size_t len, size_t chunk)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = send(w->peer, data + done, MIN(chunk, len - done), MSG_NOSIGNAL);

		if (n < 0)
			break;
		done += (size_t)n;
		if (chunk < len) {
			ev_run(w->loop, EVRUN_NOWAIT);
			(void)hear(w);
		}
	}
	return done;
}

static void send_message(struct world *w, const struct pptp_msg *message)
{
	uint8_t bytes[PPTP_MSG_MAX];
	size_t len = put(bytes, sizeof(bytes), message);

	assert_int_equal(send_bytes(w, bytes, len, len), len);
}

static void send_type(struct world *w, enum pptp_msg_type type)
{
	struct pptp_msg message = make(type);

	send_message(w, &message);
}

static void request_call(struct world *w, uint16_t peer_id)
{
	struct pptp_msg message = make(PPTP_OUTGOING_CALL_REQUEST);

	message.outgoing_call_request.call_id = peer_id;
	send_message(w, &message);
	settle(w);
}

static void establish(struct world *w)
{
	send_type(w, PPTP_START_REQUEST);
	settle(w);
	w->heard_used = w->heard_len;
	w->log[0] = '\0';
}

/* The next message that the peer got. */
static struct pptp_msg next_heard(struct world *w)
{
	struct pptp_msg message = {0};
	size_t len = 0;

	assert_int_equal(
		pptp_frame_next(w->heard + w->heard_used, w->heard_len - w->heard_used, &len),
		PPTP_FRAME_MSG);
	assert_true(pptp_msg_decode(w->heard + w->heard_used, len, &message));
	w->heard_used += len;
	return message;
}

static void assert_heard(struct world *w, enum pptp_msg_type type)
{
	assert_int_equal(next_heard(w).type, type);
}

static void assert_heard_all(const struct world *w)
{
	assert_int_equal(w->heard_len, w->heard_used);
}

/* A start, a call with all that can happen to it, and the end: one glued stream. */
static size_t put_dialogue(uint8_t *out, size_t room)
{
	static const enum pptp_msg_type types[] = {
		PPTP_START_REQUEST,      PPTP_OUTGOING_CALL_REQUEST, PPTP_ECHO_REQUEST,
		PPTP_SET_LINK_INFO,      PPTP_INCOMING_CALL_REQUEST, PPTP_WAN_ERROR_NOTIFY,
		PPTP_CALL_CLEAR_REQUEST, PPTP_OUTGOING_CALL_REQUEST, PPTP_STOP_REQUEST,
	};
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct pptp_msg message = make(types[i]);

		len += put(out + len, room - len, &message);
	}
	return len;
}

static void assert_dialogue(struct world *w)
{
	static const enum pptp_msg_type types[] = {
		PPTP_START_REPLY,         PPTP_OUTGOING_CALL_REPLY,    PPTP_ECHO_REPLY,
		PPTP_INCOMING_CALL_REPLY, PPTP_CALL_DISCONNECT_NOTIFY, PPTP_OUTGOING_CALL_REPLY,
		PPTP_STOP_REPLY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		assert_heard(w, types[i]);
	assert_heard_all(w);
	assert_false(hear(w));
	assert_string_equal(w->log, "start host name \"\", vendor \"\"\n"
				    "requested 7\n"
				    "link-info 7\n"
				    "not-supported Incoming-Call-Request, call ID 0, refused: only "
				    "outgoing calls are served\n"
				    "wan-error WAN-Error-Notify, call ID 0: CRC 0, framing 0, "
				    "hardware overruns 0, buffer overruns 0, time-outs 0, "
				    "alignment 0\n"
				    "ended 7\n"
				    "requested 7\n"
				    "stopped Stop-Control-Connection-Request, reason 0\n"
				    "ended 7\n"
				    "closed");
}

static void run_dialogue(size_t chunk, bool interrupt, size_t most)
{
	uint8_t bytes[4096];
	size_t len = put_dialogue(bytes, sizeof(bytes));
	struct world w;

	begin(&w);
	w.answer = ANSWER_CONNECT;
	fault.interrupt = interrupt;
	fault.most = most;
	assert_int_equal(send_bytes(&w, bytes, len, chunk), len);
	for (int i = 0; i < 100; i++)
		settle(&w);
	assert_dialogue(&w);
	end(&w);
}

static void dialogue_glued_together_is_answered(void **state UNUSED)
{
	run_dialogue(SIZE_MAX, false, 0);
}

static void dialogue_one_byte_at_a_time_is_answered(void **state UNUSED)
{
	run_dialogue(1, false, 0);
}

static void dialogue_cut_anywhere_is_answered(void **state UNUSED)
{
	for (size_t chunk = 2; chunk < 400; chunk += 13)
		run_dialogue(chunk, false, 0);
}

static void interrupted_and_short_system_calls_lose_nothing(void **state UNUSED)
{
	run_dialogue(SIZE_MAX, true, 0);
	run_dialogue(SIZE_MAX, false, 1);
	run_dialogue(100, true, 3);
}

static void owner_may_answer_later(void **state UNUSED)
{
	struct pptp_msg message;
	struct world w;

	begin(&w);
	establish(&w);
	request_call(&w, 7);
	assert_heard_all(&w);
	assert_int_equal(ctrl_conn_calls(w.conn), 1);
	assert_int_equal(w.call->call_id, 0);
	ctrl_call_connect(w.call, 1234, 64000, 16);
	settle(&w);
	message = next_heard(&w);
	assert_int_equal(message.type, PPTP_OUTGOING_CALL_REPLY);
	assert_int_equal(message.outgoing_call_reply.call_id, 1234);
	assert_int_equal(message.outgoing_call_reply.peer_call_id, 7);
	assert_int_equal(message.outgoing_call_reply.connect_speed, 64000);
	assert_int_equal(message.outgoing_call_reply.window, 16);
	ctrl_call_disconnect(w.call, PPTP_DISCONNECT_LOST_CARRIER, PPTP_ERROR_NONE);
	assert_int_equal(ctrl_conn_calls(w.conn), 0);
	settle(&w);
	assert_heard(&w, PPTP_CALL_DISCONNECT_NOTIFY);
	assert_heard_all(&w);
	assert_string_equal(w.log, "requested 7");
	end(&w);
}

static void two_thousand_glued_requests_are_refused_but_for_the_allowed(void **state UNUSED)
{
	enum {
		REQUESTS = 2000
	};
	size_t len = 0;
	size_t done = 0;
	uint8_t *bytes = malloc((size_t)REQUESTS * PPTP_MSG_MAX);
	unsigned busy = 0;
	struct world w;

	assert_non_null(bytes);
	for (unsigned i = 0; i < REQUESTS; i++) {
		struct pptp_msg message = make(PPTP_OUTGOING_CALL_REQUEST);

		message.outgoing_call_request.call_id = (uint16_t)i;
		len += put(bytes + len, PPTP_MSG_MAX, &message);
	}
	begin(&w);
	establish(&w);
	for (int i = 0; i < 1000 && done < len; i++) {
		done += send_bytes(&w, bytes + done, len - done, SIZE_MAX);
		settle(&w);
	}
	assert_int_equal(done, len);
	for (int i = 0; i < 10; i++)
		settle(&w);
	assert_int_equal(w.requests, settings.max_calls);
	assert_int_equal(w.refusals, REQUESTS - settings.max_calls);
	assert_int_equal(ctrl_conn_calls(w.conn), settings.max_calls);
	while (w.heard_used < w.heard_len)
		busy += next_heard(&w).outgoing_call_reply.result == PPTP_OUTGOING_BUSY;
	assert_int_equal(busy, REQUESTS - settings.max_calls);
	free(bytes);
	end(&w);
}

static void peer_that_does_not_read_is_not_read_either(void **state UNUSED)
{
	struct pptp_msg message = make(PPTP_ECHO_REQUEST);
	uint32_t sent = 0;
	uint8_t bytes[PPTP_MSG_MAX];
	size_t len;
	struct world w;

	begin(&w);
	establish(&w);
	for (;; sent++) {
		message.echo_request.identifier = sent;
		len = put(bytes, sizeof(bytes), &message);
		if (send(w.peer, bytes, len, MSG_NOSIGNAL) != (ssize_t)len) {
			turn(&w, false);
			if (send(w.peer, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
				break;
		}
		assert_true(sent < 1000000);
	}
	for (uint32_t i = 0; i < sent; i++) {
		if (w.heard_used == w.heard_len)
			settle(&w);
		assert_int_equal(next_heard(&w).echo_reply.identifier, i);
		if (w.heard_used == w.heard_len)
			w.heard_used = w.heard_len = 0;
	}
	assert_string_equal(w.log, "");
	end(&w);
}

static void one_wake_up_takes_a_bounded_number_of_messages(void **state UNUSED)
{
	enum {
		CALLS = 200
	};
	struct ctrl_conn_settings many = settings;
	uint8_t *bytes = malloc((size_t)CALLS * PPTP_MSG_MAX);
	size_t len = 0;
	struct world w;

	assert_non_null(bytes);
	for (unsigned i = 0; i < CALLS; i++) {
		struct pptp_msg message = make(PPTP_OUTGOING_CALL_REQUEST);

		message.outgoing_call_request.call_id = (uint16_t)i;
		len += put(bytes + len, PPTP_MSG_MAX, &message);
	}
	many.max_calls = CALLS;
	begin_with(&w, &many);
	establish(&w);
	assert_int_equal(send_bytes(&w, bytes, len, SIZE_MAX), len);
	ev_run(w.loop, EVRUN_NOWAIT);
	assert_in_range(w.requests, 1, 64);
	settle(&w);
	assert_int_equal(w.requests, CALLS);
	free(bytes);
	end(&w);
}

static void queue_that_takes_nothing_more_closes(void **state UNUSED)
{
	struct world w;

	begin(&w);
	w.answer = ANSWER_CONNECT;
	establish(&w);
	request_call(&w, 7);
	w.log[0] = '\0';
	fault.queue_is_full = true;
	ctrl_call_disconnect(w.call, PPTP_DISCONNECT_REQUEST, PPTP_ERROR_NONE);
	assert_string_equal(w.log, "queue-full the peer does not read what it is sent");
	settle(&w);
	assert_true(w.closed);
	end(&w);
}

static void end_of_stream_ends_the_calls_and_then_closes(void **state UNUSED)
{
	struct world w;

	begin(&w);
	w.answer = ANSWER_CONNECT;
	establish(&w);
	request_call(&w, 7);
	request_call(&w, 8);
	w.log[0] = '\0';
	fdio_close(&w.peer);
	settle(&w);
	assert_string_equal(w.log, "peer-closed end of stream\nended 7\nended 8\nclosed");
	end(&w);
}

static void end_of_stream_inside_a_message_is_told(void **state UNUSED)
{
	struct world w;

	begin(&w);
	establish(&w);
	assert_int_equal(send(w.peer, "\0\x10\0\1", 4, 0), 4);
	fdio_close(&w.peer);
	settle(&w);
	assert_string_equal(w.log, "peer-closed end of stream inside a message\nclosed");
	end(&w);
}

static void half_closed_peer_still_gets_its_answers(void **state UNUSED)
{
	struct world w;

	begin(&w);
	fault.most = 1;
	send_type(&w, PPTP_START_REQUEST);
	send_type(&w, PPTP_ECHO_REQUEST);
	assert_int_equal(shutdown(w.peer, SHUT_WR), 0);
	for (int i = 0; i < 20; i++)
		settle(&w);
	assert_heard(&w, PPTP_START_REPLY);
	assert_heard(&w, PPTP_ECHO_REPLY);
	assert_heard_all(&w);
	assert_false(hear(&w));
	assert_true(w.closed);
	end(&w);
}

static void reset_by_the_peer_ends_the_calls(void **state UNUSED)
{
	struct world w;

	begin(&w);
	w.answer = ANSWER_CONNECT;
	establish(&w);
	send_type(&w, PPTP_OUTGOING_CALL_REQUEST);
	turn(&w, false);
	w.log[0] = '\0';
	/* What it did not read makes its close a reset. */
	fdio_close(&w.peer);
	settle(&w);
	assert_string_equal(w.log, "read-error Connection reset by peer\nended 7\nclosed");
	end(&w);
}

static void write_to_a_vanished_peer_is_an_error_and_no_signal(void **state UNUSED)
{
	struct world w;

	begin(&w);
	establish(&w);
	request_call(&w, 7);
	w.log[0] = '\0';
	assert_int_equal(shutdown(w.peer, SHUT_RD), 0);
	ctrl_call_connect(w.call, 107, 0, 64);
	assert_string_equal(w.log, "");
	settle(&w);
	assert_string_equal(w.log, "write-error Broken pipe\nended 7\nclosed");
	end(&w);
}

static void our_stop_waits_for_the_reply(void **state UNUSED)
{
	struct pptp_msg message;
	struct world w;

	begin(&w);
	w.answer = ANSWER_CONNECT;
	establish(&w);
	request_call(&w, 7);
	assert_heard(&w, PPTP_OUTGOING_CALL_REPLY);
	w.log[0] = '\0';
	ctrl_conn_stop(w.conn, PPTP_STOP_LOCAL_SHUTDOWN);
	assert_string_equal(w.log, "ended 7");
	settle(&w);
	message = next_heard(&w);
	assert_int_equal(message.type, PPTP_CALL_DISCONNECT_NOTIFY);
	assert_int_equal(message.call_disconnect_notify.result, PPTP_DISCONNECT_ADMIN_SHUTDOWN);
	message = next_heard(&w);
	assert_int_equal(message.type, PPTP_STOP_REQUEST);
	assert_int_equal(message.stop_request.reason, PPTP_STOP_LOCAL_SHUTDOWN);
	assert_false(w.closed);
	send_type(&w, PPTP_STOP_REPLY);
	settle(&w);
	assert_true(w.closed);
	end(&w);
}

static void closed_never_comes_from_within_an_owner_s_call(void **state UNUSED)
{
	struct world w;

	begin(&w);
	ctrl_conn_stop(w.conn, PPTP_STOP_NONE);
	assert_false(w.closed);
	settle(&w);
	assert_true(w.closed);
	/* Until it is freed, a closed connection takes every call and does nothing. */
	ctrl_conn_stop(w.conn, PPTP_STOP_NONE);
	ctrl_conn_peer_alive(w.conn);
	settle(&w);
	assert_string_equal(w.log, "closed");
	end(&w);
}

static void bad_bytes_close_but_what_came_before_is_answered(void **state UNUSED)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *log;
	} rows[] = {
		{"\0\x10\0\1\0\0\0\0\0\5\0\0\0\0\0\0", 16,
		 "bad-magic expected magic 0x1a2b3c4d, got 0x00000000\nclosed"},
		{"\0\0", 2, "bad-length expected a message of 12 to 220 bytes, got 0\nclosed"},
		{"\0\xdd", 2, "bad-length expected a message of 12 to 220 bytes, got 221\nclosed"},
		{"GET / HTTP/1.1\r\n", 16,
		 "bad-length expected a message of 12 to 220 bytes, got 18245\nclosed"},
		{"\0\x0c\0\1\x1a\x2b\x3c\x4d\0\7\0\0", 12,
		 "bad-length expected message type 7 (Outgoing-Call-Request) of 168 bytes, got 12\n"
		 "closed"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t bytes[PPTP_MSG_MAX * 2];
		struct pptp_msg message = make(PPTP_ECHO_REQUEST);
		size_t len = put(bytes, sizeof(bytes), &message);
		struct world w;

		begin(&w);
		establish(&w);
		memcpy(bytes + len, rows[i].bytes, rows[i].len);
		len += rows[i].len;
		assert_int_equal(send_bytes(&w, bytes, len, len), len);
		settle(&w);
		assert_heard(&w, PPTP_ECHO_REPLY);
		assert_heard_all(&w);
		assert_false(hear(&w));
		assert_string_equal(w.log, rows[i].log);
		end(&w);
	}
}

static void unknown_messages_are_skipped(void **state UNUSED)
{
	static const char bytes[] = "\0\x0d\0\1\x1a\x2b\x3c\x4d\0\x63\0\0\0" /* control type 99 */
				    "\0\x0c\0\2\x1a\x2b\x3c\x4d\0\1\0";      /* message type 2 */
	struct world w;

	begin(&w);
	establish(&w);
	assert_int_equal(send(w.peer, bytes, sizeof(bytes), 0), sizeof(bytes));
	send_type(&w, PPTP_ECHO_REQUEST);
	settle(&w);
	assert_heard(&w, PPTP_ECHO_REPLY);
	assert_string_equal(w.log, "unknown-type unknown message type 99 of 13 bytes\n"
				   "unknown-type expected a control message (PPTP message type 1), "
				   "got type 2");
	end(&w);
}

static void refused_version_is_answered_before_the_close(void **state UNUSED)
{
	struct pptp_msg message = make(PPTP_START_REQUEST);
	struct world w;

	message.start.version = 0x0200;
	begin(&w);
	send_message(&w, &message);
	/* Not looked at any more, and no reason to reset the connection. */
	send_type(&w, PPTP_OUTGOING_CALL_REQUEST);
	settle(&w);
	assert_int_equal(next_heard(&w).start.result, PPTP_START_BAD_VERSION);
	assert_false(hear(&w));
	assert_string_equal(w.log, "bad-version expected PPTP version 1.0, got 2.0\nclosed");
	end(&w);
}

static void owner_may_refuse_from_within_the_request(void **state UNUSED)
{
	struct world w;

	begin(&w);
	w.answer = ANSWER_REFUSE;
	establish(&w);
	request_call(&w, 7);
	assert_int_equal(next_heard(&w).outgoing_call_reply.result, PPTP_OUTGOING_BUSY);
	assert_int_equal(ctrl_conn_calls(w.conn), 0);
	assert_string_equal(w.log, "requested 7");
	end(&w);
}

static void owner_may_stop_from_within_the_request(void **state UNUSED)
{
	struct world w;

	begin(&w);
	w.answer = ANSWER_STOP;
	establish(&w);
	request_call(&w, 7);
	assert_int_equal(next_heard(&w).outgoing_call_reply.result, PPTP_OUTGOING_DO_NOT_ACCEPT);
	assert_heard(&w, PPTP_STOP_REQUEST);
	assert_string_equal(w.log, "requested 7\nended 7");
	end(&w);
}

static void owner_may_disconnect_another_call_while_calls_end(void **state UNUSED)
{
	struct world w;

	begin(&w);
	w.answer = ANSWER_CONNECT;
	establish(&w);
	request_call(&w, 7);
	request_call(&w, 8);
	request_call(&w, 9);
	w.disconnect_others = true;
	w.log[0] = '\0';
	fdio_close(&w.peer);
	settle(&w);
	assert_string_equal(w.log, "peer-closed end of stream\nended 7\nended 9\nclosed");
	end(&w);
}

/* Runs a dialogue, and the loss of the peer, with an owner that frees when it hears `word`. */
static void free_at(const char *word, bool with_stop)
{
	uint8_t bytes[4096];
	size_t len = put_dialogue(bytes, sizeof(bytes));
	struct world w;

	begin(&w);
	w.answer = ANSWER_CONNECT;
	w.free_at = word;
	if (with_stop) {
		assert_int_equal(send_bytes(&w, bytes, len, SIZE_MAX), len);
		settle(&w);
	} else {
		send_type(&w, PPTP_START_REQUEST);
		send_type(&w, PPTP_OUTGOING_CALL_REQUEST);
		settle(&w);
		if (!w.freed)
			ctrl_conn_stop(w.conn, PPTP_STOP_NONE);
		settle(&w);
		fdio_close(&w.peer);
		settle(&w);
	}
	if (!w.freed)
		fail_msg("\"%s\" never came", word);
	end(&w);
}

static void owner_may_free_from_within_every_callback(void **state UNUSED)
{
	free_at("start", true);
	free_at("requested", true);
	free_at("link-info", true);
	free_at("not-supported", true);
	free_at("wan-error", true);
	free_at("ended", true);
	free_at("stopped", true);
	free_at("closed", true);
	free_at("ended", false);
	free_at("peer-closed", false);
	free_at("closed", false);
}

/* A notice for each message also comes while the owner's own call is at work. */
static void owner_may_free_from_within_a_notice_of_its_own_call(void **state UNUSED)
{
	free_at("received message type 7", true);
	free_at("sent message type 2", true);
	free_at("sent message type 8", true);
	free_at("sent message type 13", true);
	free_at("sent message type 4", true);
	free_at("-> flushing", true);
	free_at("-> closed", true);
	free_at("sent message type 13", false);
	free_at("sent message type 3", false);
	free_at("-> wait-stop-reply", false);
}

static void freeing_while_calls_live_leaves_nothing_behind(void **state UNUSED)
{
	struct world w;

	begin(&w);
	establish(&w);
	request_call(&w, 7);
	request_call(&w, 8);
	ctrl_conn_free(w.conn);
	w.conn = NULL;
	assert_false(hear(&w));
	settle(&w);
	assert_string_equal(w.log, "requested 7\nrequested 8");
	end(&w);
}

/* A timeout of 0 s is due at once: the order is tested, not the time. */
static void timeouts_come_from_the_loop(void **state UNUSED)
{
	struct ctrl_conn_settings hasty = settings;
	struct world w;

	hasty.start_timeout_s = 0;
	begin_with(&w, &hasty);
	settle(&w);
	assert_string_equal(w.log, "start-timeout expected a Start-Control-Connection-Request "
				   "within 0 s\nclosed");
	end(&w);

	hasty = settings;
	hasty.stop_timeout_s = 0;
	begin_with(&w, &hasty);
	establish(&w);
	ctrl_conn_stop(w.conn, PPTP_STOP_NONE);
	settle(&w);
	assert_heard(&w, PPTP_STOP_REQUEST);
	assert_string_equal(w.log, "stop-timeout expected a Stop-Control-Connection-Reply within 0 "
				   "s\nclosed");
	end(&w);
}

static void silent_peer_is_asked_and_then_lost(void **state UNUSED)
{
	struct ctrl_conn_settings hasty = settings;
	struct world w;

	hasty.echo_interval_s = 1;
	hasty.echo_timeout_s = 1;
	begin_with(&w, &hasty);
	establish(&w);
	while (!w.closed)
		ev_run(w.loop, EVRUN_ONCE);
	(void)hear(&w);
	assert_heard(&w, PPTP_ECHO_REQUEST);
	assert_heard(&w, PPTP_STOP_REQUEST);
	assert_heard_all(&w);
	assert_string_equal(w.log, "echo-timeout no Echo-Reply 1 and no other message for 1 s\n"
				   "closed");
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogue_glued_together_is_answered),
		cmocka_unit_test(dialogue_one_byte_at_a_time_is_answered),
		cmocka_unit_test(dialogue_cut_anywhere_is_answered),
		cmocka_unit_test(interrupted_and_short_system_calls_lose_nothing),
		cmocka_unit_test(owner_may_answer_later),
		cmocka_unit_test(two_thousand_glued_requests_are_refused_but_for_the_allowed),
		cmocka_unit_test(peer_that_does_not_read_is_not_read_either),
		cmocka_unit_test(one_wake_up_takes_a_bounded_number_of_messages),
		cmocka_unit_test(queue_that_takes_nothing_more_closes),
		cmocka_unit_test(end_of_stream_ends_the_calls_and_then_closes),
		cmocka_unit_test(end_of_stream_inside_a_message_is_told),
		cmocka_unit_test(half_closed_peer_still_gets_its_answers),
		cmocka_unit_test(reset_by_the_peer_ends_the_calls),
		cmocka_unit_test(write_to_a_vanished_peer_is_an_error_and_no_signal),
		cmocka_unit_test(our_stop_waits_for_the_reply),
		cmocka_unit_test(closed_never_comes_from_within_an_owner_s_call),
		cmocka_unit_test(bad_bytes_close_but_what_came_before_is_answered),
		cmocka_unit_test(unknown_messages_are_skipped),
		cmocka_unit_test(refused_version_is_answered_before_the_close),
		cmocka_unit_test(owner_may_refuse_from_within_the_request),
		cmocka_unit_test(owner_may_stop_from_within_the_request),
		cmocka_unit_test(owner_may_disconnect_another_call_while_calls_end),
		cmocka_unit_test(owner_may_free_from_within_every_callback),
		cmocka_unit_test(owner_may_free_from_within_a_notice_of_its_own_call),
		cmocka_unit_test(freeing_while_calls_live_leaves_nothing_behind),
		cmocka_unit_test(timeouts_come_from_the_loop),
		cmocka_unit_test(silent_peer_is_asked_and_then_lost),
	};

	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
