// SPDX-License-Identifier: GPL-2.0-or-later
/* The machines of a control connection, without a socket: each message in each state, and time. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "pptpctrl/pptp/ctrl_fsm.h"

#define SECOND 1000

static const struct ctrl_conn_settings settings = {
	.start_timeout_s = 10,
	.echo_interval_s = 60,
	.echo_timeout_s = 30,
	.stop_timeout_s = 5,
	.max_calls = 2,
	.host_name = "server",
	.vendor = "vendor",
};

static struct mono at_s(int seconds)
{
	return mono_add_ms((struct mono){.us = 1}, (int64_t)seconds * SECOND);
}

static const char *const notice_names[] = {
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
};

struct world {
	struct ctrl_fsm fsm;
	struct ctrl_actions actions; /* of the last event */
	char summary[512];           /* in words; protocol notices left out */
	char text[CTRL_TEXT_MAX];    /* of the last notice */
	struct ctrl_call *requested; /* the last one */
};

static void say(struct world *w, const char *word, int value)
{
	size_t used = strlen(w->summary);

	(void)snprintf(w->summary + used, sizeof(w->summary) - used, "%s%s", used ? " " : "", word);
	used = strlen(w->summary);
	if (value >= 0)
		(void)snprintf(w->summary + used, sizeof(w->summary) - used, ":%d", value);
}

static void perform(struct world *w, const struct ctrl_actions *actions);

static void end_calls(struct world *w, uint8_t result)
{
	struct ctrl_actions actions = {.count = 0};

	say(w, "end-calls", result);
	while (ctrl_calls_end_one(&w->fsm.calls, result, &actions)) {
		perform(w, &actions);
		actions.count = 0;
	}
}

static void perform(struct world *w, const struct ctrl_actions *actions)
{
	for (size_t i = 0; i < actions->count; i++) {
		const struct ctrl_action *action = &actions->item[i];

		switch (action->kind) {
		case CTRL_ACTION_SEND:
			say(w, "send", (int)action->message.type);
			break;
		case CTRL_ACTION_NOTICE:
			if (action->notice == CTRL_NOTICE_PROTOCOL)
				break;
			say(w, notice_names[action->notice], -1);
			(void)snprintf(w->text, sizeof(w->text), "%s", action->text);
			break;
		case CTRL_ACTION_END_CALLS:
			end_calls(w, action->disconnect_result);
			break;
		case CTRL_ACTION_CALL_REQUESTED:
			say(w, "requested", action->call->request.call_id);
			w->requested = action->call;
			break;
		case CTRL_ACTION_CALL_ENDED:
			say(w, "ended", action->call->request.call_id);
			ctrl_calls_free(action->call);
			break;
		case CTRL_ACTION_CALL_FREE:
			say(w, "free", action->call->request.call_id);
			ctrl_calls_free(action->call);
			break;
		case CTRL_ACTION_LINK_INFO:
			say(w, "link-info", action->call->request.call_id);
			break;
		}
	}
}

/* Empties what the last event left behind. */
static struct ctrl_actions *fresh(struct world *w)
{
	w->summary[0] = '\0';
	w->text[0] = '\0';
	w->actions.count = 0;
	return &w->actions;
}

/* The sent message of the last event that is the n-th. */
static const struct pptp_msg *sent(const struct world *w, size_t n)
{
	size_t i = 0;

	while (i < w->actions.count && (w->actions.item[i].kind != CTRL_ACTION_SEND || n-- > 0))
		i++;
	assert_true(i < w->actions.count);
	return &w->actions.item[i].message;
}

static void give(struct world *w, const struct pptp_msg *message, struct mono now)
{
	ctrl_fsm_message(&w->fsm, message, now, fresh(w));
	perform(w, &w->actions);
}

/* A plain message of each type; call messages are about the peer's call ID 7 or our 70. */
static struct pptp_msg make(enum pptp_msg_type type)
{
	struct pptp_msg message = {.type = type};

	switch (type) {
	case PPTP_START_REQUEST:
	case PPTP_START_REPLY:
		message.start.version = PPTP_VERSION;
		break;
	case PPTP_OUTGOING_CALL_REQUEST:
		message.outgoing_call_request.call_id = 7;
		break;
	case PPTP_INCOMING_CALL_REQUEST:
		message.incoming_call_request.call_id = 9;
		break;
	case PPTP_CALL_CLEAR_REQUEST:
		message.call_clear_request.call_id = 7;
		break;
	case PPTP_CALL_DISCONNECT_NOTIFY:
		message.call_disconnect_notify.call_id = 7;
		break;
	case PPTP_SET_LINK_INFO:
		message.set_link_info.peer_call_id = 70;
		break;
	default:
		break;
	}
	return message;
}

static void give_type(struct world *w, enum pptp_msg_type type)
{
	struct pptp_msg message = make(type);

	give(w, &message, at_s(0));
}

static void request_call(struct world *w, uint16_t peer_id)
{
	struct pptp_msg message = make(PPTP_OUTGOING_CALL_REQUEST);

	message.outgoing_call_request.call_id = peer_id;
	give(w, &message, at_s(0));
}

static void connect_call(struct world *w, uint16_t call_id)
{
	const struct pptp_outgoing_call_reply reply = {
		.call_id = call_id,
		.peer_call_id = w->requested->request.call_id,
		.result = PPTP_OUTGOING_CONNECTED,
	};

	ctrl_calls_connect(&w->fsm.calls, w->requested, &reply, fresh(w));
	perform(w, &w->actions);
}

static void stop(struct world *w, struct mono now)
{
	ctrl_fsm_stop(&w->fsm, PPTP_STOP_LOCAL_SHUTDOWN, now, fresh(w));
	perform(w, &w->actions);
}

static void tick(struct world *w, struct mono now)
{
	ctrl_fsm_tick(&w->fsm, now, fresh(w));
	perform(w, &w->actions);
}

static void begin_with(struct world *w, const struct ctrl_conn_settings *chosen,
		       enum ctrl_state state)
{
	*w = (struct world){0};
	ctrl_fsm_init(&w->fsm, NULL, chosen, at_s(0));
	if (state >= CTRL_ESTABLISHED)
		give_type(w, PPTP_START_REQUEST);
	if (state >= CTRL_WAIT_STOP_REPLY)
		stop(w, at_s(0));
	assert_int_equal(w->fsm.state, state);
}

static void begin(struct world *w, enum ctrl_state state)
{
	begin_with(w, &settings, state);
}

static void end(struct world *w)
{
	ctrl_fsm_done(&w->fsm);
}

static void assert_deadline(const struct world *w, int seconds)
{
	struct mono when;

	assert_true(ctrl_fsm_deadline(&w->fsm, &when));
	assert_int_equal(mono_diff_us(when, at_s(0)), (int64_t)seconds * 1000000);
}

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
		struct world w;

		assert_int_equal(rows[i].type, i + 1);
		begin(&w, state);
		give_type(&w, rows[i].type);
		if (strcmp(w.summary, rows[i].summary) != 0 || w.fsm.state != rows[i].next)
			fail_msg(
				"message type %zu: expected \"%s\" and state %d, got \"%s\" and %d",
				i + 1, rows[i].summary, (int)rows[i].next, w.summary,
				(int)w.fsm.state);
		end(&w);
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
	struct world w;
	const struct pptp_start *start;

	begin(&w, CTRL_WAIT_START);
	give_type(&w, PPTP_START_REQUEST);
	start = &sent(&w, 0)->start;
	assert_int_equal(start->version, 0x0100);
	assert_int_equal(start->result, 1);
	assert_int_equal(start->error, 0);
	assert_int_equal(start->framing, 3);
	assert_int_equal(start->bearer, 3);
	assert_int_equal(start->max_channels, 0);
	assert_int_equal(start->firmware, 1);
	assert_string_equal(start->host_name, "server");
	assert_string_equal(start->vendor, "vendor");
	end(&w);
}

static void start_notice_prints_names_of_the_peer_escaped(void **state UNUSED)
{
	struct pptp_msg message = make(PPTP_START_REQUEST);
	struct world w;

	(void)snprintf(message.start.host_name, sizeof(message.start.host_name), "pc\n\x1b[2J");
	begin(&w, CTRL_WAIT_START);
	give(&w, &message, at_s(0));
	assert_string_equal(w.text, "host name \"pc??[2J\", vendor \"\"");
	end(&w);
}

static void other_version_is_refused_with_result_5(void **state UNUSED)
{
	static const uint16_t versions[] = {0x0000, 0x0001, 0x0101, 0x0200};

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct pptp_msg message = make(PPTP_START_REQUEST);
		struct world w;

		message.start.version = versions[i];
		begin(&w, CTRL_WAIT_START);
		give(&w, &message, at_s(0));
		assert_string_equal(w.summary, "send:2 bad-version");
		assert_int_equal(sent(&w, 0)->start.result, 5);
		assert_int_equal(sent(&w, 0)->start.version, 0x0100);
		assert_int_equal(w.fsm.state, CTRL_FLUSHING);
		end(&w);
	}
}

static void second_start_request_is_refused_with_result_3(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	give_type(&w, PPTP_START_REQUEST);
	assert_int_equal(sent(&w, 0)->start.result, 3);
	assert_int_equal(w.fsm.calls.count, 1);
	end(&w);
}

static void wrong_first_message_is_named(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_WAIT_START);
	give_type(&w, PPTP_OUTGOING_CALL_REQUEST);
	assert_string_equal(w.text, "message type 7 (Outgoing-Call-Request) before "
				    "Start-Control-Connection-Request");
	end(&w);
}

static void unknown_message_is_skipped_but_not_as_the_first(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	ctrl_fsm_unknown(&w.fsm, "unknown", at_s(5), fresh(&w));
	perform(&w, &w.actions);
	assert_string_equal(w.summary, "unknown-type");
	assert_int_equal(w.fsm.state, CTRL_ESTABLISHED);
	assert_deadline(&w, 65);
	end(&w);

	begin(&w, CTRL_WAIT_START);
	ctrl_fsm_unknown(&w.fsm, "unknown", at_s(5), fresh(&w));
	perform(&w, &w.actions);
	assert_string_equal(w.summary, "bad-first");
	assert_int_equal(w.fsm.state, CTRL_CLOSED);
	end(&w);
}

static void echo_reply_has_the_request_s_identifier(void **state UNUSED)
{
	struct pptp_msg message = make(PPTP_ECHO_REQUEST);
	struct world w;

	message.echo_request.identifier = 0xfedcba98;
	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	give(&w, &message, at_s(0));
	assert_int_equal(sent(&w, 0)->echo_reply.identifier, 0xfedcba98);
	assert_int_equal(sent(&w, 0)->echo_reply.result, 1);
	end(&w);
}

static void incoming_call_is_refused_with_its_call_id(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	give_type(&w, PPTP_INCOMING_CALL_REQUEST);
	assert_int_equal(sent(&w, 0)->incoming_call_reply.peer_call_id, 9);
	assert_int_equal(sent(&w, 0)->incoming_call_reply.call_id, 0);
	assert_int_equal(sent(&w, 0)->incoming_call_reply.result, 3);
	end(&w);
}

static void wan_error_s_counters_are_told(void **state UNUSED)
{
	struct pptp_msg message = make(PPTP_WAN_ERROR_NOTIFY);
	struct world w;

	message.wan_error_notify = (struct pptp_wan_error_notify){8, 1, 2, 3, 4, 5, 6};
	begin(&w, CTRL_ESTABLISHED);
	give(&w, &message, at_s(0));
	assert_string_equal(w.text, "WAN-Error-Notify, call ID 8: CRC 1, framing 2, hardware "
				    "overruns 3, buffer overruns 4, time-outs 5, alignment 6");
	end(&w);
}

static void connected_call_has_both_call_ids_in_the_reply(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	connect_call(&w, 70);
	assert_string_equal(w.summary, "send:8");
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.call_id, 70);
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.peer_call_id, 7);
	assert_int_equal(w.requested->call_id, 70);
	end(&w);
}

static void call_id_in_use_is_refused_as_bad_call_id(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	request_call(&w, 7);
	assert_string_equal(w.summary, "send:8 call-refused");
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.result, 2);
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.error, 5);
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.peer_call_id, 7);
	assert_int_equal(w.fsm.calls.count, 1);
	end(&w);
}

static void call_id_may_be_used_again_after_its_call(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	give_type(&w, PPTP_CALL_CLEAR_REQUEST);
	request_call(&w, 7);
	assert_string_equal(w.summary, "requested:7");
	end(&w);
}

static void more_calls_than_allowed_are_busy(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 1);
	request_call(&w, 2);
	request_call(&w, 3);
	assert_string_equal(w.summary, "send:8 call-refused");
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.result, 4);
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.error, 0);
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.peer_call_id, 3);
	assert_int_equal(w.fsm.calls.count, 2);
	end(&w);
}

static void cleared_call_gets_a_disconnect_with_our_call_id(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	connect_call(&w, 70);
	give_type(&w, PPTP_CALL_CLEAR_REQUEST);
	assert_string_equal(w.summary, "send:13 ended:7");
	assert_int_equal(sent(&w, 0)->call_disconnect_notify.call_id, 70);
	assert_int_equal(sent(&w, 0)->call_disconnect_notify.result, 4);
	assert_int_equal(w.fsm.state, CTRL_ESTABLISHED);
	assert_int_equal(w.fsm.calls.count, 0);
	end(&w);
}

static void call_cleared_before_its_answer_gets_a_disconnect_and_no_reply(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	give_type(&w, PPTP_CALL_CLEAR_REQUEST);
	assert_string_equal(w.summary, "send:13 ended:7");
	assert_int_equal(sent(&w, 0)->call_disconnect_notify.call_id, 0);
	assert_int_equal(w.fsm.calls.count, 0);
	end(&w);
}

static void clear_request_means_the_peer_s_call_id(void **state UNUSED)
{
	struct pptp_msg message = make(PPTP_CALL_CLEAR_REQUEST);
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	connect_call(&w, 70);
	message.call_clear_request.call_id = 70;
	give(&w, &message, at_s(0));
	assert_string_equal(w.summary, "unexpected");
	assert_int_equal(w.fsm.calls.count, 1);
	end(&w);
}

static void disconnect_from_the_peer_ends_the_call_without_answer(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	connect_call(&w, 70);
	give_type(&w, PPTP_CALL_DISCONNECT_NOTIFY);
	assert_string_equal(w.summary, "ended:7");
	assert_int_equal(w.fsm.state, CTRL_ESTABLISHED);
	end(&w);
}

static void link_info_is_for_connected_calls_of_ours(void **state UNUSED)
{
	struct pptp_msg message = make(PPTP_SET_LINK_INFO);
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	message.set_link_info.peer_call_id = 0;
	give(&w, &message, at_s(0));
	assert_string_equal(w.summary, "unexpected");
	connect_call(&w, 70);
	message.set_link_info.peer_call_id = 7;
	give(&w, &message, at_s(0));
	assert_string_equal(w.summary, "unexpected");
	message.set_link_info.peer_call_id = 70;
	give(&w, &message, at_s(0));
	assert_string_equal(w.summary, "link-info:7");
	end(&w);
}

static void refused_call_is_gone(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	ctrl_calls_refuse(&w.fsm.calls, w.requested, PPTP_OUTGOING_GENERAL_ERROR,
			  PPTP_ERROR_NO_RESOURCE, fresh(&w));
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.result, 2);
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.error, 4);
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.peer_call_id, 7);
	assert_int_equal(sent(&w, 0)->outgoing_call_reply.call_id, 0);
	perform(&w, &w.actions);
	assert_string_equal(w.summary, "send:8 free:7");
	assert_int_equal(w.fsm.calls.count, 0);
	end(&w);
}

static void disconnected_call_is_gone(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	connect_call(&w, 70);
	ctrl_calls_disconnect(&w.fsm.calls, w.requested, PPTP_DISCONNECT_LOST_CARRIER,
			      PPTP_ERROR_NONE, fresh(&w));
	assert_int_equal(sent(&w, 0)->call_disconnect_notify.call_id, 70);
	assert_int_equal(sent(&w, 0)->call_disconnect_notify.result, 1);
	perform(&w, &w.actions);
	assert_string_equal(w.summary, "send:13 free:7");
	assert_int_equal(w.fsm.calls.count, 0);
	end(&w);
}

static void stop_request_of_the_peer_ends_calls_without_a_word(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	connect_call(&w, 70);
	request_call(&w, 8);
	give_type(&w, PPTP_STOP_REQUEST);
	assert_string_equal(w.summary, "send:4 stopped end-calls:0 ended:7 ended:8");
	assert_int_equal(sent(&w, 0)->stop_reply.result, 1);
	end(&w);
}

static void our_stop_ends_each_call_and_then_asks(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	connect_call(&w, 70);
	request_call(&w, 8);
	stop(&w, at_s(100));
	assert_string_equal(w.summary, "end-calls:3 send:13 ended:7 send:8 ended:8 send:3");
	assert_int_equal(sent(&w, 0)->stop_request.reason, PPTP_STOP_LOCAL_SHUTDOWN);
	assert_int_equal(w.fsm.state, CTRL_WAIT_STOP_REPLY);
	stop(&w, at_s(101));
	assert_string_equal(w.summary, "");
	assert_deadline(&w, 105);
	tick(&w, at_s(105));
	assert_string_equal(w.summary, "stop-timeout");
	assert_int_equal(w.fsm.state, CTRL_CLOSED);
	end(&w);
}

static void stop_before_the_start_closes_without_a_word(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_WAIT_START);
	stop(&w, at_s(0));
	assert_string_equal(w.summary, "");
	assert_int_equal(w.fsm.state, CTRL_CLOSED);
	end(&w);
}

static void last_reply_is_waited_for_but_not_forever(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	give_type(&w, PPTP_STOP_REQUEST);
	assert_int_equal(w.fsm.state, CTRL_FLUSHING);
	assert_false(ctrl_fsm_takes_messages(&w.fsm));
	assert_deadline(&w, 5);
	tick(&w, at_s(5));
	assert_string_equal(w.summary, "");
	assert_int_equal(w.fsm.state, CTRL_CLOSED);
	end(&w);

	begin(&w, CTRL_ESTABLISHED);
	give_type(&w, PPTP_STOP_REQUEST);
	ctrl_fsm_flushed(&w.fsm, at_s(0), fresh(&w));
	assert_int_equal(w.fsm.state, CTRL_CLOSED);
	end(&w);
}

static void flushed_queue_means_nothing_before_the_end(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_WAIT_STOP_REPLY);
	ctrl_fsm_flushed(&w.fsm, at_s(0), fresh(&w));
	assert_int_equal(w.fsm.state, CTRL_WAIT_STOP_REPLY);
	end(&w);
}

static void failure_is_told_once(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	ctrl_fsm_fail(&w.fsm, CTRL_NOTICE_BAD_MAGIC, "magic", at_s(0), fresh(&w));
	perform(&w, &w.actions);
	assert_string_equal(w.summary, "bad-magic");
	assert_int_equal(w.fsm.state, CTRL_CLOSED);
	ctrl_fsm_fail(&w.fsm, CTRL_NOTICE_WRITE_ERROR, "again", at_s(0), fresh(&w));
	perform(&w, &w.actions);
	assert_string_equal(w.summary, "");
	end(&w);
}

static void end_of_stream_ends_calls_and_still_flushes(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	ctrl_fsm_fail(&w.fsm, CTRL_NOTICE_PEER_CLOSED, "end", at_s(0), fresh(&w));
	perform(&w, &w.actions);
	assert_string_equal(w.summary, "peer-closed end-calls:0 ended:7");
	assert_int_equal(w.fsm.state, CTRL_FLUSHING);
	ctrl_fsm_fail(&w.fsm, CTRL_NOTICE_WRITE_ERROR, "gone", at_s(0), fresh(&w));
	perform(&w, &w.actions);
	assert_string_equal(w.summary, "");
	assert_int_equal(w.fsm.state, CTRL_CLOSED);
	end(&w);
}

static void mute_client_is_closed_after_the_start_timeout(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_WAIT_START);
	assert_deadline(&w, 10);
	tick(&w, at_s(9));
	assert_string_equal(w.summary, "");
	tick(&w, at_s(10));
	assert_string_equal(w.summary, "start-timeout");
	assert_int_equal(w.fsm.state, CTRL_CLOSED);
	end(&w);
}

static void echo_is_sent_after_silence_and_its_reply_ends_the_wait(void **state UNUSED)
{
	struct pptp_msg reply = make(PPTP_ECHO_REPLY);
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	assert_deadline(&w, 60);
	tick(&w, at_s(59));
	assert_string_equal(w.summary, "");
	tick(&w, at_s(60));
	assert_string_equal(w.summary, "send:5");
	reply.echo_reply.identifier = sent(&w, 0)->echo_request.identifier;
	assert_deadline(&w, 90);
	give(&w, &reply, at_s(70));
	assert_string_equal(w.summary, "");
	assert_deadline(&w, 130);
	end(&w);
}

static void each_message_puts_the_echo_off(void **state UNUSED)
{
	struct pptp_msg message = make(PPTP_ECHO_REQUEST);
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	give(&w, &message, at_s(50));
	assert_deadline(&w, 110);
	tick(&w, at_s(110));
	assert_deadline(&w, 140);
	give(&w, &message, at_s(120));
	assert_deadline(&w, 180);
	end(&w);
}

static void peer_without_echo_reply_is_lost(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	request_call(&w, 7);
	connect_call(&w, 70);
	tick(&w, at_s(60));
	tick(&w, at_s(89));
	assert_string_equal(w.summary, "");
	tick(&w, at_s(90));
	assert_string_equal(w.summary, "echo-timeout end-calls:1 send:13 ended:7 send:3");
	assert_int_equal(w.fsm.state, CTRL_FLUSHING);
	end(&w);
}

static void wrong_echo_reply_is_told_but_shows_life(void **state UNUSED)
{
	struct pptp_msg reply = make(PPTP_ECHO_REPLY);
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	tick(&w, at_s(60));
	reply.echo_reply.identifier = sent(&w, 0)->echo_request.identifier + 1;
	give(&w, &reply, at_s(61));
	assert_string_equal(w.summary, "unexpected");
	assert_string_equal(w.text, "expected Echo-Reply 1, got 2");
	assert_deadline(&w, 121);
	reply.echo_reply.identifier = 1;
	give(&w, &reply, at_s(62));
	assert_string_equal(w.summary, "");
	give(&w, &reply, at_s(63));
	assert_string_equal(w.text, "Echo-Reply 1 without an Echo-Request");
	end(&w);
}

static void other_signs_of_life_put_off_the_loss_but_not_the_echo(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	ctrl_alive_sign(&w.fsm.alive, at_s(59));
	assert_deadline(&w, 60);
	tick(&w, at_s(60));
	assert_string_equal(w.summary, "send:5");
	ctrl_alive_sign(&w.fsm.alive, at_s(89));
	assert_deadline(&w, 119);
	ctrl_alive_sign(&w.fsm.alive, at_s(118));
	assert_deadline(&w, 120);
	tick(&w, at_s(120));
	assert_string_equal(w.summary, "send:5");
	assert_deadline(&w, 148);
	tick(&w, at_s(148));
	assert_string_equal(w.summary, "echo-timeout end-calls:1 send:3");
	end(&w);
}

static void repeated_echo_does_not_put_off_the_loss(void **state UNUSED)
{
	struct ctrl_conn_settings eager = settings;
	struct pptp_msg reply = make(PPTP_ECHO_REPLY);
	struct world w;

	eager.echo_interval_s = 20;
	begin_with(&w, &eager, CTRL_ESTABLISHED);
	tick(&w, at_s(20));
	tick(&w, at_s(40));
	assert_string_equal(w.summary, "send:5");
	assert_deadline(&w, 50);
	reply.echo_reply.identifier = 1;
	give(&w, &reply, at_s(45));
	assert_string_equal(w.summary, "");
	reply.echo_reply.identifier = 2;
	give(&w, &reply, at_s(46));
	assert_string_equal(w.summary, "");
	end(&w);
}

static void echo_can_be_switched_off(void **state UNUSED)
{
	struct ctrl_conn_settings chosen = settings;
	struct mono when;
	struct world w;

	chosen.echo_interval_s = 0;
	begin_with(&w, &chosen, CTRL_ESTABLISHED);
	assert_false(ctrl_fsm_deadline(&w.fsm, &when));
	end(&w);

	chosen = settings;
	chosen.echo_timeout_s = 0;
	begin_with(&w, &chosen, CTRL_ESTABLISHED);
	tick(&w, at_s(60));
	assert_deadline(&w, 120);
	tick(&w, at_s(120));
	assert_string_equal(w.summary, "send:5");
	end(&w);
}

static void late_tick_asks_before_it_gives_up(void **state UNUSED)
{
	struct world w;

	begin(&w, CTRL_ESTABLISHED);
	tick(&w, at_s(100000));
	assert_string_equal(w.summary, "send:5");
	assert_deadline(&w, 100030);
	end(&w);
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
		cmocka_unit_test(stop_before_the_start_closes_without_a_word),
		cmocka_unit_test(last_reply_is_waited_for_but_not_forever),
		cmocka_unit_test(flushed_queue_means_nothing_before_the_end),
		cmocka_unit_test(failure_is_told_once),
		cmocka_unit_test(end_of_stream_ends_calls_and_still_flushes),
		cmocka_unit_test(mute_client_is_closed_after_the_start_timeout),
		cmocka_unit_test(echo_is_sent_after_silence_and_its_reply_ends_the_wait),
		cmocka_unit_test(each_message_puts_the_echo_off),
		cmocka_unit_test(peer_without_echo_reply_is_lost),
		cmocka_unit_test(wrong_echo_reply_is_told_but_shows_life),
		cmocka_unit_test(other_signs_of_life_put_off_the_loss_but_not_the_echo),
		cmocka_unit_test(repeated_echo_does_not_put_off_the_loss),
		cmocka_unit_test(echo_can_be_switched_off),
		cmocka_unit_test(late_tick_asks_before_it_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
