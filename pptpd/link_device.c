/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of network devices; see the header. Runs as root. */
#include "pptpd/link_device.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

/*
 * The holder of the link's other end could otherwise send any packet as if it had come from a
 * network of ours: with these the kernel drops whatever is not PPPoE. A device without an address
 * passes no filter of the reverse path, be the setting for all devices loose.
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

/* Asking loads it where it is a module: loaded later, it would take up the device unhardened. */
static bool has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 || errno != EAFNOSUPPORT;

	fdio_close(&fd);
	return has;
}

int link_device_harden(const char *name, const char **ret_failed)
{
	bool ipv6 = has_ipv6();

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		int error = settings[i].of_ipv6 && !ipv6 ? 0 : write_setting(&settings[i], name);

		*ret_failed = settings[i].name;
		if (error)
			return error;
	}
	return 0;
}

static int change(int control, unsigned long request, struct ifreq *device)
{
	return ioctl(control, request, device) == 0 ? 0 : -errno;
}

static struct ifreq of_name(const char *name)
{
	struct ifreq device = {.ifr_name = ""};

	(void)snprintf(device.ifr_name, sizeof(device.ifr_name), "%s", name);
	return device;
}

int link_device_set(const char *name, const uint8_t address[ETH_ALEN], int mtu,
		    const char **ret_failed)
{
	struct ifreq device = of_name(name);
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = control < 0 ? -errno : 0;

	*ret_failed = "address";
	device.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(device.ifr_hwaddr.sa_data, address, ETH_ALEN);
	if (!error)
		error = change(control, SIOCSIFHWADDR, &device);
	if (!error) {
		*ret_failed = "MTU";
		device.ifr_mtu = mtu;
		error = change(control, SIOCSIFMTU, &device);
	}
	fdio_close(&control);
	return error;
}

int link_device_set_up(const char *name, const char **ret_failed)
{
	struct ifreq device = of_name(name);
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = control < 0 ? -errno : 0;

	*ret_failed = "flags";
	device.ifr_flags = IFF_UP | IFF_NOARP;
	if (!error)
		error = change(control, SIOCSIFFLAGS, &device);
	fdio_close(&control);
	return error;
}
