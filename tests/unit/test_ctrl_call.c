// SPDX-License-Identifier: GPL-2.0-or-later
/* The calls of a control connection: admission, both call IDs, and every way to end. */
#include "tests/unit/unit.h"

#include "tests/unit/ctrl_machine.h"

static void connected_call_has_both_call_ids_in_the_reply(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_connect_call(&m, 70);
	assert_string_equal(m.summary, "send:8");
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.call_id, 70);
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.peer_call_id, 7);
	assert_int_equal(m.requested->call_id, 70);
	machine_end(&m);
}

static void call_id_in_use_is_refused_as_bad_call_id(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_request_call(&m, 7);
	assert_string_equal(m.summary, "send:8 call-refused");
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.result, 2);
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.error, 5);
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.peer_call_id, 7);
	assert_int_equal(m.fsm.calls.count, 1);
	machine_end(&m);
}

static void call_id_may_be_used_again_after_its_call(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_give_type(&m, PPTP_CALL_CLEAR_REQUEST);
	machine_request_call(&m, 7);
	assert_string_equal(m.summary, "requested:7");
	machine_end(&m);
}

static void more_calls_than_allowed_are_busy(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 1);
	machine_request_call(&m, 2);
	machine_request_call(&m, 3);
	assert_string_equal(m.summary, "send:8 call-refused");
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.result, 4);
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.error, 0);
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.peer_call_id, 3);
	assert_int_equal(m.fsm.calls.count, 2);
	machine_end(&m);
}

static void cleared_call_gets_a_disconnect_with_our_call_id(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_connect_call(&m, 70);
	machine_give_type(&m, PPTP_CALL_CLEAR_REQUEST);
	assert_string_equal(m.summary, "send:13 ended:7");
	assert_int_equal(machine_sent(&m, 0)->call_disconnect_notify.call_id, 70);
	assert_int_equal(machine_sent(&m, 0)->call_disconnect_notify.result, 4);
	assert_int_equal(m.fsm.state, CTRL_ESTABLISHED);
	assert_int_equal(m.fsm.calls.count, 0);
	machine_end(&m);
}

static void call_cleared_before_its_answer_gets_a_disconnect_and_no_reply(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_give_type(&m, PPTP_CALL_CLEAR_REQUEST);
	assert_string_equal(m.summary, "send:13 ended:7");
	assert_int_equal(machine_sent(&m, 0)->call_disconnect_notify.call_id, 0);
	assert_int_equal(m.fsm.calls.count, 0);
	machine_end(&m);
}

static void clear_request_means_the_peer_s_call_id(void **state UNUSED)
{
	struct pptp_msg message = machine_message(PPTP_CALL_CLEAR_REQUEST);
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_connect_call(&m, 70);
	message.call_clear_request.call_id = 70;
	machine_give(&m, &message, machine_time(0));
	assert_string_equal(m.summary, "unexpected");
	assert_int_equal(m.fsm.calls.count, 1);
	machine_end(&m);
}

static void disconnect_from_the_peer_ends_the_call_without_answer(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_connect_call(&m, 70);
	machine_give_type(&m, PPTP_CALL_DISCONNECT_NOTIFY);
	assert_string_equal(m.summary, "ended:7");
	assert_int_equal(m.fsm.state, CTRL_ESTABLISHED);
	machine_end(&m);
}

static void link_info_is_for_connected_calls_of_ours(void **state UNUSED)
{
	struct pptp_msg message = machine_message(PPTP_SET_LINK_INFO);
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	message.set_link_info.peer_call_id = 0;
	machine_give(&m, &message, machine_time(0));
	assert_string_equal(m.summary, "unexpected");
	machine_connect_call(&m, 70);
	message.set_link_info.peer_call_id = 7;
	machine_give(&m, &message, machine_time(0));
	assert_string_equal(m.summary, "unexpected");
	message.set_link_info.peer_call_id = 70;
	machine_give(&m, &message, machine_time(0));
	assert_string_equal(m.summary, "link-info:7");
	machine_end(&m);
}

static void refused_call_is_gone(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	ctrl_calls_refuse(&m.fsm.calls, m.requested, PPTP_OUTGOING_GENERAL_ERROR,
			  PPTP_ERROR_NO_RESOURCE, machine_fresh(&m));
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.result, 2);
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.error, 4);
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.peer_call_id, 7);
	assert_int_equal(machine_sent(&m, 0)->outgoing_call_reply.call_id, 0);
	machine_perform(&m, &m.actions);
	assert_string_equal(m.summary, "send:8 free:7");
	assert_int_equal(m.fsm.calls.count, 0);
	machine_end(&m);
}

static void disconnected_call_is_gone(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_connect_call(&m, 70);
	ctrl_calls_disconnect(&m.fsm.calls, m.requested, PPTP_DISCONNECT_LOST_CARRIER,
			      PPTP_ERROR_NONE, machine_fresh(&m));
	assert_int_equal(machine_sent(&m, 0)->call_disconnect_notify.call_id, 70);
	assert_int_equal(machine_sent(&m, 0)->call_disconnect_notify.result, 1);
	machine_perform(&m, &m.actions);
	assert_string_equal(m.summary, "send:13 free:7");
	assert_int_equal(m.fsm.calls.count, 0);
	machine_end(&m);
}

static void stop_request_of_the_peer_ends_calls_without_a_word(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_connect_call(&m, 70);
	machine_request_call(&m, 8);
	machine_give_type(&m, PPTP_STOP_REQUEST);
	assert_string_equal(m.summary, "send:4 stopped end-calls:0 ended:7 ended:8");
	assert_int_equal(machine_sent(&m, 0)->stop_reply.result, 1);
	machine_end(&m);
}

static void our_stop_ends_each_call_and_then_asks(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_connect_call(&m, 70);
	machine_request_call(&m, 8);
	machine_stop(&m, machine_time(100));
	assert_string_equal(m.summary, "end-calls:3 send:13 ended:7 send:8 ended:8 send:3");
	assert_int_equal(machine_sent(&m, 0)->stop_request.reason, PPTP_STOP_LOCAL_SHUTDOWN);
	assert_int_equal(m.fsm.state, CTRL_WAIT_STOP_REPLY);
	machine_stop(&m, machine_time(101));
	assert_string_equal(m.summary, "");
	machine_assert_deadline(&m, 105);
	machine_tick(&m, machine_time(105));
	assert_string_equal(m.summary, "stop-timeout");
	assert_int_equal(m.fsm.state, CTRL_CLOSED);
	machine_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connected_call_has_both_call_ids_in_the_reply),
		cmocka_unit_test(call_id_in_use_is_refused_as_bad_call_id),
		cmocka_unit_test(call_id_may_be_used_again_after_its_call),
		cmocka_unit_test(more_calls_than_allowed_are_busy),
		cmocka_unit_test(cleared_call_gets_a_disconnect_with_our_call_id),
		cmocka_unit_test(call_cleared_before_its_answer_gets_a_disconnect_and_no_reply),
		cmocka_unit_test(clear_request_means_the_peer_s_call_id),
		cmocka_unit_test(disconnect_from_the_peer_ends_the_call_without_answer),
		cmocka_unit_test(link_info_is_for_connected_calls_of_ours),
		cmocka_unit_test(refused_call_is_gone),
		cmocka_unit_test(disconnected_call_is_gone),
		cmocka_unit_test(stop_request_of_the_peer_ends_calls_without_a_word),
		cmocka_unit_test(our_stop_ends_each_call_and_then_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
