/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pauses between attempts to reach the server: grow, stay within bounds, start again. */
#include "tests/unit/unit.h"

#include "lrp/backoff.h"

static void first_pause_is_the_shortest(void **state UNUSED)
{
	struct backoff backoff;

	backoff_init(&backoff);
	assert_int_equal(backoff_next_ms(&backoff, 0), BACKOFF_MIN_MS);
	backoff_init(&backoff);
	assert_int_equal(backoff_next_ms(&backoff, UINT32_MAX), BACKOFF_MIN_MS);
}

static void pauses_double_up_to_the_longest(void **state UNUSED)
{
	const unsigned ceilings[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
	struct backoff backoff;

	backoff_init(&backoff);
	for (size_t i = 0; i < ARRAY_SIZE(ceilings); i++) {
		unsigned least = MAX(ceilings[i] / 2, (unsigned)BACKOFF_MIN_MS);

		/* The number that leaves the largest rest reaches the ceiling. */
		assert_int_equal(backoff_next_ms(&backoff, ceilings[i] - least), ceilings[i]);
	}
}

static void any_random_number_stays_between_half_and_whole(void **state UNUSED)
{
	const uint32_t numbers[] = {0, 1, 499, 500, 501, 12345, 0x7fffffff, UINT32_MAX};
	struct backoff backoff;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		backoff_init(&backoff);
		(void)backoff_next_ms(&backoff, numbers[i]);
		assert_in_range(backoff_next_ms(&backoff, numbers[i]), 500, 1000);
		assert_in_range(backoff_next_ms(&backoff, numbers[i]), 1000, 2000);
	}
}

static void only_a_tunnel_that_lived_starts_the_pauses_again(void **state UNUSED)
{
	const struct mono up = {.us = 1000000};
	const struct mono early = mono_add_ms(up, BACKOFF_STABLE_S * 1000 - 1);
	const struct mono late = mono_add_ms(up, BACKOFF_STABLE_S * 1000);
	struct backoff backoff;

	backoff_init(&backoff);
	for (int i = 0; i < 10; i++)
		(void)backoff_next_ms(&backoff, 0);
	backoff_tunnel_ended(&backoff, up, early);
	assert_int_equal(backoff_next_ms(&backoff, 0), BACKOFF_MAX_MS / 2);
	backoff_tunnel_ended(&backoff, up, late);
	assert_int_equal(backoff_next_ms(&backoff, 0), BACKOFF_MIN_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_pause_is_the_shortest),
		cmocka_unit_test(pauses_double_up_to_the_longest),
		cmocka_unit_test(any_random_number_stays_between_half_and_whole),
		cmocka_unit_test(only_a_tunnel_that_lived_starts_the_pauses_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
