/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded byte queue; see the header. */
#include "pptpd/base/outq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/base/log.h"

/* The first allocation: holds any PPTP message several times over. */
#define OUTQ_FIRST_SIZE 1024

void outq_init(struct outq *q, size_t limit)
{
	*q = (struct outq){.limit = limit};
}

void outq_done(struct outq *q)
{
	free(q->buffer);
	outq_init(q, q->limit);
}

/* Makes room for `len` more bytes behind those that wait. */
static bool make_room(struct outq *q, size_t len)
{
	size_t size = q->size ? q->size : OUTQ_FIRST_SIZE;
	uint8_t *bigger;

	if (q->start + q->used + len <= q->size)
		return true;
	if (q->start) {
		memmove(q->buffer, q->buffer + q->start, q->used);
		q->start = 0;
	}
	while (size < q->used + len)
		size *= 2;
	if (size == q->size)
		return true;
	bigger = realloc(q->buffer, size);
	if (!bigger)
		return false;
	q->buffer = bigger;
	q->size = size;
	return true;
}

uint8_t *outq_reserve(struct outq *q, size_t len)
{
	if (len > q->limit - q->used || !make_room(q, len))
		return NULL;
	return q->buffer + q->start + q->used;
}

void outq_commit(struct outq *q, size_t len)
{
	if (len > q->size - q->start - q->used)
		bug("outq: %zu bytes committed, there is no room for so many", len);
	q->used += len;
}

bool outq_push(struct outq *q, const void *data, size_t len)
{
	uint8_t *room;

	if (!len)
		return true;
	room = outq_reserve(q, len);
	if (!room)
		return false;
	memcpy(room, data, len);
	outq_commit(q, len);
	return true;
}

const uint8_t *outq_peek(const struct outq *q, size_t *ret_len)
{
	*ret_len = q->used;
	return q->used ? q->buffer + q->start : NULL;
}

void outq_consume(struct outq *q, size_t len)
{
	if (len > q->used)
		bug("outq: %zu bytes consumed of %zu", len, q->used);
	q->start += len;
	q->used -= len;
	if (!q->used)
		outq_done(q);
}

int outq_flush(struct outq *q, int fd)
{
	ssize_t n;

	if (!q->used)
		return 0;
	do {
		n = write(fd, q->buffer + q->start, q->used);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	/* What is left had no room: another write would only be told so. */
	outq_consume(q, (size_t)n);
	return 0;
}
