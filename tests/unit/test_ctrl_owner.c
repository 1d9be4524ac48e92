// SPDX-License-Identifier: GPL-2.0-or-later
/* What the owner of a control connection may do, also from within its callbacks. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/socket.h>

#include "pptpd/base/fdio.h"
#include "tests/unit/ctrl_peer.h"

static void owner_may_answer_later(void **state UNUSED)
{
	struct pptp_msg message;
	struct peer p;

	peer_begin(&p);
	peer_establish(&p);
	peer_request_call(&p, 7);
	peer_assert_heard_all(&p);
	assert_int_equal(ctrl_conn_calls(p.conn), 1);
	assert_int_equal(p.call->call_id, 0);
	ctrl_call_connect(p.call, 1234, 64000, 16);
	peer_settle(&p);
	message = peer_next(&p);
	assert_int_equal(message.type, PPTP_OUTGOING_CALL_REPLY);
	assert_int_equal(message.outgoing_call_reply.call_id, 1234);
	assert_int_equal(message.outgoing_call_reply.peer_call_id, 7);
	assert_int_equal(message.outgoing_call_reply.connect_speed, 64000);
	assert_int_equal(message.outgoing_call_reply.window, 16);
	ctrl_call_disconnect(p.call, PPTP_DISCONNECT_LOST_CARRIER, PPTP_ERROR_NONE);
	assert_int_equal(ctrl_conn_calls(p.conn), 0);
	peer_settle(&p);
	peer_assert_heard(&p, PPTP_CALL_DISCONNECT_NOTIFY);
	peer_assert_heard_all(&p);
	assert_string_equal(p.log, "requested 7");
	peer_end(&p);
}

/* What the owner sends next, GRE of that call, must not come to the peer before it. */
static void reply_to_a_call_has_left_when_the_owner_goes_on(void **state UNUSED)
{
	uint8_t bytes[PPTP_MSG_MAX];
	struct peer p;

	peer_begin(&p);
	peer_establish(&p);
	peer_request_call(&p, 7);
	peer_assert_heard_all(&p);
	ctrl_call_connect(p.call, 1234, 64000, 16);
	assert_int_equal(recv(p.fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT),
			 pptp_msg_info(PPTP_OUTGOING_CALL_REPLY)->len);
	peer_settle(&p);
	peer_assert_heard(&p, PPTP_OUTGOING_CALL_REPLY);
	peer_assert_heard_all(&p);
	peer_end(&p);
}

static void our_stop_waits_for_the_reply(void **state UNUSED)
{
	struct pptp_msg message;
	struct peer p;

	peer_begin(&p);
	p.answer = ANSWER_CONNECT;
	peer_establish(&p);
	peer_request_call(&p, 7);
	peer_assert_heard(&p, PPTP_OUTGOING_CALL_REPLY);
	p.log[0] = '\0';
	ctrl_conn_stop(p.conn, PPTP_STOP_LOCAL_SHUTDOWN);
	assert_string_equal(p.log, "ended 7");
	peer_settle(&p);
	message = peer_next(&p);
	assert_int_equal(message.type, PPTP_CALL_DISCONNECT_NOTIFY);
	assert_int_equal(message.call_disconnect_notify.result, PPTP_DISCONNECT_ADMIN_SHUTDOWN);
	message = peer_next(&p);
	assert_int_equal(message.type, PPTP_STOP_REQUEST);
	assert_int_equal(message.stop_request.reason, PPTP_STOP_LOCAL_SHUTDOWN);
	assert_false(p.closed);
	peer_send_type(&p, PPTP_STOP_REPLY);
	peer_settle(&p);
	assert_true(p.closed);
	peer_end(&p);
}

static void closed_never_comes_from_within_an_owner_s_call(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	ctrl_conn_stop(p.conn, PPTP_STOP_NONE);
	assert_false(p.closed);
	peer_settle(&p);
	assert_true(p.closed);
	/* Until it is freed, a closed connection takes every call and does nothing. */
	ctrl_conn_stop(p.conn, PPTP_STOP_NONE);
	ctrl_conn_peer_alive(p.conn, mono_now());
	peer_settle(&p);
	assert_string_equal(p.log, "closed");
	peer_end(&p);
}

static void owner_may_refuse_from_within_the_request(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	p.answer = ANSWER_REFUSE;
	peer_establish(&p);
	peer_request_call(&p, 7);
	assert_int_equal(peer_next(&p).outgoing_call_reply.result, PPTP_OUTGOING_BUSY);
	assert_int_equal(ctrl_conn_calls(p.conn), 0);
	assert_string_equal(p.log, "requested 7");
	peer_end(&p);
}

static void owner_may_stop_from_within_the_request(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	p.answer = ANSWER_STOP;
	peer_establish(&p);
	peer_request_call(&p, 7);
	assert_int_equal(peer_next(&p).outgoing_call_reply.result, PPTP_OUTGOING_DO_NOT_ACCEPT);
	peer_assert_heard(&p, PPTP_STOP_REQUEST);
	assert_string_equal(p.log, "requested 7\nended 7");
	peer_end(&p);
}

static void owner_may_disconnect_another_call_while_calls_end(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	p.answer = ANSWER_CONNECT;
	peer_establish(&p);
	peer_request_call(&p, 7);
	peer_request_call(&p, 8);
	peer_request_call(&p, 9);
	p.disconnect_others = true;
	p.log[0] = '\0';
	fdio_close(&p.fd);
	peer_settle(&p);
	assert_string_equal(p.log, "peer-closed end of stream\nended 7\nended 9\nclosed");
	peer_end(&p);
}

/* Runs a dialogue, and the loss of the peer, with an owner that frees when it hears `word`. */
static void free_at(const char *word, bool with_stop)
{
	uint8_t bytes[4096];
	size_t len = peer_put_dialogue(bytes, sizeof(bytes));
	struct peer p;

	peer_begin(&p);
	p.answer = ANSWER_CONNECT;
	p.free_at = word;
	if (with_stop) {
		assert_int_equal(peer_send_bytes(&p, bytes, len, SIZE_MAX), len);
		peer_settle(&p);
	} else {
		peer_send_type(&p, PPTP_START_REQUEST);
		peer_send_type(&p, PPTP_OUTGOING_CALL_REQUEST);
		peer_settle(&p);
		if (!p.freed)
			ctrl_conn_stop(p.conn, PPTP_STOP_NONE);
		peer_settle(&p);
		fdio_close(&p.fd);
		peer_settle(&p);
	}
	if (!p.freed)
		fail_msg("\"%s\" never came", word);
	peer_end(&p);
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

/* Here the calls end at the tear-down. */
static void owner_may_free_while_a_lost_connection_is_torn_down(void **state UNUSED)
{
	static const char *const words[] = {"read-error", "ended", "closed"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct peer p;

		peer_begin(&p);
		p.answer = ANSWER_CONNECT;
		peer_establish(&p);
		peer_request_call(&p, 7);
		peer_send_type(&p, PPTP_ECHO_REQUEST);
		peer_turn(&p, false);
		p.free_at = words[i];
		fdio_close(&p.fd);
		peer_settle(&p);
		assert_true(p.freed);
		peer_end(&p);
	}
}

static void owner_may_stop_from_within_a_notice(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	p.stop_at = "received message type 1 ";
	peer_send_type(&p, PPTP_START_REQUEST);
	peer_settle(&p);
	peer_assert_heard_all(&p);
	assert_true(p.closed);
	peer_end(&p);

	peer_begin(&p);
	p.answer = ANSWER_CONNECT;
	p.stop_at = "received message type 7 ";
	peer_send_type(&p, PPTP_START_REQUEST);
	peer_send_type(&p, PPTP_OUTGOING_CALL_REQUEST);
	peer_settle(&p);
	peer_assert_heard(&p, PPTP_START_REPLY);
	peer_assert_heard(&p, PPTP_STOP_REQUEST);
	peer_assert_heard_all(&p);
	assert_int_equal(p.requests, 0);
	peer_end(&p);
}

/* The next connection gets the same descriptors. */
static void freed_connection_leaves_nothing_in_the_loop(void **state UNUSED)
{
	struct peer p;

	peer_begin(&p);
	for (int i = 0; i < 3; i++) {
		peer_establish(&p);
		peer_request_call(&p, 7);
		peer_request_call(&p, 8);
		assert_string_equal(p.log, "requested 7\nrequested 8");
		ctrl_conn_free(p.conn);
		p.conn = NULL;
		assert_false(peer_hear(&p));
		peer_settle(&p);
		assert_string_equal(p.log, "requested 7\nrequested 8");
		peer_begin_again(&p);
	}
	peer_end(&p);
}

static void closed_connection_leaves_nothing_in_the_loop(void **state UNUSED)
{
	struct ctrl_conn *first;
	struct peer p;

	peer_begin(&p);
	peer_establish(&p);
	fdio_close(&p.fd);
	peer_settle(&p);
	assert_true(p.closed);
	first = p.conn;
	peer_begin_again(&p);
	peer_establish(&p);
	peer_request_call(&p, 7);
	assert_string_equal(p.log, "requested 7");
	ctrl_conn_free(first);
	peer_end(&p);
}

/* A timeout of 0 s is due at once: the order is tested, not the time. */
static void timeouts_come_from_the_loop(void **state UNUSED)
{
	struct ctrl_conn_settings hasty = peer_settings;
	struct peer p;

	hasty.start_timeout_s = 0;
	peer_begin_with(&p, &hasty);
	peer_settle(&p);
	assert_string_equal(p.log, "start-timeout expected a Start-Control-Connection-Request "
				   "within 0 s\nclosed");
	peer_end(&p);

	hasty = peer_settings;
	hasty.stop_timeout_s = 0;
	peer_begin_with(&p, &hasty);
	peer_establish(&p);
	ctrl_conn_stop(p.conn, PPTP_STOP_NONE);
	peer_settle(&p);
	peer_assert_heard(&p, PPTP_STOP_REQUEST);
	assert_string_equal(p.log, "stop-timeout expected a Stop-Control-Connection-Reply within 0 "
				   "s\nclosed");
	peer_end(&p);
}

/* The timer is due at the first turn of the loop, and so is the message. */
static void what_came_in_time_counts_although_it_is_handled_late(void **state UNUSED)
{
	struct ctrl_conn_settings hasty = peer_settings;
	struct peer p;

	hasty.start_timeout_s = 0;
	peer_begin_with(&p, &hasty);
	peer_send_type(&p, PPTP_START_REQUEST);
	peer_settle(&p);
	peer_assert_heard(&p, PPTP_START_REPLY);
	assert_false(p.closed);
	peer_end(&p);
}

static void silent_peer_is_asked_and_then_lost(void **state UNUSED)
{
	struct ctrl_conn_settings hasty = peer_settings;
	struct peer p;

	hasty.echo_interval_s = 1;
	hasty.echo_timeout_s = 1;
	peer_begin_with(&p, &hasty);
	peer_establish(&p);
	while (!p.closed)
		ev_run(p.loop, EVRUN_ONCE);
	(void)peer_hear(&p);
	peer_assert_heard(&p, PPTP_ECHO_REQUEST);
	peer_assert_heard(&p, PPTP_STOP_REQUEST);
	peer_assert_heard_all(&p);
	assert_string_equal(p.log, "echo-timeout no Echo-Reply 1 and no other message for 1 s\n"
				   "closed");
	peer_end(&p);
}

static void on_sign_of_life(struct ev_loop *loop UNUSED, ev_timer *timer, int events UNUSED)
{
	ctrl_conn_peer_alive(timer->data, mono_now());
}

static void silent_peer_that_lives_elsewhere_is_asked_and_kept(void **state UNUSED)
{
	struct ctrl_conn_settings hasty = peer_settings;
	ev_timer signs;
	struct peer p;

	hasty.echo_interval_s = 1;
	hasty.echo_timeout_s = 1;
	peer_begin_with(&p, &hasty);
	peer_establish(&p);
	ev_timer_init(&signs, on_sign_of_life, 0.1, 0.1);
	signs.data = p.conn;
	ev_timer_start(p.loop, &signs);
	for (int asked = 0; asked < 2; asked++) {
		while (p.heard_used == p.heard_len && !p.closed) {
			ev_run(p.loop, EVRUN_ONCE);
			(void)peer_hear(&p);
		}
		peer_assert_heard(&p, PPTP_ECHO_REQUEST);
	}
	assert_false(p.closed);
	ev_timer_stop(p.loop, &signs);
	peer_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owner_may_answer_later),
		cmocka_unit_test(reply_to_a_call_has_left_when_the_owner_goes_on),
		cmocka_unit_test(our_stop_waits_for_the_reply),
		cmocka_unit_test(closed_never_comes_from_within_an_owner_s_call),
		cmocka_unit_test(owner_may_refuse_from_within_the_request),
		cmocka_unit_test(owner_may_stop_from_within_the_request),
		cmocka_unit_test(owner_may_disconnect_another_call_while_calls_end),
		cmocka_unit_test(owner_may_free_from_within_every_callback),
		cmocka_unit_test(owner_may_free_from_within_a_notice_of_its_own_call),
		cmocka_unit_test(owner_may_free_while_a_lost_connection_is_torn_down),
		cmocka_unit_test(owner_may_stop_from_within_a_notice),
		cmocka_unit_test(freed_connection_leaves_nothing_in_the_loop),
		cmocka_unit_test(closed_connection_leaves_nothing_in_the_loop),
		cmocka_unit_test(what_came_in_time_counts_although_it_is_handled_late),
		cmocka_unit_test(timeouts_come_from_the_loop),
		cmocka_unit_test(silent_peer_is_asked_and_then_lost),
		cmocka_unit_test(silent_peer_that_lives_elsewhere_is_asked_and_kept),
	};

	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
