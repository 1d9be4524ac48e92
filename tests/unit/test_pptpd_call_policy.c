/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many calls may try to log in at once. */
#include "tests/unit/unit.h"

#include "pptpd/call_policy.h"

/* Calls of one source that fit when others have `taken` of `slots`. */
static size_t fill(size_t slots, size_t taken)
{
	size_t unproven = 0;

	while (taken + unproven < slots &&
	       call_policy_unproven_fit(unproven, slots - taken - unproven))
		unproven++;
	return unproven;
}

static void one_source_never_takes_more_than_half_of_what_is_free(void **state UNUSED)
{
	assert_int_equal(fill(100, 0), 50);
	assert_int_equal(fill(100, 60), 20);
	assert_int_equal(fill(65535, 0), 32767);
	assert_int_equal(fill(7, 0), 3);
}

static void each_further_source_takes_half_of_the_rest(void **state UNUSED)
{
	size_t taken = 0;

	for (size_t left = 128; left > 4; left /= 2) {
		taken += fill(128, taken);
		assert_int_equal(taken, 128 - left / 2);
	}
}

static void two_may_always_try(void **state UNUSED)
{
	assert_int_equal(fill(1, 0), 1);
	assert_int_equal(fill(2, 0), 2);
	assert_int_equal(fill(3, 0), 2);
	assert_int_equal(fill(100, 98), 2);
	assert_true(call_policy_unproven_fit(0, 0)); /* the pool itself says that it is full */
	assert_true(call_policy_unproven_fit(1, 0));
	assert_false(call_policy_unproven_fit(2, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_source_never_takes_more_than_half_of_what_is_free),
		cmocka_unit_test(each_further_source_takes_half_of_the_rest),
		cmocka_unit_test(two_may_always_try),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
