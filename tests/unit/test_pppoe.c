/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of PPPoE sessions against bytes drawn from RFC 2516 4, and everything they are not. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "pptpctrl/proto/pppoe.h"

/* Session 0xabcd, an LCP Configure-Request without options. */
static const uint8_t lcp[] = {
	0x02, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x02, 0x00, 0x00, 0x00, 0x00, 0x0b, 0x88,
	0x64, 0x11, 0x00, 0xab, 0xcd, 0x00, 0x06, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x04,
};

/* Decodes from memory of exactly that size, so that the sanitizer sees a read past its end. */
static bool decode(const uint8_t *bytes, size_t len, struct pppoe_frame *ret_frame)
{
	uint8_t *exact = malloc(len ? len : 1);
	bool good;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	good = pppoe_decode(exact, len, ret_frame);
	if (good)
		ret_frame->payload = bytes + (ret_frame->payload - exact);
	free(exact);
	return good;
}

static void session_addresses_and_payload_are_found(void **state UNUSED)
{
	struct pppoe_frame frame;

	assert_true(decode(lcp, sizeof(lcp), &frame));
	assert_memory_equal(frame.destination, lcp, 6);
	assert_memory_equal(frame.source, lcp + 6, 6);
	assert_int_equal(frame.session, 0xabcd);
	assert_ptr_equal(frame.payload, lcp + PPPOE_HEADER_LEN);
	assert_int_equal(frame.payload_len, 6);
}

static void every_truncated_prefix_is_refused(void **state UNUSED)
{
	struct pppoe_frame frame;

	for (size_t len = 0; len < sizeof(lcp); len++)
		assert_false(decode(lcp, len, &frame));
}

static void payload_ends_where_the_header_says(void **state UNUSED)
{
	uint8_t padded[60] = {0};
	struct pppoe_frame frame;

	memcpy(padded, lcp, sizeof(lcp));
	assert_true(decode(padded, sizeof(padded), &frame));
	assert_int_equal(frame.payload_len, 6);
	padded[19] = 40;
	assert_true(decode(padded, sizeof(padded), &frame));
	assert_int_equal(frame.payload_len, 40);
	padded[19] = 41;
	assert_false(decode(padded, sizeof(padded), &frame));
	padded[19] = 0;
	assert_true(decode(padded, PPPOE_HEADER_LEN, &frame));
	assert_int_equal(frame.payload_len, 0);
}

/* Discovery (0x8863) and IP are other ethertypes; codes other than 0 belong to discovery. */
static void other_ethertypes_versions_and_codes_are_refused(void **state UNUSED)
{
	uint8_t bytes[sizeof(lcp)];
	struct pppoe_frame frame;

	for (size_t at = 12; at < 16; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(bytes, lcp, sizeof(bytes));
			bytes[at] ^= (uint8_t)(1u << bit);
			assert_false(decode(bytes, sizeof(bytes), &frame));
		}
	}
}

static void refusal_leaves_the_output_untouched(void **state UNUSED)
{
	struct pppoe_frame frame = {.session = 4711};

	assert_false(decode(lcp, sizeof(lcp) - 1, &frame));
	assert_int_equal(frame.session, 4711);
}

static void encoding_gives_the_same_header(void **state UNUSED)
{
	uint8_t out[PPPOE_HEADER_LEN];
	struct pppoe_frame frame;

	assert_true(decode(lcp, sizeof(lcp), &frame));
	assert_true(pppoe_encode(&frame, out));
	assert_memory_equal(out, lcp, sizeof(out));
}

static void encoding_refuses_a_payload_that_the_header_cannot_state(void **state UNUSED)
{
	struct pppoe_frame frame = {.session = 1, .payload_len = 65535};
	uint8_t out[PPPOE_HEADER_LEN];

	assert_true(pppoe_encode(&frame, out));
	frame.payload_len++;
	assert_false(pppoe_encode(&frame, out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_addresses_and_payload_are_found),
		cmocka_unit_test(every_truncated_prefix_is_refused),
		cmocka_unit_test(payload_ends_where_the_header_says),
		cmocka_unit_test(other_ethertypes_versions_and_codes_are_refused),
		cmocka_unit_test(refusal_leaves_the_output_untouched),
		cmocka_unit_test(encoding_gives_the_same_header),
		cmocka_unit_test(encoding_refuses_a_payload_that_the_header_cannot_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
