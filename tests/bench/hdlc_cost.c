/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a frame of 1400 bytes costs to encode and to decode, beside a copy of it and beside plain
 * code that goes byte by byte, all in turns. Prints and judges nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pptpctrl/fcs16.h"
#include "pptpctrl/hdlc.h"
#include "pptpd/base/util.h"
#include "tests/hdlc_least.h"

#define FRAME_LEN 1400
#define FRAMES    32 /* different ones, so that no processor learns them by heart */
#define TURNS     60
#define REPEATS   20 /* of all frames, in a turn */

#define ENCODED_MAX HDLC_ENCODED_MAX(FRAME_LEN)

struct data {
	uint8_t frame[FRAMES][FRAME_LEN];
	uint8_t encoded[FRAMES][ENCODED_MAX];
	size_t encoded_len[FRAMES];
};

/* Results are used, so that nothing is left out. */
static volatile uint8_t sink;

static double now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static uint8_t random_byte(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return (uint8_t)(*seed >> 24);
}

static uint8_t byte_random(uint32_t *seed)
{
	return random_byte(seed);
}

static uint8_t byte_zero(uint32_t *seed UNUSED)
{
	return 0;
}

/* Text in lines. */
static uint8_t byte_ascii(uint32_t *seed)
{
	uint8_t byte = random_byte(seed);

	return byte < 5 ? '\n' : (uint8_t)(' ' + byte % 91);
}

static void copy(struct data *data, unsigned i)
{
	static uint8_t out[FRAME_LEN];

	memcpy(out, data->frame[i], FRAME_LEN);
	sink = out[i];
}

static uint16_t plain_fcs(const uint16_t table[256], const uint8_t *bytes, size_t len)
{
	uint16_t fcs = FCS16_INIT;

	while (len--)
		fcs = (uint16_t)(fcs >> 8 ^ table[(fcs ^ *bytes++) & 0xff]);
	return fcs;
}

static const uint16_t *plain_table(void)
{
	static uint16_t table[256];

	for (unsigned byte = 0; !table[255] && byte < 256; byte++) {
		uint16_t fcs = (uint16_t)byte;

		for (int bit = 0; bit < 8; bit++)
			fcs = (uint16_t)(fcs & 1 ? fcs >> 1 ^ 0x8408 : fcs >> 1);
		table[byte] = fcs;
	}
	return table;
}

static uint8_t *plain_put(uint8_t *out, uint8_t byte)
{
	if (byte < 0x20 || byte == 0x7e || byte == 0x7d) {
		*out++ = 0x7d;
		byte ^= 0x20;
	}
	*out++ = byte;
	return out;
}

static void plain_encode(struct data *data, unsigned i)
{
	static uint8_t out[ENCODED_MAX];
	const uint8_t *frame = data->frame[i];
	uint16_t fcs = (uint16_t)~plain_fcs(plain_table(), frame, FRAME_LEN);
	uint8_t *pos = out;

	*pos++ = 0x7e;
	for (size_t j = 0; j < FRAME_LEN; j++)
		pos = plain_put(pos, frame[j]);
	pos = plain_put(pos, (uint8_t)fcs);
	pos = plain_put(pos, (uint8_t)(fcs >> 8));
	*pos = 0x7e;
	sink = pos[-1];
}

static void plain_decode(struct data *data, unsigned i)
{
	static uint8_t out[ENCODED_MAX];
	const uint8_t *in = data->encoded[i] + 1;
	size_t len = 0;

	while (*in != 0x7e) {
		if (*in == 0x7d) {
			in++;
			out[len++] = *in++ ^ 0x20;
		} else {
			out[len++] = *in++;
		}
	}
	if (plain_fcs(plain_table(), out, len) != FCS16_GOOD || len != FRAME_LEN + 2)
		abort();
	sink = out[i];
}

static void encode(struct data *data, unsigned i, const struct hdlc_escapes *escapes)
{
	data->encoded_len[i] =
		hdlc_encode(escapes, data->frame[i], FRAME_LEN, data->encoded[i], ENCODED_MAX);
}

static void encode_all(struct data *data, unsigned i)
{
	encode(data, i, &hdlc_escapes_all);
}

static void encode_least(struct data *data, unsigned i)
{
	encode(data, i, hdlc_escapes_least());
}

static void decode(struct data *data, unsigned i)
{
	struct hdlc_decoder decoder;
	struct hdlc_frame room;
	struct byte_reader in = rd_init(data->encoded[i], data->encoded_len[i]);
	const uint8_t *frame;
	size_t len;

	hdlc_decoder_init(&decoder);
	if (!hdlc_decoder_next(&decoder, &in, &room, &frame, &len) || len != FRAME_LEN)
		abort();
	sink = frame[i];
	hdlc_decoder_done(&decoder);
}

static void fcs_alone(struct data *data, unsigned i)
{
	sink = (uint8_t)fcs16_update(FCS16_INIT, data->frame[i], FRAME_LEN);
}

/* In this order: what follows an encoding decodes what it has made. */
static const struct work {
	const char *name;
	void (*run)(struct data *data, unsigned i);
} work[] = {
	{"memcpy", copy},
	{"plain encode", plain_encode},
	{"encode, fewest escapes", encode_least},
	{"decode, fewest escapes", decode},
	{"encode", encode_all},
	{"decode", decode},
	{"plain decode", plain_decode},
	{"FCS alone", fcs_alone},
};

static double turn(struct data *data, const struct work *what)
{
	double start = now_ns();

	for (int repeat = 0; repeat < REPEATS; repeat++)
		for (unsigned i = 0; i < FRAMES; i++)
			what->run(data, i);
	return (now_ns() - start) / (REPEATS * FRAMES);
}

static void measure(const char *name, uint8_t (*byte)(uint32_t *seed))
{
	static struct data data;
	double best[ARRAY_SIZE(work)];
	uint32_t seed = 1;

	for (unsigned i = 0; i < FRAMES; i++)
		for (size_t j = 0; j < FRAME_LEN; j++)
			data.frame[i][j] = byte(&seed);
	for (int t = 0; t < TURNS; t++) {
		for (size_t i = 0; i < ARRAY_SIZE(work); i++) {
			double cost = turn(&data, &work[i]);

			best[i] = t && best[i] < cost ? best[i] : cost;
		}
	}
	printf("\n%-28s      ns  memcpy  plain\n", name);
	for (size_t i = 0; i < ARRAY_SIZE(work); i++) {
		double plain = best[strstr(work[i].name, "decode") ? 6 : 1];

		printf("  %-26s %7.0f %7.1f %6.2f\n", work[i].name, best[i], best[i] / best[0],
		       best[i] / plain);
	}
}

int main(void)
{
	puts("Frames of 1400 bytes; ns: the best of the turns, and as so many copies (memcpy) and "
	     "as "
	     "part of\nplain code byte by byte that does the same (plain).");
	measure("random", byte_random);
	measure("zeros", byte_zero);
	measure("ASCII", byte_ascii);
	return 0;
}
