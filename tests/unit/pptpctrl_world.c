/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A front side with its surroundings; see the header. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/hdlc.h"
#include "pptpctrl/manager_link.h"
#include "pptpctrl/ppp_session.h"
#include "pptpctrl/title.h"
#include "tests/hdlc_least.h"
#include "tests/unit/pptpctrl_world.h"
#include "tests/unit/pptpd_help.h"

/* More bytes than the frames of one step. */
#define PPPD_HEARS_MAX 4096

static void on_connection(void *context, int fd)
{
	struct world *world = context;

	world->front->connection(world->state, fd);
}

static void on_gre_opened(void *context, const struct ipc_gre_opened *opened, int fd)
{
	struct world *world = context;

	world->front->gre_opened(world->state, opened, fd);
}

static void on_link_given(void *context, const struct ipc_link *link, int fd)
{
	struct world *world = context;

	ppp_sessions_link_given(world->context.sessions, link, fd);
}

static void on_call_started(void *context, const struct ipc_call_started *started, int fd)
{
	struct world *world = context;

	ppp_sessions_call_started(world->context.sessions, started, fd);
}

static void on_call_refused(void *context, uint32_t request, enum ipc_refusal reason)
{
	struct world *world = context;

	ppp_sessions_call_refused(world->context.sessions, request, reason);
}

static void on_call_ended(void *context, const struct ipc_call_ended *ended)
{
	struct world *world = context;

	ppp_sessions_call_ended(world->context.sessions, ended);
}

static void on_peer_verdict(void *context, const struct ipc_peer_verdict *verdict)
{
	struct world *world = context;

	world->front->peer_verdict(world->state, verdict);
}

static void on_enrol_verdict(void *context, const struct ipc_enrol_verdict *verdict)
{
	struct world *world = context;

	world->front->enrol_verdict(world->state, verdict);
}

static void on_released(void *context)
{
	struct world *world = context;

	world->released++;
}

static void on_stop(void *context)
{
	struct world *world = context;

	world->front->stop(world->state);
}

static void on_lost(void *context)
{
	struct world *world = context;

	world->lost++;
}

static const struct manager_link_ops link_ops = {
	.connection = on_connection,
	.gre_opened = on_gre_opened,
	.link_given = on_link_given,
	.call_started = on_call_started,
	.call_refused = on_call_refused,
	.call_ended = on_call_ended,
	.peer_verdict = on_peer_verdict,
	.enrol_verdict = on_enrol_verdict,
	.released = on_released,
	.stop = on_stop,
	.lost = on_lost,
};

static void begin(struct world *world, const struct front *front, bool tls)
{
	char *words[] = {world->title, NULL};
	const struct in_addr client = {.s_addr = htonl(WORLD_CLIENT_ADDR)};
	const struct in_addr server = {.s_addr = htonl(INADDR_LOOPBACK)};

	caught_begin();
	memset(world, 0, sizeof(*world));
	memset(world->title, ' ', WORLD_TITLE_ROOM);
	title_init(words);
	world->descriptors = open_descriptors();
	manager_begin(&world->manager);
	world->front = front;
	world->context.loop = ev_loop_new(EVFLAG_AUTO);
	world->context.link = manager_link_new(world->context.loop, &link_ops, world);
	world->context.sessions = ppp_sessions_new(world->context.loop, world->context.link);
	world->context.settings = (struct ipc_settings){
		.start_timeout_s = 60,
		.echo_interval_s = 60,
		.echo_timeout_s = 60,
		.max_calls = WORLD_MAX_CALLS,
		.tls = tls,
		.handshake_timeout_s = 60,
		.remote = address_from_in(client, 3000),
		.local = address_from_in(server, 1723),
	};
	world->state = front->new (&world->context);
	assert_non_null(world->state);
}

void world_begin(struct world *world, const struct front *front)
{
	begin(world, front, false);
}

void world_begin_tls(struct world *world, const struct front *front)
{
	begin(world, front, true);
}

void world_end(struct world *world)
{
	world->front->free(world->state);
	ppp_sessions_free(world->context.sessions);
	manager_link_free(world->context.link);
	ev_loop_destroy(world->context.loop);
	manager_end(&world->manager);
	assert_int_equal(open_descriptors(), world->descriptors);
}

void world_settle(struct world *world)
{
	run_ready(world->context.loop);
	run_ready(world->context.loop);
}

int world_connect(struct world *world)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			 0);
	manager_send_connection(&world->manager, pair[0]);
	world_settle(world);
	return pair[1];
}

void world_assert_asked(struct world *world, const char *expected)
{
	world_settle(world);
	manager_assert_asked(&world->manager, expected);
}

int world_start_call(struct world *world, uint32_t request, uint16_t call_id)
{
	int pppd = manager_send_started(&world->manager, request, call_id);

	world_settle(world);
	return pppd;
}

void world_refuse_call(struct world *world, uint32_t request, enum ipc_refusal reason)
{
	manager_send_refused(&world->manager, request, reason);
	world_settle(world);
}

void world_end_call(struct world *world, uint16_t call_id)
{
	manager_send_ended(&world->manager, call_id);
	world_settle(world);
}

void world_stop(struct world *world)
{
	manager_send_stop(&world->manager);
	world_settle(world);
}

void world_pppd_sends(struct world *world, int pppd, const void *frame, size_t len)
{
	uint8_t *bytes = malloc(HDLC_ENCODED_MAX(len));
	size_t used;

	assert_non_null(bytes);
	used = hdlc_encode(hdlc_escapes_least(), frame, len, bytes, HDLC_ENCODED_MAX(len));
	assert_int_equal(write(pppd, bytes, used), used);
	free(bytes);
	world_settle(world);
}

bool world_pppd_hears(struct world *world, int pppd, const void *frame, size_t len)
{
	struct hdlc_decoder decoder;
	struct hdlc_frame room;
	uint8_t bytes[PPPD_HEARS_MAX];
	struct byte_reader in;
	const uint8_t *got;
	size_t got_len;
	ssize_t n;
	bool good;

	world_settle(world);
	n = read(pppd, bytes, sizeof(bytes));
	in = rd_init(bytes, n > 0 ? (size_t)n : 0);
	hdlc_decoder_init(&decoder);
	good = hdlc_decoder_next(&decoder, &in, &room, &got, &got_len) && got_len == len &&
	       memcmp(got, frame, len) == 0 &&
	       !hdlc_decoder_next(&decoder, &in, &room, &got, &got_len);
	hdlc_decoder_done(&decoder);
	return good;
}

bool world_is_hung_up(int pppd)
{
	uint8_t byte;
	ssize_t n = read(pppd, &byte, 1);

	/* A socket that was closed with something unread in it says so once. */
	return n == 0 || (n < 0 && errno == ECONNRESET);
}
