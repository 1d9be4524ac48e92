/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pptpctrl of a tunnel asks: who its LRP is, and to keep or take a session. Runs as root.
 */
#include "pptpd/requests_private.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pptpd/base/log.h"
#include "pptpd/call.h"
#include "pptpd/child.h"
#include "pptpd/ipc_port.h"
#include "pptpd/manager.h"
#include "pptpd/nodes.h"
#include "pptpd/session_store.h"

static const char *refuse_peer_name(const struct child *child, const union ipc_message *message)
{
	const char *name = message->peer_name.name;
	size_t len = strnlen(name, sizeof(message->peer_name.name));

	if (child->kind != IPC_KIND_TUNNEL || child->tls || child->name[0])
		return "only a plain tunnel says its name, and once";
	if (len == 0 || len > IPC_NAME_MAX)
		return "empty or without end";
	return lrp_name_valid(name) ? NULL : "a character that no name has";
}

static void act_peer_name(struct child *child, const union ipc_message *message)
{
	memcpy(child->name, message->peer_name.name, sizeof(child->name));
	child->since = time(NULL);
}

/* A node is asked about once, be it for a tunnel or for an enrolment. */
static const char *refuse_node(const struct child *child)
{
	if (!child->tls)
		return "only a TLS tunnel has a node";
	return child->asked ? "it has asked already" : NULL;
}

static const char *refuse_peer(const struct child *child, const union ipc_message *message UNUSED)
{
	return refuse_node(child);
}

static void act_peer(struct child *child, const union ipc_message *message)
{
	struct node_id id;

	child->asked = true;
	memcpy(id.bytes, message->peer.node_id, sizeof(id.bytes));
	nodes_admit(child, &id);
}

static const char *refuse_enrol(const struct child *child, const union ipc_message *message UNUSED)
{
	return refuse_node(child);
}

static void act_enrol(struct child *child, const union ipc_message *message)
{
	struct node_id id;

	child->asked = true;
	memcpy(id.bytes, message->enrol.node_id, sizeof(id.bytes));
	nodes_enrol(child, &id, message->enrol.secret_hash);
}

static const char *refuse_checkpoint(const struct child *child, const union ipc_message *message)
{
	if (child->kind != IPC_KIND_TUNNEL)
		return "only a tunnel has a session";
	if (child->tls && !child->name[0])
		return "before the LRP was let in";
	if (message->checkpoint.len > sizeof(message->checkpoint.data))
		return "longer than a checkpoint may be";
	return session_store_may_put(child->manager->sessions, child,
				     message->checkpoint.session_id)
		       ? NULL
		       : "another process's session";
}

static void act_checkpoint(struct child *child, const union ipc_message *message)
{
	session_store_put(child->manager->sessions, child, &message->checkpoint);
}

static const char *refuse_adopt(const struct child *child, const union ipc_message *message)
{
	const struct child *former =
		session_store_owner(child->manager->sessions, message->adopt.session_id);

	if (child->kind != IPC_KIND_TUNNEL)
		return "only a tunnel has a session";
	if (child->manager->stopping || child->released)
		return "everything ends";
	if (child->tls && !child->name[0])
		return "before the LRP was let in";
	if (child->tls && former && !node_id_equal(&former->node, &child->node))
		return "another LRP's session";
	if (!list_empty(&child->calls) || child->pppoe.fd >= 0)
		return "it has calls already";
	return NULL;
}

static void send_adopted_call(struct child *child, const struct call *call)
{
	const struct ipc_adopted_call message = {
		.type = IPC_ADOPTED_CALL,
		.call_id = call->lease.call_id,
		.channel = call->kind,
		.pppd_pid = call->pid,
	};

	ipc_port_send(child->port, &message, call_passed_channel(call));
}

/* A call that is being hung up, or starts, stays with the process that dies. */
static uint32_t take_running_calls(struct child *child, struct child *former)
{
	uint32_t count = 0;

	list_for_each (link, &former->calls) {
		struct call *call = container_of(link, struct call, link);

		if (call->state != CALL_RUNNING || call->owes_answer)
			continue; /* the new process does not know what it asked for */
		call_set_child(call, child);
		count++;
	}
	return count;
}

static void act_adopt(struct child *child, const union ipc_message *message)
{
	struct ipc_adopted *answer = calloc(1, sizeof(*answer));
	struct child *former;

	if (!answer) {
		log_system(LOG_ERR, "MGR: ADOPT");
		child_kill(child);
		return;
	}
	answer->type = IPC_ADOPTED;
	former = session_store_take(child->manager->sessions, child, &message->adopt, answer);
	if (former) {
		memcpy(child->name, former->name, sizeof(child->name));
		answer->calls = take_running_calls(child, former);
		child_take_link(child, former);
		child_kill(former);
	}
	ipc_port_send(child->port, answer, -1);
	free(answer);
	list_for_each (link, &child->calls)
		send_adopted_call(child, container_of(link, struct call, link));
}

const struct request request_peer_name = {refuse_peer_name, act_peer_name};
const struct request request_peer = {refuse_peer, act_peer};
const struct request request_enrol = {refuse_enrol, act_enrol};
const struct request request_checkpoint = {refuse_checkpoint, act_checkpoint};
const struct request request_adopt = {refuse_adopt, act_adopt};
