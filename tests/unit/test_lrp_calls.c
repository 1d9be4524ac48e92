/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a call's three parts are joined: who is told what when one of them begins or ends. The test
 * stands in for the control connection, the tunnel and the GRE engine, and writes down what they
 * are asked to do.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lrp/calls.h"
#include "pptpd/base/log.h"

/* When the packet came whose frame is handed over. */
#define LAST_HEARD_US 7

/* As in the tunnel library, the calls are opaque to lrp. */
struct tunnel_call {
	void *owner;
	uint32_t number;
};

struct gre_call {
	struct gre_call_settings settings;
	gre_call_frame *frame;
	void *context;
	struct gre_window_counters counters;
};

static struct {
	char trace[2048]; /* what was asked, one line each */
	bool up;
	bool gre_fails;
	bool open_fails;
	struct tunnel_call tunnel_calls[4];
	unsigned opened;
	struct tunnel_call_request request;
	struct gre_call *gre;
} fake;

static void trace(const char *format, ...) PRINTF_LIKE(1, 2);

static void trace(const char *format, ...)
{
	size_t used = strlen(fake.trace);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(fake.trace + used, sizeof(fake.trace) - used, format, args);
	va_end(args);
}

static void assert_trace(const char *expected)
{
	assert_string_equal(fake.trace, expected);
	fake.trace[0] = '\0';
}

bool upstream_is_up(const struct upstream *upstream UNUSED)
{
	return fake.up;
}

const char *upstream_text(const struct upstream *upstream UNUSED)
{
	return "SERVER (203.0.113.10:4723)";
}

struct tunnel_call *upstream_open_call(struct upstream *upstream UNUSED,
				       const struct tunnel_call_request *request, void *owner)
{
	struct tunnel_call *call = &fake.tunnel_calls[fake.opened];

	if (fake.open_fails)
		return NULL;
	fake.request = *request;
	*call = (struct tunnel_call){.owner = owner, .number = ++fake.opened};
	trace("open %u\n", call->number);
	return call;
}

void tunnel_call_close(struct tunnel_call *call, uint8_t result, uint8_t error)
{
	trace("close %u with %u/%u\n", call->number, result, error);
}

void tunnel_call_link_info(struct tunnel_call *call, uint32_t send_accm, uint32_t receive_accm)
{
	trace("link info %u: %x %x\n", call->number, send_accm, receive_accm);
}

void tunnel_call_send(struct tunnel_call *call, const uint8_t *frame, size_t len)
{
	trace("up %u: %.*s\n", call->number, (int)len, (const char *)frame);
}

void *tunnel_call_owner(const struct tunnel_call *call)
{
	return call->owner;
}

uint32_t tunnel_call_number(const struct tunnel_call *call)
{
	return call->number;
}

void ctrl_call_connect(struct ctrl_call *call, uint16_t call_id, uint32_t connect_speed,
		       uint16_t window)
{
	call->call_id = call_id;
	trace("connect client's %u: speed %u, window %u\n", call->request.call_id, connect_speed,
	      window);
}

void ctrl_call_refuse(struct ctrl_call *call, enum pptp_outgoing_result result,
		      enum pptp_error error)
{
	trace("refuse client's %u with %u/%u\n", call->request.call_id, result, error);
}

void ctrl_call_disconnect(struct ctrl_call *call, enum pptp_disconnect_result result,
			  enum pptp_error error)
{
	trace("disconnect client's %u with %u/%u\n", call->request.call_id, result, error);
}

void ctrl_conn_peer_alive(struct ctrl_conn *conn UNUSED, struct mono when)
{
	trace("alive at %d\n", (int)when.us);
}

struct gre_call *gre_call_new(struct gre_engine *engine UNUSED,
			      const struct gre_call_settings *settings, gre_call_frame *frame,
			      void *context)
{
	if (fake.gre_fails)
		return NULL;
	fake.gre = calloc(1, sizeof(*fake.gre));
	assert_non_null(fake.gre);
	*fake.gre = (struct gre_call){.settings = *settings, .frame = frame, .context = context};
	return fake.gre;
}

void gre_call_free(struct gre_call *call)
{
	if (call)
		trace("no more GRE for client's %u\n", call->settings.peer_call_id);
	free(call);
}

void gre_call_send(struct gre_call *call, const uint8_t *frame, size_t len)
{
	trace("down to client's %u: %.*s\n", call->settings.peer_call_id, (int)len,
	      (const char *)frame);
}

void gre_engine_flush(struct gre_engine *engine UNUSED)
{
	trace("flush\n");
}

bool gre_call_last_heard(const struct gre_call *call UNUSED, struct mono *ret_when)
{
	*ret_when = (struct mono){.us = LAST_HEARD_US};
	return true;
}

const struct gre_window_counters *gre_call_counters(const struct gre_call *call)
{
	return &call->counters;
}

struct fixture {
	struct call_hosts *hosts;
	struct ev_loop *loop;
	struct calls *calls;
	struct lan_source source;
	struct ctrl_call ctrl;
	unsigned stopped;
};

static void no_line(void *context UNUSED, int severity UNUSED, const char *line UNUSED)
{
}

static void on_stopped(void *context)
{
	struct fixture *f = context;

	f->stopped++;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct call_hosts *hosts = call_hosts_new();
	const struct calls_settings settings = {
		.hosts = hosts,
		.limit = 2,
		.upstream_stopped = on_stopped,
		.context = f,
	};

	log_init(no_line, NULL, false);
	memset(&fake, 0, sizeof(fake));
	fake.up = true;
	f->loop = ev_loop_new(EVFLAG_AUTO);
	f->hosts = hosts;
	f->calls = calls_new(f->loop, &settings);
	f->source.address.s_addr = htonl(0xc0a84d0b); /* 192.168.77.11 */
	rate_limit_init(&f->source.warnings, 1000, 1000, mono_now());
	rate_limit_init(&f->source.infos, 1000, 1000, mono_now());
	f->ctrl.request.call_id = 1234;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	calls_free(f->calls);
	assert_false(call_hosts_has(f->hosts, f->source.address));
	call_hosts_free(f->hosts);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

static void ask(struct fixture *f, struct ctrl_call *ctrl)
{
	calls_client_requested(f->calls, ctrl, &f->source);
}

static struct tunnel_call *connect_call(struct fixture *f)
{
	ask(f, &f->ctrl);
	calls_upstream_ops.call_accepted(f->calls, &fake.tunnel_calls[fake.opened - 1], 100000000);
	fake.trace[0] = '\0';
	return &fake.tunnel_calls[fake.opened - 1];
}

static void request_is_opened_in_the_tunnel_with_what_the_client_asked(void **state)
{
	struct fixture *f = *state;

	f->ctrl.request.serial = 7;
	f->ctrl.request.min_bps = 300;
	f->ctrl.request.max_bps = 100000000;
	f->ctrl.request.bearer = 3;
	f->ctrl.request.framing = 2;
	(void)strcpy(f->ctrl.request.phone_number, "555\x01");
	(void)strcpy(f->ctrl.request.subaddress, "9");
	ask(f, &f->ctrl);
	assert_trace("open 1\n");
	assert_int_equal(fake.request.client.s_addr, f->source.address.s_addr);
	assert_int_equal(fake.request.client_call_id, 1234);
	assert_int_equal(fake.request.serial, 7);
	assert_int_equal(fake.request.min_bps, 300);
	assert_int_equal(fake.request.max_bps, 100000000);
	assert_int_equal(fake.request.bearer, 3);
	assert_int_equal(fake.request.framing, 2);
	assert_string_equal(fake.request.phone_number, "555?");
	assert_string_equal(fake.request.subaddress, "9");
	assert_int_equal(calls_count(f->calls), 1);
}

static void accepted_call_translates_the_three_identifiers(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->ctrl);
	fake.trace[0] = '\0';
	calls_upstream_ops.call_accepted(f->calls, &fake.tunnel_calls[0], 64000);
	assert_trace("connect client's 1234: speed 64000, window 64\n");
	assert_int_equal(fake.gre->settings.peer.s_addr, f->source.address.s_addr);
	assert_int_equal(fake.gre->settings.peer_call_id, 1234);
	assert_int_not_equal(fake.gre->settings.call_id, 0);
	assert_int_equal(fake.gre->settings.call_id, f->ctrl.call_id);
}

static void frames_pass_both_ways_once_connected(void **state)
{
	struct fixture *f = *state;
	struct tunnel_call *tunnel = connect_call(f);

	fake.gre->frame(fake.gre->context, (const uint8_t *)"abc", 3);
	assert_trace("alive at 7\nup 1: abc\n");
	calls_upstream_ops.frame(f->calls, tunnel, (const uint8_t *)"de", 2);
	assert_trace("down to client's 1234: de\n");
}

static void frames_of_one_read_leave_together(void **state)
{
	struct fixture *f = *state;
	struct tunnel_call *tunnel = connect_call(f);

	calls_upstream_ops.frame(f->calls, tunnel, (const uint8_t *)"de", 2);
	calls_upstream_ops.frame(f->calls, tunnel, (const uint8_t *)"f", 1);
	calls_upstream_ops.frames_done(f->calls);
	assert_trace("down to client's 1234: de\ndown to client's 1234: f\nflush\n");
}

static void frame_before_the_call_is_connected_goes_nowhere(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->ctrl);
	fake.trace[0] = '\0';
	calls_upstream_ops.frame(f->calls, &fake.tunnel_calls[0], (const uint8_t *)"x", 1);
	assert_trace("");
}

static void equal_call_ids_of_two_clients_do_not_collide(void **state)
{
	struct fixture *f = *state;
	struct lan_source other = f->source;
	struct ctrl_call ctrl = f->ctrl;
	struct tunnel_call *first = connect_call(f);
	uint16_t first_id = f->ctrl.call_id;

	other.address.s_addr = htonl(0xc0a84d0c);
	calls_client_requested(f->calls, &ctrl, &other);
	calls_upstream_ops.call_accepted(f->calls, &fake.tunnel_calls[1], 1);
	assert_int_not_equal(ctrl.call_id, first_id);
	assert_int_equal(fake.gre->settings.peer.s_addr, other.address.s_addr);
	assert_ptr_not_equal(first->owner, fake.tunnel_calls[1].owner);
}

static void call_while_there_is_no_tunnel_is_refused_as_no_resource(void **state)
{
	struct fixture *f = *state;

	fake.up = false;
	ask(f, &f->ctrl);
	assert_trace("refuse client's 1234 with 2/4\n");
	assert_int_equal(calls_count(f->calls), 0);
}

static void call_that_the_tunnel_cannot_open_is_refused_as_no_resource(void **state)
{
	struct fixture *f = *state;

	fake.open_fails = true;
	ask(f, &f->ctrl);
	assert_trace("refuse client's 1234 with 2/4\n");
	assert_int_equal(calls_count(f->calls), 0);
}

static void call_beyond_the_limit_is_refused_as_busy(void **state)
{
	struct fixture *f = *state;
	struct ctrl_call second = {.request.call_id = 2}, third = {.request.call_id = 3};

	ask(f, &f->ctrl);
	ask(f, &second);
	fake.trace[0] = '\0';
	ask(f, &third);
	assert_trace("refuse client's 3 with 4/0\n");
	calls_client_ended(f->calls, &second);
	fake.trace[0] = '\0';
	ask(f, &third);
	assert_trace("open 3\n");
}

static void refusal_of_the_server_passes_result_and_error(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->ctrl);
	fake.trace[0] = '\0';
	calls_upstream_ops.call_refused(f->calls, &fake.tunnel_calls[0], 4, 0);
	assert_trace("refuse client's 1234 with 4/0\n");
	assert_int_equal(calls_count(f->calls), 0);
}

static void refusal_that_says_connected_is_still_a_refusal(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->ctrl);
	fake.trace[0] = '\0';
	calls_upstream_ops.call_refused(f->calls, &fake.tunnel_calls[0], 1, 0);
	assert_trace("refuse client's 1234 with 2/6\n");
}

static void close_by_the_server_disconnects_the_client(void **state)
{
	struct fixture *f = *state;
	struct tunnel_call *tunnel = connect_call(f);

	calls_upstream_ops.call_closed(f->calls, tunnel, 1, 0);
	assert_trace("disconnect client's 1234 with 1/0\nno more GRE for client's 1234\n");
	assert_int_equal(calls_count(f->calls), 0);
}

static void close_before_the_call_is_connected_is_a_refusal(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->ctrl);
	fake.trace[0] = '\0';
	calls_upstream_ops.call_closed(f->calls, &fake.tunnel_calls[0], 1, 0);
	assert_trace("refuse client's 1234 with 2/4\n");
}

static void end_by_the_client_closes_the_call_in_the_tunnel(void **state)
{
	struct fixture *f = *state;

	(void)connect_call(f);
	calls_client_ended(f->calls, &f->ctrl);
	assert_trace("close 1 with 4/0\nno more GRE for client's 1234\n");
	assert_int_equal(calls_count(f->calls), 0);
}

static void end_while_stopping_is_an_administrative_shutdown(void **state)
{
	struct fixture *f = *state;

	(void)connect_call(f);
	calls_set_stopping(f->calls);
	calls_client_ended(f->calls, &f->ctrl);
	assert_trace("close 1 with 3/0\nno more GRE for client's 1234\n");
}

static void end_of_a_refused_call_does_nothing(void **state)
{
	struct fixture *f = *state;

	calls_client_ended(f->calls, &f->ctrl);
	calls_client_link_info(f->calls, &f->ctrl, 1, 2);
	assert_trace("");
}

static void link_info_goes_to_the_server(void **state)
{
	struct fixture *f = *state;

	(void)connect_call(f);
	calls_client_link_info(f->calls, &f->ctrl, 0xffffffff, 0);
	assert_trace("link info 1: ffffffff 0\n");
}

static void accepted_call_without_memory_for_gre_ends_on_both_sides(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->ctrl);
	fake.trace[0] = '\0';
	fake.gre_fails = true;
	calls_upstream_ops.call_accepted(f->calls, &fake.tunnel_calls[0], 1);
	assert_trace("close 1 with 2/4\nrefuse client's 1234 with 2/4\n");
	assert_int_equal(calls_count(f->calls), 0);
}

static void results_out_of_range_are_passed_on(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->ctrl);
	fake.trace[0] = '\0';
	calls_upstream_ops.call_refused(f->calls, &fake.tunnel_calls[0], 255, 255);
	assert_trace("refuse client's 1234 with 255/255\n");
	connect_call(f);
	calls_upstream_ops.call_closed(f->calls, &fake.tunnel_calls[1], 255, 255);
	assert_trace("disconnect client's 1234 with 255/255\nno more GRE for client's 1234\n");
}

/* Fragments of others are not kept (lrp/gre_lan.c). */
static void client_counts_as_a_host_with_calls_while_connected(void **state)
{
	struct fixture *f = *state;

	ask(f, &f->ctrl);
	assert_false(call_hosts_has(f->hosts, f->source.address));
	calls_upstream_ops.call_accepted(f->calls, &fake.tunnel_calls[fake.opened - 1], 64000);
	assert_true(call_hosts_has(f->hosts, f->source.address));
	calls_client_ended(f->calls, &f->ctrl);
	assert_false(call_hosts_has(f->hosts, f->source.address));
}

static void end_of_the_upstream_is_handed_on(void **state)
{
	struct fixture *f = *state;

	calls_upstream_ops.stopped(f->calls);
	assert_int_equal(f->stopped, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(request_is_opened_in_the_tunnel_with_what_the_client_asked),
		TEST(accepted_call_translates_the_three_identifiers),
		TEST(frames_pass_both_ways_once_connected),
		TEST(frames_of_one_read_leave_together),
		TEST(frame_before_the_call_is_connected_goes_nowhere),
		TEST(equal_call_ids_of_two_clients_do_not_collide),
		TEST(call_while_there_is_no_tunnel_is_refused_as_no_resource),
		TEST(call_that_the_tunnel_cannot_open_is_refused_as_no_resource),
		TEST(call_beyond_the_limit_is_refused_as_busy),
		TEST(refusal_of_the_server_passes_result_and_error),
		TEST(refusal_that_says_connected_is_still_a_refusal),
		TEST(close_by_the_server_disconnects_the_client),
		TEST(close_before_the_call_is_connected_is_a_refusal),
		TEST(end_by_the_client_closes_the_call_in_the_tunnel),
		TEST(end_while_stopping_is_an_administrative_shutdown),
		TEST(end_of_a_refused_call_does_nothing),
		TEST(link_info_goes_to_the_server),
		TEST(accepted_call_without_memory_for_gre_ends_on_both_sides),
		TEST(results_out_of_range_are_passed_on),
		TEST(client_counts_as_a_host_with_calls_while_connected),
		TEST(end_of_the_upstream_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
