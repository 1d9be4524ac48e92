/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The raw socket of the GRE engine on the loopback of a network namespace of its own: whole packets
 * in and out, and errors that end nothing. Needs root; skipped without.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpctrl/pptp/gre_engine.h"
#include "pptpctrl/pptp/gre_raw.h"
#include "pptpctrl/proto/gre.h"
#include "pptpctrl/proto/ipv4.h"
#include "pptpd/base/fdio.h"

/* The exit status that says "skipped" to make check. */
#define SKIPPED 77

/* How long a packet on the loopback is waited for. */
#define PATIENCE_S 2.0

#define OUR_CALL  7
#define PEER_CALL 9

static struct {
	struct ev_loop *loop;
	struct gre_raw *raw;
	struct gre_engine *engine;
	struct gre_call *call;
	struct in_addr us;
	struct in_addr peer;
	int peer_fd;
	uint32_t peer_sequence;
	size_t frames;
	size_t last_len;
} test;

static int open_raw(void)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, GRE_IP_PROTOCOL);

	assert_true(fd >= 0);
	return fd;
}

static struct sockaddr_in socket_address(struct in_addr address)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = address};
}

static void bind_raw(int fd, struct in_addr address)
{
	struct sockaddr_in name = socket_address(address);

	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
}

static void open_peer(void)
{
	test.peer_fd = open_raw();
	bind_raw(test.peer_fd, test.peer);
}

static void on_frame(void *context UNUSED, const uint8_t *frame, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(frame[i], 'x');
	test.frames++;
	test.last_len = len;
}

static struct gre_call *open_call(struct in_addr peer)
{
	const struct gre_call_settings settings = {
		.peer = peer, .call_id = OUR_CALL, .peer_call_id = PEER_CALL};
	struct gre_call *call = gre_call_new(test.engine, &settings, on_frame, NULL);

	assert_non_null(call);
	return call;
}

/* Ours is connected to the peer, as the manager opens it for a direct client. */
static int set_up(gre_send *send)
{
	struct sockaddr_in name;
	int fd;

	memset(&test, 0, sizeof(test));
	test.us.s_addr = htonl(0x7f000001);
	test.peer.s_addr = htonl(0x7f000002);
	test.loop = ev_loop_new(EVFLAG_AUTO);
	open_peer();
	fd = open_raw();
	bind_raw(fd, test.us);
	name = socket_address(test.peer);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(gre_raw_prepare(fd), 0);
	test.raw = gre_raw_new(test.loop, fd);
	assert_non_null(test.raw);
	test.engine = gre_engine_new(test.loop, send, test.raw);
	if (send == gre_raw_send)
		gre_engine_set_flush(test.engine, gre_raw_flush);
	gre_raw_start(test.raw, test.engine);
	test.call = open_call(test.peer);
	return 0;
}

static int setup(void **state UNUSED)
{
	return set_up(gre_raw_send);
}

static int setup_connected(void **state UNUSED)
{
	return set_up(gre_raw_send_connected);
}

static int teardown(void **state UNUSED)
{
	gre_call_free(test.call);
	gre_raw_free(test.raw);
	gre_engine_free(test.engine);
	fdio_close(&test.peer_fd);
	ev_loop_destroy(test.loop);
	return 0;
}

static const struct gre_raw_counters *counters(void)
{
	return gre_raw_counters(test.raw);
}

static void peer_sends(size_t len)
{
	uint8_t packet[GRE_HEADER_MAX + 10000];
	const struct gre_header header = {
		.call_id = OUR_CALL,
		.has_sequence = true,
		.sequence = test.peer_sequence++,
		.payload_len = len,
	};
	struct sockaddr_in name = socket_address(test.us);
	size_t header_len = gre_encode(&header, packet);

	memset(packet + header_len, 'x', len);
	assert_int_equal(sendto(test.peer_fd, packet, header_len + len, 0, (struct sockaddr *)&name,
				sizeof(name)),
			 header_len + len);
}

/* The payload's length of the next packet at the peer, or -1. */
static ssize_t peer_receives(void)
{
	static uint8_t packet[65536];
	struct ipv4_header ip;
	struct gre_header gre;
	ssize_t len = recv(test.peer_fd, packet, sizeof(packet), 0);

	if (len < 0)
		return -1;
	assert_true(ipv4_decode(packet, (size_t)len, &ip));
	assert_true(gre_decode(ip.payload, ip.payload_len, &gre));
	assert_int_equal(ip.source.s_addr, test.us.s_addr);
	assert_int_equal(gre.call_id, PEER_CALL);
	return (ssize_t)gre.payload_len;
}

static void send_frame(struct gre_call *call, size_t len)
{
	static uint8_t frame[UINT16_MAX];

	gre_call_send(call, frame, len);
	gre_engine_flush(test.engine);
}

static void on_patience(struct ev_loop *loop, ev_timer *timer UNUSED, int events UNUSED)
{
	ev_break(loop, EVBREAK_ALL);
}

/* Runs the loop until the counter is there; fails if that takes too long. */
static void run_until(const uint64_t *counter, uint64_t enough)
{
	ev_timer patience;

	ev_timer_init(&patience, on_patience, PATIENCE_S, 0.0);
	ev_now_update(test.loop);
	ev_timer_start(test.loop, &patience);
	while (*counter < enough && ev_is_active(&patience))
		ev_run(test.loop, EVRUN_ONCE);
	ev_timer_stop(test.loop, &patience);
	assert_true(*counter >= enough);
}

static void packets_come_in_and_frames_go_out(void **state UNUSED)
{
	peer_sends(100);
	run_until(&counters()->received, 1);
	assert_int_equal(test.frames, 1);
	assert_int_equal(test.last_len, 100);
	send_frame(test.call, 200);
	assert_int_equal(peer_receives(), 200);
	assert_int_equal(counters()->sent, 1);
	assert_int_equal(counters()->last_errno, 0);
}

static void packets_wait_for_the_flush_and_go_in_order(void **state UNUSED)
{
	static const uint8_t frame[40];

	for (size_t i = 1; i <= 40; i++)
		gre_call_send(test.call, frame, i);
	assert_int_equal(peer_receives(), -1);
	assert_int_equal(counters()->sent, 0);
	gre_engine_flush(test.engine);
	for (ssize_t i = 1; i <= 40; i++)
		assert_int_equal(peer_receives(), i);
	assert_int_equal(counters()->sent, 40);
	gre_engine_flush(test.engine);
	assert_int_equal(peer_receives(), -1);
}

static void more_than_a_batch_goes_in_several(void **state UNUSED)
{
	static const uint8_t frame[200];

	for (size_t i = 1; i <= 150; i++)
		gre_call_send(test.call, frame, i);
	gre_engine_flush(test.engine);
	for (ssize_t i = 1; i <= 150; i++)
		assert_int_equal(peer_receives(), i);
	assert_int_equal(counters()->sent, 150);
}

static void packets_that_fail_in_a_batch_do_not_stop_the_rest(void **state UNUSED)
{
	struct gre_call *nowhere = open_call((struct in_addr){.s_addr = htonl(0xc0000201)});
	static const uint8_t frame[UINT16_MAX];

	gre_call_send(nowhere, frame, 1);
	gre_call_send(test.call, frame, 2);
	gre_call_send(test.call, frame, UINT16_MAX);
	gre_call_send(nowhere, frame, 3);
	gre_call_send(test.call, frame, 4);
	gre_call_send(nowhere, frame, 5);
	gre_engine_flush(test.engine);
	assert_int_equal(peer_receives(), 2);
	assert_int_equal(peer_receives(), 4);
	assert_int_equal(peer_receives(), -1);
	assert_int_equal(counters()->sent, 2);
	assert_int_equal(counters()->dropped, 4);
	assert_int_equal(counters()->errors[GRE_RAW_ERROR_NO_ROUTE], 3);
	assert_int_equal(counters()->errors[GRE_RAW_ERROR_TOO_LONG], 1);
	gre_call_free(nowhere);
	send_frame(test.call, 100);
	assert_int_equal(peer_receives(), 100);
}

static void packets_longer_than_the_mtu_are_fragmented(void **state UNUSED)
{
	send_frame(test.call, 4000);
	assert_int_equal(peer_receives(), 4000);
	peer_sends(8192);
	run_until(&counters()->received, 1);
	assert_int_equal(test.last_len, 8192);
}

static void packet_longer_than_the_buffer_is_malformed(void **state UNUSED)
{
	peer_sends(9000);
	peer_sends(100);
	run_until(&counters()->received, 2);
	assert_int_equal(counters()->malformed, 1);
	assert_int_equal(test.frames, 1);
}

static void one_wake_up_takes_a_bounded_batch(void **state UNUSED)
{
	uint64_t before = 0;

	for (unsigned i = 0; i < 100; i++)
		peer_sends(100);
	while (before < 100) {
		ev_run(test.loop, EVRUN_ONCE);
		assert_true(counters()->received - before <= 32);
		assert_true(counters()->received > before);
		before = counters()->received;
	}
	assert_int_equal(test.frames, 100);
}

static void protocol_unreachable_does_not_end_the_call(void **state UNUSED)
{
	const struct gre_raw_counters *c = counters();

	fdio_close(&test.peer_fd);
	send_frame(test.call, 100);
	run_until(&c->errors[GRE_RAW_ERROR_NO_GRE_AT_PEER], 1);
	assert_int_equal(c->last_errno, ENOPROTOOPT);
	assert_string_equal(gre_raw_error_name(GRE_RAW_ERROR_NO_GRE_AT_PEER), "no GRE at peer");

	open_peer();
	send_frame(test.call, 100);
	assert_int_equal(peer_receives(), 100);
	peer_sends(100);
	run_until(&c->received, 1);
	assert_int_equal(test.frames, 1);
	assert_int_equal(c->dropped, 0);
}

static void pending_error_does_not_cost_the_next_packet(void **state UNUSED)
{
	fdio_close(&test.peer_fd);
	send_frame(test.call, 100);
	open_peer();
	send_frame(test.call, 200);
	assert_int_equal(peer_receives(), 200);
	assert_int_equal(counters()->sent, 2);
	assert_int_equal(counters()->dropped, 0);
}

static void missing_route_does_not_end_the_call(void **state UNUSED)
{
	struct gre_call *call = open_call((struct in_addr){.s_addr = htonl(0xc0000201)});

	send_frame(call, 100);
	send_frame(call, 100);
	assert_int_equal(counters()->errors[GRE_RAW_ERROR_NO_ROUTE], 2);
	assert_int_equal(counters()->dropped, 2);
	gre_call_free(call);
	send_frame(test.call, 100);
	assert_int_equal(peer_receives(), 100);
}

static void too_long_packet_does_not_end_the_call(void **state UNUSED)
{
	send_frame(test.call, UINT16_MAX);
	assert_int_equal(counters()->errors[GRE_RAW_ERROR_TOO_LONG], 1);
	assert_int_equal(counters()->dropped, 1);
	send_frame(test.call, 100);
	assert_int_equal(peer_receives(), 100);
}

static void full_socket_is_counted(void **state UNUSED)
{
	int fd = open_raw();
	const int least = 1;
	struct gre_raw *raw;
	static uint8_t bytes[60000];
	const struct iovec parts[] = {{bytes, GRE_HEADER_MAX}, {bytes, sizeof(bytes)}};

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)), 0);
	raw = gre_raw_new(test.loop, fd);
	gre_raw_send(raw, test.peer, parts, 2);
	gre_raw_flush(raw);
	assert_int_equal(gre_raw_counters(raw)->errors[GRE_RAW_ERROR_FULL], 1);
	assert_int_equal(gre_raw_counters(raw)->dropped, 1);
	gre_raw_free(raw);
}

static bool run_tool(const char *const argv[])
{
	extern char **environ;
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ) != 0)
		return false;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void firewall_rule_does_not_end_the_call(void **state UNUSED)
{
	static const char *const add[] = {"iptables-legacy", "-A", "OUTPUT", "-p", "47", "-d",
					  "127.0.0.2",       "-j", "DROP",   NULL};
	static const char *const flush[] = {"iptables-legacy", "-F", "OUTPUT", NULL};

	if (!run_tool(add))
		skip();
	send_frame(test.call, 100);
	assert_int_equal(counters()->errors[GRE_RAW_ERROR_FILTERED], 1);
	assert_int_equal(counters()->last_errno, EPERM);
	assert_true(run_tool(flush));
	send_frame(test.call, 100);
	assert_int_equal(peer_receives(), 100);
	assert_int_equal(counters()->dropped, 1);
}

static void socket_without_a_connection_serves_every_peer(void **state UNUSED)
{
	int fd = open_raw();
	struct gre_raw *raw;

	bind_raw(fd, test.us);
	raw = gre_raw_new(test.loop, fd);
	gre_raw_start(raw, test.engine);
	gre_engine_set_flush(test.engine, NULL); /* it would be that of the first socket */
	gre_raw_free(test.raw);
	test.raw = raw;
	peer_sends(100);
	run_until(&gre_raw_counters(raw)->received, 1);
	assert_int_equal(test.frames, 1);
}

static void socket_is_closed_with_its_object(void **state UNUSED)
{
	int fd = open_raw();

	gre_raw_free(gre_raw_new(test.loop, fd));
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void other_descriptor_cannot_be_prepared(void **state UNUSED)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(gre_raw_prepare(fds[0]), -ENOTSOCK);
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(close(fds[1]), 0);
}

/* A network namespace whose loopback is up, with Ethernet's MTU so that packets get fragmented. */
static bool enter_namespace(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	bool done;
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	request.ifr_mtu = 1500;
	done = fd >= 0 && ioctl(fd, SIOCSIFMTU, &request) == 0;
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	done = done && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	fdio_close(&fd);
	return done;
}

#define RAW_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* The same rule without an address for each packet. */
#define CONNECTED_TEST(name)                                               \
	{                                                                  \
		"connected: " #name, name, setup_connected, teardown, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RAW_TEST(packets_come_in_and_frames_go_out),
		RAW_TEST(packets_wait_for_the_flush_and_go_in_order),
		RAW_TEST(more_than_a_batch_goes_in_several),
		RAW_TEST(packets_that_fail_in_a_batch_do_not_stop_the_rest),
		RAW_TEST(packets_longer_than_the_mtu_are_fragmented),
		RAW_TEST(packet_longer_than_the_buffer_is_malformed),
		RAW_TEST(one_wake_up_takes_a_bounded_batch),
		RAW_TEST(protocol_unreachable_does_not_end_the_call),
		RAW_TEST(pending_error_does_not_cost_the_next_packet),
		RAW_TEST(missing_route_does_not_end_the_call),
		RAW_TEST(too_long_packet_does_not_end_the_call),
		CONNECTED_TEST(packets_come_in_and_frames_go_out),
		CONNECTED_TEST(packets_longer_than_the_mtu_are_fragmented),
		CONNECTED_TEST(protocol_unreachable_does_not_end_the_call),
		CONNECTED_TEST(pending_error_does_not_cost_the_next_packet),
		CONNECTED_TEST(too_long_packet_does_not_end_the_call),
		RAW_TEST(full_socket_is_counted),
		RAW_TEST(firewall_rule_does_not_end_the_call),
		CONNECTED_TEST(firewall_rule_does_not_end_the_call),
		RAW_TEST(socket_without_a_connection_serves_every_peer),
		RAW_TEST(socket_is_closed_with_its_object),
		RAW_TEST(other_descriptor_cannot_be_prepared),
	};

	if (geteuid() != 0 || !enter_namespace()) {
		printf("needs root and a network namespace: skipped\n");
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
