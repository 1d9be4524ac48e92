/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's PPTP sockets; see the header. Runs as root. */
#include "pptpd/channel_kernel.h"

#include <errno.h>
#include <sys/socket.h>

#include <linux/if_pppox.h>

#include "pptpd/base/fdio.h"

static struct sockaddr_pppox socket_address(const struct channel_kernel_end *end)
{
	return (struct sockaddr_pppox){
		.sa_family = AF_PPPOX,
		.sa_protocol = PX_PROTO_PPTP,
		.sa_addr.pptp = {.call_id = end->call_id, .sin_addr = end->address},
	};
}

static int open_socket(void)
{
	return socket(AF_PPPOX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, PX_PROTO_PPTP);
}

int channel_kernel_open(const struct channel_kernel_end *ours,
			const struct channel_kernel_end *clients)
{
	const struct sockaddr_pppox local = socket_address(ours), remote = socket_address(clients);
	int fd = open_socket(), error;

	if (fd >= 0 && bind(fd, (const void *)&local, sizeof(local)) == 0 &&
	    connect(fd, (const void *)&remote, sizeof(remote)) == 0)
		return fd;
	error = -errno;
	fdio_close(&fd);
	return error;
}

int channel_kernel_probe(void)
{
	int fd = open_socket();

	if (fd < 0)
		return -errno;
	fdio_close(&fd);
	return 0;
}
