/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines: cut, filtered, with errno kept; and text of peers made harmless. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pptpd/base/log.h"

struct seen {
	unsigned lines;
	int severity;
	char line[2 * LOG_LINE_MAX];
};

static void remember(void *context, int severity, const char *line)
{
	struct seen *seen = context;

	seen->lines++;
	seen->severity = severity;
	(void)snprintf(seen->line, sizeof(seen->line), "%s", line);
	errno = EIO; /* a sink may spoil it */
}

static void line_reaches_the_sink(void **state UNUSED)
{
	struct seen seen = {0};

	log_init(remember, &seen, false);
	log_warning("%s: %d", "peer", 7);
	assert_string_equal(seen.line, "peer: 7");
	assert_int_equal(seen.severity, LOG_WARNING);
}

static void debug_lines_must_be_wanted(void **state UNUSED)
{
	struct seen seen = {0};

	log_init(remember, &seen, false);
	log_debug("no");
	assert_int_equal(seen.lines, 0);
	assert_false(log_is_debug());
	log_init(remember, &seen, true);
	log_debug("yes");
	assert_int_equal(seen.lines, 1);
	assert_true(log_is_debug());
}

static void errno_is_told_and_survives(void **state UNUSED)
{
	struct seen seen = {0};
	char expected[200];

	log_init(remember, &seen, false);
	errno = ENOENT;
	log_system(LOG_ERR, "open %s", "x");
	assert_int_equal(errno, ENOENT);
	(void)snprintf(expected, sizeof(expected), "open x: %s", strerror(ENOENT));
	assert_string_equal(seen.line, expected);
	errno = ENOENT;
	log_info("x");
	assert_int_equal(errno, ENOENT);
}

static void long_line_is_cut(void **state UNUSED)
{
	struct seen seen = {0};

	log_init(remember, &seen, false);
	errno = ENOENT;
	log_system(LOG_ERR, "%01000d", 0);
	assert_int_equal(strlen(seen.line), LOG_LINE_MAX - 1);
	log_info("%01000d", 0);
	assert_int_equal(strlen(seen.line), LOG_LINE_MAX - 1);
}

static void printable_replaces_all_but_printable_ascii(void **state UNUSED)
{
	char text[256], out[256];

	for (unsigned i = 1; i < 256; i++)
		text[i - 1] = (char)i;
	text[255] = '\0';
	assert_ptr_equal(log_printable(out, sizeof(out), text), out);
	for (unsigned i = 1; i < 256; i++)
		assert_int_equal(out[i - 1], i >= 32 && i < 127 ? (int)i : '?');
	assert_int_equal(out[255], '\0');
}

static void printable_is_cut_to_its_room(void **state UNUSED)
{
	char out[4] = "xyz";

	assert_string_equal(log_printable(out, sizeof(out), "a\nbcd"), "a?b");
	assert_string_equal(log_printable(out, 1, "abc"), "");
	assert_string_equal(log_printable(out, sizeof(out), ""), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_reaches_the_sink),
		cmocka_unit_test(debug_lines_must_be_wanted),
		cmocka_unit_test(errno_is_told_and_survives),
		cmocka_unit_test(long_line_is_cut),
		cmocka_unit_test(printable_replaces_all_but_printable_ascii),
		cmocka_unit_test(printable_is_cut_to_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
