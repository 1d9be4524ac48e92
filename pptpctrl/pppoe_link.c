/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of PPPoE sessions from and to a TAP; see the header. */
#include "pptpctrl/pppoe_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pptpctrl/ppp_channel.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

/* Heads of the empty table. A process has one call mostly; the table doubles with the calls. */
#define HEADS_FIRST 8

/* Frames read at one wake-up, so that no other descriptor waits for longer than they take. */
#define BATCH 64

/* The longest frame that is taken; the rest of a longer one is lost, and so is the frame. */
#define FRAME_MAX (PPPOE_HEADER_LEN + PPP_CHANNEL_FRAME_MAX)

/*
 * RFC 1661 6.5: set in the first byte if it is the whole protocol, whose first byte of zero was
 * left out.
 */
#define PROTOCOL_IS_SHORT 0x01

struct pppoe_link {
	struct ev_loop *loop;
	ev_io readable; /* its descriptor is owned */
	uint8_t kernel[PPPOE_ADDRESS_LEN];
	uint8_t own[PPPOE_ADDRESS_LEN];
	struct pppoe_link_counters counters;
	struct pppoe_session **heads; /* owned; sessions by ID, linked */
	size_t head_count;            /* a power of two */
	size_t sessions;
	uint8_t frame[FRAME_MAX];
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

static void input(struct pppoe_link *link, size_t len)
{
	struct pppoe_session *session;
	struct pppoe_frame frame;

	link->counters.received++;
	if (!pppoe_decode(link->frame, len, &frame)) {
		link->counters.malformed++;
		return;
	}
	session = *find(link, frame.session);
	if (session)
		session->payload(session->context, link->frame + (frame.payload - link->frame),
				 frame.payload_len);
	else
		link->counters.unknown++;
}

/* Its sessions end when their pppd does: it hears from the kernel that its interface is gone. */
static void lose(struct pppoe_link *link, const char *what)
{
	ev_io_stop(link->loop, &link->readable);
	log_warning("CTRL: the link of the PPPoE sessions is gone: %s", what);
}

static void on_readable(struct ev_loop *loop UNUSED, ev_io *readable, int events UNUSED)
{
	struct pppoe_link *link = container_of(readable, struct pppoe_link, readable);

	for (int i = 0; i < BATCH; i++) {
		ssize_t len = read(readable->fd, link->frame, sizeof(link->frame));

		if (len < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOMEM))
			return;
		if (len <= 0) {
			lose(link, len ? strerror(errno) : "closed");
			return;
		}
		input(link, (size_t)len);
	}
}

struct pppoe_link *pppoe_link_new(struct ev_loop *loop, int fd,
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
	memcpy(link->kernel, kernel, sizeof(link->kernel));
	memcpy(link->own, own, sizeof(link->own));
	ev_io_init(&link->readable, on_readable, fd, EV_READ);
	ev_io_start(loop, &link->readable);
	return link;
}

void pppoe_link_free(struct pppoe_link *link)
{
	int fd;

	if (!link)
		return;
	if (link->sessions)
		bug("pppoe_link: freed with %zu sessions", link->sessions);
	fd = link->readable.fd;
	ev_io_stop(link->loop, &link->readable);
	fdio_close(&fd);
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
		link->counters.dropped++;
		link->counters.last_errno = EMSGSIZE;
	} else if (writev(link->readable.fd, parts, ARRAY_SIZE(parts)) < 0) {
		link->counters.dropped++;
		link->counters.last_errno = errno;
	} else {
		link->counters.sent++;
	}
}

const struct pppoe_link_counters *pppoe_link_counters(const struct pppoe_link *link)
{
	return &link->counters;
}
