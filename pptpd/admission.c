/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that have not said anything yet; see the header. Reads no byte of theirs. */
#include "pptpd/admission.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"
#include "pptpd/base/rate_limit.h"

/* A client that means it speaks at once, so the oldest silent one is the one to drop. */
#define WAITING_PER_SOURCE_MAX 64

/* Bytes that make a connection worth a process: the header of its first message. */
#define FIRST_BYTES_DIRECT 12 /* RFC 2637 2.1 */
#define FIRST_BYTES_TUNNEL 8  /* docs/protocol.md */

/* Connections handed on in one go, as many as are accepted in one. */
#define READY_BATCH 64

/* Lines about dropped connections: a burst, then one every so many milliseconds. */
#define DROP_LOG_BURST     10
#define DROP_LOG_REFILL_MS 1000

struct waiting {
	struct list link;
	struct admission *admission;
	enum ipc_kind kind;
	int fd;
	struct address remote;
	struct address local;
	struct ev_timer too_late;
};

/*
 * The sockets are watched by an epoll set of our own, from which they are taken out before they are
 * handed on. libev would leave that to close(), which does nothing as long as the process that got
 * a copy has it open: the loop would then hear of a socket that it does not know, and make its
 * whole set anew, for each good connection and with all silent ones in it.
 */
struct admission {
	struct ev_loop *loop;
	int epoll;
	struct ev_io readable; /* one of them is */
	unsigned timeout_s;
	unsigned waiting_max;
	admission_ready *ready;
	void *context;
	struct list waiting; /* oldest first */
	unsigned count;
	struct rate_limit log_limit;
};

/* Once more than needed does no harm. */
static void unwatch(struct waiting *waiting)
{
	(void)epoll_ctl(waiting->admission->epoll, EPOLL_CTL_DEL, waiting->fd, NULL);
}

static void forget(struct waiting *waiting)
{
	struct admission *admission = waiting->admission;

	unwatch(waiting);
	ev_timer_stop(admission->loop, &waiting->too_late);
	fdio_close(&waiting->fd);
	list_remove(&waiting->link);
	admission->count--;
	free(waiting);
}

static void drop(struct waiting *waiting, const char *why)
{
	struct rate_limit *limit = &waiting->admission->log_limit;
	char address[ADDRESS_TEXT_MAX], more[64] = "";
	unsigned refused;

	(void)address_text(&waiting->remote, address);
	if (rate_limit_allow(limit, mono_now(), &refused)) {
		if (refused)
			(void)snprintf(more, sizeof(more), " (%u like it not shown)", refused);
		log_err(waiting->kind == IPC_KIND_TUNNEL ? "RRP: dropped %s from %s%s"
							 : "MGR: dropped %s from %s%s",
			why, address, more);
	}
	forget(waiting);
}

static int first_bytes(enum ipc_kind kind)
{
	return kind == IPC_KIND_TUNNEL ? FIRST_BYTES_TUNNEL : FIRST_BYTES_DIRECT;
}

/* The low-water mark wakes us when enough is there, or when no more will come. */
static void spoke(struct waiting *waiting)
{
	struct admission *admission = waiting->admission;
	int there = 0, one = 1;

	if (ioctl(waiting->fd, FIONREAD, &there) != 0 || there == 0) {
		forget(waiting); /* it came and went without a word: nothing to tell */
		return;
	}
	if (there < first_bytes(waiting->kind)) {
		drop(waiting, "small initial connection");
		return;
	}
	if (setsockopt(waiting->fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof(one)) != 0)
		log_system(LOG_WARNING, "MGR: SO_RCVLOWAT");
	unwatch(waiting);
	admission->ready(admission->context, waiting->kind, waiting->fd, &waiting->remote,
			 &waiting->local);
	forget(waiting);
}

/* Asked for one at a time: handling it may drop any other, of which no event must be left. */
static void on_readable(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct admission *admission = io->data;
	struct epoll_event event;

	for (int i = 0; i < READY_BATCH && epoll_wait(admission->epoll, &event, 1, 0) == 1; i++)
		spoke(event.data.ptr);
}

static void on_too_late(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	drop(timer->data, "slow initial connection");
}

bool admission_drop_oldest(struct admission *admission)
{
	if (list_empty(&admission->waiting))
		return false;
	drop(container_of(admission->waiting.next, struct waiting, link),
	     "silent connection to make place, the oldest,");
	return true;
}

static void make_place(struct admission *admission, const struct address *remote)
{
	struct waiting *oldest = NULL;
	unsigned count = 0;

	list_for_each (link, &admission->waiting) {
		struct waiting *waiting = container_of(link, struct waiting, link);

		if (!address_same_source(&waiting->remote, remote))
			continue;
		if (!oldest)
			oldest = waiting;
		count++;
	}
	if (count >= WAITING_PER_SOURCE_MAX)
		drop(oldest, "silent connection to make place, one of too many,");
	else if (admission->count >= admission->waiting_max)
		(void)admission_drop_oldest(admission);
}

struct admission *admission_new(struct ev_loop *loop, unsigned timeout_s, unsigned waiting_max,
				admission_ready *ready, void *context)
{
	struct admission *admission = calloc(1, sizeof(*admission));

	if (!admission)
		return NULL;
	admission->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (admission->epoll < 0) {
		free(admission);
		return NULL;
	}
	admission->loop = loop;
	admission->timeout_s = timeout_s;
	admission->waiting_max = MIN(waiting_max, ADMISSION_WAITING_MAX);
	admission->ready = ready;
	admission->context = context;
	list_init(&admission->waiting);
	rate_limit_init(&admission->log_limit, DROP_LOG_BURST, DROP_LOG_REFILL_MS, mono_now());
	ev_io_init(&admission->readable, on_readable, admission->epoll, EV_READ);
	admission->readable.data = admission;
	ev_io_start(loop, &admission->readable);
	return admission;
}

void admission_free(struct admission *admission)
{
	if (!admission)
		return;
	list_for_each (link, &admission->waiting)
		forget(container_of(link, struct waiting, link));
	ev_io_stop(admission->loop, &admission->readable);
	fdio_close(&admission->epoll);
	free(admission);
}

void admission_add(struct admission *admission, enum ipc_kind kind, int fd,
		   const struct address *remote, const struct address *local)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = waiting};
	int enough = first_bytes(kind);

	make_place(admission, remote);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &enough, sizeof(enough)) != 0)
		log_system(LOG_WARNING, "MGR: SO_RCVLOWAT");
	if (!waiting || epoll_ctl(admission->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		log_system(LOG_ERR, "MGR: connection");
		free(waiting);
		fdio_close(&fd);
		return;
	}
	waiting->admission = admission;
	waiting->kind = kind;
	waiting->fd = fd;
	waiting->remote = *remote;
	waiting->local = *local;
	ev_timer_init(&waiting->too_late, on_too_late, (double)admission->timeout_s, 0.);
	waiting->too_late.data = waiting;
	ev_timer_start(admission->loop, &waiting->too_late);
	list_append(&admission->waiting, &waiting->link);
	admission->count++;
}
