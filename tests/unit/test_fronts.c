/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two front sides of a pptpctrl, with the manager played by the test: what a peer can make them
 * ask of it.
 */
#include "tests/unit/unit.h"

#include <ev.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/front.h"
#include "pptpctrl/manager_link.h"
#include "pptpctrl/ppp_session.h"
#include "pptpctrl/proto/pptp_msg.h"
#include "pptpctrl/title.h"
#include "pptpd/base/log.h"
#include "rrp/frame.h"
#include "rrp/payload.h"

#define MAX_CALLS 3
#define ATTEMPTS  20

/* Frames or messages of one test. */
#define STREAM_MAX 16384

static unsigned asked; /* calls started, as the manager would see it */

void manager_link_start_call(struct manager_link *link UNUSED, uint32_t request UNUSED,
			     struct in_addr client UNUSED, uint16_t client_call_id UNUSED)
{
	asked++;
}

void manager_link_stop_call(struct manager_link *link UNUSED, uint16_t call_id UNUSED)
{
}

void manager_link_reordered(struct manager_link *link UNUSED)
{
}

void manager_link_open_gre(struct manager_link *link UNUSED, bool sample UNUSED)
{
}

void manager_link_peer_name(struct manager_link *link UNUSED, const char *name UNUSED)
{
}

void manager_link_peer(struct manager_link *link UNUSED, const struct node_id *id UNUSED)
{
}

void manager_link_enrol(struct manager_link *link UNUSED, const struct node_id *id UNUSED,
			const uint8_t secret_hash[IPC_SECRET_HASH_LEN] UNUSED)
{
}

void manager_link_call_proven(struct manager_link *link UNUSED, uint16_t call_id UNUSED)
{
}

void manager_link_call_ready(struct manager_link *link UNUSED, uint16_t call_id UNUSED)
{
}

void manager_link_cancel_call(struct manager_link *link UNUSED, uint32_t request UNUSED)
{
}

bool manager_link_signer(int *ret_channel UNUSED)
{
	return false; /* a process's, before its front side is made */
}

void manager_link_idle(struct manager_link *link UNUSED)
{
}

struct fixture {
	struct front_context context;
	const struct front *front;
	void *state;
	int peer;
};

static void ignore_line(void *context UNUSED, int severity UNUSED, const char *line UNUSED)
{
}

static void set_up(struct fixture *f, const struct front *front)
{
	static char title[64] = "a title with room for an address";
	char *words[] = {title, NULL};
	const struct in_addr in = {.s_addr = htonl(INADDR_LOOPBACK)};
	int pair[2];

	log_init(ignore_line, NULL, false);
	title_init(words);
	asked = 0;
	*f = (struct fixture){.front = front};
	f->context.loop = ev_loop_new(EVFLAG_AUTO);
	f->context.sessions = ppp_sessions_new(f->context.loop, NULL);
	f->context.settings = (struct ipc_settings){
		.start_timeout_s = 10,
		.echo_interval_s = 60,
		.echo_timeout_s = 60,
		.max_calls = MAX_CALLS,
		.remote = address_from_in(in, 3000),
		.local = address_from_in(in, 1723),
	};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			 0);
	f->state = front->new (&f->context);
	front->connection(f->state, pair[0]);
	f->peer = pair[1];
}

static void tear_down(struct fixture *f)
{
	f->front->free(f->state);
	ppp_sessions_free(f->context.sessions);
	ev_loop_destroy(f->context.loop);
	(void)close(f->peer);
}

static void deliver(struct fixture *f, const struct byte_writer *stream)
{
	assert_false(wr_failed(stream));
	assert_int_equal(write(f->peer, stream->start, wr_len(stream)), wr_len(stream));
	for (int i = 0; i < 50; i++)
		ev_run(f->context.loop, EVRUN_NOWAIT);
}

/* The manager's answer to the first request, and the end of that pppd. */
static void end_first(struct fixture *f)
{
	ppp_sessions_call_refused(f->context.sessions, 0, IPC_REFUSAL_FULL);
}

static void put_call(struct byte_writer *out, uint16_t call_id)
{
	struct pptp_msg request = {.type = PPTP_OUTGOING_CALL_REQUEST};
	struct pptp_msg clear = {.type = PPTP_CALL_CLEAR_REQUEST};

	request.outgoing_call_request.call_id = call_id;
	clear.call_clear_request.call_id = call_id;
	pptp_msg_encode(&request, out);
	pptp_msg_encode(&clear, out);
}

static void test_calls_that_a_client_clears_at_once_count_until_pppd_is_reaped(void **state UNUSED)
{
	struct pptp_msg start = {.type = PPTP_START_REQUEST, .start = {.version = PPTP_VERSION}};
	uint8_t bytes[STREAM_MAX];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	struct fixture f;

	set_up(&f, &front_direct);
	pptp_msg_encode(&start, &out);
	for (uint16_t i = 1; i <= ATTEMPTS; i++)
		put_call(&out, i);
	deliver(&f, &out);
	assert_int_equal(asked, MAX_CALLS);
	end_first(&f);
	out = wr_init(bytes, sizeof(bytes));
	put_call(&out, 1);
	put_call(&out, 2);
	deliver(&f, &out);
	assert_int_equal(asked, MAX_CALLS + 1);
	tear_down(&f);
}

static void put_tunnel_call(struct byte_writer *out, uint32_t number, uint32_t *event)
{
	const struct rrp_call_open open = {.family = RRP_FAMILY_IPV4};
	const struct rrp_result result = {.result = 4};
	size_t frame = rrp_frame_begin(out, RRP_CALL_OPEN, number, ++*event);

	rrp_call_open_write(out, &open);
	rrp_frame_end(out, frame);
	frame = rrp_frame_begin(out, RRP_CALL_CLOSE, number, ++*event);
	rrp_call_close_write(out, &result);
	rrp_frame_end(out, frame);
}

static void test_calls_that_an_lrp_closes_at_once_count_until_pppd_is_reaped(void **state UNUSED)
{
	const struct rrp_hello hello = {.lowest = 1, .highest = 1, .name = "branch"};
	uint8_t bytes[STREAM_MAX];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	uint32_t event = 0;
	struct fixture f;
	size_t frame;

	set_up(&f, &front_tunnel);
	frame = rrp_frame_begin(&out, RRP_HELLO, 0, 0);
	rrp_hello_write(&out, &hello);
	rrp_frame_end(&out, frame);
	for (uint32_t i = 1; i <= ATTEMPTS; i++)
		put_tunnel_call(&out, i, &event);
	deliver(&f, &out);
	assert_int_equal(asked, MAX_CALLS);
	end_first(&f);
	out = wr_init(bytes, sizeof(bytes));
	put_tunnel_call(&out, ATTEMPTS + 1, &event);
	put_tunnel_call(&out, ATTEMPTS + 2, &event);
	deliver(&f, &out);
	assert_int_equal(asked, MAX_CALLS + 1);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_calls_that_a_client_clears_at_once_count_until_pppd_is_reaped),
		cmocka_unit_test(test_calls_that_an_lrp_closes_at_once_count_until_pppd_is_reaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
