/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager's end; see the header. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "tests/unit/pptpctrl_manager.h"

/* Wait status of pppd's "the line was hung up". */
#define HUNG_UP (16 << 8)

/* The process ID of the pppd of a call, in log lines. */
#define PPPD_PID(call_id) (1000 + (call_id))

void manager_begin(struct manager_end *manager)
{
	int pair[2];

	memset(manager, 0, sizeof(*manager));
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	/* Out of the way of the number that the other end gets. */
	manager->fd = fcntl(pair[0], F_DUPFD_CLOEXEC, IPC_FD + 1);
	assert_true(manager->fd > IPC_FD);
	(void)close(pair[0]);
	if (pair[1] == IPC_FD)
		return;
	assert_int_equal(dup2(pair[1], IPC_FD), IPC_FD);
	(void)close(pair[1]);
}

void manager_end(struct manager_end *manager)
{
	fdio_close(&manager->fd);
}

static void note(struct manager_end *manager, const union ipc_message *message)
{
	size_t used = strlen(manager->asked);
	size_t room = sizeof(manager->asked) - used;
	char *end = manager->asked + used;
	char address[INET_ADDRSTRLEN];

	switch ((enum ipc_type)message->type) {
	case IPC_CALL_START:
		(void)inet_ntop(AF_INET, &message->call_start.client, address, sizeof(address));
		(void)snprintf(end, room, "start %u %s/%u;", message->call_start.request, address,
			       message->call_start.client_call_id);
		break;
	case IPC_CALL_STOP:
		(void)snprintf(end, room, "stop %u;", message->call_stop.call_id);
		break;
	case IPC_CALL_CANCEL:
		(void)snprintf(end, room, "cancel %u;", message->call_cancel.request);
		break;
	case IPC_CALL_READY:
		(void)snprintf(end, room, "ready %u;", message->call_ready.call_id);
		break;
	case IPC_GRE_OPEN:
		(void)snprintf(end, room, "%s;", message->gre_open.sample ? "sample" : "gre");
		break;
	case IPC_REORDERED:
		(void)snprintf(end, room, "reordered;");
		break;
	case IPC_IDLE:
		(void)snprintf(end, room, "idle %u;", message->idle.connections);
		break;
	case IPC_PEER_NAME:
		(void)snprintf(end, room, "name %s;", message->peer_name.name);
		break;
	case IPC_PEER:
		(void)snprintf(end, room, "peer %02x;", message->peer.node_id[0]);
		break;
	case IPC_ENROL:
		(void)snprintf(end, room, "enrol %02x %02x;", message->enrol.node_id[0],
			       message->enrol.secret_hash[0]);
		break;
	case IPC_CALL_PROVEN:
		(void)snprintf(end, room, "proven %u;", message->call_proven.call_id);
		break;
	case IPC_LOG:
		manager->logged++;
		manager->last_log = message->log;
		break;
	default:
		fail_msg("%s from pptpctrl", ipc_type_name(message->type));
	}
}

bool manager_hear(struct manager_end *manager)
{
	union ipc_message message;
	int fd = -1, got;

	while ((got = ipc_receive(manager->fd, IPC_FROM_PPTPCTRL, &message, &fd)) == 1) {
		assert_int_equal(fd, -1);
		note(manager, &message);
	}
	return got == -EAGAIN;
}

void manager_assert_asked(struct manager_end *manager, const char *expected)
{
	(void)manager_hear(manager);
	assert_string_equal(manager->asked, expected);
	manager->asked[0] = '\0';
}

void manager_send(struct manager_end *manager, const void *message, int fd)
{
	int result = ipc_send(manager->fd, message, fd);

	assert_true(result == 0 || result == -EPIPE); /* a program may have ended meanwhile */
	fdio_close(&fd);
}

void manager_send_connection(struct manager_end *manager, int fd)
{
	const struct ipc_connection message = {.type = IPC_CONNECTION};

	manager_send(manager, &message, fd);
}

int manager_send_started(struct manager_end *manager, uint32_t request, uint16_t call_id)
{
	const struct ipc_call_started message = {
		.type = IPC_CALL_STARTED,
		.request = request,
		.call_id = call_id,
		.channel = IPC_CHANNEL_PTY,
		.pppd_pid = PPPD_PID(call_id),
	};
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			 0);
	manager_send(manager, &message, pair[0]);
	return pair[1];
}

void manager_send_refused(struct manager_end *manager, uint32_t request, enum ipc_refusal reason)
{
	const struct ipc_call_refused message = {
		.type = IPC_CALL_REFUSED,
		.request = request,
		.reason = reason,
	};

	manager_send(manager, &message, -1);
}

void manager_send_ended(struct manager_end *manager, uint16_t call_id)
{
	const struct ipc_call_ended message = {
		.type = IPC_CALL_ENDED,
		.wait_status = HUNG_UP,
		.call_id = call_id,
	};

	manager_send(manager, &message, -1);
}

void manager_send_peer_verdict(struct manager_end *manager, enum ipc_verdict verdict,
			       const char *name, uint32_t max_calls)
{
	struct ipc_peer_verdict message = {
		.type = IPC_PEER_VERDICT,
		.verdict = verdict,
		.max_calls = max_calls,
	};

	(void)snprintf(message.name, sizeof(message.name), "%s", name);
	manager_send(manager, &message, -1);
}

void manager_send_enrol_verdict(struct manager_end *manager, enum ipc_verdict verdict,
				const char *name)
{
	struct ipc_enrol_verdict message = {.type = IPC_ENROL_VERDICT, .verdict = verdict};

	(void)snprintf(message.name, sizeof(message.name), "%s", name);
	manager_send(manager, &message, -1);
}

void manager_send_stop(struct manager_end *manager)
{
	const struct ipc_stop message = {.type = IPC_STOP};

	manager_send(manager, &message, -1);
}

void manager_send_released(struct manager_end *manager)
{
	const struct ipc_released message = {.type = IPC_RELEASED};

	manager_send(manager, &message, -1);
}
