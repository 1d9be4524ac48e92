/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which control connections the LAN side takes, pushes out and ends. Real connections over the
 * loopback, where every 127.x.y.z is a host of its own; the test stands in for what serves them.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lrp/lan.h"
#include "pptpd/base/address.h"
#include "pptpd/base/log.h"

#define CONNS_MAX 256

struct ctrl_conn {
	int fd;
	const struct ctrl_conn_ops *ops;
	void *context;
	bool stopped;
	unsigned calls;
	bool freed; /* the object itself lives until the test's end */
};

static struct {
	struct ctrl_conn conns[CONNS_MAX]; /* in the order of their acceptance */
	unsigned count;
	bool calls_stopping;
} fake;

struct ctrl_conn *ctrl_conn_new(struct ev_loop *loop UNUSED, int fd,
				const struct ctrl_conn_settings *settings UNUSED,
				const struct ctrl_conn_ops *ops, void *context)
{
	struct ctrl_conn *conn = &fake.conns[fake.count++];

	*conn = (struct ctrl_conn){.fd = fd, .ops = ops, .context = context};
	return conn;
}

void ctrl_conn_free(struct ctrl_conn *conn)
{
	if (!conn->freed)
		(void)close(conn->fd);
	conn->freed = true;
}

void ctrl_conn_stop(struct ctrl_conn *conn, enum pptp_stop_reason reason UNUSED)
{
	conn->stopped = true;
}

unsigned ctrl_conn_calls(const struct ctrl_conn *conn)
{
	return conn->calls;
}

void calls_client_requested(struct calls *calls UNUSED, struct ctrl_call *ctrl UNUSED,
			    struct lan_source *source UNUSED)
{
}

void calls_client_ended(struct calls *calls UNUSED, struct ctrl_call *ctrl UNUSED)
{
}

void calls_client_link_info(struct calls *calls UNUSED, struct ctrl_call *ctrl UNUSED,
			    uint32_t send_accm UNUSED, uint32_t receive_accm UNUSED)
{
}

void calls_set_stopping(struct calls *calls UNUSED)
{
	fake.calls_stopping = true;
}

struct fixture {
	struct ev_loop *loop;
	struct lan *lan;
	struct address address; /* the listener's */
	int clients[CONNS_MAX];
	unsigned client_count;
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

static int set_up_with(void **state, double look_every_s)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct lan_settings settings = {
		.connections = 1,
		.look_every_s = look_every_s,
		.stopped = on_stopped,
		.context = f,
	};
	struct in_addr loopback = {htonl(INADDR_LOOPBACK)};

	log_init(no_line, NULL, false);
	memset(&fake, 0, sizeof(fake));
	f->loop = ev_loop_new(EVFLAG_AUTO);
	f->address = address_from_in(loopback, 0);
	settings.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(settings.listener, &f->address.sa, f->address.len), 0);
	assert_int_equal(listen(settings.listener, 128), 0);
	assert_int_equal(getsockname(settings.listener, &f->address.sa, &f->address.len), 0);
	f->lan = lan_new(f->loop, &settings, NULL);
	assert_non_null(f->lan);
	*state = f;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, LAN_LOOK_EVERY_S);
}

static int set_up_impatient(void **state)
{
	return set_up_with(state, 0.01);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	lan_free(f->lan);
	for (unsigned i = 0; i < fake.count; i++)
		assert_true(fake.conns[i].freed);
	for (unsigned i = 0; i < f->client_count; i++)
		(void)close(f->clients[i]);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

/* A connection from 127.0.1.`host`; NULL if it was refused. */
static struct ctrl_conn *connect_from(struct fixture *f, uint8_t host)
{
	struct in_addr in = {htonl(0x7f000100 + host)};
	struct address from = address_from_in(in, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned before = fake.count;

	f->clients[f->client_count++] = fd;
	assert_int_equal(bind(fd, &from.sa, from.len), 0);
	assert_int_equal(connect(fd, &f->address.sa, f->address.len), 0);
	ev_run(f->loop, EVRUN_ONCE);
	return fake.count > before ? &fake.conns[before] : NULL;
}

static void start(struct ctrl_conn *conn)
{
	conn->ops->notice(conn->context, CTRL_NOTICE_START, "started");
}

static void end(struct ctrl_conn *conn)
{
	conn->ops->closed(conn->context);
}

static void silent_host_pushes_out_its_own_oldest_connection(void **state)
{
	struct fixture *f = *state;
	struct ctrl_conn *good = connect_from(f, 1);
	struct ctrl_conn *first = connect_from(f, 2);
	struct ctrl_conn *second = connect_from(f, 2);

	for (int i = 2; i < LAN_HALF_OPEN_PER_SOURCE_MAX; i++)
		assert_non_null(connect_from(f, 2));
	assert_false(first->freed);
	assert_non_null(connect_from(f, 2));
	assert_true(first->freed);
	assert_false(second->freed);
	assert_false(good->freed);
}

static void many_silent_hosts_push_out_the_oldest_of_all(void **state)
{
	struct fixture *f = *state;
	struct ctrl_conn *first = connect_from(f, 1);
	struct ctrl_conn *second = connect_from(f, 2);

	for (uint8_t i = 2; i < LAN_HALF_OPEN_MIN; i++)
		assert_non_null(connect_from(f, (uint8_t)(i + 1)));
	assert_false(first->freed);
	assert_non_null(connect_from(f, 200));
	assert_true(first->freed);
	assert_false(second->freed);
}

static void started_connection_is_never_pushed_out(void **state)
{
	struct fixture *f = *state;
	struct ctrl_conn *good = connect_from(f, 1);

	start(good);
	for (int i = 0; i < 3 * LAN_HALF_OPEN_PER_SOURCE_MAX; i++)
		assert_non_null(connect_from(f, 1));
	assert_false(good->freed);
}

/* It keeps none of them; another host is served as before. */
static void host_that_comes_and_goes_too_fast_is_refused(void **state)
{
	struct fixture *f = *state;
	bool refused = false;

	for (int i = 0; i < LAN_SOURCE_CONNECTS + 32 && !refused; i++) {
		struct ctrl_conn *conn = connect_from(f, 7);

		refused = !conn;
		if (conn)
			end(conn);
	}
	assert_true(refused);
	assert_non_null(connect_from(f, 8));
}

static void host_has_a_limit_of_connections(void **state)
{
	struct fixture *f = *state;
	struct ctrl_conn *last = NULL;

	for (int i = 0; i < LAN_CONNECTIONS_PER_SOURCE_MAX; i++) {
		last = connect_from(f, 1);
		assert_non_null(last);
		start(last);
	}
	assert_null(connect_from(f, 1));
	assert_non_null(connect_from(f, 2));
	end(last);
	assert_non_null(connect_from(f, 1));
}

static void all_hosts_together_have_a_limit(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 1 + LAN_HALF_OPEN_MIN + LAN_CONNECTIONS_SPARE; i++) {
		struct ctrl_conn *conn = connect_from(f, (uint8_t)(1 + i / 4));

		assert_non_null(conn);
		start(conn);
	}
	assert_null(connect_from(f, 200));
}

static void stop_ends_started_connections_in_order_and_drops_the_others(void **state)
{
	struct fixture *f = *state;
	struct ctrl_conn *silent = connect_from(f, 1);
	struct ctrl_conn *started = connect_from(f, 1);

	start(started);
	assert_false(lan_stop(f->lan));
	assert_true(fake.calls_stopping);
	assert_true(silent->freed);
	assert_true(started->stopped);
	assert_false(started->freed);
	assert_int_equal(f->stopped, 0);
	end(started);
	assert_int_equal(f->stopped, 1);
}

static void stop_without_connections_is_done_at_once(void **state)
{
	struct fixture *f = *state;

	(void)connect_from(f, 1);
	assert_true(lan_stop(f->lan));
	assert_int_equal(f->stopped, 0);
}

/* Whatever else wakes the loop. */
static struct ctrl_conn *connect_and_start(struct fixture *f, uint8_t host)
{
	struct ctrl_conn *conn = &fake.conns[fake.count];

	(void)connect_from(f, host);
	while (!conn->ops)
		ev_run(f->loop, EVRUN_ONCE);
	start(conn);
	return conn;
}

static void started_connection_that_never_calls_is_ended(void **state)
{
	struct fixture *f = *state;
	struct ctrl_conn *in_a_call = connect_and_start(f, 1);
	struct ctrl_conn *calling = connect_and_start(f, 1);
	struct ctrl_conn *idle = connect_and_start(f, 2);
	struct ctrl_call call = {0};

	in_a_call->calls = 1;
	while (!idle->stopped) {
		calling->ops->call_requested(calling->context, &call);
		ev_run(f->loop, EVRUN_ONCE);
	}
	assert_false(in_a_call->stopped);
	assert_false(calling->stopped);
	in_a_call->calls = 0;
	while (!in_a_call->stopped || !calling->stopped)
		ev_run(f->loop, EVRUN_ONCE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(silent_host_pushes_out_its_own_oldest_connection),
		TEST(many_silent_hosts_push_out_the_oldest_of_all),
		TEST(started_connection_is_never_pushed_out),
		TEST(host_that_comes_and_goes_too_fast_is_refused),
		TEST(host_has_a_limit_of_connections),
		TEST(all_hosts_together_have_a_limit),
		cmocka_unit_test_setup_teardown(started_connection_that_never_calls_is_ended,
						set_up_impatient, tear_down),
		TEST(stop_ends_started_connections_in_order_and_drops_the_others),
		TEST(stop_without_connections_is_done_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
