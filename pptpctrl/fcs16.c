/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long frames are folded, sixteen bytes at a time, into 128 bytes with the same FCS. The rest goes
 * by tables, eight bytes at a time: it is linear, so what eight bytes do to it is the exclusive-or
 * of what each of them does alone, followed by as many zero bytes as there are behind it. There is
 * one table for each number of zero bytes.
 */
#include "pptpctrl/fcs16.h"

#include <string.h>

#include "pptpctrl/lane.h"

#define FCS16_SLICES 8

/*
 * A table's 256 entries out of what the bits 0x80, 0x40 ... 0x01 of a byte do. A row of eight such
 * values, and row after row, are the successive states of the shift register with the polynomial
 * 0x8408 (x^16 + x^12 + x^5 + 1, reflected).
 */
#define BIT(n, bit, value) ((n) & (bit) ? (value) : 0)
#define ENTRY(n, b7, b6, b5, b4, b3, b2, b1, b0)                                     \
	(BIT(n, 0x80, b7) ^ BIT(n, 0x40, b6) ^ BIT(n, 0x20, b5) ^ BIT(n, 0x10, b4) ^ \
	 BIT(n, 0x08, b3) ^ BIT(n, 0x04, b2) ^ BIT(n, 0x02, b1) ^ BIT(n, 0x01, b0))
#define ENTRIES_4(n, ...)                                                                  \
	ENTRY((n), __VA_ARGS__), ENTRY((n) + 1, __VA_ARGS__), ENTRY((n) + 2, __VA_ARGS__), \
		ENTRY((n) + 3, __VA_ARGS__)
#define ENTRIES_16(n, ...)                                            \
	ENTRIES_4((n), __VA_ARGS__), ENTRIES_4((n) + 4, __VA_ARGS__), \
		ENTRIES_4((n) + 8, __VA_ARGS__), ENTRIES_4((n) + 12, __VA_ARGS__)
#define ENTRIES_64(n, ...)                                               \
	ENTRIES_16((n), __VA_ARGS__), ENTRIES_16((n) + 16, __VA_ARGS__), \
		ENTRIES_16((n) + 32, __VA_ARGS__), ENTRIES_16((n) + 48, __VA_ARGS__)
#define TABLE(...)                                                                 \
	{                                                                          \
		ENTRIES_64(0, __VA_ARGS__), ENTRIES_64(64, __VA_ARGS__),           \
			ENTRIES_64(128, __VA_ARGS__), ENTRIES_64(192, __VA_ARGS__) \
	}

/* after[k][b]: what the byte b does, followed by k zero bytes. */
static const uint16_t after[FCS16_SLICES][256] = {
	TABLE(0x8408, 0x4204, 0x2102, 0x1081, 0x8c48, 0x4624, 0x2312, 0x1189),
	TABLE(0x8ccc, 0x4666, 0x2333, 0x9591, 0xcec0, 0x6760, 0x33b0, 0x19d8),
	TABLE(0x0cec, 0x0676, 0x033b, 0x8595, 0xc6c2, 0x6361, 0xb5b8, 0x5adc),
	TABLE(0x2d6e, 0x16b7, 0x8f53, 0xc3a1, 0xe5d8, 0x72ec, 0x3976, 0x1cbb),
	TABLE(0x8a55, 0xc122, 0x6091, 0xb440, 0x5a20, 0x2d10, 0x1688, 0x0b44),
	TABLE(0x05a2, 0x02d1, 0x8560, 0x42b0, 0x2158, 0x10ac, 0x0856, 0x042b),
	TABLE(0x861d, 0xc706, 0x6383, 0xb5c9, 0xdeec, 0x6f76, 0x37bb, 0x9fd5),
	TABLE(0xcbe2, 0x65f1, 0xb6f0, 0x5b78, 0x2dbc, 0x16de, 0x0b6f, 0x81bf),
};

/* Eight bytes at a time, by tables. */
static uint16_t update_by_tables(uint16_t fcs, const uint8_t *data, size_t len)
{
	const uint8_t *end = data + len;

	for (; end - data >= FCS16_SLICES; data += FCS16_SLICES) {
		fcs = (uint16_t)(after[7][data[0] ^ (fcs & 0xff)] ^ after[6][data[1] ^ (fcs >> 8)] ^
				 after[5][data[2]] ^ after[4][data[3]] ^ after[3][data[4]] ^
				 after[2][data[5]] ^ after[1][data[6]] ^ after[0][data[7]]);
	}
	for (; data < end; data++)
		fcs = (uint16_t)(fcs >> 8 ^ after[0][(fcs ^ *data) & 0xff]);
	return fcs;
}

/*
 * The polynomial has four terms, and so has each power of two of it: x^1024 is x^768 + x^320 + 1
 * modulo its 64th power, and so modulo itself. A byte that is added to those 32, 88 and 128 bytes
 * behind it can be left out of the message: all but the last 128 bytes of a frame are folded away
 * so, sixteen at a time.
 */
#define FOLD_NEAR 32
#define FOLD_MID  88
#define FOLD_FAR  128

/* `folded`: what earlier bytes have become, up to where the next ones of the message go. */
static void fold(const uint8_t *folded, const uint8_t *data, uint8_t *out)
{
	lane near, mid, far, sum;

	lane_load(&near, folded - FOLD_NEAR);
	lane_load(&mid, folded - FOLD_MID);
	lane_load(&far, folded - FOLD_FAR);
	lane_load(&sum, data);
	sum ^= near ^ mid ^ far;
	lane_store(out, &sum);
}

/* Folded bytes that are kept on the stack before those that still matter move to its front. */
#define FOLD_ROOM 1024

/* Folds `len` bytes, a multiple of LANE_LEN and more than FOLD_FAR, into the FOLD_FAR of `ret`. */
static void fold_all(uint16_t fcs, const uint8_t *data, size_t len, uint8_t *ret)
{
	uint8_t folded[FOLD_FAR + FOLD_ROOM + FOLD_FAR];
	uint8_t *pos = folded + FOLD_FAR;

	/* What came before is a change of the first two bytes. */
	memset(folded, 0, FOLD_FAR);
	memcpy(pos, data, LANE_LEN);
	pos[0] ^= (uint8_t)fcs;
	pos[1] ^= (uint8_t)(fcs >> 8);
	for (pos += LANE_LEN, data += LANE_LEN, len -= LANE_LEN; len > FOLD_FAR; len -= LANE_LEN) {
		if (pos == folded + FOLD_FAR + FOLD_ROOM) {
			memcpy(folded, pos - FOLD_FAR, FOLD_FAR);
			pos = folded + FOLD_FAR;
		}
		fold(pos, data, pos);
		pos += LANE_LEN;
		data += LANE_LEN;
	}
	/* The last ones are not added to each other. */
	memset(pos, 0, FOLD_FAR);
	for (size_t i = 0; i < FOLD_FAR; i += LANE_LEN)
		fold(pos + i, data + i, ret + i);
}

/* Below that the tables alone are as fast. */
#define FOLD_LEN_MIN 256

uint16_t fcs16_update(uint16_t fcs, const uint8_t *data, size_t len)
{
	uint8_t rest[FOLD_FAR];
	size_t odd = len % LANE_LEN;

	if (len < FOLD_LEN_MIN)
		return update_by_tables(fcs, data, len);
	fcs = update_by_tables(fcs, data, odd);
	fold_all(fcs, data + odd, len - odd, rest);
	return update_by_tables(0, rest, sizeof(rest));
}
