/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cutting the control stream: however it is split or merged, and as early as it can be judged. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "pptpctrl/proto/pptp_frame.h"
#include "pptpctrl/proto/pptp_msg.h"
#include "tests/unit/vectors.h"

/* Stands for the *ret_len that was not touched. */
#define UNTOUCHED 4711

struct header {
	uint16_t len;
	uint16_t message_type;
	uint32_t magic;
	uint16_t control_type;
};

static const struct header echo_request = {16, PPTP_MESSAGE_CONTROL, PPTP_MAGIC, PPTP_ECHO_REQUEST};

/* The result for `available` bytes of a message with that header, out of exactly so many bytes. */
static enum pptp_frame_result judge(struct header header, size_t available, size_t *ret_len)
{
	uint8_t bytes[UINT16_MAX] = {0};
	uint8_t *exact = malloc(available ? available : 1);
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	enum pptp_frame_result result;

	wr_u16(&out, header.len);
	wr_u16(&out, header.message_type);
	wr_u32(&out, header.magic);
	wr_u16(&out, header.control_type);
	assert_non_null(exact);
	memcpy(exact, bytes, available);
	*ret_len = UNTOUCHED;
	result = pptp_frame_next(exact, available, ret_len);
	free(exact);
	return result;
}

static void assert_judged(struct header header, size_t available, enum pptp_frame_result expected)
{
	size_t len;

	assert_int_equal(judge(header, available, &len), expected);
	if (expected == PPTP_FRAME_MSG || expected == PPTP_FRAME_UNKNOWN)
		assert_int_equal(len, header.len);
	else
		assert_int_equal(len, UNTOUCHED);
}

static void byte_by_byte_is_more_until_the_last(void **state UNUSED)
{
	for (size_t available = 0; available < 16; available++)
		assert_judged(echo_request, available, PPTP_FRAME_MORE);
	assert_judged(echo_request, 16, PPTP_FRAME_MSG);
	assert_judged(echo_request, 17, PPTP_FRAME_MSG);
}

static void every_type_is_a_message_at_its_length_only(void **state UNUSED)
{
	for (uint16_t type = PPTP_START_REQUEST; type <= PPTP_SET_LINK_INFO; type++) {
		struct header header = {pptp_msg_info(type)->len, 1, PPTP_MAGIC, type};

		assert_judged(header, header.len, PPTP_FRAME_MSG);
		for (uint16_t len = PPTP_HEADER_LEN; len <= PPTP_MSG_MAX; len++) {
			if (len == pptp_msg_info(type)->len)
				continue;
			header.len = len;
			assert_judged(header, 9, PPTP_FRAME_MORE);
			assert_judged(header, 10, PPTP_FRAME_BAD_LENGTH);
		}
	}
}

static void impossible_length_is_bad_after_two_bytes(void **state UNUSED)
{
	const uint16_t lengths[] = {0, 1, 11, 221, 222, 256, 0x1000, 65535};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct header header = echo_request;

		header.len = lengths[i];
		assert_judged(header, 1, PPTP_FRAME_MORE);
		assert_judged(header, 2, PPTP_FRAME_BAD_LENGTH);
		assert_judged(header, 300, PPTP_FRAME_BAD_LENGTH);
	}
}

static void wrong_magic_is_bad_after_eight_bytes(void **state UNUSED)
{
	struct header header = echo_request;

	for (unsigned bit = 0; bit < 32; bit++) {
		header.magic = PPTP_MAGIC ^ UINT32_C(1) << bit;
		assert_judged(header, 7, PPTP_FRAME_MORE);
		assert_judged(header, 8, PPTP_FRAME_BAD_MAGIC);
		assert_judged(header, 16, PPTP_FRAME_BAD_MAGIC);
	}
}

static void wrong_magic_of_another_message_type_is_bad_too(void **state UNUSED)
{
	const struct header header = {16, 2, 0x4d3c2b1a, PPTP_ECHO_REQUEST};

	assert_judged(header, 8, PPTP_FRAME_BAD_MAGIC);
}

static void unknown_control_type_is_skipped_whole(void **state UNUSED)
{
	const uint16_t types[] = {0, 16, 255, 0x100, 65535};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct header header = {12, 1, PPTP_MAGIC, types[i]};

		assert_judged(header, 11, PPTP_FRAME_MORE);
		assert_judged(header, 12, PPTP_FRAME_UNKNOWN);
		header.len = 220;
		assert_judged(header, 219, PPTP_FRAME_MORE);
		assert_judged(header, 220, PPTP_FRAME_UNKNOWN);
	}
}

static void management_message_is_skipped_at_any_length(void **state UNUSED)
{
	for (uint16_t len = PPTP_HEADER_LEN; len <= PPTP_MSG_MAX; len++) {
		const struct header header = {len, 2, PPTP_MAGIC, PPTP_ECHO_REQUEST};

		assert_judged(header, len - 1u, PPTP_FRAME_MORE);
		assert_judged(header, len, PPTP_FRAME_UNKNOWN);
	}
}

static void glued_messages_come_one_by_one(void **state UNUSED)
{
	const char *files[] = {"pptp/start_request.hex", "pptp/echo_request.hex",
			       "pptp/outgoing_call_request.hex", "pptp/set_link_info.hex"};
	const uint16_t types[] = {PPTP_START_REQUEST, PPTP_ECHO_REQUEST, PPTP_OUTGOING_CALL_REQUEST,
				  PPTP_SET_LINK_INFO};
	uint8_t stream[1024];
	size_t used = 0, pos = 0, len;
	struct pptp_msg msg;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		used += vector_read(files[i], stream + used, sizeof(stream) - used);
	used -= 1; /* the last one is not yet whole */
	for (size_t i = 0; i + 1 < ARRAY_SIZE(types); i++) {
		assert_int_equal(pptp_frame_next(stream + pos, used - pos, &len), PPTP_FRAME_MSG);
		assert_true(pptp_msg_decode(stream + pos, len, &msg));
		assert_int_equal(msg.type, types[i]);
		pos += len;
	}
	assert_int_equal(pptp_frame_next(stream + pos, used - pos, &len), PPTP_FRAME_MORE);
	assert_int_equal(pptp_frame_next(stream + pos, used - pos + 1, &len), PPTP_FRAME_MSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(byte_by_byte_is_more_until_the_last),
		cmocka_unit_test(every_type_is_a_message_at_its_length_only),
		cmocka_unit_test(impossible_length_is_bad_after_two_bytes),
		cmocka_unit_test(wrong_magic_is_bad_after_eight_bytes),
		cmocka_unit_test(wrong_magic_of_another_message_type_is_bad_too),
		cmocka_unit_test(unknown_control_type_is_skipped_whole),
		cmocka_unit_test(management_message_is_skipped_at_any_length),
		cmocka_unit_test(glued_messages_come_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
