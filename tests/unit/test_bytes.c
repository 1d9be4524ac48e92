/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bounded reader and writer: every access past the end fails, and the failure sticks. */
#include "tests/unit/unit.h"

#include "pptpd/base/bytes.h"

static void reader_takes_network_byte_order(void **state UNUSED)
{
	const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7};
	struct byte_reader in = rd_init(data, sizeof(data));

	assert_int_equal(rd_u8(&in), 1);
	assert_int_equal(rd_u16(&in), 0x0203);
	assert_int_equal(rd_u32(&in), 0x04050607);
	assert_int_equal(rd_left(&in), 0);
	assert_false(rd_failed(&in));
}

static void reader_failure_sticks_and_yields_zero(void **state UNUSED)
{
	const uint8_t data[] = {0xff, 0xff, 0xff};
	struct byte_reader in = rd_init(data, sizeof(data));

	assert_int_equal(rd_u32(&in), 0);
	assert_true(rd_failed(&in));
	assert_int_equal(rd_u8(&in), 0);
	assert_null(rd_bytes(&in, 1));
}

static void reader_slice_is_bounded(void **state UNUSED)
{
	const uint8_t data[] = {1, 2, 3};
	struct byte_reader in = rd_init(data, sizeof(data));
	struct byte_reader slice = rd_slice(&in, 2);

	assert_int_equal(rd_left(&slice), 2);
	assert_int_equal(rd_left(&in), 1);
	(void)rd_u32(&slice);
	assert_true(rd_failed(&slice));
	assert_false(rd_failed(&in));
	slice = rd_slice(&in, 2);
	assert_true(rd_failed(&slice));
}

static void text_field_without_terminator_is_terminated(void **state UNUSED)
{
	struct byte_reader in = rd_init("abcd", 4);
	char text[5];

	rd_text(&in, text, 4);
	assert_string_equal(text, "abcd");
}

static void writer_refuses_what_does_not_fit(void **state UNUSED)
{
	uint8_t buffer[4];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));

	wr_u16(&out, 0x10000);
	assert_true(wr_failed(&out));
	assert_int_equal(wr_len(&out), 0);

	out = wr_init(buffer, sizeof(buffer));
	wr_u32(&out, 0x01020304);
	assert_memory_equal(buffer, "\1\2\3\4", 4);
	wr_u8(&out, 1);
	assert_true(wr_failed(&out));
	assert_int_equal(wr_len(&out), 4);
}

static void writer_pads_text_and_refuses_longer(void **state UNUSED)
{
	uint8_t buffer[8];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));

	wr_text(&out, "ab", 4);
	assert_memory_equal(buffer, "ab\0\0", 4);
	wr_text(&out, "abcde", 4);
	assert_true(wr_failed(&out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader_takes_network_byte_order),
		cmocka_unit_test(reader_failure_sticks_and_yields_zero),
		cmocka_unit_test(reader_slice_is_bounded),
		cmocka_unit_test(text_field_without_terminator_is_terminated),
		cmocka_unit_test(writer_refuses_what_does_not_fit),
		cmocka_unit_test(writer_pads_text_and_refuses_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
