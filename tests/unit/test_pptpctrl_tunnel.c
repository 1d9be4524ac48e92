/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front side of an LRP, with a tunnel's client or raw bytes at its other end, and manager and
 * pppd played by the test: who is told what when one of them begins or ends.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "rrp/frame.h"
#include "rrp/payload.h"
#include "tests/unit/pptpctrl_world.h"
#include "tests/unit/pptpd_help.h"
#include "tests/unit/rrp_side.h"

static const uint8_t frame[] = {0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x04};

static struct world world;

/* The LRP. */
static struct {
	struct tunnel *tunnel;
	struct side side;
} lrp;

static int set_up(void **state UNUSED)
{
	memset(&lrp, 0, sizeof(lrp));
	world_begin(&world, &front_tunnel);
	return 0;
}

static int tear_down(void **state UNUSED)
{
	tunnel_free(lrp.tunnel);
	world_end(&world);
	return 0;
}

static void assert_lrp_told(const char *expected)
{
	world_settle(&world);
	assert_string_equal(lrp.side.log, expected);
	side_clear_log(&lrp.side);
}

static void connect_lrp(const char *name)
{
	const struct tunnel_settings settings = {
		.role = TUNNEL_CLIENT,
		.hello_timeout_s = 60,
		.ping_interval_s = 60,
		.ping_misses = 3,
		.max_calls = 10,
		.name = name,
	};
	struct rrp_stream *stream = rrp_stream_plain(world_connect(&world));

	assert_non_null(stream);
	lrp.tunnel = tunnel_new(world.context.loop, stream, &settings, &side_ops, &lrp.side);
	assert_non_null(lrp.tunnel);
	assert_lrp_told("UP pptpd, version 1;up pptpd;");
}

static struct tunnel_call *open_call(uint32_t client)
{
	const struct tunnel_call_request request = {
		.client = {.s_addr = htonl(client)},
		.client_call_id = 7,
		.max_bps = 100000,
	};
	struct tunnel_call *call = tunnel_call_open(lrp.tunnel, &request, NULL);

	assert_non_null(call);
	world_settle(&world);
	return call;
}

/* An LRP with one call, number 1 to it and 5 to us; returns pppd's end of the channel. */
static int connect_call(struct tunnel_call **ret_call)
{
	int pppd;

	connect_lrp("branch");
	*ret_call = open_call(0x0a000009);
	world_assert_asked(&world, "name branch;start 0 10.0.0.9/7;");
	assert_lrp_told("");
	pppd = world_start_call(&world, 0, 5);
	assert_lrp_told("accepted 1 100000;");
	return pppd;
}

/* The LRP ends its connection without a word. */
static void lose_lrp(void)
{
	tunnel_free(lrp.tunnel);
	lrp.tunnel = NULL;
	world_settle(&world);
}

static void a_call_is_accepted_once_its_pppd_runs(void **state UNUSED)
{
	struct tunnel_call *call;
	int pppd = connect_call(&call);

	assert_string_equal(world.title, "pptpd [LRP branch 192.0.2.7]");
	assert_true(caught(LOG_INFO, "RRP: LRP branch (192.0.2.7): tunnel up"));
	assert_true(
		caught(LOG_INFO, "RRP: LRP branch (192.0.2.7): client 10.0.0.9 call 5 started"));
	fdio_close(&pppd);
}

static void frames_go_between_tunnel_and_pppd(void **state UNUSED)
{
	struct tunnel_call *call;
	int pppd = connect_call(&call);

	world_pppd_sends(&world, pppd, frame, sizeof(frame));
	assert_lrp_told("frame 1 8;");
	assert_memory_equal(lrp.side.last_frame, frame, sizeof(frame));
	tunnel_call_send(call, frame, sizeof(frame));
	assert_true(world_pppd_hears(&world, pppd, frame, sizeof(frame)));
	fdio_close(&pppd);
}

static void the_name_is_told_before_the_first_call_and_once(void **state UNUSED)
{
	connect_lrp("branch-1.example_2");
	(void)open_call(0x0a000009);
	(void)open_call(0x0a00000a);
	world_assert_asked(&world,
			   "name branch-1.example_2;start 0 10.0.0.9/7;start 1 10.0.0.10/7;");
}

static void a_name_has_only_what_fits_an_environment_and_a_log_line(void **state UNUSED)
{
	connect_lrp("br anch;$(reboot)/../%n=\"'");
	world_assert_asked(&world, "name br_anch___reboot__..__n___;");
}

static void the_longest_name_is_whole(void **state UNUSED)
{
	char name[RRP_NAME_MAX + 1], asked[RRP_NAME_MAX + 16];

	memset(name, 'n', RRP_NAME_MAX);
	name[RRP_NAME_MAX] = '\0';
	connect_lrp(name);
	(void)snprintf(asked, sizeof(asked), "name %s;", name);
	world_assert_asked(&world, asked);
}

static void an_lrp_without_a_name_gets_one(void **state UNUSED)
{
	connect_lrp("");
	(void)manager_hear(&world.manager);
	assert_memory_equal(world.manager.asked, "name ", strlen("name "));
	assert_true(strlen(world.manager.asked) > strlen("name ;"));
}

static void a_call_that_the_manager_refuses_is_refused(void **state UNUSED)
{
	static const struct {
		enum ipc_refusal reason;
		const char *told;
	} rows[] = {
		{IPC_REFUSAL_FULL, "refused 1 4 0;"},
		{IPC_REFUSAL_SYSTEM, "refused 2 2 6;"},
		{IPC_REFUSAL_STOPPING, "refused 3 4 0;"},
	};

	connect_lrp("branch");
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		(void)open_call(0x0a000009);
		world_refuse_call(&world, i, rows[i].reason);
		assert_lrp_told(rows[i].told);
	}
	lose_lrp();
	world_assert_asked(&world, "name branch;start 0 10.0.0.9/7;start 1 10.0.0.9/7;"
				   "start 2 10.0.0.9/7;idle 1;");
}

static void a_call_that_the_lrp_closes_is_hung_up(void **state UNUSED)
{
	struct tunnel_call *call;
	int pppd = connect_call(&call);

	tunnel_call_close(call, 4, 0);
	world_assert_asked(&world, "stop 5;");
	assert_true(world_is_hung_up(pppd));
	world_end_call(&world, 5);
	assert_lrp_told("");
	world_assert_asked(&world, "");
	assert_true(caught(LOG_INFO, "RRP: LRP branch (192.0.2.7): client 10.0.0.9 call finished, "
				     "pppd[1005] ended with status 16 (the line was hung up)"));
	lose_lrp();
	world_assert_asked(&world, "idle 1;");
	fdio_close(&pppd);
}

static void a_call_that_is_closed_before_its_start_is_hung_up_then(void **state UNUSED)
{
	int pppd;

	connect_lrp("branch");
	tunnel_call_close(open_call(0x0a000009), 4, 0);
	world_assert_asked(&world, "name branch;start 0 10.0.0.9/7;cancel 0;");
	pppd = world_start_call(&world, 0, 5);
	assert_lrp_told("");
	world_assert_asked(&world, "stop 5;");
	world_end_call(&world, 5);
	fdio_close(&pppd);
}

static void a_call_that_is_closed_may_still_be_refused(void **state UNUSED)
{
	connect_lrp("branch");
	tunnel_call_close(open_call(0x0a000009), 4, 0);
	world_settle(&world);
	world_refuse_call(&world, 0, IPC_REFUSAL_SYSTEM);
	assert_lrp_told("");
}

static void pppd_that_closes_its_side_closes_the_call(void **state UNUSED)
{
	struct tunnel_call *call;
	int pppd = connect_call(&call);

	fdio_close(&pppd);
	assert_lrp_told("closed 1 1 0;");
	world_assert_asked(&world, "stop 5;");
	world_end_call(&world, 5);
	assert_lrp_told("");
}

static void pppd_that_is_reaped_closes_the_call(void **state UNUSED)
{
	struct tunnel_call *call;
	int pppd = connect_call(&call);

	world_end_call(&world, 5);
	assert_lrp_told("closed 1 1 0;");
	world_assert_asked(&world, "");
	fdio_close(&pppd);
}

static void two_calls_do_not_touch_each_other(void **state UNUSED)
{
	struct tunnel_call *first, *second;
	int pppd_first = connect_call(&first), pppd_second;

	second = open_call(0x0a00000a);
	pppd_second = world_start_call(&world, 1, 6);
	world_pppd_sends(&world, pppd_first, frame, sizeof(frame));
	world_pppd_sends(&world, pppd_second, frame, sizeof(frame));
	assert_lrp_told("accepted 2 100000;frame 1 8;frame 2 8;");
	tunnel_call_send(second, frame, sizeof(frame));
	assert_false(world_pppd_hears(&world, pppd_first, frame, sizeof(frame)));
	assert_true(world_pppd_hears(&world, pppd_second, frame, sizeof(frame)));
	tunnel_call_close(first, 4, 0);
	world_assert_asked(&world, "start 1 10.0.0.10/7;ready 5;ready 6;stop 5;");
	world_pppd_sends(&world, pppd_second, frame, sizeof(frame));
	assert_lrp_told("frame 2 8;");
	fdio_close(&pppd_first);
	fdio_close(&pppd_second);
}

static void a_call_beyond_those_of_the_tunnel_is_refused(void **state UNUSED)
{
	connect_lrp("branch");
	for (unsigned i = 0; i < WORLD_MAX_CALLS; i++)
		tunnel_call_close(open_call(0x0a000009), 4, 0);
	(void)open_call(0x0a000009);
	assert_lrp_told("refused 4 4 0;");
	world_refuse_call(&world, 0, IPC_REFUSAL_FULL);
	(void)open_call(0x0a000009);
	assert_lrp_told("");
}

static void a_tunnel_that_is_lost_hangs_up_its_calls(void **state UNUSED)
{
	struct tunnel_call *call;
	int pppd = connect_call(&call), second;

	(void)open_call(0x0a00000a);
	second = world_start_call(&world, 1, 6);
	(void)open_call(0x0a00000b);
	world_assert_asked(&world, "start 1 10.0.0.10/7;start 2 10.0.0.11/7;");
	lose_lrp();
	world_assert_asked(&world, "stop 5;stop 6;cancel 2;");
	assert_int_equal(caught_with("RRP: LRP branch (192.0.2.7): the other closed"), 1);
	world_end_call(&world, 6);
	world_refuse_call(&world, 2, IPC_REFUSAL_FULL);
	world_assert_asked(&world, "");
	world_end_call(&world, 5);
	world_assert_asked(&world, "idle 1;");
	fdio_close(&pppd);
	fdio_close(&second);
}

static void a_connection_that_is_dead_at_once_is_idle(void **state UNUSED)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			 0);
	fdio_close(&pair[1]);
	manager_send_connection(&world.manager, pair[0]);
	world_assert_asked(&world, "idle 1;");
}

static void stop_without_a_connection_is_idle(void **state UNUSED)
{
	world_stop(&world);
	world_assert_asked(&world, "idle 0;");
}

static void a_connection_that_comes_after_stop_is_closed(void **state UNUSED)
{
	uint8_t byte;
	int fd;

	world_stop(&world);
	fd = world_connect(&world);
	assert_int_equal(read(fd, &byte, 1), 0);
	world_assert_asked(&world, "idle 0;idle 1;");
	fdio_close(&fd);
}

static void stop_ends_calls_then_the_tunnel_then_is_idle_once(void **state UNUSED)
{
	struct tunnel_call *call;
	int pppd = connect_call(&call);

	world_stop(&world);
	world_stop(&world);
	assert_lrp_told("CLOSED the server ends this tunnel; its log says why;closed 1 3 0;down;");
	world_assert_asked(&world, "stop 5;");
	world_end_call(&world, 5);
	world_assert_asked(&world, "idle 1;");
	fdio_close(&pppd);
}

static void stop_before_the_hello_ends_the_tunnel(void **state UNUSED)
{
	int fd = world_connect(&world);

	world_stop(&world);
	world_assert_asked(&world, "idle 1;");
	fdio_close(&fd);
}

static void a_manager_that_goes_away_does_not_hurt(void **state UNUSED)
{
	struct tunnel_call *call;
	int pppd = connect_call(&call);

	manager_end(&world.manager);
	world_settle(&world);
	assert_int_equal(world.lost, 1);
	tunnel_call_close(call, 4, 0);
	world_settle(&world);
	(void)open_call(0x0a00000a);
	lose_lrp();
	fdio_close(&pppd);
}

/* A tunnel never asks for it; world_end() looks for what is left. */
static void a_raw_socket_that_comes_is_closed(void **state UNUSED)
{
	const struct ipc_gre_opened opened = {.type = IPC_GRE_OPENED};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	manager_send(&world.manager, &opened, fd);
	world_settle(&world);
}

/* Looks at every line, and counts those that are no debug lines. */
static void check_line(void *context, int severity, const char *line)
{
	unsigned *lines = context;

	for (const char *c = line; *c; c++)
		assert_true(isprint((unsigned char)*c));
	if (severity < LOG_DEBUG)
		++*lines;
}

static void put_hello(struct byte_writer *out, const char *name)
{
	struct rrp_hello hello = {.lowest = 1, .highest = 1};
	size_t at = rrp_frame_begin(out, RRP_HELLO, 0, 0);

	(void)snprintf(hello.name, sizeof(hello.name), "%s", name);
	rrp_hello_write(out, &hello);
	rrp_frame_end(out, at);
}

static void put_error(struct byte_writer *out, const char *text)
{
	size_t at = rrp_frame_begin(out, RRP_ERROR, 0, 0);

	rrp_error_write(out, 1, text);
	rrp_frame_end(out, at);
}

/* The bytes come to a tunnel of their own; its lines are printable, and there is one at least. */
static void assert_lines_printable(const struct byte_writer *bytes)
{
	unsigned lines = 0;
	int fd;

	world_begin(&world, &front_tunnel);
	log_init(check_line, &lines, true);
	fd = world_connect(&world);
	assert_false(wr_failed(bytes));
	assert_int_equal(write(fd, bytes->start, wr_len(bytes)), wr_len(bytes));
	world_settle(&world);
	fdio_close(&fd);
	world_settle(&world);
	assert_true(lines > 0);
	world_end(&world);
}

static void no_line_has_what_cannot_be_printed(void **state UNUSED)
{
	static const char hostile[] = "\x1b[2J\r\n\x7f\xff%s%n\x80";
	uint8_t bytes[1024];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));

	put_hello(&out, "branch");
	put_error(&out, hostile);
	assert_lines_printable(&out);
	out = wr_init(bytes, sizeof(bytes));
	put_hello(&out, hostile);
	assert_lines_printable(&out);
	out = wr_init(bytes, sizeof(bytes));
	put_error(&out, hostile);
	assert_lines_printable(&out);
	out = wr_init(bytes, sizeof(bytes));
	wr_copy(&out, hostile, sizeof(hostile));
	assert_lines_printable(&out);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_is_accepted_once_its_pppd_runs),
		TEST(frames_go_between_tunnel_and_pppd),
		TEST(the_name_is_told_before_the_first_call_and_once),
		TEST(a_name_has_only_what_fits_an_environment_and_a_log_line),
		TEST(the_longest_name_is_whole),
		TEST(an_lrp_without_a_name_gets_one),
		TEST(a_call_that_the_manager_refuses_is_refused),
		TEST(a_call_that_the_lrp_closes_is_hung_up),
		TEST(a_call_that_is_closed_before_its_start_is_hung_up_then),
		TEST(a_call_that_is_closed_may_still_be_refused),
		TEST(pppd_that_closes_its_side_closes_the_call),
		TEST(pppd_that_is_reaped_closes_the_call),
		TEST(two_calls_do_not_touch_each_other),
		TEST(a_call_beyond_those_of_the_tunnel_is_refused),
		TEST(a_tunnel_that_is_lost_hangs_up_its_calls),
		TEST(a_connection_that_is_dead_at_once_is_idle),
		TEST(stop_without_a_connection_is_idle),
		TEST(a_connection_that_comes_after_stop_is_closed),
		TEST(stop_ends_calls_then_the_tunnel_then_is_idle_once),
		TEST(stop_before_the_hello_ends_the_tunnel),
		TEST(a_manager_that_goes_away_does_not_hurt),
		TEST(a_raw_socket_that_comes_is_closed),
		cmocka_unit_test(no_line_has_what_cannot_be_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
