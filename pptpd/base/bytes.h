/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded reader and writer for wire bytes, all numbers in network byte order. Both
 * remember their first failure: read or write every field, then test once. A failed
 * reader yields zeros, a failed writer writes nothing more.
 */
#ifndef PPTPD_BASE_BYTES_H
#define PPTPD_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct byte_reader {
	const uint8_t *pos;
	const uint8_t *end;
	bool failed;
};

struct byte_writer {
	uint8_t *start;
	uint8_t *pos;
	uint8_t *end;
	bool failed;
};

/* A reader over `len` bytes at `data`, which stay the caller's and must outlive it. */
static inline struct byte_reader rd_init(const void *data, size_t len)
{
	const uint8_t *start = data;

	return (struct byte_reader){
		.pos = start,
		.end = len ? start + len : start,
		.failed = false,
	};
}

/* Bytes not yet read. */
static inline size_t rd_left(const struct byte_reader *in)
{
	return (size_t)(in->end - in->pos);
}

static inline bool rd_failed(const struct byte_reader *in)
{
	return in->failed;
}

/* The next `len` bytes in place, or NULL on failure. */
static inline const uint8_t *rd_bytes(struct byte_reader *in, size_t len)
{
	const uint8_t *here = in->pos;

	if (in->failed || len > rd_left(in)) {
		in->failed = true;
		return NULL;
	}
	if (len)
		in->pos += len;
	return here;
}

/* Of rd_u8() to rd_u64() only. Those who read a packet's header want it in their own code. */
static inline uint64_t rd_number(struct byte_reader *in, size_t width)
{
	const uint8_t *from = rd_bytes(in, width);
	uint64_t value = 0;

	for (size_t i = 0; from && i < width; i++)
		value = value << 8 | from[i];
	return value;
}

static inline uint8_t rd_u8(struct byte_reader *in)
{
	return (uint8_t)rd_number(in, 1);
}

static inline uint16_t rd_u16(struct byte_reader *in)
{
	return (uint16_t)rd_number(in, 2);
}

static inline uint32_t rd_u32(struct byte_reader *in)
{
	return (uint32_t)rd_number(in, 4);
}

static inline uint64_t rd_u64(struct byte_reader *in)
{
	return rd_number(in, 8);
}

/* Copies exactly `len` bytes to `out`; on failure `out` is filled with zeros. */
void rd_copy(struct byte_reader *in, void *out, size_t len);

/*
 * Copies a fixed field of `len` bytes that holds text which may lack its terminator;
 * `out` has room for len + 1 and is always terminated.
 */
void rd_text(struct byte_reader *in, char *out, size_t len);

/* A reader over the next `len` bytes; a failed one if there are fewer. */
struct byte_reader rd_slice(struct byte_reader *in, size_t len);

static inline void rd_skip(struct byte_reader *in, size_t len)
{
	(void)rd_bytes(in, len); /* the failure is remembered */
}

/* A writer into `capacity` bytes at `buffer`, which stay the caller's. */
static inline struct byte_writer wr_init(void *buffer, size_t capacity)
{
	uint8_t *start = buffer;

	return (struct byte_writer){
		.start = start,
		.pos = start,
		.end = capacity ? start + capacity : start,
		.failed = false,
	};
}

/* Bytes written so far. */
static inline size_t wr_len(const struct byte_writer *out)
{
	return (size_t)(out->pos - out->start);
}

/* Each refuses (fails) a value that does not fit the width. */
void wr_u8(struct byte_writer *out, uint64_t value);
void wr_u16(struct byte_writer *out, uint64_t value);
void wr_u32(struct byte_writer *out, uint64_t value);
void wr_u64(struct byte_writer *out, uint64_t value);

void wr_copy(struct byte_writer *out, const void *data, size_t len);

/* `len` zero bytes. */
void wr_zero(struct byte_writer *out, size_t len);

/* Text in a fixed field of `len` bytes, padded with zeros; fails if it is longer. */
void wr_text(struct byte_writer *out, const char *text, size_t len);

/* Overwrites the 16-bit number at `offset` from the start, which must be written already. */
void wr_patch_u16(struct byte_writer *out, size_t offset, uint64_t value);

static inline bool wr_failed(const struct byte_writer *out)
{
	return out->failed;
}

#endif
