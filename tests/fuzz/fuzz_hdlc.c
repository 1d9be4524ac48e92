/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a terminal's output, behind one byte with the size of its chunks; and the same bytes
 * as a frame, which must come back from its encoding.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "pptpctrl/hdlc.h"
#include "tests/hdlc_least.h"

static struct hdlc_decoder decoder;
static struct hdlc_frame room;
static uint8_t last[HDLC_FRAME_MAX]; /* frame */

/* Decodes in chunks; returns the frames, of which the last one is in `last`. */
static unsigned decode(const uint8_t *data, size_t size, size_t chunk, size_t *ret_len)
{
	unsigned frames = 0;

	hdlc_decoder_done(&decoder);
	hdlc_decoder_init(&decoder);
	for (size_t pos = 0; pos < size; pos += chunk) {
		struct byte_reader in =
			rd_init(data + pos, chunk < size - pos ? chunk : size - pos);
		const uint8_t *frame;

		while (hdlc_decoder_next(&decoder, &in, &room, &frame, ret_len)) {
			MUST(*ret_len <= HDLC_FRAME_MAX);
			memcpy(last, frame, *ret_len);
			frames++;
		}
		MUST(!rd_left(&in));
		MUST(!decoder.kept || decoder.len);
	}
	MUST(frames == decoder.counters.frames);
	return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t encoded[HDLC_ENCODED_MAX(HDLC_FRAME_MAX)];
	size_t chunk, encoded_len, len = 0, again = 0;
	unsigned frames;

	if (!size)
		return 0;
	chunk = data[0] + 1u;
	frames = decode(data, size, size, &len);
	MUST(decode(data, size, chunk, &again) == frames && len == again);
	if (size < 2 || size > HDLC_FRAME_MAX)
		return 0;
	encoded_len = hdlc_encode(data[0] & 1 ? &hdlc_escapes_all : hdlc_escapes_least(), data,
				  size, encoded, sizeof(encoded));
	MUST(encoded_len >= size + 4 && encoded_len <= HDLC_ENCODED_MAX(size));
	MUST(decode(encoded, encoded_len, chunk, &len) == 1 && len == size);
	MUST(memcmp(last, data, size) == 0);
	return 0;
}
