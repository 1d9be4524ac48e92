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
struct byte_reader rd_init(const void *data, size_t len);

uint8_t rd_u8(struct byte_reader *in);
uint16_t rd_u16(struct byte_reader *in);
uint32_t rd_u32(struct byte_reader *in);
uint64_t rd_u64(struct byte_reader *in);

/* Copies exactly `len` bytes to `out`; on failure `out` is filled with zeros. */
void rd_copy(struct byte_reader *in, void *out, size_t len);

/*
 * Copies a fixed field of `len` bytes that holds text which may lack its terminator;
 * `out` has room for len + 1 and is always terminated.
 */
void rd_text(struct byte_reader *in, char *out, size_t len);

/* The next `len` bytes in place, or NULL on failure. */
const uint8_t *rd_bytes(struct byte_reader *in, size_t len);

/* A reader over the next `len` bytes; a failed one if there are fewer. */
struct byte_reader rd_slice(struct byte_reader *in, size_t len);

void rd_skip(struct byte_reader *in, size_t len);

/* Bytes not yet read. */
size_t rd_left(const struct byte_reader *in);

bool rd_failed(const struct byte_reader *in);

/* A writer into `capacity` bytes at `buffer`, which stay the caller's. */
struct byte_writer wr_init(void *buffer, size_t capacity);

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

/* Bytes written so far. */
size_t wr_len(const struct byte_writer *out);

bool wr_failed(const struct byte_writer *out);

#endif
