/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What links of both kinds have in common; see the header. Runs as root. */
#include "pptpd/link.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "pptpd/base/fdio.h"
#include "pptpd/link_device.h"
#include "pptpd/link_filter.h"
#include "pptpd/link_ring.h"
#include "pptpd/link_tap.h"

/* Two addresses of the locally administered kind that differ in one bit. */
static int choose_addresses(struct link *link)
{
	if (getrandom(link->kernel, sizeof(link->kernel), 0) != (ssize_t)sizeof(link->kernel))
		return -errno;
	link->kernel[0] = (link->kernel[0] & 0xfcU) | 0x02U;
	memcpy(link->child, link->kernel, sizeof(link->child));
	link->child[ETH_ALEN - 1] ^= 1U;
	return 0;
}

int link_open(const struct link_wish *wish, struct link *ret_link, const char **ret_failed)
{
	struct link link = {.fd = -1, .kind = wish->kind};
	int error = choose_addresses(&link);

	*ret_failed = "random address";
	if (!error)
		error = wish->kind == IPC_LINK_RING ? link_ring_make(&link, wish, ret_failed)
						    : link_tap_make(&link, ret_failed);
	if (!error)
		error = link_device_harden(link.name, ret_failed);
	if (!error && wish->with_filter) {
		*ret_failed = "filter";
		error = link_filter_attach(link.name);
	}
	if (!error)
		error = link_device_set_up(link.name, ret_failed);
	if (error) {
		fdio_close(&link.fd); /* and so the device */
		return error;
	}
	*ret_link = link;
	return 0;
}
