// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of things to do after an event of a control connection; see the header. */
#include "pptpctrl/pptp/ctrl_action.h"

#include <stdarg.h>
#include <stdio.h>

#include "pptpd/base/log.h"

static struct ctrl_action *append(struct ctrl_actions *actions, enum ctrl_action_kind kind)
{
	struct ctrl_action *action;

	if (actions->count == ARRAY_SIZE(actions->item))
		bug("control connection: more than %d actions for one event", CTRL_ACTIONS_MAX);
	action = &actions->item[actions->count++];
	*action = (struct ctrl_action){.kind = kind};
	return action;
}

struct pptp_msg *ctrl_action_send(struct ctrl_actions *actions, enum pptp_msg_type type)
{
	struct ctrl_action *action = append(actions, CTRL_ACTION_SEND);

	action->message.type = type;
	return &action->message;
}

void ctrl_action_notice(struct ctrl_actions *actions, enum ctrl_notice notice, const char *format,
			...)
{
	struct ctrl_action *action = append(actions, CTRL_ACTION_NOTICE);
	va_list args;

	action->notice = notice;
	va_start(args, format);
	(void)vsnprintf(action->text, sizeof(action->text), format, args);
	va_end(args);
}

void ctrl_action_mute(struct ctrl_actions *actions)
{
	(void)append(actions, CTRL_ACTION_MUTE);
}

void ctrl_action_end_calls(struct ctrl_actions *actions, uint8_t disconnect_result)
{
	append(actions, CTRL_ACTION_END_CALLS)->disconnect_result = disconnect_result;
}

void ctrl_action_call(struct ctrl_actions *actions, enum ctrl_action_kind kind,
		      struct ctrl_call *call)
{
	append(actions, kind)->call = call;
}

void ctrl_action_link_info(struct ctrl_actions *actions, struct ctrl_call *call,
			   const struct pptp_msg *message)
{
	struct ctrl_action *action = append(actions, CTRL_ACTION_LINK_INFO);

	action->call = call;
	action->message = *message;
}
