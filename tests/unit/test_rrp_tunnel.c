// SPDX-License-Identifier: GPL-2.0-or-later
/* Tunnels in a real loop, joined by a socket pair or facing a raw peer. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
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

/* A stream that counts, and writes as little as the test wants. */
struct counting {
	struct rrp_stream stream;
	struct rrp_stream *below;
	size_t write_max;
	unsigned writes;
};

static ssize_t counting_read(struct rrp_stream *stream, void *buffer, size_t size)
{
	struct counting *counting = container_of(stream, struct counting, stream);

	return counting->below->ops->read(counting->below, buffer, size);
}

static ssize_t counting_write(struct rrp_stream *stream, const void *data, size_t len)
{
	struct counting *counting = container_of(stream, struct counting, stream);

	counting->writes++;
	return counting->below->ops->write(counting->below, data, MIN(len, counting->write_max));
}

static void counting_free(struct rrp_stream *stream)
{
	struct counting *counting = container_of(stream, struct counting, stream);

	counting->below->ops->free(counting->below);
	free(counting);
}

static const struct rrp_stream_ops counting_ops = {
	.read = counting_read,
	.write = counting_write,
	.free = counting_free,
};

static struct counting *counting_new(int fd)
{
	struct counting *counting = calloc(1, sizeof(*counting));

	counting->below = rrp_stream_plain(fd);
	counting->stream = (struct rrp_stream){.ops = &counting_ops, .fd = fd};
	counting->write_max = SIZE_MAX;
	return counting;
}

/* A stream that keeps bytes of both directions, and gives them away a few at a time. */
#define HOARD 4096

struct hoarding {
	struct rrp_stream stream;
	struct rrp_stream *below;
	uint8_t in[HOARD], out[HOARD];
	size_t in_len, out_len;
};

static ssize_t hoarding_read(struct rrp_stream *stream, void *buffer, size_t size)
{
	struct hoarding *hoarding = container_of(stream, struct hoarding, stream);

	if (hoarding->in_len == 0) {
		ssize_t n = hoarding->below->ops->read(hoarding->below, hoarding->in, HOARD);

		if (n <= 0)
			return n;
		hoarding->in_len = (size_t)n;
	}
	size = MIN(MIN(size, hoarding->in_len), 50);
	memcpy(buffer, hoarding->in, size);
	hoarding->in_len -= size;
	memmove(hoarding->in, hoarding->in + size, hoarding->in_len);
	return (ssize_t)size;
}

static bool hoarding_pending(const struct rrp_stream *stream)
{
	const struct hoarding *hoarding =
		container_of((struct rrp_stream *)(uintptr_t)stream, struct hoarding, stream);

	return hoarding->in_len > 0;
}

static int hoarding_flush(struct rrp_stream *stream)
{
	struct hoarding *hoarding = container_of(stream, struct hoarding, stream);
	ssize_t n;

	if (hoarding->out_len == 0)
		return 0;
	n = hoarding->below->ops->write(hoarding->below, hoarding->out, MIN(hoarding->out_len, 50));
	if (n < 0)
		return (int)n;
	hoarding->out_len -= (size_t)n;
	memmove(hoarding->out, hoarding->out + n, hoarding->out_len);
	return hoarding->out_len ? -EAGAIN : 0;
}

static ssize_t hoarding_write(struct rrp_stream *stream, const void *data, size_t len)
{
	struct hoarding *hoarding = container_of(stream, struct hoarding, stream);

	/* A user that writes before all is flushed has not kept to the interface. */
	assert_int_equal(hoarding->out_len, 0);
	len = MIN(len, HOARD);
	memcpy(hoarding->out, data, len);
	hoarding->out_len = len;
	return (ssize_t)len;
}

static void hoarding_free(struct rrp_stream *stream)
{
	struct hoarding *hoarding = container_of(stream, struct hoarding, stream);

	hoarding->below->ops->free(hoarding->below);
	free(hoarding);
}

static const struct rrp_stream_ops hoarding_ops = {
	.read = hoarding_read,
	.write = hoarding_write,
	.free = hoarding_free,
	.pending = hoarding_pending,
	.flush = hoarding_flush,
};

static struct rrp_stream *hoarding_new(int fd)
{
	struct hoarding *hoarding = calloc(1, sizeof(*hoarding));

	hoarding->below = rrp_stream_plain(fd);
	hoarding->stream = (struct rrp_stream){.ops = &hoarding_ops, .fd = fd};
	return &hoarding->stream;
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

/* A server whose peer is the test. */
static struct pair *lone_server(const struct tunnel_settings *settings)
{
	struct pair *pair = new_pair();
	int fds[2];

	make_sockets(fds);
	pair->server = start(pair, fds[0], settings, pair->at_server);
	pair->raw = fds[1];
	return pair;
}

/* Only wakes the loop, so that the log is looked at again. */
static void on_look(struct ev_loop *loop UNUSED, struct ev_timer *timer UNUSED, int events UNUSED)
{
}

/* Runs the loop until the side's log has `text`. */
static void run_until(struct pair *pair, const struct side *side, const char *text)
{
	struct mono end = mono_add_ms(mono_now(), PATIENCE_MS);
	struct ev_timer look;

	ev_timer_init(&look, on_look, 0.02, 0.02);
	ev_timer_start(pair->loop, &look);
	while (!strstr(side->log, text) && mono_before(mono_now(), end))
		ev_run(pair->loop, EVRUN_ONCE);
	ev_timer_stop(pair->loop, &look);
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

static struct tunnel_call *connect_call_when_up(struct pair *pair)
{
	run_until(pair, pair->at_client, "up rrp;");
	return connect_call(pair);
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

/* join() with the client on a stream that counts. */
static struct pair *join_counting(size_t write_max, struct counting **ret_counting)
{
	struct tunnel_settings client = settings_for(TUNNEL_CLIENT);
	struct tunnel_settings server = settings_for(TUNNEL_SERVER);
	struct pair *pair = new_pair();
	int fds[2];

	make_sockets(fds);
	*ret_counting = counting_new(fds[0]);
	(*ret_counting)->write_max = write_max;
	pair->client = tunnel_new(pair->loop, &(*ret_counting)->stream, &client, &side_ops,
				  pair->at_client);
	pair->server = start(pair, fds[1], &server, pair->at_server);
	run_until(pair, pair->at_client, "up rrp;");
	return pair;
}

static void what_one_wake_up_brings_goes_out_in_one_write(void **state UNUSED)
{
	const uint8_t mppe[100] = {0xff, 0x03, 0x00, 0xfd};
	struct counting *counting;
	struct pair *pair = join_counting(SIZE_MAX, &counting);
	struct tunnel_call *call = connect_call(pair);
	unsigned before = counting->writes;

	for (unsigned i = 0; i < 50; i++)
		tunnel_call_send(call, mppe, sizeof(mppe));
	tunnel_call_send(call, mppe, 99);
	assert_int_equal(counting->writes, before);
	run_until(pair, pair->at_server, "frame 1 99;");
	/* An ACK may be among it. */
	assert_in_range(counting->writes, before + 1, before + 2);
	assert_int_equal(pair->at_server->frames, 51);
	free_pair(pair);
}

static void count_done(struct side *side, const char *callback, struct tunnel_call *call UNUSED)
{
	unsigned *count = side->hook_context;

	if (strcmp(callback, "frames_done") == 0 && side->frames > side->done_frames)
		(*count)++;
}

static void frames_of_one_read_are_done_together(void **state UNUSED)
{
	const uint8_t mppe[100] = {0xff, 0x03, 0x00, 0xfd};
	struct pair *pair = join_up();
	struct tunnel_call *call = connect_call(pair);
	unsigned count = 0;

	pair->at_server->hook = count_done;
	pair->at_server->hook_context = &count;
	for (unsigned i = 0; i < 50; i++)
		tunnel_call_send(call, mppe, sizeof(mppe));
	tunnel_call_send(call, mppe, 99);
	run_until(pair, pair->at_server, "frame 1 99;");
	assert_int_equal(pair->at_server->frames, 51);
	assert_int_equal(count, 1);
	assert_int_equal(pair->at_server->done_frames, 51);
	free_pair(pair);
}

static void short_writes_lose_nothing(void **state UNUSED)
{
	uint8_t frame[1400] = {0xff, 0x03, 0x00, 0xfd};
	struct counting *counting;
	struct pair *pair = join_counting(3, &counting);
	struct tunnel_call *call = connect_call(pair);

	for (unsigned i = 0; i < 20; i++)
		tunnel_call_send(call, frame, sizeof(frame));
	frame[5] = 0xaa;
	tunnel_call_send(call, frame, 1399);
	run_until(pair, pair->at_server, "frame 1 1399;");
	assert_int_equal(pair->at_server->frames, 21);
	assert_memory_equal(pair->at_server->last_frame, frame, 1399);
	free_pair(pair);
}

/* Without any timer's help: all that the sockets say is said once. */
static void what_a_stream_keeps_is_read_and_written_on(void **state UNUSED)
{
	struct tunnel_settings client = settings_for(TUNNEL_CLIENT);
	struct tunnel_settings server = settings_for(TUNNEL_SERVER);
	struct pair *pair = new_pair();
	uint8_t frame[1400] = {0xff, 0x03, 0x00, 0xfd};
	struct tunnel_call *call;
	int fds[2];

	client.hello_timeout_s = server.hello_timeout_s = 3600;
	client.ping_interval_s = server.ping_interval_s = 3600;
	make_sockets(fds);
	pair->client =
		tunnel_new(pair->loop, hoarding_new(fds[0]), &client, &side_ops, pair->at_client);
	pair->server =
		tunnel_new(pair->loop, hoarding_new(fds[1]), &server, &side_ops, pair->at_server);
	pair->at_server->echo = true;
	run_until(pair, pair->at_client, "up rrp;");
	call = connect_call(pair);
	for (unsigned i = 0; i < 20; i++)
		tunnel_call_send(call, frame, sizeof(frame));
	tunnel_call_send(call, frame, 1399);
	run_until(pair, pair->at_client, "frame 1 1399;");
	assert_int_equal(pair->at_client->frames, 21);
	free_pair(pair);
}

/* More than the socket takes at once, in both directions, and without a loss. */
static void bulk_goes_through_both_ways(void **state UNUSED)
{
	const uint8_t mppe[1400] = {0xff, 0x03, 0x00, 0xfd};
	struct pair *pair = join_up();
	struct tunnel_call *call = connect_call(pair);
	struct mono end = mono_add_ms(mono_now(), PATIENCE_MS);
	unsigned sent = 0;

	pair->at_server->echo = true;
	while (pair->at_client->frames < 5000 && mono_before(mono_now(), end)) {
		/* No more on the way than the queues hold. */
		for (; sent < 5000 && sent < pair->at_client->frames + 80; sent++)
			tunnel_call_send(call, mppe, sizeof(mppe));
		ev_run(pair->loop, EVRUN_ONCE);
	}
	assert_int_equal(pair->at_client->frames, 5000);
	assert_int_equal(tunnel_call_dropped(call), 0);
	free_pair(pair);
}

static void on_late_prepare(struct ev_loop *loop, struct ev_prepare *watcher, int events UNUSED)
{
	const uint8_t frame[] = {0xff, 0x03, 0xc0, 0x21, 9, 1, 0, 4};

	ev_prepare_stop(loop, watcher);
	tunnel_call_send(watcher->data, frame, sizeof(frame));
}

/* No other event is due: only the tunnel itself can keep the loop from sleeping on it. */
static void what_is_sent_just_before_the_loop_sleeps_goes_out(void **state UNUSED)
{
	struct counting *counting;
	struct pair *pair = join_counting(SIZE_MAX, &counting);
	struct tunnel_call *call = connect_call(pair);
	struct ev_prepare late;
	unsigned writes;

	ev_prepare_init(&late, on_late_prepare);
	ev_set_priority(&late, EV_MINPRI);
	late.data = call;
	for (unsigned i = 0; i < 5; i++)
		ev_run(pair->loop, EVRUN_NOWAIT); /* what is left of connecting */
	ev_prepare_start(pair->loop, &late);
	writes = counting->writes;
	ev_run(pair->loop, EVRUN_ONCE);
	assert_int_equal(counting->writes, writes + 1);
	run_until(pair, pair->at_server, "frame 1 8;");
	free_pair(pair);
}

struct freeing {
	struct pair *pair;
	const char *callback;
	bool shut_down;
};

static void freeing_hook(struct side *side, const char *callback, struct tunnel_call *call UNUSED)
{
	struct freeing *freeing = side->hook_context;
	struct pair *pair = freeing->pair;
	struct tunnel **tunnel = side == pair->at_client ? &pair->client : &pair->server;

	/* Within tunnel_free() a frames_done() that is owed comes. */
	if (strstr(side->log, "freed;") && (strcmp(callback, "frames_done") != 0 || !*tunnel))
		side_note(side, "%s after that;", callback);
	if (strcmp(callback, freeing->callback) != 0 || !*tunnel)
		return;
	if (freeing->shut_down)
		tunnel_shutdown(*tunnel);
	side_note(side, "freed;");
	tunnel_free(*tunnel);
	*tunnel = NULL;
}

/* Whatever a tunnel tells, told to an owner that frees it there; a sanitizer watches. */
static void free_in(const char *callback, bool at_client, bool shut_down)
{
	struct pair *pair = join();
	struct freeing freeing = {pair, callback, shut_down};
	struct side *side = at_client ? pair->at_client : pair->at_server;
	const uint8_t lcp[] = {0xff, 0x03, 0xc0, 0x21, 1, 1, 0, 4};
	struct tunnel_call *call = NULL;

	side->hook = freeing_hook;
	side->hook_context = &freeing;
	pair->at_server->accept = strcmp(callback, "call_refused") != 0;
	pair->at_server->refuse = !pair->at_server->accept;
	pair->at_server->echo = true;
	for (unsigned i = 0; i < 1000 && !strstr(side->log, "freed;"); i++) {
		ev_run(pair->loop, EVRUN_NOWAIT);
		if (i == 20 && pair->client)
			call = tunnel_call_open(pair->client, &request, NULL);
		if (i == 30 && call && strstr(pair->at_client->log, "accepted")) {
			tunnel_call_send(call, lcp, sizeof(lcp));
			tunnel_call_link_info(call, 1, 2);
		}
		if (i == 40 && pair->at_server->calls[1])
			tunnel_call_link_info(pair->at_server->calls[1], 1, 2);
		if (i == 50 && at_client && pair->server)
			tunnel_shutdown(pair->server);
		if (i == 50 && !at_client && pair->client)
			tunnel_shutdown(pair->client);
	}
	if (!strstr(side->log, "freed;"))
		fail_msg("%s did not happen: '%s'", callback, side->log);
	if (strcmp(callback, "notice") != 0)
		assert_string_equal(strstr(side->log, "freed;"), "freed;");
	pair->client = at_client ? NULL : pair->client;
	pair->server = at_client ? pair->server : NULL;
	free_pair(pair);
}

static void the_tunnel_may_be_freed_in_any_callback(void **state UNUSED)
{
	static const char *const at_client[] = {"up",        "call_accepted", "call_refused",
						"frame",     "notice",        "call_closed",
						"link_info", "down",          "frames_done"};
	static const char *const at_server[] = {"up",     "call_opened", "frame",
						"notice", "call_closed", "link_info",
						"down",   "frames_done"};

	for (size_t i = 0; i < ARRAY_SIZE(at_client); i++)
		free_in(at_client[i], true, i % 2 != 0);
	for (size_t i = 0; i < ARRAY_SIZE(at_server); i++)
		free_in(at_server[i], false, i % 2 == 0);
}

/* Who sends frames on from where they lie must know before the memory goes. */
static void frames_are_done_before_the_tunnel_is_freed_in_a_callback(void **state UNUSED)
{
	const uint8_t mppe[100] = {0xff, 0x03, 0x00, 0xfd};
	struct pair *pair = join_up();
	struct tunnel_call *call = connect_call(pair);
	struct freeing freeing = {pair, "frame", false};

	pair->at_server->hook = freeing_hook;
	pair->at_server->hook_context = &freeing;
	tunnel_call_send(call, mppe, sizeof(mppe));
	run_until(pair, pair->at_server, "frame 1 100;");
	run_until(pair, pair->at_server, "freed;");
	assert_null(pair->server);
	assert_int_equal(pair->at_server->frames, 1);
	assert_int_equal(pair->at_server->done_frames, 1);
	free_pair(pair);
}

static void free_in_the_callback_of_a_shutdown(void **state UNUSED)
{
	struct pair *pair = join_up();
	struct freeing freeing = {pair, "call_closed", false};

	(void)connect_call(pair);
	pair->at_client->hook = freeing_hook;
	pair->at_client->hook_context = &freeing;
	tunnel_shutdown(pair->client);
	assert_null(pair->client);
	run_until(pair, pair->at_server, "down;");
	free_pair(pair);
}

static void write_raw(const struct pair *pair, const void *data, size_t len)
{
	assert_int_equal(write(pair->raw, data, len), (ssize_t)len);
}

/* Reads what the lone tunnel wrote, running the loop until it closes. */
static size_t read_to_end(struct pair *pair, uint8_t *out, size_t size)
{
	struct mono end = mono_add_ms(mono_now(), PATIENCE_MS);
	size_t len = 0;

	while (mono_before(mono_now(), end)) {
		ssize_t n = read(pair->raw, out + len, size - len);

		if (n == 0)
			return len;
		if (n > 0)
			len += (size_t)n;
		ev_run(pair->loop, EVRUN_NOWAIT);
	}
	fail_msg("the tunnel does not close: '%s'", pair->at_server->log);
	return 0;
}

static void another_protocol_is_told_and_closed(void **state UNUSED)
{
	struct tunnel_settings settings = settings_for(TUNNEL_SERVER);
	struct pair *pair = lone_server(&settings);
	uint8_t out[512];
	size_t len;

	write_raw(pair, "GET / HTTP/1.1\r\n\r\n", 18);
	len = read_to_end(pair, out, sizeof(out));
	assert_true(len > RRP_HEADER_LEN);
	assert_int_equal(out[0], RRP_ERROR);
	run_until(pair, pair->at_server, "down;");
	assert_string_equal(pair->at_server->log,
			    "PROTOCOL expected HELLO, got bytes 47 45 54 20 (GET );down;");
	free_pair(pair);
}

static void a_silent_connection_is_closed_without_a_word(void **state UNUSED)
{
	struct tunnel_settings settings = settings_for(TUNNEL_SERVER);
	struct pair *pair;
	uint8_t out[512];

	settings.hello_timeout_s = 1;
	pair = lone_server(&settings);
	assert_int_equal(read_to_end(pair, out, sizeof(out)), 0);
	run_until(pair, pair->at_server, "down;");
	assert_memory_equal(pair->at_server->log, "HELLO_TIMEOUT ", 14);
	free_pair(pair);
}

static void write_hello(const struct pair *pair)
{
	const struct rrp_hello hello = {.lowest = 1, .highest = 1, .name = "raw"};
	uint8_t bytes[128];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	size_t frame = rrp_frame_begin(&out, RRP_HELLO, 0, 0);

	rrp_hello_write(&out, &hello);
	rrp_frame_end(&out, frame);
	write_raw(pair, bytes, wr_len(&out));
}

static void write_call_open(const struct pair *pair)
{
	const struct rrp_call_open open = {.family = RRP_FAMILY_IPV4};
	uint8_t bytes[128];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	size_t frame = rrp_frame_begin(&out, RRP_CALL_OPEN, 1, 1);

	rrp_call_open_write(&out, &open);
	rrp_frame_end(&out, frame);
	write_raw(pair, bytes, wr_len(&out));
}

/* Reads frames until a PPP frame of `len` bytes; returns how many PPP frames there were. */
static unsigned count_raw_frames(struct pair *pair, size_t len)
{
	uint8_t *bytes = malloc(1024 * 1024);
	struct mono end = mono_add_ms(mono_now(), PATIENCE_MS);
	size_t used = 0, seen = 0;
	unsigned count = 0;

	while (seen != len && mono_before(mono_now(), end)) {
		ssize_t n = read(pair->raw, bytes + used, 1024 * 1024 - used);
		struct rrp_frame frame;
		struct rrp_fault fault;
		size_t size, at = 0;

		used += n > 0 ? (size_t)n : 0;
		/* WELCOME is the only frame that this reader does not know. */
		if (used && bytes[0] == RRP_WELCOME)
			at = RRP_HEADER_LEN + 68;
		while (rrp_frame_next(bytes + at, used - at, RRP_READER_CLIENT, &frame, &size,
				      &fault) == RRP_FRAMING_FRAME) {
			at += size;
			count += frame.header.type == RRP_PPP_DATA;
			if (frame.header.type == RRP_PPP_DATA)
				seen = frame.payload_len;
		}
		used -= at;
		memmove(bytes, bytes + at, used);
		ev_run(pair->loop, EVRUN_NOWAIT);
	}
	free(bytes);
	assert_int_equal(seen, len);
	return count;
}

static void a_peer_that_does_not_read_costs_bounded_memory_and_gets_the_newest(void **state UNUSED)
{
	const uint8_t mppe[1400] = {0xff, 0x03, 0x00, 0xfd};
	struct tunnel_settings settings = settings_for(TUNNEL_SERVER);
	struct pair *pair = lone_server(&settings);
	struct tunnel_call *call;
	uint64_t dropped;

	pair->at_server->accept = true;
	write_hello(pair);
	run_until(pair, pair->at_server, "up raw;");
	write_call_open(pair);
	run_until(pair, pair->at_server, "opened 1");
	call = pair->at_server->calls[1];
	for (unsigned i = 0; i < 20000; i++) {
		tunnel_call_send(call, mppe, sizeof(mppe));
		if (i % 50 == 0)
			ev_run(pair->loop, EVRUN_NOWAIT);
	}
	tunnel_call_send(call, mppe, 77);
	dropped = tunnel_call_dropped(call);
	/* What the kernel, one buffer of ours and the call's queue hold. */
	assert_in_range(dropped, 20000 - 1000, 20000);
	assert_int_equal(count_raw_frames(pair, 77), 20001 - dropped);
	free_pair(pair);
}

static void a_dead_peer_is_noticed(void **state UNUSED)
{
	struct tunnel_settings settings = settings_for(TUNNEL_SERVER);
	struct pair *pair;

	settings.ping_interval_s = 1;
	settings.ping_misses = 1;
	pair = lone_server(&settings);
	write_hello(pair);
	run_until(pair, pair->at_server, "down;");
	assert_non_null(strstr(pair->at_server->log, "SILENT nothing came for 1 seconds;down;"));
	free_pair(pair);
}

static void bytes_that_wait_prove_life_to_a_process_that_was_stopped(void **state UNUSED)
{
	const uint8_t grease[] = {0xf0, 1, 0, 0, 0, 0, 0, 0};
	struct tunnel_settings settings = settings_for(TUNNEL_SERVER);
	struct pair *pair;

	settings.ping_interval_s = 1;
	settings.ping_misses = 1;
	pair = lone_server(&settings);
	write_hello(pair);
	run_until(pair, pair->at_server, "up raw;");
	write_raw(pair, grease, sizeof(grease));
	(void)sleep(2); /* as if stopped: the loop does not run, its timer falls due */
	ev_run(pair->loop, EVRUN_NOWAIT);
	ev_run(pair->loop, EVRUN_NOWAIT);
	assert_string_equal(pair->at_server->log, "UP raw, version 1;up raw;");
	free_pair(pair);
}

static void last_words_are_heard_although_writing_failed(void **state UNUSED)
{
	const struct rrp_goaway goaway = {.reason = RRP_GOAWAY_SHUTDOWN};
	struct tunnel_settings settings = settings_for(TUNNEL_SERVER);
	struct pair *pair = lone_server(&settings);
	uint8_t bytes[64];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	size_t frame = rrp_frame_begin(&out, RRP_GOAWAY, 0, 0);

	rrp_goaway_write(&out, &goaway);
	rrp_frame_end(&out, frame);
	write_hello(pair);
	write_raw(pair, bytes, wr_len(&out));
	fdio_close(&pair->raw);
	run_until(pair, pair->at_server, "down;");
	assert_non_null(strstr(pair->at_server->log, "CLOSED the other shuts down;down;"));
	free_pair(pair);
}

/* Over real TCP, with the options that it takes. */
static void a_tunnel_runs_over_tcp(void **state UNUSED)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t address_len = sizeof(address), option_len = sizeof(int);
	struct tunnel_settings client = settings_for(TUNNEL_CLIENT);
	struct tunnel_settings server = settings_for(TUNNEL_SERVER);
	struct pair *pair = new_pair();
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int accepted, option = 0;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &address_len), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	accepted = accept(listener, NULL, NULL);
	assert_int_equal(fdio_set_flags(fd), 0);
	assert_int_equal(fdio_set_flags(accepted), 0);
	pair->client = start(pair, fd, &client, pair->at_client);
	pair->server = start(pair, accepted, &server, pair->at_server);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &option, &option_len), 0);
	assert_int_equal(option, 1);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &option, &option_len), 0);
	assert_int_equal(option, 45000);
	(void)connect_call_when_up(pair);
	close(listener);
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
		cmocka_unit_test(what_one_wake_up_brings_goes_out_in_one_write),
		cmocka_unit_test(frames_of_one_read_are_done_together),
		cmocka_unit_test(short_writes_lose_nothing),
		cmocka_unit_test(what_a_stream_keeps_is_read_and_written_on),
		cmocka_unit_test(bulk_goes_through_both_ways),
		cmocka_unit_test(what_is_sent_just_before_the_loop_sleeps_goes_out),
		cmocka_unit_test(
			a_peer_that_does_not_read_costs_bounded_memory_and_gets_the_newest),
		cmocka_unit_test(the_tunnel_may_be_freed_in_any_callback),
		cmocka_unit_test(frames_are_done_before_the_tunnel_is_freed_in_a_callback),
		cmocka_unit_test(free_in_the_callback_of_a_shutdown),
		cmocka_unit_test(another_protocol_is_told_and_closed),
		cmocka_unit_test(a_silent_connection_is_closed_without_a_word),
		cmocka_unit_test(a_dead_peer_is_noticed),
		cmocka_unit_test(bytes_that_wait_prove_life_to_a_process_that_was_stopped),
		cmocka_unit_test(last_words_are_heard_although_writing_failed),
		cmocka_unit_test(a_tunnel_runs_over_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
