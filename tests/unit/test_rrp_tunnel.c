// SPDX-License-Identifier: GPL-2.0-or-later
/* Tunnels in a real loop, joined by a socket pair or facing a raw peer. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/mono.h"
#include "rrp/frame.h"
#include "rrp/payload.h"
#include "tests/unit/rrp_side.h"

/* Ends a test that would hang; long, since nothing is measured. */
#define PATIENCE_MS 20000

struct pair {
	struct ev_loop *loop;
	struct tunnel *client;
	struct tunnel *server;
	struct side *at_client;
	struct side *at_server;
	int raw; /* the other end of a lone tunnel */
};

static const struct tunnel_call_request request = {
	.client = {.s_addr = 0},
	.client_call_id = 7,
	.serial = 3,
	.min_bps = 300,
	.max_bps = 100000000,
	.bearer = 3,
	.framing = 3,
	.phone_number = "12345",
};

static struct tunnel_settings settings_for(enum tunnel_role role)
{
	return (struct tunnel_settings){
		.role = role,
		.hello_timeout_s = 5,
		.ping_interval_s = 15,
		.ping_misses = 3,
		.max_calls = 1000,
		.name = role == TUNNEL_CLIENT ? "lrp" : "rrp",
	};
}

static struct tunnel *start(struct pair *pair, int fd, const struct tunnel_settings *settings,
			    struct side *side)
{
	struct rrp_stream *stream = rrp_stream_plain(fd);

	assert_non_null(stream);
	return tunnel_new(pair->loop, stream, settings, &side_ops, side);
}

static void make_sockets(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
}

static struct pair *new_pair(void)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	pair->loop = ev_loop_new(EVFLAG_AUTO);
	pair->at_client = calloc(1, sizeof(struct side));
	pair->at_server = calloc(1, sizeof(struct side));
	pair->raw = -1;
	return pair;
}

static void free_pair(struct pair *pair)
{
	tunnel_free(pair->client);
	tunnel_free(pair->server);
	ev_loop_destroy(pair->loop);
	if (pair->raw >= 0)
		close(pair->raw);
	free(pair->at_client);
	free(pair->at_server);
	free(pair);
}

/* Both ends. */
static struct pair *join(void)
{
	struct tunnel_settings client = settings_for(TUNNEL_CLIENT);
	struct tunnel_settings server = settings_for(TUNNEL_SERVER);
	struct pair *pair = new_pair();
	int fds[2];

	make_sockets(fds);
	pair->client = start(pair, fds[0], &client, pair->at_client);
	pair->server = start(pair, fds[1], &server, pair->at_server);
	return pair;
}

static void on_patience(struct ev_loop *loop, struct ev_timer *timer UNUSED, int events UNUSED)
{
	ev_break(loop, EVBREAK_ALL);
}

/* Runs the loop until the side's log has `text`. */
static void run_until(struct pair *pair, const struct side *side, const char *text)
{
	struct mono end = mono_add_ms(mono_now(), PATIENCE_MS);
	struct ev_timer patience;

	ev_timer_init(&patience, on_patience, PATIENCE_MS / 1000.0, 0.0);
	ev_timer_start(pair->loop, &patience);
	while (!strstr(side->log, text) && mono_before(mono_now(), end))
		ev_run(pair->loop, EVRUN_ONCE);
	ev_timer_stop(pair->loop, &patience);
	if (!strstr(side->log, text))
		fail_msg("waited for '%s', got '%s'", text, side->log);
}

static struct pair *join_up(void)
{
	struct pair *pair = join();

	run_until(pair, pair->at_client, "up rrp;");
	run_until(pair, pair->at_server, "up lrp;");
	side_clear_log(pair->at_client);
	side_clear_log(pair->at_server);
	return pair;
}

static struct tunnel_call *connect_call(struct pair *pair)
{
	struct tunnel_call *call = tunnel_call_open(pair->client, &request, NULL);

	pair->at_server->accept = true;
	assert_non_null(call);
	run_until(pair, pair->at_client, "accepted");
	return call;
}

static void call_carries_frames_both_ways(void **state UNUSED)
{
	struct pair *pair = join_up();
	struct tunnel_call *call = connect_call(pair);
	const uint8_t lcp[] = {0xff, 0x03, 0xc0, 0x21, 1, 1, 0, 4};

	pair->at_server->echo = true;
	tunnel_call_send(call, lcp, sizeof(lcp));
	run_until(pair, pair->at_client, "frame 1 8;");
	assert_memory_equal(pair->at_client->last_frame, lcp, sizeof(lcp));
	assert_memory_equal(pair->at_server->last_frame, lcp, sizeof(lcp));
	free_pair(pair);
}

static void frames_written_before_a_close_arrive(void **state UNUSED)
{
	struct pair *pair = join_up();
	struct tunnel_call *call = connect_call(pair);
	const uint8_t lcp[] = {0xff, 0x03, 0xc0, 0x21, 6, 1, 0, 4};

	tunnel_call_send(call, lcp, sizeof(lcp));
	tunnel_call_close(call, 4, 0);
	run_until(pair, pair->at_server, "frame 1 8;closed 1 4 0;");
	assert_int_equal(tunnel_calls(pair->server), 0);
	free_pair(pair);
}

static void shutdown_tells_owner_then_peer(void **state UNUSED)
{
	struct pair *pair = join_up();

	(void)connect_call(pair);
	tunnel_shutdown(pair->client);
	assert_non_null(strstr(pair->at_client->log, "closed 1 3 0;"));
	assert_null(strstr(pair->at_client->log, "down;"));
	run_until(pair, pair->at_server, "CLOSED the other shuts down;closed 1 3 0;down;");
	run_until(pair, pair->at_client, "down;");
	free_pair(pair);
}

static void shutdown_before_hello_ends_from_the_loop(void **state UNUSED)
{
	struct pair *pair = join();

	tunnel_shutdown(pair->client);
	assert_string_equal(pair->at_client->log, "");
	run_until(pair, pair->at_client, "down;");
	run_until(pair, pair->at_server, "LOST the other closed;down;");
	free_pair(pair);
}

static void reset_closes_calls_with_lost_carrier(void **state UNUSED)
{
	struct pair *pair = join_up();

	(void)connect_call(pair);
	tunnel_free(pair->server);
	pair->server = NULL;
	run_until(pair, pair->at_client, "LOST the other closed;closed 1 1 0;down;");
	free_pair(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_carries_frames_both_ways),
		cmocka_unit_test(frames_written_before_a_close_arrive),
		cmocka_unit_test(shutdown_tells_owner_then_peer),
		cmocka_unit_test(shutdown_before_hello_ends_from_the_loop),
		cmocka_unit_test(reset_closes_calls_with_lost_carrier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
