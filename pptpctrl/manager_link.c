/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages with the manager; see the header. */
#include "pptpctrl/manager_link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"
#include "pptpd/ipc_port.h"

/* The first messages are there or on their way: the manager sends them when it starts us. */
#define FIRST_TIMEOUT_MS 10000

/* With so many messages waiting, log lines are left out: they shall not cost the room of others. */
#define WAITING_LOG_MAX 64

struct manager_link {
	const struct manager_link_ops *ops;
	void *context;
	struct ipc_port *port;
	uint32_t connections; /* received */
};

static bool wait_for_message(union ipc_message *ret_message, int *ret_fd)
{
	struct pollfd readable = {.fd = IPC_FD, .events = POLLIN};

	return poll(&readable, 1, FIRST_TIMEOUT_MS) == 1 &&
	       ipc_receive(IPC_FD, IPC_FROM_MANAGER, ret_message, ret_fd) == 1;
}

bool manager_link_settings(struct ipc_settings *ret_settings)
{
	union ipc_message message;
	int fd = -1;

	if (!wait_for_message(&message, &fd))
		return false;
	if (message.type != IPC_SETTINGS || message.settings.version != IPC_VERSION) {
		fdio_close(&fd);
		return false;
	}
	*ret_settings = message.settings;
	return true;
}

bool manager_link_signer(int *ret_channel)
{
	union ipc_message message;
	int fd = -1;

	if (!wait_for_message(&message, &fd))
		return false;
	if (message.type != IPC_SIGNER || fd < 0) {
		fdio_close(&fd);
		return false;
	}
	*ret_channel = fd;
	return true;
}

static void on_message(void *context, const union ipc_message *message, int fd)
{
	struct manager_link *link = context;
	const struct manager_link_ops *ops = link->ops;

	switch ((enum ipc_type)message->type) {
	case IPC_CONNECTION:
		link->connections++;
		ops->connection(link->context, fd);
		return;
	case IPC_CALL_STARTED:
		ops->call_started(link->context, &message->call_started, fd);
		return;
	case IPC_CALL_REFUSED:
		ops->call_refused(link->context, message->call_refused.request,
				  message->call_refused.reason);
		break;
	case IPC_CALL_ENDED:
		ops->call_ended(link->context, &message->call_ended);
		break;
	case IPC_GRE_OPENED:
		ops->gre_opened(link->context, &message->gre_opened, fd);
		return;
	case IPC_LINK:
		ops->link_given(link->context, &message->link, fd);
		return;
	case IPC_PEER_VERDICT:
		ops->peer_verdict(link->context, &message->peer_verdict);
		break;
	case IPC_ENROL_VERDICT:
		ops->enrol_verdict(link->context, &message->enrol_verdict);
		break;
	case IPC_RELEASED:
		ops->released(link->context);
		break;
	case IPC_STOP:
		ops->stop(link->context);
		break;
	default:
		bug("message %s from the manager", ipc_type_name(message->type));
	}
	fdio_close(&fd); /* only the kinds above that returned carry one */
}

static void on_closed(void *context, int error UNUSED)
{
	struct manager_link *link = context;

	link->ops->lost(link->context);
}

static const struct ipc_port_ops port_ops = {.message = on_message, .closed = on_closed};

struct manager_link *manager_link_new(struct ev_loop *loop, const struct manager_link_ops *ops,
				      void *context)
{
	struct manager_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->ops = ops;
	link->context = context;
	link->port = ipc_port_new(loop, IPC_FD, IPC_FROM_MANAGER, &port_ops, link);
	if (!link->port) {
		free(link);
		return NULL;
	}
	return link;
}

void manager_link_free(struct manager_link *link)
{
	if (!link)
		return;
	ipc_port_free(link->port);
	free(link);
}

void manager_link_log(void *context, int severity, const char *line)
{
	struct manager_link *link = context;
	struct ipc_log message;

	if (ipc_port_waiting(link->port) >= WAITING_LOG_MAX)
		return;
	memset(&message, 0, sizeof(message));
	message.type = IPC_LOG;
	message.severity = MAX(severity, LOG_ERR); /* the manager takes no other, as of bug() */
	(void)snprintf(message.text, sizeof(message.text), "%s", line);
	ipc_port_send(link->port, &message, -1);
}

void manager_link_start_call(struct manager_link *link, uint32_t request, struct in_addr client,
			     uint16_t client_call_id)
{
	const struct ipc_call_start message = {
		.type = IPC_CALL_START,
		.request = request,
		.client = client,
		.client_call_id = client_call_id,
	};

	ipc_port_send(link->port, &message, -1);
}

void manager_link_cancel_call(struct manager_link *link, uint32_t request)
{
	const struct ipc_call_cancel message = {.type = IPC_CALL_CANCEL, .request = request};

	ipc_port_send(link->port, &message, -1);
}

void manager_link_stop_call(struct manager_link *link, uint16_t call_id)
{
	const struct ipc_call_stop message = {.type = IPC_CALL_STOP, .call_id = call_id};

	ipc_port_send(link->port, &message, -1);
}

void manager_link_open_gre(struct manager_link *link, bool sample)
{
	const struct ipc_gre_open message = {.type = IPC_GRE_OPEN, .sample = sample};

	ipc_port_send(link->port, &message, -1);
}

void manager_link_reordered(struct manager_link *link)
{
	const struct ipc_reordered message = {.type = IPC_REORDERED};

	ipc_port_send(link->port, &message, -1);
}

void manager_link_peer_name(struct manager_link *link, const char *name)
{
	struct ipc_peer_name message = {.type = IPC_PEER_NAME};

	(void)snprintf(message.name, sizeof(message.name), "%s", name);
	ipc_port_send(link->port, &message, -1);
}

void manager_link_peer(struct manager_link *link, const struct node_id *id)
{
	struct ipc_peer message = {.type = IPC_PEER};

	memcpy(message.node_id, id->bytes, sizeof(message.node_id));
	ipc_port_send(link->port, &message, -1);
}

void manager_link_enrol(struct manager_link *link, const struct node_id *id,
			const uint8_t secret_hash[IPC_SECRET_HASH_LEN])
{
	struct ipc_enrol message = {.type = IPC_ENROL};

	memcpy(message.node_id, id->bytes, sizeof(message.node_id));
	memcpy(message.secret_hash, secret_hash, sizeof(message.secret_hash));
	ipc_port_send(link->port, &message, -1);
}

void manager_link_call_ready(struct manager_link *link, uint16_t call_id)
{
	const struct ipc_call_ready message = {.type = IPC_CALL_READY, .call_id = call_id};

	ipc_port_send(link->port, &message, -1);
}

void manager_link_call_proven(struct manager_link *link, uint16_t call_id)
{
	const struct ipc_call_proven message = {.type = IPC_CALL_PROVEN, .call_id = call_id};

	ipc_port_send(link->port, &message, -1);
}

void manager_link_idle(struct manager_link *link)
{
	const struct ipc_idle message = {.type = IPC_IDLE, .connections = link->connections};

	ipc_port_send(link->port, &message, -1);
}
