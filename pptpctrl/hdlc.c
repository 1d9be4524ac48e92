/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asynchronous HDLC; see the header. Both directions take a frame in three passes, each of which is
 * fast alone: where it ends, its escapes, its FCS.
 */
#include "pptpctrl/hdlc.h"

#include <stdlib.h>
#include <string.h>

#include "pptpctrl/fcs16.h"
#include "pptpd/base/util.h"

/* RFC 1662 4.3: with its FCS, a frame is never shorter. */
#define HDLC_FRAME_WITH_FCS_MIN 4

size_t hdlc_encode(const struct hdlc_escapes *escapes, const uint8_t *frame, size_t len,
		   uint8_t *out, size_t capacity)
{
	uint16_t fcs = (uint16_t)~fcs16_update(FCS16_INIT, frame, len);
	const uint8_t fcs_bytes[HDLC_FCS_LEN] = {(uint8_t)fcs, (uint8_t)(fcs >> 8)};
	uint8_t *pos = out;

	if (capacity < HDLC_ENCODED_MAX(len))
		return 0;
	*pos++ = HDLC_FLAG;
	pos = hdlc_escape(escapes, frame, len, pos);
	pos = hdlc_escape(escapes, fcs_bytes, sizeof(fcs_bytes), pos);
	*pos++ = HDLC_FLAG;
	return (size_t)(pos - out);
}

void hdlc_decoder_init(struct hdlc_decoder *decoder)
{
	*decoder = (struct hdlc_decoder){0};
}

void hdlc_decoder_done(struct hdlc_decoder *decoder)
{
	free(decoder->kept);
	decoder->kept = NULL;
}

/* The bytes up to the next flag, which is taken, too; or all there are. */
static const uint8_t *take_up_to_flag(struct byte_reader *in, size_t *ret_len, bool *ret_flag)
{
	const uint8_t *start = in->pos;
	const uint8_t *flag = memchr(start, HDLC_FLAG, rd_left(in));

	*ret_len = flag ? (size_t)(flag - start) : rd_left(in);
	*ret_flag = flag;
	rd_skip(in, *ret_len + (flag ? 1 : 0));
	return start;
}

static void append(struct hdlc_decoder *decoder, const uint8_t *data, size_t len,
		   struct hdlc_frame *frame)
{
	while (len && decoder->in_frame) {
		/* Without its escapes it is no longer, and perhaps shorter. */
		size_t now = MIN(len, sizeof(frame->bytes) - decoder->len);
		uint8_t *end =
			hdlc_unescape(data, now, &decoder->escape, frame->bytes + decoder->len);

		decoder->len = (size_t)(end - frame->bytes);
		if (!now) {
			decoder->counters.too_long++;
			decoder->in_frame = false;
		}
		data += now;
		len -= now;
	}
}

/* The first part of a frame of which the rest comes later. */
static void keep(struct hdlc_decoder *decoder)
{
	if (decoder->kept)
		return;
	decoder->kept = malloc(sizeof(*decoder->kept));
	if (!decoder->kept) {
		decoder->counters.no_memory++;
		decoder->in_frame = false;
	}
}

/* Counts the frame that a flag has just ended; whether it is a good one. */
static bool judge_frame(struct hdlc_decoder *decoder, const struct hdlc_frame *frame)
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
	if (fcs16_update(FCS16_INIT, frame->bytes, decoder->len) != FCS16_GOOD) {
		counters->bad_fcs++;
		return false;
	}
	counters->frames++;
	return true;
}

/* The flag that ends a frame begins the next one. */
static bool end_frame(struct hdlc_decoder *decoder, const struct hdlc_frame *frame,
		      const uint8_t **ret_frame, size_t *ret_len)
{
	bool good = judge_frame(decoder, frame);

	if (good) {
		*ret_frame = frame->bytes;
		*ret_len = decoder->len - HDLC_FCS_LEN;
	}
	decoder->len = 0;
	decoder->in_frame = true;
	decoder->escape = false;
	return good;
}

bool hdlc_decoder_next(struct hdlc_decoder *decoder, struct byte_reader *in,
		       struct hdlc_frame *room, const uint8_t **ret_frame, size_t *ret_len)
{
	while (rd_left(in)) {
		bool flag;
		size_t len;
		const uint8_t *data = take_up_to_flag(in, &len, &flag);

		if (!flag && decoder->in_frame)
			keep(decoder);
		append(decoder, data, len, decoder->kept ? decoder->kept : room);
		if (flag &&
		    end_frame(decoder, decoder->kept ? decoder->kept : room, ret_frame, ret_len))
			return true;
	}
	if (!decoder->len || !decoder->in_frame)
		hdlc_decoder_done(decoder);
	return false;
}
