/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asynchronous HDLC; see the header. Every byte of a call on a pty goes through here twice, so both
 * directions move runs of plain bytes at once and leave the FCS to one pass over the whole frame.
 */
#include "pptpctrl/hdlc.h"

#include <string.h>

#include "pptpctrl/fcs16.h"

#define HDLC_FLAG        0x7e
#define HDLC_ESCAPE      0x7d
#define HDLC_ESCAPED_XOR 0x20

/* RFC 1662 4.3: with its FCS, a frame is never shorter. */
#define HDLC_FRAME_WITH_FCS_MIN 4

void hdlc_escapes_init(struct hdlc_escapes *escapes, uint32_t accm)
{
	memset(escapes, 0, sizeof(*escapes));
	for (unsigned i = 0; i < 32; i++)
		escapes->escaped[i] = accm >> i & 1;
	escapes->escaped[HDLC_FLAG] = true;
	escapes->escaped[HDLC_ESCAPE] = true;
}

/* Writes `data` escaped to `out`, which has room for twice its length; returns the end. */
static uint8_t *escape_bytes(const struct hdlc_escapes *escapes, const uint8_t *data, size_t len,
			     uint8_t *out)
{
	const uint8_t *end = data + len;

	while (data < end) {
		const uint8_t *run = data;

		while (data < end && !escapes->escaped[*data])
			data++;
		memcpy(out, run, (size_t)(data - run));
		out += data - run;
		if (data < end) {
			*out++ = HDLC_ESCAPE;
			*out++ = *data++ ^ HDLC_ESCAPED_XOR;
		}
	}
	return out;
}

size_t hdlc_encode(const struct hdlc_escapes *escapes, const uint8_t *frame, size_t len,
		   uint8_t *out, size_t capacity)
{
	uint16_t fcs = (uint16_t)~fcs16_update(FCS16_INIT, frame, len);
	const uint8_t fcs_bytes[HDLC_FCS_LEN] = {(uint8_t)fcs, (uint8_t)(fcs >> 8)};
	uint8_t *pos = out;

	if (capacity < HDLC_ENCODED_MAX(len))
		return 0;
	*pos++ = HDLC_FLAG;
	pos = escape_bytes(escapes, frame, len, pos);
	pos = escape_bytes(escapes, fcs_bytes, sizeof(fcs_bytes), pos);
	*pos++ = HDLC_FLAG;
	return (size_t)(pos - out);
}

void hdlc_decoder_init(struct hdlc_decoder *decoder)
{
	decoder->counters = (struct hdlc_counters){0};
	decoder->len = 0;
	decoder->in_frame = false;
	decoder->escape = false;
}

/* The next bytes that are neither flag nor escape. */
static const uint8_t *take_run(struct byte_reader *in, size_t *ret_len)
{
	const uint8_t *start = in->pos, *end = in->end, *pos = start;

	while (pos < end && *pos != HDLC_FLAG && *pos != HDLC_ESCAPE)
		pos++;
	*ret_len = (size_t)(pos - start);
	return rd_bytes(in, *ret_len);
}

static void append(struct hdlc_decoder *decoder, const uint8_t *data, size_t len)
{
	if (!decoder->in_frame)
		return;
	if (len > sizeof(decoder->frame) - decoder->len) {
		decoder->counters.too_long++;
		decoder->in_frame = false;
		return;
	}
	memcpy(decoder->frame + decoder->len, data, len);
	decoder->len += len;
}

/* Counts the frame that a flag has just ended; whether it is a good one. */
static bool judge_frame(struct hdlc_decoder *decoder)
{
	struct hdlc_counters *counters = &decoder->counters;

	if (!decoder->in_frame)
		return false;
	if (decoder->escape) {
		counters->aborted++;
		return false;
	}
	if (!decoder->len) /* a flag that follows another one */
		return false;
	if (decoder->len < HDLC_FRAME_WITH_FCS_MIN) {
		counters->too_short++;
		return false;
	}
	if (fcs16_update(FCS16_INIT, decoder->frame, decoder->len) != FCS16_GOOD) {
		counters->bad_fcs++;
		return false;
	}
	counters->frames++;
	return true;
}

/* The flag that ends a frame begins the next one. */
static bool end_frame(struct hdlc_decoder *decoder, const uint8_t **ret_frame, size_t *ret_len)
{
	bool good = judge_frame(decoder);

	if (good) {
		*ret_frame = decoder->frame;
		*ret_len = decoder->len - HDLC_FCS_LEN;
	}
	decoder->len = 0;
	decoder->in_frame = true;
	decoder->escape = false;
	return good;
}

bool hdlc_decoder_next(struct hdlc_decoder *decoder, struct byte_reader *in,
		       const uint8_t **ret_frame, size_t *ret_len)
{
	while (rd_left(in)) {
		const uint8_t *run;
		size_t run_len;

		if (decoder->escape && *in->pos != HDLC_FLAG) {
			uint8_t byte = rd_u8(in) ^ HDLC_ESCAPED_XOR;

			decoder->escape = false;
			append(decoder, &byte, 1);
			continue;
		}
		run = take_run(in, &run_len);
		append(decoder, run, run_len);
		if (!rd_left(in))
			break;
		if (rd_u8(in) == HDLC_ESCAPE)
			decoder->escape = true;
		else if (end_frame(decoder, ret_frame, ret_len))
			return true;
	}
	return false;
}
