/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The capture by libpcap; see the header. */
#include "lrp/capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lrp/link_header.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

/*
 * The mapped ring. With slots for a packet of 1500 bytes about 2000 fragments: some 10 ms of a
 * gigabit link, far more than one round of the loop.
 */
#define RING_BYTES (4 * 1024 * 1024)

/* Room beside the MTU: link header, tag, and what libpcap puts in front of cooked frames. */
#define LINK_ROOM (LINK_HEADER_MAX + 12)

/* Linux limits the MTU of devices with a ring-captured link layer to this. */
#define MTU_MAX 65535

/*
 * Reads in a row that libpcap refused without a packet between them: then it will not recover.
 * A single one can come when the interface goes at the wrong moment.
 */
#define FAILED_READS_MAX 16

/* What of an interface decides whether a capture fits it. */
struct device {
	unsigned index;
	int mtu;
	int hardware; /* ARPHRD_ETHER ... */
};

struct capture {
	pcap_t *pcap;
	enum link_type link_type;
	char interface[IF_NAMESIZE];
	struct device device; /* the one it is bound to; its MTU as when the ring was made */
	unsigned failed_reads;
	struct capture_counters counters;
};

/* What one capture_read() hands to libpcap's callback. */
struct reading {
	struct capture *capture;
	capture_packet *packet;
	void *context;
};

static const struct {
	int dlt;
	enum link_type type;
} link_types[] = {
	{DLT_EN10MB, LINK_ETHERNET},
	{DLT_LINUX_SLL, LINK_LINUX_COOKED},
	{DLT_LINUX_SLL2, LINK_LINUX_COOKED2},
	{DLT_RAW, LINK_RAW_IP},
};

/* Returns 0 or a negative errno; -ENODEV when there is none of that name. */
static int device_find(const char *interface, struct device *ret_device)
{
	struct ifreq request = {0};
	struct device device = {.index = if_nametoindex(interface)};
	int error = 0;
	int fd;

	if (!device.index)
		return -ENODEV;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(fd, SIOCGIFMTU, &request) < 0)
		error = -errno;
	device.mtu = request.ifr_mtu;
	if (!error && ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		error = -errno;
	device.hardware = request.ifr_hwaddr.sa_family;
	fdio_close(&fd);
	if (!error && (device.mtu <= 0 || device.mtu > MTU_MAX))
		error = -EMSGSIZE;
	if (!error)
		*ret_device = device;
	return error;
}

static bool find_link_type(struct capture *capture, char ret_error[CAPTURE_ERROR_MAX])
{
	int dlt = pcap_datalink(capture->pcap);
	const char *name = pcap_datalink_val_to_name(dlt);

	for (size_t i = 0; i < ARRAY_SIZE(link_types); i++) {
		if (link_types[i].dlt == dlt) {
			capture->link_type = link_types[i].type;
			return true;
		}
	}
	(void)snprintf(ret_error, CAPTURE_ERROR_MAX,
		       "link type %s (%d) is neither Ethernet, Linux cooked nor bare IP",
		       name ? name : "unknown", dlt);
	return false;
}

/*
 * Every fragment has protocol 47 in its own IP header, so the later ones match too. The kernel
 * takes tags off before the filter sees the frame.
 */
static int set_filter(pcap_t *pcap, struct in_addr destination)
{
	struct bpf_program program;
	char address[INET_ADDRSTRLEN];
	char filter[64];
	int error;

	(void)inet_ntop(AF_INET, &destination, address, sizeof(address)); /* there is room */
	(void)snprintf(filter, sizeof(filter), "ip proto 47 and dst host %s", address);
	error = pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN);
	if (error)
		return error;
	error = pcap_setfilter(pcap, &program);
	pcap_freecode(&program);
	return error;
}

/* Everything between pcap_create() and the first packet; false with the reason. */
static bool start(struct capture *capture, struct in_addr destination,
		  char ret_error[CAPTURE_ERROR_MAX])
{
	char pcap_error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = capture->pcap;
	const int on = 1;
	int result = 0;

	/*
	 * GRE of version 1 and fragments are not merged by the kernel's receive offload, so no
	 * packet is longer than the MTU; slots of that size let the ring hold many.
	 */
	if (pcap_set_snaplen(pcap, capture->device.mtu + LINK_ROOM) ||
	    pcap_set_buffer_size(pcap, RING_BYTES) || pcap_set_immediate_mode(pcap, 1) ||
	    pcap_set_promisc(pcap, 0))
		result = PCAP_ERROR_ACTIVATED;
	if (!result)
		result = pcap_activate(pcap);
	if (result < 0) { /* above 0 are warnings */
		const char *detail = pcap_geterr(pcap);

		(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "%s%s%s", pcap_statustostr(result),
			       *detail ? ": " : "", detail);
		return false;
	}
	if (!find_link_type(capture, ret_error))
		return false;
	if (pcap_setdirection(pcap, PCAP_D_IN) || set_filter(pcap, destination)) {
		(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "%s", pcap_geterr(pcap));
		return false;
	}
	if (pcap_setnonblock(pcap, 1, pcap_error) || pcap_get_selectable_fd(pcap) < 0) {
		(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "cannot be read without blocking");
		return false;
	}
	/* Who reads it shall not see more of the LAN by taking the filter off. */
	if (setsockopt(pcap_get_selectable_fd(pcap), SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on))) {
		(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "its filter cannot be locked: %s",
			       strerror(errno));
		return false;
	}
	return true;
}

struct capture *capture_open(const char *interface, struct in_addr destination,
			     char ret_error[CAPTURE_ERROR_MAX])
{
	char pcap_error[PCAP_ERRBUF_SIZE] = "";
	struct capture *capture = calloc(1, sizeof(*capture));
	int error;

	if (!capture) {
		(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "%s", strerror(ENOMEM));
		return NULL;
	}
	(void)snprintf(capture->interface, sizeof(capture->interface), "%s", interface);
	/* First: if the interface is replaced meanwhile, capture_look() sees it. */
	error = device_find(interface, &capture->device);
	if (error) {
		(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "%s", strerror(-error));
		free(capture);
		return NULL;
	}
	capture->pcap = pcap_create(interface, pcap_error);
	if (!capture->pcap)
		(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "%s", pcap_error);
	if (!capture->pcap || !start(capture, destination, ret_error)) {
		capture_close(capture);
		return NULL;
	}
	return capture;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->pcap)
		pcap_close(capture->pcap);
	free(capture);
}

int capture_fd(const struct capture *capture)
{
	return pcap_get_selectable_fd(capture->pcap);
}

static void on_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *frame)
{
	struct reading *reading = (struct reading *)(void *)user;
	struct capture *capture = reading->capture;
	const uint8_t *packet;
	size_t len;

	if (header->caplen < header->len ||
	    !link_header_strip(capture->link_type, frame, header->caplen, &packet, &len)) {
		capture->counters.unusable++;
		return;
	}
	reading->packet(reading->context, packet, len);
}

/*
 * Whether a packet waits. Takes an error off the socket, which is ENETDOWN when the interface went:
 * libpcap would ask for the interface's flags then, with a call that its reader may not make, and
 * once it has begun to, at each turn. It does not when there is a packet.
 */
static bool is_readable(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	socklen_t len = sizeof(int);
	int error;

	if (poll(&ready, 1, 0) <= 0)
		return false;
	if (ready.revents & POLLERR)
		(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return ready.revents & POLLIN;
}

bool capture_read(struct capture *capture, unsigned limit, capture_packet *packet, void *context,
		  char ret_error[CAPTURE_ERROR_MAX])
{
	struct reading reading = {.capture = capture, .packet = packet, .context = context};

	if (!is_readable(capture_fd(capture)))
		return true;
	if (pcap_dispatch(capture->pcap, (int)limit, on_frame, (u_char *)&reading) >= 0) {
		capture->failed_reads = 0;
		return true;
	}
	if (++capture->failed_reads < FAILED_READS_MAX)
		return true;
	(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "%s", pcap_geterr(capture->pcap));
	return false;
}

/*
 * The socket of an interface that went is still there, with its ring and its filter, and can be
 * bound to another one; that needs no privilege, but the reader may not bind.
 */
static int bind_to(struct capture *capture, const struct device *device)
{
	const struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)device->index,
	};

	if (bind(capture_fd(capture), (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	capture->device.index = device->index;
	return 0;
}

enum capture_state capture_look(struct capture *capture)
{
	struct device now;

	if (device_find(capture->interface, &now))
		return CAPTURE_GONE;
	if (now.hardware != capture->device.hardware || now.mtu > capture->device.mtu)
		return CAPTURE_UNFIT;
	if (now.index == capture->device.index)
		return CAPTURE_CURRENT;
	return bind_to(capture, &now) ? CAPTURE_GONE : CAPTURE_BOUND_AGAIN;
}

struct capture_counters capture_counters(const struct capture *capture)
{
	struct capture_counters counters = capture->counters;
	struct pcap_stat stat;

	if (!pcap_stats(capture->pcap, &stat))
		counters.dropped = stat.ps_drop;
	return counters;
}
