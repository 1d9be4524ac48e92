// SPDX-License-Identifier: GPL-2.0-or-later
/* Durations as people type them. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <time.h>

#include "pptpd/ctl/times.h"

static void minutes_hours_and_days_are_taken(void **state UNUSED)
{
	static const struct {
		const char *text;
		uint32_t seconds;
	} rows[] = {{"1m", 60},     {"30m", 1800},    {"12h", 43200},   {"1d", 86400},
		    {"7d", 604800}, {"007d", 604800}, {"31d", 2678400}, {"744h", 2678400}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t seconds = 0;

		if (!times_parse_duration(rows[i].text, &seconds))
			fail_msg("%s is refused", rows[i].text);
		assert_int_equal(seconds, rows[i].seconds);
	}
}

static void everything_else_is_refused(void **state UNUSED)
{
	static const char *const texts[] = {"",
					    "0m",
					    "1",
					    "m",
					    "-1d",
					    "+1d",
					    "1 d",
					    "1s",
					    "1dd",
					    "1.5h",
					    "1D",
					    "32d",
					    "745h",
					    "d1",
					    " 1d",
					    "1d ",
					    "99999999999999999999d",
					    "4294967297m"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		uint32_t seconds = 7;

		if (times_parse_duration(texts[i], &seconds))
			fail_msg("%s is taken", texts[i]);
		assert_int_equal(seconds, 7);
	}
}

static void time_is_shown_to_the_minute(void **state UNUSED)
{
	char text[TIMES_TEXT_MAX];

	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	assert_string_equal(times_text(1795250400, text), "2026-11-21 08:40");
	assert_string_equal(times_text(0, text), "1970-01-01 00:00");
	assert_non_null(times_text(INT64_MAX, text)); /* whatever it is, it fits */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minutes_hours_and_days_are_taken),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(time_is_shown_to_the_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
