/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TAP devices for PPPoE; see the header. Runs as root. */
#include "pptpd/link_tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if_arp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

#define TUN_DEVICE "/dev/net/tun"

/* The kernel picks the number. */
#define NAME_TEMPLATE "rrp-%d"

/* PPP's usual 1500, the PPPoE header's 6 bytes and PPP's protocol's 2 (RFC 2516 4). */
#define LINK_MTU 1508

/*
 * Frames that wait for pptpctrl to read. It always reads, and queues itself: this is for the time
 * that it takes to be scheduled.
 */
#define LINK_QUEUE 200

/*
 * The descriptor's holder could otherwise send any packet as if it had come from a network of ours:
 * with these the kernel drops whatever is not PPPoE. A device without an address passes no filter
 * of the reverse path, be the setting for all devices loose.
 */
struct setting {
	const char *family;
	const char *name;
	const char *value;
	bool of_ipv6; /* not where the kernel has none */
};

static const struct setting settings[] = {
	{"ipv4", "rp_filter", "1", false},
	{"ipv4", "forwarding", "0", false},
	{"ipv6", "accept_ra", "0", true},
	{"ipv6", "disable_ipv6", "1", true},
};

static int write_setting(const struct setting *setting, const char *device)
{
	char path[128];
	ssize_t len = (ssize_t)strlen(setting->value), written;
	int fd, error = 0;

	(void)snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", setting->family, device,
		       setting->name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	written = write(fd, setting->value, (size_t)len);
	if (written != len)
		error = written < 0 ? -errno : -EIO;
	fdio_close(&fd);
	return error;
}

static int change(int control, unsigned long request, struct ifreq *device)
{
	return ioctl(control, request, device) == 0 ? 0 : -errno;
}

/* Two addresses of the locally administered kind that differ in one bit. */
static int choose_addresses(struct link_tap *link)
{
	if (getrandom(link->kernel, sizeof(link->kernel), 0) != (ssize_t)sizeof(link->kernel))
		return -errno;
	link->kernel[0] = (link->kernel[0] & 0xfcU) | 0x02U;
	memcpy(link->child, link->kernel, sizeof(link->child));
	link->child[ETH_ALEN - 1] ^= 1U;
	return 0;
}

static int make_device(struct link_tap *link, const char **ret_failed)
{
	struct ifreq device = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	*ret_failed = TUN_DEVICE;
	link->fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (link->fd < 0)
		return -errno;
	memcpy(device.ifr_name, NAME_TEMPLATE, sizeof(NAME_TEMPLATE));
	*ret_failed = "TUNSETIFF";
	if (ioctl(link->fd, TUNSETIFF, &device) != 0)
		return -errno;
	memcpy(link->name, device.ifr_name, sizeof(link->name));
	*ret_failed = "random address";
	return choose_addresses(link);
}

static int set_up(const struct link_tap *link, int control, const char **ret_failed)
{
	struct ifreq device = {.ifr_name = ""};
	int error;

	memcpy(device.ifr_name, link->name, sizeof(device.ifr_name));
	device.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(device.ifr_hwaddr.sa_data, link->kernel, ETH_ALEN);
	*ret_failed = "address";
	error = change(control, SIOCSIFHWADDR, &device);
	if (error)
		return error;
	device.ifr_mtu = LINK_MTU;
	*ret_failed = "MTU";
	error = change(control, SIOCSIFMTU, &device);
	if (error)
		return error;
	device.ifr_qlen = LINK_QUEUE;
	*ret_failed = "queue";
	error = change(control, SIOCSIFTXQLEN, &device);
	if (error)
		return error;
	device.ifr_flags = IFF_UP | IFF_NOARP;
	*ret_failed = "flags";
	return change(control, SIOCSIFFLAGS, &device);
}

/* Asking loads it where it is a module: loaded later, it would take up the device unhardened. */
static bool has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 || errno != EAFNOSUPPORT;

	fdio_close(&fd);
	return has;
}

static int harden(const struct link_tap *link, const char **ret_failed)
{
	bool ipv6 = has_ipv6();

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		int error =
			settings[i].of_ipv6 && !ipv6 ? 0 : write_setting(&settings[i], link->name);

		*ret_failed = settings[i].name;
		if (error)
			return error;
	}
	return 0;
}

int link_tap_open(struct link_tap *ret_link, const char **ret_failed)
{
	struct link_tap link = {.fd = -1};
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = control < 0 ? -errno : 0;

	*ret_failed = "socket";
	if (!error)
		error = make_device(&link, ret_failed);
	if (!error)
		error = harden(&link, ret_failed);
	if (!error)
		error = set_up(&link, control, ret_failed);
	fdio_close(&control);
	if (error) {
		fdio_close(&link.fd); /* and so the device */
		return error;
	}
	*ret_link = link;
	return 0;
}
