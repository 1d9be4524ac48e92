/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a PPTP client can write into the log, and how often. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "pptpctrl/direct_log.h"
#include "pptpd/base/log.h"
#include "tests/unit/pptpd_help.h"

#define HOSTILE_LINES 1000

/* As in direct_log.c: lines at once, and seconds until one more. */
#define BURST    10
#define REFILL_S 5

/* Wait statuses as waitpid(2) gives them. */
#define EXITED(code)    ((code) << 8)
#define KILLED_BY(sign) (sign)

static struct mono now;

struct mono __wrap_mono_now(void);

struct mono __wrap_mono_now(void)
{
	return now;
}

static void pass(unsigned seconds)
{
	now = mono_add_ms(now, seconds * 1000);
}

static int set_up(void **state)
{
	static struct direct_log log;

	caught_begin();
	direct_log_init(&log, "192.0.2.7");
	*state = &log;
	return 0;
}

static void flood(struct direct_log *log)
{
	for (unsigned i = 0; i < HOSTILE_LINES; i++)
		direct_log_notice(log, CTRL_NOTICE_UNKNOWN_TYPE, "type 99");
}

static void a_line_has_the_client_first_and_what_the_notice_says(void **state)
{
	direct_log_notice(*state, CTRL_NOTICE_BAD_MAGIC, "expected 1, got 2");
	assert_true(
		caught(LOG_ERR, "CTRL: Client 192.0.2.7: bad message, closing: expected 1, got 2"));
	direct_log_notice(*state, CTRL_NOTICE_NOT_SUPPORTED, "Incoming-Call-Request");
	assert_true(caught(LOG_WARNING,
			   "CTRL: Client 192.0.2.7: not supported: Incoming-Call-Request"));
}

static void every_notice_has_its_words(void **state)
{
	for (unsigned i = 0; i <= CTRL_NOTICE_PROTOCOL; i++) {
		pass(REFILL_S);
		direct_log_notice(*state, i, "text");
	}
	assert_int_equal(caught_with("CTRL: Client 192.0.2.7: "), CTRL_NOTICE_PROTOCOL + 1);
	assert_int_equal(caught_with("(null)"), 0);
	assert_int_equal(caught_with(": : "), 0);
}

static void a_flood_gives_no_more_lines_than_the_burst(void **state)
{
	flood(*state);
	assert_int_equal(caught_with(""), BURST);
	assert_int_equal(caught_with("not shown"), 0);
}

static void all_kinds_of_lines_of_one_client_share_the_limit(void **state)
{
	static const enum ctrl_notice kinds[] = {
		CTRL_NOTICE_UNKNOWN_TYPE, CTRL_NOTICE_NOT_SUPPORTED, CTRL_NOTICE_UNEXPECTED,
		CTRL_NOTICE_CALL_REFUSED, CTRL_NOTICE_WAN_ERROR,     CTRL_NOTICE_BAD_FIRST,
	};

	for (unsigned i = 0; i < HOSTILE_LINES; i++)
		direct_log_notice(*state, kinds[i % ARRAY_SIZE(kinds)], "text");
	assert_int_equal(caught_with(""), BURST);
}

static void a_later_line_says_once_how_many_were_not_shown(void **state)
{
	char line[LOG_LINE_MAX];

	flood(*state);
	pass(REFILL_S);
	caught_begin();
	direct_log_notice(*state, CTRL_NOTICE_UNKNOWN_TYPE, "type 98");
	(void)snprintf(line, sizeof(line),
		       "CTRL: Client 192.0.2.7: %u lines like the next not shown",
		       HOSTILE_LINES - BURST);
	assert_true(caught(LOG_WARNING, line));
	assert_true(caught(LOG_WARNING, "CTRL: Client 192.0.2.7: ignored: type 98"));
	pass(REFILL_S);
	direct_log_notice(*state, CTRL_NOTICE_UNKNOWN_TYPE, "type 97");
	assert_int_equal(caught_with("not shown"), 1);
}

static void debug_lines_neither_count_nor_are_limited(void **state)
{
	for (unsigned i = 0; i < 2 * BURST; i++)
		direct_log_notice(*state, CTRL_NOTICE_PROTOCOL, "received Echo-Request");
	assert_int_equal(caught_with("received Echo-Request"), 2 * BURST);
	flood(*state);
	assert_int_equal(caught_with("type 99"), BURST);
}

static void pppd_ended(struct direct_log *log, int32_t pid, int wait_status, bool hung_up)
{
	const struct direct_log_end end = {
		.pppd_pid = pid,
		.wait_status = wait_status,
		.hung_up = hung_up,
	};

	direct_log_pppd_ended(log, &end);
}

static void a_call_that_was_over_gets_no_line_but_the_reaping(void **state)
{
	pppd_ended(*state, 4711, EXITED(16), false);
	assert_int_equal(caught_with(""), 1);
	assert_true(caught(LOG_DEBUG, "CTRL: Reaping child PPP[4711]"));
}

static void count_line(void *context, int severity UNUSED, const char *line)
{
	unsigned *lines = context;

	assert_string_equal(line, "CTRL: Reaping child PPP[4711]");
	++*lines;
}

static void the_reaping_is_told_without_the_debug_setting_too(void **state)
{
	unsigned lines = 0;

	log_init(count_line, &lines, false);
	direct_log_notice(*state, CTRL_NOTICE_PROTOCOL, "received Echo-Request");
	assert_int_equal(lines, 0);
	pppd_ended(*state, 4711, EXITED(0), true);
	assert_int_equal(lines, 1);
}

static void a_pppd_that_failed_is_told_with_its_status(void **state)
{
	pppd_ended(*state, 4711, EXITED(2), false);
	assert_int_equal(caught_with("GRE: read(fd=0,buffer=0,len=8196) from PTY failed"), 1);
	assert_true(caught(LOG_NOTICE, "CTRL: Client 192.0.2.7 pppd[4711] ended with status 2 (an "
				       "option is wrong, check option syntax and pppd logs)"));
	pppd_ended(*state, 4712, KILLED_BY(9), false);
	assert_true(caught(LOG_NOTICE, "CTRL: Client 192.0.2.7 pppd[4712] ended with signal 9"));
}

static void a_pppd_that_failed_because_we_hung_up_is_not(void **state)
{
	pppd_ended(*state, 4711, EXITED(2), true);
	assert_int_equal(caught_with(""), 1);
}

static void who_cannot_log_in_is_named_with_the_reason(void **state)
{
	pppd_ended(*state, 4711, EXITED(11), false);
	assert_int_equal(caught_with("GRE: read(fd=0,buffer=0,len=8196) from PTY failed"), 1);
	assert_true(caught(LOG_WARNING, "CTRL: Client 192.0.2.7 failed to authenticate, pppd[4711] "
					"ended with status 11 (the peer failed to authenticate "
					"itself)"));
	assert_int_equal(caught_with("192.0.2.7"), 1);
}

static void who_cannot_log_in_is_named_even_after_hanging_up_first(void **state)
{
	const struct direct_log_end end = {
		.pppd_pid = 4711,
		.wait_status = EXITED(16),
		.hung_up = true,
		.denied = true,
	};

	pppd_ended(*state, 4710, EXITED(11), true);
	assert_int_equal(caught_with("failed to authenticate, pppd[4710]"), 1);
	direct_log_pppd_ended(*state, &end);
	assert_true(caught(LOG_WARNING, "CTRL: Client 192.0.2.7 failed to authenticate, pppd[4711] "
					"ended with status 16 (the line was hung up)"));
	assert_int_equal(caught_with("GRE:"), 0);
}

static void only_what_could_not_be_sent_is_told_by_cause(void **state)
{
	const struct gre_raw_counters all_sent = {.sent = 9};
	const struct gre_raw_counters some = {.sent = 9, .errors = {[GRE_RAW_ERROR_FILTERED] = 3}};

	direct_log_unsent(*state, &all_sent);
	assert_int_equal(caught_with(""), 0);
	direct_log_unsent(*state, &some);
	assert_int_equal(caught_with(""), 1);
	assert_int_equal(caught_with("CTRL: Client 192.0.2.7: 3 GRE errors: filtered"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_has_the_client_first_and_what_the_notice_says,
				       set_up),
		cmocka_unit_test_setup(every_notice_has_its_words, set_up),
		cmocka_unit_test_setup(a_flood_gives_no_more_lines_than_the_burst, set_up),
		cmocka_unit_test_setup(all_kinds_of_lines_of_one_client_share_the_limit, set_up),
		cmocka_unit_test_setup(a_later_line_says_once_how_many_were_not_shown, set_up),
		cmocka_unit_test_setup(debug_lines_neither_count_nor_are_limited, set_up),
		cmocka_unit_test_setup(a_call_that_was_over_gets_no_line_but_the_reaping, set_up),
		cmocka_unit_test_setup(the_reaping_is_told_without_the_debug_setting_too, set_up),
		cmocka_unit_test_setup(a_pppd_that_failed_is_told_with_its_status, set_up),
		cmocka_unit_test_setup(a_pppd_that_failed_because_we_hung_up_is_not, set_up),
		cmocka_unit_test_setup(who_cannot_log_in_is_named_with_the_reason, set_up),
		cmocka_unit_test_setup(who_cannot_log_in_is_named_even_after_hanging_up_first,
				       set_up),
		cmocka_unit_test_setup(only_what_could_not_be_sent_is_told_by_cause, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
