/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links that are veth pairs with packet rings: as the manager makes them and pptpctrl uses them,
 * with a socket at the outer device in place of the kernel's PPPoE. In a network namespace of the
 * test's own; skipped without root.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpctrl/link_io.h"
#include "pptpctrl/ppp_channel.h"
#include "pptpctrl/pppoe_link.h"
#include "pptpctrl/sandbox.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"
#include "pptpd/link.h"
#include "tests/unit/pptpd_help.h"

#define SESSION 0xabcd

/* Longer than a frame of the tests. */
#define ROOM 2048

static const uint8_t lcp[] = {0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x04};

static const struct link_wish wish = {IPC_LINK_RING, false, LINK_LARGE, 2};

struct side {
	struct ev_loop *loop;
	struct link link;
	struct pppoe_link *pppoe;
	struct ppp_channel *channel;
	int kernel; /* a packet socket at the outer device */
	unsigned frames;
	uint8_t last[ROOM];
	size_t last_len;
};

static void on_frame(void *context, const uint8_t *frame, size_t len)
{
	struct side *side = context;

	side->last_len = len;
	memcpy(side->last, frame, MIN(len, sizeof(side->last)));
	side->frames++;
}

static void on_stopped(void *context UNUSED)
{
	fail_msg("a session never stops by itself");
}

static const struct ppp_channel_ops ops = {.frame = on_frame, .stopped = on_stopped};

/* What pptpctrl does with what it is given. */
static void attach(struct side *side)
{
	int fd = fcntl(side->link.fd, F_DUPFD_CLOEXEC, 0);
	struct link_io *io = link_io_ring(fd, &side->link.ring);

	assert_non_null(io);
	side->pppoe = pppoe_link_new(side->loop, io, side->link.kernel, side->link.child);
	side->channel = ppp_channel_pppoe(side->pppoe, SESSION, &ops, side);
	assert_non_null(side->channel);
}

static void detach(struct side *side)
{
	ppp_channel_free(side->channel);
	pppoe_link_free(side->pppoe);
	side->pppoe = NULL;
	side->channel = NULL;
}

static int open_outer(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_PPP_SES),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int buffer = 1 << 24;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)), 0);
	assert_int_equal(bind(fd, (const void *)&address, sizeof(address)), 0);
	return fd;
}

static int set_up_size(void **state, enum link_size size)
{
	const struct link_wish sized = {IPC_LINK_RING, false, size, 2};
	struct side *side = calloc(1, sizeof(*side));
	const char *failed = "";
	int error;

	assert_non_null(side);
	caught_begin();
	error = link_open(&sized, &side->link, &failed);
	if (error)
		print_error("%s: %s\n", failed, strerror(-error));
	assert_int_equal(error, 0);
	side->kernel = open_outer(side->link.name);
	side->loop = ev_loop_new(EVFLAG_AUTO);
	attach(side);
	*state = side;
	return 0;
}

static int set_up(void **state)
{
	return set_up_size(state, LINK_LARGE);
}

static int set_up_small(void **state)
{
	return set_up_size(state, LINK_SMALL);
}

static int tear_down(void **state)
{
	struct side *side = *state;

	detach(side);
	ev_loop_destroy(side->loop);
	fdio_close(&side->kernel);
	fdio_close(&side->link.fd);
	free(side);
	return 0;
}

static void kernel_sends(struct side *side, const uint8_t *payload, size_t len)
{
	struct pppoe_frame frame = {.session = SESSION, .payload_len = len};
	uint8_t bytes[ROOM];

	memcpy(frame.destination, side->link.child, sizeof(frame.destination));
	memcpy(frame.source, side->link.kernel, sizeof(frame.source));
	assert_true(pppoe_encode(&frame, bytes));
	memcpy(bytes + PPPOE_HEADER_LEN, payload, len);
	assert_int_equal(send(side->kernel, bytes, PPPOE_HEADER_LEN + len, 0),
			 PPPOE_HEADER_LEN + len);
}

static size_t kernel_gets(struct side *side, uint8_t *payload, size_t room)
{
	uint8_t bytes[ROOM];
	ssize_t len = recv(side->kernel, bytes, sizeof(bytes), 0);
	struct pppoe_frame frame;

	if (len < 0)
		return 0;
	assert_true(pppoe_decode(bytes, (size_t)len, &frame));
	assert_memory_equal(frame.destination, side->link.kernel, PPPOE_ADDRESS_LEN);
	assert_memory_equal(frame.source, side->link.child, PPPOE_ADDRESS_LEN);
	assert_int_equal(frame.session, SESSION);
	memcpy(payload, frame.payload, MIN(frame.payload_len, room));
	return frame.payload_len;
}

/* Frames that know their place in a row. */
static void put_number(uint8_t *frame, uint32_t number)
{
	memcpy(frame, lcp, sizeof(lcp));
	memcpy(frame + sizeof(lcp), &number, sizeof(number));
}

#define NUMBERED_LEN (sizeof(lcp) + sizeof(uint32_t))

static void send_numbered(struct side *side, uint32_t number)
{
	uint8_t frame[NUMBERED_LEN];

	put_number(frame, number);
	ppp_channel_send(side->channel, frame, sizeof(frame));
}

/* How many came, each the next one of the row. */
static uint32_t kernel_gets_from(struct side *side, uint32_t number)
{
	uint32_t count = 0;
	uint8_t got[64], wanted[NUMBERED_LEN];

	while (kernel_gets(side, got, sizeof(got))) {
		put_number(wanted, number + count);
		assert_memory_equal(got, wanted + 2, NUMBERED_LEN - 2);
		count++;
	}
	return count;
}

static void frames_pass_both_ways(void **state)
{
	struct side *side = *state;
	uint8_t got[64];

	ppp_channel_send(side->channel, lcp, sizeof(lcp));
	run_ready(side->loop);
	assert_int_equal(kernel_gets(side, got, sizeof(got)), sizeof(lcp) - 2);
	assert_memory_equal(got, lcp + 2, sizeof(lcp) - 2);
	kernel_sends(side, lcp + 2, sizeof(lcp) - 2);
	run_ready(side->loop);
	assert_int_equal(side->frames, 1);
	assert_int_equal(side->last_len, sizeof(lcp));
	assert_memory_equal(side->last, lcp, sizeof(lcp));
}

/* One wake-up, one system call: nothing is sent before the loop is about to sleep. */
static void frames_of_one_wakeup_go_together(void **state)
{
	struct side *side = *state;

	for (uint32_t i = 0; i < 5; i++)
		send_numbered(side, i);
	assert_int_equal(kernel_gets_from(side, 0), 0);
	ev_run(side->loop, EVRUN_NOWAIT);
	assert_int_equal(kernel_gets_from(side, 0), 5);
}

static void many_frames_keep_their_order_round_and_round(void **state)
{
	struct side *side = *state;
	uint8_t frame[NUMBERED_LEN], wanted[NUMBERED_LEN];
	uint32_t sent = 0;

	for (unsigned turn = 0; turn < 40; turn++) {
		uint32_t first = sent;

		for (unsigned i = 0; i < 1 + turn * 7 % 150; i++)
			send_numbered(side, sent++);
		run_ready(side->loop);
		assert_int_equal(kernel_gets_from(side, first), sent - first);
	}
	assert_int_equal(pppoe_link_counters(side->pppoe).dropped, 0);
	assert_int_equal(pppoe_link_counters(side->pppoe).sent, sent);
	for (uint32_t i = 0; i < 1000; i++) {
		put_number(frame, i);
		kernel_sends(side, frame + 2, sizeof(frame) - 2);
		if (i % 9)
			continue;
		run_ready(side->loop);
		put_number(wanted, i);
		assert_memory_equal(side->last, wanted, sizeof(wanted));
		assert_int_equal(side->frames, i + 1);
	}
}

/* PPP's 1500 and its protocol's two bytes; and four more, by which MPPE makes frames longer. */
static void the_longest_frame_passes_and_a_longer_one_is_dropped(void **state)
{
	struct side *side = *state;
	uint8_t frame[ROOM] = {0x00, 0x21}, got[ROOM];
	const size_t longest = 2 + 1500 + 4;

	for (size_t i = 2; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7);
	ppp_channel_send(side->channel, frame, longest);
	ppp_channel_send(side->channel, frame, ROOM - 1);
	ppp_channel_send(side->channel, frame, longest - 1);
	run_ready(side->loop);
	assert_int_equal(kernel_gets(side, got, sizeof(got)), longest);
	assert_memory_equal(got, frame, longest);
	assert_int_equal(kernel_gets(side, got, sizeof(got)), longest - 1);
	assert_int_equal(pppoe_link_counters(side->pppoe).dropped, 1);
	assert_int_equal(pppoe_link_counters(side->pppoe).last_errno, EMSGSIZE);
	kernel_sends(side, frame, 2 + 1500);
	run_ready(side->loop);
	assert_int_equal(side->last_len, 2 + 2 + 1500);
	assert_memory_equal(side->last + 2, frame, 2 + 1500);
}

/* Only what waited while nobody read is bounded; what comes after it is not late. */
static void what_waits_unread_is_bounded_and_the_link_recovers(void **state)
{
	struct side *side = *state;
	unsigned slots = side->link.ring.receive_slots;

	for (unsigned i = 0; i < slots * 2; i++)
		kernel_sends(side, lcp + 2, sizeof(lcp) - 2);
	for (unsigned i = 0; i < 10; i++)
		run_ready(side->loop);
	assert_int_equal(side->frames, slots);
	kernel_sends(side, lcp + 2, sizeof(lcp) - 2);
	run_ready(side->loop);
	assert_int_equal(side->frames, slots + 1);
}

static void a_burst_is_read_at_once_but_not_without_end(void **state)
{
	struct side *side = *state;

	for (unsigned i = 0; i < LINK_IO_BATCH + 1; i++)
		kernel_sends(side, lcp + 2, sizeof(lcp) - 2);
	ev_run(side->loop, EVRUN_NOWAIT);
	assert_int_equal(side->frames, LINK_IO_BATCH);
	ev_run(side->loop, EVRUN_NOWAIT);
	assert_int_equal(side->frames, LINK_IO_BATCH + 1);
}

/* The socket outlives its user: the next one knows no position, and what waited is old. */
static void another_process_takes_it_over_anywhere(void **state)
{
	struct side *side = *state;

	for (unsigned turn = 1; turn < 20; turn++) {
		for (uint32_t i = 0; i < turn * 5; i++)
			send_numbered(side, i);
		run_ready(side->loop);
		assert_int_equal(kernel_gets_from(side, 0), turn * 5);
		for (unsigned i = 0; i < turn; i++)
			kernel_sends(side, lcp + 2, sizeof(lcp) - 2);
		run_ready(side->loop);
		kernel_sends(side, lcp + 2, sizeof(lcp) - 2);
		detach(side);
		kernel_sends(side, lcp + 2, sizeof(lcp) - 2);
		side->frames = 0;
		attach(side);
		run_ready(side->loop);
		assert_int_equal(side->frames, 0);
		kernel_sends(side, lcp + 2, sizeof(lcp) - 2);
		run_ready(side->loop);
		assert_int_equal(side->frames, 1);
	}
	assert_int_equal(pppoe_link_counters(side->pppoe).dropped, 0);
}

/* As pptpctrl maps it: send slots are behind those that receive. */
static struct tpacket2_hdr *map_send_slot(const struct side *side, unsigned slot)
{
	const struct ipc_ring *ring = &side->link.ring;
	size_t len = (size_t)ring->slot_len * (ring->receive_slots + ring->send_slots);
	uint8_t *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, side->link.fd, 0);

	assert_true(memory != MAP_FAILED);
	return (void *)(memory + (size_t)ring->slot_len * (ring->receive_slots + slot));
}

static void unmap_send_slot(const struct side *side, struct tpacket2_hdr *header, unsigned slot)
{
	const struct ipc_ring *ring = &side->link.ring;
	size_t len = (size_t)ring->slot_len * (ring->receive_slots + ring->send_slots);

	(void)munmap((uint8_t *)header - (size_t)ring->slot_len * (ring->receive_slots + slot),
		     len);
}

/*
 * The kernel frees a slot late, when a frame that was in it before is gone at last: whatever asks
 * there to be sent is lost, and the kernel waits at it. Nothing else may be.
 */
static void a_slot_that_is_freed_late_costs_its_frame_only(void **state)
{
	struct side *side = *state;
	struct tpacket2_hdr *slot;

	send_numbered(side, 0);
	run_ready(side->loop);
	assert_int_equal(kernel_gets_from(side, 0), 1);

	/* Within a batch. */
	for (uint32_t i = 1; i <= 6; i++)
		send_numbered(side, i);
	slot = map_send_slot(side, 3);
	slot->tp_status = TP_STATUS_AVAILABLE;
	unmap_send_slot(side, slot, 3);
	run_ready(side->loop);
	for (uint32_t i = 1; i <= 6; i++) {
		uint8_t got[64], wanted[NUMBERED_LEN];

		if (i == 3)
			continue;
		put_number(wanted, i);
		assert_int_equal(kernel_gets(side, got, sizeof(got)), NUMBERED_LEN - 2);
		assert_memory_equal(got, wanted + 2, NUMBERED_LEN - 2);
	}

	/* Alone, so that it is found out with the next one. */
	send_numbered(side, 7);
	slot = map_send_slot(side, 7);
	slot->tp_status = TP_STATUS_AVAILABLE;
	unmap_send_slot(side, slot, 7);
	run_ready(side->loop);
	assert_int_equal(kernel_gets_from(side, 0), 0);
	for (uint32_t i = 8; i < 8 + 200; i++)
		send_numbered(side, i);
	run_ready(side->loop);
	assert_int_equal(kernel_gets_from(side, 8), 200);
	assert_int_equal(pppoe_link_counters(side->pppoe).dropped, 0);
}

static void set_outer(const struct side *side, bool up)
{
	struct ifreq device = {.ifr_flags = up ? IFF_UP | IFF_NOARP : IFF_NOARP};
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(device.ifr_name, side->link.name, sizeof(device.ifr_name));
	assert_int_equal(ioctl(control, SIOCSIFFLAGS, &device), 0);
	fdio_close(&control);
}

/* And is not sent later, when it is old. */
static void what_the_kernel_does_not_take_is_dropped_and_counted(void **state)
{
	struct side *side = *state;

	set_outer(side, false);
	for (uint32_t i = 0; i < 100; i++)
		send_numbered(side, i);
	run_ready(side->loop);
	set_outer(side, true);
	assert_int_equal(kernel_gets_from(side, 0), 0);
	for (uint32_t i = 100; i < 200; i++)
		send_numbered(side, i);
	run_ready(side->loop);
	assert_int_equal(kernel_gets_from(side, 100), 100);
}

static void the_outer_device_is_closed_to_all_but_pppoe(void **state)
{
	const struct side *side = *state;
	const struct {
		const char *family, *name, *wanted;
	} settings[] = {
		{"ipv4", "rp_filter", "1\n"},
		{"ipv4", "forwarding", "0\n"},
		{"ipv6", "disable_ipv6", "1\n"},
		{"ipv6", "accept_ra", "0\n"},
	};
	char path[128];

	assert_memory_equal(side->link.name, "rrp-", 4);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		(void)snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s",
			       settings[i].family, side->link.name, settings[i].name);
		if (access(path, F_OK) == 0) /* no IPv6 in some kernels */
			assert_string_equal(file_content(path), settings[i].wanted);
	}
}

/* Nothing but PPPoE comes in, whatever the outer end sends. */
static void other_protocols_do_not_come(void **state)
{
	struct side *side = *state;
	uint8_t frame[64] = {0};

	memcpy(frame, side->link.child, PPPOE_ADDRESS_LEN);
	frame[12] = 8; /* IPv4 */
	assert_int_equal(send(side->kernel, frame, sizeof(frame), 0), sizeof(frame));
	run_ready(side->loop);
	assert_int_equal(pppoe_link_counters(side->pppoe).received, 0);
}

static bool is_there(const char *name)
{
	return if_nametoindex(name) != 0;
}

static void the_device_goes_with_the_last_descriptor(void **state UNUSED)
{
	unsigned before = open_descriptors();
	struct link link;
	const char *failed;

	assert_int_equal(link_open(&wish, &link, &failed), 0);
	assert_true(is_cloexec_and_nonblocking(link.fd));
	assert_true(is_there(link.name));
	fdio_close(&link.fd);
	/* The kernel takes namespaces down when it has time. */
	for (unsigned i = 0; i < 1000 && is_there(link.name); i++)
		(void)usleep(10000);
	assert_false(is_there(link.name));
	assert_int_equal(open_descriptors(), before);
}

/* Else the loop would turn without end. */
static void a_link_that_is_gone_is_said_once_and_not_read_again(void **state)
{
	struct side *side = *state;
	char command[64];

	(void)snprintf(command, sizeof(command), "ip link del %s", side->link.name);
	if (system(command) != 0) {
		print_message("skipped: no ip(8)\n");
		skip();
	}
	for (unsigned i = 0; i < 3; i++)
		run_ready(side->loop);
	ppp_channel_send(side->channel, lcp, sizeof(lcp));
	run_ready(side->loop);
	assert_int_equal(caught_with("the link of the PPPoE sessions is gone"), 1);
	assert_int_equal(pppoe_link_counters(side->pppoe).dropped, 1);
}

static ino_t own_namespace(void)
{
	struct stat file;

	assert_int_equal(stat("/proc/self/ns/net", &file), 0);
	return file.st_ino;
}

static void who_makes_it_stays_where_it_is(void **state UNUSED)
{
	ino_t before = own_namespace();
	struct link link;
	const char *failed;

	assert_int_equal(link_open(&wish, &link, &failed), 0);
	assert_true(own_namespace() == before);
	fdio_close(&link.fd);
}

/* The kernel doubles what it is told; 4 KiB for each frame. */
static void the_send_buffer_is_for_what_its_calls_can_hold(void **state UNUSED)
{
	static const struct {
		unsigned calls;
		int frames;
	} cases[] = {{1, 1032}, {2, 1064}, {1000, 33000}, {UINT_MAX, INT_MAX / 4096}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct link_wish some = {IPC_LINK_RING, false, LINK_SMALL, cases[i].calls};
		struct link link;
		const char *failed;
		socklen_t len = sizeof(int);
		int buffer;

		assert_int_equal(link_open(&some, &link, &failed), 0);
		assert_int_equal(getsockopt(link.fd, SOL_SOCKET, SO_SNDBUF, &buffer, &len), 0);
		assert_int_equal(buffer / 4096, cases[i].frames);
		fdio_close(&link.fd);
	}
}

static void on_signal(int number UNUSED)
{
}

/* They come when any other process of the manager ends. */
static void signals_while_it_is_made_are_no_time_out(void **state UNUSED)
{
	const struct sigaction action = {.sa_handler = on_signal};
	const struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
	struct link link;
	const char *failed;
	int error;

	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	error = link_open(&wish, &link, &failed);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(error, 0);
	fdio_close(&link.fd);
}

static bool can_map(int fd, size_t len)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED;
}

/* EINVAL is the kernel's, of a length that is not the rings'. */
static void assert_may_map(const struct side *side, enum ipc_kind kind, size_t len)
{
	int status;
	pid_t pid;

	if (SANITIZED) {
		print_message("a build with sanitizers does not enforce\n");
		skip();
	}
	pid = fork();
	if (pid == 0) {
		if (can_map(side->link.fd, 4096) || errno != EINVAL ||
		    pptpctrl_sandbox_enter(kind, SANDBOX_ENFORCE) != 0)
			_exit(1);
		if (can_map(side->link.fd, 4096) || errno != EPERM)
			_exit(2);
		_exit(can_map(side->link.fd, len) ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_tunnels_process_may_map_its_rings_and_no_more(void **state)
{
	assert_may_map(*state, IPC_KIND_TUNNEL, IPC_RING_TUNNEL_MEMORY);
}

static void a_direct_clients_process_may_map_its_rings_and_no_more(void **state)
{
	assert_may_map(*state, IPC_KIND_DIRECT, IPC_RING_DIRECT_MEMORY);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#define TEST_SMALL(function) cmocka_unit_test_setup_teardown(function, set_up_small, tear_down)

/* What automake takes for skipped. */
#define EXIT_SKIPPED 77

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_pass_both_ways),
		TEST(frames_of_one_wakeup_go_together),
		TEST(many_frames_keep_their_order_round_and_round),
		TEST_SMALL(many_frames_keep_their_order_round_and_round),
		TEST_SMALL(what_waits_unread_is_bounded_and_the_link_recovers),
		TEST_SMALL(another_process_takes_it_over_anywhere),
		TEST(the_longest_frame_passes_and_a_longer_one_is_dropped),
		TEST(what_waits_unread_is_bounded_and_the_link_recovers),
		TEST(a_burst_is_read_at_once_but_not_without_end),
		TEST(another_process_takes_it_over_anywhere),
		TEST(a_slot_that_is_freed_late_costs_its_frame_only),
		TEST(what_the_kernel_does_not_take_is_dropped_and_counted),
		TEST(the_outer_device_is_closed_to_all_but_pppoe),
		TEST(other_protocols_do_not_come),
		TEST(a_link_that_is_gone_is_said_once_and_not_read_again),
		TEST(a_tunnels_process_may_map_its_rings_and_no_more),
		TEST_SMALL(a_direct_clients_process_may_map_its_rings_and_no_more),
		cmocka_unit_test(the_send_buffer_is_for_what_its_calls_can_hold),
		cmocka_unit_test(signals_while_it_is_made_are_no_time_out),
		cmocka_unit_test(the_device_goes_with_the_last_descriptor),
		cmocka_unit_test(who_makes_it_stays_where_it_is),
	};
	struct link link;
	const char *failed;
	int error;

	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0) {
		print_message("skipped: makes network namespaces, which takes root\n");
		return EXIT_SKIPPED;
	}
	error = link_open(&wish, &link, &failed);
	if (error == -EOPNOTSUPP || error == -ENOPROTOOPT) {
		print_message("skipped: no veth or packet rings in this kernel (%s)\n", failed);
		return EXIT_SKIPPED;
	}
	if (!error)
		fdio_close(&link.fd);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
