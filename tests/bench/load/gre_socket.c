/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw GRE in batches; see the header. */
#include "tests/bench/load/gre_socket.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/proto/ipv4.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

#define BATCH       64
#define PACKET_SIZE 2048

/* Thousands of calls answer at once. */
#define RECEIVE_BUFFER (64 << 20)
#define SEND_BUFFER    (8 << 20)

struct slot {
	struct iovec part;
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in_pktinfo))];
	uint8_t packet[PACKET_SIZE];
};

struct gre_socket {
	struct ev_loop *loop;
	ev_io readable; /* its descriptor is owned */
	ev_prepare prepare;
	gre_socket_take *take;
	void *context;
	struct gre_socket_counters counters;
	struct sockaddr_in server;
	unsigned waiting;
	struct mmsghdr out[BATCH], in[BATCH];
	struct slot out_slots[BATCH], in_slots[BATCH];
};

static void input(struct gre_socket *socket, const uint8_t *packet, size_t len, struct mono now)
{
	struct ipv4_header ip;
	struct gre_header gre;

	socket->counters.received++;
	if (!ipv4_decode(packet, len, &ip) || ip.protocol != GRE_IP_PROTOCOL ||
	    ip.source.s_addr != socket->server.sin_addr.s_addr ||
	    !gre_decode(ip.payload, ip.payload_len, &gre))
		socket->counters.malformed++;
	else
		socket->take(socket->context, ip.destination, &gre, now);
}

static void on_readable(struct ev_loop *loop UNUSED, ev_io *readable, int events UNUSED)
{
	struct gre_socket *socket = container_of(readable, struct gre_socket, readable);
	int count = recvmmsg(readable->fd, socket->in, BATCH, MSG_DONTWAIT, NULL);
	struct mono now = mono_now();

	for (int i = 0; i < count; i++)
		input(socket, socket->in_slots[i].packet, socket->in[i].msg_len, now);
}

static void on_prepare(struct ev_loop *loop UNUSED, ev_prepare *prepare, int events UNUSED)
{
	gre_socket_flush(container_of(prepare, struct gre_socket, prepare));
}

void gre_socket_flush(struct gre_socket *socket)
{
	unsigned done = 0;

	ev_prepare_stop(socket->loop, &socket->prepare);
	while (done < socket->waiting) {
		int count = sendmmsg(socket->readable.fd, socket->out + done,
				     socket->waiting - done, MSG_DONTWAIT);

		if (count <= 0) { /* the first of them; the others get their own try */
			socket->counters.not_sent++;
			count = 1;
		} else {
			socket->counters.sent += (unsigned)count;
		}
		done += (unsigned)count;
	}
	socket->waiting = 0;
}

static void prepare_slot(struct gre_socket *socket, struct mmsghdr *message, struct slot *slot)
{
	struct msghdr *header = &message->msg_hdr;
	struct cmsghdr *control;

	slot->part = (struct iovec){.iov_base = slot->packet, .iov_len = PACKET_SIZE};
	*header = (struct msghdr){.msg_iov = &slot->part, .msg_iovlen = 1};
	if (message < socket->out || message >= socket->out + BATCH)
		return;
	header->msg_name = &socket->server;
	header->msg_namelen = sizeof(socket->server);
	header->msg_control = slot->control;
	header->msg_controllen = sizeof(slot->control);
	control = CMSG_FIRSTHDR(header);
	control->cmsg_level = IPPROTO_IP;
	control->cmsg_type = IP_PKTINFO;
	control->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
}

void gre_socket_send(struct gre_socket *socket, struct in_addr own, const struct gre_header *header)
{
	struct slot *slot = &socket->out_slots[socket->waiting];
	const struct in_pktinfo info = {.ipi_spec_dst = own};
	uint8_t encoded[GRE_HEADER_MAX];
	size_t len = gre_encode(header, encoded);

	if (!len || len + header->payload_len > PACKET_SIZE)
		bug("gre_socket: a payload of %zu bytes", header->payload_len);
	memcpy(slot->packet, encoded, len);
	if (header->payload_len)
		memcpy(slot->packet + len, header->payload, header->payload_len);
	slot->part.iov_len = len + header->payload_len;
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&socket->out[socket->waiting].msg_hdr)), &info,
	       sizeof(info));
	if (++socket->waiting == BATCH)
		gre_socket_flush(socket);
	else
		ev_prepare_start(socket->loop, &socket->prepare);
}

static int open_raw(void)
{
	const int discover = IP_PMTUDISC_DONT, receive = RECEIVE_BUFFER, send = SEND_BUFFER;
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, GRE_IP_PROTOCOL);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive, sizeof(receive));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send, sizeof(send));
	(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover));
	return fd;
}

struct gre_socket *gre_socket_new(struct ev_loop *loop, struct in_addr server,
				  gre_socket_take *take, void *context)
{
	struct gre_socket *new = calloc(1, sizeof(*new));
	int fd = open_raw();

	if (!new || fd < 0) {
		free(new);
		return NULL;
	}
	new->loop = loop;
	new->take = take;
	new->context = context;
	new->server = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = server};
	for (unsigned i = 0; i < BATCH; i++) {
		prepare_slot(new, &new->out[i], &new->out_slots[i]);
		prepare_slot(new, &new->in[i], &new->in_slots[i]);
	}
	ev_io_init(&new->readable, on_readable, fd, EV_READ);
	ev_io_start(loop, &new->readable);
	ev_prepare_init(&new->prepare, on_prepare);
	return new;
}

void gre_socket_free(struct gre_socket *socket)
{
	if (!socket)
		return;
	gre_socket_flush(socket);
	ev_io_stop(socket->loop, &socket->readable);
	(void)close(socket->readable.fd);
	free(socket);
}

const struct gre_socket_counters *gre_socket_counters(const struct gre_socket *socket)
{
	return &socket->counters;
}
