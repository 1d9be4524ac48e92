/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order and acknowledgements of one call: nothing twice, nothing out of order, nothing held for
 * long, and no forged or lost packet that ends a session. Time is the tests' own.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "pptpctrl/pptp/gre_window.h"

/* More than any test that looks at single numbers delivers. */
#define TAKEN_MAX 20000

/* What the window may hold: its ring, and the packet that it does not yet believe. */
#define HELD_MAX (GRE_WINDOW_RING + 1)

/* The longest and the shortest wait for a gap, in ms, with a little more and less. */
#define LONGER_THAN_ANY_WAIT    301
#define SHORTER_THAN_ANY_WAIT   9
#define SHORTER_THAN_FIRST_WAIT 99
#define LONGER_THAN_FIRST_WAIT  101

static struct {
	struct gre_window *window;
	struct mono now;
	uint32_t again; /* arrives once more from within the next delivery, unless 0 */
	uint64_t received;
	size_t count;
	uint32_t numbers[TAKEN_MAX]; /* delivered, in order */
	uint64_t resyncs[TAKEN_MAX]; /* before each */
} test;

/* The window's copies of packets, seen through the linker's --wrap. */
static struct {
	int live;
	int peak;
	bool fail;
} memory;

void *__real_malloc(size_t size);
void __real_free(void *pointer);
void *__wrap_malloc(size_t size);
void __wrap_free(void *pointer);

void *__wrap_malloc(size_t size)
{
	if (memory.fail)
		return NULL;
	memory.live++;
	memory.peak = MAX(memory.peak, memory.live);
	return __real_malloc(size);
}

void __wrap_free(void *pointer)
{
	if (pointer)
		memory.live--;
	__real_free(pointer);
}

static void receive(uint32_t number);

static void take(void *context, const uint8_t *payload, size_t len)
{
	uint32_t number;

	assert_ptr_equal(context, &test);
	assert_true(len >= sizeof(number));
	memcpy(&number, payload, sizeof(number));
	assert_true(test.count < TAKEN_MAX);
	test.resyncs[test.count] = gre_window_counters(test.window)->resyncs;
	test.numbers[test.count++] = number;
	if (test.again) {
		number = test.again;
		test.again = 0;
		receive(number);
	}
}

static int setup(void **state UNUSED)
{
	memset(&test, 0, sizeof(test));
	memset(&memory, 0, sizeof(memory));
	test.now = (struct mono){.us = 5000000};
	test.window = gre_window_new(take, &test);
	return test.window ? 0 : -1;
}

static int teardown(void **state UNUSED)
{
	gre_window_free(test.window);
	return 0;
}

/* A fresh window, for tests with several rounds. */
static void start_again(void)
{
	teardown(NULL);
	setup(NULL);
}

static const struct gre_window_counters *counters(void)
{
	return gre_window_counters(test.window);
}

/* A payload that tells `id`, under the sequence number `number`. */
static void receive_as(uint32_t number, uint32_t id, size_t len)
{
	static uint8_t payload[65536];

	memcpy(payload, &id, sizeof(id));
	test.received++;
	gre_window_receive(test.window, number, payload, len, test.now);
}

static void receive(uint32_t number)
{
	receive_as(number, number, 100);
}

/* `count` packets, one each millisecond. */
static void receive_run(uint32_t first, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		receive(first + i);
		test.now = mono_add_ms(test.now, 1);
	}
}

/* Lets the time pass with a timer that fires when the window asked for it. */
static void sleep_ms(unsigned ms)
{
	struct mono end = mono_add_ms(test.now, ms);
	struct mono when;
	uint32_t ack;

	while (gre_window_deadline(test.window, &when) && !mono_before(end, when)) {
		if (mono_before(test.now, when))
			test.now = when;
		if (gre_window_ack_due(test.window, test.now)) {
			assert_true(gre_window_owes_ack(test.window, &ack));
			gre_window_ack_sent(test.window);
		}
		gre_window_expire(test.window, test.now);
	}
	test.now = end;
}

static uint64_t held_now(void)
{
	const struct gre_window_counters *c = counters();

	return test.received - c->delivered - c->old - c->stray - c->no_memory;
}

/* What was delivered since the last look at it. */
#define assert_taken(...)                                                      \
	do {                                                                   \
		const uint32_t expected[] = {__VA_ARGS__};                     \
                                                                               \
		assert_int_equal(test.count, ARRAY_SIZE(expected));            \
		assert_memory_equal(test.numbers, expected, sizeof(expected)); \
		test.count = 0;                                                \
	} while (0)

static void assert_nothing_taken(void)
{
	assert_int_equal(test.count, 0);
}

/* Order. */

static void first_payload_starts_the_window_whatever_its_number(void **state UNUSED)
{
	receive(4000000000u);
	receive(4000000001u);
	assert_taken(4000000000u, 4000000001u);
}

static void payloads_in_order_need_no_memory(void **state UNUSED)
{
	receive_run(0, 1000);
	assert_int_equal(test.count, 1000);
	assert_int_equal(memory.peak, 0);
}

static void filling_the_gap_delivers_what_waits_at_once(void **state UNUSED)
{
	receive(0);
	receive(3);
	receive(2);
	assert_taken(0);
	receive(1);
	assert_taken(1, 2, 3);
	assert_int_equal(memory.live, 0);
	assert_int_equal(counters()->reordered, 2);
	assert_int_equal(counters()->lost, 0);
}

static void lost_packet_holds_up_the_others_without_a_next_arrival(void **state UNUSED)
{
	receive(0);
	receive(2);
	sleep_ms(SHORTER_THAN_FIRST_WAIT);
	assert_taken(0);
	sleep_ms(2);
	assert_taken(2);
	assert_int_equal(counters()->lost, 1);
}

static void each_gap_is_waited_for_by_itself(void **state UNUSED)
{
	receive(0);
	receive(2);
	sleep_ms(50);
	receive(4);
	sleep_ms(51);
	assert_taken(0, 2);
	sleep_ms(50);
	assert_taken(4);
}

static void gaps_behind_each_other_do_not_add_their_waits(void **state UNUSED)
{
	for (uint32_t number = 0; number < 60; number += 2)
		receive(number);
	sleep_ms(LONGER_THAN_FIRST_WAIT);
	assert_int_equal(test.count, 30);
}

static void duplicate_of_a_delivered_packet_is_dropped(void **state UNUSED)
{
	receive_run(10, 3);
	receive(12);
	receive(10);
	assert_taken(10, 11, 12);
	assert_int_equal(counters()->old, 2);
}

static void duplicate_of_a_held_packet_is_dropped(void **state UNUSED)
{
	receive(0);
	receive(2);
	receive(2);
	receive(1);
	assert_taken(0, 1, 2);
	assert_int_equal(counters()->old, 1);
	assert_int_equal(counters()->reordered, 1);
}

/* Poptop delivered the second packet twice, because it takes number 1 for a new beginning. */
static void numbers_0_and_1_are_delivered_once(void **state UNUSED)
{
	receive(0);
	receive(0);
	receive(1);
	receive(1);
	receive(0);
	receive(2);
	assert_taken(0, 1, 2);
}

static void numbers_wrap_around(void **state UNUSED)
{
	receive(0xfffffffeu);
	receive(1);
	receive(0);
	receive(0xffffffffu);
	assert_taken(0xfffffffeu, 0xffffffffu, 0, 1);
	receive(0xfffffff0u);
	assert_nothing_taken();
	receive(3);
	sleep_ms(LONGER_THAN_FIRST_WAIT);
	assert_taken(3);
}

/* Poptop's queue grew by 29 MB. */
static void descending_numbers_hold_no_more_than_the_ring(void **state UNUSED)
{
	receive(0);
	for (uint32_t number = 20000; number > 0; number--) {
		receive(number);
		assert_true(memory.live <= HELD_MAX);
	}
	sleep_ms(LONGER_THAN_ANY_WAIT);
	assert_int_equal(memory.live, 0);
}

static void long_packets_hold_no_more_than_their_share_of_bytes(void **state UNUSED)
{
	receive(0);
	for (uint32_t number = 2; number < GRE_WINDOW_RING; number++)
		receive_as(number, number, 65535);
	assert_true(held_now() <= 2);
	assert_int_equal(test.numbers[1], 2);
	sleep_ms(LONGER_THAN_FIRST_WAIT);
	assert_int_equal(test.count, GRE_WINDOW_RING - 1);
}

static void making_room_for_a_long_packet_may_pass_its_own_place(void **state UNUSED)
{
	receive(0);
	receive_as(2, 2, 65535);
	receive_as(3, 3, 65000);
	receive_as(5, 5, 100);
	receive_as(1, 1, 100);
	receive_as(8, 8, 65535);
	receive_as(9, 9, 65000);
	assert_taken(0, 1, 2, 3);
	receive_as(6, 6, 65535);
	assert_taken(5, 6);
	sleep_ms(LONGER_THAN_FIRST_WAIT);
	assert_taken(8, 9);
}

static void packet_that_comes_again_within_a_delivery_is_dropped(void **state UNUSED)
{
	receive(0);
	receive_as(2, 2, 65535);
	receive_as(4, 4, 65535);
	test.again = 6;
	receive(6);
	assert_taken(0, 2);
	assert_int_equal(counters()->old, 1);
	test.again = 6;
	sleep_ms(LONGER_THAN_FIRST_WAIT);
	assert_taken(4, 6);
	assert_int_equal(counters()->old, 2);
}

static void without_memory_packets_in_order_pass(void **state UNUSED)
{
	memory.fail = true;
	receive(0);
	receive(2);
	receive(500);
	receive(1);
	receive(2);
	assert_taken(0, 1, 2);
	assert_int_equal(counters()->no_memory, 2);
}

/* Bursts of losses. */

static void loss_at_full_rate_is_given_up_when_the_ring_is_full(void **state UNUSED)
{
	receive(0);
	for (uint32_t number = 2; number <= GRE_WINDOW_RING; number++)
		receive(number);
	assert_taken(0);
	receive(GRE_WINDOW_RING + 1);
	assert_int_equal(test.count, GRE_WINDOW_RING);
	assert_int_equal(counters()->lost, 1);
	assert_int_equal(memory.live, 0);
}

static void stream_resumes_at_the_second_packet_after_a_long_loss(void **state UNUSED)
{
	for (uint32_t lost = GRE_WINDOW_RING; lost < 4000; lost += 97) {
		start_again();
		receive_run(0, 10);
		test.count = 0;
		receive(10 + lost);
		assert_nothing_taken();
		receive(11 + lost);
		assert_taken(10 + lost, 11 + lost);
		assert_int_equal(counters()->lost, lost);
	}
}

static void stream_resumes_if_the_first_packets_after_a_long_loss_are_swapped(void **state UNUSED)
{
	receive_run(0, 10);
	test.count = 0;
	receive(1002);
	receive(1000);
	assert_taken(1000);
	receive(1001);
	assert_taken(1001, 1002);
}

static void lone_packet_after_a_long_loss_is_delivered_after_the_wait(void **state UNUSED)
{
	receive_run(0, 10);
	test.count = 0;
	receive(110);
	sleep_ms(SHORTER_THAN_FIRST_WAIT);
	assert_nothing_taken();
	sleep_ms(2);
	assert_taken(110);
	receive(111);
	assert_taken(111);
}

static void what_is_held_comes_before_the_jump(void **state UNUSED)
{
	receive(0);
	receive(2);
	receive(500);
	sleep_ms(LONGER_THAN_FIRST_WAIT);
	assert_taken(0, 2, 500);
}

static void loss_of_more_than_may_be_jumped_over_is_followed_within_the_ring(void **state UNUSED)
{
	receive_run(0, 10);
	test.count = 0;
	for (uint32_t number = 100000; number < 100000 + GRE_WINDOW_RING - 1; number++)
		receive(number);
	assert_nothing_taken();
	receive(100000 + GRE_WINDOW_RING - 1);
	receive(100000 + GRE_WINDOW_RING);
	assert_taken(100000 + GRE_WINDOW_RING - 1, 100000 + GRE_WINDOW_RING);
	assert_int_equal(counters()->resyncs, 1);
}

/* Forged and replayed packets. */

/* In Poptop each of these made all later packets old. */
static void forged_number_of_the_far_future_does_not_end_the_session(void **state UNUSED)
{
	static const uint32_t forged[] = {5000, 0x7fffffffu, 0x80000000u, 0x80000010u, 0xf0000000u};

	receive_run(0, 10);
	for (size_t i = 0; i < ARRAY_SIZE(forged); i++) {
		receive(forged[i]);
		sleep_ms(LONGER_THAN_ANY_WAIT);
	}
	test.count = 0;
	receive_run(10, 2);
	assert_taken(10, 11);
	assert_int_equal(counters()->stray, 5);
	assert_int_equal(counters()->resyncs, 0);
}

/* In Poptop number 1 was always taken, and rewound the session. */
static void replayed_first_number_does_not_rewind_the_session(void **state UNUSED)
{
	receive_run(0, 200);
	test.count = 0;
	for (unsigned i = 0; i < 100; i++) {
		receive(1);
		sleep_ms(100);
	}
	assert_nothing_taken();
	receive(200);
	assert_taken(200);
}

static void forged_jump_is_dropped_when_the_stream_goes_on(void **state UNUSED)
{
	receive_run(0, 10);
	receive(1000);
	receive(10);
	sleep_ms(LONGER_THAN_ANY_WAIT);
	receive(11);
	assert_int_equal(test.count, 12);
	assert_int_equal(counters()->stray, 1);
	assert_int_equal(counters()->resyncs, 0);
	assert_int_equal(memory.live, 0);
}

static void forged_jump_that_is_repeated_is_not_believed(void **state UNUSED)
{
	receive_run(0, 10);
	for (unsigned i = 0; i < 20; i++)
		receive(1000);
	receive(10);
	assert_int_equal(test.count, 11);
	assert_int_equal(counters()->resyncs, 0);
}

static void forged_jumps_do_not_keep_out_the_true_one(void **state UNUSED)
{
	receive_run(0, 10);
	test.count = 0;
	receive(3000);
	receive(500);
	receive(501);
	assert_taken(500, 501);
}

static void forged_number_inside_the_window_costs_one_packet(void **state UNUSED)
{
	receive_run(0, 10);
	receive_as(50, 666, 100);
	for (uint32_t number = 10; number < 70; number++) {
		receive(number);
		sleep_ms(50);
	}
	assert_int_equal(test.count, 70);
	assert_int_equal(test.numbers[50], 666);
	assert_int_equal(counters()->old, 1);
	assert_int_equal(counters()->lost, 0);
}

/* LCP echoes each 30 s: the third of them in a row must come through, or pppd hangs up. */
static void forged_number_on_an_idle_call_costs_no_third_echo(void **state UNUSED)
{
	static const uint32_t forged[] = {20, 73, 74, 1000, 4105};

	for (size_t i = 0; i < ARRAY_SIZE(forged); i++) {
		start_again();
		receive_run(0, 10);
		receive_as(forged[i], 666, 100);
		sleep_ms(30000);
		test.count = 0;
		for (uint32_t number = 10; number < 13; number++) {
			receive(number);
			sleep_ms(30000);
		}
		assert_taken(12);
	}
}

/* New numbers of the peer. */

static void peer_that_starts_again_is_believed_after_three_packets(void **state UNUSED)
{
	receive_run(0, 200);
	test.count = 0;
	receive(0);
	sleep_ms(3000);
	receive(1);
	sleep_ms(3000);
	assert_nothing_taken();
	receive(2);
	receive(3);
	assert_taken(2, 3);
	assert_int_equal(counters()->resyncs, 1);
}

static void three_packets_at_once_are_not_believed(void **state UNUSED)
{
	receive_run(0, 200);
	receive_run(100000, 3);
	receive_run(0, 3);
	receive(200);
	assert_int_equal(test.count, 201);
	assert_int_equal(counters()->resyncs, 0);
}

static void one_packet_in_turn_ends_a_sequence_of_others(void **state UNUSED)
{
	receive_run(0, 200);
	for (uint32_t number = 0; number < 100; number++) {
		receive(number);
		sleep_ms(1000);
		receive(200 + number);
	}
	assert_int_equal(test.count, 300);
	assert_int_equal(counters()->resyncs, 0);
}

static void other_numbers_with_losses_and_swaps_are_believed(void **state UNUSED)
{
	receive_run(100000, 10);
	test.count = 0;
	receive(5);
	sleep_ms(600);
	receive(7);
	receive(6);
	sleep_ms(600);
	receive(20);
	receive(21);
	assert_taken(20, 21);
}

static void other_numbers_that_do_not_follow_each_other_are_not_believed(void **state UNUSED)
{
	receive_run(100000, 10);
	for (uint32_t i = 0; i < 1000; i++) {
		receive(i * 17);
		sleep_ms(500);
	}
	receive(100010);
	assert_int_equal(test.count, 11);
}

static void what_waits_is_delivered_before_new_numbers_are_believed(void **state UNUSED)
{
	receive(100000);
	receive(100002);
	test.count = 0;
	for (uint32_t number = 0; number <= GRE_WINDOW_RING; number++)
		receive(number);
	assert_taken(100002, GRE_WINDOW_RING - 1, GRE_WINDOW_RING);
	assert_int_equal(memory.live, 0);
}

static void jump_of_the_former_numbers_is_forgotten(void **state UNUSED)
{
	receive_run(5000, 10);
	receive(5500);
	for (uint32_t number = 0; number < GRE_WINDOW_RING; number++)
		receive(number);
	test.count = 0;
	sleep_ms(LONGER_THAN_ANY_WAIT);
	assert_nothing_taken();
	receive(GRE_WINDOW_RING);
	assert_taken(GRE_WINDOW_RING);
}

/* A route changed to a shorter one: what is still on the longer one comes afterwards, too late. */
static void late_burst_does_not_turn_the_window_back(void **state UNUSED)
{
	receive_run(0, 10);
	receive(510);
	sleep_ms(LONGER_THAN_ANY_WAIT);
	test.count = 0;
	receive_run(10, 500);
	assert_nothing_taken();
	receive(511);
	assert_taken(511);
	assert_int_equal(counters()->old, 500);
}

static void silence_of_a_day_changes_nothing(void **state UNUSED)
{
	receive_run(0, 10);
	sleep_ms(86400000);
	receive(10);
	receive(12);
	sleep_ms(86400000);
	receive(13);
	assert_int_equal(test.count, 13);
	assert_int_equal(counters()->lost, 1);
}

/* How long a gap is waited for. */

/* In ms, what a lost packet costs now. */
static unsigned measure_wait(uint32_t *next)
{
	size_t before = test.count;
	unsigned ms = 0;

	*next += 1;
	receive((*next)++);
	for (; test.count == before; ms++)
		sleep_ms(1);
	return ms;
}

static void losses_shorten_the_wait_to_a_minimum(void **state UNUSED)
{
	uint32_t next = 1;
	unsigned last = 100;

	receive(0);
	for (unsigned i = 0; i < 40; i++) {
		unsigned wait = measure_wait(&next);

		assert_true(wait <= last);
		last = wait;
	}
	assert_int_equal(last, 10);
}

static void gap_that_fills_slowly_lengthens_the_wait(void **state UNUSED)
{
	uint32_t next = 3;

	receive(0);
	receive(2);
	sleep_ms(90);
	receive(1);
	assert_int_equal(measure_wait(&next), 180);
}

static void packet_that_comes_too_late_lengthens_the_wait(void **state UNUSED)
{
	uint32_t next = 3;

	receive(0);
	receive(2);
	sleep_ms(120);
	receive(1);
	assert_taken(0, 2);
	assert_int_equal(measure_wait(&next), 240);
}

static void wait_has_a_maximum(void **state UNUSED)
{
	uint32_t next = 3;

	receive(0);
	receive(2);
	sleep_ms(290);
	receive(1);
	assert_int_equal(measure_wait(&next), 300);
}

static void packet_that_no_wait_would_have_saved_changes_nothing(void **state UNUSED)
{
	uint32_t next = 3;

	receive(0);
	receive(2);
	sleep_ms(1000);
	receive(1);
	assert_true(measure_wait(&next) < 100);
}

static void duplicates_of_delivered_packets_change_no_wait(void **state UNUSED)
{
	uint32_t next = 4;

	receive_run(0, 1);
	receive(2);
	sleep_ms(110);
	receive(3);
	receive(2);
	receive(0);
	assert_true(measure_wait(&next) < 100);
}

static void late_packet_is_measured_once(void **state UNUSED)
{
	uint32_t next = 3;

	receive(0);
	receive(2);
	sleep_ms(120);
	receive(1);
	sleep_ms(150);
	receive(1);
	assert_int_equal(measure_wait(&next), 240);
}

static void former_numbers_change_no_wait(void **state UNUSED)
{
	uint32_t next = GRE_WINDOW_RING;

	receive(100000);
	receive(100002);
	sleep_ms(90);
	for (uint32_t number = 0; number < GRE_WINDOW_RING; number++)
		receive(number);
	assert_int_equal(counters()->resyncs, 1);
	receive(GRE_WINDOW_RING - 3);
	assert_true(measure_wait(&next) <= 100);
}

/* Acknowledgements. */

static void assert_owes(uint32_t expected)
{
	uint32_t ack = ~expected;

	assert_true(gre_window_owes_ack(test.window, &ack));
	assert_int_equal(ack, expected);
}

static void assert_owes_nothing(void)
{
	uint32_t ack;

	assert_false(gre_window_owes_ack(test.window, &ack));
	assert_false(gre_window_ack_due(test.window, test.now));
}

static void nothing_is_owed_before_the_first_payload(void **state UNUSED)
{
	assert_owes_nothing();
}

static void acknowledgement_is_due_alone_after_50_ms(void **state UNUSED)
{
	struct mono when;

	receive(7);
	assert_owes(7);
	assert_false(gre_window_ack_due(test.window, mono_add_us(test.now, 49999)));
	assert_true(gre_window_deadline(test.window, &when));
	assert_int_equal(mono_diff_us(when, test.now), 50000);
	assert_true(gre_window_ack_due(test.window, when));
	gre_window_ack_sent(test.window);
	assert_owes_nothing();
	assert_false(gre_window_deadline(test.window, &when));
}

static void acknowledgement_is_not_put_off_by_the_next_payload(void **state UNUSED)
{
	struct mono first = test.now;

	receive(0);
	test.now = mono_add_ms(test.now, 40);
	receive(1);
	assert_true(gre_window_ack_due(test.window, mono_add_ms(first, 50)));
}

static void acknowledgement_is_due_after_a_quarter_of_the_window(void **state UNUSED)
{
	uint32_t number = 0xfffffff8u;

	for (unsigned i = 1; i < GRE_WINDOW_RING / 4; i++)
		receive(number++);
	assert_false(gre_window_ack_due(test.window, test.now));
	receive(number);
	assert_true(gre_window_ack_due(test.window, test.now));
	assert_owes(number);
	gre_window_ack_sent(test.window);
	receive(++number);
	assert_false(gre_window_ack_due(test.window, test.now));
}

/* RFC 2637 4.3: packet 4 is acknowledged although packet 3 is missing. */
static void highest_number_is_acknowledged_across_a_gap(void **state UNUSED)
{
	receive_run(0, 3);
	receive(4);
	assert_owes(4);
	gre_window_ack_sent(test.window);
	receive(3);
	assert_owes_nothing();
	receive(5);
	assert_owes(5);
}

static void dropped_packets_are_not_acknowledged(void **state UNUSED)
{
	receive_run(0, 3);
	gre_window_ack_sent(test.window);
	receive(2);
	receive(1000);
	receive(100000);
	assert_owes_nothing();
}

static void acknowledgements_follow_the_peers_new_numbers(void **state UNUSED)
{
	receive_run(100000, 20);
	gre_window_ack_sent(test.window);
	receive(0);
	sleep_ms(3000);
	receive(1);
	sleep_ms(3000);
	receive(2);
	assert_owes(2);
	assert_false(gre_window_ack_due(test.window, test.now));
}

static void own_numbers_begin_with_0(void **state UNUSED)
{
	assert_int_equal(gre_window_next_sequence(test.window), 0);
	assert_int_equal(gre_window_next_sequence(test.window), 1);
	assert_int_equal(counters()->sent, 2);
}

static void acknowledgements_of_what_was_not_sent_are_ignored(void **state UNUSED)
{
	gre_window_acked(test.window, 0);
	assert_int_equal(counters()->acked, 0);
	for (unsigned i = 0; i < 10; i++)
		(void)gre_window_next_sequence(test.window);
	gre_window_acked(test.window, 10);
	gre_window_acked(test.window, 0xffffffffu);
	assert_int_equal(counters()->acked, 0);
	gre_window_acked(test.window, 3);
	gre_window_acked(test.window, 3);
	gre_window_acked(test.window, 1);
	assert_int_equal(counters()->acked, 4);
	gre_window_acked(test.window, 9);
	gre_window_acked(test.window, 10);
	assert_int_equal(counters()->acked, 10);
}

/* Random streams. */

static uint64_t random_state;

static uint32_t random_below(uint32_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state >> 16) % bound);
}

/* A packet on its way; the order of arrival is by `arrival`, then by number. */
struct flight {
	uint32_t arrival;
	uint32_t number;
};

static int compare_flights(const void *left, const void *right)
{
	const struct flight *a = left;
	const struct flight *b = right;

	if (a->arrival != b->arrival)
		return a->arrival < b->arrival ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

#define STREAM 3000

/*
 * A stream from 0 on, `loss` of 1000 lost, each packet arrives up to `spread` places late, `twice`
 * of 1000 come again within the same distance.
 */
static size_t make_stream(struct flight *flights, uint32_t spread, uint32_t loss, uint32_t twice)
{
	size_t count = 0;

	for (uint32_t number = 0; number < STREAM; number++) {
		if (number && random_below(1000) < loss)
			continue;
		flights[count++] =
			(struct flight){number ? number + random_below(spread + 1) : 0, number};
		if (random_below(1000) < twice)
			flights[count++] =
				(struct flight){number + random_below(spread + 1), number};
	}
	qsort(flights, count, sizeof(*flights), compare_flights);
	return count;
}

static void assert_ascending(uint32_t base)
{
	for (size_t i = 1; i < test.count; i++)
		assert_true(test.numbers[i] - base > test.numbers[i - 1] - base);
}

/* A window for each round, near the wrap-around in each second one. */
static uint32_t begin_round(unsigned round)
{
	start_again();
	random_state = 0x123456789abcdefull + round;
	return round % 2 ? 0xffffffffu - STREAM / 2 : round;
}

static void reordered_and_doubled_stream_arrives_whole_and_in_order(void **state UNUSED)
{
	static struct flight flights[2 * STREAM];

	for (unsigned round = 0; round < 60; round++) {
		uint32_t base = begin_round(round);
		size_t count = make_stream(flights, round % GRE_WINDOW_RING, 0, 100);

		for (size_t i = 0; i < count; i++) {
			receive(base + flights[i].number);
			assert_true(memory.live < GRE_WINDOW_RING);
		}
		assert_int_equal(test.count, STREAM);
		assert_ascending(base);
	}
}

static void lossy_stream_delivers_all_that_arrived_in_time(void **state UNUSED)
{
	static struct flight flights[2 * STREAM];

	for (unsigned round = 0; round < 60; round++) {
		uint32_t base = begin_round(round);
		size_t count = make_stream(flights, round % SHORTER_THAN_ANY_WAIT, 10 * round, 0);

		for (size_t i = 0; i < count; i++) {
			if (i)
				sleep_ms(flights[i].arrival - flights[i - 1].arrival);
			receive(base + flights[i].number);
		}
		sleep_ms(LONGER_THAN_ANY_WAIT);
		assert_int_equal(test.count, count);
		assert_ascending(base);
		assert_int_equal(counters()->old, 0);
		assert_int_equal(memory.live, 0);
	}
}

/* A forged number: near, ahead, behind or anywhere. */
static uint32_t forge(uint32_t number)
{
	switch (random_below(4)) {
	case 0:
		return number + random_below(GRE_WINDOW_RING);
	case 1:
		return number + random_below(5000);
	case 2:
		return number - random_below(5000);
	default:
		return random_below(UINT32_MAX);
	}
}

static void assert_sane(void)
{
	struct mono when;

	assert_true(held_now() <= HELD_MAX);
	assert_int_equal(memory.live, held_now());
	if (gre_window_deadline(test.window, &when))
		assert_true(mono_diff_us(when, test.now) <= 300000);
}

/* Payloads of the stream tell their place in it, forged ones this. */
#define FORGED UINT32_MAX

static void assert_never_doubled_or_reordered(void)
{
	static bool seen[STREAM];
	uint32_t last = 0;
	uint64_t resyncs = 0;

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < test.count; i++) {
		uint32_t place = test.numbers[i];

		if (place == FORGED)
			continue;
		assert_false(seen[place]);
		seen[place] = true;
		assert_true(place >= last || test.resyncs[i] != resyncs);
		last = place;
		resyncs = test.resyncs[i];
	}
}

static void assert_next_three_packets_come_through(uint32_t number)
{
	test.count = 0;
	for (unsigned i = 0; i < 3; i++) {
		receive(number + i);
		sleep_ms(1000);
	}
	assert_true(test.count >= 1);
	assert_int_equal(test.numbers[test.count - 1], number + 2);
}

static void hostile_stream_is_never_doubled_reordered_or_stopped(void **state UNUSED)
{
	static struct flight flights[2 * STREAM];

	for (unsigned round = 0; round < 200; round++) {
		uint32_t base = begin_round(round);
		size_t count = make_stream(flights, random_below(200), random_below(300), 100);

		for (size_t i = 0; i < count; i++) {
			if (random_below(100) < round % 100)
				receive_as(forge(base + flights[i].number), FORGED, 100);
			receive_as(base + flights[i].number, flights[i].number, 100);
			if (random_below(10) == 0)
				sleep_ms(random_below(20));
			assert_sane();
		}
		sleep_ms(LONGER_THAN_ANY_WAIT);
		assert_int_equal(memory.live, 0);
		assert_int_equal(held_now(), 0);
		assert_never_doubled_or_reordered();
		assert_next_three_packets_come_through(base + STREAM);
	}
}

#define WINDOW_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(first_payload_starts_the_window_whatever_its_number),
		WINDOW_TEST(payloads_in_order_need_no_memory),
		WINDOW_TEST(filling_the_gap_delivers_what_waits_at_once),
		WINDOW_TEST(lost_packet_holds_up_the_others_without_a_next_arrival),
		WINDOW_TEST(each_gap_is_waited_for_by_itself),
		WINDOW_TEST(gaps_behind_each_other_do_not_add_their_waits),
		WINDOW_TEST(duplicate_of_a_delivered_packet_is_dropped),
		WINDOW_TEST(duplicate_of_a_held_packet_is_dropped),
		WINDOW_TEST(numbers_0_and_1_are_delivered_once),
		WINDOW_TEST(numbers_wrap_around),
		WINDOW_TEST(descending_numbers_hold_no_more_than_the_ring),
		WINDOW_TEST(long_packets_hold_no_more_than_their_share_of_bytes),
		WINDOW_TEST(making_room_for_a_long_packet_may_pass_its_own_place),
		WINDOW_TEST(packet_that_comes_again_within_a_delivery_is_dropped),
		WINDOW_TEST(without_memory_packets_in_order_pass),
		WINDOW_TEST(loss_at_full_rate_is_given_up_when_the_ring_is_full),
		WINDOW_TEST(stream_resumes_at_the_second_packet_after_a_long_loss),
		WINDOW_TEST(stream_resumes_if_the_first_packets_after_a_long_loss_are_swapped),
		WINDOW_TEST(lone_packet_after_a_long_loss_is_delivered_after_the_wait),
		WINDOW_TEST(what_is_held_comes_before_the_jump),
		WINDOW_TEST(loss_of_more_than_may_be_jumped_over_is_followed_within_the_ring),
		WINDOW_TEST(forged_number_of_the_far_future_does_not_end_the_session),
		WINDOW_TEST(replayed_first_number_does_not_rewind_the_session),
		WINDOW_TEST(forged_jump_is_dropped_when_the_stream_goes_on),
		WINDOW_TEST(forged_jump_that_is_repeated_is_not_believed),
		WINDOW_TEST(forged_jumps_do_not_keep_out_the_true_one),
		WINDOW_TEST(forged_number_inside_the_window_costs_one_packet),
		WINDOW_TEST(forged_number_on_an_idle_call_costs_no_third_echo),
		WINDOW_TEST(peer_that_starts_again_is_believed_after_three_packets),
		WINDOW_TEST(three_packets_at_once_are_not_believed),
		WINDOW_TEST(one_packet_in_turn_ends_a_sequence_of_others),
		WINDOW_TEST(other_numbers_with_losses_and_swaps_are_believed),
		WINDOW_TEST(other_numbers_that_do_not_follow_each_other_are_not_believed),
		WINDOW_TEST(what_waits_is_delivered_before_new_numbers_are_believed),
		WINDOW_TEST(jump_of_the_former_numbers_is_forgotten),
		WINDOW_TEST(late_burst_does_not_turn_the_window_back),
		WINDOW_TEST(silence_of_a_day_changes_nothing),
		WINDOW_TEST(losses_shorten_the_wait_to_a_minimum),
		WINDOW_TEST(gap_that_fills_slowly_lengthens_the_wait),
		WINDOW_TEST(packet_that_comes_too_late_lengthens_the_wait),
		WINDOW_TEST(wait_has_a_maximum),
		WINDOW_TEST(packet_that_no_wait_would_have_saved_changes_nothing),
		WINDOW_TEST(duplicates_of_delivered_packets_change_no_wait),
		WINDOW_TEST(late_packet_is_measured_once),
		WINDOW_TEST(former_numbers_change_no_wait),
		WINDOW_TEST(nothing_is_owed_before_the_first_payload),
		WINDOW_TEST(acknowledgement_is_due_alone_after_50_ms),
		WINDOW_TEST(acknowledgement_is_not_put_off_by_the_next_payload),
		WINDOW_TEST(acknowledgement_is_due_after_a_quarter_of_the_window),
		WINDOW_TEST(highest_number_is_acknowledged_across_a_gap),
		WINDOW_TEST(dropped_packets_are_not_acknowledged),
		WINDOW_TEST(acknowledgements_follow_the_peers_new_numbers),
		WINDOW_TEST(own_numbers_begin_with_0),
		WINDOW_TEST(acknowledgements_of_what_was_not_sent_are_ignored),
		WINDOW_TEST(reordered_and_doubled_stream_arrives_whole_and_in_order),
		WINDOW_TEST(lossy_stream_delivers_all_that_arrived_in_time),
		WINDOW_TEST(hostile_stream_is_never_doubled_reordered_or_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
