// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A control connection over a socket pair: how the stream is cut, and what a slow, hostile or
 * vanished peer can do.
 */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/base/fdio.h"
#include "tests/unit/ctrl_peer.h"

static void assert_dialogue(struct peer *p)
{
	static const enum pptp_msg_type types[] = {
		PPTP_START_REPLY,         PPTP_OUTGOING_CALL_REPLY,    PPTP_ECHO_REPLY,
		PPTP_INCOMING_CALL_REPLY, PPTP_CALL_DISCONNECT_NOTIFY, PPTP_OUTGOING_CALL_REPLY,
		PPTP_STOP_REPLY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		peer_assert_heard(p, types[i]);
	peer_assert_heard_all(p);
	assert_false(peer_hear(p));
	assert_string_equal(p->log, "start host name \"\", vendor \"\"\n"
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
	size_t len = peer_put_dialogue(bytes, sizeof(bytes));
	struct peer p;

	peer_begin(&p);
	p.answer = ANSWER_CONNECT;
	peer_fault.interrupt = interrupt;
	peer_fault.most = most;
	assert_int_equal(peer_send_bytes(&p, bytes, len, chunk), len);
	for (int i = 0; i < 100; i++)
		peer_settle(&p);
	assert_dialogue(&p);
	peer_end(&p);
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

static void two_thousand_glued_requests_are_refused_but_for_the_allowed(void **state UNUSED)
{
	enum {
		REQUESTS = 2000
	};
	size_t len = 0;
	size_t done = 0;
	uint8_t *bytes = malloc((size_t)REQUESTS * PPTP_MSG_MAX);
	unsigned busy = 0;
	struct peer p;

	assert_non_null(bytes);
	for (unsigned i = 0; i < REQUESTS; i++) {
		struct pptp_msg message = peer_message(PPTP_OUTGOING_CALL_REQUEST);

		message.outgoing_call_request.call_id = (uint16_t)i;
		len += peer_put(bytes + len, PPTP_MSG_MAX, &message);
	}
	peer_begin(&p);
	peer_establish(&p);
	for (int i = 0; i < 1000 && done < len; i++) {
		done += peer_send_bytes(&p, bytes + done, len - done, SIZE_MAX);
		peer_settle(&p);
	}
	assert_int_equal(done, len);
	for (int i = 0; i < 10; i++)
		peer_settle(&p);
	assert_int_equal(p.requests, peer_settings.max_calls);
	assert_int_equal(p.refusals, REQUESTS - peer_settings.max_calls);
	assert_int_equal(ctrl_conn_calls(p.conn), peer_settings.max_calls);
	while (p.heard_used < p.heard_len)
		busy += peer_next(&p).outgoing_call_reply.result == PPTP_OUTGOING_BUSY;
	assert_int_equal(busy, REQUESTS - peer_settings.max_calls);
	free(bytes);
	peer_end(&p);
}

static unsigned pending_events;

static void count_pending(struct ev_loop *loop)
{
	pending_events += ev_pending_count(loop);
	ev_invoke_pending(loop);
}

/* False when also after some turns of the loop the pipe takes nothing. */
static bool try_send(struct peer *p, uint32_t identifier)
{
	struct pptp_msg message = peer_message(PPTP_ECHO_REQUEST);
	uint8_t bytes[PPTP_MSG_MAX];
	size_t len;

	message.echo_request.identifier = identifier;
	len = peer_put(bytes, sizeof(bytes), &message);
	if (peer_send_bytes(p, bytes, len, len) == len)
		return true;
	peer_turn(p, false);
	return peer_send_bytes(p, bytes, len, len) == len;
}

static void peer_that_does_not_read_is_not_read_either(void **state UNUSED)
{
	uint32_t sent = 0;
	struct peer p;

	peer_begin(&p);
	peer_establish(&p);
	while (try_send(&p, sent)) {
		sent++;
		assert_true(sent < 1000000);
	}
	/* And the loop sleeps meanwhile. */
	pending_events = 0;
	ev_set_invoke_pending_cb(p.loop, count_pending);
	peer_turn(&p, false);
	assert_int_equal(pending_events, 0);
	for (uint32_t i = 0; i < sent; i++) {
		if (p.heard_used == p.heard_len)
			peer_settle(&p);
		assert_int_equal(peer_next(&p).echo_reply.identifier, i);
		if (p.heard_used == p.heard_len)
			p.heard_used = p.heard_len = 0;
	}
	assert_string_equal(p.log, "");
	peer_end(&p);
}

static void one_wake_up_takes_a_bounded_number_of_messages(void **state UNUSED)
{
	enum {
		CALLS = 200
	};
	struct ctrl_conn_settings many = peer_settings;
	uint8_t *bytes = malloc((size_t)CALLS * PPTP_MSG_MAX);
	size_t len = 0;
	struct peer p;

	assert_non_null(bytes);
	for (unsigned i = 0; i < CALLS; i++) {
		struct pptp_msg message = peer_message(PPTP_OUTGOING_CALL_REQUEST);

		message.outgoing_call_request.call_id = (uint16_t)i;
		len += peer_put(bytes + len, PPTP_MSG_MAX, &message);
	}
	many.max_calls = CALLS;
	peer_begin_with(&p, &many);
	peer_establish(&p);
	assert_int_equal(peer_send_bytes(&p, bytes, len, SIZE_MAX), len);
	ev_run(p.loop, EVRUN_NOWAIT);
	assert_in_range(p.requests, 1, 64);
	peer_settle(&p);
	assert_int_equal(p.requests, CALLS);
	free(bytes);
	peer_end(&p);
}

/* The replies to these wait behind a full pipe; the last requests wait in our buffer. */
static void requests_that_waited_for_the_peer_to_read_are_answered(void **state UNUSED)
{
	enum {
		REQUESTS = 250
	};
	struct pptp_msg message = peer_message(PPTP_ECHO_REQUEST);
	struct peer p;

	peer_begin(&p);
	peer_establish(&p);
	peer_fault.pipe_is_full = true;
	for (uint32_t i = 0; i < REQUESTS; i++) {
		message.echo_request.identifier = i;
		peer_send(&p, &message);
	}
	peer_settle(&p);
	peer_assert_heard_all(&p);
	peer_fault.pipe_is_full = false;
	peer_settle(&p);
	for (uint32_t i = 0; i < REQUESTS; i++)
		assert_int_equal(peer_next(&p).echo_reply.identifier, i);
	peer_assert_heard_all(&p);
	peer_end(&p);
}

static void message_that_the_queue_refuses_closes(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	p.answer = ANSWER_STOP;
	peer_establish(&p);
	peer_fault.queue_refuses = 1;
	peer_request_call(&p, 7);
	assert_string_equal(p.log, "requested 7\n"
				   "queue-full the peer does not read what it is sent\n"
				   "ended 7\n"
				   "closed");
	/* Not the Stop-Control-Connection-Request behind the message that is missing. */
	peer_assert_heard_all(&p);
	peer_end(&p);
}

static void many_calls_end_at_once_without_filling_the_queue(void **state UNUSED)
{
	enum {
		CALLS = 100
	};
	struct ctrl_conn_settings many = peer_settings;
	struct peer p;

	many.max_calls = CALLS;
	peer_begin_with(&p, &many);
	p.answer = ANSWER_CONNECT;
	peer_establish(&p);
	for (uint16_t i = 0; i < CALLS; i++) {
		peer_request_call(&p, i);
		peer_assert_heard(&p, PPTP_OUTGOING_CALL_REPLY);
	}
	ctrl_conn_stop(p.conn, PPTP_STOP_NONE);
	peer_settle(&p);
	for (int i = 0; i < CALLS; i++)
		peer_assert_heard(&p, PPTP_CALL_DISCONNECT_NOTIFY);
	peer_assert_heard(&p, PPTP_STOP_REQUEST);
	peer_end(&p);
}

static void end_of_stream_ends_the_calls_and_then_closes(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	p.answer = ANSWER_CONNECT;
	peer_establish(&p);
	peer_request_call(&p, 7);
	peer_request_call(&p, 8);
	p.log[0] = '\0';
	fdio_close(&p.fd);
	peer_settle(&p);
	assert_string_equal(p.log, "peer-closed end of stream\nended 7\nended 8\nclosed");
	peer_end(&p);
}

static void end_of_stream_inside_a_message_is_told(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	peer_establish(&p);
	assert_int_equal(send(p.fd, "\0\x10\0\1", 4, 0), 4);
	fdio_close(&p.fd);
	peer_settle(&p);
	assert_string_equal(p.log, "peer-closed end of stream inside a message\nclosed");
	peer_end(&p);
}

static void half_closed_peer_still_gets_its_answers(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	peer_fault.most = 1;
	peer_send_type(&p, PPTP_START_REQUEST);
	peer_send_type(&p, PPTP_ECHO_REQUEST);
	assert_int_equal(shutdown(p.fd, SHUT_WR), 0);
	for (int i = 0; i < 20; i++)
		peer_settle(&p);
	peer_assert_heard(&p, PPTP_START_REPLY);
	peer_assert_heard(&p, PPTP_ECHO_REPLY);
	peer_assert_heard_all(&p);
	assert_false(peer_hear(&p));
	assert_true(p.closed);
	peer_end(&p);
}

static void reset_by_the_peer_ends_the_calls(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	p.answer = ANSWER_CONNECT;
	peer_establish(&p);
	peer_send_type(&p, PPTP_OUTGOING_CALL_REQUEST);
	peer_turn(&p, false);
	p.log[0] = '\0';
	/* What it did not read makes its close a reset. */
	fdio_close(&p.fd);
	peer_settle(&p);
	assert_string_equal(p.log, "read-error Connection reset by peer\nended 7\nclosed");
	peer_end(&p);
}

static void write_to_a_vanished_peer_is_an_error_and_no_signal(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	peer_establish(&p);
	peer_request_call(&p, 7);
	p.log[0] = '\0';
	assert_int_equal(shutdown(p.fd, SHUT_RD), 0);
	ctrl_call_connect(p.call, 107, 0, 64);
	assert_string_equal(p.log, "");
	peer_settle(&p);
	assert_string_equal(p.log, "write-error Broken pipe\nended 7\nclosed");
	peer_end(&p);
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
		struct pptp_msg message = peer_message(PPTP_ECHO_REQUEST);
		size_t len = peer_put(bytes, sizeof(bytes), &message);
		struct peer p;

		peer_begin(&p);
		peer_establish(&p);
		memcpy(bytes + len, rows[i].bytes, rows[i].len);
		len += rows[i].len;
		assert_int_equal(peer_send_bytes(&p, bytes, len, len), len);
		peer_settle(&p);
		peer_assert_heard(&p, PPTP_ECHO_REPLY);
		peer_assert_heard_all(&p);
		assert_false(peer_hear(&p));
		assert_string_equal(p.log, rows[i].log);
		peer_end(&p);
	}
}

static void unknown_messages_are_skipped(void **state UNUSED)
{
	static const char bytes[] = "\0\x0d\0\1\x1a\x2b\x3c\x4d\0\x63\0\0\0" /* control type 99 */
				    "\0\x0c\0\2\x1a\x2b\x3c\x4d\0\1\0";      /* message type 2 */
	struct peer p;

	peer_begin(&p);
	peer_establish(&p);
	assert_int_equal(send(p.fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	peer_send_type(&p, PPTP_ECHO_REQUEST);
	peer_settle(&p);
	peer_assert_heard(&p, PPTP_ECHO_REPLY);
	assert_string_equal(p.log, "unknown-type unknown message type 99 of 13 bytes\n"
				   "unknown-type expected a control message (PPTP message type 1), "
				   "got type 2");
	peer_end(&p);
}

/* Unread bytes would make our close a reset. */
static void last_reply_reaches_a_peer_that_goes_on_sending(void **state UNUSED)
{
	struct pptp_msg message = peer_message(PPTP_START_REQUEST);
	struct peer p;

	message.start.version = 0x0200;
	peer_begin(&p);
	peer_fault.most = 156;
	peer_send(&p, &message);
	peer_send_type(&p, PPTP_OUTGOING_CALL_REQUEST);
	peer_settle(&p);
	assert_int_equal(peer_next(&p).start.result, PPTP_START_BAD_VERSION);
	peer_assert_heard_all(&p);
	assert_false(p.reset);
	assert_string_equal(p.log, "bad-version expected PPTP version 1.0, got 2.0\nclosed");
	peer_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogue_glued_together_is_answered),
		cmocka_unit_test(dialogue_one_byte_at_a_time_is_answered),
		cmocka_unit_test(dialogue_cut_anywhere_is_answered),
		cmocka_unit_test(interrupted_and_short_system_calls_lose_nothing),
		cmocka_unit_test(two_thousand_glued_requests_are_refused_but_for_the_allowed),
		cmocka_unit_test(peer_that_does_not_read_is_not_read_either),
		cmocka_unit_test(one_wake_up_takes_a_bounded_number_of_messages),
		cmocka_unit_test(requests_that_waited_for_the_peer_to_read_are_answered),
		cmocka_unit_test(message_that_the_queue_refuses_closes),
		cmocka_unit_test(many_calls_end_at_once_without_filling_the_queue),
		cmocka_unit_test(end_of_stream_ends_the_calls_and_then_closes),
		cmocka_unit_test(end_of_stream_inside_a_message_is_told),
		cmocka_unit_test(half_closed_peer_still_gets_its_answers),
		cmocka_unit_test(reset_by_the_peer_ends_the_calls),
		cmocka_unit_test(write_to_a_vanished_peer_is_an_error_and_no_signal),
		cmocka_unit_test(bad_bytes_close_but_what_came_before_is_answered),
		cmocka_unit_test(unknown_messages_are_skipped),
		cmocka_unit_test(last_reply_reaches_a_peer_that_goes_on_sending),
	};

	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
