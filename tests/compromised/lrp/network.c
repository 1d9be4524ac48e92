/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets; see the header. Frames that leave would be seen at the other end of the link. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pptpd/base/util.h"
#include "tests/compromised/lrp/compromised.h"

/* What only the lower half of a register shows is the same descriptor to the kernel. */
#define HIGH_HALF (1L << 32)

#define BROADCAST 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
#define OURS      0x02, 0x00, 0x00, 0x00, 0x00, 0x01

/* "192.168.77.254 is at 02:00:00:00:00:01" */
static const uint8_t arp[42] = {
	BROADCAST, OURS, 0x08, 0x06, 0,  1,   8,         0,   6,   4,  0,
	2,         OURS, 192,  168,  77, 254, BROADCAST, 192, 168, 77, 255,
};

/* A router advertisement to all nodes; whoever sees it need not check its sum. */
static const uint8_t advertisement[70] = {
	0x33, 0x33, 0, 0, 0,  1, OURS, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 16, 58, 255, /* IPv6 */
	0xfe, 0x80, 0, 0, 0,  0, 0,    0,    0,    0,    0, 0, 0, 0, 0,  1,       /* from */
	0xff, 0x02, 0, 0, 0,  0, 0,    0,    0,    0,    0, 0, 0, 0, 0,  1,       /* to */
	134,  0,    0, 0, 64, 0, 7,    8,
};

static void try_sockets(const struct worker_settings *settings)
{
	static int pair[2];
	static char request[64];
	const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(1724)};
	const int stream = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
	const struct attempt attempts[] = {
		{"socket packet", SYS_socket, {AF_PACKET, SOCK_RAW, 0}},
		{"socket raw", SYS_socket, {AF_INET, SOCK_RAW, IPPROTO_RAW}},
		{"socket raw v6", SYS_socket, {AF_INET6, SOCK_RAW, IPPROTO_ICMPV6}},
		{"socket udp", SYS_socket, {AF_INET, SOCK_DGRAM, 0}},
		{"socket mptcp", SYS_socket, {AF_INET, stream, 262}},
		{"socket unix", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
		{"socket netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}},
		{"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, AT(pair)}},
		{"bind", SYS_bind, {settings->sockets.listener, AT(&any), sizeof(any)}},
		{"listen", SYS_listen, {settings->sockets.listener, 1}},
		{"ioctl", SYS_ioctl, {settings->sockets.listener, SIOCGIFMTU, AT(request)}},
		{"terminal input", SYS_ioctl, {STDERR_FILENO, TIOCSTI, AT(request)}},
	};

	attempt_all(attempts, ARRAY_SIZE(attempts));
}

static void try_options(const struct worker_settings *settings, int packet)
{
	const int one = 1;
	const struct packet_mreq all = {.mr_type = PACKET_MR_PROMISC};
	const long raw = settings->sockets.raw_gre;
	const struct attempt attempts[] = {
		{"IP_HDRINCL", SYS_setsockopt, {raw, IPPROTO_IP, IP_HDRINCL, AT(&one), 4}},
		{"IP_TRANSPARENT", SYS_setsockopt, {raw, IPPROTO_IP, IP_TRANSPARENT, AT(&one), 4}},
		{"filter off raw",
		 SYS_setsockopt,
		 {raw, SOL_SOCKET, SO_DETACH_FILTER, AT(&one), 4}},
		{"filter off packet",
		 SYS_setsockopt,
		 {packet, SOL_SOCKET, SO_DETACH_FILTER, AT(&one), 4}},
		{"promiscuous",
		 SYS_setsockopt,
		 {packet, SOL_PACKET, PACKET_ADD_MEMBERSHIP, AT(&all), sizeof(all)}},
		{"TCP_ULP", SYS_setsockopt, {raw, IPPROTO_TCP, 31, AT("tls"), 3}},
	};

	attempt_all(attempts, ARRAY_SIZE(attempts));
}

/* Once by each call that writes, to the socket and to what might be another name of it. */
static void try_frame(int packet, const char *names[8], const uint8_t *frame, size_t len)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = 2, .sll_halen = 6};
	struct iovec part = {(void *)(uintptr_t)frame, len};
	struct msghdr message = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &part, .msg_iovlen = 1};
	struct mmsghdr messages = {.msg_hdr = message};
	const struct attempt attempts[] = {
		{names[0], SYS_write, {packet, AT(frame), (long)len}},
		{names[1], SYS_write, {packet + HIGH_HALF, AT(frame), (long)len}},
		{names[2], SYS_writev, {packet, AT(&part), 1}},
		{names[3], SYS_sendto, {packet, AT(frame), (long)len, 0, 0, 0}},
		{names[4], SYS_sendto, {packet + HIGH_HALF, AT(frame), (long)len, 0, 0, 0}},
		{names[5], SYS_sendto, {packet, AT(frame), (long)len, 0, AT(&to), sizeof(to)}},
		{names[6], SYS_sendmsg, {packet, AT(&message), 0}},
		{names[7], SYS_sendmmsg, {packet, AT(&messages), 1, 0}},
	};

	attempt_all(attempts, ARRAY_SIZE(attempts));
}

/* Numbers under which the packet socket could be written. */
static void try_other_names(const struct worker_settings *settings, int packet)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct iovec part = {&control, 1};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	const struct attempt attempts[] = {
		{"dup", SYS_dup, {packet}},
		{"dup2", SYS_dup2, {packet, 100}},
		{"dup2 on the listener", SYS_dup2, {packet, settings->sockets.listener}},
		{"dup3", SYS_dup3, {packet, 100, 0}},
		{"F_DUPFD", SYS_fcntl, {packet, F_DUPFD, 100}},
		{"F_DUPFD_CLOEXEC", SYS_fcntl, {packet, F_DUPFD_CLOEXEC, 100}},
		{"pidfd_getfd", SYS_pidfd_getfd, {0, packet, 0}},
		{"pass it to the parent", SYS_sendmsg, {settings->link, AT(&message), 0}},
		{"receive a descriptor", SYS_recvmsg, {settings->link, AT(&message), MSG_DONTWAIT}},
		{"splice", SYS_splice, {settings->link, 0, packet, 0, 1, 0}},
		{"sendfile", SYS_sendfile, {packet, settings->link, 0, 1}},
	};

	memcpy(CMSG_DATA(&control.header), &packet, sizeof(packet));
	attempt_all(attempts, ARRAY_SIZE(attempts));
}

void compromised_try_network(const struct worker_settings *settings, int packet)
{
	const char *arp_names[8] = {"ARP by write",   "ARP by write, high half", "ARP by writev",
				    "ARP by send",    "ARP by send, high half",  "ARP by sendto",
				    "ARP by sendmsg", "ARP by sendmmsg"};
	const char *router_names[8] = {"RA by write",   "RA by write, high half", "RA by writev",
				       "RA by send",    "RA by send, high half",  "RA by sendto",
				       "RA by sendmsg", "RA by sendmmsg"};

	try_sockets(settings);
	try_options(settings, packet);
	try_frame(packet, arp_names, arp, sizeof(arp));
	try_frame(packet, router_names, advertisement, sizeof(advertisement));
	try_other_names(settings, packet);
}
