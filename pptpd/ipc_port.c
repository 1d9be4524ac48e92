/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages between manager and pptpctrl in an event loop; see the header. */
#include "pptpd/ipc_port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"

/*
 * The socket's buffer takes some hundred messages, the rest of a burst waits here: a tunnel with
 * thousands of calls that breaks sends one or two for each. A peer that lets as many pile up is
 * stuck or hostile.
 */
#define IPC_PORT_WAITING_MAX 16384

/* Messages handled in one go, so that one busy peer does not starve the others. */
#define IPC_PORT_BATCH 32

struct waiting_message {
	struct list link;
	int fd; /* a copy of our own, or -1 */
	uint8_t data[];
};

struct ipc_port {
	struct ev_loop *loop;
	const struct ipc_port_ops *ops;
	void *context;
	enum ipc_sender sender;
	int socket;
	struct ev_io readable;
	struct ev_io writable;
	struct ev_timer failing; /* reports `error` from the loop */
	struct list waiting;
	unsigned waiting_count;
	int error;
};

static void drop_first(struct ipc_port *port)
{
	struct waiting_message *first =
		container_of(port->waiting.next, struct waiting_message, link);

	list_remove(&first->link);
	port->waiting_count--;
	fdio_close(&first->fd);
	free(first);
}

/* The other end is gone, so nothing more is sent; reading tells its last words, then its end. */
static void stop_sending(struct ipc_port *port)
{
	ev_io_stop(port->loop, &port->writable);
	while (!list_empty(&port->waiting))
		drop_first(port);
}

static bool is_gone(int error)
{
	return error == -EPIPE || error == -ECONNRESET;
}

/* Stops all traffic; closed() follows from the loop. */
static void fail(struct ipc_port *port, int error)
{
	ev_io_stop(port->loop, &port->readable);
	stop_sending(port);
	if (port->socket < 0)
		return;
	port->error = error;
	fdio_close(&port->socket);
	ev_timer_start(port->loop, &port->failing);
}

static void on_failing(struct ev_loop *loop, struct ev_timer *timer, int events UNUSED)
{
	struct ipc_port *port = timer->data;

	ev_timer_stop(loop, timer);
	port->ops->closed(port->context, port->error);
}

/* Receives one message; false when there is none, or the port has failed. */
static bool receive_one(struct ipc_port *port)
{
	union ipc_message message;
	int fd = -1;
	int got = ipc_receive(port->socket, port->sender, &message, &fd);

	if (got == -EAGAIN)
		return false;
	if (got == -ECONNRESET)
		return true; /* it went without reading all of ours; what it sent is still there */
	if (got <= 0) {
		fail(port, got);
		return false;
	}
	port->ops->message(port->context, &message, fd);
	return port->socket >= 0;
}

static void on_readable(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct ipc_port *port = io->data;

	for (int i = 0; i < IPC_PORT_BATCH && receive_one(port); i++)
		continue;
}

int ipc_port_drain(struct ipc_port *port)
{
	for (int i = 0; i < IPC_PORT_WAITING_MAX && port->socket >= 0 && receive_one(port); i++)
		continue;
	return ev_is_active(&port->failing) || ev_is_pending(&port->failing) ? port->error : 0;
}

static void on_writable(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct ipc_port *port = io->data;

	while (!list_empty(&port->waiting)) {
		struct waiting_message *first =
			container_of(port->waiting.next, struct waiting_message, link);
		int error = ipc_send(port->socket, first->data, first->fd);

		if (error == -EAGAIN)
			return;
		if (is_gone(error))
			break;
		if (error) {
			fail(port, error);
			return;
		}
		drop_first(port);
	}
	stop_sending(port);
}

static void wait_in_line(struct ipc_port *port, const void *message, size_t len, int passed_fd)
{
	struct waiting_message *waiting = calloc(1, sizeof(*waiting) + len);

	if (!waiting || port->waiting_count >= IPC_PORT_WAITING_MAX) {
		free(waiting);
		fail(port, -ENOBUFS);
		return;
	}
	memcpy(waiting->data, message, len);
	waiting->fd = passed_fd < 0 ? -1 : fcntl(passed_fd, F_DUPFD_CLOEXEC, 0);
	if (passed_fd >= 0 && waiting->fd < 0) {
		int error = -errno;

		free(waiting);
		fail(port, error);
		return;
	}
	list_append(&port->waiting, &waiting->link);
	port->waiting_count++;
	ev_io_start(port->loop, &port->writable);
}

void ipc_port_send(struct ipc_port *port, const void *message, int passed_fd)
{
	uint32_t type;
	int error;

	if (port->socket < 0)
		return;
	memcpy(&type, message, sizeof(type));
	error = list_empty(&port->waiting) ? ipc_send(port->socket, message, passed_fd) : -EAGAIN;
	if (error == -EAGAIN || error == -ENOBUFS || error == -ETOOMANYREFS)
		wait_in_line(port, message, ipc_len(type), passed_fd);
	else if (is_gone(error))
		stop_sending(port);
	else if (error)
		fail(port, error);
}

unsigned ipc_port_waiting(const struct ipc_port *port)
{
	return port->waiting_count;
}

struct ipc_port *ipc_port_new(struct ev_loop *loop, int socket, enum ipc_sender sender,
			      const struct ipc_port_ops *ops, void *context)
{
	struct ipc_port *port = calloc(1, sizeof(*port));

	if (!port)
		return NULL;
	port->loop = loop;
	port->ops = ops;
	port->context = context;
	port->sender = sender;
	port->socket = socket;
	list_init(&port->waiting);
	ev_io_init(&port->readable, on_readable, socket, EV_READ);
	ev_io_init(&port->writable, on_writable, socket, EV_WRITE);
	ev_timer_init(&port->failing, on_failing, 0., 0.);
	port->readable.data = port;
	port->writable.data = port;
	port->failing.data = port;
	ev_io_start(loop, &port->readable);
	return port;
}

void ipc_port_free(struct ipc_port *port)
{
	if (!port)
		return;
	ev_io_stop(port->loop, &port->readable);
	stop_sending(port);
	ev_timer_stop(port->loop, &port->failing);
	fdio_close(&port->socket);
	free(port);
}
