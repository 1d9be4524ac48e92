/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pool of frames keeps, uses again and gives back. */
#include "tests/unit/unit.h"

#include <string.h>

#include "rrp/pool.h"

#define PIECES 1000

static struct pool pool;
static void *pieces[PIECES];

static void get_all(size_t count, size_t size)
{
	for (size_t i = 0; i < count; i++) {
		pieces[i] = pool_get(&pool, size);
		assert_non_null(pieces[i]);
		memset(pieces[i], 0xaa, size);
	}
}

static void put_all(size_t count, size_t size)
{
	for (size_t i = 0; i < count; i++)
		pool_put(&pool, pieces[i], size);
}

static int setup(void **state UNUSED)
{
	pool_init(&pool);
	return 0;
}

static int teardown(void **state UNUSED)
{
	pool_done(&pool);
	assert_int_equal(pool.kept_bytes, 0);
	return 0;
}

static void what_was_put_back_is_used_again(void **state UNUSED)
{
	void *first = pool_get(&pool, 1400);

	pool_put(&pool, first, 1400);
	assert_int_equal(pool.kept_bytes, pool_cost(1400));
	assert_ptr_equal(pool_get(&pool, 1424), first);
	assert_int_equal(pool.kept_bytes, 0);
	pool_put(&pool, first, 1424);
}

static void every_size_has_a_cell_that_wastes_little(void **state UNUSED)
{
	for (size_t size = 1; size <= POOL_SIZE_MAX; size++) {
		size_t cost = pool_cost(size);

		assert_in_range(cost, size,
				size <= 32     ? 64
				: size <= 3104 ? 2 * size
					       : POOL_SIZE_MAX);
		pieces[0] = pool_get(&pool, size);
		memset(pieces[0], 0xaa, size);
		put_all(1, size);
	}
}

static void no_more_is_kept_than_the_bound(void **state UNUSED)
{
	get_all(PIECES, 1400);
	put_all(PIECES, 1400);
	assert_in_range(pool.kept_bytes, POOL_KEPT_MAX - pool_cost(1400), POOL_KEPT_MAX);
	get_all(10, 8000);
	put_all(10, 8000);
	assert_in_range(pool.kept_bytes, 1, POOL_KEPT_MAX);
}

static void what_nobody_needs_is_given_back_by_the_second_trim(void **state UNUSED)
{
	get_all(100, 1400);
	put_all(100, 1400);
	pool_trim(&pool);
	pool_trim(&pool);
	assert_int_equal(pool.kept_bytes, 0);
}

static void what_is_needed_now_and_then_is_kept(void **state UNUSED)
{
	get_all(100, 1400);
	put_all(100, 1400);
	for (unsigned round = 0; round < 5; round++) {
		pool_trim(&pool);
		get_all(30, 1400);
		put_all(30, 1400);
	}
	pool_trim(&pool);
	assert_int_equal(pool.kept_bytes, 30 * pool_cost(1400));
}

#define POOL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(what_was_put_back_is_used_again),
		POOL_TEST(every_size_has_a_cell_that_wastes_little),
		POOL_TEST(no_more_is_kept_than_the_bound),
		POOL_TEST(what_nobody_needs_is_given_back_by_the_second_trim),
		POOL_TEST(what_is_needed_now_and_then_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
