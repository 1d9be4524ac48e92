/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for pppd's exit status, and which of them mean a failure. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <string.h>

#include "pptpctrl/pppd_status.h"

static const char *status_text(int wait_status)
{
	static char text[96];

	return pppd_status_text(wait_status, text, sizeof(text));
}

static void status_names_what_pppd_means(void **state UNUSED)
{
	assert_string_equal(status_text(0 << 8), "status 0 (ended in order)");
	assert_string_equal(status_text(16 << 8), "status 16 (the line was hung up)");
	assert_string_equal(status_text(11 << 8),
			    "status 11 (the peer failed to authenticate itself)");
	assert_string_equal(status_text(21 << 8), "status 21 (the caller's number is not allowed)");
	assert_string_equal(status_text(127 << 8),
			    "status 127 (the program could not be executed)");
}

static void status_without_a_meaning_is_unknown(void **state UNUSED)
{
	assert_string_equal(status_text(22 << 8), "status 22 (unknown)");
	assert_string_equal(status_text(255 << 8), "status 255 (unknown)");
}

static void status_of_a_signal_names_it(void **state UNUSED)
{
	assert_string_equal(status_text(9), "signal 9");
	assert_string_equal(status_text(SIGSEGV | 0x80), "signal 11");
}

static void status_fits_the_room_of_a_log_line(void **state UNUSED)
{
	for (int code = 0; code < 256; code++)
		assert_true(strlen(status_text(code << 8)) < 95);
}

static void an_ended_call_is_no_failure(void **state UNUSED)
{
	assert_false(pppd_status_is_failure(0));
	assert_false(pppd_status_is_failure(16 << 8));
	assert_true(pppd_status_is_failure(2 << 8));
	assert_true(pppd_status_is_failure(11 << 8));
	assert_true(pppd_status_is_failure(SIGKILL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_names_what_pppd_means),
		cmocka_unit_test(status_without_a_meaning_is_unknown),
		cmocka_unit_test(status_of_a_signal_names_it),
		cmocka_unit_test(status_fits_the_room_of_a_log_line),
		cmocka_unit_test(an_ended_call_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
