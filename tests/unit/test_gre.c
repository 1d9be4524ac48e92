/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The enhanced GRE header against bytes drawn from RFC 2637 4.1, and everything it is not. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "pptpctrl/proto/gre.h"

/* Key, sequence and acknowledgement; 3 bytes of payload; call 0xabcd. */
static const uint8_t both[] = {
	0x30, 0x81, 0x88, 0x0b, 0x00, 0x03, 0xab, 0xcd, 0x01, 0x02,
	0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0xff, 0x03, 0x21,
};

static const uint8_t ack_only[] = {
	0x20, 0x81, 0x88, 0x0b, 0x00, 0x00, 0xab, 0xcd, 0x05, 0x06, 0x07, 0x08,
};

static const uint8_t sequence_only[] = {
	0x30, 0x01, 0x88, 0x0b, 0x00, 0x01, 0xab, 0xcd, 0x01, 0x02, 0x03, 0x04, 0xc0,
};

/* Decodes from memory of exactly that size, so that the sanitizer sees a read past its end. */
static bool decode(const uint8_t *bytes, size_t len, struct gre_header *ret_header)
{
	uint8_t *exact = malloc(len ? len : 1);
	bool good;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	good = gre_decode(exact, len, ret_header);
	if (good && ret_header->payload)
		ret_header->payload = bytes + (ret_header->payload - exact);
	free(exact);
	return good;
}

static void sequence_ack_and_payload_are_found(void **state UNUSED)
{
	struct gre_header header;

	assert_true(decode(both, sizeof(both), &header));
	assert_int_equal(header.call_id, 0xabcd);
	assert_true(header.has_sequence);
	assert_true(header.has_ack);
	assert_int_equal(header.sequence, 0x01020304);
	assert_int_equal(header.ack, 0x05060708);
	assert_int_equal(header.payload_len, 3);
	assert_ptr_equal(header.payload, both + 16);
}

static void gre_ack_without_sequence_is_at_offset_8(void **state UNUSED)
{
	struct gre_header header;

	assert_true(decode(ack_only, sizeof(ack_only), &header));
	assert_false(header.has_sequence);
	assert_true(header.has_ack);
	assert_int_equal(header.ack, 0x05060708);
	assert_int_equal(header.payload_len, 0);
	assert_null(header.payload);
}

static void gre_payload_without_ack_is_at_offset_12(void **state UNUSED)
{
	struct gre_header header;

	assert_true(decode(sequence_only, sizeof(sequence_only), &header));
	assert_true(header.has_sequence);
	assert_false(header.has_ack);
	assert_ptr_equal(header.payload, sequence_only + 12);
	assert_int_equal(header.payload_len, 1);
}

static void every_truncated_prefix_is_refused(void **state UNUSED)
{
	struct gre_header header;

	for (size_t len = 0; len < sizeof(both); len++)
		assert_false(decode(both, len, &header));
	for (size_t len = 0; len < sizeof(ack_only); len++)
		assert_false(decode(ack_only, len, &header));
	for (size_t len = 0; len < sizeof(sequence_only); len++)
		assert_false(decode(sequence_only, len, &header));
}

static void payload_ends_where_the_header_says(void **state UNUSED)
{
	uint8_t padded[sizeof(both) + 5] = {0};
	struct gre_header header;

	memcpy(padded, both, sizeof(both));
	assert_true(decode(padded, sizeof(padded), &header));
	assert_int_equal(header.payload_len, 3);
	padded[5] = 8;
	assert_true(decode(padded, sizeof(padded), &header));
	assert_int_equal(header.payload_len, 8);
	padded[5] = 9;
	assert_false(decode(padded, sizeof(padded), &header));
	padded[4] = 0xff;
	assert_false(decode(padded, sizeof(padded), &header));
}

/* Whether `both` is accepted with its first 16 bits and its protocol replaced. */
static bool accepted_with(uint16_t bits, uint16_t protocol)
{
	uint8_t bytes[sizeof(both)];
	struct gre_header header;

	memcpy(bytes, both, sizeof(bytes));
	bytes[0] = (uint8_t)(bits >> 8);
	bytes[1] = (uint8_t)bits;
	bytes[2] = (uint8_t)(protocol >> 8);
	bytes[3] = (uint8_t)protocol;
	return decode(bytes, sizeof(bytes), &header);
}

static void every_other_bit_of_the_first_word_is_refused(void **state UNUSED)
{
	assert_true(accepted_with(0x3081, GRE_PROTO_PPP));
	for (unsigned bit = 0; bit < 16; bit++) {
		if (1u << bit == 0x0080) /* leaving out the acknowledgement number is fine */
			continue;
		assert_false(accepted_with((uint16_t)(0x3081 ^ 1u << bit), GRE_PROTO_PPP));
	}
}

static void other_protocols_are_refused(void **state UNUSED)
{
	assert_false(accepted_with(0x3081, 0x0800));
	assert_false(accepted_with(0x3081, 0x0b88));
}

static void payload_without_sequence_is_refused(void **state UNUSED)
{
	uint8_t bytes[sizeof(ack_only) + 4] = {0};
	struct gre_header header;

	memcpy(bytes, ack_only, sizeof(ack_only));
	assert_true(decode(bytes, sizeof(bytes), &header));
	bytes[5] = 4;
	assert_false(decode(bytes, sizeof(bytes), &header));
}

static void neither_number_is_refused(void **state UNUSED)
{
	const uint8_t bytes[] = {0x20, 0x01, 0x88, 0x0b, 0, 0, 0xab, 0xcd};
	struct gre_header header;

	assert_false(decode(bytes, sizeof(bytes), &header));
}

static void sequence_with_empty_payload_is_allowed(void **state UNUSED)
{
	const uint8_t bytes[] = {0x30, 0x01, 0x88, 0x0b, 0, 0, 0xab, 0xcd, 0, 0, 0, 9};
	struct gre_header header;

	assert_true(decode(bytes, sizeof(bytes), &header));
	assert_int_equal(header.sequence, 9);
	assert_int_equal(header.payload_len, 0);
}

static void refusal_leaves_the_output_untouched(void **state UNUSED)
{
	struct gre_header header = {.call_id = 4711};

	assert_false(decode(both, sizeof(both) - 1, &header));
	assert_int_equal(header.call_id, 4711);
}

static void of_a_cut_packet_only_the_header_must_be_there(void **state UNUSED)
{
	struct gre_header header;

	for (size_t len = 0; len < sizeof(both); len++)
		assert_int_equal(gre_decode_cut(both, len, &header), len >= GRE_HEADER_MAX);
	assert_int_equal(header.sequence, 0x01020304);
	assert_int_equal(header.payload_len, 3);
	assert_null(header.payload);
	assert_false(gre_decode_cut(both + 1, sizeof(both) - 1, &header));
}

static void assert_encodes_back(const uint8_t *bytes, size_t len)
{
	uint8_t out[GRE_HEADER_MAX];
	struct gre_header header;
	size_t header_len;

	assert_true(decode(bytes, len, &header));
	header_len = gre_encode(&header, out);
	assert_int_equal(header_len, len - header.payload_len);
	assert_memory_equal(out, bytes, header_len);
}

static void encoding_gives_the_same_header(void **state UNUSED)
{
	assert_encodes_back(both, sizeof(both));
	assert_encodes_back(ack_only, sizeof(ack_only));
	assert_encodes_back(sequence_only, sizeof(sequence_only));
}

static void encoding_refuses_what_decoding_would(void **state UNUSED)
{
	struct gre_header header = {.has_sequence = true, .payload_len = 65535};
	uint8_t out[GRE_HEADER_MAX];

	assert_int_equal(gre_encode(&header, out), 12);
	header.payload_len++;
	assert_int_equal(gre_encode(&header, out), 0);
	header = (struct gre_header){.has_ack = true, .payload_len = 1};
	assert_int_equal(gre_encode(&header, out), 0);
	header = (struct gre_header){.call_id = 1};
	assert_int_equal(gre_encode(&header, out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequence_ack_and_payload_are_found),
		cmocka_unit_test(gre_ack_without_sequence_is_at_offset_8),
		cmocka_unit_test(gre_payload_without_ack_is_at_offset_12),
		cmocka_unit_test(every_truncated_prefix_is_refused),
		cmocka_unit_test(payload_ends_where_the_header_says),
		cmocka_unit_test(every_other_bit_of_the_first_word_is_refused),
		cmocka_unit_test(other_protocols_are_refused),
		cmocka_unit_test(payload_without_sequence_is_refused),
		cmocka_unit_test(neither_number_is_refused),
		cmocka_unit_test(sequence_with_empty_payload_is_allowed),
		cmocka_unit_test(refusal_leaves_the_output_untouched),
		cmocka_unit_test(of_a_cut_packet_only_the_header_must_be_there),
		cmocka_unit_test(encoding_gives_the_same_header),
		cmocka_unit_test(encoding_refuses_what_decoding_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
