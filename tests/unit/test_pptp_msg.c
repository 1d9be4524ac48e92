/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fifteen control messages against golden bytes, both ways, and every wrong length. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpctrl/proto/pptp_msg.h"
#include "tests/unit/vectors.h"

struct golden {
	const char *file;
	const char *name;
	size_t len;
	struct pptp_msg msg;
};

static const struct golden goldens[] = {
	{
		.file = "start_request",
		.name = "Start-Control-Connection-Request",
		.len = 156,
		.msg = {.type = PPTP_START_REQUEST,
			.start = {.version = PPTP_VERSION,
				  .framing = PPTP_FRAMING_ASYNC | PPTP_FRAMING_SYNC,
				  .bearer = PPTP_BEARER_DIGITAL,
				  .max_channels = 0x1234,
				  .firmware = 0x5678,
				  .host_name = "client.example.org",
				  .vendor = "A vendor whose name takes all of its sixty-four bytes:"
					    " no zeros."}},
	},
	{
		.file = "start_reply",
		.name = "Start-Control-Connection-Reply",
		.len = 156,
		.msg = {.type = PPTP_START_REPLY,
			.start = {.version = PPTP_VERSION,
				  .result = PPTP_START_GENERAL_ERROR,
				  .error = PPTP_ERROR_NO_RESOURCE,
				  .framing = PPTP_FRAMING_ASYNC,
				  .bearer = PPTP_BEARER_ANALOG | PPTP_BEARER_DIGITAL,
				  .max_channels = 0x0102,
				  .firmware = 0x0304,
				  .host_name = "server.example.org",
				  .vendor = "example"}},
	},
	{
		.file = "stop_request",
		.name = "Stop-Control-Connection-Request",
		.len = 16,
		.msg = {.type = PPTP_STOP_REQUEST, .stop_request = {PPTP_STOP_LOCAL_SHUTDOWN}},
	},
	{
		.file = "stop_reply",
		.name = "Stop-Control-Connection-Reply",
		.len = 16,
		.msg = {.type = PPTP_STOP_REPLY,
			.stop_reply = {.result = PPTP_RESULT_GENERAL_ERROR,
				       .error = PPTP_ERROR_NOT_CONNECTED}},
	},
	{
		.file = "echo_request",
		.name = "Echo-Request",
		.len = 16,
		.msg = {.type = PPTP_ECHO_REQUEST, .echo_request = {0xdeadbeef}},
	},
	{
		.file = "echo_reply",
		.name = "Echo-Reply",
		.len = 20,
		.msg = {.type = PPTP_ECHO_REPLY,
			.echo_reply = {.identifier = 0xdeadbeef, .result = PPTP_RESULT_OK}},
	},
	{
		.file = "outgoing_call_request",
		.name = "Outgoing-Call-Request",
		.len = 168,
		.msg = {.type = PPTP_OUTGOING_CALL_REQUEST,
			.outgoing_call_request = {.call_id = 0x1122,
						  .serial = 0x3344,
						  .min_bps = 300,
						  .max_bps = 100000000,
						  .bearer = 3,
						  .framing = PPTP_FRAMING_SYNC,
						  .window = 64,
						  .processing_delay = 5,
						  .phone_number_len = 6,
						  .phone_number = "123456",
						  .subaddress = "77"}},
	},
	{
		.file = "outgoing_call_reply",
		.name = "Outgoing-Call-Reply",
		.len = 32,
		.msg = {.type = PPTP_OUTGOING_CALL_REPLY,
			.outgoing_call_reply = {.call_id = 0x5566,
						.peer_call_id = 0x1122,
						.result = PPTP_OUTGOING_GENERAL_ERROR,
						.error = PPTP_ERROR_PAC,
						.cause = 0x0708,
						.connect_speed = 100000000,
						.window = 64,
						.processing_delay = 9,
						.physical_channel = 0x0a0b0c0d}},
	},
	{
		.file = "incoming_call_request",
		.name = "Incoming-Call-Request",
		.len = 220,
		.msg = {.type = PPTP_INCOMING_CALL_REQUEST,
			.incoming_call_request = {.call_id = 0x2233,
						  .serial = 0x4455,
						  .bearer = PPTP_BEARER_ANALOG,
						  .physical_channel = 0x01020304,
						  .dialed_number_len = 4,
						  .dialing_number_len = 5,
						  .dialed_number = "5551",
						  .dialing_number = "55522",
						  .subaddress = "3"}},
	},
	{
		.file = "incoming_call_reply",
		.name = "Incoming-Call-Reply",
		.len = 24,
		.msg = {.type = PPTP_INCOMING_CALL_REPLY,
			.incoming_call_reply = {.call_id = 0x6677,
						.peer_call_id = 0x2233,
						.result = PPTP_INCOMING_GENERAL_ERROR,
						.error = PPTP_ERROR_BAD_CALL_ID,
						.window = 32,
						.transmit_delay = 7}},
	},
	{
		.file = "incoming_call_connected",
		.name = "Incoming-Call-Connected",
		.len = 28,
		.msg = {.type = PPTP_INCOMING_CALL_CONNECTED,
			.incoming_call_connected = {.peer_call_id = 0x6677,
						    .connect_speed = 64000,
						    .window = 16,
						    .transmit_delay = 3,
						    .framing = PPTP_FRAMING_ASYNC}},
	},
	{
		.file = "call_clear_request",
		.name = "Call-Clear-Request",
		.len = 16,
		.msg = {.type = PPTP_CALL_CLEAR_REQUEST, .call_clear_request = {0x1122}},
	},
	{
		.file = "call_disconnect_notify",
		.name = "Call-Disconnect-Notify",
		.len = 148,
		.msg = {.type = PPTP_CALL_DISCONNECT_NOTIFY,
			.call_disconnect_notify = {.call_id = 0x5566,
						   .result = PPTP_DISCONNECT_REQUEST,
						   .error = PPTP_ERROR_BAD_VALUE,
						   .cause = 16,
						   .statistics = "bytes in 1, bytes out 2"}},
	},
	{
		.file = "wan_error_notify",
		.name = "WAN-Error-Notify",
		.len = 40,
		.msg = {.type = PPTP_WAN_ERROR_NOTIFY,
			.wan_error_notify = {.peer_call_id = 0x1122,
					     .crc_errors = 0x01000001,
					     .framing_errors = 0x02000002,
					     .hardware_overruns = 0x03000003,
					     .buffer_overruns = 0x04000004,
					     .timeouts = 0x05000005,
					     .alignment_errors = 0x06000006}},
	},
	{
		.file = "set_link_info",
		.name = "Set-Link-Info",
		.len = 24,
		.msg = {.type = PPTP_SET_LINK_INFO,
			.set_link_info = {.peer_call_id = 0x5566,
					  .send_accm = 0xffffffff,
					  .receive_accm = 0x000a0000}},
	},
};

/* The golden bytes on the heap, so that the sanitizer sees a read past their end. */
static uint8_t *read_golden(const struct golden *golden, size_t extra)
{
	uint8_t bytes[PPTP_MSG_MAX];
	uint8_t *copy = calloc(1, golden->len + extra);
	char path[64];

	assert_non_null(copy);
	(void)snprintf(path, sizeof(path), "pptp/%s.hex", golden->file);
	assert_int_equal(vector_read(path, bytes, sizeof(bytes)), golden->len);
	memcpy(copy, bytes, golden->len);
	return copy;
}

static void every_type_has_a_row(void **state UNUSED)
{
	for (unsigned i = 0; i < ARRAY_SIZE(goldens); i++) {
		const struct pptp_msg_info *info = pptp_msg_info(goldens[i].msg.type);

		assert_int_equal(goldens[i].msg.type, i + 1);
		assert_non_null(info);
		assert_string_equal(info->name, goldens[i].name);
		assert_int_equal(info->len, goldens[i].len);
		assert_true(info->len <= PPTP_MSG_MAX);
	}
	assert_null(pptp_msg_info(0));
	assert_null(pptp_msg_info(16));
	assert_null(pptp_msg_info(0xffff));
}

static void encoding_gives_the_golden_bytes(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		uint8_t *golden = read_golden(&goldens[i], 0);
		uint8_t out[PPTP_MSG_MAX];
		struct byte_writer writer = wr_init(out, sizeof(out));

		pptp_msg_encode(&goldens[i].msg, &writer);
		assert_false(wr_failed(&writer));
		assert_int_equal(wr_len(&writer), goldens[i].len);
		assert_memory_equal(out, golden, goldens[i].len);
		free(golden);
	}
}

/* With the test above, equal bytes mean equal fields. */
static void decoding_is_the_reverse_of_encoding(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		uint8_t *golden = read_golden(&goldens[i], 0);
		uint8_t out[PPTP_MSG_MAX];
		struct byte_writer writer = wr_init(out, sizeof(out));
		struct pptp_msg msg;

		assert_true(pptp_msg_decode(golden, goldens[i].len, &msg));
		assert_int_equal(msg.type, goldens[i].msg.type);
		pptp_msg_encode(&msg, &writer);
		assert_int_equal(wr_len(&writer), goldens[i].len);
		assert_memory_equal(out, golden, goldens[i].len);
		free(golden);
	}
}

static void every_truncated_prefix_is_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		uint8_t *golden = read_golden(&goldens[i], 0);

		for (size_t len = 0; len < goldens[i].len; len++) {
			uint8_t *prefix = malloc(len ? len : 1);
			struct pptp_msg msg;

			assert_non_null(prefix);
			memcpy(prefix, golden, len);
			assert_false(pptp_msg_decode(prefix, len, &msg));
			if (len >= 2) { /* a stated length that agrees does not help */
				prefix[0] = (uint8_t)(len >> 8);
				prefix[1] = (uint8_t)len;
				assert_false(pptp_msg_decode(prefix, len, &msg));
			}
			free(prefix);
		}
		free(golden);
	}
}

static void one_byte_more_is_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		size_t len = goldens[i].len + 1;
		uint8_t *longer = read_golden(&goldens[i], 1);
		struct pptp_msg msg;

		assert_false(pptp_msg_decode(longer, len, &msg));
		longer[0] = (uint8_t)(len >> 8);
		longer[1] = (uint8_t)len;
		assert_false(pptp_msg_decode(longer, len, &msg));
		free(longer);
	}
}

static const struct golden *echo_reply(void)
{
	return &goldens[PPTP_ECHO_REPLY - 1];
}

/* Whether the Echo-Reply is still accepted with one byte of it changed. */
static bool accepted_with(size_t offset, uint8_t byte)
{
	uint8_t *bytes = read_golden(echo_reply(), 0);
	struct pptp_msg msg;
	bool accepted;

	bytes[offset] = byte;
	accepted = pptp_msg_decode(bytes, echo_reply()->len, &msg);
	free(bytes);
	return accepted;
}

static void wrong_header_is_refused(void **state UNUSED)
{
	assert_true(accepted_with(1, 20));
	assert_false(accepted_with(1, 21)); /* length */
	assert_false(accepted_with(3, 2));  /* message type: management */
	assert_false(accepted_with(4, 0));  /* magic */
	assert_false(accepted_with(9, 0));  /* control type: none */
	assert_false(accepted_with(9, 16)); /* unknown */
	assert_false(accepted_with(9, 1));  /* known, of another length */
}

static void reserved_fields_are_ignored(void **state UNUSED)
{
	assert_true(accepted_with(10, 0xff));
	assert_true(accepted_with(19, 0xff));
}

static void unknown_values_of_enumerations_are_passed_on(void **state UNUSED)
{
	uint8_t *bytes = read_golden(echo_reply(), 0);
	struct pptp_msg msg;

	bytes[16] = 0xfe;
	assert_true(pptp_msg_decode(bytes, echo_reply()->len, &msg));
	assert_int_equal(msg.echo_reply.result, 0xfe);
	free(bytes);
}

static void refusal_leaves_the_output_untouched(void **state UNUSED)
{
	uint8_t *bytes = read_golden(echo_reply(), 0);
	struct pptp_msg msg = {.type = PPTP_SET_LINK_INFO};

	assert_false(pptp_msg_decode(bytes, echo_reply()->len - 1, &msg));
	assert_int_equal(msg.type, PPTP_SET_LINK_INFO);
	free(bytes);
}

static void encoding_into_too_little_room_fails(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		uint8_t out[PPTP_MSG_MAX];
		struct byte_writer writer = wr_init(out, goldens[i].len - 1);

		pptp_msg_encode(&goldens[i].msg, &writer);
		assert_true(wr_failed(&writer));
	}
}

static void encoding_an_unknown_type_fails(void **state UNUSED)
{
	uint8_t out[PPTP_MSG_MAX];
	struct byte_writer writer = wr_init(out, sizeof(out));
	const struct pptp_msg msg = {.type = 16};

	pptp_msg_encode(&msg, &writer);
	assert_true(wr_failed(&writer));
	assert_int_equal(wr_len(&writer), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_a_row),
		cmocka_unit_test(encoding_gives_the_golden_bytes),
		cmocka_unit_test(decoding_is_the_reverse_of_encoding),
		cmocka_unit_test(every_truncated_prefix_is_refused),
		cmocka_unit_test(one_byte_more_is_refused),
		cmocka_unit_test(wrong_header_is_refused),
		cmocka_unit_test(reserved_fields_are_ignored),
		cmocka_unit_test(unknown_values_of_enumerations_are_passed_on),
		cmocka_unit_test(refusal_leaves_the_output_untouched),
		cmocka_unit_test(encoding_into_too_little_room_fails),
		cmocka_unit_test(encoding_an_unknown_type_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
