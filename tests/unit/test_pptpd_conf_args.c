/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pptpd prints instead of running: help, version, and what follows an unknown option. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/conf_keyword.h"
#include "tests/unit/pptpd_help.h"

/* What goes to stdout while the words are parsed. */
static const char *printed(const char *word, enum conf_command *ret_command)
{
	char name[] = "pptpd", *words[] = {name, (char *)(uintptr_t)word, NULL};
	char path[256];
	int saved_out = dup(STDOUT_FILENO), saved_err = dup(STDERR_FILENO), file, null;
	struct conf conf;

	(void)snprintf(path, sizeof(path), "%s", scratch_file("stdout", ""));
	file = open(path, O_WRONLY | O_CLOEXEC);
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	(void)fflush(stdout);
	(void)dup2(file, STDOUT_FILENO);
	(void)dup2(null, STDERR_FILENO); /* getopt's own line about it */
	optind = 0;
	*ret_command = conf_from_arguments(&conf, 2, words);
	conf_done(&conf);
	(void)fflush(stdout);
	(void)dup2(saved_out, STDOUT_FILENO);
	(void)dup2(saved_err, STDERR_FILENO);
	(void)close(saved_out);
	(void)close(saved_err);
	(void)close(file);
	(void)close(null);
	return file_content(path);
}

static void version_is_one_line_on_stdout(void **state UNUSED)
{
	static const char *const forms[] = {"-v", "--version"};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		enum conf_command command;
		const char *text = printed(forms[i], &command);

		assert_int_equal(command, CONF_EXIT_OK);
		assert_int_equal(strncmp(text, "pptpd v", 7), 0);
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	}
}

static void help_names_every_option(void **state UNUSED)
{
	static const char *const forms[] = {"-h", "--help"};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		enum conf_command command;
		const char *text = printed(forms[i], &command);

		assert_int_equal(command, CONF_EXIT_OK);
		assert_non_null(strstr(text, "Usage: pptpd [OPTION]..."));
		assert_non_null(strstr(text, "--stimeout SECONDS"));
		for (size_t k = 0; k < conf_keyword_count; k++) {
			char option[64];

			if (!conf_keywords[k].option)
				continue;
			(void)snprintf(option, sizeof(option), "--%s", conf_keywords[k].option);
			assert_non_null(strstr(text, option));
		}
	}
}

static void unknown_option_prints_the_usage_on_stdout_and_fails(void **state UNUSED)
{
	static const char *const bad[] = {"--no-such-option", "-z", "-C" /* without its value */};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		enum conf_command command;
		const char *text = printed(bad[i], &command);

		assert_int_equal(command, CONF_EXIT_BAD);
		assert_non_null(strstr(text, "Usage: pptpd [OPTION]..."));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_is_one_line_on_stdout),
		cmocka_unit_test(help_names_every_option),
		cmocka_unit_test(unknown_option_prints_the_usage_on_stdout_and_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
