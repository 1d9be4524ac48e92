/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Octet stuffing; see the header. In compressed or encrypted data every eighth byte is an escape,
 * at places that no processor can foresee, so nothing here branches on a single byte: sixteen bytes
 * are looked at together, and move at once if there is nothing to do with them. Else each one is
 * written to where the output has come, and how far that moves depends on it.
 */
#include "pptpctrl/hdlc_bytes.h"

#include "pptpctrl/lane.h"

#define ESCAPED(byte) (UINT32_C(2) << 16 | ((byte) ^ HDLC_ESCAPED_XOR) << 8 | HDLC_ESCAPE)
#define PLAIN(byte)   (UINT32_C(1) << 16 | (byte))
#define CODE(byte, below)                                                                 \
	((byte) < (below) || (byte) == HDLC_FLAG || (byte) == HDLC_ESCAPE ? ESCAPED(byte) \
									  : PLAIN(byte))
#define CODES_4(byte, below)                                                   \
	CODE(byte, below), CODE((byte) + 1u, below), CODE((byte) + 2u, below), \
		CODE((byte) + 3u, below)
#define CODES_16(byte, below)                                                           \
	CODES_4(byte, below), CODES_4((byte) + 4u, below), CODES_4((byte) + 8u, below), \
		CODES_4((byte) + 12u, below)
#define CODES_64(byte, below)                                                                \
	CODES_16(byte, below), CODES_16((byte) + 16u, below), CODES_16((byte) + 32u, below), \
		CODES_16((byte) + 48u, below)
#define CODES(below)                                                              \
	{                                                                         \
		CODES_64(0u, below), CODES_64(64u, below), CODES_64(128u, below), \
			CODES_64(192u, below)                                     \
	}

const struct hdlc_escapes hdlc_escapes_all = {.below = 0x20, .code = CODES(0x20u)};

static inline uint8_t *put_code(uint32_t code, uint8_t *out)
{
	out[0] = (uint8_t)code;
	out[1] = (uint8_t)(code >> 8);
	return out + HDLC_CODE_LEN(code);
}

static bool all_plain(const lane *bytes, uint8_t below)
{
	lane special = (lane)(*bytes < below) | (lane)(*bytes == HDLC_FLAG) |
		       (lane)(*bytes == HDLC_ESCAPE);

	return lane_is_zero(&special);
}

uint8_t *hdlc_escape(const struct hdlc_escapes *escapes, const uint8_t *data, size_t len,
		     uint8_t *out)
{
	const uint32_t *code = escapes->code;
	const uint8_t *end = data + len;

	for (; end - data >= LANE_LEN; data += LANE_LEN) {
		lane bytes;

		lane_load(&bytes, data);
		if (all_plain(&bytes, escapes->below)) {
			lane_store(out, &bytes);
			out += LANE_LEN;
			continue;
		}
		for (size_t i = 0; i < LANE_LEN; i += 4) {
			out = put_code(code[data[i]], out);
			out = put_code(code[data[i + 1]], out);
			out = put_code(code[data[i + 2]], out);
			out = put_code(code[data[i + 3]], out);
		}
	}
	while (data < end)
		out = put_code(code[*data++], out);
	return out;
}

/* Byte by byte, whatever follows what. */
static uint8_t *unescape_each(const uint8_t *data, size_t len, bool *escape, uint8_t *out)
{
	bool escaped = *escape;

	for (size_t i = 0; i < len; i++) {
		*out = data[i] ^ (uint8_t)(escaped ? HDLC_ESCAPED_XOR : 0);
		escaped = data[i] == HDLC_ESCAPE && !escaped;
		out += !escaped;
	}
	*escape = escaped;
	return out;
}

/* One lane behind a byte that is an escape if *escape; `escapes`: 0xff where the lane has them. */
static uint8_t *unescape_lane(const uint8_t *data, const lane *escapes, bool *escape, uint8_t *out)
{
	uint8_t kept[LANE_LEN], bytes[LANE_LEN];
	lane lanes, behind, doubled;

	lane_load(&behind, data - 1);
	behind = (lane)(behind == HDLC_ESCAPE);
	doubled = *escapes & behind;
	/* An escape may be escaped, but nobody has to do that. */
	if (!lane_is_zero(&doubled) || *escape != (data[-1] == HDLC_ESCAPE))
		return unescape_each(data, LANE_LEN, escape, out);
	lane_load(&lanes, data);
	lanes ^= behind & HDLC_ESCAPED_XOR;
	lane_store(bytes, &lanes);
	lanes = *escapes + 1; /* 0 for an escape, else 1 */
	lane_store(kept, &lanes);
	for (size_t i = 0; i < LANE_LEN; i += 4) {
		*out = bytes[i];
		out += kept[i];
		*out = bytes[i + 1];
		out += kept[i + 1];
		*out = bytes[i + 2];
		out += kept[i + 2];
		*out = bytes[i + 3];
		out += kept[i + 3];
	}
	*escape = data[LANE_LEN - 1] == HDLC_ESCAPE;
	return out;
}

uint8_t *hdlc_unescape(const uint8_t *data, size_t len, bool *escape, uint8_t *out)
{
	const uint8_t *end = data + len;

	if (!len)
		return out;
	out = unescape_each(data++, 1, escape, out); /* a lane looks at the byte before it */
	for (; end - data >= LANE_LEN; data += LANE_LEN) {
		lane bytes, escapes;

		lane_load(&bytes, data);
		escapes = (lane)(bytes == HDLC_ESCAPE);
		if (*escape || !lane_is_zero(&escapes)) {
			out = unescape_lane(data, &escapes, escape, out);
		} else {
			lane_store(out, &bytes);
			out += LANE_LEN;
		}
	}
	return unescape_each(data, (size_t)(end - data), escape, out);
}
