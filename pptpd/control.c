/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers pptpd-ctl; see the header. Runs as root. */
#include "pptpd/control.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"
#include "pptpd/child.h"
#include "pptpd/conf.h"
#include "pptpd/control_msg.h"
#include "pptpd/manager.h"
#include "pptpd/nodes.h"

/* Who asks is an administrator or a script of his: some at once, each for a moment. */
#define CLIENTS_MAX      16
#define CLIENT_TIMEOUT_S 10.

struct client {
	struct list link;
	struct control *control;
	int fd;
	struct ev_io readable;
	struct ev_io writable;
	struct ev_timer too_late;
	union control_message *answers;
	size_t count;
	size_t sent;
};

struct control {
	struct manager *manager;
	struct sockaddr_un address;
	int fd;
	struct ev_io readable;
	struct list clients;
	unsigned client_count;
};

static void forget(struct client *client)
{
	struct ev_loop *loop = client->control->manager->loop;

	ev_io_stop(loop, &client->readable);
	ev_io_stop(loop, &client->writable);
	ev_timer_stop(loop, &client->too_late);
	fdio_close(&client->fd);
	list_remove(&client->link);
	client->control->client_count--;
	free(client->answers);
	free(client);
}

static size_t length_of(const union control_message *message)
{
	switch ((enum control_type)message->type) {
	case CONTROL_RELOADED:
		return sizeof(message->reloaded);
	case CONTROL_TUNNEL:
		return sizeof(message->tunnel);
	case CONTROL_END:
		return sizeof(message->end);
	case CONTROL_REFUSED:
		return sizeof(message->refused);
	case CONTROL_RELOAD:
	case CONTROL_TUNNELS:
		break;
	}
	bug("control: type %u is no answer", message->type);
}

static void on_writable(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct client *client = io->data;

	while (client->sent < client->count) {
		const union control_message *next = &client->answers[client->sent];
		int error = fdio_send_message(client->fd, next, length_of(next), -1);

		if (error == -EAGAIN || error == -ENOBUFS)
			return;
		if (error)
			break;
		client->sent++;
	}
	forget(client);
}

/* Room for `count` answers, all zero; false, logged, when memory is out. */
static bool prepare(struct client *client, size_t count)
{
	client->answers = calloc(count, sizeof(*client->answers));
	client->count = client->answers ? count : 0;
	if (!client->answers)
		log_system(LOG_ERR, "MGR: control: answer");
	return client->answers != NULL;
}

static void refuse(struct client *client, const char *reason)
{
	if (!prepare(client, 1))
		return;
	client->answers[0].refused.type = CONTROL_REFUSED;
	client->answers[0].refused.version = CONTROL_VERSION;
	(void)snprintf(client->answers[0].refused.reason, sizeof(client->answers[0].refused.reason),
		       "%s", reason);
}

static void answer_reload(struct client *client, const char *shut_out)
{
	struct manager *manager = client->control->manager;
	struct control_reloaded *answer;
	unsigned stopped = 0;

	if (!prepare(client, 1))
		return;
	answer = &client->answers[0].reloaded;
	answer->type = CONTROL_RELOADED;
	if (nodes_reload(manager, &stopped, answer->error)) {
		answer->good = 1;
		log_info("MGR: %zu LRP%s on the list", manager->lrps.count,
			 manager->lrps.count == 1 ? "" : "s");
	} else {
		log_err("MGR: %s: the former list stays", answer->error);
		stopped = shut_out[0] ? nodes_shut_out(manager, shut_out) : 0;
	}
	answer->lrps = (uint32_t)manager->lrps.count;
	answer->stopped = stopped;
}

static bool is_up(const struct child *child)
{
	return child->kind == IPC_KIND_TUNNEL && child->name[0] && !child->released &&
	       !child->ended;
}

static void describe(const struct child *child, struct control_tunnel *tunnel)
{
	tunnel->type = CONTROL_TUNNEL;
	tunnel->tls = child->tls;
	tunnel->since = child->since;
	tunnel->remote = child->remote;
	memcpy(tunnel->node_id, child->node.bytes, sizeof(tunnel->node_id));
	(void)snprintf(tunnel->name, sizeof(tunnel->name), "%s", child->name);
	list_for_each (link, &child->calls)
		tunnel->calls++;
}

static void answer_tunnels(struct client *client)
{
	const struct manager *manager = client->control->manager;
	size_t count = 0, at = 0;

	list_for_each (link, &manager->children)
		count += is_up(container_of(link, struct child, link));
	if (!prepare(client, count + 1))
		return;
	list_for_each (link, &manager->children) {
		const struct child *child = container_of(link, struct child, link);

		if (is_up(child))
			describe(child, &client->answers[at++].tunnel);
	}
	client->answers[at].end.type = CONTROL_END;
	client->answers[at].end.tunnels = (uint32_t)count;
}

static void answer(struct client *client, const struct control_request *request, ssize_t len)
{
	if (len != (ssize_t)sizeof(*request) || request->version != CONTROL_VERSION)
		refuse(client, "pptpd-ctl is of another version than the running pptpd");
	else if (!memchr(request->shut_out, '\0', sizeof(request->shut_out)))
		refuse(client, "not a request");
	else if (request->type == CONTROL_RELOAD)
		answer_reload(client, request->shut_out);
	else if (request->type == CONTROL_TUNNELS)
		answer_tunnels(client);
	else
		refuse(client, "not a request");
}

static void on_readable(struct ev_loop *loop, struct ev_io *io, int events UNUSED)
{
	struct client *client = io->data;
	struct control_request request;
	ssize_t len = recv(client->fd, &request, sizeof(request), MSG_TRUNC);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		forget(client);
		return;
	}
	ev_io_stop(loop, &client->readable);
	answer(client, &request, len);
	ev_io_start(loop, &client->writable);
}

static void on_too_late(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	forget(timer->data);
}

/* The file's mode says so too; but it may have been opened before that was set. */
static bool is_root(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == 0;
}

static void add_client(struct control *control, int fd)
{
	struct ev_loop *loop = control->manager->loop;
	struct client *client = calloc(1, sizeof(*client));

	if (!client) {
		log_system(LOG_ERR, "MGR: control");
		fdio_close(&fd);
		return;
	}
	client->control = control;
	client->fd = fd;
	ev_io_init(&client->readable, on_readable, fd, EV_READ);
	ev_io_init(&client->writable, on_writable, fd, EV_WRITE);
	ev_timer_init(&client->too_late, on_too_late, CLIENT_TIMEOUT_S, 0.);
	client->readable.data = client->writable.data = client->too_late.data = client;
	list_append(&control->clients, &client->link);
	control->client_count++;
	ev_timer_start(loop, &client->too_late);
	if (is_root(fd)) {
		ev_io_start(loop, &client->readable);
	} else {
		refuse(client, "only root may ask");
		ev_io_start(loop, &client->writable);
	}
}

static void on_connection(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct control *control = io->data;
	int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (control->client_count < CLIENTS_MAX)
		add_client(control, fd);
	else
		fdio_close(&fd);
}

/* Whether a process answers there; a file that nobody serves is left over from a crash. */
static bool is_served(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served =
		fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	fdio_close(&fd);
	return served;
}

static bool is_socket(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}

static bool open_socket(struct control *control)
{
	const char *path = control->address.sun_path;
	mode_t mask;
	bool bound;

	if (is_served(&control->address)) {
		log_warning("MGR: %s: another pptpd answers there; pptpd-ctl will not reach this "
			    "one",
			    path);
		return false;
	}
	if (is_socket(path))
		(void)unlink(path); /* bind() tells if it stays */
	control->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	bound = control->fd >= 0 &&
		bind(control->fd, (const struct sockaddr *)&control->address,
		     sizeof(control->address)) == 0 &&
		listen(control->fd, CLIENTS_MAX) == 0;
	(void)umask(mask);
	if (!bound)
		log_system(LOG_WARNING, "MGR: %s: pptpd-ctl will not reach this process", path);
	return bound;
}

struct control *control_start(struct manager *manager)
{
	struct control *control = calloc(1, sizeof(*control));
	const char *path = manager->conf->control;

	if (!control || strlen(path) >= sizeof(control->address.sun_path)) {
		log_warning("MGR: control %s: %s", path, control ? "path too long" : "no memory");
		free(control);
		return NULL;
	}
	control->manager = manager;
	control->fd = -1;
	control->address.sun_family = AF_UNIX;
	(void)snprintf(control->address.sun_path, sizeof(control->address.sun_path), "%s", path);
	list_init(&control->clients);
	if (!open_socket(control)) {
		fdio_close(&control->fd);
		free(control);
		return NULL;
	}
	ev_io_init(&control->readable, on_connection, control->fd, EV_READ);
	control->readable.data = control;
	ev_io_start(manager->loop, &control->readable);
	return control;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	ev_io_stop(control->manager->loop, &control->readable);
	list_for_each (link, &control->clients)
		forget(container_of(link, struct client, link));
	(void)unlink(control->address.sun_path);
	fdio_close(&control->fd);
	free(control);
}
