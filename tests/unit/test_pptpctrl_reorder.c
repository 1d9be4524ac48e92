/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What counts as packets that overtake each other, and when the watch asks, looks and tells. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/manager_link.h"
#include "pptpctrl/proto/gre.h"
#include "pptpctrl/reorder_judge.h"
#include "pptpctrl/reorder_watch.h"
#include "pptpd/base/fdio.h"
#include "tests/unit/pptpd_help.h"
#include "tests/unit/unit.h"

/* The judge. */

static void judge_row(struct reorder_judge *judge, uint32_t from, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		reorder_judge_packet(judge, 5, from + i);
}

static void begin(struct reorder_judge *judge)
{
	memset(judge, 0x5a, sizeof(*judge)); /* what it was before plays no part */
	reorder_judge_begin(judge);
}

static void packets_in_order_are_not_noticeable(void **state UNUSED)
{
	struct reorder_judge judge;

	begin(&judge);
	assert_false(reorder_judge_is_noticeable(&judge));
	judge_row(&judge, 0xfffffff0u, 600); /* over the end of the numbers */
	assert_int_equal(judge.packets, 600);
	assert_int_equal(judge.late, 0);
	assert_false(reorder_judge_is_noticeable(&judge));
}

static void lost_packets_are_not_late(void **state UNUSED)
{
	struct reorder_judge judge;

	begin(&judge);
	for (uint32_t i = 0; i < 100; i++)
		reorder_judge_packet(&judge, 5, i * 7);
	reorder_judge_packet(&judge, 5, 100000);
	assert_int_equal(judge.late, 0);
}

static void packets_that_come_twice_are_not_late(void **state UNUSED)
{
	struct reorder_judge judge;

	begin(&judge);
	judge_row(&judge, 0, 200);
	judge_row(&judge, 0, 200);
	reorder_judge_packet(&judge, 5, 199);
	assert_int_equal(judge.packets, 401);
	assert_int_equal(judge.late, 0);
}

static void a_packet_that_was_overtaken_is_late_once(void **state UNUSED)
{
	struct reorder_judge judge;

	begin(&judge);
	reorder_judge_packet(&judge, 5, 10);
	reorder_judge_packet(&judge, 5, 12);
	reorder_judge_packet(&judge, 5, 11);
	assert_int_equal(judge.late, 1);
	reorder_judge_packet(&judge, 5, 11);
	assert_int_equal(judge.late, 1);
	reorder_judge_packet(&judge, 5, 9); /* before the first that was seen */
	assert_int_equal(judge.late, 2);
}

static void what_is_too_far_behind_is_nothing(void **state UNUSED)
{
	struct reorder_judge judge;

	begin(&judge);
	reorder_judge_packet(&judge, 5, 1000);
	reorder_judge_packet(&judge, 5, 1000 - REORDER_JUDGE_WINDOW);
	assert_int_equal(judge.late, 0);
	reorder_judge_packet(&judge, 5, 1001 - REORDER_JUDGE_WINDOW);
	assert_int_equal(judge.late, 1);
}

/* The place of a number is another's later. */
static void the_window_moves_on(void **state UNUSED)
{
	struct reorder_judge judge;

	begin(&judge);
	judge_row(&judge, 0, 100);
	reorder_judge_packet(&judge, 5, 100 + REORDER_JUDGE_WINDOW / 2);
	reorder_judge_packet(&judge, 5, 60 + REORDER_JUDGE_WINDOW);
	reorder_judge_packet(&judge, 5, 50 + REORDER_JUDGE_WINDOW);
	assert_int_equal(judge.late, 1);
	reorder_judge_packet(&judge, 5, 100000);
	reorder_judge_packet(&judge, 5, 99999);
	assert_int_equal(judge.late, 2);
}

static void calls_have_their_own_numbers(void **state UNUSED)
{
	struct reorder_judge judge;

	begin(&judge);
	for (uint32_t i = 0; i < 200; i++) {
		reorder_judge_packet(&judge, 5, 1000 + i);
		reorder_judge_packet(&judge, 6, i);
	}
	assert_int_equal(judge.packets, 400);
	assert_int_equal(judge.late, 0);
}

static void calls_beyond_the_table_are_not_looked_at(void **state UNUSED)
{
	struct reorder_judge judge;

	begin(&judge);
	for (uint32_t round = 10; round; round--)
		for (uint16_t id = 0; id < 2 * REORDER_JUDGE_CALLS; id++)
			reorder_judge_packet(&judge, id, round);
	assert_int_equal(judge.packets, 10 * REORDER_JUDGE_CALLS);
	assert_int_equal(judge.late, 9 * REORDER_JUDGE_CALLS);
}

/* `late` of so many packets, evenly. */
static bool is_noticeable(unsigned packets, unsigned late)
{
	struct reorder_judge judge;
	uint32_t next = 0;

	begin(&judge);
	for (unsigned i = 0; i < packets; i++) {
		bool swap = late && i + 1 < packets;

		if (!swap) {
			reorder_judge_packet(&judge, 5, next++);
			continue;
		}
		reorder_judge_packet(&judge, 5, next + 1);
		reorder_judge_packet(&judge, 5, next);
		next += 2;
		i++;
		late--;
	}
	assert_int_equal(judge.packets, packets);
	return reorder_judge_is_noticeable(&judge);
}

static void some_and_a_share_must_be_late_to_be_noticeable(void **state UNUSED)
{
	assert_false(is_noticeable(100, 3));
	assert_true(is_noticeable(100, 4));
	assert_true(is_noticeable(400, 4));
	assert_false(is_noticeable(401, 4));
	assert_true(is_noticeable(512, 6));
	assert_false(is_noticeable(512, 5));
}

/* The watch. */

static struct {
	unsigned asked, reordered;
} told;

void manager_link_open_gre(struct manager_link *link UNUSED, bool sample)
{
	assert_true(sample);
	told.asked++;
}

void manager_link_reordered(struct manager_link *link UNUSED)
{
	told.reordered++;
}

struct fixture {
	struct ev_loop *loop;
	struct reorder_watch *watch;
	int client; /* the other end of the raw socket; -1 without */
	unsigned heard;
	bool listens;
};

/* The watched call. */
#define CALL_ID 5

static bool on_heard(void *context, uint16_t call_id, struct mono now UNUSED)
{
	struct fixture *f = context;

	f->heard += call_id == CALL_ID;
	return call_id == CALL_ID;
}

static bool on_listens(void *context)
{
	const struct fixture *f = context;

	return f->listens;
}

static const struct reorder_watch_ops ops = {.heard = on_heard, .listens = on_listens};

/* Samples end only when they are full. */
static const struct reorder_watch_times long_samples = {1000., 0.01, 0.04};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	caught_begin();
	memset(&told, 0, sizeof(told));
	f->loop = ev_loop_new(EVFLAG_AUTO);
	f->watch = reorder_watch_new(f->loop, NULL, &ops, f);
	assert_non_null(f->watch);
	reorder_watch_set_times(f->watch, &long_samples);
	f->client = -1;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	reorder_watch_free(f->watch);
	ev_loop_destroy(f->loop);
	fdio_close(&f->client);
	free(f);
	return 0;
}

static void give_socket(struct fixture *f)
{
	int pair[2];

	fdio_close(&f->client);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	f->client = pair[1];
	reorder_watch_opened(f->watch, pair[0]);
}

static bool socket_is_closed(struct fixture *f)
{
	uint8_t byte;

	return read(f->client, &byte, 1) == 0;
}

/* An IP packet with `options` bytes of them, cut behind its GRE header. */
static void someone_sends(struct fixture *f, uint16_t call_id, uint32_t sequence, uint8_t options)
{
	const struct gre_header header = {.call_id = call_id,
					  .has_sequence = true,
					  .sequence = sequence,
					  .payload_len = 1400};
	uint8_t packet[60 + GRE_HEADER_MAX] = {(uint8_t)(0x45 + options / 4)};
	size_t len = gre_encode(&header, packet + 20 + options);

	assert_int_equal(write(f->client, packet, 20 + options + len), 20 + options + len);
}

static void client_sends(struct fixture *f, uint32_t sequence, uint8_t options)
{
	someone_sends(f, CALL_ID, sequence, options);
}

static void client_sends_row(struct fixture *f, uint32_t from, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		client_sends(f, from + i, i % 11 * 4);
		if (i % 16 == 15)
			run_ready(f->loop);
	}
	run_ready(f->loop);
}

static void the_first_call_asks_for_a_socket(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(told.asked, 0);
	reorder_watch_call_started(f->watch);
	reorder_watch_call_started(f->watch);
	assert_int_equal(told.asked, 1);
	give_socket(f);
	reorder_watch_call_started(f->watch);
	assert_int_equal(told.asked, 1);
	assert_false(socket_is_closed(f));
}

static void a_sample_that_is_taken_closes_the_socket_and_another_one_follows(void **state)
{
	struct fixture *f = *state;

	reorder_watch_call_started(f->watch);
	give_socket(f);
	client_sends_row(f, 0, 511);
	assert_false(socket_is_closed(f));
	assert_int_equal(f->heard, 511);
	client_sends_row(f, 511, 1);
	assert_true(socket_is_closed(f));
	assert_int_equal(told.reordered, 0);
	while (told.asked < 2)
		ev_run(f->loop, EVRUN_ONCE);
	give_socket(f);
	client_sends_row(f, 0, 256); /* the numbers before play no part */
	assert_true(socket_is_closed(f));
	assert_int_equal(told.reordered, 0);
}

static void wait_until_asked(struct fixture *f, unsigned times)
{
	while (told.asked < times)
		ev_run(f->loop, EVRUN_ONCE);
}

/* In steps of the test's rests. */
static double rest_before_asked(struct fixture *f, unsigned times)
{
	double from = ev_time();

	wait_until_asked(f, times);
	return ev_time() - from;
}

static void a_sample_of_few_packets_ends_with_time_and_the_next_one_is_later(void **state)
{
	struct fixture *f = *state;
	static const double rests[] = {0.1, 0.2, 0.4, 0.4};

	reorder_watch_set_times(f->watch, &(struct reorder_watch_times){0.01, 0.1, 0.4});
	reorder_watch_call_started(f->watch);
	for (unsigned i = 0; i < ARRAY_SIZE(rests); i++) {
		give_socket(f);
		client_sends_row(f, 0, 100);
		while (!socket_is_closed(f))
			ev_run(f->loop, EVRUN_ONCE);
		assert_int_equal(told.asked, i + 1);
		assert_true(rest_before_asked(f, i + 2) >= rests[i] * 0.8);
	}
}

static void a_full_sample_makes_the_rest_short_again(void **state)
{
	struct fixture *f = *state;

	reorder_watch_set_times(f->watch, &(struct reorder_watch_times){1000., 0.01, 1000.});
	reorder_watch_call_started(f->watch);
	for (unsigned i = 1; i < 6; i++) {
		reorder_watch_opened(f->watch, -1);
		wait_until_asked(f, i + 1);
	}
	give_socket(f);
	client_sends_row(f, 0, 256);
	assert_true(socket_is_closed(f));
	reorder_watch_set_times(f->watch, &(struct reorder_watch_times){1000., 1000., 1000.});
	wait_until_asked(f, 7);
}

static void a_new_call_does_not_wait_for_a_rest_that_has_grown(void **state)
{
	struct fixture *f = *state;

	reorder_watch_set_times(f->watch, &(struct reorder_watch_times){1000., 1000., 1000.});
	reorder_watch_call_started(f->watch);
	reorder_watch_opened(f->watch, -1);
	reorder_watch_set_times(f->watch, &long_samples);
	reorder_watch_call_started(f->watch);
	wait_until_asked(f, 2);
}

/* Whoever can send from the client's address knows the call IDs hardly ever. */
static void packets_of_calls_that_are_not_watched_count_for_nothing(void **state)
{
	struct fixture *f = *state;

	reorder_watch_call_started(f->watch);
	give_socket(f);
	for (uint32_t i = 0; i < 1024; i++) {
		someone_sends(f, (uint16_t)(1000 + i), i, 0);
		someone_sends(f, 6, i ^ 1, 0);
		run_ready(f->loop);
	}
	assert_int_equal(told.reordered, 0);
	assert_int_equal(f->heard, 0);
	assert_false(socket_is_closed(f));
	for (uint32_t i = 0; i < 16; i++)
		client_sends(f, i ^ 1, 0);
	run_ready(f->loop);
	assert_int_equal(told.reordered, 1);
}

static void a_mute_connection_is_listened_for_at_once(void **state)
{
	struct fixture *f = *state;

	reorder_watch_listen(f->watch, 1000.);
	assert_int_equal(told.asked, 0); /* no call */
	reorder_watch_set_times(f->watch, &(struct reorder_watch_times){0.01, 1000., 1000.});
	reorder_watch_call_started(f->watch);
	give_socket(f);
	while (!socket_is_closed(f))
		ev_run(f->loop, EVRUN_ONCE);
	assert_int_equal(told.asked, 1);
	reorder_watch_listen(f->watch, 1000.);
	assert_int_equal(told.asked, 2);
}

static void the_sample_lasts_until_the_sign_of_life_has_come(void **state)
{
	struct fixture *f = *state;

	reorder_watch_set_times(f->watch, &(struct reorder_watch_times){0.01, 1000., 1000.});
	reorder_watch_call_started(f->watch);
	f->listens = true;
	reorder_watch_listen(f->watch, 1000.);
	give_socket(f);
	client_sends_row(f, 0, 600); /* of another call of the same client */
	(void)usleep(30000);
	run_ready(f->loop);
	assert_false(socket_is_closed(f));
	f->listens = false;
	client_sends(f, 600, 0);
	run_ready(f->loop);
	assert_true(socket_is_closed(f));
}

static void a_sign_of_life_that_does_not_come_is_not_waited_for_longer(void **state)
{
	struct fixture *f = *state;

	reorder_watch_call_started(f->watch);
	give_socket(f);
	f->listens = true;
	reorder_watch_listen(f->watch, 0.01);
	while (!socket_is_closed(f))
		ev_run(f->loop, EVRUN_ONCE);
	wait_until_asked(f, 2); /* as after any sample */
}

static void reordering_is_told_once(void **state)
{
	struct fixture *f = *state;

	reorder_watch_call_started(f->watch);
	give_socket(f);
	client_sends_row(f, 0, 64);
	for (uint32_t i = 100; i < 120; i += 2) {
		client_sends(f, i + 1, 0);
		client_sends(f, i, 0);
		run_ready(f->loop);
	}
	assert_int_equal(told.reordered, 1);
	assert_false(socket_is_closed(f)); /* there is life to be seen, too */
	/* The manager has given another call to the kernel all the same. */
	reorder_watch_call_started(f->watch);
	client_sends(f, 120, 0);
	run_ready(f->loop);
	assert_int_equal(told.reordered, 2);
}

static void an_acknowledgement_alone_is_a_sign_of_life(void **state)
{
	struct fixture *f = *state;
	const struct gre_header header = {.call_id = 5, .has_ack = true};
	uint8_t packet[20 + GRE_HEADER_MAX] = {0x45};
	size_t len = 20 + gre_encode(&header, packet + 20);

	reorder_watch_call_started(f->watch);
	give_socket(f);
	assert_int_equal(write(f->client, packet, len), len);
	run_ready(f->loop);
	assert_int_equal(f->heard, 1);
}

static void the_last_call_takes_the_socket_with_it(void **state)
{
	struct fixture *f = *state;

	reorder_watch_call_started(f->watch);
	reorder_watch_call_started(f->watch);
	give_socket(f);
	reorder_watch_call_over(f->watch);
	assert_false(socket_is_closed(f));
	reorder_watch_call_over(f->watch);
	assert_true(socket_is_closed(f));
	reorder_watch_call_started(f->watch);
	assert_int_equal(told.asked, 2);
}

static void a_socket_that_comes_too_late_is_closed(void **state)
{
	struct fixture *f = *state;

	reorder_watch_call_started(f->watch);
	reorder_watch_call_over(f->watch);
	give_socket(f);
	assert_true(socket_is_closed(f));
	reorder_watch_call_started(f->watch);
	assert_int_equal(told.asked, 2);
	/* And one that is wanted again meanwhile is not. */
	reorder_watch_call_over(f->watch);
	reorder_watch_call_started(f->watch);
	assert_int_equal(told.asked, 2);
	give_socket(f);
	assert_false(socket_is_closed(f));
}

static void a_socket_that_is_refused_is_asked_for_again(void **state)
{
	struct fixture *f = *state;

	reorder_watch_call_started(f->watch);
	for (unsigned i = 1; i < 4; i++) {
		reorder_watch_opened(f->watch, -1);
		assert_int_equal(told.asked, i);
		wait_until_asked(f, i + 1);
	}
	give_socket(f);
	assert_false(socket_is_closed(f));
}

static void packets_that_are_no_gre_do_not_hurt(void **state)
{
	struct fixture *f = *state;
	static const uint8_t packets[][30] = {
		{0x45}, {0x40}, {0x00}, {0x4f}, {0x45, 0, 0, 24, 1}, {0xff, 0xff}};

	reorder_watch_call_started(f->watch);
	give_socket(f);
	for (unsigned i = 0; i < ARRAY_SIZE(packets); i++)
		for (size_t len = 1; len <= sizeof(packets[i]); len++) {
			assert_int_equal(write(f->client, packets[i], len), len);
			run_ready(f->loop);
		}
	assert_int_equal(told.reordered, 0);
	assert_false(socket_is_closed(f));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_in_order_are_not_noticeable),
		cmocka_unit_test(lost_packets_are_not_late),
		cmocka_unit_test(packets_that_come_twice_are_not_late),
		cmocka_unit_test(a_packet_that_was_overtaken_is_late_once),
		cmocka_unit_test(what_is_too_far_behind_is_nothing),
		cmocka_unit_test(the_window_moves_on),
		cmocka_unit_test(calls_have_their_own_numbers),
		cmocka_unit_test(calls_beyond_the_table_are_not_looked_at),
		cmocka_unit_test(some_and_a_share_must_be_late_to_be_noticeable),
		TEST(the_first_call_asks_for_a_socket),
		TEST(a_sample_that_is_taken_closes_the_socket_and_another_one_follows),
		TEST(a_sample_of_few_packets_ends_with_time_and_the_next_one_is_later),
		TEST(a_full_sample_makes_the_rest_short_again),
		TEST(a_new_call_does_not_wait_for_a_rest_that_has_grown),
		TEST(packets_of_calls_that_are_not_watched_count_for_nothing),
		TEST(a_mute_connection_is_listened_for_at_once),
		TEST(the_sample_lasts_until_the_sign_of_life_has_come),
		TEST(a_sign_of_life_that_does_not_come_is_not_waited_for_longer),
		TEST(reordering_is_told_once),
		TEST(an_acknowledgement_alone_is_a_sign_of_life),
		TEST(the_last_call_takes_the_socket_with_it),
		TEST(a_socket_that_comes_too_late_is_closed),
		TEST(a_socket_that_is_refused_is_asked_for_again),
		TEST(packets_that_are_no_gre_do_not_hurt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
