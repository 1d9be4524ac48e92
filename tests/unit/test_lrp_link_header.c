/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 behind each link header, and what is none of ours. */
#include "tests/unit/unit.h"

#include <string.h>

#include "lrp/link_header.h"

/* One frame of each kind; the packet is the one byte 0x45 at the end. */
static const struct {
	enum link_type type;
	uint8_t frame[32];
	size_t len;
} good[] = {
	{LINK_ETHERNET, {[12] = 0x08, [13] = 0x00, [14] = 0x45}, 15},
	{LINK_ETHERNET, {[12] = 0x81, [13] = 0x00, [14] = 0xe0, [16] = 0x08, [18] = 0x45}, 19},
	{LINK_LINUX_COOKED, {[14] = 0x08, [15] = 0x00, [16] = 0x45}, 17},
	{LINK_LINUX_COOKED, {[14] = 0x81, [16] = 0x20, [18] = 0x08, [20] = 0x45}, 21},
	{LINK_LINUX_COOKED2, {[0] = 0x08, [1] = 0x00, [20] = 0x45}, 21},
	{LINK_RAW_IP, {[0] = 0x45}, 1},
};

static void each_link_header_is_stripped(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const uint8_t *packet = NULL;
		size_t len = 0;

		assert_true(
			link_header_strip(good[i].type, good[i].frame, good[i].len, &packet, &len));
		assert_ptr_equal(packet, good[i].frame + good[i].len - 1);
		assert_int_equal(len, 1);
	}
}

/* The frame is copied to its exact size, so that a sanitizer sees a read beyond it. */
static void truncated_headers_are_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		for (size_t len = 0; len + 1 < good[i].len; len++) {
			uint8_t *frame = test_malloc(len + 1);
			const uint8_t *packet = NULL;
			size_t packet_len = 99;

			memcpy(frame + 1, good[i].frame, len);
			assert_false(link_header_strip(good[i].type, frame + 1, len, &packet,
						       &packet_len));
			assert_null(packet);
			assert_int_equal(packet_len, 99);
			test_free(frame);
		}
	}
}

static void other_protocols_are_refused(void **state UNUSED)
{
	const uint8_t ipv6[15] = {[12] = 0x86, [13] = 0xdd};
	const uint8_t arp[21] = {[0] = 0x08, [1] = 0x06};
	const uint8_t *packet;
	size_t len;

	assert_false(link_header_strip(LINK_ETHERNET, ipv6, sizeof(ipv6), &packet, &len));
	assert_false(link_header_strip(LINK_LINUX_COOKED2, arp, sizeof(arp), &packet, &len));
}

static void frame_of_another_vlan_is_refused(void **state UNUSED)
{
	const uint8_t vlan_1[19] = {[12] = 0x81, [15] = 0x01, [16] = 0x08, [18] = 0x45};
	const uint8_t vlan_4095[19] = {
		[12] = 0x81, [14] = 0x0f, [15] = 0xff, [16] = 0x08, [18] = 0x45};
	const uint8_t *packet;
	size_t len;

	assert_false(link_header_strip(LINK_ETHERNET, vlan_1, sizeof(vlan_1), &packet, &len));
	assert_false(link_header_strip(LINK_ETHERNET, vlan_4095, sizeof(vlan_4095), &packet, &len));
}

static void tag_within_a_tag_is_refused(void **state UNUSED)
{
	const uint8_t twice[23] = {[12] = 0x81, [16] = 0x81, [20] = 0x08, [22] = 0x45};
	const uint8_t *packet;
	size_t len;

	assert_false(link_header_strip(LINK_ETHERNET, twice, sizeof(twice), &packet, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_link_header_is_stripped),
		cmocka_unit_test(truncated_headers_are_refused),
		cmocka_unit_test(other_protocols_are_refused),
		cmocka_unit_test(frame_of_another_vlan_is_refused),
		cmocka_unit_test(tag_within_a_tag_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
