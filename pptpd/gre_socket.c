/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GRE's raw sockets; see the header. Runs as root. */
#include "pptpd/gre_socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "pptpd/base/address.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

/* IP protocol number of GRE. The codecs are not linked into this process. */
#define PROTOCOL_GRE 47

/* Enhanced GRE's header with both numbers, and its flag of the sequence number (RFC 2637 4.1). */
#define GRE_HEADER_LEN    16
#define GRE_FLAG_SEQUENCE 0x1000

/* Some dozens of packets: a burst, within which order shows. */
#define SAMPLE_BUFFER 32768

static int open_socket(void)
{
	return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, PROTOCOL_GRE);
}

static bool join(int fd, const struct address *from, const struct address *to)
{
	struct address local = *from, remote = *to;
	const int discover = IP_PMTUDISC_DONT; /* the kernel fragments; the child may set nothing */

	local.in.sin_port = 0;
	remote.in.sin_port = 0;
	return bind(fd, &local.sa, local.len) == 0 && connect(fd, &remote.sa, remote.len) == 0 &&
	       setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover)) == 0;
}

/* The IP header, whatever its length, and GRE's; nothing of a packet without sequence number. */
static bool keep_headers_only(int fd)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, GRE_FLAG_SEQUENCE, 0, 3),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, GRE_HEADER_LEN),
		BPF_STMT(BPF_RET | BPF_A, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {.len = ARRAY_SIZE(code), .filter = code};
	const int locked = 1, buffer = SAMPLE_BUFFER;

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 &&
	       setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &locked, sizeof(locked)) == 0 &&
	       setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)) == 0;
}

static int finish(int fd, bool good)
{
	int error = -errno;

	if (good)
		return fd;
	fdio_close(&fd);
	return error;
}

int gre_socket_open(const struct address *local, const struct address *remote)
{
	int fd = open_socket();

	return finish(fd, fd >= 0 && join(fd, local, remote));
}

int gre_socket_open_sample(const struct address *local, const struct address *remote)
{
	int fd = open_socket();

	return finish(fd, fd >= 0 && keep_headers_only(fd) && join(fd, local, remote));
}
