/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a pptpctrl asks about its calls. Runs as root. */
#include "pptpd/requests_private.h"

#include "pptpd/base/log.h"
#include "pptpd/call.h"
#include "pptpd/call_policy.h"
#include "pptpd/call_table.h"
#include "pptpd/child.h"
#include "pptpd/ipc_port.h"
#include "pptpd/manager.h"
#include "pptpd/peer_log.h"
#include "pptpd/requests.h"
#include "pptpd/start_queue.h"

/* That call if the child has it. */
static struct call *find_call(const struct child *child, uint16_t call_id)
{
	struct call *call = call_table_find(child->manager->calls, call_id);

	return call && call->child == child ? call : NULL;
}

/* Whether another child has the call. One that nobody has ended while the message came. */
static bool is_foreign(const struct child *child, uint16_t call_id)
{
	const struct call *call = call_table_find(child->manager->calls, call_id);

	return call && call->child && call->child != child;
}

static const char *refuse_call_start(const struct child *child, const union ipc_message *message)
{
	if (child->kind == IPC_KIND_TUNNEL)
		return child->name[0] ? NULL : "before the LRP was let in";
	if (message->call_start.client.s_addr != child->remote.in.sin_addr.s_addr)
		return "for another client's address";
	return NULL;
}

/* More calls than the policy allows are no offence: it may have changed while the call came. */
static void tell_refused_call(struct child *child, const char *why)
{
	char address[ADDRESS_TEXT_MAX];

	if (child->kind == IPC_KIND_DIRECT)
		peer_log_refused(child->manager, &child->remote, why);
	else if (peer_log_allowed(child->manager, &child->remote, LOG_ERR))
		log_err("RRP: LRP %s (%s): call refused: %s", child->name,
			address_text(&child->remote, address), why);
}

/* `waiting`: those of its calls that come before this one. */
static enum ipc_refusal refuse_for_now(struct child *child, unsigned waiting)
{
	const char *why;

	if (child->manager->stopping || child->released)
		return IPC_REFUSAL_STOPPING;
	why = call_policy_refuse(child, waiting);
	if (!why)
		return 0;
	tell_refused_call(child, why);
	return IPC_REFUSAL_FULL;
}

void requests_answer_refused(struct child *child, uint32_t request, enum ipc_refusal reason)
{
	const struct ipc_call_refused answer = {
		.type = IPC_CALL_REFUSED,
		.request = request,
		.reason = reason,
	};

	ipc_port_send(child->port, &answer, -1);
}

void requests_answer_started(struct child *child, uint32_t request, const struct call *call)
{
	const struct ipc_call_started answer = {
		.type = IPC_CALL_STARTED,
		.request = request,
		.call_id = call->lease.call_id,
		.channel = call->kind,
		.pppd_pid = call->pid,
	};

	ipc_port_send(child->port, &answer, call_passed_channel(call));
}

/* What was allowed when it came may not be when its turn comes. */
static void on_turn(struct child *child, const struct ipc_call_start *request)
{
	enum ipc_refusal refusal = refuse_for_now(child, 0);

	if (!refusal)
		refusal = call_start(child, request);
	if (refusal)
		requests_answer_refused(child, request->request, refusal);
}

const struct start_queue_ops requests_start_ops = {.start = on_turn,
						   .refuse = requests_answer_refused};

static void act_call_start(struct child *child, const union ipc_message *message)
{
	enum ipc_refusal refusal = refuse_for_now(child, child->waiting_count);

	if (!refusal && !call_has_place(child))
		refusal = IPC_REFUSAL_FULL;
	if (refusal)
		requests_answer_refused(child, message->call_start.request, refusal);
	else
		start_queue_add(child->manager->start_queue, child, &message->call_start);
}

static const char *refuse_call_cancel(const struct child *child UNUSED,
				      const union ipc_message *message UNUSED)
{
	return NULL; /* a request that is unknown has had its answer */
}

static void act_call_cancel(struct child *child, const union ipc_message *message)
{
	start_queue_cancel(child->manager->start_queue, child, message->call_cancel.request);
	call_cancel(child, message->call_cancel.request);
}

static const char *refuse_call_stop(const struct child *child, const union ipc_message *message)
{
	return is_foreign(child, message->call_stop.call_id) ? "another process's call" : NULL;
}

static void act_call_stop(struct child *child, const union ipc_message *message)
{
	struct call *call = find_call(child, message->call_stop.call_id);

	if (call)
		call_hang_up(call);
}

static const char *refuse_call_proven(const struct child *child, const union ipc_message *message)
{
	return is_foreign(child, message->call_proven.call_id) ? "another process's call" : NULL;
}

static void act_call_proven(struct child *child, const union ipc_message *message)
{
	struct call *call = find_call(child, message->call_proven.call_id);

	if (call)
		call_prove(call);
}

static const char *refuse_call_ready(const struct child *child, const union ipc_message *message)
{
	return is_foreign(child, message->call_ready.call_id) ? "another process's call" : NULL;
}

static void act_call_ready(struct child *child, const union ipc_message *message)
{
	struct call *call = find_call(child, message->call_ready.call_id);

	if (call)
		call_ready(call);
}

const struct request request_call_start = {refuse_call_start, act_call_start};
const struct request request_call_cancel = {refuse_call_cancel, act_call_cancel};
const struct request request_call_stop = {refuse_call_stop, act_call_stop};
const struct request request_call_proven = {refuse_call_proven, act_call_proven};
const struct request request_call_ready = {refuse_call_ready, act_call_ready};
