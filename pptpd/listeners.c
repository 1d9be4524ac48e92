/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets; see the header. */
#include "pptpd/listeners.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/ip_spec.h"

/* RFC 2637 2: the port when the services database does not name another. */
#define PPTP_PORT 1723

/* Connections accepted in one go, so that a flood does not starve the rest of the loop. */
#define ACCEPT_BATCH 64

/* How long no connection is accepted when descriptors are short and none can be freed. */
#define ACCEPT_PAUSE_S 1.

struct listener {
	struct list link;
	struct listeners *owner;
	enum ipc_kind kind;
	int fd;
	struct ev_io readable;
};

struct listeners {
	struct list list;
	struct ev_loop *loop; /* NULL until started */
	const struct listeners_ops *ops;
	void *context;
	struct ev_timer pause;
};

static int bind_and_listen(const struct address *address)
{
	int fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    (address->sa.sa_family != AF_INET6 ||
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) == 0) &&
	    bind(fd, &address->sa, address->len) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	fdio_close(&fd);
	return -1;
}

static bool add_listener(struct listeners *listeners, enum ipc_kind kind,
			 const struct address *address)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	char text[ADDRESS_TEXT_MAX];

	if (!listener) {
		log_system(LOG_ERR, "MGR: listener");
		return false;
	}
	listener->fd = bind_and_listen(address);
	if (listener->fd < 0) {
		int saved_errno = errno;

		if (kind == IPC_KIND_DIRECT)
			log_err("MGR: Couldn't create host socket");
		log_err("createHostSocket: %s (%s)", strerror(saved_errno),
			address_text_port(address, text));
		free(listener);
		return false;
	}
	listener->owner = listeners;
	listener->kind = kind;
	list_append(&listeners->list, &listener->link);
	if (kind == IPC_KIND_TUNNEL)
		log_info("MGR: RRP listens on %s", address_text_port(address, text));
	return true;
}

static bool open_direct(struct listeners *listeners, const struct conf *conf)
{
	const struct servent *service = getservbyname("pptp", "tcp");
	struct in_addr any = {.s_addr = INADDR_ANY};
	struct address address;

	if (conf->listen && !ip_resolve(conf->listen, &any)) {
		log_err("MGR: Invalid listening address: %s!", conf->listen);
		return false;
	}
	address = address_from_in(any, service ? ntohs((uint16_t)service->s_port) : PPTP_PORT);
	return add_listener(listeners, IPC_KIND_DIRECT, &address);
}

static bool family_is_missing(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool missing = fd < 0 && errno == EAFNOSUPPORT;

	fdio_close(&fd);
	return missing;
}

/*
 * Without encryption only on an address that is private, unless asked otherwise. One that stands
 * for all is judged with each connection (pptpd/gate.h).
 */
static bool may_listen(const struct conf *conf, const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];
	bool any = address->sa.sa_family == AF_INET6
			   ? IN6_IS_ADDR_UNSPECIFIED(&address->in6.sin6_addr)
			   : address->in.sin_addr.s_addr == htonl(INADDR_ANY);

	if (conf->rrp_tls || conf->rrp_plain_anywhere || any || address_is_private(address))
		return true;
	log_err("MGR: rrp-listen %s: rrp-security plain is for private addresses; use rrp-security "
		"tls, or say rrp-plain-anywhere if the network is trusted",
		address_text_port(address, text));
	return false;
}

/* An empty host means any address of both families. *ret_found is for freeaddrinfo(3). */
static bool resolve_listen(const struct conf_rrp_listen *listen_at, struct addrinfo **ret_found)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE,
	};
	const char *host = listen_at->host[0] ? listen_at->host : NULL;
	char port[8];
	int error;

	(void)snprintf(port, sizeof(port), "%u", listen_at->port);
	error = getaddrinfo(host, port, &hints, ret_found);
	if (error)
		log_err("MGR: rrp-listen %s:%s: %s", listen_at->host, port, gai_strerror(error));
	return error == 0;
}

static struct address address_of(const struct addrinfo *one)
{
	struct address address = {.len = one->ai_addrlen};

	memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
	return address;
}

bool listeners_check(const struct conf *conf)
{
	bool good = true;

	for (size_t i = 0; i < conf->rrp_listen_count && good; i++) {
		struct addrinfo *found;

		if (!resolve_listen(&conf->rrp_listen[i], &found))
			return false;
		for (const struct addrinfo *one = found; one && good; one = one->ai_next) {
			struct address address = address_of(one);

			good = may_listen(conf, &address);
		}
		freeaddrinfo(found);
	}
	return good;
}

/* A kernel without IPv6 is no error where any address is meant. */
static bool open_tunnel(struct listeners *listeners, const struct conf *conf,
			const struct conf_rrp_listen *listen_at)
{
	struct addrinfo *found;
	unsigned opened = 0;

	if (!resolve_listen(listen_at, &found))
		return false;
	for (const struct addrinfo *one = found; one; one = one->ai_next) {
		struct address address = address_of(one);

		if (!listen_at->host[0] && family_is_missing(one->ai_family))
			continue;
		if (!may_listen(conf, &address) ||
		    !add_listener(listeners, IPC_KIND_TUNNEL, &address)) {
			freeaddrinfo(found);
			return false;
		}
		opened++;
	}
	freeaddrinfo(found);
	return opened > 0;
}

struct listeners *listeners_open(const struct conf *conf)
{
	struct listeners *listeners = calloc(1, sizeof(*listeners));

	if (!listeners) {
		log_system(LOG_ERR, "MGR: listeners");
		return NULL;
	}
	list_init(&listeners->list);
	if (!open_direct(listeners, conf))
		goto fail;
	for (size_t i = 0; i < conf->rrp_listen_count; i++) {
		if (!open_tunnel(listeners, conf, &conf->rrp_listen[i]))
			goto fail;
	}
	return listeners;
fail:
	listeners_free(listeners);
	return NULL;
}

static void set_accepting(struct listeners *listeners, bool accepting)
{
	list_for_each (link, &listeners->list) {
		struct listener *listener = container_of(link, struct listener, link);

		if (accepting)
			ev_io_start(listeners->loop, &listener->readable);
		else
			ev_io_stop(listeners->loop, &listener->readable);
	}
}

static void on_pause_over(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	set_accepting(timer->data, true);
}

static void out_of_descriptors(struct listeners *listeners)
{
	if (listeners->ops->make_place(listeners->context))
		return;
	log_system(LOG_ERR, "MGR: accept() failed");
	set_accepting(listeners, false);
	ev_timer_set(&listeners->pause, ACCEPT_PAUSE_S, 0.);
	ev_timer_start(listeners->loop, &listeners->pause);
}

static void accepted(struct listener *listener, int fd, const struct sockaddr_storage *peer,
		     socklen_t peer_len)
{
	struct address remote = address_from_sockaddr(peer, peer_len), local;
	struct sockaddr_storage own;
	socklen_t own_len = sizeof(own);
	char text[ADDRESS_TEXT_MAX];

	if (getsockname(fd, (struct sockaddr *)&own, &own_len) != 0) {
		log_system(LOG_ERR, "MGR: getsockname for %s", address_text(&remote, text));
		fdio_close(&fd);
		return;
	}
	local = address_from_sockaddr(&own, own_len);
	listener->owner->ops->accepted(listener->owner->context, listener->kind, fd, &remote,
				       &local);
}

static void on_readable(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct listener *listener = io->data;

	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof(peer);
		int fd = accept4(listener->fd, (struct sockaddr *)&peer, &len,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			accepted(listener, fd, &peer, len);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			out_of_descriptors(listener->owner);
		return; /* nobody waits, or that one is gone again */
	}
}

void listeners_start(struct listeners *listeners, struct ev_loop *loop,
		     const struct listeners_ops *ops, void *context)
{
	listeners->loop = loop;
	listeners->ops = ops;
	listeners->context = context;
	ev_timer_init(&listeners->pause, on_pause_over, 0., 0.);
	listeners->pause.data = listeners;
	list_for_each (link, &listeners->list) {
		struct listener *listener = container_of(link, struct listener, link);

		ev_io_init(&listener->readable, on_readable, listener->fd, EV_READ);
		listener->readable.data = listener;
	}
	set_accepting(listeners, true);
}

void listeners_free(struct listeners *listeners)
{
	if (!listeners)
		return;
	if (listeners->loop) {
		set_accepting(listeners, false);
		ev_timer_stop(listeners->loop, &listeners->pause);
	}
	list_for_each (link, &listeners->list) {
		struct listener *listener = container_of(link, struct listener, link);

		list_remove(link);
		fdio_close(&listener->fd);
		free(listener);
	}
	free(listeners);
}
