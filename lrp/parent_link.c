/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker's end of the link; see the header. */
#include "lrp/parent_link.h"

#include <stdio.h>
#include <stdlib.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

struct parent_link {
	struct ev_loop *loop; /* NULL until it is started */
	ev_io readable;
	int fd;
	const struct parent_link_ops *ops;
	void *context;
};

static void on_stop(struct parent_link *link, const struct order *order)
{
	link->ops->stop(link->context, (int)order->number);
}

static void on_hangup(struct parent_link *link, const struct order *order UNUSED)
{
	link->ops->hangup(link->context);
}

static const char *const lookup_errors[] = {
	[RESOLVE_DIED] = "the lookup died",
	[RESOLVE_TIMED_OUT] = "no answer from the name server",
	[RESOLVE_NOT_STARTED] = "no process for the lookup could be started",
};

static void on_looked_up(struct parent_link *link, const struct order *order)
{
	if (order->number == RESOLVE_ANSWERED)
		link->ops->looked_up(link->context, &order->answer, NULL);
	else if (order->number < ARRAY_SIZE(lookup_errors) && lookup_errors[order->number])
		link->ops->looked_up(link->context, NULL, lookup_errors[order->number]);
}

static void (*const handlers[])(struct parent_link *link, const struct order *order) = {
	[ORDER_STOP] = on_stop,
	[ORDER_HANGUP] = on_hangup,
	[ORDER_LOOKED_UP] = on_looked_up,
};

static void on_readable(struct ev_loop *loop, ev_io *watcher, int events UNUSED)
{
	struct parent_link *link = container_of(watcher, struct parent_link, readable);
	struct order order;
	size_t got;
	enum message_end end = message_receive(link->fd, &order, sizeof(order), &got);

	if (end == MESSAGE_NONE)
		return; /* level-triggered: the next one wakes us again */
	if (end == MESSAGE_GOOD && order.type < ARRAY_SIZE(handlers) && handlers[order.type]) {
		handlers[order.type](link, &order);
		return;
	}
	ev_io_stop(loop, watcher);
	link->ops->lost(link->context);
}

struct parent_link *parent_link_new(int fd)
{
	struct parent_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->fd = fd;
	ev_io_init(&link->readable, on_readable, fd, EV_READ);
	return link;
}

void parent_link_free(struct parent_link *link)
{
	if (!link)
		return;
	if (link->loop)
		ev_io_stop(link->loop, &link->readable);
	fdio_close(&link->fd);
	free(link);
}

void parent_link_start(struct parent_link *link, struct ev_loop *loop,
		       const struct parent_link_ops *ops, void *context)
{
	link->loop = loop;
	link->ops = ops;
	link->context = context;
	ev_io_start(loop, &link->readable);
}

static int ask(struct parent_link *link, enum request_type type, unsigned number, const char *text)
{
	struct request request = {.type = type, .number = number};

	(void)snprintf(request.text, sizeof(request.text), "%s", text);
	return message_send(link->fd, &request, sizeof(request));
}

void parent_link_log(void *context, int severity, const char *line)
{
	struct parent_link *link = context;

	(void)ask(link, REQUEST_LOG, (unsigned)severity, line); /* a line more or less */
}

int parent_link_ready(struct parent_link *link)
{
	return ask(link, REQUEST_READY, 0, "");
}

int parent_link_look_up(struct parent_link *link, unsigned server)
{
	return ask(link, REQUEST_LOOK_UP, server, "");
}
