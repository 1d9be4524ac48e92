// SPDX-License-Identifier: GPL-2.0-or-later
/* A control connection's machines without a socket; see the header. */
#include "tests/unit/ctrl_machine.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/ctrl_words.h"

const struct ctrl_conn_settings machine_settings = {
	.start_timeout_s = 10,
	.echo_interval_s = 60,
	.echo_timeout_s = 30,
	.stop_timeout_s = 5,
	.max_calls = 2,
	.host_name = "server",
	.vendor = "vendor",
};

struct mono machine_time(int seconds)
{
	return mono_add_ms((struct mono){.us = 1}, (int64_t)seconds * 1000);
}

static void say(struct machine *m, const char *word, int value)
{
	size_t used = strlen(m->summary);

	(void)snprintf(m->summary + used, sizeof(m->summary) - used, "%s%s", used ? " " : "", word);
	used = strlen(m->summary);
	if (value >= 0)
		(void)snprintf(m->summary + used, sizeof(m->summary) - used, ":%d", value);
}

static void end_calls(struct machine *m, uint8_t result)
{
	struct ctrl_actions actions = {.count = 0};

	say(m, "end-calls", result);
	while (ctrl_calls_end_one(&m->fsm.calls, result, &actions)) {
		machine_perform(m, &actions);
		actions.count = 0;
	}
}

void machine_perform(struct machine *m, const struct ctrl_actions *actions)
{
	for (size_t i = 0; i < actions->count; i++) {
		const struct ctrl_action *action = &actions->item[i];

		switch (action->kind) {
		case CTRL_ACTION_SEND:
			say(m, "send", (int)action->message.type);
			break;
		case CTRL_ACTION_NOTICE:
			if (action->notice == CTRL_NOTICE_PROTOCOL)
				break;
			say(m, ctrl_words[action->notice], -1);
			(void)snprintf(m->text, sizeof(m->text), "%s", action->text);
			break;
		case CTRL_ACTION_END_CALLS:
			end_calls(m, action->disconnect_result);
			break;
		case CTRL_ACTION_CALL_REQUESTED:
			say(m, "requested", action->call->request.call_id);
			m->requested = action->call;
			break;
		case CTRL_ACTION_CALL_ENDED:
			say(m, "ended", action->call->request.call_id);
			ctrl_calls_free(action->call);
			break;
		case CTRL_ACTION_CALL_FREE:
			say(m, "free", action->call->request.call_id);
			ctrl_calls_free(action->call);
			break;
		case CTRL_ACTION_MUTE:
			say(m, "mute", -1);
			break;
		case CTRL_ACTION_LINK_INFO:
			say(m, "link-info", action->call->request.call_id);
			break;
		}
	}
}

struct ctrl_actions *machine_fresh(struct machine *m)
{
	m->summary[0] = '\0';
	m->text[0] = '\0';
	m->actions.count = 0;
	return &m->actions;
}

const struct pptp_msg *machine_sent(const struct machine *m, size_t n)
{
	size_t i = 0;

	while (i < m->actions.count && (m->actions.item[i].kind != CTRL_ACTION_SEND || n-- > 0))
		i++;
	assert_true(i < m->actions.count);
	return &m->actions.item[i].message;
}

void machine_give(struct machine *m, const struct pptp_msg *message, struct mono now)
{
	ctrl_fsm_message(&m->fsm, message, now, machine_fresh(m));
	machine_perform(m, &m->actions);
}

struct pptp_msg machine_message(enum pptp_msg_type type)
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

void machine_give_type(struct machine *m, enum pptp_msg_type type)
{
	struct pptp_msg message = machine_message(type);

	machine_give(m, &message, machine_time(0));
}

void machine_request_call(struct machine *m, uint16_t peer_id)
{
	struct pptp_msg message = machine_message(PPTP_OUTGOING_CALL_REQUEST);

	message.outgoing_call_request.call_id = peer_id;
	machine_give(m, &message, machine_time(0));
}

void machine_connect_call(struct machine *m, uint16_t call_id)
{
	const struct pptp_outgoing_call_reply reply = {
		.call_id = call_id,
		.peer_call_id = m->requested->request.call_id,
		.result = PPTP_OUTGOING_CONNECTED,
	};

	ctrl_calls_connect(&m->fsm.calls, m->requested, &reply, machine_fresh(m));
	machine_perform(m, &m->actions);
}

void machine_stop(struct machine *m, struct mono now)
{
	ctrl_fsm_stop(&m->fsm, PPTP_STOP_LOCAL_SHUTDOWN, now, machine_fresh(m));
	machine_perform(m, &m->actions);
}

void machine_tick(struct machine *m, struct mono now)
{
	ctrl_fsm_tick(&m->fsm, now, machine_fresh(m));
	machine_perform(m, &m->actions);
}

void machine_begin_with(struct machine *m, const struct ctrl_conn_settings *chosen,
			enum ctrl_state state)
{
	*m = (struct machine){0};
	ctrl_fsm_init(&m->fsm, NULL, chosen, machine_time(0));
	if (state >= CTRL_ESTABLISHED)
		machine_give_type(m, PPTP_START_REQUEST);
	if (state >= CTRL_WAIT_STOP_REPLY)
		machine_stop(m, machine_time(0));
	assert_int_equal(m->fsm.state, state);
}

void machine_begin(struct machine *m, enum ctrl_state state)
{
	machine_begin_with(m, &machine_settings, state);
}

void machine_end(struct machine *m)
{
	ctrl_fsm_done(&m->fsm);
}

void machine_assert_deadline(const struct machine *m, int seconds)
{
	struct mono when;

	assert_true(ctrl_fsm_deadline(&m->fsm, &when));
	assert_int_equal(mono_diff_us(when, machine_time(0)), (int64_t)seconds * 1000000);
}
