/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines for the system log: priority, tag and process ID, and a log that comes and goes. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/syslog.h"
#include "tests/unit/pptpd_help.h"
#include "tests/unit/pptpd_sandbox.h"

static struct syslog_writer writer;

static int set_up(void **state UNUSED)
{
	syslog_init(&writer);
	sandbox_log_clear();
	return 0;
}

static int tear_down(void **state UNUSED)
{
	syslog_done(&writer);
	return 0;
}

/* Behind "<PRIORITY>Mmm dd hh:mm:ss ". */
static const char *behind_time(const char *line)
{
	const char *start = strchr(line, '>') + 1;

	assert_int_equal(start[3], ' ');
	assert_int_equal(start[6], ' ');
	assert_int_equal(start[9], ':');
	assert_int_equal(start[12], ':');
	assert_int_equal(start[15], ' ');
	return start + 16;
}

static void line_has_priority_tag_and_process_id(void **state UNUSED)
{
	char wanted[128];
	const char *line;

	syslog_write(&writer, getpid(), LOG_ERR, "MGR: one");
	line = sandbox_log_wait("one");
	assert_int_equal(strncmp(line, "<27>", 4), 0); /* daemon.err: 3 * 8 + 3 */
	(void)snprintf(wanted, sizeof(wanted), "pptpd[%ld]: MGR: one", (long)getpid());
	assert_string_equal(behind_time(line), wanted);
	syslog_write(&writer, getpid(), LOG_DEBUG, "MGR: two");
	assert_int_equal(strncmp(sandbox_log_wait("two"), "<31>", 4), 0);
}

static void line_of_another_process_has_its_id_and_credentials(void **state UNUSED)
{
	pid_t other = fork();
	char wanted[64];

	if (other == 0) {
		for (;;)
			(void)pause();
	}
	syslog_write(&writer, other, LOG_INFO, "CTRL: of another");
	(void)snprintf(wanted, sizeof(wanted), "pptpd[%ld]: CTRL: of another", (long)other);
	assert_string_equal(behind_time(sandbox_log_wait("of another")), wanted);
	assert_int_equal(sandbox_log_sender("of another"), other);
	(void)kill(other, SIGKILL);
	(void)waitpid(other, NULL, 0);
}

static void line_of_a_process_that_has_ended_still_has_its_id(void **state UNUSED)
{
	pid_t other = fork();
	char wanted[64];

	if (other == 0)
		_exit(0);
	(void)waitpid(other, NULL, 0);
	syslog_write(&writer, other, LOG_INFO, "last words");
	(void)snprintf(wanted, sizeof(wanted), "pptpd[%ld]: last words", (long)other);
	assert_string_equal(behind_time(sandbox_log_wait("last words")), wanted);
	assert_int_equal(sandbox_log_sender("last words"), getpid());
}

static void longest_line_is_whole(void **state UNUSED)
{
	char text[LOG_LINE_MAX];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	syslog_write(&writer, 4194304, LOG_INFO, text);
	assert_non_null(sandbox_log_wait(text));
}

static void log_that_is_missing_does_no_harm_and_is_found_later(void **state UNUSED)
{
	unsigned before;

	syslog_write(&writer, getpid(), LOG_INFO, "before");
	assert_non_null(sandbox_log_wait("before"));
	syslog_done(&writer);
	assert_int_equal(rename("/dev/log", "/dev/log.away"), 0);
	before = open_descriptors();
	syslog_write(&writer, getpid(), LOG_INFO, "meanwhile");
	assert_int_equal(open_descriptors(), before);
	assert_int_equal(rename("/dev/log.away", "/dev/log"), 0);
	syslog_write(&writer, getpid(), LOG_INFO, "after");
	assert_non_null(sandbox_log_wait("after"));
	assert_int_equal(sandbox_log_count("meanwhile"), 0);
}

static void burst_longer_than_the_logs_queue_arrives_while_the_log_reads(void **state UNUSED)
{
	pid_t other = fork();

	if (other == 0) {
		for (int i = 0; i < 200; i++)
			syslog_write(&writer, getpid(), LOG_INFO, "one of a burst");
		syslog_write(&writer, getpid(), LOG_INFO, "the burst is over");
		_exit(0);
	}
	assert_non_null(sandbox_log_wait("the burst is over"));
	assert_int_equal(sandbox_log_count("one of a burst"), 200);
	(void)waitpid(other, NULL, 0);
}

static void full_log_loses_lines_and_does_not_block(void **state UNUSED)
{
	for (int i = 0; i < 100000; i++)
		syslog_write(&writer, getpid(), LOG_INFO, "flood");
	sandbox_log_clear();
	syslog_write(&writer, getpid(), LOG_INFO, "after the flood");
	assert_non_null(sandbox_log_wait("after the flood"));
}

/* One that takes a line now and then is never stuck, and yet must not have all our time. */
static void time_spent_on_waiting_is_budgeted(void **state UNUSED)
{
	int64_t before;

	for (int i = 0; i < 100; i++)
		syslog_write(&writer, getpid(), LOG_INFO, "line");
	before = writer.budget_us;
	writer.stuck = false;
	syslog_write(&writer, getpid(), LOG_INFO, "this one is waited for");
	assert_true(writer.stuck);
	assert_true(writer.budget_us < before);
	writer.budget_us = -3600 * (int64_t)1000000;
	before = writer.budget_us;
	writer.stuck = false;
	syslog_write(&writer, getpid(), LOG_INFO, "this one is not");
	assert_true(writer.stuck);
	assert_true(writer.budget_us > before - 40000);
}

#define LOG_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(line_has_priority_tag_and_process_id),
		LOG_TEST(line_of_another_process_has_its_id_and_credentials),
		LOG_TEST(line_of_a_process_that_has_ended_still_has_its_id),
		LOG_TEST(longest_line_is_whole),
		LOG_TEST(log_that_is_missing_does_no_harm_and_is_found_later),
		LOG_TEST(burst_longer_than_the_logs_queue_arrives_while_the_log_reads),
		LOG_TEST(full_log_loses_lines_and_does_not_block),
		LOG_TEST(time_spent_on_waiting_is_budgeted),
	};

	if (!sandbox_enter(10))
		return SANDBOX_SKIP_STATUS;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
