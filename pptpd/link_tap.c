/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TAP devices for PPPoE; see the header. Runs as root. */
#include "pptpd/link_tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/link.h"
#include "pptpd/link_device.h"

#define TUN_DEVICE "/dev/net/tun"

/* The kernel picks the number. */
#define NAME_TEMPLATE "rrp-%d"

/*
 * Frames that wait for pptpctrl to read. It always reads, and queues itself: this is for the time
 * that it takes to be scheduled.
 */
#define LINK_QUEUE 200

static int shorten_queue(const char *name)
{
	struct ifreq device = {.ifr_name = ""};
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

	memcpy(device.ifr_name, name, sizeof(device.ifr_name));
	device.ifr_qlen = LINK_QUEUE;
	if (control < 0 || ioctl(control, SIOCSIFTXQLEN, &device) != 0)
		error = -errno;
	fdio_close(&control);
	return error;
}

int link_tap_make(struct link *link, const char **ret_failed)
{
	struct ifreq device = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int error;

	*ret_failed = TUN_DEVICE;
	link->fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (link->fd < 0)
		return -errno;
	memcpy(device.ifr_name, NAME_TEMPLATE, sizeof(NAME_TEMPLATE));
	*ret_failed = "TUNSETIFF";
	if (ioctl(link->fd, TUNSETIFF, &device) != 0)
		return -errno;
	memcpy(link->name, device.ifr_name, sizeof(link->name));
	/* At once: others could change an address that was nobody's choice (systemd.link(5)). */
	error = link_device_set(link->name, link->kernel, LINK_MTU, ret_failed);
	if (error)
		return error;
	*ret_failed = "queue";
	return shorten_queue(link->name);
}
