/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for frames, in cells of a few sizes that are kept for the next frame: a busy tunnel asks
 * the C library for none. Bounds what it keeps, not what is in use: that is the user's.
 */
#ifndef RRP_POOL_H
#define RRP_POOL_H

#include <stddef.h>

/* Bytes in cells that nobody uses: as much as may wait in a tunnel (SCHED_DATA_MAX). */
#define POOL_KEPT_MAX ((size_t)512 * 1024)

/* The largest piece of memory: a PPP frame of RRP_FRAME_MAX with what is put around it. */
#define POOL_SIZE_MAX 8256

#define POOL_SIZES 8

struct pool_cell;

struct pool {
	struct {
		struct pool_cell *first;
		size_t count;
		size_t least; /* count at its lowest since pool_trim() */
	} kept[POOL_SIZES];
	size_t kept_bytes;
};

void pool_init(struct pool *pool);

/* Gives back all that is kept. Cells in use stay valid, but have nowhere to go. */
void pool_done(struct pool *pool);

/* Bytes that a piece of `size` takes, at most POOL_SIZE_MAX: those of its cell. */
size_t pool_cost(size_t size);

/* At least `size` bytes; NULL when memory is out. */
void *pool_get(struct pool *pool, size_t size);

/* `size` is what pool_get() was asked for. Accepts no NULL. */
void pool_put(struct pool *pool, void *memory, size_t size);

/*
 * Gives back the cells that nobody needed since the last call. Called now and then: two calls
 * without a frame between them leave nothing.
 */
void pool_trim(struct pool *pool);

#endif
