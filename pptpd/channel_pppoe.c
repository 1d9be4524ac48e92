/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's PPPoE sockets; see the header. Runs as root. */
#include "pptpd/channel_pppoe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_pppox.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"
#include "pptpd/link.h"

static int open_socket(void)
{
	return socket(AF_PPPOX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, PX_PROTO_OE);
}

int channel_pppoe_open(const struct link *link, uint16_t session)
{
	struct sockaddr_pppox address = {
		.sa_family = AF_PPPOX,
		.sa_protocol = PX_PROTO_OE,
		.sa_addr.pppoe = {.sid = htons(session)},
	};
	int fd = open_socket(), error;

	memcpy(address.sa_addr.pppoe.remote, link->child, sizeof(address.sa_addr.pppoe.remote));
	memcpy(address.sa_addr.pppoe.dev, link->name, sizeof(address.sa_addr.pppoe.dev));
	if (fd >= 0 && connect(fd, (const void *)&address, sizeof(address)) == 0)
		return fd;
	error = -errno;
	fdio_close(&fd);
	return error;
}

/* With a link of its own, since that may be what fails. */
int channel_pppoe_probe(const struct link_wish *wish, const char **ret_failed)
{
	const uint16_t any_session = 1;
	struct link link;
	int fd = open_socket(), error = fd < 0 ? -errno : 0;

	*ret_failed = "kernel";
	fdio_close(&fd);
	if (!error)
		error = link_open(wish, &link, ret_failed);
	if (error)
		return error;
	*ret_failed = "session";
	fd = channel_pppoe_open(&link, any_session);
	error = MIN(fd, 0);
	fdio_close(&fd);
	fdio_close(&link.fd);
	return error;
}
