/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded reader and writer; see the header. No pointer moves past its end anywhere else. */
#include "pptpd/base/bytes.h"

#include <string.h>

void rd_copy(struct byte_reader *in, void *out, size_t len)
{
	const uint8_t *from = rd_bytes(in, len);

	if (from && len)
		memcpy(out, from, len);
	else
		memset(out, 0, len);
}

void rd_text(struct byte_reader *in, char *out, size_t len)
{
	rd_copy(in, out, len);
	out[len] = '\0';
}

struct byte_reader rd_slice(struct byte_reader *in, size_t len)
{
	const uint8_t *from = rd_bytes(in, len);
	struct byte_reader slice = rd_init(from, from ? len : 0);

	slice.failed = in->failed;
	return slice;
}

/* Room for `len` bytes at the write position, or NULL with the failure remembered. */
static uint8_t *take_room(struct byte_writer *out, size_t len)
{
	uint8_t *here = out->pos;

	if (out->failed || len > (size_t)(out->end - out->pos)) {
		out->failed = true;
		return NULL;
	}
	if (len)
		out->pos += len;
	return here;
}

static void put_number(uint8_t *to, size_t width, uint64_t value)
{
	for (size_t i = width; i > 0; i--) {
		to[i - 1] = (uint8_t)value;
		value >>= 8;
	}
}

static void write_number(struct byte_writer *out, size_t width, uint64_t value)
{
	uint8_t *to;

	if (width < 8 && value >> (8 * width)) {
		out->failed = true;
		return;
	}
	to = take_room(out, width);
	if (to)
		put_number(to, width, value);
}

void wr_u8(struct byte_writer *out, uint64_t value)
{
	write_number(out, 1, value);
}

void wr_u16(struct byte_writer *out, uint64_t value)
{
	write_number(out, 2, value);
}

void wr_u32(struct byte_writer *out, uint64_t value)
{
	write_number(out, 4, value);
}

void wr_u64(struct byte_writer *out, uint64_t value)
{
	write_number(out, 8, value);
}

void wr_copy(struct byte_writer *out, const void *data, size_t len)
{
	uint8_t *to = take_room(out, len);

	if (to && len)
		memcpy(to, data, len);
}

void wr_zero(struct byte_writer *out, size_t len)
{
	uint8_t *to = take_room(out, len);

	if (to && len)
		memset(to, 0, len);
}

void wr_text(struct byte_writer *out, const char *text, size_t len)
{
	size_t used = strlen(text);

	if (used > len) {
		out->failed = true;
		return;
	}
	wr_copy(out, text, used);
	wr_zero(out, len - used);
}

void wr_patch_u16(struct byte_writer *out, size_t offset, uint64_t value)
{
	if (out->failed || value > UINT16_MAX || offset + 2 > wr_len(out)) {
		out->failed = true;
		return;
	}
	put_number(out->start + offset, 2, value);
}
