/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual Ethernet pairs and packet rings for PPPoE; see the header. The manager itself never
 * leaves its network namespace: a child of it does, and passes the socket back. Runs as root.
 */
#include "pptpd/link_ring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"
#include "pptpd/link.h"
#include "pptpd/link_device.h"
#include "pptpd/route_message.h"

/* For all of it. Usual are one or two milliseconds. */
#define PATIENCE_MS 1000

/* The inner device. It has its namespace for itself. */
#define INNER_NAME "link"

/*
 * A slot has a header and a frame: two to a page. What comes is read when pptpctrl is scheduled;
 * what goes is taken by the kernel at once, so that send slots only make batches longer.
 */
#define SLOT_LEN  2048
#define BLOCK_LEN 4096

static const struct ipc_ring rings[] = {
	[LINK_SMALL] = {.receive_slots = 64, .send_slots = 32, .slot_len = SLOT_LEN},
	[LINK_LARGE] = {.receive_slots = 256, .send_slots = 64, .slot_len = SLOT_LEN},
};

/*
 * More than the outer device's, for the bytes that MPPE adds: that is what bounds, with the four
 * bytes of a VLAN's tag to spare.
 */
#define INNER_MTU (LINK_MTU + 8)

/*
 * A frame for pppd counts until pppd reads it, and the kernel keeps 32 of them for each. What one
 * pppd does not read must not keep those of others out.
 */
#define SEND_BUFFER (1 << 29)

/* What the child says; a descriptor comes with it if there is no error. */
struct report {
	int error;
	unsigned step; /* of steps[] */
};

struct step {
	const char *name;
	int (*run)(const struct link *link, int *fd);
};

/* Frames are sent by what is in the slots, whatever is in the way: a bad one is skipped. */
static int set_up_socket(const struct link *link UNUSED, int *fd)
{
	const int version = TPACKET_V2, skip_bad = 1, no_queue = 1, send_buffer = SEND_BUFFER;
	const struct {
		int level, option;
		const int *value;
	} options[] = {
		{SOL_PACKET, PACKET_VERSION, &version},
		{SOL_PACKET, PACKET_LOSS, &skip_bad},
		{SOL_PACKET, PACKET_QDISC_BYPASS, &no_queue},
		{SOL_SOCKET, SO_SNDBUFFORCE, &send_buffer},
	};

	*fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (setsockopt(*fd, options[i].level, options[i].option, options[i].value,
			       sizeof(*options[i].value)) != 0)
			return -errno;
	return 0;
}

static int make_ring(int fd, int option, unsigned slots)
{
	const struct tpacket_req ring = {
		.tp_block_size = BLOCK_LEN,
		.tp_block_nr = slots / (BLOCK_LEN / SLOT_LEN),
		.tp_frame_size = SLOT_LEN,
		.tp_frame_nr = slots,
	};

	return setsockopt(fd, SOL_PACKET, option, &ring, sizeof(ring)) == 0 ? 0 : -errno;
}

static int make_rings(const struct link *link, int *fd)
{
	int error = make_ring(*fd, PACKET_RX_RING, link->ring.receive_slots);

	return error ? error : make_ring(*fd, PACKET_TX_RING, link->ring.send_slots);
}

static int make_namespace(const struct link *link UNUSED, int *fd UNUSED)
{
	return unshare(CLONE_NEWNET) == 0 ? 0 : -errno;
}

static int make_pair(const struct link *link, int *fd)
{
	struct route_pair_end outer = {.name = link->name, .mtu = LINK_MTU};
	struct route_pair_end inner = {.name = INNER_NAME, .mtu = INNER_MTU};

	memcpy(outer.address, link->kernel, sizeof(outer.address));
	memcpy(inner.address, link->child, sizeof(inner.address));
	return route_message_make_pair(*fd, &outer, &inner, getpid());
}

/* From the former namespace on. */
static int open_route(const struct link *link UNUSED, int *fd)
{
	*fd = route_message_open();
	return MIN(*fd, 0);
}

/* It sends nothing by itself, and takes nothing but through the socket. */
static int start_inner(const struct link *link UNUSED, int *fd UNUSED)
{
	const char *failed;
	int error = link_device_harden(INNER_NAME, &failed);

	return error ? error : link_device_set_up(INNER_NAME, &failed);
}

static int bind_socket(const struct link *link UNUSED, int *fd)
{
	const struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_PPP_SES),
		.sll_ifindex = (int)if_nametoindex(INNER_NAME),
	};

	if (!address.sll_ifindex || bind(*fd, (const void *)&address, sizeof(address)) != 0)
		return -errno;
	return 0;
}

/* In this order: the first three with rtnetlink's socket, the others with the packet socket. */
static const struct step steps[] = {
	{"rtnetlink", open_route},   {"network namespace", make_namespace},
	{"veth pair", make_pair},    {"packet socket", set_up_socket},
	{"packet ring", make_rings}, {"inner device", start_inner},
	{"binding", bind_socket},
};

#define FORMER_STEPS 3

static void report_back(int back, const struct report *report, int fd)
{
	(void)fdio_send_message(back, report, sizeof(*report), fd);
}

/* In the child, which ends with it; and so does the namespace, unless the socket is in it. */
static void run_steps(const struct link *link, int back)
{
	struct report report = {.error = 0};
	int route = -1, packet = -1;

	for (unsigned i = 0; i < ARRAY_SIZE(steps) && !report.error; i++) {
		report.step = i;
		report.error = steps[i].run(link, i < FORMER_STEPS ? &route : &packet);
	}
	report_back(back, &report, report.error ? -1 : packet);
	_exit(0);
}

static int wait_for_report(int back, struct link *link, const char **ret_failed)
{
	struct pollfd wait = {.fd = back, .events = POLLIN};
	struct report report;
	ssize_t len;
	int fd = -1;

	*ret_failed = "process";
	if (poll(&wait, 1, PATIENCE_MS) <= 0)
		return -ETIMEDOUT;
	len = fdio_receive_message(back, &report, sizeof(report), &fd);
	if (len != (ssize_t)sizeof(report) || report.step >= ARRAY_SIZE(steps) ||
	    (fd < 0) != (report.error != 0)) {
		fdio_close(&fd);
		return len < 0 ? (int)len : -EPROTO;
	}
	*ret_failed = steps[report.step].name;
	link->fd = fd;
	return report.error;
}

int link_ring_make(struct link *link, enum link_size size, const char **ret_failed)
{
	int ends[2], error;
	pid_t pid;

	link->ring = rings[size];
	(void)snprintf(link->name, sizeof(link->name), "rrp-%02x%02x%02x%02x", link->kernel[2],
		       link->kernel[3], link->kernel[4], link->kernel[5]);
	*ret_failed = "process";
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		run_steps(link, ends[1]);
	error = pid < 0 ? -errno : 0;
	fdio_close(&ends[1]);
	if (!error)
		error = wait_for_report(ends[0], link, ret_failed);
	fdio_close(&ends[0]);
	if (pid > 0) {
		(void)kill(pid, SIGKILL); /* it has nothing left to do */
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return error;
}
