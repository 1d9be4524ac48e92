// SPDX-License-Identifier: GPL-2.0-or-later
/* Both ends of an enrolment over a socket pair, and each of them facing a raw peer. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rrp/enrol.h"
#include "rrp/frame.h"
#include "rrp/payload.h"
#include "tests/unit/vectors.h"

/* Ends a test that would hang; long, since nothing is measured. */
#define PATIENCE_S 20

/* For tests in which time must not pass. */
#define LONG_S 1000

static const uint8_t secret[ENROL_SECRET_LEN] = {0, 1, 2,  3,  4,  5,  6,  7,
						 8, 9, 10, 11, 12, 13, 14, 15};

/* What `printf '\0\1\2...\17' | sha256sum` says. */
static const uint8_t hash[ENROL_HASH_LEN] = {0xbe, 0x45, 0xcb, 0x26, 0x05, 0xbf, 0x36, 0xbe,
					     0xbd, 0xe6, 0x84, 0x84, 0x1a, 0x28, 0xf0, 0xfd,
					     0x43, 0xc6, 0x98, 0x50, 0xa3, 0xdc, 0xe5, 0xfe,
					     0xdb, 0xa6, 0x99, 0x28, 0xee, 0x3a, 0x89, 0x91};

enum owner_answer {
	ANSWER_ACCEPT,
	ANSWER_REFUSE,
	ANSWER_NEVER,
	ANSWER_LATER,
	ANSWER_FREE
};

struct world {
	struct ev_loop *loop;
	struct enrol_server *server;
	struct enrol_client *client;
	int raw; /* the other end of a lone one */
	enum owner_answer answer;
	enum enrol_refusal refusal;
	uint8_t asked_hash[ENROL_HASH_LEN];
	unsigned asked;
	unsigned server_done, client_done;
	enum enrol_server_result server_result;
	enum enrol_client_result client_result;
	char server_text[ENROL_TEXT_MAX];
	char client_text[ENROL_TEXT_MAX];
};

static void on_asked(void *context, const uint8_t secret_hash[ENROL_HASH_LEN])
{
	struct world *world = context;

	world->asked++;
	memcpy(world->asked_hash, secret_hash, ENROL_HASH_LEN);
	if (world->answer == ANSWER_ACCEPT)
		enrol_server_accept(world->server, "branch");
	if (world->answer == ANSWER_REFUSE)
		enrol_server_refuse(world->server, world->refusal);
	if (world->answer == ANSWER_FREE) {
		enrol_server_free(world->server);
		world->server = NULL;
	}
	if (world->answer == ANSWER_LATER || world->answer == ANSWER_FREE)
		ev_break(world->loop, EVBREAK_ALL);
}

static void on_server_done(void *context, enum enrol_server_result result, const char *text)
{
	struct world *world = context;

	world->server_done++;
	world->server_result = result;
	(void)snprintf(world->server_text, sizeof(world->server_text), "%s", text);
	ev_break(world->loop, EVBREAK_ALL);
}

static void on_client_done(void *context, enum enrol_client_result result, const char *text)
{
	struct world *world = context;

	world->client_done++;
	world->client_result = result;
	(void)snprintf(world->client_text, sizeof(world->client_text), "%s", text);
	ev_break(world->loop, EVBREAK_ALL);
}

static const struct enrol_server_ops server_ops = {.asked = on_asked, .done = on_server_done};
static const struct enrol_client_ops client_ops = {.done = on_client_done};

/* A stream that keeps bytes both ways, as one that encrypts does. */
struct keeping {
	struct rrp_stream stream;
	struct rrp_stream *below;
	uint8_t in[512], out[512];
	size_t in_len, out_len;
	unsigned full; /* so often the socket has no room */
};

static bool keeping_pending(const struct rrp_stream *stream)
{
	return container_of(stream, struct keeping, stream)->in_len > 0;
}

/* Byte by byte, of what was there when it was made; then from the socket. */
static ssize_t keeping_read(struct rrp_stream *stream, void *buffer, size_t size)
{
	struct keeping *keeping = container_of(stream, struct keeping, stream);

	if (!keeping->in_len)
		return keeping->below->ops->read(keeping->below, buffer, size);
	memcpy(buffer, keeping->in, 1);
	memmove(keeping->in, keeping->in + 1, --keeping->in_len);
	return 1;
}

static ssize_t keeping_write(struct rrp_stream *stream, const void *data, size_t len)
{
	struct keeping *keeping = container_of(stream, struct keeping, stream);

	assert_int_equal(keeping->out_len, 0); /* flush() comes before new bytes */
	assert_true(len <= sizeof(keeping->out));
	memcpy(keeping->out, data, len);
	keeping->out_len = len;
	return (ssize_t)len;
}

static int keeping_flush(struct rrp_stream *stream)
{
	struct keeping *keeping = container_of(stream, struct keeping, stream);

	if (keeping->out_len && keeping->full) {
		keeping->full--;
		return -EAGAIN;
	}
	if (keeping->out_len)
		assert_int_equal(
			keeping->below->ops->write(keeping->below, keeping->out, keeping->out_len),
			keeping->out_len);
	keeping->out_len = 0;
	return 0;
}

static void keeping_free(struct rrp_stream *stream)
{
	struct keeping *keeping = container_of(stream, struct keeping, stream);

	keeping->below->ops->free(keeping->below);
	free(keeping);
}

static const struct rrp_stream_ops keeping_ops = {
	.read = keeping_read,
	.write = keeping_write,
	.free = keeping_free,
	.pending = keeping_pending,
	.flush = keeping_flush,
};

/* Reads what the socket has, so that it is silent from now on. */
static struct rrp_stream *keeping_new(int fd)
{
	struct keeping *keeping = calloc(1, sizeof(*keeping));
	ssize_t n = read(fd, keeping->in, sizeof(keeping->in));

	keeping->stream = (struct rrp_stream){.ops = &keeping_ops, .fd = fd};
	keeping->below = rrp_stream_plain(fd);
	keeping->in_len = n > 0 ? (size_t)n : 0;
	keeping->full = 3;
	return &keeping->stream;
}

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world->loop = ev_loop_new(EVFLAG_AUTO);
	world->raw = -1;
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	enrol_server_free(world->server);
	enrol_client_free(world->client);
	if (world->raw >= 0)
		(void)close(world->raw); /* nothing waits in it */
	ev_loop_destroy(world->loop);
	free(world);
	return 0;
}

static void make_sockets(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
}

static void start_server(struct world *world, int fd, unsigned timeout_s)
{
	world->server =
		enrol_server_new(world->loop, rrp_stream_plain(fd), timeout_s, &server_ops, world);
	assert_non_null(world->server);
}

static void start_client(struct world *world, int fd, unsigned timeout_s)
{
	world->client = enrol_client_new(world->loop, rrp_stream_plain(fd), timeout_s, secret,
					 &client_ops, world);
	assert_non_null(world->client);
}

static void start_both(struct world *world)
{
	int fds[2];

	make_sockets(fds);
	start_server(world, fds[0], LONG_S);
	start_client(world, fds[1], LONG_S);
}

static void start_lone_server(struct world *world, unsigned timeout_s)
{
	int fds[2];

	make_sockets(fds);
	start_server(world, fds[0], timeout_s);
	world->raw = fds[1];
}

static void start_lone_client(struct world *world, unsigned timeout_s)
{
	int fds[2];

	make_sockets(fds);
	start_client(world, fds[0], timeout_s);
	world->raw = fds[1];
}

static void on_patience(struct ev_loop *loop UNUSED, struct ev_timer *timer UNUSED,
			int events UNUSED)
{
	fail_msg("nothing happened");
}

/* Until a callback ends it. */
static void run(struct world *world)
{
	struct ev_timer patience;

	ev_timer_init(&patience, on_patience, PATIENCE_S, 0.0);
	ev_now_update(world->loop);
	ev_timer_start(world->loop, &patience);
	ev_run(world->loop, 0);
	ev_timer_stop(world->loop, &patience);
}

static void run_until_both_done(struct world *world)
{
	while (!world->client_done || !world->server_done)
		run(world);
}

static void send_vector(struct world *world, const char *name, size_t from, size_t len)
{
	uint8_t bytes[256];
	char path[128];
	size_t have;

	(void)snprintf(path, sizeof(path), "rrp/%s.hex", name);
	have = vector_read(path, bytes, sizeof(bytes));
	len = MIN(len, have - from);
	assert_int_equal(write(world->raw, bytes + from, len), len);
}

/* The frame that came to the raw end. */
static struct rrp_frame receive(struct world *world, enum rrp_reader reader)
{
	static uint8_t bytes[512];
	struct rrp_fault fault;
	struct rrp_frame frame;
	ssize_t n = read(world->raw, bytes, sizeof(bytes));
	size_t size;

	assert_true(n > 0);
	assert_int_equal(rrp_frame_next(bytes, (size_t)n, reader, &frame, &size, &fault),
			 RRP_FRAMING_FRAME);
	assert_int_equal(size, n);
	return frame;
}

static void secret_gets_its_node_a_name(void **state)
{
	struct world *world = *state;

	start_both(world);
	run_until_both_done(world);
	assert_int_equal(world->asked, 1);
	assert_memory_equal(world->asked_hash, hash, sizeof(hash));
	assert_int_equal(world->client_result, ENROL_CLIENT_ENROLLED);
	assert_string_equal(world->client_text, "branch");
	assert_int_equal(world->server_result, ENROL_SERVER_ACCEPTED);
	assert_int_equal(world->client_done + world->server_done, 2);
}

static void every_refusal_tells_the_operator_what_to_do(void **state)
{
	static const struct {
		enum enrol_refusal refusal;
		const char *says;
	} rows[] = {
		{ENROL_REFUSE_UNKNOWN, "no such enrolment line"},
		{ENROL_REFUSE_USED, "used before"},
		{ENROL_REFUSE_EXPIRED, "has expired: make a new one"},
		{ENROL_REFUSE_BUSY, "try again"},
	};
	struct world *world = *state;

	world->answer = ANSWER_REFUSE;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		world->refusal = rows[i].refusal;
		world->client_done = world->server_done = 0;
		start_both(world);
		run_until_both_done(world);
		assert_int_equal(world->client_result, ENROL_CLIENT_REFUSED);
		assert_non_null(strstr(world->client_text, rows[i].says));
		assert_true(strlen(world->client_text) <= RRP_ERROR_TEXT_MAX - 1);
		assert_int_equal(world->server_result, ENROL_SERVER_REFUSED);
		enrol_server_free(world->server);
		enrol_client_free(world->client);
	}
	world->server = NULL;
	world->client = NULL;
}

static void secret_may_come_byte_by_byte(void **state)
{
	struct world *world = *state;

	start_lone_server(world, LONG_S);
	for (size_t i = 0; i < 32; i++) {
		assert_int_equal(world->asked, 0);
		send_vector(world, "enrol", i, 1);
		for (unsigned turn = 0; turn < 3; turn++)
			ev_run(world->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(world->asked, 1);
	assert_int_equal(receive(world, RRP_READER_ENROLLED).header.type, RRP_ENROLLED);
}

static void stream_that_keeps_bytes_is_asked_for_them(void **state)
{
	struct world *world = *state;
	struct pollfd answered;
	int fds[2];

	make_sockets(fds);
	world->raw = fds[1];
	send_vector(world, "enrol", 0, SIZE_MAX);
	world->server =
		enrol_server_new(world->loop, keeping_new(fds[0]), LONG_S, &server_ops, world);
	answered = (struct pollfd){.fd = world->raw, .events = POLLIN};
	for (unsigned turn = 0; turn < 20 && !poll(&answered, 1, 0); turn++)
		ev_run(world->loop, EVRUN_NOWAIT);
	assert_int_equal(world->asked, 1);
	assert_memory_equal(world->asked_hash, hash, sizeof(hash));
	assert_int_equal(receive(world, RRP_READER_ENROLLED).header.type, RRP_ENROLLED);
}

static void later_node_is_enrolled_too(void **state)
{
	struct world *world = *state;

	start_lone_server(world, LONG_S);
	send_vector(world, "enrol-later", 0, SIZE_MAX);
	while (!world->asked)
		ev_run(world->loop, EVRUN_ONCE);
	assert_memory_equal(world->asked_hash, hash, sizeof(hash));
}

static void tunnel_in_place_of_an_enrolment_is_told_so(void **state)
{
	struct world *world = *state;
	struct rrp_error error;
	struct rrp_frame frame;

	start_lone_server(world, LONG_S);
	send_vector(world, "hello", 0, SIZE_MAX);
	while (!poll(&(struct pollfd){.fd = world->raw, .events = POLLIN}, 1, 0))
		ev_run(world->loop, EVRUN_ONCE);
	frame = receive(world, RRP_READER_ENROLLED);
	assert_int_equal(frame.header.type, RRP_ERROR);
	assert_true(rrp_error_read(frame.payload, frame.payload_len, &error));
	assert_int_equal(error.code, RRP_ERROR_PROTOCOL);
	assert_string_equal(error.text, "expected ENROL, got HELLO");
	assert_int_equal(close(world->raw), 0);
	world->raw = -1;
	run(world);
	assert_int_equal(world->server_result, ENROL_SERVER_PROTOCOL);
	assert_string_equal(world->server_text, "expected ENROL, got HELLO");
	assert_int_equal(world->asked, 0);
}

static void version_that_nobody_speaks_is_refused_before_the_secret_counts(void **state)
{
	uint8_t bytes[64];
	struct world *world = *state;
	struct rrp_error error;
	struct rrp_frame frame;
	size_t len = vector_read("rrp/enrol.hex", bytes, sizeof(bytes));

	start_lone_server(world, LONG_S);
	bytes[RRP_HEADER_LEN + 5] = 2; /* lowest */
	bytes[RRP_HEADER_LEN + 7] = 3; /* highest */
	assert_int_equal(write(world->raw, bytes, len), len);
	while (!poll(&(struct pollfd){.fd = world->raw, .events = POLLIN}, 1, 0))
		ev_run(world->loop, EVRUN_ONCE);
	frame = receive(world, RRP_READER_ENROLLED);
	assert_true(rrp_error_read(frame.payload, frame.payload_len, &error));
	assert_int_equal(error.code, RRP_ERROR_VERSION);
	assert_int_equal(world->asked, 0);
}

static void silent_node_is_given_up(void **state)
{
	struct world *world = *state;

	start_lone_server(world, 0);
	send_vector(world, "enrol", 0, 20);
	run(world);
	assert_int_equal(world->server_result, ENROL_SERVER_SILENT);
	assert_int_equal(world->asked, 0);
}

static void node_that_leaves_early_is_lost(void **state)
{
	struct world *world = *state;

	start_lone_server(world, LONG_S);
	send_vector(world, "enrol", 0, 20);
	assert_int_equal(close(world->raw), 0);
	world->raw = -1;
	run(world);
	assert_int_equal(world->server_result, ENROL_SERVER_LOST);
	assert_string_equal(world->server_text, "the other closed");
}

static void owner_may_answer_a_node_that_has_left(void **state)
{
	struct world *world = *state;

	world->answer = ANSWER_LATER;
	start_lone_server(world, LONG_S);
	send_vector(world, "enrol", 0, SIZE_MAX);
	run(world);
	assert_int_equal(world->asked, 1);
	assert_int_equal(close(world->raw), 0);
	world->raw = -1;
	run(world);
	assert_int_equal(world->server_result, ENROL_SERVER_LOST);
	enrol_server_accept(world->server, "branch");
	enrol_server_refuse(world->server, ENROL_REFUSE_USED);
	ev_run(world->loop, EVRUN_NOWAIT);
	assert_int_equal(world->server_done, 1);
}

static void second_answer_does_nothing(void **state)
{
	struct world *world = *state;

	world->answer = ANSWER_LATER;
	start_both(world);
	run(world);
	enrol_server_accept(world->server, "branch");
	enrol_server_refuse(world->server, ENROL_REFUSE_USED);
	run_until_both_done(world);
	assert_int_equal(world->client_result, ENROL_CLIENT_ENROLLED);
	assert_int_equal(world->server_result, ENROL_SERVER_ACCEPTED);
}

static void owner_that_does_not_answer_is_busy_for_the_node(void **state)
{
	struct world *world = *state;

	world->answer = ANSWER_NEVER;
	start_lone_client(world, LONG_S);
	start_server(world, world->raw, 1);
	world->raw = -1;
	run_until_both_done(world);
	assert_int_equal(world->server_result, ENROL_SERVER_UNANSWERED);
	assert_int_equal(world->client_result, ENROL_CLIENT_REFUSED);
}

static void owner_may_free_it_when_asked(void **state)
{
	struct world *world = *state;

	world->answer = ANSWER_FREE;
	start_both(world);
	run(world);
	run(world);
	assert_int_equal(world->client_result, ENROL_CLIENT_FAILED);
	assert_int_equal(world->server_done, 0);
}

static void answer_of_a_tunnel_is_no_answer(void **state)
{
	struct world *world = *state;

	start_lone_client(world, LONG_S);
	send_vector(world, "welcome", 0, SIZE_MAX);
	run(world);
	assert_int_equal(world->client_result, ENROL_CLIENT_FAILED);
	assert_non_null(strstr(world->client_text, "expected ENROLLED, got WELCOME"));
}

static void name_that_could_be_more_than_a_name_is_not_taken(void **state)
{
	struct world *world = *state;

	start_lone_client(world, LONG_S);
	send_vector(world, "bad-enrolled-name", 0, SIZE_MAX);
	run(world);
	assert_int_equal(world->client_result, ENROL_CLIENT_FAILED);
}

static void refusal_text_is_made_printable(void **state)
{
	uint8_t bytes[64];
	struct world *world = *state;
	size_t len = vector_read("rrp/enrol-refused.hex", bytes, sizeof(bytes));

	start_lone_client(world, LONG_S);
	bytes[len - 1] = '\33';
	assert_int_equal(write(world->raw, bytes, len), len);
	run(world);
	assert_int_equal(world->client_result, ENROL_CLIENT_REFUSED);
	assert_string_equal(world->client_text, "expire?");
}

static void silent_server_is_given_up(void **state)
{
	struct world *world = *state;

	start_lone_client(world, 0);
	run(world);
	assert_int_equal(world->client_result, ENROL_CLIENT_FAILED);
	assert_non_null(strstr(world->client_text, "did not answer"));
}

static void client_sends_one_enrol_and_nothing_else(void **state)
{
	uint8_t bytes[64], got[64];
	struct world *world = *state;
	size_t len = vector_read("rrp/enrol.hex", bytes, sizeof(bytes));

	start_lone_client(world, LONG_S);
	while (!poll(&(struct pollfd){.fd = world->raw, .events = POLLIN}, 1, 0))
		ev_run(world->loop, EVRUN_ONCE);
	assert_int_equal(read(world->raw, got, sizeof(got)), len);
	assert_memory_equal(got, bytes, len);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(secret_gets_its_node_a_name),
		WITH_WORLD(every_refusal_tells_the_operator_what_to_do),
		WITH_WORLD(secret_may_come_byte_by_byte),
		WITH_WORLD(stream_that_keeps_bytes_is_asked_for_them),
		WITH_WORLD(later_node_is_enrolled_too),
		WITH_WORLD(tunnel_in_place_of_an_enrolment_is_told_so),
		WITH_WORLD(version_that_nobody_speaks_is_refused_before_the_secret_counts),
		WITH_WORLD(silent_node_is_given_up),
		WITH_WORLD(node_that_leaves_early_is_lost),
		WITH_WORLD(owner_may_answer_a_node_that_has_left),
		WITH_WORLD(second_answer_does_nothing),
		WITH_WORLD(owner_that_does_not_answer_is_busy_for_the_node),
		WITH_WORLD(owner_may_free_it_when_asked),
		WITH_WORLD(answer_of_a_tunnel_is_no_answer),
		WITH_WORLD(name_that_could_be_more_than_a_name_is_not_taken),
		WITH_WORLD(refusal_text_is_made_printable),
		WITH_WORLD(silent_server_is_given_up),
		WITH_WORLD(client_sends_one_enrol_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
