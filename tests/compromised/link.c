/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the link of the PPPoE sessions is given besides their frames; see the header. Writing is
 * what it is for, so that nothing stops it here: what counts is that none of it gets anywhere.
 */
#include <errno.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pptpctrl/pppoe_link.h"
#include "pptpd/base/bytes.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"
#include "tests/compromised/attempt.h"
#include "tests/compromised/compromised.h"

#define FRAME_MAX 128

/* What the program was given when it opened its link. */
static int link_fd = -1;
static uint8_t kernel_address[PPPOE_ADDRESS_LEN];

struct pppoe_link *__real_pppoe_link_new(struct ev_loop *loop, int fd,
					 const uint8_t kernel[PPPOE_ADDRESS_LEN],
					 const uint8_t own[PPPOE_ADDRESS_LEN]);
struct pppoe_link *__wrap_pppoe_link_new(struct ev_loop *loop, int fd,
					 const uint8_t kernel[PPPOE_ADDRESS_LEN],
					 const uint8_t own[PPPOE_ADDRESS_LEN]);

struct pppoe_link *__wrap_pppoe_link_new(struct ev_loop *loop, int fd,
					 const uint8_t kernel[PPPOE_ADDRESS_LEN],
					 const uint8_t own[PPPOE_ADDRESS_LEN])
{
	link_fd = fd;
	memcpy(kernel_address, kernel, sizeof(kernel_address));
	return __real_pppoe_link_new(loop, fd, kernel, own);
}

/* UDP from 10.99.0.77, where nobody is, to port 9 of the service behind the server, 10.99.0.2. */
static const uint8_t ipv4[] = {
	0x45, 0,  0, 32, 0, 1, 0, 0, 64, 17, 0x65, 0xb8, 10,  99,  0,   77,
	10,   99, 0, 2,  0, 9, 0, 9, 0,  12, 0,    0,    'f', 'o', 'r', 'g',
};

/* To the broadcast: the service's address is at ours. */
static const uint8_t arp[] = {
	0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 9, 10, 99, 0, 2, 2, 0, 0, 0, 0, 9, 10, 99, 0, 2,
};

/* A router advertisement from fe80::9 to all nodes, of a default route. */
static const uint8_t advertisement[] = {
	0x60, 0, 0,   0, 0,    16,   58, 255, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0,    0, 0,   0, 9,    0xff, 2,  0,   0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0,
	0,    1, 134, 0, 0x35, 0x1f, 64, 0,   7,    8,    0, 0, 0, 0, 0, 0, 0, 0,
};

static void send_frame(const char *name, const uint8_t *to, uint16_t ethertype,
		       const uint8_t *payload, size_t len)
{
	static const uint8_t from[PPPOE_ADDRESS_LEN] = {2, 0, 0, 0, 0, 9};
	uint8_t frame[FRAME_MAX];
	struct byte_writer out = wr_init(frame, sizeof(frame));

	wr_copy(&out, to, PPPOE_ADDRESS_LEN);
	wr_copy(&out, from, sizeof(from));
	wr_u16(&out, ethertype);
	wr_copy(&out, payload, len);
	if (write(link_fd, frame, wr_len(&out)) < 0)
		log_info("compromised: %s on the link: %s", name, strerror(errno));
	else
		log_info("compromised: %s on the link: sent", name);
}

void compromised_try_link(void)
{
	static const uint8_t all[PPPOE_ADDRESS_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static char request[64];
	const struct attempt attempts[] = {
		{"ioctl of the link", SYS_ioctl, {link_fd, TUNGETIFF, AT(request)}},
		{"TUNSETPERSIST", SYS_ioctl, {link_fd, TUNSETPERSIST, 1}},
		{"TUNSETIFF", SYS_ioctl, {link_fd, TUNSETIFF, AT(request)}},
	};

	if (link_fd < 0)
		return;
	attempt_all(attempts, ARRAY_SIZE(attempts));
	send_frame("IPv4", kernel_address, 0x0800, ipv4, sizeof(ipv4));
	send_frame("IPv4 to all", all, 0x0800, ipv4, sizeof(ipv4));
	send_frame("ARP", all, 0x0806, arp, sizeof(arp));
	send_frame("a router advertisement", all, 0x86dd, advertisement, sizeof(advertisement));
	log_info("compromised: all tried on the link");
	attempt_tell();
}
