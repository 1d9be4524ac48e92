/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grammar of configuration files, rule by rule. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pptpd/base/conf_file.h"

/* The notes as text: line and kind, "3b" for a leading blank, "r" for a CR, "l" for too long. */
struct notes {
	char text[64];
};

static void take_note(void *context, unsigned line, enum conf_note note, const char *text UNUSED)
{
	static const char kinds[] = {[CONF_NOTE_LEADING_BLANK] = 'b',
				     [CONF_NOTE_CARRIAGE_RETURN] = 'r',
				     [CONF_NOTE_TOO_LONG] = 'l'};
	struct notes *notes = context;
	size_t used = strlen(notes->text);

	(void)snprintf(notes->text + used, sizeof(notes->text) - used, "%u%c", line, kinds[note]);
}

static struct conf_file read_bytes(const char *text, size_t len, struct notes *ret_notes)
{
	int fd = memfd_create("conf", MFD_CLOEXEC);
	struct conf_file file;
	char path[64];

	*ret_notes = (struct notes){0};
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(conf_file_read(path, take_note, ret_notes, &file), 0);
	close(fd);
	return file;
}

/* Reads `text` and compares: "LINE WORD=VALUE;" for each entry, and the notes. */
static void assert_reads(const char *text, const char *entries, const char *expected_notes)
{
	struct notes notes;
	struct conf_file file = read_bytes(text, strlen(text), &notes);
	char found[512] = "";

	for (size_t i = 0; i < file.count; i++) {
		size_t used = strlen(found);

		(void)snprintf(found + used, sizeof(found) - used, "%u %s=%s;",
			       file.entries[i].line, file.entries[i].word, file.entries[i].value);
	}
	assert_string_equal(found, entries);
	assert_string_equal(notes.text, expected_notes);
	conf_file_done(&file);
}

static void word_and_rest_of_the_line_are_told_apart(void **state UNUSED)
{
	assert_reads("option /etc/ppp/options\n", "1 option=/etc/ppp/options;", "");
	assert_reads("a b c  d\n", "1 a=b c  d;", "");
	assert_reads("a \t  b\n", "1 a=b;", "");
	assert_reads("a\tb\n", "1 a=b;", "");
	assert_reads("a=b\n", "1 a=b=;", "");
}

static void word_alone_has_an_empty_value(void **state UNUSED)
{
	assert_reads("debug\n", "1 debug=;", "");
	assert_reads("debug   \n", "1 debug=;", "");
}

static void empty_lines_and_comments_are_skipped(void **state UNUSED)
{
	assert_reads("", "", "");
	assert_reads("\n\n# x\n#\n \t \na b\n", "6 a=b;", "");
}

static void hash_is_a_comment_in_the_first_column_only(void **state UNUSED)
{
	assert_reads("a b # c\n", "1 a=b # c;", "");
	assert_reads("a#b c\n", "1 a#b=c;", "");
	assert_reads("a #\n", "1 a=#;", "");
	assert_reads(" # x\n", "", "1b");
}

static void line_with_a_leading_blank_is_noted_and_skipped(void **state UNUSED)
{
	assert_reads(" a b\n\tc d\ne f\n", "3 e=f;", "1b2b");
}

static void carriage_return_is_taken_off_and_noted(void **state UNUSED)
{
	assert_reads("a b\r\nc\r\n", "1 a=b;2 c=;", "1r2r");
	assert_reads("a b \r\n", "1 a=b;", "1r");
	assert_reads("\r\n", "", "1r");
	assert_reads("a b\rc\n", "1 a=b\rc;", ""); /* not at the end */
}

static void trailing_blanks_are_trimmed(void **state UNUSED)
{
	assert_reads("a b \t \n", "1 a=b;", "");
}

static void last_line_needs_no_newline(void **state UNUSED)
{
	assert_reads("a b\nc d", "1 a=b;2 c=d;", "");
	assert_reads("a b\nc d\r", "1 a=b;2 c=d;", "2r");
	assert_reads("a", "1 a=;", "");
}

static void nul_ends_the_line(void **state UNUSED)
{
	static const char text[] = "a b \0 c\nd\r\0\n\0 e\nf g\n";
	struct notes notes;
	struct conf_file file = read_bytes(text, sizeof(text) - 1, &notes);

	assert_int_equal(file.count, 3);
	assert_string_equal(file.entries[0].value, "b");
	assert_string_equal(file.entries[1].word, "d");
	assert_string_equal(file.entries[2].word, "f");
	assert_int_equal(file.entries[2].line, 4);
	assert_string_equal(notes.text, "2r");
	conf_file_done(&file);
}

static void entries_of_one_word_stay_apart_and_in_order(void **state UNUSED)
{
	static const char text[] = "a 1\nb 2\na 3\n";
	struct notes notes;
	struct conf_file file = read_bytes(text, strlen(text), &notes);

	assert_int_equal(file.count, 3);
	assert_string_equal(file.entries[0].word, "a");
	assert_string_equal(file.entries[0].value, "1");
	assert_int_equal(file.entries[1].line, 2);
	assert_string_equal(file.entries[2].word, "a");
	assert_string_equal(file.entries[2].value, "3");
	conf_file_done(&file);
}

static void words_keep_their_case_and_are_whole(void **state UNUSED)
{
	static const char text[] = "Debug 1\ndebugger 2\n";
	struct notes notes;
	struct conf_file file = read_bytes(text, strlen(text), &notes);

	assert_int_equal(file.count, 2);
	assert_string_equal(file.entries[0].word, "Debug");
	assert_string_equal(file.entries[1].word, "debugger");
	conf_file_done(&file);
}

static void line_up_to_the_limit_is_taken_and_a_longer_one_noted(void **state UNUSED)
{
	size_t len = CONF_LINE_MAX + 2 + CONF_LINE_MAX + 1 + 4;
	char *text = malloc(len);
	struct conf_file file;
	struct notes notes;

	assert_non_null(text);
	memset(text, 'x', len);
	text[1] = ' ';
	text[CONF_LINE_MAX] = '\n';
	text[2 * CONF_LINE_MAX + 2] = '\n';
	memcpy(text + 2 * CONF_LINE_MAX + 3, "a b\n", 4);
	file = read_bytes(text, len, &notes);
	assert_int_equal(file.count, 2);
	assert_string_equal(file.entries[0].word, "x");
	assert_int_equal(strlen(file.entries[0].value), CONF_LINE_MAX - 2);
	assert_string_equal(file.entries[1].word, "a");
	assert_int_equal(file.entries[1].line, 3);
	assert_string_equal(notes.text, "2l");
	conf_file_done(&file);
	free(text);
}

static void file_that_cannot_be_read_is_told(void **state UNUSED)
{
	struct conf_file file = {.count = 4711};
	struct notes notes = {0};

	assert_int_equal(conf_file_read("/nonexistent/x", take_note, &notes, &file), -ENOENT);
	assert_int_equal(conf_file_read("/", take_note, &notes, &file), -EISDIR);
	assert_int_equal(file.count, 4711);
}

static void done_leaves_an_empty_file(void **state UNUSED)
{
	struct notes notes;
	struct conf_file file = read_bytes("a b\n", 4, &notes);

	conf_file_done(&file);
	assert_int_equal(file.count, 0);
	assert_null(file.entries);
	conf_file_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(word_and_rest_of_the_line_are_told_apart),
		cmocka_unit_test(word_alone_has_an_empty_value),
		cmocka_unit_test(empty_lines_and_comments_are_skipped),
		cmocka_unit_test(hash_is_a_comment_in_the_first_column_only),
		cmocka_unit_test(line_with_a_leading_blank_is_noted_and_skipped),
		cmocka_unit_test(carriage_return_is_taken_off_and_noted),
		cmocka_unit_test(trailing_blanks_are_trimmed),
		cmocka_unit_test(last_line_needs_no_newline),
		cmocka_unit_test(nul_ends_the_line),
		cmocka_unit_test(entries_of_one_word_stay_apart_and_in_order),
		cmocka_unit_test(words_keep_their_case_and_are_whole),
		cmocka_unit_test(line_up_to_the_limit_is_taken_and_a_longer_one_noted),
		cmocka_unit_test(file_that_cannot_be_read_is_told),
		cmocka_unit_test(done_leaves_an_empty_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
