// SPDX-License-Identifier: GPL-2.0-or-later
/* What time does to a control connection: timeouts, Echo-Requests, signs of life. */
#include "tests/unit/unit.h"

#include "tests/unit/ctrl_machine.h"

static void mute_client_is_closed_after_the_start_timeout(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_WAIT_START);
	machine_assert_deadline(&m, 10);
	machine_tick(&m, machine_time(9));
	assert_string_equal(m.summary, "");
	machine_tick(&m, machine_time(10));
	assert_string_equal(m.summary, "start-timeout");
	assert_int_equal(m.fsm.state, CTRL_CLOSED);
	machine_end(&m);
}

static void echo_is_sent_after_silence_and_its_reply_ends_the_wait(void **state UNUSED)
{
	struct pptp_msg reply = machine_message(PPTP_ECHO_REPLY);
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_assert_deadline(&m, 60);
	machine_tick(&m, machine_time(59));
	assert_string_equal(m.summary, "");
	machine_tick(&m, machine_time(60));
	assert_string_equal(m.summary, "send:5");
	reply.echo_reply.identifier = machine_sent(&m, 0)->echo_request.identifier;
	machine_assert_deadline(&m, 90);
	machine_give(&m, &reply, machine_time(70));
	assert_string_equal(m.summary, "");
	machine_assert_deadline(&m, 130);
	machine_end(&m);
}

static void each_message_puts_the_echo_off(void **state UNUSED)
{
	struct pptp_msg message = machine_message(PPTP_ECHO_REQUEST);
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_give(&m, &message, machine_time(50));
	machine_assert_deadline(&m, 110);
	machine_tick(&m, machine_time(110));
	machine_assert_deadline(&m, 140);
	machine_give(&m, &message, machine_time(120));
	machine_assert_deadline(&m, 180);
	machine_end(&m);
}

static void peer_without_echo_reply_is_lost(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_connect_call(&m, 70);
	machine_tick(&m, machine_time(60));
	machine_tick(&m, machine_time(89));
	assert_string_equal(m.summary, "");
	machine_tick(&m, machine_time(90));
	assert_string_equal(m.summary, "echo-timeout end-calls:1 send:13 ended:7 send:3");
	assert_int_equal(m.fsm.state, CTRL_FLUSHING);
	machine_end(&m);
}

static void wrong_echo_reply_is_told_but_shows_life(void **state UNUSED)
{
	struct pptp_msg reply = machine_message(PPTP_ECHO_REPLY);
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_tick(&m, machine_time(60));
	reply.echo_reply.identifier = machine_sent(&m, 0)->echo_request.identifier + 1;
	machine_give(&m, &reply, machine_time(61));
	assert_string_equal(m.summary, "unexpected");
	assert_string_equal(m.text, "expected Echo-Reply 1, got 2");
	machine_assert_deadline(&m, 121);
	reply.echo_reply.identifier = 1;
	machine_give(&m, &reply, machine_time(62));
	assert_string_equal(m.summary, "");
	machine_give(&m, &reply, machine_time(63));
	assert_string_equal(m.text, "Echo-Reply 1 without an Echo-Request");
	machine_end(&m);
}

static void other_signs_of_life_put_off_the_loss_but_not_the_echo(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	ctrl_alive_sign(&m.fsm.alive, machine_time(59));
	machine_assert_deadline(&m, 60);
	machine_tick(&m, machine_time(60));
	assert_string_equal(m.summary, "send:5");
	ctrl_alive_sign(&m.fsm.alive, machine_time(89));
	machine_assert_deadline(&m, 119);
	ctrl_alive_sign(&m.fsm.alive, machine_time(118));
	machine_assert_deadline(&m, 120);
	machine_tick(&m, machine_time(120));
	assert_string_equal(m.summary, "send:5");
	machine_assert_deadline(&m, 148);
	machine_tick(&m, machine_time(148));
	assert_string_equal(m.summary, "echo-timeout end-calls:1 send:3");
	machine_end(&m);
}

static void mute_peer_is_in_doubt_once_until_it_gives_a_sign(void **state UNUSED)
{
	struct ctrl_conn_settings doubting = machine_settings;
	struct machine m;

	doubting.doubt_s = 15;
	machine_begin_with(&m, &doubting, CTRL_ESTABLISHED);
	machine_tick(&m, machine_time(60));
	assert_string_equal(m.summary, "send:5");
	machine_assert_deadline(&m, 75);
	machine_tick(&m, machine_time(75));
	assert_string_equal(m.summary, "mute");
	assert_true(m.fsm.alive.doubted);
	machine_assert_deadline(&m, 90);
	ctrl_alive_sign(&m.fsm.alive, machine_time(80));
	assert_false(m.fsm.alive.doubted);
	machine_assert_deadline(&m, 95);
	machine_tick(&m, machine_time(95));
	assert_string_equal(m.summary, "mute");
	machine_assert_deadline(&m, 110);
	machine_tick(&m, machine_time(110));
	assert_string_equal(m.summary, "echo-timeout end-calls:1 send:3");
	machine_end(&m);
}

static void peer_that_answers_is_never_in_doubt(void **state UNUSED)
{
	struct ctrl_conn_settings doubting = machine_settings;
	struct pptp_msg reply = machine_message(PPTP_ECHO_REPLY);
	struct machine m;

	doubting.doubt_s = 15;
	machine_begin_with(&m, &doubting, CTRL_ESTABLISHED);
	machine_assert_deadline(&m, 60);
	machine_tick(&m, machine_time(60));
	reply.echo_reply.identifier = machine_sent(&m, 0)->echo_request.identifier;
	machine_give(&m, &reply, machine_time(61));
	machine_assert_deadline(&m, 121);
	machine_tick(&m, machine_time(121));
	machine_tick(&m, machine_time(136));
	assert_string_equal(m.summary, "mute");
	reply.echo_reply.identifier++;
	machine_give(&m, &reply, machine_time(140));
	assert_false(m.fsm.alive.doubted);
	machine_end(&m);
}

static void repeated_echo_does_not_put_off_the_loss(void **state UNUSED)
{
	struct ctrl_conn_settings eager = machine_settings;
	struct pptp_msg reply = machine_message(PPTP_ECHO_REPLY);
	struct machine m;

	eager.echo_interval_s = 20;
	machine_begin_with(&m, &eager, CTRL_ESTABLISHED);
	machine_tick(&m, machine_time(20));
	machine_tick(&m, machine_time(40));
	assert_string_equal(m.summary, "send:5");
	machine_assert_deadline(&m, 50);
	reply.echo_reply.identifier = 1;
	machine_give(&m, &reply, machine_time(45));
	assert_string_equal(m.summary, "");
	reply.echo_reply.identifier = 2;
	machine_give(&m, &reply, machine_time(46));
	assert_string_equal(m.summary, "");
	machine_end(&m);
}

static void echo_can_be_switched_off(void **state UNUSED)
{
	struct ctrl_conn_settings chosen = machine_settings;
	struct mono when;
	struct machine m;

	chosen.echo_interval_s = 0;
	machine_begin_with(&m, &chosen, CTRL_ESTABLISHED);
	assert_false(ctrl_fsm_deadline(&m.fsm, &when));
	machine_end(&m);

	chosen = machine_settings;
	chosen.echo_timeout_s = 0;
	machine_begin_with(&m, &chosen, CTRL_ESTABLISHED);
	machine_tick(&m, machine_time(60));
	machine_assert_deadline(&m, 120);
	machine_tick(&m, machine_time(120));
	assert_string_equal(m.summary, "send:5");
	machine_end(&m);
}

static void late_tick_asks_before_it_gives_up(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_tick(&m, machine_time(100000));
	assert_string_equal(m.summary, "send:5");
	machine_assert_deadline(&m, 100030);
	machine_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mute_client_is_closed_after_the_start_timeout),
		cmocka_unit_test(echo_is_sent_after_silence_and_its_reply_ends_the_wait),
		cmocka_unit_test(each_message_puts_the_echo_off),
		cmocka_unit_test(peer_without_echo_reply_is_lost),
		cmocka_unit_test(wrong_echo_reply_is_told_but_shows_life),
		cmocka_unit_test(other_signs_of_life_put_off_the_loss_but_not_the_echo),
		cmocka_unit_test(mute_peer_is_in_doubt_once_until_it_gives_a_sign),
		cmocka_unit_test(peer_that_answers_is_never_in_doubt),
		cmocka_unit_test(repeated_echo_does_not_put_off_the_loss),
		cmocka_unit_test(echo_can_be_switched_off),
		cmocka_unit_test(late_tick_asks_before_it_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
