// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of `lrp enrol`, and that its secret does not stay there. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lrp/conf.h"
#include "lrp/enrol_options.h"

#define PIN    "7yqdsmkp2ceqhhxbglxkfsmwtpmwyyv6nb4xvmzvh4wkbdeumbva"
#define SECRET "aaaqeayeaudaocajbifqydiob4"
#define LINE   "vpn.example.com:99/" PIN "/" SECRET

#define WORDS_MAX 8

/* A command line that can be written to, as a process's own. */
struct words {
	char text[WORDS_MAX][256];
	char *argv[WORDS_MAX + 1];
	int argc;
};

static struct words make(const char *const *list)
{
	struct words words = {.argc = 1};

	(void)snprintf(words.text[0], sizeof(words.text[0]), "enrol");
	for (; list[words.argc - 1]; words.argc++)
		(void)snprintf(words.text[words.argc], sizeof(words.text[0]), "%s",
			       list[words.argc - 1]);
	return words;
}

static bool parse(struct words *words, struct enrol_options *options, int *ret_status)
{
	for (int i = 0; i < words->argc; i++)
		words->argv[i] = words->text[i];
	words->argv[words->argc] = NULL;
	optind = 0; /* getopt_long(3) begins anew */
	return enrol_options_parse(words->argc, words->argv, options, ret_status);
}

/* In nobody's view of the process. */
static void assert_secret_is_gone(const struct words *words)
{
	for (int i = 0; i < words->argc; i++) {
		for (size_t at = 0; at + sizeof(SECRET) <= sizeof(words->text[i]); at++)
			assert_memory_not_equal(words->text[i] + at, "aaaqeaye", 8);
	}
}

static void line_comes_as_people_paste_it(void **state UNUSED)
{
	static const char *const lists[][6] = {
		{LINE, NULL},
		{"lrp enrol " LINE, NULL},
		{"lrp", "enrol", LINE, NULL},
		{"--replace", LINE, NULL},
		{LINE, "--replace", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct words words = make(lists[i]);
		struct enrol_options options;
		int status;

		assert_true(parse(&words, &options, &status));
		assert_string_equal(options.line.host, "vpn.example.com");
		assert_int_equal(options.line.port, 99);
		assert_int_equal(options.line.secret[15], 15);
		assert_int_equal(options.replace, i >= 3);
		assert_string_equal(options.conf, LRP_CONF_FILE);
		assert_string_equal(options.key, LRP_KEY_FILE);
		assert_null(options.interface);
		assert_secret_is_gone(&words);
	}
}

static void options_are_taken(void **state UNUSED)
{
	static const char *const list[] = {"-i", "eth1", "--conf=/a", "--key", "/b", LINE, NULL};
	struct words words = make(list);
	struct enrol_options options;
	int status;

	assert_true(parse(&words, &options, &status));
	assert_string_equal(options.interface, "eth1");
	assert_string_equal(options.conf, "/a");
	assert_string_equal(options.key, "/b");
}

static void whatever_is_wrong_the_secret_is_gone(void **state UNUSED)
{
	static const char *const lists[][5] = {
		{LINE, "more", NULL},
		{"--unknown", LINE, NULL},
		{LINE, "--interface", NULL},
		{"x/y/" SECRET, NULL},
		{"--key", "relative", LINE, NULL},
		{LINE, LINE, NULL},
		{"-c", NULL},
		{"", NULL},
		{NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct words words = make(lists[i]);
		struct enrol_options options;
		int status = EXIT_SUCCESS;

		assert_false(parse(&words, &options, &status));
		assert_int_equal(status, EXIT_FAILURE);
		assert_secret_is_gone(&words);
	}
}

static void help_is_no_failure(void **state UNUSED)
{
	static const char *const list[] = {"--help", NULL};
	struct words words = make(list);
	struct enrol_options options;
	int status = EXIT_FAILURE;

	assert_false(parse(&words, &options, &status));
	assert_int_equal(status, EXIT_SUCCESS);
}

/* Standard input of the test with that text. */
static void give_input(const char *text)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(close(ends[0]), 0);
	clearerr(stdin);
}

static void line_may_come_from_standard_input(void **state UNUSED)
{
	static const char *const list[] = {"-", NULL};
	struct words words = make(list);
	struct enrol_options options;
	int status;

	give_input("lrp enrol " LINE "\n");
	assert_true(parse(&words, &options, &status));
	assert_int_equal(options.line.port, 99);
	words = make(list);
	give_input("");
	assert_false(parse(&words, &options, &status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_comes_as_people_paste_it),
		cmocka_unit_test(options_are_taken),
		cmocka_unit_test(whatever_is_wrong_the_secret_is_gone),
		cmocka_unit_test(help_is_no_failure),
		cmocka_unit_test(line_may_come_from_standard_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
