// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is next, and what is dropped, when frames wait for the stream. */
#include "tests/unit/unit.h"

#include <string.h>

#include "rrp/sched.h"

static uint8_t data[8192];

static void push(struct sched *sched, struct sched_queue *queue, uint16_t len, bool is_control)
{
	assert_true(sched_push(sched, queue, data, len, is_control));
}

/* Takes the next frame; returns its length and whose it was. */
static uint16_t take(struct sched *sched, struct sched_queue **ret_queue)
{
	const struct sched_frame *frame = sched_peek(sched, ret_queue);
	uint16_t len;

	assert_non_null(frame);
	len = frame->len;
	sched_pop(sched, *ret_queue);
	return len;
}

static void a_call_is_first_in_first_out(void **state UNUSED)
{
	struct sched_queue queue, *from;
	struct sched sched;

	sched_init(&sched);
	sched_queue_init(&queue);
	push(&sched, &queue, 1000, false);
	push(&sched, &queue, 10, true);
	push(&sched, &queue, 20, false);
	assert_int_equal(take(&sched, &from), 1000);
	assert_int_equal(take(&sched, &from), 10);
	assert_int_equal(take(&sched, &from), 20);
	assert_true(sched_empty(&sched));
	assert_int_equal(sched.data_bytes + sched.control_bytes, 0);
	sched_done(&sched);
}

static void calls_share_by_bytes_not_by_frames(void **state UNUSED)
{
	struct sched_queue small, large, *from;
	size_t small_bytes = 0, large_bytes = 0;
	struct sched sched;

	sched_init(&sched);
	sched_queue_init(&small);
	sched_queue_init(&large);
	for (unsigned i = 0; i < 700; i++)
		push(&sched, &small, 150, false);
	for (unsigned i = 0; i < 70; i++)
		push(&sched, &large, 1500, false);
	for (unsigned i = 0; i < 200; i++) {
		uint16_t len = take(&sched, &from);

		*(from == &small ? &small_bytes : &large_bytes) += len;
	}
	assert_in_range(small_bytes, large_bytes - 3200, large_bytes + 3200);
	sched_queue_clear(&sched, &small);
	sched_queue_clear(&sched, &large);
	assert_true(sched_empty(&sched));
	sched_done(&sched);
}

static void a_call_with_one_frame_need_not_wait_for_a_full_one(void **state UNUSED)
{
	struct sched_queue full, sparse, *from;
	struct sched sched;
	unsigned before = 0;

	sched_init(&sched);
	sched_queue_init(&full);
	sched_queue_init(&sparse);
	for (unsigned i = 0; i < 70; i++)
		push(&sched, &full, 1500, false);
	push(&sched, &sparse, 60, false);
	while (take(&sched, &from) != 60)
		before++;
	assert_ptr_equal(from, &sparse);
	assert_in_range(before, 0, 2);
	sched_queue_clear(&sched, &full);
	sched_done(&sched);
}

static void the_oldest_data_of_a_full_call_is_dropped_and_control_kept(void **state UNUSED)
{
	struct sched_queue queue, *from;
	struct sched sched;

	sched_init(&sched);
	sched_queue_init(&queue);
	push(&sched, &queue, 5, true);
	for (uint16_t i = 0; i < 200; i++)
		push(&sched, &queue, 1000 + i, false);
	assert_in_range(queue.data_bytes, SCHED_CALL_DATA_MAX - 2000, SCHED_CALL_DATA_MAX);
	assert_true(queue.dropped > 0);
	assert_int_equal(take(&sched, &from), 5);
	assert_int_equal(take(&sched, &from), 1000 + queue.dropped);
	sched_queue_clear(&sched, &queue);
	assert_int_equal(sched.data_bytes, 0);
	sched_done(&sched);
}

static void beyond_the_total_the_longest_call_pays(void **state UNUSED)
{
	struct sched_queue calls[10];
	struct sched sched;

	sched_init(&sched);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		sched_queue_init(&calls[i]);
	for (size_t i = 0; i < 8; i++) {
		for (unsigned frames = 0; frames < 200; frames++)
			push(&sched, &calls[i], 1000, false);
	}
	assert_in_range(sched.data_bytes, 1, SCHED_DATA_MAX);
	for (unsigned frames = 0; frames < 10; frames++)
		push(&sched, &calls[9], 1000, false);
	assert_int_equal(calls[9].dropped, 0);
	assert_in_range(sched.data_bytes, 1, SCHED_DATA_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		sched_queue_clear(&sched, &calls[i]);
	assert_int_equal(sched.data_bytes, 0);
	sched_done(&sched);
}

static void control_beyond_its_bounds_is_refused_not_dropped(void **state UNUSED)
{
	struct sched_queue calls[20];
	struct sched sched;
	size_t pushed = 0;

	sched_init(&sched);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		sched_queue_init(&calls[i]);
		while (sched_push(&sched, &calls[i], data, 1000, true))
			pushed++;
		assert_int_equal(calls[i].dropped, 0);
		assert_in_range(calls[i].control_bytes, 0, SCHED_CALL_CONTROL_MAX);
	}
	assert_in_range(sched.control_bytes, SCHED_CONTROL_MAX - 2000, SCHED_CONTROL_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct sched_queue *from;

		while (calls[i].first && pushed--)
			(void)take(&sched, &from);
	}
	assert_true(sched_empty(&sched));
	assert_int_equal(sched.control_bytes, 0);
	sched_done(&sched);
}

static void a_frame_that_is_taken_has_room_in_front_and_counts_no_more(void **state UNUSED)
{
	const uint8_t ppp[] = {0xff, 0x03, 0x00, 0xfd, 7};
	struct sched_queue queue, *from;
	struct sched_frame *frame;
	struct sched sched;

	sched_init(&sched);
	sched_queue_init(&queue);
	assert_true(sched_push(&sched, &queue, ppp, sizeof(ppp), false));
	assert_non_null(sched_peek(&sched, &from));
	frame = sched_take(&sched, from);
	assert_int_equal(sched.data_bytes, 0);
	assert_true(sched_empty(&sched));
	memset(frame->wire, 0xaa, SCHED_HEADROOM);
	assert_int_equal(frame->len, sizeof(ppp));
	assert_memory_equal(frame->wire + SCHED_HEADROOM, ppp, sizeof(ppp));
	sched_queue_clear(&sched, &queue);
	sched_release(&sched, frame);
	sched_done(&sched);
}

/* Frames of all lengths, in all orders, come out as they went in, whoever had the memory before. */
static void memory_that_is_used_again_holds_the_new_frame(void **state UNUSED)
{
	struct sched_queue queue, *from;
	uint8_t frame[8192];
	struct sched sched;

	sched_init(&sched);
	sched_queue_init(&queue);
	for (unsigned round = 0; round < 300; round++) {
		uint16_t len = (uint16_t)(1 + round * 977 % sizeof(frame));
		const struct sched_frame *next;

		memset(frame, (int)round, len);
		push(&sched, &queue, 30, true);
		assert_true(sched_push(&sched, &queue, frame, len, true));
		(void)take(&sched, &from);
		next = sched_peek(&sched, &from);
		assert_int_equal(next->len, len);
		assert_memory_equal(next->wire + SCHED_HEADROOM, frame, len);
		sched_pop(&sched, from);
	}
	sched_done(&sched);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_first_in_first_out),
		cmocka_unit_test(calls_share_by_bytes_not_by_frames),
		cmocka_unit_test(a_call_with_one_frame_need_not_wait_for_a_full_one),
		cmocka_unit_test(the_oldest_data_of_a_full_call_is_dropped_and_control_kept),
		cmocka_unit_test(beyond_the_total_the_longest_call_pays),
		cmocka_unit_test(control_beyond_its_bounds_is_refused_not_dropped),
		cmocka_unit_test(a_frame_that_is_taken_has_room_in_front_and_counts_no_more),
		cmocka_unit_test(memory_that_is_used_again_holds_the_new_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
