/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front side of a PPTP client, with client, manager and pppd played by the test: who is told
 * what when one of them begins or ends. The raw socket is the test's too.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/direct_private.h"
#include "pptpctrl/pptp/gre_engine.h"
#include "pptpctrl/pptp/gre_raw.h"
#include "pptpctrl/proto/gre.h"
#include "pptpctrl/proto/pptp_frame.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "tests/unit/pptpctrl_world.h"
#include "tests/unit/pptpd_help.h"

static const uint8_t frame[] = {0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x04};

/* Stands in for the raw socket. */
struct gre_raw {
	int fd;
	struct gre_engine *engine;
	struct gre_raw_counters counters;
	unsigned sent;
	struct gre_header last; /* what was sent last; its payload is in `payload` */
	uint8_t payload[256];
};

static struct {
	bool fails;
	struct gre_raw *raw; /* NULL while there is none */
} fake;

struct gre_raw *gre_raw_new(struct ev_loop *loop UNUSED, int fd)
{
	errno = ENOMEM;
	if (fake.fails)
		return NULL;
	fake.raw = calloc(1, sizeof(*fake.raw));
	assert_non_null(fake.raw);
	fake.raw->fd = fd;
	return fake.raw;
}

void gre_raw_free(struct gre_raw *raw)
{
	if (raw)
		fdio_close(&raw->fd);
	free(raw);
	fake.raw = NULL;
}

void gre_raw_start(struct gre_raw *raw, struct gre_engine *engine)
{
	raw->engine = engine;
}

void gre_raw_send_connected(void *context, struct in_addr peer, const struct iovec *parts,
			    int count)
{
	struct gre_raw *raw = context;
	uint8_t packet[512];
	size_t len = 0;

	assert_int_equal(ntohl(peer.s_addr), WORLD_CLIENT_ADDR);
	for (int i = 0; i < count; i++) {
		assert_true(len + parts[i].iov_len <= sizeof(packet));
		memcpy(packet + len, parts[i].iov_base, parts[i].iov_len);
		len += parts[i].iov_len;
	}
	assert_true(gre_decode(packet, len, &raw->last));
	if (raw->last.payload_len)
		memcpy(raw->payload, raw->last.payload, raw->last.payload_len);
	raw->sent++;
}

const struct gre_raw_counters *gre_raw_counters(const struct gre_raw *raw)
{
	return &raw->counters;
}

const char *gre_raw_error_name(enum gre_raw_error error UNUSED)
{
	return "error";
}

/* One control connection from its client's side. */
struct client {
	struct world *world;
	int fd;
	char heard[1024]; /* "started;connected 7 as 5;" */
	bool closed;      /* by the server */
	uint8_t bytes[4096];
	size_t len;
};

static struct world world;

static int set_up(void **state UNUSED)
{
	memset(&fake, 0, sizeof(fake));
	world_begin(&world, &front_direct);
	return 0;
}

static int tear_down(void **state UNUSED)
{
	world_end(&world);
	assert_null(fake.raw);
	return 0;
}

static void note_message(struct client *client, const struct pptp_msg *message)
{
	size_t used = strlen(client->heard);
	char *end = client->heard + used;
	size_t room = sizeof(client->heard) - used;
	const struct pptp_outgoing_call_reply *reply = &message->outgoing_call_reply;

	switch (message->type) {
	case PPTP_START_REPLY:
		(void)snprintf(end, room, "started;");
		break;
	case PPTP_OUTGOING_CALL_REPLY:
		if (reply->result == PPTP_OUTGOING_CONNECTED)
			(void)snprintf(end, room, "connected %u as %u;", reply->peer_call_id,
				       reply->call_id);
		else
			(void)snprintf(end, room, "refused %u: %u/%u;", reply->peer_call_id,
				       reply->result, reply->error);
		break;
	case PPTP_CALL_DISCONNECT_NOTIFY:
		(void)snprintf(end, room, "disconnected %u: %u;",
			       message->call_disconnect_notify.call_id,
			       message->call_disconnect_notify.result);
		break;
	case PPTP_STOP_REQUEST:
		(void)snprintf(end, room, "stop;");
		break;
	case PPTP_STOP_REPLY:
		(void)snprintf(end, room, "stopped;");
		break;
	default:
		fail_msg("message type %d", (int)message->type);
	}
}

static void hear(struct client *client)
{
	struct pptp_msg message;
	size_t used;
	ssize_t n;

	world_settle(client->world);
	while ((n = read(client->fd, client->bytes + client->len,
			 sizeof(client->bytes) - client->len)) > 0)
		client->len += (size_t)n;
	client->closed = n == 0 || errno == ECONNRESET;
	while (pptp_frame_next(client->bytes, client->len, &used) == PPTP_FRAME_MSG) {
		assert_true(pptp_msg_decode(client->bytes, used, &message));
		note_message(client, &message);
		client->len -= used;
		memmove(client->bytes, client->bytes + used, client->len);
	}
}

static void assert_heard(struct client *client, const char *expected)
{
	hear(client);
	assert_string_equal(client->heard, expected);
	client->heard[0] = '\0';
}

static void say(struct client *client, const struct pptp_msg *message)
{
	uint8_t bytes[PPTP_MSG_MAX];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));

	pptp_msg_encode(message, &out);
	assert_int_equal(write(client->fd, bytes, wr_len(&out)), wr_len(&out));
	world_settle(client->world);
}

static void request(struct client *client, uint16_t call_id)
{
	struct pptp_msg message = {.type = PPTP_OUTGOING_CALL_REQUEST};

	message.outgoing_call_request.call_id = call_id;
	message.outgoing_call_request.max_bps = 100000;
	say(client, &message);
}

static void clear(struct client *client, uint16_t call_id)
{
	const struct pptp_msg message = {
		.type = PPTP_CALL_CLEAR_REQUEST,
		.call_clear_request = {.call_id = call_id},
	};

	say(client, &message);
}

static void say_stop(struct client *client)
{
	const struct pptp_msg message = {
		.type = PPTP_STOP_REQUEST,
		.stop_request = {.reason = PPTP_STOP_NONE},
	};

	say(client, &message);
}

static void answer_stop(struct client *client)
{
	const struct pptp_msg message = {
		.type = PPTP_STOP_REPLY,
		.stop_reply = {.result = PPTP_RESULT_OK},
	};

	say(client, &message);
}

static void start(struct client *client)
{
	const struct pptp_msg message = {
		.type = PPTP_START_REQUEST,
		.start = {.version = PPTP_VERSION, .host_name = "pc"},
	};

	say(client, &message);
	assert_heard(client, "started;");
}

/* A new, started connection. */
static struct client connect_client(void)
{
	struct client client = {.world = &world, .fd = world_connect(&world)};

	start(&client);
	return client;
}

static void give_gre(void)
{
	const struct ipc_gre_opened opened = {.type = IPC_GRE_OPENED};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	manager_send(&world.manager, &opened, fd);
	world_settle(&world);
}

static void open_gre(void)
{
	world_assert_asked(&world, "gre;");
	give_gre();
}

static void fail_gre(void)
{
	const struct ipc_gre_opened failed = {.type = IPC_GRE_OPENED, .error = EPERM};

	manager_send(&world.manager, &failed, -1);
	world_settle(&world);
}

/* pppd of a call runs; the first one's needs the raw socket. */
static int start_pppd(uint32_t request, uint16_t call_id)
{
	const struct direct *direct = world.state;
	int pppd = world_start_call(&world, request, call_id);

	if (direct->gre == DIRECT_GRE_ASKED)
		open_gre();
	return pppd;
}

/* What GRE brings for pppd waits until it has said something. */
static void wake_pppd(int pppd)
{
	world_pppd_sends(&world, pppd, frame, sizeof(frame));
	fake.raw->sent = 0;
	memset(&fake.raw->last, 0, sizeof(fake.raw->last));
}

/* A client with one call, 7 to it and 5 to us; returns pppd's end of the channel. */
static int connect_call(struct client *client)
{
	int pppd;

	*client = connect_client();
	request(client, 7);
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;");
	assert_heard(client, "");
	pppd = start_pppd(0, 5);
	assert_heard(client, "connected 7 as 5;");
	return pppd;
}

static void gre_brings(uint16_t call_id, uint32_t sequence)
{
	const struct gre_header header = {
		.call_id = call_id,
		.has_sequence = true,
		.sequence = sequence,
		.payload_len = sizeof(frame),
	};
	const struct in_addr client = {.s_addr = htonl(WORLD_CLIENT_ADDR)};
	uint8_t packet[GRE_HEADER_MAX + sizeof(frame)];
	size_t len = gre_encode(&header, packet);

	memcpy(packet + len, frame, sizeof(frame));
	gre_engine_input(fake.raw->engine, client, packet, len + sizeof(frame), mono_now());
	gre_engine_settle(fake.raw->engine, mono_now());
}

/* The last that went out by GRE was our frame, to that call of the client. */
static bool gre_heard(uint16_t call_id)
{
	const struct gre_header *last = &fake.raw->last;

	return last->call_id == call_id && last->payload_len == sizeof(frame) &&
	       memcmp(fake.raw->payload, frame, sizeof(frame)) == 0;
}

static void a_call_is_connected_once_its_pppd_runs(void **state UNUSED)
{
	struct client client;
	int pppd;

	assert_string_equal(world.title, "pptpd [192.0.2.7]");
	pppd = connect_call(&client);
	assert_string_equal(world.title, "pptpd [192.0.2.7:0007 - 0005]");
	assert_true(caught(LOG_INFO, "CTRL: Client 192.0.2.7 control connection started"));
	assert_true(caught(LOG_INFO, "CTRL: Starting call (launching pppd, opening GRE)"));
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

static void frames_go_between_gre_and_pppd(void **state UNUSED)
{
	struct client client;
	int pppd = connect_call(&client);

	world_pppd_sends(&world, pppd, frame, sizeof(frame));
	assert_int_equal(fake.raw->sent, 1);
	assert_true(gre_heard(7));
	gre_brings(5, 0);
	assert_true(world_pppd_hears(&world, pppd, frame, sizeof(frame)));
	gre_brings(6, 0); /* no call of ours */
	assert_false(world_pppd_hears(&world, pppd, frame, sizeof(frame)));
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

static void a_call_that_the_manager_refuses_is_refused(void **state UNUSED)
{
	static const struct {
		enum ipc_refusal reason;
		const char *heard;
	} rows[] = {
		{IPC_REFUSAL_FULL, "refused 7: 4/0;"},
		{IPC_REFUSAL_SYSTEM, "refused 7: 2/6;"},
		{IPC_REFUSAL_STOPPING, "refused 7: 4/0;"},
	};
	struct client client = connect_client();

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		char asked[64];

		request(&client, 7);
		(void)snprintf(asked, sizeof(asked), "start %u " WORLD_CLIENT "/7;", i);
		world_assert_asked(&world, asked);
		world_refuse_call(&world, i, rows[i].reason);
		assert_heard(&client, rows[i].heard);
	}
	world_assert_asked(&world, "");
	fdio_close(&client.fd);
	world_assert_asked(&world, "idle 1;");
}

static void a_call_without_a_raw_socket_is_refused_and_hung_up(void **state UNUSED)
{
	struct client client = connect_client();
	int pppd;

	request(&client, 7);
	pppd = world_start_call(&world, 0, 5);
	assert_heard(&client, "");
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;gre;");
	fail_gre();
	assert_heard(&client, "refused 7: 2/4;");
	world_assert_asked(&world, "stop 5;");
	assert_true(world_is_hung_up(pppd));
	world_end_call(&world, 5);
	fdio_close(&pppd);
	request(&client, 7);
	pppd = world_start_call(&world, 1, 5);
	assert_heard(&client, "refused 7: 2/4;");
	world_assert_asked(&world, "start 1 " WORLD_CLIENT "/7;stop 5;");
	world_end_call(&world, 5);
	fdio_close(&pppd);
	fdio_close(&client.fd);
	world_assert_asked(&world, "idle 1;");
}

static void the_next_connection_asks_again_for_a_raw_socket_that_failed(void **state UNUSED)
{
	struct client first = connect_client(), second;
	int pppd;

	request(&first, 7);
	pppd = world_start_call(&world, 0, 5);
	fail_gre();
	world_end_call(&world, 5);
	fdio_close(&pppd);
	assert_heard(&first, "refused 7: 2/4;");
	second = connect_client();
	request(&first, 7);
	world_assert_asked(&world,
			   "start 0 " WORLD_CLIENT "/7;gre;stop 5;start 1 " WORLD_CLIENT "/7;");
	pppd = start_pppd(1, 5);
	assert_heard(&first, "connected 7 as 5;");
	fdio_close(&pppd);
	fdio_close(&first.fd);
	fdio_close(&second.fd);
}

/* pppd's first request would be asked again only after three seconds. */
static void what_pppd_sends_before_the_raw_socket_is_there_waits_for_it(void **state UNUSED)
{
	struct client client = connect_client();
	int pppd;

	request(&client, 7);
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;");
	pppd = world_start_call(&world, 0, 5);
	world_pppd_sends(&world, pppd, frame, sizeof(frame));
	assert_heard(&client, "");
	world_assert_asked(&world, "gre;ready 5;");
	give_gre();
	assert_heard(&client, "connected 7 as 5;");
	assert_int_equal(fake.raw->sent, 1);
	assert_true(gre_heard(7));
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

static void a_call_that_is_cleared_while_it_waits_for_the_raw_socket_stays_so(void **state UNUSED)
{
	struct client client = connect_client();
	int pppd;

	request(&client, 7);
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;");
	pppd = world_start_call(&world, 0, 5);
	clear(&client, 7);
	assert_heard(&client, "disconnected 0: 4;");
	world_assert_asked(&world, "gre;stop 5;");
	give_gre();
	assert_heard(&client, "");
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

/* A call whose frames the kernel moves; the first one of the world. */
static void connect_kernel_call(struct client *client)
{
	const struct ipc_call_started started = {
		.type = IPC_CALL_STARTED,
		.request = 0,
		.call_id = 5,
		.channel = IPC_CHANNEL_KERNEL,
		.pppd_pid = 1005,
	};

	*client = connect_client();
	request(client, 7);
	manager_send(&world.manager, &started, -1);
	world_settle(&world);
	assert_heard(client, "connected 7 as 5;");
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;sample;");
	assert_string_equal(world.title, "pptpd [192.0.2.7:0007 - 0005]");
}

/* The manager gives what samples are read from; returns the client's end. */
static int give_sample_socket(void)
{
	const struct ipc_gre_opened opened = {.type = IPC_GRE_OPENED, .sample = 1};
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	manager_send(&world.manager, &opened, pair[0]);
	world_settle(&world);
	return pair[1];
}

static void a_call_that_the_kernel_moves_needs_no_raw_socket(void **state UNUSED)
{
	struct client client;

	connect_kernel_call(&client);
	assert_null(fake.raw);
	clear(&client, 7);
	assert_heard(&client, "disconnected 5: 4;");
	world_assert_asked(&world, "stop 5;");
	world_end_call(&world, 5);
	fdio_close(&client.fd);
	world_assert_asked(&world, "idle 1;");
}

static void a_call_that_the_kernel_moves_ends_with_its_pppd(void **state UNUSED)
{
	struct client client;

	connect_kernel_call(&client);
	world_end_call(&world, 5);
	assert_heard(&client, "disconnected 5: 1;");
	world_assert_asked(&world, "");
	fdio_close(&client.fd);
	world_assert_asked(&world, "idle 1;");
}

static void samples_of_kernel_calls_are_looked_at_while_there_are_some(void **state UNUSED)
{
	struct client client;
	int sample;

	connect_kernel_call(&client);
	sample = give_sample_socket();
	for (uint32_t i = 0; i < 20; i++) {
		const struct gre_header header = {
			.call_id = 5, .has_sequence = true, .sequence = i ^ 1, .payload_len = 1400};
		uint8_t packet[20 + GRE_HEADER_MAX] = {0x45};
		size_t len = 20 + gre_encode(&header, packet + 20);

		assert_int_equal(write(sample, packet, len), len);
	}
	world_assert_asked(&world, "reordered;");
	clear(&client, 7);
	world_assert_asked(&world, "stop 5;");
	assert_true(world_is_hung_up(sample));
	fdio_close(&sample);
	fdio_close(&client.fd);
}

static void pass(double seconds)
{
	for (double from = ev_time(); ev_time() - from < seconds; (void)usleep(10000))
		ev_run(world.context.loop, EVRUN_NOWAIT);
}

/* Its packets do not pass through the process: it looks for one. */
static void a_mute_control_connection_has_samples_looked_at_for_signs_of_life(void **state UNUSED)
{
	const struct ipc_gre_opened refused = {.type = IPC_GRE_OPENED, .sample = 1, .error = EBUSY};
	const struct gre_header header = {
		.call_id = 5, .has_sequence = true, .sequence = 1, .payload_len = 1400};
	uint8_t packet[20 + GRE_HEADER_MAX] = {0x45};
	size_t len = 20 + gre_encode(&header, packet + 20);
	struct client client;
	int sample;

	world.context.settings.echo_interval_s = 1;
	world.context.settings.echo_timeout_s = 2;
	connect_kernel_call(&client);
	manager_send(&world.manager, &refused, -1);
	world_settle(&world);
	pass(2.3);
	world_assert_asked(&world, "sample;");
	sample = give_sample_socket();
	assert_int_equal(write(sample, packet, len), len);
	pass(1.2);
	world_assert_asked(&world, ""); /* the call lives */
	fdio_close(&sample);
	fdio_close(&client.fd);
}

static void calls_of_both_kinds_live_together(void **state UNUSED)
{
	struct client client;
	int pppd, sample;

	connect_kernel_call(&client);
	sample = give_sample_socket();
	request(&client, 8);
	world_assert_asked(&world, "start 1 " WORLD_CLIENT "/8;");
	pppd = start_pppd(1, 6);
	assert_heard(&client, "connected 8 as 6;");
	wake_pppd(pppd);
	gre_brings(6, 0);
	assert_true(world_pppd_hears(&world, pppd, frame, sizeof(frame)));
	gre_brings(5, 0); /* the kernel has taken it */
	clear(&client, 7);
	assert_heard(&client, "disconnected 5: 4;");
	assert_true(world_is_hung_up(sample));
	world_pppd_sends(&world, pppd, frame, sizeof(frame));
	assert_true(gre_heard(8));
	fdio_close(&sample);
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

static void a_raw_socket_that_is_of_no_use_is_closed(void **state UNUSED)
{
	struct client client = connect_client();
	int pppd;

	fake.fails = true;
	request(&client, 7);
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;");
	pppd = start_pppd(0, 5);
	assert_heard(&client, "refused 7: 2/4;stop;");
	fdio_close(&pppd);
	assert_int_equal(caught_with("CTRL: GRE of client 192.0.2.7"), 1);
	fdio_close(&client.fd);
}

static void a_call_that_the_client_clears_is_hung_up(void **state UNUSED)
{
	struct client client;
	int pppd = connect_call(&client);

	clear(&client, 7);
	assert_heard(&client, "disconnected 5: 4;");
	world_assert_asked(&world, "stop 5;");
	assert_true(world_is_hung_up(pppd));
	assert_string_equal(world.title, "pptpd [192.0.2.7]");
	gre_brings(5, 0);
	world_end_call(&world, 5);
	assert_heard(&client, "");
	world_assert_asked(&world, "");
	fdio_close(&pppd);
	fdio_close(&client.fd);
	world_assert_asked(&world, "idle 1;");
}

static void a_call_that_is_cleared_before_its_start_is_hung_up_then(void **state UNUSED)
{
	struct client client = connect_client();
	int pppd;

	request(&client, 7);
	clear(&client, 7);
	assert_heard(&client, "disconnected 0: 4;");
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;cancel 0;");
	pppd = start_pppd(0, 5);
	assert_heard(&client, "");
	world_assert_asked(&world, "stop 5;");
	world_end_call(&world, 5);
	fdio_close(&pppd);
	fdio_close(&client.fd);
	world_assert_asked(&world, "idle 1;");
}

static void a_call_that_is_cleared_may_still_be_refused(void **state UNUSED)
{
	struct client client = connect_client();

	request(&client, 7);
	clear(&client, 7);
	world_refuse_call(&world, 0, IPC_REFUSAL_FULL);
	assert_heard(&client, "disconnected 0: 4;");
	fdio_close(&client.fd);
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;cancel 0;idle 1;");
}

static void pppd_that_closes_its_side_ends_the_call_for_the_client(void **state UNUSED)
{
	struct client client;
	int pppd = connect_call(&client);

	fdio_close(&pppd);
	assert_heard(&client, "disconnected 5: 1;");
	world_assert_asked(&world, "stop 5;");
	gre_brings(5, 0);
	world_end_call(&world, 5);
	assert_heard(&client, "");
	/* The same numbers may be used again. */
	request(&client, 7);
	pppd = start_pppd(1, 5);
	assert_heard(&client, "connected 7 as 5;");
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

static void pppd_that_is_reaped_ends_the_call_for_the_client(void **state UNUSED)
{
	struct client client;
	int pppd = connect_call(&client);

	world_end_call(&world, 5);
	assert_heard(&client, "disconnected 5: 1;");
	world_assert_asked(&world, "");
	assert_true(caught(LOG_DEBUG, "CTRL: Reaping child PPP[1005]"));
	fdio_close(&pppd);
	fdio_close(&client.fd);
	world_assert_asked(&world, "idle 1;");
}

static void two_calls_of_one_connection_do_not_touch_each_other(void **state UNUSED)
{
	struct client client;
	int first = connect_call(&client), second;

	request(&client, 8);
	world_assert_asked(&world, "start 1 " WORLD_CLIENT "/8;");
	second = start_pppd(1, 6);
	assert_heard(&client, "connected 8 as 6;");
	assert_string_equal(world.title, "pptpd [192.0.2.7:0008 - 0006 +1]");
	wake_pppd(first);
	wake_pppd(second);
	gre_brings(6, 0);
	assert_true(world_pppd_hears(&world, second, frame, sizeof(frame)));
	assert_false(world_pppd_hears(&world, first, frame, sizeof(frame)));
	world_pppd_sends(&world, first, frame, sizeof(frame));
	assert_true(gre_heard(7));
	clear(&client, 8);
	assert_heard(&client, "disconnected 6: 4;");
	world_assert_asked(&world, "ready 5;ready 6;stop 6;");
	gre_brings(5, 0);
	assert_true(world_pppd_hears(&world, first, frame, sizeof(frame)));
	world_end_call(&world, 6);
	assert_string_equal(world.title, "pptpd [192.0.2.7:0007 - 0005]");
	fdio_close(&first);
	fdio_close(&second);
	fdio_close(&client.fd);
}

/* What the others are: one that is over for the client, and one that is not connected yet. */
static void the_title_counts_only_connected_calls(void **state UNUSED)
{
	struct client client;
	int first = connect_call(&client), second;

	request(&client, 8);
	assert_string_equal(world.title, "pptpd [192.0.2.7:0007 - 0005]");
	second = start_pppd(1, 6);
	clear(&client, 7);
	assert_string_equal(world.title, "pptpd [192.0.2.7:0008 - 0006]");
	fdio_close(&first);
	fdio_close(&second);
	fdio_close(&client.fd);
}

static void a_connection_that_closes_hangs_up_its_calls(void **state UNUSED)
{
	struct client client;
	int first = connect_call(&client), second;

	request(&client, 8);
	second = start_pppd(1, 6);
	fdio_close(&client.fd);
	world_assert_asked(&world, "start 1 " WORLD_CLIENT "/8;stop 5;stop 6;");
	assert_false(caught_with("control connection finished"));
	world_end_call(&world, 6);
	world_assert_asked(&world, "");
	world_end_call(&world, 5);
	world_assert_asked(&world, "idle 1;");
	assert_true(caught(LOG_INFO, "CTRL: Client 192.0.2.7 control connection finished"));
	fdio_close(&first);
	fdio_close(&second);
}

static void a_connection_that_closes_before_its_call_starts_waits_for_it(void **state UNUSED)
{
	struct client client = connect_client();
	int pppd;

	request(&client, 7);
	fdio_close(&client.fd);
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;cancel 0;");
	pppd = start_pppd(0, 5);
	world_assert_asked(&world, "stop 5;");
	world_end_call(&world, 5);
	world_assert_asked(&world, "idle 1;");
	fdio_close(&pppd);
}

static void a_client_that_stops_its_connection_ends_its_calls(void **state UNUSED)
{
	struct client client;
	int pppd = connect_call(&client);

	say_stop(&client);
	assert_heard(&client, "stopped;");
	assert_true(client.closed);
	world_assert_asked(&world, "stop 5;");
	assert_true(caught(LOG_WARNING, "CTRL: Request to close control connection when call is "
					"open, closing"));
	world_end_call(&world, 5);
	world_assert_asked(&world, "idle 1;");
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

static void idle_is_said_when_the_last_of_two_connections_is_gone(void **state UNUSED)
{
	struct client first = connect_client(), second;

	second = connect_client();
	world_assert_asked(&world, "");
	fdio_close(&first.fd);
	world_assert_asked(&world, "");
	fdio_close(&second.fd);
	world_assert_asked(&world, "idle 2;");
}

/* The manager does not release a process that says a number of connections other than its own. */
static void a_connection_that_crosses_idle_is_served(void **state UNUSED)
{
	struct client client = connect_client();

	fdio_close(&client.fd);
	world_assert_asked(&world, "idle 1;");
	client = connect_client();
	request(&client, 7);
	world_refuse_call(&world, 0, IPC_REFUSAL_FULL);
	assert_heard(&client, "refused 7: 4/0;");
	fdio_close(&client.fd);
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;idle 2;");
}

static void a_connection_that_is_dead_at_once_leaves_nothing(void **state UNUSED)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			 0);
	fdio_close(&pair[1]);
	manager_send_connection(&world.manager, pair[0]);
	world_assert_asked(&world, "idle 1;");
	assert_int_equal(caught_with("control connection finished"), 0);
}

static void two_clients_behind_one_address_have_calls_of_the_same_number(void **state UNUSED)
{
	struct client first, second;
	int pppd_first = connect_call(&first), pppd_second;

	second = connect_client();
	request(&second, 7);
	pppd_second = start_pppd(1, 6);
	assert_heard(&second, "connected 7 as 6;");
	wake_pppd(pppd_second);
	gre_brings(6, 0);
	assert_true(world_pppd_hears(&world, pppd_second, frame, sizeof(frame)));
	fdio_close(&first.fd);
	world_assert_asked(&world, "start 1 " WORLD_CLIENT "/7;ready 6;stop 5;");
	assert_heard(&second, "");
	fdio_close(&pppd_first);
	fdio_close(&pppd_second);
	fdio_close(&second.fd);
}

static void a_call_beyond_those_of_a_connection_is_refused(void **state UNUSED)
{
	struct client client = connect_client();

	for (uint16_t i = 1; i <= WORLD_MAX_CALLS + 1; i++)
		request(&client, i);
	assert_heard(&client, "refused 4: 4/0;");
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/1;start 1 " WORLD_CLIENT
				   "/2;start 2 " WORLD_CLIENT "/3;");
	world_refuse_call(&world, 0, IPC_REFUSAL_FULL);
	assert_heard(&client, "refused 1: 4/0;");
	request(&client, 4);
	world_assert_asked(&world, "start 3 " WORLD_CLIENT "/4;");
	fdio_close(&client.fd);
}

static void stop_without_a_connection_is_idle(void **state UNUSED)
{
	world_stop(&world);
	world_assert_asked(&world, "idle 0;");
}

static void stop_ends_calls_then_connections_then_is_idle_once(void **state UNUSED)
{
	struct client client;
	int pppd = connect_call(&client);

	world_stop(&world);
	world_stop(&world);
	assert_heard(&client, "disconnected 5: 3;stop;");
	world_assert_asked(&world, "stop 5;");
	answer_stop(&client);
	hear(&client);
	assert_true(client.closed);
	world_assert_asked(&world, "");
	world_end_call(&world, 5);
	world_assert_asked(&world, "idle 1;");
	assert_int_equal(caught_with("Request to close control connection"), 0);
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

static void stop_with_a_connection_that_waits_for_pppd_only(void **state UNUSED)
{
	struct client client;
	int pppd = connect_call(&client);

	fdio_close(&client.fd);
	world_assert_asked(&world, "stop 5;");
	world_stop(&world);
	world_assert_asked(&world, "");
	world_end_call(&world, 5);
	world_assert_asked(&world, "idle 1;");
	fdio_close(&pppd);
}

static void stop_refuses_a_call_that_waits(void **state UNUSED)
{
	struct client client = connect_client();
	int pppd;

	request(&client, 7);
	world_stop(&world);
	assert_heard(&client, "refused 7: 7/0;stop;");
	answer_stop(&client);
	pppd = start_pppd(0, 5);
	world_end_call(&world, 5);
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;cancel 0;stop 5;idle 1;");
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

static void a_connection_that_comes_after_stop_is_closed(void **state UNUSED)
{
	struct client client = {.world = &world};

	world_stop(&world);
	client.fd = world_connect(&world);
	hear(&client);
	assert_true(client.closed);
	world_assert_asked(&world, "idle 0;idle 1;");
	assert_int_equal(caught_with("no room"), 0);
	fdio_close(&client.fd);
}

static struct direct_conn *first_connection(void)
{
	struct direct *direct = world.state;

	assert_false(list_empty(&direct->conns));
	return container_of(direct->conns.next, struct direct_conn, link);
}

/* As if the time of the timer were over. */
static void fire_lonely(void)
{
	struct direct_conn *conn = first_connection();

	assert_true(ev_is_active(&conn->lonely));
	ev_timer_stop(world.context.loop, &conn->lonely);
	ev_feed_event(world.context.loop, &conn->lonely, EV_TIMER);
	world_settle(&world);
}

static void a_connection_on_which_no_call_comes_is_stopped(void **state UNUSED)
{
	struct client client = connect_client();

	fire_lonely();
	assert_heard(&client, "stop;");
	answer_stop(&client);
	world_assert_asked(&world, "idle 1;");
	fdio_close(&client.fd);
}

static void a_connection_that_has_a_call_is_not_lonely(void **state UNUSED)
{
	struct client client = connect_client();
	int pppd;

	request(&client, 7);
	assert_false(ev_is_active(&first_connection()->lonely));
	request(&client, 8);
	world_assert_asked(&world, "start 0 " WORLD_CLIENT "/7;start 1 " WORLD_CLIENT "/8;");
	pppd = start_pppd(0, 5);
	clear(&client, 7);
	assert_false(ev_is_active(&first_connection()->lonely));
	world_refuse_call(&world, 1, IPC_REFUSAL_FULL);
	assert_heard(&client, "connected 7 as 5;disconnected 5: 4;refused 8: 4/0;");
	assert_true(ev_is_active(&first_connection()->lonely));
	request(&client, 9);
	assert_false(ev_is_active(&first_connection()->lonely));
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

static void a_connection_whose_last_call_is_over_is_stopped_after_a_while(void **state UNUSED)
{
	struct client client;
	int pppd = connect_call(&client);

	fdio_close(&pppd);
	assert_heard(&client, "disconnected 5: 1;");
	fire_lonely();
	assert_heard(&client, "stop;");
	answer_stop(&client);
	world_end_call(&world, 5);
	world_assert_asked(&world, "stop 5;idle 1;");
	fdio_close(&client.fd);
}

static void a_manager_that_goes_away_does_not_hurt(void **state UNUSED)
{
	struct client client;
	int pppd = connect_call(&client);

	request(&client, 8);
	manager_end(&world.manager);
	world_settle(&world);
	assert_int_equal(world.lost, 1);
	clear(&client, 7);
	fdio_close(&client.fd);
	world_settle(&world);
	fdio_close(&pppd);
}

static void link_info_changes_nothing(void **state UNUSED)
{
	struct client client;
	int pppd = connect_call(&client);
	const struct pptp_msg info = {
		.type = PPTP_SET_LINK_INFO,
		.set_link_info = {.peer_call_id = 5, .send_accm = 0, .receive_accm = 0},
	};

	say(&client, &info);
	assert_heard(&client, "");
	wake_pppd(pppd);
	gre_brings(5, 0);
	assert_true(world_pppd_hears(&world, pppd, frame, sizeof(frame)));
	fdio_close(&pppd);
	fdio_close(&client.fd);
}

/* Hostile: a message of an unknown type, again and again. */
static void a_client_that_misbehaves_does_not_flood_the_log(void **state UNUSED)
{
	static const uint8_t unknown[] = {0, 12, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0x00, 0x63, 0, 0};
	struct client client = connect_client();

	for (unsigned i = 0; i < 500; i++) {
		assert_int_equal(write(client.fd, unknown, sizeof(unknown)), sizeof(unknown));
		world_settle(&world);
	}
	assert_true(caught_with("CTRL: Client 192.0.2.7: ignored") > 0);
	assert_true(caught_with("CTRL: Client 192.0.2.7: ignored") < 20);
	fdio_close(&client.fd);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_is_connected_once_its_pppd_runs),
		TEST(frames_go_between_gre_and_pppd),
		TEST(a_call_that_the_manager_refuses_is_refused),
		TEST(a_call_without_a_raw_socket_is_refused_and_hung_up),
		TEST(the_next_connection_asks_again_for_a_raw_socket_that_failed),
		TEST(what_pppd_sends_before_the_raw_socket_is_there_waits_for_it),
		TEST(a_call_that_is_cleared_while_it_waits_for_the_raw_socket_stays_so),
		TEST(a_call_that_the_kernel_moves_needs_no_raw_socket),
		TEST(a_call_that_the_kernel_moves_ends_with_its_pppd),
		TEST(samples_of_kernel_calls_are_looked_at_while_there_are_some),
		TEST(a_mute_control_connection_has_samples_looked_at_for_signs_of_life),
		TEST(calls_of_both_kinds_live_together),
		TEST(a_raw_socket_that_is_of_no_use_is_closed),
		TEST(a_call_that_the_client_clears_is_hung_up),
		TEST(a_call_that_is_cleared_before_its_start_is_hung_up_then),
		TEST(a_call_that_is_cleared_may_still_be_refused),
		TEST(pppd_that_closes_its_side_ends_the_call_for_the_client),
		TEST(pppd_that_is_reaped_ends_the_call_for_the_client),
		TEST(two_calls_of_one_connection_do_not_touch_each_other),
		TEST(the_title_counts_only_connected_calls),
		TEST(a_connection_that_closes_hangs_up_its_calls),
		TEST(a_connection_that_closes_before_its_call_starts_waits_for_it),
		TEST(a_client_that_stops_its_connection_ends_its_calls),
		TEST(idle_is_said_when_the_last_of_two_connections_is_gone),
		TEST(a_connection_that_crosses_idle_is_served),
		TEST(a_connection_that_is_dead_at_once_leaves_nothing),
		TEST(two_clients_behind_one_address_have_calls_of_the_same_number),
		TEST(a_call_beyond_those_of_a_connection_is_refused),
		TEST(stop_without_a_connection_is_idle),
		TEST(stop_ends_calls_then_connections_then_is_idle_once),
		TEST(stop_with_a_connection_that_waits_for_pppd_only),
		TEST(stop_refuses_a_call_that_waits),
		TEST(a_connection_that_comes_after_stop_is_closed),
		TEST(a_connection_on_which_no_call_comes_is_stopped),
		TEST(a_connection_that_has_a_call_is_not_lonely),
		TEST(a_connection_whose_last_call_is_over_is_stopped_after_a_while),
		TEST(a_manager_that_goes_away_does_not_hurt),
		TEST(link_info_changes_nothing),
		TEST(a_client_that_misbehaves_does_not_flood_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
