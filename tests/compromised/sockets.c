/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What its sockets, and those that it has not, are asked to do; see the header. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/base/util.h"
#include "tests/compromised/attempt.h"
#include "tests/compromised/compromised.h"

/* An address that nobody gave us. */
#define ELSEWHERE 0x7f000063u

static void try_sockets(int connection)
{
	static int pair[2];
	static char request[64];
	const int one = 1;
	const struct sockaddr_in elsewhere = {
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(ELSEWHERE)}};
	const struct attempt attempts[] = {
		{"socket inet", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
		{"socket inet6", SYS_socket, {AF_INET6, SOCK_DGRAM, 0}},
		{"socket raw", SYS_socket, {AF_INET, SOCK_RAW, IPPROTO_RAW}},
		{"socket packet", SYS_socket, {AF_PACKET, SOCK_RAW, 0}},
		{"socket unix", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
		{"socket netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}},
		{"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, AT(pair)}},
		{"connect", SYS_connect, {connection, AT(&elsewhere), sizeof(elsewhere)}},
		{"bind", SYS_bind, {connection, AT(&elsewhere), sizeof(elsewhere)}},
		{"listen", SYS_listen, {connection, 1}},
		{"accept4", SYS_accept4, {connection, 0, 0, 0}},
		{"ioctl of a socket", SYS_ioctl, {connection, SIOCATMARK, AT(request)}},
		{"ioctl of the log", SYS_ioctl, {STDERR_FILENO, TIOCSTI, AT(request)}},
		{"SO_ATTACH_FILTER",
		 SYS_setsockopt,
		 {connection, SOL_SOCKET, SO_ATTACH_FILTER, AT(&one), sizeof(one)}},
		{"SO_MARK",
		 SYS_setsockopt,
		 {connection, SOL_SOCKET, SO_MARK, AT(&one), sizeof(one)}},
		{"TCP_ULP", SYS_setsockopt, {connection, IPPROTO_TCP, 31, AT("tls"), 3}},
		{"IP_OPTIONS of the connection",
		 SYS_setsockopt,
		 {connection, IPPROTO_IP, IP_OPTIONS, AT(&one), sizeof(one)}},
	};

	attempt_all(attempts, ARRAY_SIZE(attempts));
}

/* The receiver has to see our own address as the source of all of it. */
static void send_spoofed_header(int raw)
{
	static const uint8_t packet[] = {
		0x45, 0, 0, 24, 0, 0, 0,    0,    64, 47, 0, 0, /* IP, GRE */
		127,  0, 0, 99,                                 /* from somebody else */
		127,  0, 0, 2,  0, 0, 0x88, 0x0b,
	};

	if (write(raw, packet, sizeof(packet)) < 0)
		log_info("compromised: a spoofed header as payload: stopped (%s)", strerror(errno));
}

static void try_raw_socket(int raw)
{
	const int one = 1;
	static char bytes[64];
	struct sockaddr_in elsewhere = {.sin_family = AF_INET, .sin_addr = {htonl(ELSEWHERE)}};
	struct iovec part = {bytes, sizeof(bytes)};
	struct mmsghdr message = {.msg_hdr = {.msg_name = &elsewhere,
					      .msg_namelen = sizeof(elsewhere),
					      .msg_iov = &part,
					      .msg_iovlen = 1}};
	const struct attempt attempts[] = {
		{"IP_HDRINCL",
		 SYS_setsockopt,
		 {raw, IPPROTO_IP, IP_HDRINCL, AT(&one), sizeof(one)}},
		{"IP_TRANSPARENT",
		 SYS_setsockopt,
		 {raw, IPPROTO_IP, IP_TRANSPARENT, AT(&one), sizeof(one)}},
		{"sendto elsewhere",
		 SYS_sendto,
		 {raw, AT(bytes), sizeof(bytes), 0, AT(&elsewhere), sizeof(elsewhere)}},
		{"sendmsg elsewhere", SYS_sendmsg, {raw, AT(&message.msg_hdr), 0}},
		{"sendmmsg elsewhere", SYS_sendmmsg, {raw, AT(&message), 1, 0}},
		{"connect the raw socket elsewhere",
		 SYS_connect,
		 {raw, AT(&elsewhere), sizeof(elsewhere)}},
		{"bind the raw socket", SYS_bind, {raw, AT(&elsewhere), sizeof(elsewhere)}},
	};

	attempt_all(attempts, ARRAY_SIZE(attempts));
	send_spoofed_header(raw);
}

void compromised_try_system(int connection, int raw)
{
	attempt_system(getppid());
	try_sockets(connection);
	if (raw >= 0)
		try_raw_socket(raw);
	attempt_tell();
}
