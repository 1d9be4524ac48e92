/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asynchronous HDLC: known bytes, every ACCM bit, any split of the stream, and recovery. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "pptpctrl/fcs16.h"
#include "pptpctrl/hdlc.h"
#include "tests/hdlc_least.h"

/* An LCP Configure-Request: MRU 1500, and ACCM 0. */
static const uint8_t lcp[] = {
	0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x0e, 0x01,
	0x04, 0x05, 0xdc, 0x02, 0x06, 0x00, 0x00, 0x00, 0x00,
};

/* The same with the ACCM of all ones, worked out by hand; pppdump finds the frame in it. */
static const uint8_t lcp_encoded[] = {
	0x7e, 0xff, 0x7d, 0x23, 0xc0, 0x21, 0x7d, 0x21, 0x7d, 0x21, 0x7d, 0x20,
	0x7d, 0x2e, 0x7d, 0x21, 0x7d, 0x24, 0x7d, 0x25, 0xdc, 0x7d, 0x22, 0x7d,
	0x26, 0x7d, 0x20, 0x7d, 0x20, 0x7d, 0x20, 0x7d, 0x20, 0x4f, 0x35, 0x7e,
};

/* The FCS bit by bit, as RFC 1662 C.1 defines it. */
static uint16_t fcs_by_bits(const uint8_t *data, size_t len)
{
	uint16_t fcs = FCS16_INIT;

	for (size_t i = 0; i < len; i++) {
		fcs ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			fcs = (uint16_t)(fcs & 1 ? fcs >> 1 ^ 0x8408 : fcs >> 1);
	}
	return fcs;
}

/* Bytes that look random, and are the same in each run. */
static void fill(uint8_t *out, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		out[i] = (uint8_t)(seed >> 24);
	}
}

static void fcs_of_the_check_string_is_known(void **state UNUSED)
{
	/* The check value of this CRC (X.25) in catalogues. */
	assert_int_equal((uint16_t)~fcs16_update(FCS16_INIT, (const uint8_t *)"123456789", 9),
			 0x906e);
}

static void fcs_by_tables_is_the_fcs_by_bits(void **state UNUSED)
{
	uint8_t data[300];

	fill(data, sizeof(data), 1);
	for (size_t len = 0; len <= sizeof(data); len++) {
		uint16_t fcs = fcs16_update(FCS16_INIT, data, len / 3);

		fcs = fcs16_update(fcs, data + len / 3, len - len / 3);
		assert_int_equal(fcs, fcs_by_bits(data, len));
	}
	for (unsigned byte = 0; byte < 256; byte++) {
		for (size_t pos = 0; pos < 8; pos++) {
			uint8_t one[8] = {0};

			one[pos] = (uint8_t)byte;
			assert_int_equal(fcs16_update(FCS16_INIT, one, 8), fcs_by_bits(one, 8));
		}
	}
}

/* Each length in which the folding ends differently, in pieces, at each place of a word. */
static void fcs_of_long_frames_is_the_fcs_by_bits(void **state UNUSED)
{
	static uint8_t data[HDLC_FRAME_MAX + 16];

	fill(data, sizeof(data), 2);
	for (size_t len = 250; len <= HDLC_FRAME_MAX; len += len < 1500 ? 1 : 97) {
		const uint8_t *start = data + len % 16;
		uint16_t fcs = fcs16_update(FCS16_INIT, start, len % 7);

		fcs = fcs16_update(fcs, start + len % 7, len - len % 7);
		assert_int_equal(fcs, fcs_by_bits(start, len));
	}
}

/* Encodes into memory of exactly the worst size. */
static size_t encode(const uint8_t *frame, size_t len, const struct hdlc_escapes *escapes,
		     uint8_t *out)
{
	size_t capacity = HDLC_ENCODED_MAX(len);
	uint8_t *exact = malloc(capacity);
	size_t used;

	assert_non_null(exact);
	used = hdlc_encode(escapes, frame, len, exact, capacity);
	assert_in_range(used, len + HDLC_FCS_LEN + 2, capacity);
	memcpy(out, exact, used);
	free(exact);
	return used;
}

static void encoding_gives_the_known_bytes(void **state UNUSED)
{
	uint8_t out[HDLC_ENCODED_MAX(sizeof(lcp))];

	assert_int_equal(encode(lcp, sizeof(lcp), &hdlc_escapes_all, out), sizeof(lcp_encoded));
	assert_memory_equal(out, lcp_encoded, sizeof(lcp_encoded));
}

static void exactly_control_characters_flag_and_escape_are_escaped(void **state UNUSED)
{
	const struct hdlc_escapes *const escapes[] = {hdlc_escapes_least(), &hdlc_escapes_all};

	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			for (size_t pos = 0; pos < 33; pos++) { /* alone, and in company */
				uint8_t frame[40], out[HDLC_ENCODED_MAX(40)];
				bool wanted = byte == 0x7e || byte == 0x7d || (byte < 32 && i);

				memset(frame, 'x', sizeof(frame));
				frame[pos] = (uint8_t)byte;
				(void)encode(frame, sizeof(frame), escapes[i], out);
				assert_int_equal(out[0], 0x7e);
				assert_int_equal(out[1 + pos], wanted ? 0x7d : byte);
				assert_int_equal(out[2 + pos], wanted ? byte ^ 0x20 : 'x');
				assert_memory_equal(out + 2 + pos + wanted, frame + pos + 1,
						    39 - pos);
			}
		}
	}
}

static void frame_of_flags_takes_the_worst_size(void **state UNUSED)
{
	uint8_t frame[64], out[HDLC_ENCODED_MAX(sizeof(frame))];

	memset(frame, 0x7e, sizeof(frame));
	assert_in_range(encode(frame, sizeof(frame), hdlc_escapes_least(), out),
			2 * sizeof(frame) + 4, sizeof(out));
}

static void encoding_refuses_less_than_the_worst_size(void **state UNUSED)
{
	uint8_t out[HDLC_ENCODED_MAX(4)];

	assert_int_equal(hdlc_encode(hdlc_escapes_least(), lcp, 4, out, sizeof(out) - 1), 0);
	assert_int_not_equal(hdlc_encode(hdlc_escapes_least(), lcp, 4, out, sizeof(out)), 0);
}

struct stream {
	struct hdlc_decoder decoder;
	struct hdlc_frame room;
	unsigned frames;
	size_t len; /* of the last one */
	uint8_t last[HDLC_FRAME_MAX];
};

static struct stream *stream_new(void)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	assert_non_null(stream);
	hdlc_decoder_init(&stream->decoder);
	return stream;
}

static void stream_free(struct stream *stream)
{
	hdlc_decoder_done(&stream->decoder);
	free(stream);
}

/* Gives the bytes to the decoder in chunks of at most `chunk`, each in memory of its own. */
static void feed(struct stream *stream, const uint8_t *data, size_t len, size_t chunk)
{
	while (len) {
		size_t now = MIN(len, chunk);
		uint8_t *exact = malloc(now);
		struct byte_reader in = rd_init(exact, now);
		const uint8_t *frame;

		assert_non_null(exact);
		memcpy(exact, data, now);
		while (hdlc_decoder_next(&stream->decoder, &in, &stream->room, &frame,
					 &stream->len)) {
			stream->frames++;
			memcpy(stream->last, frame, stream->len);
		}
		assert_int_equal(rd_left(&in), 0);
		free(exact);
		data += now;
		len -= now;
	}
}

static void feed_text(struct stream *stream, const char *bytes, size_t len)
{
	feed(stream, (const uint8_t *)bytes, len, len);
}

#define FEED(stream, literal) feed_text(stream, literal, sizeof(literal) - 1)

/* A good frame arrives after whatever was there before: the decoder has recovered. */
static void assert_recovered(struct stream *stream)
{
	unsigned before = stream->frames;

	feed(stream, lcp_encoded, sizeof(lcp_encoded), 5);
	assert_int_equal(stream->frames, before + 1);
	assert_int_equal(stream->len, sizeof(lcp));
	assert_memory_equal(stream->last, lcp, sizeof(lcp));
}

static void any_split_gives_the_frame(void **state UNUSED)
{
	for (size_t chunk = 1; chunk <= sizeof(lcp_encoded); chunk++) {
		struct stream *stream = stream_new();

		feed(stream, lcp_encoded, sizeof(lcp_encoded), chunk);
		assert_int_equal(stream->frames, 1);
		assert_int_equal(stream->len, sizeof(lcp));
		assert_memory_equal(stream->last, lcp, sizeof(lcp));
		stream_free(stream);
	}
}

/* A long frame with all kinds of bytes, cut in two at each place, between the halves of an escape
 * too. */
static void a_long_frame_may_be_cut_anywhere(void **state UNUSED)
{
	static uint8_t frame[700], out[HDLC_ENCODED_MAX(sizeof(frame))];
	struct stream *stream = stream_new();
	size_t len;

	fill(frame, sizeof(frame), 5);
	len = encode(frame, sizeof(frame), &hdlc_escapes_all, out);
	for (size_t cut = 1; cut < len; cut++) {
		feed(stream, out, cut, len);
		feed(stream, out + cut, len - cut, len);
		assert_int_equal(stream->frames, cut);
		assert_int_equal(stream->len, sizeof(frame));
		assert_memory_equal(stream->last, frame, sizeof(frame));
	}
	stream_free(stream);
}

static void memory_is_kept_only_while_a_frame_is_in_parts(void **state UNUSED)
{
	struct stream *stream = stream_new();

	FEED(stream, "login: ");
	assert_null(stream->decoder.kept);
	feed(stream, lcp_encoded, sizeof(lcp_encoded), sizeof(lcp_encoded));
	assert_null(stream->decoder.kept);
	feed(stream, lcp_encoded, 9, 9);
	assert_non_null(stream->decoder.kept);
	feed(stream, lcp_encoded + 9, sizeof(lcp_encoded) - 9, 1000);
	assert_int_equal(stream->frames, 2);
	assert_null(stream->decoder.kept);
	FEED(stream, "\x7e\x7d");
	assert_null(stream->decoder.kept);
	stream_free(stream);
}

static bool out_of_memory;

void *__real_malloc(size_t len);
void *__wrap_malloc(size_t len);

void *__wrap_malloc(size_t len)
{
	return out_of_memory && len == sizeof(struct hdlc_frame) ? NULL : __real_malloc(len);
}

static void without_memory_a_frame_in_parts_is_lost(void **state UNUSED)
{
	struct stream *stream = stream_new();

	out_of_memory = true;
	feed(stream, lcp_encoded, sizeof(lcp_encoded), 9);
	assert_int_equal(stream->frames, 0);
	assert_int_equal(stream->decoder.counters.no_memory, 1);
	feed(stream, lcp_encoded, sizeof(lcp_encoded), sizeof(lcp_encoded));
	assert_int_equal(stream->frames, 1);
	out_of_memory = false;
	assert_recovered(stream);
	stream_free(stream);
}

/* The escapes of random bytes, escaped escapes among them, against a plain reading of RFC 1662 4.2.
 */
static void unescaping_is_what_it_is_byte_by_byte(void **state UNUSED)
{
	uint8_t data[200], expected[200], out[200];

	for (uint32_t seed = 0; seed < 2000; seed++) {
		bool escape = seed & 1, escaped = escape;
		size_t len = seed % sizeof(data), expected_len = 0;

		fill(data, len, seed);
		for (size_t i = 0; i < len; i++)
			data[i] = data[i] % (2 + seed % 9) ? data[i] : 0x7d;
		for (size_t i = 0; i < len; i++) {
			if (escaped || data[i] != 0x7d)
				expected[expected_len++] = escaped ? data[i] ^ 0x20 : data[i];
			escaped = !escaped && data[i] == 0x7d;
		}
		assert_int_equal(hdlc_unescape(data, len, &escape, out) - out, expected_len);
		assert_memory_equal(out, expected, expected_len);
		assert_int_equal(escape, escaped);
	}
}

static void decoding_is_the_reverse_of_encoding(void **state UNUSED)
{
	static uint8_t frame[HDLC_FRAME_MAX], out[HDLC_ENCODED_MAX(HDLC_FRAME_MAX)];
	const size_t lengths[] = {2, 3, 7, 8, 9, 60, 1400, 1500, HDLC_FRAME_MAX};
	const struct hdlc_escapes *const escapes[] = {hdlc_escapes_least(), &hdlc_escapes_all};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(escapes); j++) {
			struct stream *stream = stream_new();
			size_t len = lengths[i];

			fill(frame, len, (uint32_t)(i * 7 + j));
			feed(stream, out, encode(frame, len, escapes[j], out), 100);
			assert_int_equal(stream->frames, 1);
			assert_int_equal(stream->len, len);
			assert_memory_equal(stream->last, frame, len);
			stream_free(stream);
		}
	}
}

static void frames_may_share_their_flag(void **state UNUSED)
{
	struct stream *stream = stream_new();

	feed(stream, lcp_encoded, sizeof(lcp_encoded), 1000);
	feed(stream, lcp_encoded + 1, sizeof(lcp_encoded) - 1, 1000);
	assert_int_equal(stream->frames, 2);
	FEED(stream, "\x7e\x7e\x7e\x7e");
	assert_recovered(stream);
	assert_int_equal(stream->decoder.counters.too_short, 0);
	assert_int_equal(stream->decoder.counters.frames, 3);
	stream_free(stream);
}

static void bytes_before_the_first_flag_are_skipped(void **state UNUSED)
{
	struct stream *stream = stream_new();

	FEED(stream, "login: \x7d");
	assert_recovered(stream);
	assert_int_equal(stream->decoder.counters.bad_fcs, 0);
	assert_int_equal(stream->decoder.counters.aborted, 0);
	stream_free(stream);
}

static void every_flipped_bit_is_noticed(void **state UNUSED)
{
	struct stream *stream = stream_new();

	for (size_t bit = 0; bit < 8 * sizeof(lcp_encoded); bit++) {
		uint8_t bytes[sizeof(lcp_encoded)];
		unsigned before = stream->frames;

		memcpy(bytes, lcp_encoded, sizeof(bytes));
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		feed(stream, bytes, sizeof(bytes), sizeof(bytes));
		if (bit >= 8 && bit < 8 * (sizeof(bytes) - 1)) /* not one of the flags */
			assert_int_equal(stream->frames, before);
		FEED(stream, "\x7e");
	}
	assert_recovered(stream);
	stream_free(stream);
}

static void bad_fcs_is_counted(void **state UNUSED)
{
	struct stream *stream = stream_new();

	FEED(stream, "\x7e\xff\x03\xc0\x21\x01\x02\x7e");
	assert_int_equal(stream->decoder.counters.bad_fcs, 1);
	assert_recovered(stream);
	stream_free(stream);
}

static void too_short_is_counted(void **state UNUSED)
{
	struct stream *stream = stream_new();

	FEED(stream, "\x7e"
		     "a"
		     "\x7e"
		     "ab"
		     "\x7e"
		     "abc"
		     "\x7e");
	assert_int_equal(stream->decoder.counters.too_short, 3);
	assert_recovered(stream);
	stream_free(stream);
}

static void escape_before_flag_aborts(void **state UNUSED)
{
	struct stream *stream = stream_new();

	feed(stream, lcp_encoded, sizeof(lcp_encoded) - 1, 1000);
	FEED(stream, "\x7d\x7e");
	assert_int_equal(stream->frames, 0);
	assert_int_equal(stream->decoder.counters.aborted, 1);
	assert_recovered(stream);
	stream_free(stream);
}

static void too_long_is_counted_once_and_skipped(void **state UNUSED)
{
	static uint8_t frame[3 * HDLC_FRAME_MAX], out[HDLC_ENCODED_MAX(sizeof(frame))];
	struct stream *stream = stream_new();

	fill(frame, sizeof(frame), 3);
	feed(stream, out, encode(frame, HDLC_FRAME_MAX, hdlc_escapes_least(), out), 4096);
	assert_int_equal(stream->frames, 1);
	feed(stream, out, encode(frame, HDLC_FRAME_MAX + 1, hdlc_escapes_least(), out), 4096);
	feed(stream, out, encode(frame, sizeof(frame), hdlc_escapes_least(), out), sizeof(out));
	feed(stream, out, encode(frame, sizeof(frame), hdlc_escapes_least(), out), 1);
	assert_int_equal(stream->frames, 1);
	assert_int_equal(stream->decoder.counters.too_long, 3);
	assert_recovered(stream);
	stream_free(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fcs_of_the_check_string_is_known),
		cmocka_unit_test(fcs_by_tables_is_the_fcs_by_bits),
		cmocka_unit_test(fcs_of_long_frames_is_the_fcs_by_bits),
		cmocka_unit_test(encoding_gives_the_known_bytes),
		cmocka_unit_test(exactly_control_characters_flag_and_escape_are_escaped),
		cmocka_unit_test(frame_of_flags_takes_the_worst_size),
		cmocka_unit_test(encoding_refuses_less_than_the_worst_size),
		cmocka_unit_test(any_split_gives_the_frame),
		cmocka_unit_test(a_long_frame_may_be_cut_anywhere),
		cmocka_unit_test(memory_is_kept_only_while_a_frame_is_in_parts),
		cmocka_unit_test(without_memory_a_frame_in_parts_is_lost),
		cmocka_unit_test(unescaping_is_what_it_is_byte_by_byte),
		cmocka_unit_test(decoding_is_the_reverse_of_encoding),
		cmocka_unit_test(frames_may_share_their_flag),
		cmocka_unit_test(bytes_before_the_first_flag_are_skipped),
		cmocka_unit_test(every_flipped_bit_is_noticed),
		cmocka_unit_test(bad_fcs_is_counted),
		cmocka_unit_test(too_short_is_counted),
		cmocka_unit_test(escape_before_flag_aborts),
		cmocka_unit_test(too_long_is_counted_once_and_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
