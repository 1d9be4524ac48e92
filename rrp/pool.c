// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells for frames; see the header. */
#include "rrp/pool.h"

#include <stdlib.h>

#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

/* What a cell holds while nobody uses it. */
struct pool_cell {
	struct pool_cell *next;
};

/* Of which 1552 fits a full Ethernet frame; between two no more than half is wasted. */
static const size_t cell_sizes[POOL_SIZES] = {64, 112, 208, 400, 784, 1552, 3104, POOL_SIZE_MAX};

void pool_init(struct pool *pool)
{
	*pool = (struct pool){0};
}

static unsigned find_size(size_t size)
{
	for (unsigned i = 0; i < POOL_SIZES; i++)
		if (size <= cell_sizes[i])
			return i;
	bug("pool: %zu bytes, more than any frame has", size);
}

static struct pool_cell *take_kept(struct pool *pool, unsigned index)
{
	struct pool_cell *cell = pool->kept[index].first;

	pool->kept[index].first = cell->next;
	pool->kept[index].count--;
	pool->kept[index].least = MIN(pool->kept[index].least, pool->kept[index].count);
	pool->kept_bytes -= cell_sizes[index];
	return cell;
}

void pool_done(struct pool *pool)
{
	for (unsigned i = 0; i < POOL_SIZES; i++)
		while (pool->kept[i].count)
			free(take_kept(pool, i));
}

size_t pool_cost(size_t size)
{
	return cell_sizes[find_size(size)];
}

void *pool_get(struct pool *pool, size_t size)
{
	unsigned index = find_size(size);

	return pool->kept[index].count ? take_kept(pool, index) : malloc(cell_sizes[index]);
}

void pool_put(struct pool *pool, void *memory, size_t size)
{
	unsigned index = find_size(size);
	struct pool_cell *cell = memory;

	if (pool->kept_bytes + cell_sizes[index] > POOL_KEPT_MAX) {
		free(memory);
		return;
	}
	cell->next = pool->kept[index].first;
	pool->kept[index].first = cell;
	pool->kept[index].count++;
	pool->kept_bytes += cell_sizes[index];
}

void pool_trim(struct pool *pool)
{
	for (unsigned i = 0; i < POOL_SIZES; i++) {
		for (size_t unused = pool->kept[i].least; unused; unused--)
			free(take_kept(pool, i));
		pool->kept[i].least = pool->kept[i].count;
	}
}
