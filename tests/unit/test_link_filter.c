/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel takes from links of both kinds, as the manager makes them: session frames of
 * PPPoE, and nothing else that whoever has the other end thinks of. In a network namespace of the
 * test's own; skipped without root, or where the kernel has no such filters.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/link_io.h"
#include "pptpd/base/bytes.h"
#include "pptpd/base/fdio.h"
#include "pptpd/link.h"
#include "tests/unit/pptpd_help.h"

#define FRAME_MAX 128

/* How long a frame that passes may take to come. */
#define PATIENCE_MS 5000

#define SYSLOG_PORT 514

static const uint8_t to_all[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* Session 1, an LCP Echo-Request. */
static const uint8_t session_data[] = {
	0x11, 0, 0, 1, 0, 10, 0xc0, 0x21, 9, 1, 0, 8, 1, 2, 3, 4,
};

struct side {
	struct link link;
	struct link_io *io;
	int sessions; /* a packet socket for session frames on the outer device */
};

static int open_packets(const char *device, uint16_t ethertype)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ethertype),
		.sll_ifindex = device ? (int)if_nametoindex(device) : 0,
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const void *)&address, sizeof(address)), 0);
	return fd;
}

static int set_up(enum ipc_link_kind kind, void **state)
{
	const struct link_wish wish = {kind, true, LINK_LARGE, 1};
	struct side *side = calloc(1, sizeof(*side));
	const char *failed = "";
	int fd;

	assert_non_null(side);
	if (link_open(&wish, &side->link, &failed) != 0)
		fail_msg("%s", failed);
	fd = fcntl(side->link.fd, F_DUPFD_CLOEXEC, 0);
	side->io = kind == IPC_LINK_RING ? link_io_ring(fd, &side->link.ring) : link_io_tap(fd);
	assert_non_null(side->io);
	side->sessions = open_packets(side->link.name, ETH_P_PPP_SES);
	*state = side;
	return 0;
}

static int set_up_tap(void **state)
{
	return set_up(IPC_LINK_TAP, state);
}

static int set_up_ring(void **state)
{
	return set_up(IPC_LINK_RING, state);
}

static int tear_down(void **state)
{
	struct side *side = *state;

	side->io->ops->free(side->io);
	fdio_close(&side->sessions);
	fdio_close(&side->link.fd);
	free(side);
	return 0;
}

static void inject(struct side *side, const uint8_t *to, uint16_t ethertype, const uint8_t *payload,
		   size_t len)
{
	uint8_t frame[FRAME_MAX];
	struct byte_writer out = wr_init(frame, sizeof(frame));
	struct iovec parts[2] = {{frame, ETH_HLEN}, {frame + ETH_HLEN, len}};

	wr_copy(&out, to, ETH_ALEN);
	wr_copy(&out, side->link.child, ETH_ALEN);
	wr_u16(&out, ethertype);
	wr_copy(&out, payload, len);
	assert_false(wr_failed(&out));
	side->io->ops->send(side->io, parts);
	if (side->io->ops->flush)
		side->io->ops->flush(side->io);
	assert_int_equal(side->io->dropped, 0);
}

/* That frame comes after all that were sent before it. */
static void let_session_frame_pass(struct side *side)
{
	struct pollfd wait = {.fd = side->sessions, .events = POLLIN};
	uint8_t frame[FRAME_MAX];

	inject(side, side->link.kernel, ETH_P_PPP_SES, session_data, sizeof(session_data));
	assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
	assert_int_equal(recv(side->sessions, frame, sizeof(frame), 0),
			 ETH_HLEN + sizeof(session_data));
	assert_memory_equal(frame + ETH_HLEN, session_data, sizeof(session_data));
}

static void assert_nothing_came(int fd)
{
	uint8_t bytes[FRAME_MAX];

	assert_int_equal(recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
}

static void session_frames_pass(void **state)
{
	for (unsigned i = 0; i < 3; i++)
		let_session_frame_pass(*state);
}

static uint16_t ip_checksum(const uint8_t *header)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < 20; i += 2)
		sum += (uint32_t)(header[i] << 8 | header[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* UDP from nobody, 0.0.0.0, to SYSLOG_PORT. */
static void inject_udp(struct side *side, uint32_t to, uint16_t identification, bool fragment)
{
	uint8_t packet[44];
	struct byte_writer out = wr_init(packet, sizeof(packet));

	wr_u16(&out, 0x4500);
	wr_u16(&out, sizeof(packet));
	wr_u16(&out, identification);
	wr_u16(&out, fragment ? 0x2000 : 0); /* more fragments */
	wr_u16(&out, 64 << 8 | IPPROTO_UDP);
	wr_u16(&out, 0);
	wr_u32(&out, 0);
	wr_u32(&out, to);
	wr_patch_u16(&out, 10, ip_checksum(packet));
	wr_u16(&out, 68);
	wr_u16(&out, SYSLOG_PORT);
	wr_u16(&out, sizeof(packet) - 20);
	wr_u16(&out, 0);
	wr_zero(&out, sizeof(packet) - wr_len(&out));
	inject(side, to_all, ETH_P_IP, packet, sizeof(packet));
}

/* No check of the reverse path is made for these. */
static void no_udp_socket_gets_broadcasts(void **state)
{
	const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(SYSLOG_PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const void *)&address, sizeof(address)), 0);
	inject_udp(*state, INADDR_BROADCAST, 1, false);
	inject_udp(*state, INADDR_ALLHOSTS_GROUP, 2, false);
	let_session_frame_pass(*state);
	assert_nothing_came(fd);
	fdio_close(&fd);
}

static void fragments_take_no_memory(void **state)
{
	for (uint16_t i = 0; i < 200; i++)
		inject_udp(*state, INADDR_BROADCAST, i, true);
	let_session_frame_pass(*state);
	assert_non_null(strstr(file_content("/proc/self/net/sockstat"), "FRAG: inuse 0 memory 0"));
}

/* LLDP; and PPPoE's discovery, which could end sessions. */
static void no_packet_socket_gets_other_protocols(void **state)
{
	static const uint8_t terminate[] = {0x11, 0xa7, 0, 1, 0, 0};
	static const uint16_t ethertypes[] = {ETH_P_LLDP, ETH_P_PPP_DISC, ETH_P_ARP, ETH_P_IPV6};
	struct side *side = *state;

	for (size_t i = 0; i < ARRAY_SIZE(ethertypes); i++) {
		int fd = open_packets(NULL, ethertypes[i]);

		inject(side, to_all, ethertypes[i], terminate, sizeof(terminate));
		inject(side, side->link.kernel, ethertypes[i], terminate, sizeof(terminate));
		let_session_frame_pass(side);
		assert_nothing_came(fd);
		fdio_close(&fd);
	}
}

/* Of another code, another version, cut off in the header, and with the tag of a VLAN. */
static void no_other_frames_of_the_same_ethertype_pass(void **state)
{
	struct side *side = *state;
	uint8_t changed[sizeof(session_data)],
		tagged[4 + sizeof(session_data)] = {0, 5, 0x88, 0x64};

	for (size_t i = 0; i < 2; i++) {
		memcpy(changed, session_data, sizeof(changed));
		changed[i] ^= 0x21;
		inject(side, side->link.kernel, ETH_P_PPP_SES, changed, sizeof(changed));
	}
	for (size_t len = 0; len < 6; len++)
		inject(side, side->link.kernel, ETH_P_PPP_SES, session_data, len);
	memcpy(tagged + 4, session_data, sizeof(session_data));
	inject(side, side->link.kernel, ETH_P_8021Q, tagged, sizeof(tagged));
	tagged[1] = 0; /* no VLAN, only a priority */
	inject(side, side->link.kernel, ETH_P_8021Q, tagged, sizeof(tagged));
	let_session_frame_pass(side);
	assert_nothing_came(side->sessions);
}

/* Which it has before anybody else could have seen that it has one at random. */
static void the_device_has_the_address_that_sessions_use(void **state)
{
	struct side *side = *state;
	struct ifreq device = {.ifr_name = ""};
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(device.ifr_name, side->link.name, sizeof(device.ifr_name));
	assert_int_equal(ioctl(control, SIOCGIFHWADDR, &device), 0);
	assert_memory_equal(device.ifr_hwaddr.sa_data, side->link.kernel, ETH_ALEN);
	fdio_close(&control);
}

#define TEST_ON(function, kind)                                                    \
	{                                                                          \
#function " (" #kind ")", function, set_up_##kind, tear_down, NULL \
	}
#define TEST(function) TEST_ON(function, tap), TEST_ON(function, ring)

/* What automake takes for skipped. */
#define EXIT_SKIPPED 77

static bool can_be_made(enum ipc_link_kind kind)
{
	const struct link_wish wish = {kind, true, LINK_LARGE, 1};
	struct link link;
	const char *failed;
	int error = link_open(&wish, &link, &failed);

	if (!error)
		fdio_close(&link.fd);
	else
		print_message("%s: %s\n", failed, strerror(-error));
	return error == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(session_frames_pass),
		TEST(no_udp_socket_gets_broadcasts),
		TEST(fragments_take_no_memory),
		TEST(no_packet_socket_gets_other_protocols),
		TEST(no_other_frames_of_the_same_ethertype_pass),
		TEST(the_device_has_the_address_that_sessions_use),
	};

	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0) {
		print_message("skipped: makes network namespaces, which takes root\n");
		return EXIT_SKIPPED;
	}
	if (!can_be_made(IPC_LINK_TAP) || !can_be_made(IPC_LINK_RING)) {
		print_message("skipped: no such links or filters in this kernel\n");
		return EXIT_SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
