/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that have not said anything yet; see the header. Reads no byte of theirs. */
#include "pptpd/admission.h"

#include <stdio.h>
#include <stdlib.h>
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
	struct ev_io readable;
	struct ev_timer too_late;
};

struct admission {
	struct ev_loop *loop;
	unsigned timeout_s;
	unsigned waiting_max;
	admission_ready *ready;
	void *context;
	struct list waiting; /* oldest first */
	unsigned count;
	struct rate_limit log_limit;
};

static void forget(struct waiting *waiting)
{
	struct admission *admission = waiting->admission;

	ev_io_stop(admission->loop, &waiting->readable);
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
static void on_readable(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct waiting *waiting = io->data;
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
	admission->ready(admission->context, waiting->kind, waiting->fd, &waiting->remote,
			 &waiting->local);
	forget(waiting);
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
	admission->loop = loop;
	admission->timeout_s = timeout_s;
	admission->waiting_max = MIN(waiting_max, ADMISSION_WAITING_MAX);
	admission->ready = ready;
	admission->context = context;
	list_init(&admission->waiting);
	rate_limit_init(&admission->log_limit, DROP_LOG_BURST, DROP_LOG_REFILL_MS, mono_now());
	return admission;
}

void admission_free(struct admission *admission)
{
	if (!admission)
		return;
	list_for_each (link, &admission->waiting)
		forget(container_of(link, struct waiting, link));
	free(admission);
}

void admission_add(struct admission *admission, enum ipc_kind kind, int fd,
		   const struct address *remote, const struct address *local)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	int enough = first_bytes(kind);

	if (!waiting) {
		log_system(LOG_ERR, "MGR: connection");
		fdio_close(&fd);
		return;
	}
	make_place(admission, remote);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &enough, sizeof(enough)) != 0)
		log_system(LOG_WARNING, "MGR: SO_RCVLOWAT");
	waiting->admission = admission;
	waiting->kind = kind;
	waiting->fd = fd;
	waiting->remote = *remote;
	waiting->local = *local;
	ev_io_init(&waiting->readable, on_readable, fd, EV_READ);
	ev_timer_init(&waiting->too_late, on_too_late, (double)admission->timeout_s, 0.);
	waiting->readable.data = waiting;
	waiting->too_late.data = waiting;
	ev_io_start(admission->loop, &waiting->readable);
	ev_timer_start(admission->loop, &waiting->too_late);
	list_append(&admission->waiting, &waiting->link);
	admission->count++;
}
