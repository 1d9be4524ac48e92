// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine of a control connection: each message in each state, and how it ends. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/ctrl_machine.h"

struct row {
	enum pptp_msg_type type;
	const char *summary;
	enum ctrl_state next;
};

/* Gives each row's message to a machine of its own that is in `state`. */
static void check_rows(enum ctrl_state state, const struct row *rows, size_t count)
{
	assert_int_equal(count, PPTP_SET_LINK_INFO);
	for (size_t i = 0; i < count; i++) {
		struct machine m;

		assert_int_equal(rows[i].type, i + 1);
		machine_begin(&m, state);
		machine_give_type(&m, rows[i].type);
		if (strcmp(m.summary, rows[i].summary) != 0 || m.fsm.state != rows[i].next)
			fail_msg(
				"message type %zu: expected \"%s\" and state %d, got \"%s\" and %d",
				i + 1, rows[i].summary, (int)rows[i].next, m.summary,
				(int)m.fsm.state);
		machine_end(&m);
	}
}

static void before_the_start_only_a_start_request_is_legal(void **state UNUSED)
{
	static const struct row rows[] = {
		{PPTP_START_REQUEST, "send:2 start", CTRL_ESTABLISHED},
		{PPTP_START_REPLY, "bad-first", CTRL_CLOSED},
		{PPTP_STOP_REQUEST, "bad-first", CTRL_CLOSED},
		{PPTP_STOP_REPLY, "bad-first", CTRL_CLOSED},
		{PPTP_ECHO_REQUEST, "bad-first", CTRL_CLOSED},
		{PPTP_ECHO_REPLY, "bad-first", CTRL_CLOSED},
		{PPTP_OUTGOING_CALL_REQUEST, "bad-first", CTRL_CLOSED},
		{PPTP_OUTGOING_CALL_REPLY, "bad-first", CTRL_CLOSED},
		{PPTP_INCOMING_CALL_REQUEST, "bad-first", CTRL_CLOSED},
		{PPTP_INCOMING_CALL_REPLY, "bad-first", CTRL_CLOSED},
		{PPTP_INCOMING_CALL_CONNECTED, "bad-first", CTRL_CLOSED},
		{PPTP_CALL_CLEAR_REQUEST, "bad-first", CTRL_CLOSED},
		{PPTP_CALL_DISCONNECT_NOTIFY, "bad-first", CTRL_CLOSED},
		{PPTP_WAN_ERROR_NOTIFY, "bad-first", CTRL_CLOSED},
		{PPTP_SET_LINK_INFO, "bad-first", CTRL_CLOSED},
	};

	check_rows(CTRL_WAIT_START, rows, ARRAY_SIZE(rows));
}

static void every_message_has_its_answer_when_established(void **state UNUSED)
{
	static const struct row rows[] = {
		{PPTP_START_REQUEST, "send:2 unexpected", CTRL_ESTABLISHED},
		{PPTP_START_REPLY, "unexpected", CTRL_ESTABLISHED},
		{PPTP_STOP_REQUEST, "send:4 stopped end-calls:0", CTRL_FLUSHING},
		{PPTP_STOP_REPLY, "unexpected", CTRL_ESTABLISHED},
		{PPTP_ECHO_REQUEST, "send:6", CTRL_ESTABLISHED},
		{PPTP_ECHO_REPLY, "unexpected", CTRL_ESTABLISHED},
		{PPTP_OUTGOING_CALL_REQUEST, "requested:7", CTRL_ESTABLISHED},
		{PPTP_OUTGOING_CALL_REPLY, "unexpected", CTRL_ESTABLISHED},
		{PPTP_INCOMING_CALL_REQUEST, "send:10 not-supported", CTRL_ESTABLISHED},
		{PPTP_INCOMING_CALL_REPLY, "unexpected", CTRL_ESTABLISHED},
		{PPTP_INCOMING_CALL_CONNECTED, "unexpected", CTRL_ESTABLISHED},
		{PPTP_CALL_CLEAR_REQUEST, "unexpected", CTRL_ESTABLISHED},
		{PPTP_CALL_DISCONNECT_NOTIFY, "unexpected", CTRL_ESTABLISHED},
		{PPTP_WAN_ERROR_NOTIFY, "wan-error", CTRL_ESTABLISHED},
		{PPTP_SET_LINK_INFO, "unexpected", CTRL_ESTABLISHED},
	};

	check_rows(CTRL_ESTABLISHED, rows, ARRAY_SIZE(rows));
}

static void after_our_stop_request_calls_are_of_no_interest(void **state UNUSED)
{
	static const struct row rows[] = {
		{PPTP_START_REQUEST, "unexpected", CTRL_WAIT_STOP_REPLY},
		{PPTP_START_REPLY, "unexpected", CTRL_WAIT_STOP_REPLY},
		{PPTP_STOP_REQUEST, "send:4 stopped end-calls:0", CTRL_FLUSHING},
		{PPTP_STOP_REPLY, "stopped", CTRL_CLOSED},
		{PPTP_ECHO_REQUEST, "send:6", CTRL_WAIT_STOP_REPLY},
		{PPTP_ECHO_REPLY, "", CTRL_WAIT_STOP_REPLY},
		{PPTP_OUTGOING_CALL_REQUEST, "", CTRL_WAIT_STOP_REPLY},
		{PPTP_OUTGOING_CALL_REPLY, "unexpected", CTRL_WAIT_STOP_REPLY},
		{PPTP_INCOMING_CALL_REQUEST, "", CTRL_WAIT_STOP_REPLY},
		{PPTP_INCOMING_CALL_REPLY, "unexpected", CTRL_WAIT_STOP_REPLY},
		{PPTP_INCOMING_CALL_CONNECTED, "unexpected", CTRL_WAIT_STOP_REPLY},
		{PPTP_CALL_CLEAR_REQUEST, "", CTRL_WAIT_STOP_REPLY},
		{PPTP_CALL_DISCONNECT_NOTIFY, "", CTRL_WAIT_STOP_REPLY},
		{PPTP_WAN_ERROR_NOTIFY, "", CTRL_WAIT_STOP_REPLY},
		{PPTP_SET_LINK_INFO, "", CTRL_WAIT_STOP_REPLY},
	};

	check_rows(CTRL_WAIT_STOP_REPLY, rows, ARRAY_SIZE(rows));
}

static void start_reply_says_who_we_are(void **state UNUSED)
{
	struct machine m;
	const struct pptp_start *start;

	machine_begin(&m, CTRL_WAIT_START);
	machine_give_type(&m, PPTP_START_REQUEST);
	start = &machine_sent(&m, 0)->start;
	assert_int_equal(start->version, 0x0100);
	assert_int_equal(start->result, 1);
	assert_int_equal(start->error, 0);
	assert_int_equal(start->framing, 3);
	assert_int_equal(start->bearer, 3);
	assert_int_equal(start->max_channels, 0);
	assert_int_equal(start->firmware, 1);
	assert_string_equal(start->host_name, "server");
	assert_string_equal(start->vendor, "vendor");
	machine_end(&m);
}

static void start_notice_prints_names_of_the_peer_escaped(void **state UNUSED)
{
	struct pptp_msg message = machine_message(PPTP_START_REQUEST);
	struct machine m;

	(void)snprintf(message.start.host_name, sizeof(message.start.host_name), "pc\n\x1b[2J");
	machine_begin(&m, CTRL_WAIT_START);
	machine_give(&m, &message, machine_time(0));
	assert_string_equal(m.text, "host name \"pc??[2J\", vendor \"\"");
	machine_end(&m);
}

static void other_version_is_refused_with_result_5(void **state UNUSED)
{
	static const uint16_t versions[] = {0x0000, 0x0001, 0x0101, 0x0200};

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct pptp_msg message = machine_message(PPTP_START_REQUEST);
		struct machine m;

		message.start.version = versions[i];
		machine_begin(&m, CTRL_WAIT_START);
		machine_give(&m, &message, machine_time(0));
		assert_string_equal(m.summary, "send:2 bad-version");
		assert_int_equal(machine_sent(&m, 0)->start.result, 5);
		assert_int_equal(machine_sent(&m, 0)->start.version, 0x0100);
		assert_int_equal(m.fsm.state, CTRL_FLUSHING);
		machine_end(&m);
	}
}

static void second_start_request_is_refused_with_result_3(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_give_type(&m, PPTP_START_REQUEST);
	assert_int_equal(machine_sent(&m, 0)->start.result, 3);
	assert_int_equal(m.fsm.calls.count, 1);
	machine_end(&m);
}

static void wrong_first_message_is_named(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_WAIT_START);
	machine_give_type(&m, PPTP_OUTGOING_CALL_REQUEST);
	assert_string_equal(m.text, "message type 7 (Outgoing-Call-Request) before "
				    "Start-Control-Connection-Request");
	machine_end(&m);
}

static void unknown_message_is_skipped_but_not_as_the_first(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	ctrl_fsm_unknown(&m.fsm, "unknown", machine_time(5), machine_fresh(&m));
	machine_perform(&m, &m.actions);
	assert_string_equal(m.summary, "unknown-type");
	assert_int_equal(m.fsm.state, CTRL_ESTABLISHED);
	machine_assert_deadline(&m, 65);
	machine_end(&m);

	machine_begin(&m, CTRL_WAIT_START);
	ctrl_fsm_unknown(&m.fsm, "unknown", machine_time(5), machine_fresh(&m));
	machine_perform(&m, &m.actions);
	assert_string_equal(m.summary, "bad-first");
	assert_int_equal(m.fsm.state, CTRL_CLOSED);
	machine_end(&m);
}

static void echo_reply_has_the_request_s_identifier(void **state UNUSED)
{
	struct pptp_msg message = machine_message(PPTP_ECHO_REQUEST);
	struct machine m;

	message.echo_request.identifier = 0xfedcba98;
	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	machine_give(&m, &message, machine_time(0));
	assert_int_equal(machine_sent(&m, 0)->echo_reply.identifier, 0xfedcba98);
	assert_int_equal(machine_sent(&m, 0)->echo_reply.result, 1);
	machine_end(&m);
}

static void incoming_call_is_refused_with_its_call_id(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_give_type(&m, PPTP_INCOMING_CALL_REQUEST);
	assert_int_equal(machine_sent(&m, 0)->incoming_call_reply.peer_call_id, 9);
	assert_int_equal(machine_sent(&m, 0)->incoming_call_reply.call_id, 0);
	assert_int_equal(machine_sent(&m, 0)->incoming_call_reply.result, 3);
	machine_end(&m);
}

static void wan_error_s_counters_are_told(void **state UNUSED)
{
	struct pptp_msg message = machine_message(PPTP_WAN_ERROR_NOTIFY);
	struct machine m;

	message.wan_error_notify = (struct pptp_wan_error_notify){8, 1, 2, 3, 4, 5, 6};
	machine_begin(&m, CTRL_ESTABLISHED);
	machine_give(&m, &message, machine_time(0));
	assert_string_equal(m.text, "WAN-Error-Notify, call ID 8: CRC 1, framing 2, hardware "
				    "overruns 3, buffer overruns 4, time-outs 5, alignment 6");
	machine_end(&m);
}

static void stop_before_the_start_closes_without_a_word(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_WAIT_START);
	machine_stop(&m, machine_time(0));
	assert_string_equal(m.summary, "");
	assert_int_equal(m.fsm.state, CTRL_CLOSED);
	machine_end(&m);
}

static void last_reply_is_waited_for_but_not_forever(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_give_type(&m, PPTP_STOP_REQUEST);
	assert_int_equal(m.fsm.state, CTRL_FLUSHING);
	assert_false(ctrl_fsm_takes_messages(&m.fsm));
	machine_assert_deadline(&m, 5);
	machine_tick(&m, machine_time(5));
	assert_string_equal(m.summary, "");
	assert_int_equal(m.fsm.state, CTRL_CLOSED);
	machine_end(&m);

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_give_type(&m, PPTP_STOP_REQUEST);
	ctrl_fsm_flushed(&m.fsm, machine_time(0), machine_fresh(&m));
	assert_int_equal(m.fsm.state, CTRL_CLOSED);
	machine_end(&m);
}

static void flushed_queue_means_nothing_before_the_end(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_WAIT_STOP_REPLY);
	ctrl_fsm_flushed(&m.fsm, machine_time(0), machine_fresh(&m));
	assert_int_equal(m.fsm.state, CTRL_WAIT_STOP_REPLY);
	machine_end(&m);
}

static void failure_is_told_once(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	ctrl_fsm_fail(&m.fsm, CTRL_NOTICE_BAD_MAGIC, "magic", machine_time(0), machine_fresh(&m));
	machine_perform(&m, &m.actions);
	assert_string_equal(m.summary, "bad-magic");
	assert_int_equal(m.fsm.state, CTRL_CLOSED);
	ctrl_fsm_fail(&m.fsm, CTRL_NOTICE_WRITE_ERROR, "again", machine_time(0), machine_fresh(&m));
	machine_perform(&m, &m.actions);
	assert_string_equal(m.summary, "");
	machine_end(&m);
}

static void end_of_stream_ends_calls_and_still_flushes(void **state UNUSED)
{
	struct machine m;

	machine_begin(&m, CTRL_ESTABLISHED);
	machine_request_call(&m, 7);
	ctrl_fsm_fail(&m.fsm, CTRL_NOTICE_PEER_CLOSED, "end", machine_time(0), machine_fresh(&m));
	machine_perform(&m, &m.actions);
	assert_string_equal(m.summary, "peer-closed end-calls:0 ended:7");
	assert_int_equal(m.fsm.state, CTRL_FLUSHING);
	ctrl_fsm_fail(&m.fsm, CTRL_NOTICE_WRITE_ERROR, "gone", machine_time(0), machine_fresh(&m));
	machine_perform(&m, &m.actions);
	assert_string_equal(m.summary, "");
	assert_int_equal(m.fsm.state, CTRL_CLOSED);
	machine_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_the_start_only_a_start_request_is_legal),
		cmocka_unit_test(every_message_has_its_answer_when_established),
		cmocka_unit_test(after_our_stop_request_calls_are_of_no_interest),
		cmocka_unit_test(start_reply_says_who_we_are),
		cmocka_unit_test(start_notice_prints_names_of_the_peer_escaped),
		cmocka_unit_test(other_version_is_refused_with_result_5),
		cmocka_unit_test(second_start_request_is_refused_with_result_3),
		cmocka_unit_test(wrong_first_message_is_named),
		cmocka_unit_test(unknown_message_is_skipped_but_not_as_the_first),
		cmocka_unit_test(echo_reply_has_the_request_s_identifier),
		cmocka_unit_test(incoming_call_is_refused_with_its_call_id),
		cmocka_unit_test(wan_error_s_counters_are_told),
		cmocka_unit_test(stop_before_the_start_closes_without_a_word),
		cmocka_unit_test(last_reply_is_waited_for_but_not_forever),
		cmocka_unit_test(flushed_queue_means_nothing_before_the_end),
		cmocka_unit_test(failure_is_told_once),
		cmocka_unit_test(end_of_stream_ends_calls_and_still_flushes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
