/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager's answers to its children; see the header. Runs as root. */
#include "pptpd/requests.h"

#include <errno.h>
#include <string.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/child.h"
#include "pptpd/gre_socket.h"
#include "pptpd/ipc_port.h"
#include "pptpd/manager.h"
#include "pptpd/peer_log.h"
#include "pptpd/requests_private.h"
#include "pptpd/syslog.h"

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

	return rate_limit_allow(&child->sample_limit, mono_now(), &refused) &&
			       rate_limit_allow(&child->manager->samples, mono_now(), &refused)
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

static const char *refuse_unserved(const struct child *child UNUSED,
				   const union ipc_message *message UNUSED)
{
	return "this manager has no answer to it";
}

static const struct request request_log = {refuse_log, act_log};
static const struct request request_gre_open = {refuse_gre_open, act_gre_open};
static const struct request request_idle = {refuse_idle, act_idle};
static const struct request request_reordered = {refuse_reordered, act_reordered};

static const struct request *const requests[] = {
	[IPC_LOG] = &request_log,
	[IPC_CALL_START] = &request_call_start,
	[IPC_CALL_STOP] = &request_call_stop,
	[IPC_GRE_OPEN] = &request_gre_open,
	[IPC_IDLE] = &request_idle,
	[IPC_PEER_NAME] = &request_peer_name,
	[IPC_CHECKPOINT] = &request_checkpoint,
	[IPC_ADOPT] = &request_adopt,
	[IPC_PEER] = &request_peer,
	[IPC_ENROL] = &request_enrol,
	[IPC_REORDERED] = &request_reordered,
	[IPC_CALL_PROVEN] = &request_call_proven,
	[IPC_CALL_READY] = &request_call_ready,
	[IPC_CALL_CANCEL] = &request_call_cancel,
};

void requests_handle(struct child *child, const union ipc_message *message)
{
	static const struct request unserved = {.refuse = refuse_unserved};
	const struct request *request =
		message->type < ARRAY_SIZE(requests) ? requests[message->type] : NULL;
	const char *refusal;
	char address[ADDRESS_TEXT_MAX];

	if (!request)
		request = &unserved;
	refusal = request->refuse(child, message);
	if (!refusal) {
		request->act(child, message);
		return;
	}
	if (may_log(child))
		log_err("MGR: pptpctrl[%ld] for %s: %s refused: %s", (long)child->pid,
			address_text(&child->remote, address), ipc_type_name(message->type),
			refusal);
}
