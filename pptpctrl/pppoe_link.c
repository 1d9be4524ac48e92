/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPPoE sessions and their frames; see the header. */
#include "pptpctrl/pppoe_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "pptpctrl/link_io.h"
#include "pptpctrl/ppp_channel.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

/* Heads of the empty table. A process has one call mostly; the table doubles with the calls. */
#define HEADS_FIRST 8

/*
 * RFC 1661 6.5: set in the first byte if it is the whole protocol, whose first byte of zero was
 * left out.
 */
#define PROTOCOL_IS_SHORT 0x01

struct pppoe_link {
	struct ev_loop *loop;
	struct link_io *io; /* owned */
	ev_io readable;
	ev_prepare prepare; /* these two while there may be something to flush */
	ev_idle idle;       /* keeps the loop from sleeping if `prepare` came too late */
	uint8_t kernel[PPPOE_ADDRESS_LEN];
	uint8_t own[PPPOE_ADDRESS_LEN];
	struct pppoe_link_counters counters;
	struct pppoe_session **heads; /* owned; sessions by ID, linked */
	size_t head_count;            /* a power of two */
	size_t sessions;
};

_Static_assert(PPPOE_LINK_HEADROOM <= PPPOE_HEADER_LEN, "the header's room is that in front");

/* The manager chooses the IDs at random, so no peer can choose what collides. */
static struct pppoe_session **head_of(struct pppoe_session **heads, size_t head_count, uint16_t id)
{
	return &heads[id & (head_count - 1)];
}

/* Where the pointer to the session is, or the NULL at the end of its head's list. */
static struct pppoe_session **find(struct pppoe_link *link, uint16_t id)
{
	struct pppoe_session **place = head_of(link->heads, link->head_count, id);

	while (*place && (*place)->id != id)
		place = &(*place)->next;
	return place;
}

/* Doubles the table. Without memory it stays as it is, which only makes its lists longer. */
static void grow_table(struct pppoe_link *link)
{
	size_t head_count = link->head_count * 2;
	struct pppoe_session **heads = calloc(head_count, sizeof(struct pppoe_session *));

	if (!heads)
		return;
	for (size_t i = 0; i < link->head_count; i++) {
		while (link->heads[i]) {
			struct pppoe_session *session = link->heads[i];
			struct pppoe_session **head = head_of(heads, head_count, session->id);

			link->heads[i] = session->next;
			session->next = *head;
			*head = session;
		}
	}
	free(link->heads);
	link->heads = heads;
	link->head_count = head_count;
}

static void on_frame(void *context, uint8_t *bytes, size_t len)
{
	struct pppoe_link *link = context;
	struct pppoe_session *session;
	struct pppoe_frame frame;

	link->counters.received++;
	if (!pppoe_decode(bytes, len, &frame)) {
		link->counters.malformed++;
		return;
	}
	session = *find(link, frame.session);
	if (session)
		session->payload(session->context, bytes + (frame.payload - bytes),
				 frame.payload_len);
	else
		link->counters.unknown++;
}

/* Its sessions end when their pppd does: it hears from the kernel that its interface is gone. */
static void on_readable(struct ev_loop *loop, ev_io *readable, int events UNUSED)
{
	struct pppoe_link *link = container_of(readable, struct pppoe_link, readable);
	int error = link->io->ops->receive(link->io, on_frame, link);

	if (!error)
		return;
	ev_io_stop(loop, readable);
	log_warning("CTRL: the link of the PPPoE sessions is gone: %s", strerror(-error));
}

static void flush(struct pppoe_link *link)
{
	ev_prepare_stop(link->loop, &link->prepare);
	ev_idle_stop(link->loop, &link->idle);
	link->io->ops->flush(link->io);
}

static void on_prepare(struct ev_loop *loop UNUSED, ev_prepare *prepare, int events UNUSED)
{
	flush(container_of(prepare, struct pppoe_link, prepare));
}

static void on_idle(struct ev_loop *loop UNUSED, ev_idle *idle, int events UNUSED)
{
	flush(container_of(idle, struct pppoe_link, idle));
}

struct pppoe_link *pppoe_link_new(struct ev_loop *loop, struct link_io *io,
				  const uint8_t kernel[PPPOE_ADDRESS_LEN],
				  const uint8_t own[PPPOE_ADDRESS_LEN])
{
	struct pppoe_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->heads = calloc(HEADS_FIRST, sizeof(struct pppoe_session *));
	if (!link->heads) {
		free(link);
		return NULL;
	}
	link->head_count = HEADS_FIRST;
	link->loop = loop;
	link->io = io;
	memcpy(link->kernel, kernel, sizeof(link->kernel));
	memcpy(link->own, own, sizeof(link->own));
	ev_io_init(&link->readable, on_readable, io->fd, EV_READ);
	ev_prepare_init(&link->prepare, on_prepare);
	ev_idle_init(&link->idle, on_idle);
	ev_io_start(loop, &link->readable);
	return link;
}

void pppoe_link_free(struct pppoe_link *link)
{
	if (!link)
		return;
	if (link->sessions)
		bug("pppoe_link: freed with %zu sessions", link->sessions);
	ev_io_stop(link->loop, &link->readable);
	if (link->io->ops->flush)
		flush(link);
	link->io->ops->free(link->io);
	free(link->heads);
	free(link);
}

void pppoe_link_add(struct pppoe_link *link, struct pppoe_session *session)
{
	struct pppoe_session **head;

	if (*find(link, session->id))
		bug("pppoe_link: session %u is there twice", session->id);
	if (link->sessions >= link->head_count)
		grow_table(link);
	head = head_of(link->heads, link->head_count, session->id);
	session->next = *head;
	*head = session;
	link->sessions++;
}

void pppoe_link_remove(struct pppoe_link *link, struct pppoe_session *session)
{
	struct pppoe_session **place = find(link, session->id);

	if (*place != session)
		bug("pppoe_link: session %u is not there", session->id);
	*place = session->next;
	link->sessions--;
}

void pppoe_link_send(struct pppoe_link *link, const struct pppoe_session *session,
		     const uint8_t *payload, size_t len)
{
	bool is_short = len && payload[0] & PROTOCOL_IS_SHORT;
	struct pppoe_frame frame = {.session = session->id, .payload_len = len + is_short};
	uint8_t header[PPPOE_HEADER_LEN + 1] = {0};
	const struct iovec parts[] = {
		{.iov_base = header, .iov_len = PPPOE_HEADER_LEN + is_short},
		{.iov_base = (uint8_t *)(uintptr_t)payload, .iov_len = len},
	};

	memcpy(frame.destination, link->kernel, sizeof(frame.destination));
	memcpy(frame.source, link->own, sizeof(frame.source));
	if (len > PPP_CHANNEL_FRAME_MAX || !pppoe_encode(&frame, header)) {
		link->io->dropped++;
		link->io->last_errno = EMSGSIZE;
		return;
	}
	link->io->ops->send(link->io, parts);
	if (!link->io->ops->flush || ev_is_active(&link->prepare))
		return;
	ev_prepare_start(link->loop, &link->prepare);
	ev_idle_start(link->loop, &link->idle);
}

struct pppoe_link_counters pppoe_link_counters(const struct pppoe_link *link)
{
	struct pppoe_link_counters counters = link->counters;

	counters.sent = link->io->sent;
	counters.dropped = link->io->dropped;
	counters.last_errno = link->io->last_errno;
	return counters;
}
