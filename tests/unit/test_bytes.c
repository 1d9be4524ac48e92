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

static void reader_of_nothing_fails_at_once(void **state UNUSED)
{
	struct byte_reader in = rd_init(NULL, 0);

	assert_int_equal(rd_left(&in), 0);
	rd_skip(&in, 0);
	assert_false(rd_failed(&in));
	assert_int_equal(rd_u8(&in), 0);
	assert_true(rd_failed(&in));
}

static void reader_takes_64_bits(void **state UNUSED)
{
	const uint8_t data[] = {0x81, 2, 3, 4, 5, 6, 7, 8};
	struct byte_reader in = rd_init(data, sizeof(data));

	assert_true(rd_u64(&in) == UINT64_C(0x8102030405060708));
	assert_false(rd_failed(&in));
}

static void failed_copy_and_text_give_zeros(void **state UNUSED)
{
	struct byte_reader in = rd_init("abc", 3);
	uint8_t copy[4] = {1, 1, 1, 1};
	char text[5] = "1234";

	rd_copy(&in, copy, sizeof(copy));
	assert_true(rd_failed(&in));
	assert_memory_equal(copy, "\0\0\0", 4);
	rd_text(&in, text, 4);
	assert_string_equal(text, "");
}

static void copy_skip_and_bytes_move_on(void **state UNUSED)
{
	struct byte_reader in = rd_init("abcdef", 6);
	uint8_t copy[2];

	rd_copy(&in, copy, 2);
	assert_memory_equal(copy, "ab", 2);
	rd_skip(&in, 1);
	assert_memory_equal(rd_bytes(&in, 2), "de", 2);
	assert_int_equal(rd_left(&in), 1);
	rd_skip(&in, 2);
	assert_true(rd_failed(&in));
}

static void slice_of_a_failed_reader_is_failed(void **state UNUSED)
{
	struct byte_reader in = rd_init("a", 1);
	struct byte_reader slice;

	(void)rd_u16(&in);
	slice = rd_slice(&in, 0);
	assert_true(rd_failed(&slice));
}

static void writer_takes_network_byte_order(void **state UNUSED)
{
	uint8_t buffer[15];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));

	wr_u8(&out, 0xff);
	wr_u16(&out, 0x0203);
	wr_u32(&out, 0x04050607);
	wr_u64(&out, UINT64_C(0x08090a0b0c0d0e0f));
	assert_false(wr_failed(&out));
	assert_memory_equal(buffer, "\xff\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 15);
}

static void each_width_refuses_one_more_than_it_holds(void **state UNUSED)
{
	uint8_t buffer[8];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));

	wr_u8(&out, 0x100);
	assert_true(wr_failed(&out));
	out = wr_init(buffer, sizeof(buffer));
	wr_u32(&out, UINT64_C(0x100000000));
	assert_true(wr_failed(&out));
	out = wr_init(buffer, sizeof(buffer));
	wr_u64(&out, UINT64_MAX);
	assert_false(wr_failed(&out));
}

static void failed_writer_writes_nothing_more(void **state UNUSED)
{
	uint8_t buffer[4] = {1, 1, 1, 1};
	struct byte_writer out = wr_init(buffer, sizeof(buffer));

	wr_copy(&out, "abcde", 5);
	wr_u8(&out, 2);
	wr_zero(&out, 1);
	wr_text(&out, "", 1);
	assert_true(wr_failed(&out));
	assert_int_equal(wr_len(&out), 0);
	assert_memory_equal(buffer, "\1\1\1\1", 4);
}

static void refused_text_leaves_nothing(void **state UNUSED)
{
	uint8_t buffer[16];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));

	wr_text(&out, "abcde", 4);
	assert_true(wr_failed(&out));
	assert_int_equal(wr_len(&out), 0);
}

static void text_may_fill_its_field(void **state UNUSED)
{
	uint8_t buffer[2];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));

	wr_text(&out, "ab", 2);
	assert_false(wr_failed(&out));
	assert_memory_equal(buffer, "ab", 2);
}

static void patch_changes_only_what_is_written(void **state UNUSED)
{
	uint8_t buffer[6];
	struct byte_writer out = wr_init(buffer, sizeof(buffer));

	wr_zero(&out, 4);
	wr_patch_u16(&out, 1, 0x0102);
	assert_false(wr_failed(&out));
	assert_int_equal(wr_len(&out), 4);
	assert_memory_equal(buffer, "\0\1\2\0", 4);
	wr_patch_u16(&out, 3, 1);
	assert_true(wr_failed(&out));
	out = wr_init(buffer, sizeof(buffer));
	wr_zero(&out, 2);
	wr_patch_u16(&out, 0, 0x10000);
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
		cmocka_unit_test(reader_of_nothing_fails_at_once),
		cmocka_unit_test(reader_takes_64_bits),
		cmocka_unit_test(failed_copy_and_text_give_zeros),
		cmocka_unit_test(copy_skip_and_bytes_move_on),
		cmocka_unit_test(slice_of_a_failed_reader_is_failed),
		cmocka_unit_test(writer_takes_network_byte_order),
		cmocka_unit_test(each_width_refuses_one_more_than_it_holds),
		cmocka_unit_test(failed_writer_writes_nothing_more),
		cmocka_unit_test(refused_text_leaves_nothing),
		cmocka_unit_test(text_may_fill_its_field),
		cmocka_unit_test(patch_changes_only_what_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
