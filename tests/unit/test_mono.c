/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Monotonic time: sums, differences, and waits that are never negative. */
#include "tests/unit/unit.h"

#include "pptpd/base/mono.h"

static const struct mono start = {.us = 1500000};

static void sums_and_differences_agree(void **state UNUSED)
{
	assert_int_equal(mono_diff_us(mono_add_us(start, 7), start), 7);
	assert_int_equal(mono_diff_us(mono_add_ms(start, 7), start), 7000);
	assert_int_equal(mono_diff_us(start, mono_add_ms(start, 7)), -7000);
}

static void before_is_strict(void **state UNUSED)
{
	assert_true(mono_before(start, mono_add_us(start, 1)));
	assert_false(mono_before(start, start));
	assert_false(mono_before(mono_add_us(start, 1), start));
}

static void wait_is_never_negative(void **state UNUSED)
{
	assert_true(mono_until_s(mono_add_ms(start, 2500), start) == 2.5);
	assert_true(mono_until_s(start, start) == 0.0);
	assert_true(mono_until_s(start, mono_add_ms(start, 2500)) == 0.0);
}

static void clock_does_not_go_back(void **state UNUSED)
{
	struct mono earlier = mono_now();

	assert_false(mono_before(mono_now(), earlier));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_and_differences_agree),
		cmocka_unit_test(before_is_strict),
		cmocka_unit_test(wait_is_never_negative),
		cmocka_unit_test(clock_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
