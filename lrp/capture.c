/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The capture by libpcap; see the header. */
#include "lrp/capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <pcap.h>
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

struct capture {
	pcap_t *pcap;
	enum link_type link_type;
	char interface[IF_NAMESIZE];
	unsigned index; /* of the interface when it was opened */
	int mtu;
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

static int interface_mtu(const char *interface)
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	error = ioctl(fd, SIOCGIFMTU, &request) ? -errno : 0;
	fdio_close(&fd);
	return error ? error : request.ifr_mtu;
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
	int result = 0;

	/*
	 * GRE of version 1 and fragments are not merged by the kernel's receive offload, so no
	 * packet is longer than the MTU; slots of that size let the ring hold many.
	 */
	if (pcap_set_snaplen(pcap, capture->mtu + LINK_ROOM) ||
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
	return true;
}

struct capture *capture_open(const char *interface, struct in_addr destination,
			     char ret_error[CAPTURE_ERROR_MAX])
{
	char pcap_error[PCAP_ERRBUF_SIZE] = "";
	struct capture *capture = calloc(1, sizeof(*capture));

	if (!capture) {
		(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "%s", strerror(ENOMEM));
		return NULL;
	}
	(void)snprintf(capture->interface, sizeof(capture->interface), "%s", interface);
	/* The index first: if the interface is replaced meanwhile, capture_is_current() sees it. */
	capture->index = if_nametoindex(interface);
	capture->mtu = interface_mtu(interface);
	if (!capture->index || capture->mtu <= 0 || capture->mtu > MTU_MAX) {
		(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "%s",
			       capture->mtu < 0 ? strerror(-capture->mtu) : "no usable MTU");
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

bool capture_read(struct capture *capture, unsigned limit, capture_packet *packet, void *context,
		  char ret_error[CAPTURE_ERROR_MAX])
{
	struct reading reading = {.capture = capture, .packet = packet, .context = context};

	if (pcap_dispatch(capture->pcap, (int)limit, on_frame, (u_char *)&reading) >= 0)
		return true;
	(void)snprintf(ret_error, CAPTURE_ERROR_MAX, "%s", pcap_geterr(capture->pcap));
	return false;
}

bool capture_is_current(const struct capture *capture)
{
	return if_nametoindex(capture->interface) == capture->index &&
	       interface_mtu(capture->interface) == capture->mtu;
}

struct capture_counters capture_counters(const struct capture *capture)
{
	struct capture_counters counters = capture->counters;
	struct pcap_stat stat;

	if (!pcap_stats(capture->pcap, &stat))
		counters.dropped = stat.ps_drop;
	return counters;
}
