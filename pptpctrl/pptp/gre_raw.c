/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Batches from and packets to a raw socket; see the header. */
#include "pptpctrl/pptp/gre_raw.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pptpctrl/pptp/gre_engine.h"
#include "pptpctrl/proto/gre.h"
#include "pptpctrl/proto/ipv4.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"

/*
 * Packets read at one wake-up: one system call for all, and no other descriptor waits for longer
 * than they take. Their room is not touched before a burst comes, so an idle process does not pay.
 */
#define BATCH 32

/*
 * The longest packet that is taken whole: IP header, GRE header and a frame of 8 KiB, as with
 * Poptop. A longer one arrives cut, hence malformed.
 */
#define IP_HEADER_MAX 60
#define PACKET_MAX    (IP_HEADER_MAX + GRE_HEADER_MAX + 8192)

/* Packets sent with one system call: those of one full read from a tunnel. */
#define SEND_BATCH 64

/* A packet that waits for gre_raw_flush(). */
struct outgoing {
	struct sockaddr_in to;
	uint8_t header[GRE_HEADER_MAX];
	struct iovec parts[2];
};

struct gre_raw {
	struct ev_loop *loop;
	ev_io readable; /* its descriptor is owned */
	struct gre_engine *engine;
	struct gre_raw_counters counters;
	unsigned waiting; /* of `outgoing` */
	struct outgoing outgoing[SEND_BATCH];
	struct mmsghdr to_send[SEND_BATCH];
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	uint8_t packets[BATCH][PACKET_MAX];
};

static const struct {
	int number;
	enum gre_raw_error error;
} causes[] = {
	{EAGAIN, GRE_RAW_ERROR_FULL},
	{ENOBUFS, GRE_RAW_ERROR_FULL},
	{ENOMEM, GRE_RAW_ERROR_FULL},
	{EPERM, GRE_RAW_ERROR_FILTERED},
	{EACCES, GRE_RAW_ERROR_FILTERED},
	{EMSGSIZE, GRE_RAW_ERROR_TOO_LONG},
	{ENETUNREACH, GRE_RAW_ERROR_NO_ROUTE},
	{EHOSTUNREACH, GRE_RAW_ERROR_NO_ROUTE},
	{ENETDOWN, GRE_RAW_ERROR_NO_ROUTE},
	{EHOSTDOWN, GRE_RAW_ERROR_NO_ROUTE},
	{ENOPROTOOPT, GRE_RAW_ERROR_NO_GRE_AT_PEER},
	{ECONNREFUSED, GRE_RAW_ERROR_NO_GRE_AT_PEER},
};

static const char *const error_names[GRE_RAW_ERRORS] = {
	[GRE_RAW_ERROR_FULL] = "full",
	[GRE_RAW_ERROR_FILTERED] = "filtered",
	[GRE_RAW_ERROR_TOO_LONG] = "too long",
	[GRE_RAW_ERROR_NO_ROUTE] = "no route",
	[GRE_RAW_ERROR_NO_GRE_AT_PEER] = "no GRE at peer",
	[GRE_RAW_ERROR_OTHER] = "other",
};

const char *gre_raw_error_name(enum gre_raw_error error)
{
	return error_names[error];
}

static void count_error(struct gre_raw *raw, int number)
{
	enum gre_raw_error error = GRE_RAW_ERROR_OTHER;

	if (number == EBADF || number == ENOTSOCK || number == EFAULT)
		bug("gre_raw: errno %d from descriptor %d", number, raw->readable.fd);
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (causes[i].number == number)
			error = causes[i].error;
	raw->counters.errors[error]++;
	raw->counters.last_errno = number;
}

static void input(struct gre_raw *raw, const uint8_t *packet, size_t len, struct mono now)
{
	struct ipv4_header header;

	raw->counters.received++;
	if (!ipv4_decode(packet, len, &header) || header.protocol != GRE_IP_PROTOCOL ||
	    header.more_fragments || header.fragment_offset) {
		raw->counters.malformed++;
		return;
	}
	gre_engine_input(raw->engine, header.source, header.payload, header.payload_len, now);
}

/*
 * An error here is a message that ICMP brought; reading it has taken it off the socket. What is
 * left makes the descriptor readable again.
 */
static void on_readable(struct ev_loop *loop UNUSED, ev_io *readable, int events UNUSED)
{
	struct gre_raw *raw = container_of(readable, struct gre_raw, readable);
	int count = recvmmsg(readable->fd, raw->messages, BATCH, 0, NULL);
	struct mono now;

	if (count < 0) {
		if (errno != EAGAIN && errno != EINTR)
			count_error(raw, errno);
		return;
	}
	now = mono_now();
	for (int i = 0; i < count; i++)
		input(raw, raw->packets[i], raw->messages[i].msg_len, now);
	gre_engine_settle(raw->engine, now);
}

int gre_raw_prepare(int fd)
{
	const int discover = IP_PMTUDISC_DONT;

	return setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover)) < 0 ? -errno
											    : 0;
}

struct gre_raw *gre_raw_new(struct ev_loop *loop, int fd)
{
	/* Not calloc(): the packets' pages come with the first burst. */
	struct gre_raw *raw = malloc(sizeof(*raw));

	if (!raw)
		return NULL;
	raw->loop = loop;
	raw->engine = NULL;
	raw->waiting = 0;
	raw->counters = (struct gre_raw_counters){0};
	for (size_t i = 0; i < BATCH; i++) {
		raw->parts[i] = (struct iovec){.iov_base = raw->packets[i], .iov_len = PACKET_MAX};
		raw->messages[i] = (struct mmsghdr){
			.msg_hdr = {.msg_iov = &raw->parts[i], .msg_iovlen = 1},
		};
	}
	ev_io_init(&raw->readable, on_readable, fd, EV_READ);
	return raw;
}

void gre_raw_free(struct gre_raw *raw)
{
	int fd;

	if (!raw)
		return;
	fd = raw->readable.fd;
	ev_io_stop(raw->loop, &raw->readable);
	fdio_close(&fd);
	free(raw);
}

void gre_raw_start(struct gre_raw *raw, struct gre_engine *engine)
{
	raw->engine = engine;
	ev_io_start(raw->loop, &raw->readable);
}

static void count_unsent(struct gre_raw *raw)
{
	raw->counters.dropped++;
	count_error(raw, errno);
}

void gre_raw_send_connected(void *context, struct in_addr peer UNUSED, const struct iovec *parts,
			    int count)
{
	struct gre_raw *raw = context;

	if (writev(raw->readable.fd, parts, count) >= 0)
		raw->counters.sent++;
	else
		count_unsent(raw);
}

/* The kernel stops at a packet that it refuses, and says why when it is asked for that one first.
 */
void gre_raw_flush(void *context)
{
	struct gre_raw *raw = context;
	unsigned done = 0;

	while (done < raw->waiting) {
		int sent = sendmmsg(raw->readable.fd, raw->to_send + done, raw->waiting - done,
				    MSG_NOSIGNAL);

		if (sent > 0) {
			raw->counters.sent += (unsigned)sent;
			done += (unsigned)sent;
		} else {
			count_unsent(raw);
			done++;
		}
	}
	raw->waiting = 0;
}

void gre_raw_send(void *context, struct in_addr peer, const struct iovec *parts, int count)
{
	struct gre_raw *raw = context;
	struct outgoing *packet = &raw->outgoing[raw->waiting];

	if (parts[0].iov_len > sizeof(packet->header))
		bug("gre_raw: a header of %zu bytes", parts[0].iov_len);
	packet->to = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = peer};
	memcpy(packet->header, parts[0].iov_base, parts[0].iov_len);
	packet->parts[0] = (struct iovec){packet->header, parts[0].iov_len};
	if (count > 1)
		packet->parts[1] = parts[1];
	raw->to_send[raw->waiting++] = (struct mmsghdr){
		.msg_hdr =
			{
				.msg_name = &packet->to,
				.msg_namelen = sizeof(packet->to),
				.msg_iov = packet->parts,
				.msg_iovlen = (size_t)count,
			},
	};
	if (raw->waiting == SEND_BATCH)
		gre_raw_flush(raw);
}

const struct gre_raw_counters *gre_raw_counters(const struct gre_raw *raw)
{
	return &raw->counters;
}
