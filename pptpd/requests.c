/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager's answers to its children; see the header. Runs as root. */
#include "pptpd/requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/call.h"
#include "pptpd/child.h"
#include "pptpd/ipc_port.h"
#include "pptpd/manager.h"
#include "pptpd/session_store.h"
#include "pptpd/syslog.h"

/* IP protocol number of GRE. The codecs are not linked into this process. */
#define PROTOCOL_GRE 47

static struct call *find_call(const struct child *child, uint16_t call_id)
{
	list_for_each (link, &child->calls) {
		struct call *call = container_of(link, struct call, link);

		if (call->lease.call_id == call_id)
			return call;
	}
	return NULL;
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

static const char *refuse_log(const struct child *child UNUSED, const union ipc_message *message)
{
	if (message->log.severity < LOG_ERR || message->log.severity > LOG_DEBUG)
		return "severity out of range";
	if (!memchr(message->log.text, '\0', sizeof(message->log.text)))
		return "text without end";
	return NULL;
}

/*
 * Whoever comes with one connection after the other, to speak nonsense or just to go again, gets a
 * process for each: it is the address that must not flood the log. Debug lines are for who asked.
 */
static bool may_log_about(struct child *child, int severity)
{
	bool bad = severity <= LOG_WARNING;
	char address[ADDRESS_TEXT_MAX];
	unsigned refused;

	if (severity == LOG_DEBUG && log_is_debug())
		return true;
	if (!peer_limits_allow(bad ? &child->manager->bad_lines : &child->manager->other_lines,
			       bad ? &peer_measure_bad : &peer_measure_other, &child->remote,
			       mono_now(), &refused))
		return false;
	if (refused)
		log_warning("MGR: %u %slog lines about %s not shown", refused, bad ? "bad " : "",
			    address_text(&child->remote, address));
	return true;
}

static void act_log(struct child *child, const union ipc_message *message)
{
	char text[LOG_LINE_MAX];

	if (may_log(child) && may_log_about(child, message->log.severity))
		syslog_write(child->manager->syslog, child->pid, message->log.severity,
			     log_printable(text, sizeof(text), message->log.text));
}

static const char *refuse_call_start(const struct child *child, const union ipc_message *message)
{
	if (child->kind == IPC_KIND_TUNNEL)
		return child->name[0] ? NULL : "before the LRP has said its name";
	if (message->call_start.client.s_addr != child->remote.in.sin_addr.s_addr)
		return "for another client's address";
	return NULL;
}

static void act_call_start(struct child *child, const union ipc_message *message)
{
	struct call *call = NULL;
	enum ipc_refusal refusal = child->manager->stopping
					   ? IPC_REFUSAL_STOPPING
					   : call_start(child, message->call_start.client, &call);

	if (refusal) {
		const struct ipc_call_refused answer = {
			.type = IPC_CALL_REFUSED,
			.request = message->call_start.request,
			.reason = refusal,
		};

		ipc_port_send(child->port, &answer, -1);
	} else {
		const struct ipc_call_started answer = {
			.type = IPC_CALL_STARTED,
			.request = message->call_start.request,
			.call_id = call->lease.call_id,
			.channel = IPC_CHANNEL_PTY,
			.pppd_pid = call->pid,
		};

		ipc_port_send(child->port, &answer, call->channel);
	}
}

static const char *refuse_call_stop(const struct child *child UNUSED,
				    const union ipc_message *message UNUSED)
{
	return NULL; /* a call that is not the child's, or ended meanwhile, is not found */
}

static void act_call_stop(struct child *child, const union ipc_message *message)
{
	struct call *call = find_call(child, message->call_stop.call_id);

	if (call)
		call_hang_up(call);
}

static const char *refuse_gre_open(const struct child *child,
				   const union ipc_message *message UNUSED)
{
	if (child->kind != IPC_KIND_DIRECT)
		return "a tunnel has no GRE";
	return child->has_gre ? "it has one already" : NULL;
}

/* Bound and connected: this process gets the packets between these two addresses and no others. */
static int open_gre(const struct child *child)
{
	struct address local = child->local, remote = child->remote;
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, PROTOCOL_GRE);

	local.in.sin_port = 0;
	remote.in.sin_port = 0;
	if (fd < 0 || bind(fd, &local.sa, local.len) != 0 ||
	    connect(fd, &remote.sa, remote.len) != 0) {
		char text[ADDRESS_TEXT_MAX];

		log_system(LOG_ERR, "MGR: GRE socket for client %s", address_text(&remote, text));
		fdio_close(&fd);
	}
	return fd;
}

static void act_gre_open(struct child *child, const union ipc_message *message UNUSED)
{
	int fd = open_gre(child);
	const struct ipc_gre_opened answer = {.type = IPC_GRE_OPENED, .error = fd < 0 ? errno : 0};

	child->has_gre = fd >= 0;
	ipc_port_send(child->port, &answer, fd);
	fdio_close(&fd);
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

	if (child->kind != IPC_KIND_TUNNEL || child->name[0])
		return "only a tunnel has a name, and once";
	if (len == 0 || len > IPC_NAME_MAX)
		return "empty or without end";
	for (size_t i = 0; i < len; i++) {
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-",
			    name[i]))
			return "a character that no name has";
	}
	return NULL;
}

static void act_peer_name(struct child *child, const union ipc_message *message)
{
	memcpy(child->name, message->peer_name.name, sizeof(child->name));
}

static const char *refuse_checkpoint(const struct child *child, const union ipc_message *message)
{
	if (child->kind != IPC_KIND_TUNNEL)
		return "only a tunnel has a session";
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

static const char *refuse_adopt(const struct child *child, const union ipc_message *message UNUSED)
{
	if (child->kind != IPC_KIND_TUNNEL)
		return "only a tunnel has a session";
	if (!list_empty(&child->calls))
		return "it has calls already";
	return NULL;
}

static void send_adopted_call(struct child *child, const struct call *call)
{
	const struct ipc_adopted_call message = {
		.type = IPC_ADOPTED_CALL,
		.call_id = call->lease.call_id,
		.channel = IPC_CHANNEL_PTY,
		.pppd_pid = call->pid,
	};

	ipc_port_send(child->port, &message, call->channel);
}

/* A call that is being hung up stays with the process that dies. */
static uint32_t take_running_calls(struct child *child, struct child *former)
{
	uint32_t count = 0;

	list_for_each (link, &former->calls) {
		struct call *call = container_of(link, struct call, link);

		if (call->state != CALL_RUNNING)
			continue;
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
