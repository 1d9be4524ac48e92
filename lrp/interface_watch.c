/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of interfaces; see the header. */
#include "lrp/interface_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <sys/socket.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

#define LOOK_EVERY_S 2.0

/* Messages thrown away before the loop gets its turn; a look covers them all. */
#define DRAIN_BATCH 64

/* Without rtnetlink only looking again tells. */
static void look(struct interface_watch *watch)
{
	if (watch->look(watch->context) && watch->readable.fd >= 0)
		ev_timer_stop(watch->loop, &watch->timer);
	else
		ev_timer_start(watch->loop, &watch->timer);
}

static void on_readable(struct ev_loop *loop UNUSED, ev_io *watcher, int events UNUSED)
{
	struct interface_watch *watch = container_of(watcher, struct interface_watch, readable);
	uint8_t unread;

	for (int i = 0; i < DRAIN_BATCH; i++) {
		if (recv(watcher->fd, &unread, sizeof(unread), MSG_DONTWAIT) < 0)
			break;
	}
	look(watch);
}

static void on_timer(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct interface_watch *watch = container_of(watcher, struct interface_watch, timer);

	look(watch);
}

static int open_netlink(void)
{
	const struct sockaddr_nl links = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&links, sizeof(links)) < 0)
		fdio_close(&fd);
	return fd;
}

void interface_watch_start(struct interface_watch *watch, struct ev_loop *loop,
			   bool (*callee)(void *context), void *context)
{
	int fd = open_netlink();

	watch->loop = loop;
	watch->look = callee;
	watch->context = context;
	ev_io_init(&watch->readable, on_readable, fd, EV_READ);
	if (fd >= 0)
		ev_io_start(loop, &watch->readable);
	ev_timer_init(&watch->timer, on_timer, LOOK_EVERY_S, LOOK_EVERY_S);
	ev_timer_start(loop, &watch->timer);
}

void interface_watch_stop(struct interface_watch *watch)
{
	ev_timer_stop(watch->loop, &watch->timer);
	ev_io_stop(watch->loop, &watch->readable);
	interface_watch_forget(watch);
}

void interface_watch_forget(struct interface_watch *watch)
{
	int fd = watch->readable.fd;

	fdio_close(&fd);
}
