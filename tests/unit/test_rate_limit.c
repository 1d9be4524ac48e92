/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The token bucket: a burst, then one for each interval, and what was refused. */
#include "tests/unit/unit.h"

#include "pptpd/base/rate_limit.h"

static const struct mono start = {.us = 5000000};

static bool allow_at(struct rate_limit *limit, int64_t ms)
{
	unsigned refused;

	return rate_limit_allow(limit, mono_add_ms(start, ms), &refused);
}

static void burst_is_allowed_at_once_and_no_more(void **state UNUSED)
{
	struct rate_limit limit;

	rate_limit_init(&limit, 3, 1000, start);
	for (unsigned i = 0; i < 3; i++)
		assert_true(allow_at(&limit, 0));
	assert_false(allow_at(&limit, 0));
	assert_false(allow_at(&limit, 999));
}

static void one_more_is_allowed_each_interval(void **state UNUSED)
{
	struct rate_limit limit;

	rate_limit_init(&limit, 1, 1000, start);
	assert_true(allow_at(&limit, 0));
	for (int64_t ms = 1; ms < 5000; ms++)
		assert_int_equal(allow_at(&limit, ms), ms % 1000 == 0);
}

static void interval_begins_with_the_first_of_a_full_bucket(void **state UNUSED)
{
	struct rate_limit limit;

	rate_limit_init(&limit, 1, 1000, start);
	assert_true(allow_at(&limit, 999));
	assert_false(allow_at(&limit, 1000));
	assert_false(allow_at(&limit, 1998));
	assert_true(allow_at(&limit, 1999));
}

static void silence_fills_no_more_than_the_burst(void **state UNUSED)
{
	struct rate_limit limit;

	rate_limit_init(&limit, 2, 1000, start);
	assert_true(allow_at(&limit, 0));
	assert_true(allow_at(&limit, 0));
	for (unsigned i = 0; i < 2; i++)
		assert_true(allow_at(&limit, 1000000000));
	assert_false(allow_at(&limit, 1000000000));
}

static void begun_interval_is_not_lost(void **state UNUSED)
{
	struct rate_limit limit;

	rate_limit_init(&limit, 3, 1000, start);
	for (unsigned i = 0; i < 3; i++)
		assert_true(allow_at(&limit, 0));
	assert_true(allow_at(&limit, 1500));
	assert_false(allow_at(&limit, 1999));
	assert_true(allow_at(&limit, 2000));
}

static void refused_ones_are_counted_once(void **state UNUSED)
{
	struct rate_limit limit;
	unsigned refused = 4711;

	rate_limit_init(&limit, 1, 1000, start);
	assert_true(rate_limit_allow(&limit, start, &refused));
	assert_int_equal(refused, 0);
	for (unsigned i = 0; i < 5; i++)
		assert_false(rate_limit_allow(&limit, start, &refused));
	assert_int_equal(refused, 0);
	assert_true(rate_limit_allow(&limit, mono_add_ms(start, 1000), &refused));
	assert_int_equal(refused, 5);
	assert_true(rate_limit_allow(&limit, mono_add_ms(start, 2000), &refused));
	assert_int_equal(refused, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst_is_allowed_at_once_and_no_more),
		cmocka_unit_test(one_more_is_allowed_each_interval),
		cmocka_unit_test(interval_begins_with_the_first_of_a_full_bucket),
		cmocka_unit_test(silence_fills_no_more_than_the_burst),
		cmocka_unit_test(begun_interval_is_not_lost),
		cmocka_unit_test(refused_ones_are_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
