/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded queue of bytes that wait for a stream descriptor to become writable. */
#ifndef PPTPD_BASE_OUTQ_H
#define PPTPD_BASE_OUTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outq {
	uint8_t *buffer; /* owned; allocated with the first byte, given back when empty */
	size_t start;    /* first byte not yet written */
	size_t used;     /* bytes waiting */
	size_t size;     /* allocated */
	size_t limit;    /* most bytes that may wait */
};

/* An empty queue that never holds more than `limit` bytes. */
void outq_init(struct outq *q, size_t limit);

/* Frees the memory and leaves an empty queue. */
void outq_done(struct outq *q);

/* Appends all of `data` or, if it would not fit the limit or memory is out, nothing (false). */
bool outq_push(struct outq *q, const void *data, size_t len);

/*
 * Room for up to `len` more bytes, to be written before anything else is done with the queue; NULL
 * if they would not fit the limit or memory is out.
 */
uint8_t *outq_reserve(struct outq *q, size_t len);

/* The first `len` bytes of what was reserved wait from now on. */
void outq_commit(struct outq *q, size_t len);

/* The bytes that wait, in one piece; *ret_len is 0 when there are none. */
const uint8_t *outq_peek(const struct outq *q, size_t *ret_len);

/* Forgets the first `len` bytes, which must be there. */
void outq_consume(struct outq *q, size_t len);

static inline bool outq_empty(const struct outq *q)
{
	return q->used == 0;
}

/*
 * Writes once to `fd`: what is left then had no room. Returns 0, or the
 * negative errno of a write that failed for another reason than EAGAIN or EINTR.
 */
int outq_flush(struct outq *q, int fd);

#endif
