/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that have not spoken: who gets through, who is dropped, and that nothing is read. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/admission.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "tests/unit/pptpd_help.h"

#define PER_SOURCE 64
#define IN_TOTAL   1024

struct fixture {
	struct ev_loop *loop;
	struct admission *admission;
	int listener;
	struct sockaddr_in at;
	unsigned descriptors;
	unsigned ready;
	enum ipc_kind kind;
	struct address remote;
	struct address local;
	char first[32]; /* bytes that the callee still finds in the socket */
	ssize_t first_len;
	int copy; /* of the last one, as the process has that it was handed to */
};

static void on_ready(void *context, enum ipc_kind kind, int fd, const struct address *remote,
		     const struct address *local)
{
	struct fixture *f = context;

	f->ready++;
	f->kind = kind;
	f->remote = *remote;
	f->local = *local;
	f->first_len = recv(fd, f->first, sizeof(f->first), MSG_DONTWAIT);
	f->copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static int set_up_with(void **state, unsigned timeout_s, unsigned waiting_max)
{
	struct fixture *f = calloc(1, sizeof(*f));
	socklen_t len = sizeof(f->at);

	f->copy = -1;
	f->loop = ev_loop_new(EVFLAG_AUTO);
	f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	f->at.sin_family = AF_INET;
	f->at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(f->listener, (struct sockaddr *)&f->at, len) != 0 ||
	    listen(f->listener, 128) != 0 ||
	    getsockname(f->listener, (struct sockaddr *)&f->at, &len) != 0)
		return -1;
	run_ready(f->loop);
	f->descriptors = open_descriptors();
	f->admission = admission_new(f->loop, timeout_s, waiting_max, on_ready, f);
	caught_begin();
	*state = f;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, 600, IN_TOTAL);
}

static int set_up_impatient(void **state)
{
	return set_up_with(state, 1, IN_TOTAL);
}

static int set_up_few(void **state)
{
	return set_up_with(state, 600, 2);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	admission_free(f->admission);
	fdio_close(&f->copy);
	assert_int_equal(open_descriptors(), f->descriptors);
	(void)close(f->listener);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

static struct address address_of(uint32_t host_order, uint16_t port)
{
	return address_from_in((struct in_addr){.s_addr = htonl(host_order)}, port);
}

/* A client's end; the other waits in the room as if it came from `source`. */
static int connect_as(struct fixture *f, enum ipc_kind kind, uint32_t source)
{
	const struct address remote = address_of(source, 40000), local = address_of(0x7f000001, 1);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

	assert_int_equal(connect(client, (struct sockaddr *)&f->at, sizeof(f->at)), 0);
	fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(fd >= 0);
	admission_add(f->admission, kind, fd, &remote, &local);
	return client;
}

static void say(int client, const char *bytes)
{
	assert_int_equal(send(client, bytes, strlen(bytes), 0), strlen(bytes));
}

/* Whether the server has closed the connection. */
static bool is_dropped(int client)
{
	char byte;

	return recv(client, &byte, 1, MSG_DONTWAIT) >= 0;
}

static void loop_a_little(struct fixture *f)
{
	for (int i = 0; i < 5; i++) {
		run_ready(f->loop);
		(void)usleep(2000); /* the loopback is not always immediate */
	}
}

static void direct_client_is_ready_with_its_12th_byte(void **state)
{
	struct fixture *f = *state;
	int client = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);

	say(client, "12345678901");
	loop_a_little(f);
	assert_int_equal(f->ready, 0);
	say(client, "2");
	loop_a_little(f);
	assert_int_equal(f->ready, 1);
	assert_int_equal(f->kind, IPC_KIND_DIRECT);
	(void)close(client);
}

static void tunnel_is_ready_with_its_8th_byte(void **state)
{
	struct fixture *f = *state;
	int client = connect_as(f, IPC_KIND_TUNNEL, 0x0a000001);

	say(client, "1234567");
	loop_a_little(f);
	assert_int_equal(f->ready, 0);
	say(client, "8");
	loop_a_little(f);
	assert_int_equal(f->ready, 1);
	assert_int_equal(f->kind, IPC_KIND_TUNNEL);
	(void)close(client);
}

static void what_a_connection_says_once_handed_on_is_not_heard_here(void **state)
{
	struct fixture *f = *state;
	int client = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);

	say(client, "123456789012");
	loop_a_little(f);
	assert_int_equal(f->ready, 1);
	say(client, "123456789012");
	loop_a_little(f);
	assert_int_equal(f->ready, 1);
	(void)close(client);
}

static void all_bytes_are_still_there_for_the_callee(void **state)
{
	struct fixture *f = *state;
	int client = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);

	say(client, "first bytes of more");
	loop_a_little(f);
	assert_int_equal(f->first_len, 19);
	assert_memory_equal(f->first, "first bytes of more", 19);
	(void)close(client);
}

static void low_water_mark_is_one_again_when_ready(void **state)
{
	struct fixture *f = *state;
	const struct address any = address_of(1, 1);
	int pair[2], mark = 0;
	socklen_t len = sizeof(mark);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	admission_add(f->admission, IPC_KIND_DIRECT, dup(pair[1]), &any, &any);
	assert_int_equal(getsockopt(pair[1], SOL_SOCKET, SO_RCVLOWAT, &mark, &len), 0);
	assert_int_equal(mark, 12);
	assert_int_equal(send(pair[0], "123456789012", 12, 0), 12);
	loop_a_little(f);
	assert_int_equal(getsockopt(pair[1], SOL_SOCKET, SO_RCVLOWAT, &mark, &len), 0);
	assert_int_equal(mark, 1);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void addresses_are_passed_on(void **state)
{
	struct fixture *f = *state;
	char text[ADDRESS_TEXT_MAX];
	int client = connect_as(f, IPC_KIND_DIRECT, 0x0a000005);

	say(client, "123456789012");
	loop_a_little(f);
	assert_string_equal(address_text_port(&f->remote, text), "10.0.0.5:40000");
	assert_string_equal(address_text_port(&f->local, text), "127.0.0.1:1");
	(void)close(client);
}

static void silent_connection_is_dropped_after_the_timeout(void **state)
{
	struct fixture *f = *state;
	int client = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);
	bool dropped = false;

	for (int i = 0; i < 500 && !dropped; i++) {
		run_ready(f->loop);
		dropped = is_dropped(client);
		(void)usleep(10000);
	}
	assert_true(dropped);
	assert_int_equal(f->ready, 0);
	assert_true(caught(LOG_ERR, "MGR: dropped slow initial connection from 10.0.0.1"));
	(void)close(client);
}

static void slow_speaker_is_dropped_too(void **state)
{
	struct fixture *f = *state;
	int client = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);

	say(client, "12345678901");
	for (int i = 0; i < 500 && !caught_with("slow initial"); i++) {
		run_ready(f->loop);
		(void)usleep(10000);
	}
	assert_int_equal(f->ready, 0);
	assert_true(caught(LOG_ERR, "MGR: dropped slow initial connection from 10.0.0.1"));
	(void)close(client);
}

static void connection_that_ends_with_short_bytes_is_small(void **state)
{
	struct fixture *f = *state;
	int client = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);

	say(client, "12345678901");
	(void)shutdown(client, SHUT_WR);
	loop_a_little(f);
	assert_int_equal(f->ready, 0);
	assert_true(caught(LOG_ERR, "MGR: dropped small initial connection from 10.0.0.1"));
	(void)close(client);
}

static void connection_that_ends_without_a_word_is_not_mentioned(void **state)
{
	struct fixture *f = *state;

	(void)close(connect_as(f, IPC_KIND_DIRECT, 0x0a000001));
	loop_a_little(f);
	assert_int_equal(f->ready, 0);
	assert_int_equal(caught_with(""), 0);
	assert_false(admission_drop_oldest(f->admission)); /* none is left */
}

static void oldest_of_a_source_makes_place_for_its_newest(void **state)
{
	struct fixture *f = *state;
	int other = connect_as(f, IPC_KIND_DIRECT, 0x0a000002), clients[PER_SOURCE + 1];

	for (int i = 0; i < PER_SOURCE; i++)
		clients[i] = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);
	assert_int_equal(caught_with(""), 0);
	clients[PER_SOURCE] = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);
	loop_a_little(f);
	assert_int_equal(caught_with("one of too many, from 10.0.0.1"), 1);
	assert_true(is_dropped(clients[0]));
	assert_false(is_dropped(clients[1]));
	assert_false(is_dropped(clients[PER_SOURCE]));
	assert_false(is_dropped(other));
	for (int i = 0; i <= PER_SOURCE; i++)
		(void)close(clients[i]);
	(void)close(other);
}

static void oldest_of_all_makes_place_when_the_room_is_full(void **state)
{
	struct fixture *f = *state;
	int pair[2], kept[IN_TOTAL + 1];
	const struct address local = address_of(0x7f000001, 1);
	unsigned before = open_descriptors();

	for (uint32_t i = 0; i <= IN_TOTAL; i++) {
		const struct address remote = address_of(0x0a000000 + i, 1);

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
		kept[i] = pair[0];
		admission_add(f->admission, IPC_KIND_DIRECT, pair[1], &remote, &local);
	}
	assert_int_equal(open_descriptors(), before + 2 * IN_TOTAL + 1);
	assert_int_equal(caught_with("make place, the oldest, from 10.0.0.0"), 1);
	assert_true(is_dropped(kept[0]));
	assert_false(is_dropped(kept[1]));
	for (uint32_t i = 0; i <= IN_TOTAL; i++)
		(void)close(kept[i]);
}

static void fewer_wait_where_descriptors_are_few(void **state)
{
	struct fixture *f = *state;
	int kept[3];

	for (uint32_t i = 0; i < ARRAY_SIZE(kept); i++)
		kept[i] = connect_as(f, IPC_KIND_DIRECT, 0x0a000001 + i);
	loop_a_little(f);
	assert_true(is_dropped(kept[0]));
	assert_false(is_dropped(kept[1]));
	assert_false(is_dropped(kept[2]));
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		(void)close(kept[i]);
}

static void oldest_can_be_dropped_when_descriptors_are_short(void **state)
{
	struct fixture *f = *state;
	int a = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);
	int b = connect_as(f, IPC_KIND_DIRECT, 0x0a000002);

	assert_true(admission_drop_oldest(f->admission));
	loop_a_little(f);
	assert_true(is_dropped(a));
	assert_false(is_dropped(b));
	assert_true(admission_drop_oldest(f->admission));
	assert_false(admission_drop_oldest(f->admission));
	(void)close(a);
	(void)close(b);
}

static void lines_about_dropped_connections_are_limited(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 40; i++) {
		int client = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);

		assert_true(admission_drop_oldest(f->admission));
		(void)close(client);
	}
	assert_in_range(caught_with("dropped"), 10, 20);
}

static void freeing_drops_all_and_accepts_null(void **state)
{
	struct fixture *f = *state;
	int client = connect_as(f, IPC_KIND_DIRECT, 0x0a000001);

	admission_free(f->admission);
	f->admission = NULL;
	loop_a_little(f);
	assert_true(is_dropped(client));
	(void)close(client);
}

#define ROOM_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define IMPATIENT(test) cmocka_unit_test_setup_teardown(test, set_up_impatient, tear_down)

int main(void)
{
	const struct rlimit descriptors = {.rlim_cur = 4096, .rlim_max = 4096};
	const struct CMUnitTest tests[] = {
		ROOM_TEST(direct_client_is_ready_with_its_12th_byte),
		ROOM_TEST(tunnel_is_ready_with_its_8th_byte),
		ROOM_TEST(what_a_connection_says_once_handed_on_is_not_heard_here),
		ROOM_TEST(all_bytes_are_still_there_for_the_callee),
		ROOM_TEST(low_water_mark_is_one_again_when_ready),
		ROOM_TEST(addresses_are_passed_on),
		IMPATIENT(silent_connection_is_dropped_after_the_timeout),
		IMPATIENT(slow_speaker_is_dropped_too),
		ROOM_TEST(connection_that_ends_with_short_bytes_is_small),
		ROOM_TEST(connection_that_ends_without_a_word_is_not_mentioned),
		ROOM_TEST(oldest_of_a_source_makes_place_for_its_newest),
		ROOM_TEST(oldest_of_all_makes_place_when_the_room_is_full),
		ROOM_TEST(oldest_can_be_dropped_when_descriptors_are_short),
		cmocka_unit_test_setup_teardown(fewer_wait_where_descriptors_are_few, set_up_few,
						tear_down),
		ROOM_TEST(lines_about_dropped_connections_are_limited),
		ROOM_TEST(freeing_drops_all_and_accepts_null),
	};

	(void)setrlimit(RLIMIT_NOFILE, &descriptors);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
