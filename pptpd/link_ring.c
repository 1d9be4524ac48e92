/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual Ethernet pairs and packet rings for PPPoE; see the header. The manager itself never
 * leaves its network namespace: a child of it does, and passes the socket back. Runs as root.
 */
#include "pptpd/link_ring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"
#include "pptpd/link.h"
#include "pptpd/link_device.h"
#include "pptpd/route_message.h"
#include "pptpd/route_writer.h"

/* For all of it, while the manager waits. Usual are some milliseconds. */
#define PATIENCE_MS 200

/* The inner device. It has its namespace for itself. */
#define INNER_NAME "link"

/* Two slots to a page. */
#define BLOCK_LEN 4096

static const struct ipc_ring rings[] = {
	[LINK_SMALL] = {IPC_RING_DIRECT_RECEIVE, IPC_RING_DIRECT_SEND, IPC_RING_SLOT_LEN},
	[LINK_LARGE] = {IPC_RING_TUNNEL_RECEIVE, IPC_RING_TUNNEL_SEND, IPC_RING_SLOT_LEN},
};

/*
 * More than the outer device's, for the bytes that MPPE adds: that is what bounds, with the four
 * bytes of a VLAN's tag to spare.
 */
#define INNER_MTU (LINK_MTU + 8)

/*
 * A frame for pppd counts, with what the kernel has around it, until pppd reads it, and the kernel
 * keeps 32 of them for each. What one pppd does not read must not keep those of others out, nor
 * what waits for a processor (net.core.netdev_max_backlog, 1000). The kernel takes no more than
 * the last of these.
 */
#define FRAME_MEMORY    4096
#define FRAMES_OF_CALL  32
#define FRAMES_ON_WAY   1000
#define SEND_BUFFER_MAX (INT_MAX / 2)

struct plan {
	const struct link *link;
	int send_buffer; /* bytes */
};

/* What the child says; a descriptor comes with it if there is no error. */
struct report {
	int error;
	unsigned step; /* of steps[] */
};

struct step {
	const char *name;
	int (*run)(const struct plan *plan, int *fd);
};

/* Frames are sent by what is in the slots, whatever is in the way: a bad one is skipped. */
static int set_up_socket(const struct plan *plan, int *fd)
{
	const int version = TPACKET_V2, skip_bad = 1, no_queue = 1;
	const struct {
		int level, option;
		const int *value;
	} options[] = {
		{SOL_PACKET, PACKET_VERSION, &version},
		{SOL_PACKET, PACKET_LOSS, &skip_bad},
		{SOL_PACKET, PACKET_QDISC_BYPASS, &no_queue},
		{SOL_SOCKET, SO_SNDBUFFORCE, &plan->send_buffer},
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
		.tp_block_nr = slots / (BLOCK_LEN / IPC_RING_SLOT_LEN),
		.tp_frame_size = IPC_RING_SLOT_LEN,
		.tp_frame_nr = slots,
	};

	return setsockopt(fd, SOL_PACKET, option, &ring, sizeof(ring)) == 0 ? 0 : -errno;
}

static int make_rings(const struct plan *plan, int *fd)
{
	int error = make_ring(*fd, PACKET_RX_RING, plan->link->ring.receive_slots);

	return error ? error : make_ring(*fd, PACKET_TX_RING, plan->link->ring.send_slots);
}

static int make_namespace(const struct plan *plan UNUSED, int *fd UNUSED)
{
	return unshare(CLONE_NEWNET) == 0 ? 0 : -errno;
}

static int make_pair(const struct plan *plan, int *fd)
{
	const struct link *link = plan->link;
	struct route_pair_end outer = {.name = link->name, .mtu = LINK_MTU};
	struct route_pair_end inner = {.name = INNER_NAME, .mtu = INNER_MTU};

	memcpy(outer.address, link->kernel, sizeof(outer.address));
	memcpy(inner.address, link->child, sizeof(inner.address));
	return route_message_make_pair(*fd, &outer, &inner, getpid());
}

/* From the former namespace on. */
static int open_route(const struct plan *plan UNUSED, int *fd)
{
	*fd = route_writer_open_socket();
	return MIN(*fd, 0);
}

/* It sends nothing by itself, and takes nothing but through the socket. */
static int start_inner(const struct plan *plan UNUSED, int *fd UNUSED)
{
	const char *failed;
	int error = link_device_harden(INNER_NAME, &failed);

	return error ? error : link_device_set_up(INNER_NAME, &failed);
}

static int bind_socket(const struct plan *plan UNUSED, int *fd)
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
static void run_steps(const struct plan *plan, int back)
{
	struct report report = {.error = 0};
	int route = -1, packet = -1;

	for (unsigned i = 0; i < ARRAY_SIZE(steps) && !report.error; i++) {
		report.step = i;
		report.error = steps[i].run(plan, i < FORMER_STEPS ? &route : &packet);
	}
	report_back(back, &report, report.error ? -1 : packet);
	_exit(0);
}

/* Signals, which tell of other processes that end, make it no shorter. */
static bool wait_readable(int back)
{
	const struct mono deadline = mono_add_ms(mono_now(), PATIENCE_MS);
	struct pollfd wait = {.fd = back, .events = POLLIN};
	int ready;

	do {
		double left_s = mono_until_s(deadline, mono_now());

		ready = poll(&wait, 1, left_s > 0. ? (int)(left_s * 1000.) + 1 : 0);
	} while (ready < 0 && errno == EINTR);
	return ready > 0;
}

static int wait_for_report(int back, struct link *link, const char **ret_failed)
{
	struct report report;
	ssize_t len;
	int fd = -1;

	*ret_failed = "process";
	if (!wait_readable(back))
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

/* Bytes; the kernel doubles what it is told. */
static int send_buffer_for(unsigned calls)
{
	uint64_t frames = FRAMES_ON_WAY + (uint64_t)calls * FRAMES_OF_CALL;

	return (int)MIN(frames * FRAME_MEMORY / 2, (uint64_t)SEND_BUFFER_MAX);
}

/* One that hangs in the kernel dies when it leaves it: the loop reaps it then, as any process. */
static void end_child(pid_t pid, bool hangs)
{
	(void)kill(pid, SIGKILL); /* it has nothing left to do */
	while (waitpid(pid, NULL, hangs ? WNOHANG : 0) < 0 && errno == EINTR)
		;
}

int link_ring_make(struct link *link, const struct link_wish *wish, const char **ret_failed)
{
	const struct plan plan = {link, send_buffer_for(wish->calls)};
	int ends[2], error;
	pid_t pid;

	link->ring = rings[wish->size];
	(void)snprintf(link->name, sizeof(link->name), "rrp-%02x%02x%02x%02x", link->kernel[2],
		       link->kernel[3], link->kernel[4], link->kernel[5]);
	*ret_failed = "process";
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		run_steps(&plan, ends[1]);
	error = pid < 0 ? -errno : 0;
	fdio_close(&ends[1]);
	if (!error)
		error = wait_for_report(ends[0], link, ret_failed);
	fdio_close(&ends[0]);
	if (pid > 0)
		end_child(pid, error == -ETIMEDOUT);
	return error;
}
