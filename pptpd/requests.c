/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager's answers to its children; see the header. Runs as root. */
#include "pptpd/requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/call.h"
#include "pptpd/call_policy.h"
#include "pptpd/call_table.h"
#include "pptpd/child.h"
#include "pptpd/gre_socket.h"
#include "pptpd/ipc_port.h"
#include "pptpd/manager.h"
#include "pptpd/nodes.h"
#include "pptpd/peer_log.h"
#include "pptpd/session_store.h"
#include "pptpd/start_queue.h"
#include "pptpd/syslog.h"

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

/* A pptpctrl that went wild must not flood the log: neither with its lines nor with ours about it.
 */
static bool may_log(struct child *child)
{
	unsigned refused;

	if (!rate_limit_allow(&child->log_limit, mono_now(), &refused))
		return false;
	if (refused)
		log_warning("MGR: %u log lines of pptpctrl[%ld] not shown", refused,
			    (long)child->pid);
	return true;
}

/* What follows after `words` and after `name`, or NULL when the text does not begin with both. */
static const char *after(const char *text, const char *words, const char *name)
{
	size_t words_len = strlen(words), name_len = strlen(name);

	if (!text || strncmp(text, words, words_len) != 0 ||
	    strncmp(text + words_len, name, name_len) != 0)
		return NULL;
	return text + words_len + name_len;
}

/*
 * Lines of that form have addresses banned (pptpd/fail2ban/), so a process writes them about its
 * own client only: who takes over one, or a tunnel's, has nobody else's address banned.
 */
static bool is_own_client_line(const struct child *child, const char *text)
{
	char address[ADDRESS_TEXT_MAX];
	const char *rest = after(text, "CTRL: Client ", address_text(&child->remote, address));

	return child->kind == IPC_KIND_DIRECT && rest && *rest && strchr(" :", *rest);
}

/* "RRP: ADDRESS: " or "RRP: LRP NAME (ADDRESS): ", both its own. */
static bool is_own_tunnel_line(const struct child *child, const char *text)
{
	const char *name = child->name[0] ? child->name : "unnamed";
	char address[ADDRESS_TEXT_MAX];

	(void)address_text(&child->remote, address);
	return child->kind == IPC_KIND_TUNNEL &&
	       (after(after(text, "RRP: ", address), ": ", "") ||
		after(after(after(text, "RRP: LRP ", name), " (", address), "): ", ""));
}

static bool is_about_another(const struct child *child, const char *text)
{
	if (after(text, "MGR: ", ""))
		return true;
	if (after(text, "CTRL: Client ", ""))
		return !is_own_client_line(child, text);
	if (after(text, "RRP:", ""))
		return !is_own_tunnel_line(child, text);
	return false;
}

static const char *refuse_log(const struct child *child, const union ipc_message *message)
{
	if (message->log.severity < LOG_ERR || message->log.severity > LOG_DEBUG)
		return "severity out of range";
	if (!memchr(message->log.text, '\0', sizeof(message->log.text)))
		return "text without end";
	if (is_about_another(child, message->log.text))
		return "a line about another client or LRP";
	return NULL;
}

static void act_log(struct child *child, const union ipc_message *message)
{
	char text[LOG_LINE_MAX];

	if (may_log(child) &&
	    peer_log_allowed(child->manager, &child->remote, message->log.severity))
		syslog_write(child->manager->syslog, child->pid, message->log.severity,
			     log_printable(text, sizeof(text), message->log.text));
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

static enum ipc_refusal refuse_for_now(struct child *child)
{
	const char *why;

	if (child->manager->stopping || child->released)
		return IPC_REFUSAL_STOPPING;
	why = call_policy_refuse(child);
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
	enum ipc_refusal refusal = refuse_for_now(child);

	if (!refusal)
		refusal = call_start(child, request);
	if (refusal)
		requests_answer_refused(child, request->request, refusal);
}

const struct start_queue_ops requests_start_ops = {.start = on_turn,
						   .refuse = requests_answer_refused};

static void act_call_start(struct child *child, const union ipc_message *message)
{
	enum ipc_refusal refusal = refuse_for_now(child);

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

static const char *refuse_gre_open(const struct child *child, const union ipc_message *message)
{
	if (child->kind != IPC_KIND_DIRECT)
		return "a tunnel has no GRE";
	if (message->gre_open.sample)
		return NULL; /* each has an answer, not each a socket */
	if (child->has_gre)
		return "it has one already";
	/* A failure writes a line: with each connection it may try again. */
	return child->gre_requests > child->connections ? "it has failed already" : NULL;
}

static void tell_gre(struct child *child, int fd, uint32_t sample)
{
	const struct ipc_gre_opened answer = {
		.type = IPC_GRE_OPENED,
		.error = fd < 0 ? -fd : 0,
		.sample = sample,
	};

	ipc_port_send(child->port, &answer, MAX(fd, -1));
}

/* One at a time is what it needs; without, it cannot tell the order, and that is all. */
static int open_sample(struct child *child)
{
	unsigned refused;

	return rate_limit_allow(&child->sample_limit, mono_now(), &refused)
		       ? gre_socket_open_sample(&child->local, &child->remote)
		       : -EBUSY;
}

static void act_gre_open(struct child *child, const union ipc_message *message)
{
	bool sample = message->gre_open.sample != 0;
	int fd = sample ? open_sample(child) : gre_socket_open(&child->local, &child->remote);

	if (!sample) {
		child->gre_requests++;
		child->has_gre = fd >= 0;
	}
	if (fd < 0 && !sample) {
		char address[ADDRESS_TEXT_MAX];

		errno = -fd;
		log_system(LOG_ERR, "MGR: GRE socket for client %s",
			   address_text(&child->remote, address));
	}
	tell_gre(child, fd, sample);
	if (fd >= 0)
		fdio_close(&fd);
}

static const char *refuse_reordered(const struct child *child,
				    const union ipc_message *message UNUSED)
{
	return child->kind == IPC_KIND_DIRECT ? NULL : "a tunnel keeps the order";
}

static void act_reordered(struct child *child, const union ipc_message *message UNUSED)
{
	channels_note_reordered(&child->manager->channels, child);
}

static const char *refuse_idle(const struct child *child UNUSED,
			       const union ipc_message *message UNUSED)
{
	return NULL;
}

/* It has nothing to do; unless a connection crossed its message, it may go. */
static void act_idle(struct child *child, const union ipc_message *message)
{
	const struct ipc_released answer = {.type = IPC_RELEASED};

	if (message->idle.connections != child->connections)
		return;
	ipc_port_send(child->port, &answer, -1);
	child_expect_end(child);
}

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
	if (!list_empty(&child->calls) || child->tap.fd >= 0)
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

static const char *refuse_unserved(const struct child *child UNUSED,
				   const union ipc_message *message UNUSED)
{
	return "this manager has no answer to it";
}

struct request {
	const char *(*refuse)(const struct child *child, const union ipc_message *message);
	void (*act)(struct child *child, const union ipc_message *message);
};

static const struct request requests[] = {
	[IPC_LOG] = {refuse_log, act_log},
	[IPC_CALL_START] = {refuse_call_start, act_call_start},
	[IPC_CALL_STOP] = {refuse_call_stop, act_call_stop},
	[IPC_GRE_OPEN] = {refuse_gre_open, act_gre_open},
	[IPC_IDLE] = {refuse_idle, act_idle},
	[IPC_PEER_NAME] = {refuse_peer_name, act_peer_name},
	[IPC_CHECKPOINT] = {refuse_checkpoint, act_checkpoint},
	[IPC_ADOPT] = {refuse_adopt, act_adopt},
	[IPC_PEER] = {refuse_peer, act_peer},
	[IPC_ENROL] = {refuse_enrol, act_enrol},
	[IPC_REORDERED] = {refuse_reordered, act_reordered},
	[IPC_CALL_PROVEN] = {refuse_call_proven, act_call_proven},
	[IPC_CALL_READY] = {refuse_call_ready, act_call_ready},
	[IPC_CALL_CANCEL] = {refuse_call_cancel, act_call_cancel},
};

void requests_handle(struct child *child, const union ipc_message *message)
{
	static const struct request unserved = {.refuse = refuse_unserved};
	const struct request *request =
		message->type < ARRAY_SIZE(requests) ? &requests[message->type] : &unserved;
	const char *refusal = request->refuse(child, message);
	char address[ADDRESS_TEXT_MAX];

	if (!refusal) {
		request->act(child, message);
		return;
	}
	if (may_log(child))
		log_err("MGR: pptpctrl[%ld] for %s: %s refused: %s", (long)child->pid,
			address_text(&child->remote, address), ipc_type_name(message->type),
			refusal);
}
