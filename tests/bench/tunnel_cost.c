/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one PPP frame costs between tunnel_call_send() and the frame callback at the other end, in
 * processor time for each end, plain and TLS, beside bare write and read of as many bytes. Both
 * ends are in this process, joined by TCP on the loopback; prints, and asserts nothing about speed.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "rrp/tunnel.h"
#include "tests/unit/tls_world.h"

/* Frames that one wake-up brings: as many as LRP takes from its capture at once. */
#define BURST 64

#define ROUNDS   5
#define CHUNK    (16 * 1024)
#define READ_MAX (64 * 1024)

enum kind {
	KIND_BARE,
	KIND_PLAIN,
	KIND_TLS,
	KINDS,
};

static const char *const kind_names[KINDS] = {"bare write and read", "tunnel, plain",
					      "tunnel, TLS"};

/* Nanoseconds for each frame. */
struct cost {
	double send;
	double receive;
};

struct end {
	struct ev_loop *loop;
	struct tunnel *tunnel;
	struct tunnel_call *call;
	unsigned long frames;
	uint64_t spent_ns;
};

static uint8_t frame[8192] = {0xff, 0x03, 0x00, 0xfd};
static size_t frame_len = 1400;
static unsigned long frames_per_round = 100000;
static const char *only = ""; /* kinds whose names have this, beside the bare one */

static uint64_t processor_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void on_up(void *context UNUSED, const char *peer_name UNUSED)
{
}

static void on_opened(void *context, struct tunnel_call *call,
		      const struct tunnel_call_request *request UNUSED)
{
	struct end *end = context;

	end->call = call;
	tunnel_call_accept(call, 100000000);
}

static void on_accepted(void *context, struct tunnel_call *call, uint32_t connect_speed UNUSED)
{
	struct end *end = context;

	end->call = call;
}

static void on_result(void *context UNUSED, struct tunnel_call *call UNUSED, uint8_t result,
		      uint8_t error)
{
	fail_msg("the call ended: %u, %u", result, error);
}

static void on_link_info(void *context UNUSED, struct tunnel_call *call UNUSED,
			 uint32_t send_accm UNUSED, uint32_t receive_accm UNUSED)
{
}

static void on_frame(void *context, struct tunnel_call *call UNUSED, const uint8_t *data,
		     size_t len)
{
	struct end *end = context;

	end->frames++;
	assert_int_equal(len, frame_len);
	assert_int_equal(data[1], 0x03);
}

static void on_notice(void *context UNUSED, enum tunnel_notice notice, const char *text)
{
	if (notice != TUNNEL_NOTICE_UP && notice != TUNNEL_NOTICE_DEBUG)
		fail_msg("%s", text);
}

static void on_down(void *context UNUSED)
{
	fail_msg("the tunnel is down");
}

static const struct tunnel_ops ops = {
	.up = on_up,
	.call_opened = on_opened,
	.call_accepted = on_accepted,
	.call_refused = on_result,
	.call_closed = on_result,
	.link_info = on_link_info,
	.frame = on_frame,
	.notice = on_notice,
	.down = on_down,
};

static void start(struct end *end, struct rrp_stream *stream, enum tunnel_role role)
{
	const struct tunnel_settings settings = {
		.role = role,
		.hello_timeout_s = 60,
		.ping_interval_s = 3600,
		.ping_misses = 3,
		.max_calls = 8,
		.name = "bench",
	};

	end->loop = ev_loop_new(EVFLAG_AUTO);
	end->tunnel = tunnel_new(end->loop, stream, &settings, &ops, end);
	assert_non_null(end->tunnel);
}

static void stop(struct end *end)
{
	tunnel_free(end->tunnel);
	ev_loop_destroy(end->loop);
}

/* One turn of the loop, on the end's account. */
static void turn(struct end *end)
{
	uint64_t before = processor_ns();

	ev_run(end->loop, EVRUN_NOWAIT);
	end->spent_ns += processor_ns() - before;
}

static struct tunnel_call *open_call(struct end *client, struct end *server)
{
	const struct tunnel_call_request request = {
		.client_call_id = 7, .max_bps = 100000000, .phone_number = "1"};

	while (!tunnel_call_open(client->tunnel, &request, NULL)) {
		turn(client);
		turn(server);
	}
	while (!client->call) {
		turn(client);
		turn(server);
	}
	return client->call;
}

static struct cost measure_tunnel(struct rrp_stream *at_client, struct rrp_stream *at_server)
{
	struct end client = {0}, server = {0};
	struct tunnel_call *call;
	unsigned long sent = 0;
	struct cost cost;

	start(&client, at_client, TUNNEL_CLIENT);
	start(&server, at_server, TUNNEL_SERVER);
	call = open_call(&client, &server);
	client.spent_ns = server.spent_ns = 0;
	while (server.frames < frames_per_round) {
		uint64_t before = processor_ns();

		/* Never more on the way than what the queue keeps. */
		for (unsigned i = 0; i < BURST && sent < server.frames + BURST; i++, sent++)
			tunnel_call_send(call, frame, frame_len);
		client.spent_ns += processor_ns() - before;
		turn(&client);
		turn(&server);
	}
	assert_int_equal(tunnel_call_dropped(call), 0);
	cost.send = (double)client.spent_ns / (double)server.frames;
	cost.receive = (double)server.spent_ns / (double)server.frames;
	stop(&client);
	stop(&server);
	return cost;
}

static struct cost measure_bare(int from, int to)
{
	static uint8_t out[CHUNK], in[READ_MAX];
	uint64_t written = 0, got = 0, enough = (uint64_t)frames_per_round * (frame_len + 8);
	uint64_t send_ns = 0, receive_ns = 0;

	while (got < enough) {
		uint64_t before = processor_ns(), between;
		ssize_t n;

		for (unsigned i = 0;
		     i < BURST * (frame_len + 8) / CHUNK + 1 && written - got < READ_MAX; i++) {
			n = send(from, out, sizeof(out), MSG_NOSIGNAL);
			written += n > 0 ? (uint64_t)n : 0;
		}
		between = processor_ns();
		while ((n = recv(to, in, sizeof(in), 0)) > 0)
			got += (uint64_t)n;
		send_ns += between - before;
		receive_ns += processor_ns() - between;
	}
	return (struct cost){(double)send_ns / (double)frames_per_round,
			     (double)receive_ns / (double)frames_per_round};
}

static struct cost measure(enum kind kind)
{
	struct cost cost = {0};
	struct tls_world *world;
	int fds[2];

	if (kind == KIND_TLS) {
		world = tls_world_new();
		tls_world_join(world);
		cost = measure_tunnel(world->client.stream, world->server.stream);
		world->client.stream = world->server.stream = NULL;
		tls_world_free(world);
		return cost;
	}
	tls_world_tcp(fds);
	if (kind == KIND_PLAIN)
		return measure_tunnel(rrp_stream_plain(fds[0]), rrp_stream_plain(fds[1]));
	rrp_stream_tune(fds[0]);
	cost = measure_bare(fds[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
	return cost;
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return difference < 0 ? -1 : difference > 0;
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

/* The kinds take turns, so that what else the machine does hits all alike. */
static void run(void **state UNUSED)
{
	double send[KINDS][ROUNDS], receive[KINDS][ROUNDS];
	double bare = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned kind = 0; kind < KINDS; kind++) {
			struct cost cost = {0};

			if (kind == KIND_BARE || strstr(kind_names[kind], only))
				cost = measure((enum kind)kind);
			send[kind][round] = cost.send;
			receive[kind][round] = cost.receive;
		}
	}
	printf("%lu frames of %zu bytes, bursts of %d, %d rounds; median ns of processor time a "
	       "frame\n%-20s %8s %8s %8s %6s\n",
	       frames_per_round, frame_len, BURST, ROUNDS, "", "send", "receive", "both", "x");
	for (unsigned kind = 0; kind < KINDS; kind++) {
		double s = median(send[kind]), r = median(receive[kind]);

		if (kind == KIND_BARE)
			bare = s + r;
		printf("%-20s %8.0f %8.0f %8.0f %6.2f\n", kind_names[kind], s, r, s + r,
		       (s + r) / bare);
	}
}

/* Arguments: length of a frame, frames in a round, "plain" or "TLS" for one alone. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(run)};

	if (argc > 1)
		frame_len = MIN(MAX(strtoul(argv[1], NULL, 10), 4), sizeof(frame));
	if (argc > 2)
		frames_per_round = MAX(strtoul(argv[2], NULL, 10), 1000);
	if (argc > 3)
		only = argv[3];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
