/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the link of the PPPoE sessions is given besides their frames; see the header. Writing is
 * what it is for, so that nothing stops it here: what counts is that none of it gets anywhere.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pptpctrl/link_io.h"
#include "pptpctrl/pppoe_link.h"
#include "pptpd/base/bytes.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"
#include "tests/compromised/attempt.h"
#include "tests/compromised/compromised.h"

#define FRAME_MAX 128

/* What the program was given when it opened its link. */
static struct link_io *link_io;
static uint8_t kernel_address[PPPOE_ADDRESS_LEN], own_address[PPPOE_ADDRESS_LEN];

struct pppoe_link *__real_pppoe_link_new(struct ev_loop *loop, struct link_io *io,
					 const uint8_t kernel[PPPOE_ADDRESS_LEN],
					 const uint8_t own[PPPOE_ADDRESS_LEN]);
struct pppoe_link *__wrap_pppoe_link_new(struct ev_loop *loop, struct link_io *io,
					 const uint8_t kernel[PPPOE_ADDRESS_LEN],
					 const uint8_t own[PPPOE_ADDRESS_LEN]);

struct pppoe_link *__wrap_pppoe_link_new(struct ev_loop *loop, struct link_io *io,
					 const uint8_t kernel[PPPOE_ADDRESS_LEN],
					 const uint8_t own[PPPOE_ADDRESS_LEN])
{
	link_io = io;
	memcpy(kernel_address, kernel, sizeof(kernel_address));
	memcpy(own_address, own, sizeof(own_address));
	return __real_pppoe_link_new(loop, io, kernel, own);
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

/*
 * UDP from nobody to the broadcast and to all hosts of the network, port 9: no check of the reverse
 * path is made for these. And a fragment that others would have to follow.
 */
static const uint8_t broadcast[] = {
	0x45, 0,    0,    32,   0, 2, 0, 0, 64, 17, 0x7a, 0xcc, 0,   0,   0,   0,
	0xff, 0xff, 0xff, 0xff, 0, 9, 0, 9, 0,  12, 0,    0,    'f', 'o', 'r', 'g',
};
static const uint8_t multicast[] = {
	0x45, 0, 0, 32, 0, 3, 0, 0, 64, 17, 0x9a, 0xc9, 0,   0,   0,   0,
	224,  0, 0, 1,  0, 9, 0, 9, 0,  12, 0,    0,    'f', 'o', 'r', 'g',
};
static const uint8_t fragment[] = {
	0x45, 0, 0,    28,   0,    4,    0x20, 0, 64, 17, 0x5a, 0xce, 0, 0,
	0,    0, 0xff, 0xff, 0xff, 0xff, 0,    9, 0,  9,  0,    99,   0, 0,
};

/* Chassis, port and time to live. */
static const uint8_t lldp[] = {
	2, 7, 4, 2, 0, 0, 0, 0, 9, 4, 2, 7, 'x', 6, 2, 0, 120, 0, 0,
};

static const uint8_t all[PPPOE_ADDRESS_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static void send_frame(const char *name, const uint8_t *from, const uint8_t *to, uint16_t ethertype,
		       const uint8_t *payload, size_t len)
{
	uint64_t dropped = link_io->dropped;
	uint8_t frame[FRAME_MAX];
	struct iovec parts[2];
	struct byte_writer out = wr_init(frame, sizeof(frame));

	wr_copy(&out, to, PPPOE_ADDRESS_LEN);
	wr_copy(&out, from, PPPOE_ADDRESS_LEN);
	wr_u16(&out, ethertype);
	wr_copy(&out, payload, len);
	parts[0] = (struct iovec){frame, PPPOE_ADDRESS_LEN};
	parts[1] = (struct iovec){frame + PPPOE_ADDRESS_LEN, wr_len(&out) - PPPOE_ADDRESS_LEN};
	link_io->ops->send(link_io, parts);
	if (link_io->ops->flush)
		link_io->ops->flush(link_io);
	if (link_io->dropped > dropped)
		log_info("compromised: %s on the link: %s", name, strerror(link_io->last_errno));
	else
		log_info("compromised: %s on the link: sent", name);
}

static void send_forged(void)
{
	static const uint8_t stranger[PPPOE_ADDRESS_LEN] = {2, 0, 0, 0, 0, 9};
	const struct {
		const char *name;
		const uint8_t *to;
		uint16_t ethertype;
		const uint8_t *payload;
		size_t len;
	} frames[] = {
		{"IPv4", kernel_address, 0x0800, ipv4, sizeof(ipv4)},
		{"IPv4 to all", all, 0x0800, ipv4, sizeof(ipv4)},
		{"a broadcast of nobody", all, 0x0800, broadcast, sizeof(broadcast)},
		{"a multicast of nobody", all, 0x0800, multicast, sizeof(multicast)},
		{"a fragment", all, 0x0800, fragment, sizeof(fragment)},
		{"ARP", all, 0x0806, arp, sizeof(arp)},
		{"a router advertisement", all, 0x86dd, advertisement, sizeof(advertisement)},
		{"LLDP", all, 0x88cc, lldp, sizeof(lldp)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		send_frame(frames[i].name, stranger, frames[i].to, frames[i].ethertype,
			   frames[i].payload, frames[i].len);
}

/* PADT (RFC 2516 5.5), as the peer would. */
static void terminate(const char *name, uint16_t session)
{
	const uint8_t payload[] = {0x11, 0xa7, (uint8_t)(session >> 8), (uint8_t)(session & 0xff),
				   0,    0};

	send_frame(name, own_address, kernel_address, 0x8863, payload, sizeof(payload));
}

static void try_descriptor(long fd)
{
	static char request[64];
	const struct sockaddr_ll elsewhere = {.sll_family = AF_PACKET, .sll_ifindex = 1};
	const long page = 4096, one = 1;
	const struct attempt attempts[] = {
		{"ioctl of the link", SYS_ioctl, {fd, TUNGETIFF, AT(request)}},
		{"TUNSETPERSIST", SYS_ioctl, {fd, TUNSETPERSIST, 1}},
		{"TUNSETIFF", SYS_ioctl, {fd, TUNSETIFF, AT(request)}},
		{"bind of the link", SYS_bind, {fd, AT(&elsewhere), sizeof(elsewhere)}},
		{"sendto elsewhere on the link",
		 SYS_sendto,
		 {fd, AT(request), sizeof(request), 0, AT(&elsewhere), sizeof(elsewhere)}},
		{"another ring of the link",
		 SYS_setsockopt,
		 {fd, SOL_PACKET, PACKET_RX_RING, AT(request), sizeof(struct tpacket_req)}},
		{"all frames of the link",
		 SYS_setsockopt,
		 {fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, AT(request), sizeof(struct packet_mreq)}},
		{"SO_MARK of the link", SYS_setsockopt, {fd, SOL_SOCKET, SO_MARK, AT(&one), 4}},
		{"mmap of the link, executable",
		 SYS_mmap,
		 {0, page, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0}},
		{"mmap of the link, private",
		 SYS_mmap,
		 {0, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0}},
	};

	attempt_all(attempts, ARRAY_SIZE(attempts));
}

void compromised_try_link(uint16_t session)
{
	if (!link_io)
		return;
	try_descriptor(link_io->fd);
	send_forged();
	terminate("the end of its own session", session);
	terminate("the end of another session", session ^ 1);
	log_info("compromised: all tried on the link");
	attempt_tell();
}
