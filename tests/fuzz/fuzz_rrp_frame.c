/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a tunnel's stream: framing is the same for every prefix, payloads keep their
 * meaning. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "rrp/enrol_payload.h"
#include "rrp/frame.h"
#include "rrp/payload.h"

/* enum rrp_reader, chosen by the input's first byte. */
#define READERS 6

/* Writes what was read of a payload that has one form only; false for the others. */
static bool rewrite(uint8_t type, const uint8_t *payload, size_t len, struct byte_writer *out)
{
	struct rrp_call_open open;
	struct rrp_result result;
	struct rrp_link_info info;
	struct rrp_ping ping;
	uint32_t number;

	switch (type) {
	case RRP_CALL_OPENED:
		MUST(rrp_call_opened_read(payload, len, &number));
		rrp_call_opened_write(out, number);
		return true;
	case RRP_ACK:
		MUST(rrp_ack_read(payload, len, &number));
		rrp_ack_write(out, number);
		return true;
	case RRP_LINK_INFO:
		MUST(rrp_link_info_read(payload, len, &info));
		rrp_link_info_write(out, &info);
		return true;
	case RRP_PING:
	case RRP_PONG:
		MUST(rrp_ping_read(payload, len, &ping));
		rrp_ping_write(out, &ping);
		return true;
	case RRP_CALL_REFUSED:
		if (!rrp_call_refused_read(payload, len, &result))
			return false;
		rrp_call_refused_write(out, &result);
		return true;
	case RRP_CALL_CLOSE:
		if (!rrp_call_close_read(payload, len, &result))
			return false;
		rrp_call_close_write(out, &result);
		return true;
	case RRP_CALL_OPEN:
		/* Its second byte is not looked at. */
		if (len < 2 || payload[1] != 0 || !rrp_call_open_read(payload, len, &open))
			return false;
		rrp_call_open_write(out, &open);
		return true;
	default:
		return false;
	}
}

/* What was read is written as it was, but for what later versions add behind it. */
static void check_enrolment(uint8_t type, const uint8_t *payload, size_t len)
{
	uint8_t bytes[RRP_LENGTH_HELLO_MAX];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	struct rrp_enrol enrol;
	struct rrp_enrolled enrolled;

	if (type == RRP_ENROL && rrp_enrol_read(payload, len, &enrol))
		rrp_enrol_write(&out, &enrol);
	if (type == RRP_ENROLLED && rrp_enrolled_read(payload, len, &enrolled))
		rrp_enrolled_write(&out, &enrolled);
	MUST(wr_len(&out) <= len && memcmp(bytes, payload, wr_len(&out)) == 0);
}

static void check_payload(const struct rrp_frame *frame)
{
	const uint8_t *payload = frame->payload;
	size_t len = frame->payload_len;
	uint8_t bytes[RRP_LENGTH_MAX];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	struct rrp_hello hello;
	struct rrp_welcome welcome;
	struct rrp_goaway goaway;
	struct rrp_error error;

	if (frame->header.type == RRP_HELLO && rrp_hello_read(payload, len, &hello))
		rrp_hello_write(&out, &hello);
	if (frame->header.type == RRP_WELCOME && rrp_welcome_read(payload, len, &welcome))
		rrp_welcome_write(&out, &welcome);
	if (wr_len(&out))
		MUST(wr_len(&out) <= len && memcmp(bytes, payload, RRP_HELLO_MIN) == 0);
	check_enrolment(frame->header.type, payload, len);
	if (frame->header.type == RRP_GOAWAY)
		MUST(rrp_goaway_read(payload, len, &goaway));
	if (frame->header.type == RRP_ERROR)
		MUST(rrp_error_read(payload, len, &error));
	if (rewrite(frame->header.type, payload, len, &out))
		MUST(wr_len(&out) == len && memcmp(bytes, payload, len) == 0);
}

/* Once a prefix is bad, or a frame, every longer one is. */
static void check_prefixes(const uint8_t *data, size_t size, enum rrp_reader reader)
{
	enum rrp_framing last = RRP_FRAMING_MORE;

	for (size_t len = 0; len <= size && len < 64; len++) {
		struct rrp_fault fault;
		struct rrp_frame frame;
		size_t used;
		enum rrp_framing framing = rrp_frame_next(data, len, reader, &frame, &used, &fault);

		MUST(last == RRP_FRAMING_MORE || framing == last);
		last = framing;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum rrp_reader reader;
	struct rrp_fault fault;
	struct rrp_frame frame;
	size_t used;

	if (size < 1)
		return 0;
	reader = 1U << (data[0] % READERS);
	data++;
	size--;
	check_prefixes(data, size, reader);
	while (rrp_frame_next(data, size, reader, &frame, &used, &fault) == RRP_FRAMING_FRAME) {
		MUST(used >= RRP_HEADER_LEN && used <= size);
		MUST(frame.payload_len <= used - RRP_HEADER_LEN);
		if (!frame.unknown)
			check_payload(&frame);
		data += used;
		size -= used;
	}
	return 0;
}
