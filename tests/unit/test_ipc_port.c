/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One end of the socket pair in a loop: order, descriptors, and how it ends. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/ipc_port.h"
#include "tests/unit/pptpd_help.h"

struct fixture {
	struct ev_loop *loop;
	struct ipc_port *port; /* the manager's end */
	int peer;
	unsigned descriptors; /* open before the test */
	unsigned received;
	uint32_t order[64]; /* the first requests that were received */
	unsigned closed;
	int error;
	bool reply; /* to each message */
};

static void on_message(void *context, const union ipc_message *message, int fd)
{
	struct fixture *f = context;

	if (f->received < ARRAY_SIZE(f->order))
		f->order[f->received] = message->call_start.request;
	f->received++;
	if (fd >= 0)
		(void)close(fd);
	if (f->reply) {
		const struct ipc_stop answer = {.type = IPC_STOP};

		ipc_port_send(f->port, &answer, -1);
	}
}

static void on_closed(void *context, int error)
{
	struct fixture *f = context;

	f->closed++;
	f->error = error;
}

static const struct ipc_port_ops ops = {.message = on_message, .closed = on_closed};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int pair[2];

	f->loop = ev_loop_new(EVFLAG_AUTO);
	run_ready(f->loop);
	f->descriptors = open_descriptors();
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	f->peer = pair[1];
	f->port = ipc_port_new(f->loop, pair[0], IPC_FROM_PPTPCTRL, &ops, f);
	*state = f;
	return 0;
}

/* Whatever a test did, nothing may be left open. */
static int tear_down(void **state)
{
	struct fixture *f = *state;

	ipc_port_free(f->port);
	if (f->peer >= 0)
		(void)close(f->peer);
	assert_int_equal(open_descriptors(), f->descriptors);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

static void send_refusal(struct fixture *f, uint32_t number)
{
	const struct ipc_call_refused message = {.type = IPC_CALL_REFUSED, .request = number};

	ipc_port_send(f->port, &message, -1);
}

/* The number of the next message that the peer finds, -1 for none. */
static int64_t peer_takes(struct fixture *f)
{
	union ipc_message message;
	int fd = -1;

	if (ipc_receive(f->peer, IPC_FROM_MANAGER, &message, &fd) != 1)
		return -1;
	if (fd >= 0)
		(void)close(fd);
	return message.call_refused.request;
}

static void peer_sends(struct fixture *f, uint32_t number)
{
	const struct ipc_call_start message = {.type = IPC_CALL_START, .request = number};

	assert_int_equal(ipc_send(f->peer, &message, -1), 0);
}

static void peer_goes(struct fixture *f)
{
	(void)close(f->peer);
	f->peer = -1;
}

static void message_is_sent_at_once(void **state)
{
	struct fixture *f = *state;

	send_refusal(f, 1);
	assert_int_equal(ipc_port_waiting(f->port), 0);
	assert_int_equal(peer_takes(f), 1);
}

static void messages_are_received_in_order(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 50; i++)
		peer_sends(f, i);
	run_ready(f->loop);
	assert_int_equal(f->received, 50);
	for (uint32_t i = 0; i < 50; i++)
		assert_int_equal(f->order[i], i);
}

static void order_is_kept_when_the_socket_is_full(void **state)
{
	enum {
		COUNT = 3000
	};
	struct fixture *f = *state;
	int64_t wanted = 0;

	for (uint32_t i = 0; i < COUNT; i++)
		send_refusal(f, i);
	assert_int_not_equal(ipc_port_waiting(f->port), 0);
	while (wanted < COUNT) {
		int64_t got = peer_takes(f);

		if (got < 0)
			run_ready(f->loop);
		else
			assert_int_equal(got, wanted++);
	}
	assert_int_equal(ipc_port_waiting(f->port), 0);
	assert_int_equal(peer_takes(f), -1);
	assert_int_equal(f->closed, 0);
}

static void on_idle_loop(struct ev_loop *loop, struct ev_timer *timer UNUSED, int events UNUSED)
{
	ev_break(loop, EVBREAK_ALL);
}

static void sent_messages_do_not_keep_the_loop_busy(void **state)
{
	struct fixture *f = *state;
	struct ev_timer timer;
	unsigned before;

	while (ipc_port_waiting(f->port) == 0)
		send_refusal(f, 1);
	while (peer_takes(f) >= 0)
		continue;
	run_ready(f->loop);
	assert_int_equal(ipc_port_waiting(f->port), 0);
	ev_timer_init(&timer, on_idle_loop, 0.05, 0.);
	ev_timer_start(f->loop, &timer);
	before = ev_iteration(f->loop);
	ev_run(f->loop, 0);
	assert_true(ev_iteration(f->loop) - before < 10);
}

static void descriptors_are_delivered_also_after_waiting(void **state)
{
	enum {
		COUNT = 100
	};
	struct fixture *f = *state;
	const struct ipc_connection message = {.type = IPC_CONNECTION};
	unsigned with_descriptor = 0;
	int pipe_ends[2];
	char byte = 0;

	while (ipc_port_waiting(f->port) == 0)
		send_refusal(f, 1);
	assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
	for (int i = 0; i < COUNT; i++)
		ipc_port_send(f->port, &message, pipe_ends[1]);
	(void)close(pipe_ends[1]); /* the port has copies */
	for (int i = 0; i < 10000 && with_descriptor < COUNT; i++) {
		union ipc_message got;
		int fd = -1, result = ipc_receive(f->peer, IPC_FROM_MANAGER, &got, &fd);

		if (result == -EAGAIN)
			run_ready(f->loop);
		if (fd < 0)
			continue;
		with_descriptor++;
		assert_int_equal(write(fd, "x", 1), 1);
		assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
		(void)close(fd);
	}
	assert_int_equal(with_descriptor, COUNT);
	assert_int_equal(read(pipe_ends[0], &byte, 1), 0); /* no copy is left */
	(void)close(pipe_ends[0]);
}

static void freeing_closes_waiting_descriptors(void **state)
{
	struct fixture *f = *state;
	const struct ipc_connection message = {.type = IPC_CONNECTION};

	while (ipc_port_waiting(f->port) < 50)
		ipc_port_send(f->port, &message, STDIN_FILENO);
	ipc_port_free(f->port); /* tear_down counts */
	f->port = NULL;
}

static void gone_peer_is_told_once_with_error_zero(void **state)
{
	struct fixture *f = *state;

	peer_goes(f);
	run_ready(f->loop);
	assert_int_equal(f->closed, 1);
	assert_int_equal(f->error, 0);
	send_refusal(f, 1);
	run_ready(f->loop);
	assert_int_equal(f->closed, 1);
}

static void last_messages_of_a_gone_peer_arrive_before_its_end(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 50; i++)
		peer_sends(f, i);
	peer_goes(f);
	run_ready(f->loop);
	assert_int_equal(f->received, 50);
	assert_int_equal(f->closed, 1);
	assert_int_equal(f->error, 0);
}

static void they_arrive_also_if_it_left_ours_unread(void **state)
{
	struct fixture *f = *state;

	send_refusal(f, 1);
	for (uint32_t i = 0; i < 50; i++)
		peer_sends(f, i);
	peer_goes(f);
	run_ready(f->loop);
	assert_int_equal(f->received, 50);
	assert_int_equal(f->closed, 1);
	assert_int_equal(f->error, 0);
}

static void they_arrive_also_if_we_send_meanwhile(void **state)
{
	struct fixture *f = *state;

	f->reply = true;
	for (uint32_t i = 0; i < 50; i++)
		peer_sends(f, i);
	peer_goes(f);
	send_refusal(f, 1);
	run_ready(f->loop);
	assert_int_equal(f->received, 50);
	assert_int_equal(f->closed, 1);
	assert_int_equal(f->error, 0);
}

static void waiting_messages_for_a_gone_peer_are_dropped(void **state)
{
	struct fixture *f = *state;

	while (ipc_port_waiting(f->port) < 10)
		send_refusal(f, 1);
	peer_sends(f, 7);
	peer_goes(f);
	run_ready(f->loop);
	assert_int_equal(ipc_port_waiting(f->port), 0);
	assert_int_equal(f->received, 1);
	assert_int_equal(f->closed, 1);
	assert_int_equal(f->error, 0);
}

static void malformed_message_closes_with_eproto(void **state)
{
	struct fixture *f = *state;

	peer_sends(f, 1);
	assert_int_equal(send(f->peer, "abc", 3, 0), 3);
	peer_sends(f, 2);
	run_ready(f->loop);
	assert_int_equal(f->received, 1);
	assert_int_equal(f->closed, 1);
	assert_int_equal(f->error, -EPROTO);
}

static void message_of_the_managers_own_closes_with_eproto(void **state)
{
	struct fixture *f = *state;
	const struct ipc_stop message = {.type = IPC_STOP};

	assert_int_equal(ipc_send(f->peer, &message, -1), 0);
	run_ready(f->loop);
	assert_int_equal(f->received, 0);
	assert_int_equal(f->error, -EPROTO);
}

static void peer_that_never_reads_closes_with_enobufs(void **state)
{
	struct fixture *f = *state;
	const struct ipc_stop message = {.type = IPC_STOP};

	for (int i = 0; i < 20000; i++)
		ipc_port_send(f->port, &message, -1);
	assert_int_equal(f->closed, 0); /* never from within send */
	run_ready(f->loop);
	assert_int_equal(f->closed, 1);
	assert_int_equal(f->error, -ENOBUFS);
	assert_int_equal(ipc_port_waiting(f->port), 0);
}

static void busy_peer_gets_a_batch_at_a_time(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 100; i++)
		peer_sends(f, i);
	ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(f->received, 32);
	run_ready(f->loop);
	assert_int_equal(f->received, 100);
}

static void draining_takes_all_at_once_and_tells_no_end(void **state)
{
	struct fixture *f = *state;

	send_refusal(f, 1);
	for (uint32_t i = 0; i < 100; i++)
		peer_sends(f, i);
	peer_goes(f);
	assert_int_equal(ipc_port_drain(f->port), 0);
	assert_int_equal(f->received, 100);
	assert_int_equal(f->closed, 0);
}

static void draining_does_not_wait(void **state)
{
	struct fixture *f = *state;

	peer_sends(f, 1);
	assert_int_equal(ipc_port_drain(f->port), 0);
	assert_int_equal(f->received, 1);
	assert_int_equal(f->closed, 0);
}

static void draining_tells_an_error_that_was_not_told_yet(void **state)
{
	struct fixture *f = *state;

	peer_sends(f, 1);
	assert_int_equal(send(f->peer, "abc", 3, 0), 3);
	assert_int_equal(ipc_port_drain(f->port), -EPROTO);
	assert_int_equal(f->received, 1);
	assert_int_equal(ipc_port_drain(f->port), -EPROTO);
	run_ready(f->loop);
	assert_int_equal(f->closed, 1);
	assert_int_equal(ipc_port_drain(f->port), 0); /* told */
}

static void freeing_accepts_null(void **state UNUSED)
{
	ipc_port_free(NULL);
}

#define PORT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PORT_TEST(message_is_sent_at_once),
		PORT_TEST(messages_are_received_in_order),
		PORT_TEST(order_is_kept_when_the_socket_is_full),
		PORT_TEST(sent_messages_do_not_keep_the_loop_busy),
		PORT_TEST(descriptors_are_delivered_also_after_waiting),
		PORT_TEST(freeing_closes_waiting_descriptors),
		PORT_TEST(gone_peer_is_told_once_with_error_zero),
		PORT_TEST(last_messages_of_a_gone_peer_arrive_before_its_end),
		PORT_TEST(they_arrive_also_if_it_left_ours_unread),
		PORT_TEST(they_arrive_also_if_we_send_meanwhile),
		PORT_TEST(waiting_messages_for_a_gone_peer_are_dropped),
		PORT_TEST(malformed_message_closes_with_eproto),
		PORT_TEST(message_of_the_managers_own_closes_with_eproto),
		PORT_TEST(peer_that_never_reads_closes_with_enobufs),
		PORT_TEST(busy_peer_gets_a_batch_at_a_time),
		PORT_TEST(draining_takes_all_at_once_and_tells_no_end),
		PORT_TEST(draining_does_not_wait),
		PORT_TEST(draining_tells_an_error_that_was_not_told_yet),
		cmocka_unit_test(freeing_accepts_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
