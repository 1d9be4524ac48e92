// SPDX-License-Identifier: GPL-2.0-or-later
/* Header, framing and the table of types; see the header. */
#include "rrp/frame.h"

#include <stdarg.h>
#include <stdio.h>

#include "pptpd/base/util.h"
#include "rrp/enrol_payload.h"
#include "rrp/payload.h"
#include "rrp/tunnel.h"

enum call_rule {
	CALL_NONE,  /* 0: the frame is the session's */
	CALL_NAMED, /* not 0 */
};

struct type_row {
	const char *name; /* NULL: nobody knows the type */
	unsigned readers; /* enum rrp_reader */
	enum call_rule call;
	uint16_t min; /* of the payload, behind the event number if there is one */
	uint16_t max;
	bool magic; /* the payload starts with RRP_MAGIC */
};

#define READERS_UP (RRP_READER_SERVER | RRP_READER_CLIENT)

static const struct type_row type_rows[] = {
	[RRP_HELLO] = {"HELLO", RRP_READER_HELLO, CALL_NONE, RRP_HELLO_MIN, RRP_LENGTH_HELLO_MAX,
		       true},
	[RRP_WELCOME] = {"WELCOME", RRP_READER_WELCOME, CALL_NONE, RRP_WELCOME_MIN,
			 RRP_LENGTH_HELLO_MAX, true},
	[RRP_GOAWAY] = {"GOAWAY", READERS_UP, CALL_NONE, RRP_GOAWAY_LEN, RRP_LENGTH_HELLO_MAX,
			false},
	[RRP_ERROR] = {"ERROR", RRP_READER_WELCOME | RRP_READER_ENROLLED | READERS_UP, CALL_NONE,
		       RRP_ERROR_MIN, RRP_ERROR_MIN + RRP_ERROR_TEXT_MAX, false},
	[RRP_ENROL] = {"ENROL", RRP_READER_ENROL, CALL_NONE, RRP_ENROL_MIN, RRP_LENGTH_HELLO_MAX,
		       true},
	[RRP_ENROLLED] = {"ENROLLED", RRP_READER_ENROLLED, CALL_NONE, RRP_ENROLLED_MIN,
			  RRP_LENGTH_HELLO_MAX, false},
	[RRP_CALL_OPEN] = {"CALL_OPEN", RRP_READER_SERVER, CALL_NAMED, RRP_CALL_OPEN_MIN,
			   RRP_CALL_OPEN_MIN + 2 * RRP_NUMBER_MAX, false},
	[RRP_CALL_OPENED] = {"CALL_OPENED", RRP_READER_CLIENT, CALL_NAMED, 4, 4, false},
	[RRP_CALL_REFUSED] = {"CALL_REFUSED", RRP_READER_CLIENT, CALL_NAMED, 2, 2, false},
	[RRP_LINK_INFO] = {"LINK_INFO", READERS_UP, CALL_NAMED, 8, 8, false},
	[RRP_CALL_CLOSE] = {"CALL_CLOSE", READERS_UP, CALL_NAMED, 2, 2, false},
	[RRP_PPP_CTL] = {"PPP_CTL", READERS_UP, CALL_NAMED, 1, RRP_FRAME_MAX, false},
	[RRP_PPP_DATA] = {"PPP_DATA", READERS_UP, CALL_NAMED, 1, RRP_FRAME_MAX, false},
	[RRP_ACK] = {"ACK", READERS_UP, CALL_NONE, 4, 4, false},
	[RRP_PING] = {"PING", READERS_UP, CALL_NONE, RRP_PING_LEN, RRP_PING_LEN, false},
	[RRP_PONG] = {"PONG", READERS_UP, CALL_NONE, RRP_PING_LEN, RRP_PING_LEN, false},
};

/* The four bytes of a frame's start that a fault shows. */
#define SHOWN 4

static const struct type_row *find_row(uint8_t type)
{
	if (type < ARRAY_SIZE(type_rows) && type_rows[type].name)
		return &type_rows[type];
	return NULL;
}

bool rrp_type_is_event(uint8_t type)
{
	return type >= RRP_EVENT_FIRST && type <= RRP_EVENT_LAST;
}

const char *rrp_type_name(uint8_t type, char buffer[RRP_TYPE_TEXT_MAX])
{
	const struct type_row *row = find_row(type);

	if (row)
		return row->name;
	(void)snprintf(buffer, RRP_TYPE_TEXT_MAX, "type 0x%02x", type);
	return buffer;
}

PRINTF_LIKE(2, 3) static enum rrp_framing bad(struct rrp_fault *ret_fault, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(ret_fault->text, sizeof(ret_fault->text), format, args);
	va_end(args);
	return RRP_FRAMING_BAD;
}

/* What has come so far, for a peer that may speak something else: "47 45 54 20 (GET )". */
static enum rrp_framing bad_start(struct rrp_fault *ret_fault, const char *expected,
				  const uint8_t *data, size_t len)
{
	char hex[3 * SHOWN + 1] = "", text[SHOWN + 1] = "";

	for (size_t i = 0; i < MIN(len, SHOWN); i++) {
		(void)snprintf(hex + 3 * i, 4, "%02x ", data[i]);
		text[i] = data[i] >= ' ' && data[i] <= '~' ? (char)data[i] : '.';
	}
	return bad(ret_fault, "expected %s, got bytes %s(%s)", expected, hex, text);
}

/* Who reads the first frame of a stream, and which it is; NULL for those who come later. */
static const char *first_frame(enum rrp_reader reader)
{
	switch (reader) {
	case RRP_READER_HELLO:
		return "HELLO";
	case RRP_READER_WELCOME:
		return "WELCOME";
	case RRP_READER_ENROL:
		return "ENROL";
	case RRP_READER_ENROLLED:
		return "ENROLLED";
	case RRP_READER_SERVER:
	case RRP_READER_CLIENT:
		break;
	}
	return NULL;
}

/* A TLS record of a handshake or an alert, RFC 8446 5.1: only one end was set to use TLS. */
static bool is_tls(const uint8_t *data, size_t len)
{
	return len >= 2 && (data[0] == 22 || data[0] == 21) && data[1] == 3;
}

static enum rrp_framing bad_tls(struct rrp_fault *ret_fault, enum rrp_reader reader)
{
	if (reader == RRP_READER_HELLO)
		return bad(ret_fault,
			   "expected HELLO, got TLS: it has `security tls`, the default, and "
			   "`rrp-security plain` is set here; both need the same");
	return bad(ret_fault,
		   "expected WELCOME, got TLS: the server has `rrp-security tls`, the default, "
		   "and `security plain` is set here; both need the same");
}

/* The first byte of a stream: anything else than what begins it is another protocol. */
static enum rrp_framing check_start(const uint8_t *data, size_t len, enum rrp_reader reader,
				    struct rrp_fault *ret_fault)
{
	const struct type_row *row = find_row(data[0]);
	const char *expected = first_frame(reader);
	char buffer[RRP_TYPE_TEXT_MAX];

	if (row && row->readers & reader)
		return RRP_FRAMING_MORE;
	if (row && len >= 2 && data[1] == (rrp_type_is_event(data[0]) ? RRP_FLAG_SEQUENCE : 0))
		return bad(ret_fault, "expected %s, got %s", expected,
			   rrp_type_name(data[0], buffer));
	if (is_tls(data, len) && (reader == RRP_READER_HELLO || reader == RRP_READER_WELCOME))
		return bad_tls(ret_fault, reader);
	return bad_start(ret_fault, expected, data, len);
}

static enum rrp_framing check_flags(const struct type_row *row, uint8_t type, uint8_t flags,
				    enum rrp_reader reader, struct rrp_fault *ret_fault)
{
	char buffer[RRP_TYPE_TEXT_MAX];
	const char *name = rrp_type_name(type, buffer);

	if (flags & ~RRP_FLAGS_KNOWN)
		return bad(ret_fault, "%s: expected flags 0 to 3, got 0x%02x", name, flags);
	if (type == 0 || (!row && !(flags & RRP_FLAG_SKIPPABLE)))
		return bad(ret_fault, "expected a known type, got 0x%02x", type);
	if (row && !(row->readers & reader))
		return bad(ret_fault, "%s is not for the %s after the hello exchange", name,
			   reader == RRP_READER_SERVER ? "server" : "client");
	if (rrp_type_is_event(type) && !(flags & RRP_FLAG_SEQUENCE))
		return bad(ret_fault, "%s: expected an event number, got none", name);
	if (row && !rrp_type_is_event(type) && flags & RRP_FLAG_SEQUENCE)
		return bad(ret_fault, "%s: expected no sequence number, got one", name);
	return RRP_FRAMING_MORE;
}

/* What may come before the hello exchange has limits below RRP_LENGTH_HELLO_MAX of its own. */
static enum rrp_framing check_length(const struct type_row *row, const struct rrp_header *header,
				     struct rrp_fault *ret_fault)
{
	size_t sequence = header->flags & RRP_FLAG_SEQUENCE ? RRP_SEQUENCE_LEN : 0;
	size_t min = (row ? row->min : 0) + sequence;
	size_t max = row ? row->max + sequence : RRP_LENGTH_MAX;
	char buffer[RRP_TYPE_TEXT_MAX];

	if (header->length >= min && header->length <= max)
		return RRP_FRAMING_MORE;
	return bad(ret_fault, "%s: expected length %zu to %zu, got %u",
		   rrp_type_name(header->type, buffer), min, max, header->length);
}

static enum rrp_framing check_call(const struct type_row *row, const struct rrp_header *header,
				   struct rrp_fault *ret_fault)
{
	if (!row || (row->call == CALL_NAMED) == (header->call != 0))
		return RRP_FRAMING_MORE;
	return bad(ret_fault, "%s: expected call %s, got %u", row->name,
		   row->call == CALL_NAMED ? "not 0" : "0", header->call);
}

/* As much of the magic as is there. */
static enum rrp_framing check_magic(const struct type_row *row, const uint8_t *data, size_t len,
				    struct rrp_fault *ret_fault)
{
	for (size_t i = 0; row && row->magic && i < 4 && RRP_HEADER_LEN + i < len; i++) {
		if (data[RRP_HEADER_LEN + i] != (uint8_t)(RRP_MAGIC >> (24 - 8 * i)))
			return bad_start(ret_fault, "magic 52 52 50 b1", data + RRP_HEADER_LEN,
					 i + 1);
	}
	return RRP_FRAMING_MORE;
}

struct rrp_header rrp_header_read(struct byte_reader *in)
{
	struct rrp_header header;

	header.type = rd_u8(in);
	header.flags = rd_u8(in);
	header.length = rd_u16(in);
	header.call = rd_u32(in);
	return header;
}

/* Judges whatever of the header is there. */
static enum rrp_framing check_header(const uint8_t *data, size_t len, enum rrp_reader reader,
				     struct rrp_header *ret_header, struct rrp_fault *ret_fault)
{
	/* A header that is not there in full reads as zeros; the missing part is not judged. */
	uint8_t start[RRP_HEADER_LEN] = {0};
	struct byte_writer copy = wr_init(start, sizeof(start));
	struct byte_reader in = rd_init(start, sizeof(start));
	struct rrp_header header;
	const struct type_row *row;

	wr_copy(&copy, data, MIN(len, RRP_HEADER_LEN));
	header = rrp_header_read(&in);
	row = find_row(header.type);
	if (len >= 1 && first_frame(reader) &&
	    check_start(data, len, reader, ret_fault) == RRP_FRAMING_BAD)
		return RRP_FRAMING_BAD;
	if (len >= 2 &&
	    check_flags(row, header.type, header.flags, reader, ret_fault) == RRP_FRAMING_BAD)
		return RRP_FRAMING_BAD;
	if (len >= 4 && check_length(row, &header, ret_fault) == RRP_FRAMING_BAD)
		return RRP_FRAMING_BAD;
	if (len < RRP_HEADER_LEN)
		return RRP_FRAMING_MORE;
	*ret_header = header;
	if (check_call(row, &header, ret_fault) == RRP_FRAMING_BAD)
		return RRP_FRAMING_BAD;
	return check_magic(row, data, len, ret_fault);
}

enum rrp_framing rrp_frame_next(const uint8_t *data, size_t len, enum rrp_reader reader,
				struct rrp_frame *ret_frame, size_t *ret_size,
				struct rrp_fault *ret_fault)
{
	struct byte_reader in = rd_init(data, len), body;
	struct rrp_header header = {0};
	struct rrp_frame frame = {0};

	if (check_header(data, len, reader, &header, ret_fault) == RRP_FRAMING_BAD)
		return RRP_FRAMING_BAD;
	rd_skip(&in, RRP_HEADER_LEN);
	body = rd_slice(&in, header.length);
	if (rd_failed(&in))
		return RRP_FRAMING_MORE;
	frame.header = header;
	if (header.flags & RRP_FLAG_SEQUENCE)
		frame.sequence = rd_u32(&body);
	frame.payload_len = rd_left(&body);
	frame.payload = rd_bytes(&body, frame.payload_len);
	frame.unknown = !find_row(header.type);
	*ret_frame = frame;
	*ret_size = RRP_HEADER_LEN + (size_t)header.length;
	return RRP_FRAMING_FRAME;
}

static void write_header(struct byte_writer *out, const struct rrp_header *header)
{
	wr_u8(out, header->type);
	wr_u8(out, header->flags);
	wr_u16(out, header->length);
	wr_u32(out, header->call);
}

static size_t begin(struct byte_writer *out, uint8_t type, uint8_t flags, uint32_t call)
{
	const struct rrp_header header = {.type = type, .flags = flags, .call = call};
	size_t offset = wr_len(out);

	write_header(out, &header);
	return offset;
}

void rrp_ppp_header_write(struct byte_writer *out, enum rrp_type type, uint32_t call, uint16_t len)
{
	const struct rrp_header header = {.type = (uint8_t)type, .length = len, .call = call};

	write_header(out, &header);
}

size_t rrp_frame_begin(struct byte_writer *out, enum rrp_type type, uint32_t call, uint32_t event)
{
	bool is_event = rrp_type_is_event((uint8_t)type);
	size_t offset = begin(out, (uint8_t)type, is_event ? RRP_FLAG_SEQUENCE : 0, call);

	if (is_event)
		wr_u32(out, event);
	return offset;
}

void rrp_frame_end(struct byte_writer *out, size_t offset)
{
	wr_patch_u16(out, offset + 2, wr_len(out) - offset - RRP_HEADER_LEN);
}

void rrp_frame_grease(struct byte_writer *out, uint8_t type, const void *data, size_t len)
{
	size_t offset = begin(out, type, RRP_FLAG_SKIPPABLE, 0);

	wr_copy(out, data, len);
	rrp_frame_end(out, offset);
}
