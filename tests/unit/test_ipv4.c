/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IPv4 header: its fields, its bounds, its checksum. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "pptpctrl/proto/ipv4.h"

/* 192.0.2.1 to 198.51.100.2, GRE, identification 0x1234, 4 bytes of payload, 2 of padding. */
static const uint8_t sample[] = {
	0x45, 0x00, 0x00, 0x18, 0x12, 0x34, 0x00, 0x00, 0x40, 0x2f, 0x7c, 0x4c, 0xc0,
	0x00, 0x02, 0x01, 0xc6, 0x33, 0x64, 0x02, 0xde, 0xad, 0xbe, 0xef, 0x00, 0x00,
};

#define SAMPLE_LEN 24 /* without the padding */

static void set_checksum(uint8_t *bytes, size_t header_len)
{
	uint16_t checksum;

	bytes[10] = 0;
	bytes[11] = 0;
	checksum = ipv4_checksum(bytes, header_len);
	bytes[10] = (uint8_t)(checksum >> 8);
	bytes[11] = (uint8_t)checksum;
}

/* Decodes from memory of exactly that size, so that the sanitizer sees a read past its end. */
static bool decode(const uint8_t *bytes, size_t len, struct ipv4_header *ret_header)
{
	uint8_t *exact = malloc(len ? len : 1);
	bool good;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	good = ipv4_decode(exact, len, ret_header);
	if (good)
		ret_header->payload = bytes + (ret_header->payload - exact);
	free(exact);
	return good;
}

/* The same with one byte changed and the checksum made right. */
static bool decode_with(size_t offset, uint8_t byte, struct ipv4_header *ret_header)
{
	uint8_t bytes[sizeof(sample)];

	memcpy(bytes, sample, sizeof(bytes));
	bytes[offset] = byte;
	set_checksum(bytes, 20);
	return decode(bytes, sizeof(bytes), ret_header);
}

static void fields_are_found_and_padding_is_ignored(void **state UNUSED)
{
	struct ipv4_header header;

	assert_true(decode(sample, sizeof(sample), &header));
	assert_int_equal(header.source.s_addr, inet_addr("192.0.2.1"));
	assert_int_equal(header.destination.s_addr, inet_addr("198.51.100.2"));
	assert_int_equal(header.protocol, 47);
	assert_int_equal(header.identification, 0x1234);
	assert_false(header.more_fragments);
	assert_int_equal(header.fragment_offset, 0);
	assert_ptr_equal(header.payload, sample + 20);
	assert_int_equal(header.payload_len, 4);
}

static void every_truncated_prefix_is_refused(void **state UNUSED)
{
	struct ipv4_header header;

	for (size_t len = 0; len < SAMPLE_LEN; len++)
		assert_false(decode(sample, len, &header));
	assert_true(decode(sample, SAMPLE_LEN, &header));
}

static void options_are_skipped(void **state UNUSED)
{
	uint8_t bytes[64] = {0};
	struct ipv4_header header;

	memcpy(bytes, sample, 20);
	bytes[0] = 0x4f; /* 60 bytes of header */
	bytes[3] = 64;
	set_checksum(bytes, 60);
	assert_true(decode(bytes, sizeof(bytes), &header));
	assert_int_equal(header.payload_len, 4);
	assert_ptr_equal(header.payload, bytes + 60);
	assert_false(decode(bytes, 59, &header));
}

static void header_without_payload_is_allowed(void **state UNUSED)
{
	struct ipv4_header header;

	assert_true(decode_with(3, 20, &header));
	assert_int_equal(header.payload_len, 0);
}

static void wrong_version_or_length_is_refused(void **state UNUSED)
{
	struct ipv4_header header = {.identification = 4711};

	assert_false(decode_with(0, 0x65, &header));
	assert_false(decode_with(0, 0x44, &header)); /* header of 16 bytes */
	assert_false(decode_with(0, 0x40, &header));
	assert_false(decode_with(3, 19, &header)); /* total length below the header's */
	assert_false(decode_with(3, 0, &header));
	assert_false(decode_with(3, sizeof(sample) + 1, &header));
	assert_int_equal(header.identification, 4711);
}

static void header_length_beyond_the_packet_is_refused(void **state UNUSED)
{
	uint8_t bytes[24];
	struct ipv4_header header;

	memcpy(bytes, sample, sizeof(bytes));
	bytes[0] = 0x47;
	bytes[3] = 28;
	assert_false(decode(bytes, sizeof(bytes), &header));
}

static void every_flipped_bit_of_the_header_is_noticed(void **state UNUSED)
{
	for (unsigned bit = 0; bit < 20 * 8; bit++) {
		uint8_t bytes[sizeof(sample)];
		struct ipv4_header header;

		memcpy(bytes, sample, sizeof(bytes));
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(decode(bytes, sizeof(bytes), &header));
	}
}

static void fragments_are_told(void **state UNUSED)
{
	struct ipv4_header header;

	assert_true(decode_with(6, 0x20, &header));
	assert_true(header.more_fragments);
	assert_int_equal(header.fragment_offset, 0);
	assert_true(decode_with(7, 0xb9, &header)); /* 185 * 8 */
	assert_false(header.more_fragments);
	assert_int_equal(header.fragment_offset, 1480);
	assert_true(decode_with(6, 0x40, &header)); /* do not fragment */
	assert_false(header.more_fragments);
}

static void fragment_ends_at_65535_at_most(void **state UNUSED)
{
	uint8_t bytes[32] = {0};
	struct ipv4_header header;

	memcpy(bytes, sample, 20);
	bytes[6] = 0x1f;
	bytes[7] = 0xfc; /* 65504, so that 11 bytes and the header are the most */
	bytes[3] = 31;
	set_checksum(bytes, 20);
	assert_true(decode(bytes, sizeof(bytes), &header));
	assert_int_equal(header.fragment_offset + header.payload_len + 20, 65535);
	bytes[3] = 32;
	set_checksum(bytes, 20);
	assert_false(decode(bytes, sizeof(bytes), &header));
}

static void checksum_is_that_of_rfc_1071(void **state UNUSED)
{
	const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	const uint8_t two_carries[] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x01};
	uint8_t ones[5] = {0xff, 0xff, 0xff, 0xff, 0x12};

	assert_int_equal(ipv4_checksum(example, sizeof(example)),
			 (uint16_t)~0xddf2);                         /* RFC 1071 3 */
	assert_int_equal(ipv4_checksum(ones, 5), (uint16_t)~0x1200); /* odd length */
	assert_int_equal(ipv4_checksum(two_carries, 6), (uint16_t)~0x0001);
	assert_int_equal(ipv4_checksum(ones, 0), 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_and_padding_is_ignored),
		cmocka_unit_test(every_truncated_prefix_is_refused),
		cmocka_unit_test(options_are_skipped),
		cmocka_unit_test(header_without_payload_is_allowed),
		cmocka_unit_test(wrong_version_or_length_is_refused),
		cmocka_unit_test(header_length_beyond_the_packet_is_refused),
		cmocka_unit_test(every_flipped_bit_of_the_header_is_noticed),
		cmocka_unit_test(fragments_are_told),
		cmocka_unit_test(fragment_ends_at_65535_at_most),
		cmocka_unit_test(checksum_is_that_of_rfc_1071),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
