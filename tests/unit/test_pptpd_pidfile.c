/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file with the manager's process ID. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/pidfile.h"
#include "tests/unit/pptpd_help.h"

static char path[256], own[32];

static int set_up(void **state UNUSED)
{
	(void)snprintf(path, sizeof(path), "%s", scratch_path("pid"));
	(void)snprintf(own, sizeof(own), "%ld\n", (long)getpid());
	(void)unlink(path);
	caught_begin();
	return 0;
}

static void it_holds_our_process_id(void **state UNUSED)
{
	pidfile_write(path);
	assert_string_equal(file_content(path), own);
	assert_int_equal(caught_with(""), 0);
}

static void a_stale_longer_file_is_replaced(void **state UNUSED)
{
	(void)scratch_file("pid", "4294967295 and more\n");
	pidfile_write(path);
	assert_string_equal(file_content(path), own);
}

static void nobody_else_may_write_it_whatever_the_umask(void **state UNUSED)
{
	mode_t before = umask(0);
	struct stat stat_of;

	pidfile_write(path);
	(void)umask(before);
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 022, 0);
}

static void our_own_is_removed(void **state UNUSED)
{
	pidfile_write(path);
	pidfile_remove(path);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(caught_with(""), 0);
}

static void anothers_is_left_alone(void **state UNUSED)
{
	(void)scratch_file("pid", "1\n");
	pidfile_remove(path);
	assert_string_equal(file_content(path), "1\n");
	(void)scratch_file("pid", "nonsense\n");
	pidfile_remove(path);
	assert_string_equal(file_content(path), "nonsense\n");
}

static void removing_none_is_no_error(void **state UNUSED)
{
	pidfile_remove(path);
	assert_int_equal(caught_with(""), 0);
}

static void one_that_cannot_be_written_is_logged(void **state UNUSED)
{
	pidfile_write("/nonexistent/pptpd.pid");
	assert_true(caught(LOG_ERR, "PPTPD: failed to open(/nonexistent/pptpd.pid), errno=2: No "
				    "such file or directory"));
}

static void full_disk_is_logged(void **state UNUSED)
{
	if (access("/dev/full", W_OK) != 0)
		skip();
	pidfile_write("/dev/full");
	assert_int_equal(caught_with("PPTPD: failed to open(/dev/full), errno=28"), 1);
}

#define PID_TEST(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PID_TEST(it_holds_our_process_id),
		PID_TEST(a_stale_longer_file_is_replaced),
		PID_TEST(nobody_else_may_write_it_whatever_the_umask),
		PID_TEST(our_own_is_removed),
		PID_TEST(anothers_is_left_alone),
		PID_TEST(removing_none_is_no_error),
		PID_TEST(one_that_cannot_be_written_is_logged),
		PID_TEST(full_disk_is_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
