/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bounded queue: all or nothing, in order, and flushed as far as the descriptor takes it. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/base/outq.h"

#define LIMIT 10000

static void assert_waiting(const struct outq *q, const char *expected)
{
	const uint8_t *bytes;
	size_t len;

	bytes = outq_peek(q, &len);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(bytes, expected, len);
}

static void bytes_leave_in_order(void **state UNUSED)
{
	struct outq q;

	outq_init(&q, LIMIT);
	assert_true(outq_push(&q, "abc", 3));
	assert_true(outq_push(&q, "def", 3));
	assert_waiting(&q, "abcdef");
	outq_consume(&q, 2);
	assert_true(outq_push(&q, "g", 1));
	assert_waiting(&q, "cdefg");
	outq_done(&q);
}

static void push_beyond_the_limit_takes_nothing(void **state UNUSED)
{
	char bytes[8] = {0};
	struct outq q;

	outq_init(&q, sizeof(bytes));
	assert_true(outq_push(&q, bytes, 5));
	assert_false(outq_push(&q, bytes, 4));
	assert_int_equal(q.used, 5);
	assert_true(outq_push(&q, bytes, 3));
	assert_false(outq_push(&q, bytes, 1));
	outq_consume(&q, 1);
	assert_true(outq_push(&q, bytes, 1));
	outq_done(&q);
}

static void only_what_is_committed_of_a_reserve_waits(void **state UNUSED)
{
	struct outq q;
	uint8_t *room;

	outq_init(&q, 3000);
	assert_true(outq_push(&q, "ab", 2));
	assert_null(outq_reserve(&q, 2999));
	room = outq_reserve(&q, 2998);
	assert_non_null(room);
	memset(room, 'x', 2998);
	memcpy(room, "cd", 2);
	outq_commit(&q, 2);
	assert_waiting(&q, "abcd");
	assert_true(outq_push(&q, "e", 1));
	assert_waiting(&q, "abcde");
	outq_consume(&q, 5);
	assert_null(q.buffer);
}

static void nothing_may_be_pushed(void **state UNUSED)
{
	struct outq q;
	size_t len = 1;

	outq_init(&q, 0);
	assert_true(outq_push(&q, NULL, 0));
	assert_true(outq_empty(&q));
	assert_null(outq_peek(&q, &len));
	assert_int_equal(len, 0);
	outq_done(&q);
}

static void memory_goes_with_the_last_byte(void **state UNUSED)
{
	struct outq q;

	outq_init(&q, LIMIT);
	assert_true(outq_push(&q, "abc", 3));
	assert_non_null(q.buffer);
	outq_consume(&q, 3);
	assert_null(q.buffer);
	assert_true(outq_empty(&q));
	assert_true(outq_push(&q, "x", 1)); /* the limit is kept */
	assert_waiting(&q, "x");
	outq_done(&q);
}

/* Pushes and consumes odd amounts, so that the bytes move and grow in every way. */
static void queue_is_the_stream_that_was_pushed(void **state UNUSED)
{
	uint8_t pushed = 0, seen = 0, chunk[700];
	struct outq q;

	outq_init(&q, LIMIT);
	for (unsigned round = 0; round < 2000; round++) {
		size_t in = round * 37 % sizeof(chunk), out = round * 53 % 701, len;
		const uint8_t *bytes;

		for (size_t i = 0; i < in; i++)
			chunk[i] = (uint8_t)(pushed + i);
		if (outq_push(&q, chunk, in))
			pushed = (uint8_t)(pushed + in);
		bytes = outq_peek(&q, &len);
		out = MIN(out, len);
		for (size_t i = 0; i < out; i++)
			assert_int_equal(bytes[i], seen++);
		outq_consume(&q, out);
		assert_true(q.used <= LIMIT);
	}
	outq_done(&q);
}

static void flush_stops_at_a_full_descriptor_and_goes_on(void **state UNUSED)
{
	static char bytes[200000], back[sizeof(bytes)];
	size_t received = 0;
	struct outq q;
	int ends[2];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 256);
	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	outq_init(&q, sizeof(bytes));
	assert_true(outq_push(&q, bytes, sizeof(bytes)));
	assert_int_equal(outq_flush(&q, ends[1]), 0);
	assert_false(outq_empty(&q));
	while (received < sizeof(bytes)) {
		ssize_t n = read(ends[0], back + received, 5000);

		assert_true(n > 0);
		received += (size_t)n;
		assert_int_equal(outq_flush(&q, ends[1]), 0);
	}
	assert_true(outq_empty(&q));
	assert_memory_equal(back, bytes, sizeof(bytes));
	close(ends[0]);
	close(ends[1]);
	outq_done(&q);
}

static void flush_tells_a_write_error(void **state UNUSED)
{
	struct outq q;

	outq_init(&q, LIMIT);
	assert_int_equal(outq_flush(&q, -1), 0); /* nothing to write */
	assert_true(outq_push(&q, "a", 1));
	assert_int_equal(outq_flush(&q, -1), -EBADF);
	assert_waiting(&q, "a");
	outq_done(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_leave_in_order),
		cmocka_unit_test(push_beyond_the_limit_takes_nothing),
		cmocka_unit_test(only_what_is_committed_of_a_reserve_waits),
		cmocka_unit_test(nothing_may_be_pushed),
		cmocka_unit_test(memory_goes_with_the_last_byte),
		cmocka_unit_test(queue_is_the_stream_that_was_pushed),
		cmocka_unit_test(flush_stops_at_a_full_descriptor_and_goes_on),
		cmocka_unit_test(flush_tells_a_write_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
