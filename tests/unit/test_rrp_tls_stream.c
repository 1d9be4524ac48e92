// SPDX-License-Identifier: GPL-2.0-or-later
/* The stream above TLS, its ends in order and otherwise, refusals after a handshake, and tunnels.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "rrp/tunnel.h"
#include "tests/unit/rrp_side.h"
#include "tests/unit/tls_raw.h"
#include "tests/unit/tls_world.h"

static struct tls_world *world;

static int setup(void **state UNUSED)
{
	world = tls_world_new();
	tls_world_join(world);
	return 0;
}

static int teardown(void **state UNUSED)
{
	tls_world_free(world);
	return 0;
}

static ssize_t read_from(struct tls_end *end, void *buffer, size_t size)
{
	return end->stream->ops->read(end->stream, buffer, size);
}

static ssize_t write_to(struct tls_end *end, const void *data, size_t len)
{
	return end->stream->ops->write(end->stream, data, len);
}

static void close_end(struct tls_end *end)
{
	end->stream->ops->free(end->stream);
	end->stream = NULL;
}

/* Reads once there is something, or an end. */
struct reading {
	struct tls_end *end;
	uint8_t *buffer;
	size_t size;
	ssize_t result;
};

static bool try_to_read(void *context)
{
	struct reading *reading = context;

	if (reading->result == -EAGAIN)
		reading->result = read_from(reading->end, reading->buffer, reading->size);
	return reading->result != -EAGAIN;
}

static ssize_t read_when_there(struct tls_end *end, void *buffer, size_t size)
{
	struct reading reading = {end, buffer, size, -EAGAIN};

	(void)tls_world_run_until(world, try_to_read, &reading);
	return reading.result;
}

static void assert_broken(struct tls_end *end, const char *text)
{
	uint8_t byte;
	ssize_t n = read_when_there(end, &byte, sizeof(byte));

	assert_true(n < 0);
	assert_says(rrp_stream_failure(end->stream, n), text);
	assert_true(rrp_stream_pending(end->stream)); /* it stays broken */
	assert_int_equal(read_from(end, &byte, sizeof(byte)), n);
}

/* A long pattern in both directions at once. */
#define LONG (1024 * 1024)

struct direction {
	struct tls_end *from, *to;
	const uint8_t *pattern;
	size_t written, got;
};

static void pump(struct direction *direction)
{
	uint8_t buffer[70000];
	ssize_t n = -EAGAIN;

	(void)rrp_stream_flush(direction->from->stream);
	if (direction->written < LONG)
		n = write_to(direction->from, direction->pattern + direction->written,
			     LONG - direction->written);
	assert_true(n >= 0 || n == -EAGAIN);
	direction->written += n > 0 ? (size_t)n : 0;
	n = read_from(direction->to, buffer, sizeof(buffer));
	assert_true(n > 0 || n == -EAGAIN);
	if (n <= 0)
		return;
	assert_memory_equal(buffer, direction->pattern + direction->got, n);
	direction->got += (size_t)n;
}

static bool pump_both(void *context)
{
	struct direction *directions = context;

	for (unsigned i = 0; i < 64; i++) {
		pump(&directions[0]);
		pump(&directions[1]);
	}
	return directions[0].got == LONG && directions[1].got == LONG;
}

/* The receiving side's is left alone: a tiny window makes TCP wait for its timers. */
static void small_buffers(const struct tls_end *end)
{
	const int size = 4096;

	assert_int_equal(setsockopt(end->stream->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)),
			 0);
}

static void all_arrives_in_order_through_sockets_that_take_little(void **state UNUSED)
{
	uint8_t *pattern = malloc(LONG);
	struct direction directions[] = {
		{.from = &world->client, .to = &world->server, .pattern = pattern},
		{.from = &world->server, .to = &world->client, .pattern = pattern},
	};

	for (size_t i = 0; i < LONG; i++)
		pattern[i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
	small_buffers(&world->client);
	small_buffers(&world->server);
	if (!tls_world_run_until(world, pump_both, directions))
		fail_msg("%zu and %zu arrived", directions[0].got, directions[1].got);
	free(pattern);
}

static void the_socket_is_tuned(void **state UNUSED)
{
	socklen_t len = sizeof(int);
	int value = 0;

	assert_int_equal(
		getsockopt(world->server.stream->fd, IPPROTO_TCP, TCP_NODELAY, &value, &len), 0);
	assert_int_equal(value, 1);
	assert_int_equal(
		getsockopt(world->server.stream->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, &len),
		0);
	assert_int_equal(value, 16384);
}

static void one_read_takes_the_records_of_one_wake_up(void **state UNUSED)
{
	uint8_t bytes[3000] = {0};

	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(write_to(&world->client, bytes, 1000), 1000);
	(void)usleep(1000); /* loopback: all is there */
	assert_int_equal(read_when_there(&world->server, bytes, sizeof(bytes)), 3000);
	assert_false(rrp_stream_pending(world->server.stream));
}

/* The socket is empty, but the stream is not. */
static void what_is_decrypted_or_buffered_is_pending(void **state UNUSED)
{
	uint8_t bytes[1000] = {0};
	size_t rest = 0;

	assert_false(rrp_stream_pending(world->server.stream));
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(write_to(&world->client, bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(read_when_there(&world->server, bytes, 100), 100);
	assert_true(rrp_stream_pending(world->server.stream));
	assert_int_equal(recv(world->server.stream->fd, bytes, 1, MSG_PEEK), -1);
	while (rrp_stream_pending(world->server.stream))
		rest += (size_t)read_from(&world->server, bytes, 700);
	assert_int_equal(rest, 2900);
	assert_int_equal(read_from(&world->server, bytes, 100), -EAGAIN);
}

static void a_full_socket_is_told_and_what_was_taken_is_kept(void **state UNUSED)
{
	static uint8_t bytes[16384];
	size_t written = 0, got = 0;
	ssize_t n;

	small_buffers(&world->client);
	while ((n = write_to(&world->client, bytes, sizeof(bytes))) > 0)
		written += (size_t)n;
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(rrp_stream_flush(world->client.stream), -EAGAIN);
	while (got < written) {
		(void)rrp_stream_flush(world->client.stream);
		n = read_when_there(&world->server, bytes, sizeof(bytes));
		assert_true(n > 0);
		got += (size_t)n;
	}
	assert_int_equal(got, written);
	assert_int_equal(rrp_stream_flush(world->client.stream), 0);
}

static void an_end_in_order_is_an_end(void **state UNUSED)
{
	uint8_t bytes[100] = {0};

	assert_int_equal(write_to(&world->client, bytes, sizeof(bytes)), sizeof(bytes));
	close_end(&world->client);
	assert_int_equal(read_when_there(&world->server, bytes, 50), 50);
	assert_int_equal(read_when_there(&world->server, bytes, 50), 50);
	assert_int_equal(read_when_there(&world->server, bytes, 50), 0);
	assert_string_equal(rrp_stream_failure(world->server.stream, 0), "the other closed");
	assert_true(rrp_stream_pending(world->server.stream));
}

/* A connection that somebody on the way ends must not look as if its peer had. */
static void a_cut_connection_is_a_loss(void **state UNUSED)
{
	assert_int_equal(shutdown(world->client.stream->fd, SHUT_WR), 0);
	assert_broken(&world->server, "the connection ended without TLS's own end");
}

static void a_connection_cut_inside_a_record_is_a_loss(void **state UNUSED)
{
	const uint8_t start[] = {23, 3, 3, 0, 100, 1, 2, 3};

	assert_int_equal(send(world->client.stream->fd, start, sizeof(start), 0), sizeof(start));
	assert_int_equal(shutdown(world->client.stream->fd, SHUT_WR), 0);
	assert_broken(&world->server, "the connection ended without TLS's own end");
}

static void a_reset_is_told_by_the_systems_word(void **state UNUSED)
{
	const struct linger linger = {.l_onoff = 1};
	int fds[2];

	assert_int_equal(setsockopt(world->client.stream->fd, SOL_SOCKET, SO_LINGER, &linger,
				    sizeof(linger)),
			 0);
	tls_world_pair(fds);
	assert_int_equal(dup2(fds[0], world->client.stream->fd), world->client.stream->fd);
	assert_broken(&world->server, "Connection reset by peer");
	close(fds[0]);
	close(fds[1]);
}

static void forged_bytes_break_the_stream(void **state UNUSED)
{
	const uint8_t record[5 + 20] = {23, 3, 3, 0, 20, 1, 2, 3};

	assert_int_equal(send(world->client.stream->fd, record, sizeof(record), 0), sizeof(record));
	assert_broken(&world->server, "damaged or forged");
}

static void bytes_that_are_no_record_break_the_stream(void **state UNUSED)
{
	assert_int_equal(send(world->client.stream->fd, "hello", 5, 0), 5);
	assert_broken(&world->server, "");
}

/* Good bytes before bad ones are read first. */
static void what_came_before_a_loss_is_read(void **state UNUSED)
{
	uint8_t bytes[200] = {0};

	assert_int_equal(write_to(&world->client, bytes, 100), 100);
	assert_int_equal(shutdown(world->client.stream->fd, SHUT_WR), 0);
	assert_int_equal(read_when_there(&world->server, bytes, sizeof(bytes)), 100);
	assert_broken(&world->server, "the connection ended without");
}

static void a_write_to_one_that_is_gone_fails(void **state UNUSED)
{
	ssize_t n = 0;

	close_end(&world->client);
	for (unsigned i = 0; i < 1000 && n >= 0; i++) {
		n = write_to(&world->server, "x", 1);
		(void)usleep(1000);
	}
	assert_true(n == -EPIPE || n == -ECONNRESET);
	assert_int_equal(rrp_stream_flush(world->server.stream), n);
}

static void is_done(void *context)
{
	*(bool *)context = true;
}

static bool is_set(void *context)
{
	return *(bool *)context;
}

/* What is unread at the server must not destroy the alert. */
static void assert_refused(enum tls_refusal why, const char *text)
{
	bool done = false;

	assert_int_equal(write_to(&world->client, "HELLO", 5), 5);
	assert_non_null(tls_refuse(world->loop, world->server.stream, why, is_done, &done));
	world->server.stream = NULL;
	assert_int_equal(write_to(&world->client, "more", 4), 4);
	for (unsigned i = 0; i < 5; i++)
		ev_run(world->loop, EVRUN_NOWAIT);
	assert_broken(&world->client, text);
	assert_false(done); /* it waits for our end */
	close_end(&world->client);
	assert_true(tls_world_run_until(world, is_set, &done));
}

static void the_unknown_are_told(void **state UNUSED)
{
	char id[NODE_ID_TEXT_LEN + 1], text[128];

	(void)node_id_text(&world->client_signer.id, id);
	(void)snprintf(text, sizeof(text), "the server does not know this LRP, node ID %s", id);
	assert_refused(TLS_REFUSE_UNKNOWN, text);
}

static void the_disabled_are_told(void **state UNUSED)
{
	assert_refused(TLS_REFUSE_DISABLED, "disabled: `pptpd-ctl lrp enable`");
}

static void those_from_a_wrong_address_are_told(void **state UNUSED)
{
	assert_refused(TLS_REFUSE_ADDRESS, "does not let this LRP");
}

static void those_that_are_too_many_are_told(void **state UNUSED)
{
	assert_refused(TLS_REFUSE_BUSY, "cannot take this tunnel now");
}

static void a_refused_client_that_stays_is_left(void **state UNUSED)
{
	bool done = false;

	assert_non_null(
		tls_refuse(world->loop, world->server.stream, TLS_REFUSE_BUSY, is_done, &done));
	world->server.stream = NULL;
	assert_true(tls_world_run_until(world, is_set, &done));
}

static void refusing_may_be_given_up(void **state UNUSED)
{
	bool done = false;

	tls_refusing_free(
		tls_refuse(world->loop, world->server.stream, TLS_REFUSE_BUSY, is_done, &done));
	world->server.stream = NULL;
	assert_broken(&world->client, "cannot take this tunnel now");
	assert_false(done);
}

/* The answer to it is written by reading. */
static void new_keys_are_taken_and_answered(void **state UNUSED)
{
	const struct tls_raw_wish wish = {.protocol = "rrp/1"};
	struct tls_raw raw;
	uint8_t bytes[100];
	int fds[2];

	close_end(&world->client);
	close_end(&world->server);
	world->server = (struct tls_end){0};
	tls_world_tcp(fds);
	tls_raw_init(&raw, fds[0], &wish);
	tls_world_serve(world, fds[1]);
	tls_raw_run(&raw, world, &world->server);
	assert_int_equal(gnutls_session_key_update(raw.session, GNUTLS_KU_PEER), 0);
	assert_int_equal(gnutls_record_send(raw.session, "after", 5), 5);
	assert_int_equal(read_when_there(&world->server, bytes, sizeof(bytes)), 5);
	assert_int_equal(write_to(&world->server, "answer", 6), 6);
	(void)usleep(1000);
	while (gnutls_record_recv(raw.session, bytes, sizeof(bytes)) == GNUTLS_E_AGAIN)
		(void)usleep(1000);
	assert_memory_equal(bytes, "answer", 6);
	tls_raw_done(&raw);
}

/* Tunnels on both streams. */
struct tunnels {
	struct tunnel *client, *server;
	struct side at_client, at_server;
};

static struct tunnel *start_tunnel(struct tls_end *end, enum tunnel_role role, struct side *side)
{
	const struct tunnel_settings settings = {
		.role = role,
		.hello_timeout_s = 3600, /* no timer shall help */
		.ping_interval_s = 3600,
		.ping_misses = 3,
		.max_calls = 10,
		.name = role == TUNNEL_CLIENT ? "lrp" : "rrp",
	};
	struct tunnel *tunnel = tunnel_new(world->loop, end->stream, &settings, &side_ops, side);

	assert_non_null(tunnel);
	end->stream = NULL;
	return tunnel;
}

static struct tunnels *new_tunnels(void)
{
	struct tunnels *tunnels = calloc(1, sizeof(*tunnels));

	tunnels->at_server.accept = true;
	tunnels->at_server.echo = true;
	return tunnels;
}

static void free_tunnels(struct tunnels *tunnels)
{
	tunnel_free(tunnels->client);
	tunnel_free(tunnels->server);
	free(tunnels);
}

struct waiting {
	const struct side *side;
	const char *text;
};

static bool has_said(void *context)
{
	const struct waiting *waiting = context;

	return strstr(waiting->side->log, waiting->text) != NULL;
}

static void wait_for(const struct side *side, const char *text)
{
	struct waiting waiting = {side, text};

	if (!tls_world_run_until(world, has_said, &waiting))
		fail_msg("waited for '%s', got '%s'", text, side->log);
}

static void a_tunnel_runs_over_tls(void **state UNUSED)
{
	struct tunnels *tunnels = new_tunnels();
	const struct tunnel_call_request request = {.max_bps = 1};
	struct tunnel_call *call;
	uint8_t frame[1400] = {0xff, 0x03, 0x00, 0xfd};
	unsigned sent = 0;

	tunnels->client = start_tunnel(&world->client, TUNNEL_CLIENT, &tunnels->at_client);
	tunnels->server = start_tunnel(&world->server, TUNNEL_SERVER, &tunnels->at_server);
	wait_for(&tunnels->at_client, "up rrp;");
	call = tunnel_call_open(tunnels->client, &request, NULL);
	wait_for(&tunnels->at_client, "accepted");
	for (unsigned rounds = 0; rounds < 100000 && tunnels->at_client.frames < 3000; rounds++) {
		for (; sent < 3000 && sent < tunnels->at_client.frames + 80; sent++)
			tunnel_call_send(call, frame, sizeof(frame));
		ev_run(world->loop, EVRUN_ONCE);
	}
	assert_int_equal(tunnels->at_client.frames, 3000);
	side_clear_log(&tunnels->at_server);
	tunnel_shutdown(tunnels->client);
	wait_for(&tunnels->at_server, "CLOSED the other shuts down;closed 1 3 0;down;");
	wait_for(&tunnels->at_client, "down;");
	free_tunnels(tunnels);
}

/* Its hello comes with the end of the handshake: the socket will not say so again. */
static void a_tunnel_reads_what_the_handshake_has_read(void **state UNUSED)
{
	struct tunnels *tunnels = new_tunnels();
	int fds[2];

	close_end(&world->client);
	close_end(&world->server);
	world->client = world->server = (struct tls_end){0};
	tls_world_tcp(fds);
	tls_world_connect(world, fds[0]);
	tls_world_serve(world, fds[1]);
	tls_world_run(world, &world->client);
	assert_false(world->server.is_over);
	tunnels->client = start_tunnel(&world->client, TUNNEL_CLIENT, &tunnels->at_client);
	tls_world_run(world, &world->server); /* the loop writes HELLO before it looks */
	assert_true(rrp_stream_pending(world->server.stream));
	tunnels->server = start_tunnel(&world->server, TUNNEL_SERVER, &tunnels->at_server);
	wait_for(&tunnels->at_server, "up lrp;");
	free_tunnels(tunnels);
}

static void a_refused_tunnel_says_why(void **state UNUSED)
{
	struct tunnels *tunnels = new_tunnels();
	bool done = false;

	tunnels->client = start_tunnel(&world->client, TUNNEL_CLIENT, &tunnels->at_client);
	assert_non_null(
		tls_refuse(world->loop, world->server.stream, TLS_REFUSE_DISABLED, is_done, &done));
	world->server.stream = NULL;
	wait_for(&tunnels->at_client, "LOST the server has this LRP");
	wait_for(&tunnels->at_client, "down;");
	assert_true(tls_world_run_until(world, is_set, &done));
	free_tunnels(tunnels);
}

static void a_cut_tunnel_is_lost(void **state UNUSED)
{
	struct tunnels *tunnels = new_tunnels();

	tunnels->client = start_tunnel(&world->client, TUNNEL_CLIENT, &tunnels->at_client);
	assert_int_equal(shutdown(world->server.stream->fd, SHUT_WR), 0);
	wait_for(&tunnels->at_client, "LOST the connection ended without TLS's own end");
	free_tunnels(tunnels);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(all_arrives_in_order_through_sockets_that_take_little),
		TEST(the_socket_is_tuned),
		TEST(one_read_takes_the_records_of_one_wake_up),
		TEST(what_is_decrypted_or_buffered_is_pending),
		TEST(a_full_socket_is_told_and_what_was_taken_is_kept),
		TEST(an_end_in_order_is_an_end),
		TEST(a_cut_connection_is_a_loss),
		TEST(a_connection_cut_inside_a_record_is_a_loss),
		TEST(a_reset_is_told_by_the_systems_word),
		TEST(forged_bytes_break_the_stream),
		TEST(bytes_that_are_no_record_break_the_stream),
		TEST(what_came_before_a_loss_is_read),
		TEST(a_write_to_one_that_is_gone_fails),
		TEST(the_unknown_are_told),
		TEST(the_disabled_are_told),
		TEST(those_from_a_wrong_address_are_told),
		TEST(those_that_are_too_many_are_told),
		TEST(a_refused_client_that_stays_is_left),
		TEST(refusing_may_be_given_up),
		TEST(new_keys_are_taken_and_answered),
		TEST(a_tunnel_runs_over_tls),
		TEST(a_tunnel_reads_what_the_handshake_has_read),
		TEST(a_refused_tunnel_says_why),
		TEST(a_cut_tunnel_is_lost),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
