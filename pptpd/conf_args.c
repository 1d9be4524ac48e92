/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pptpd's command line, from the same table as the file. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/conf_keyword.h"

/* getopt_long's value for the keyword in row i without a letter. */
#define NO_LETTER 256

#define OPTIONS_MAX 32

static void print_usage(const char *program)
{
	printf("pptpd v%s, a PPTP server\nUsage: %s [OPTION]...\n\n", PACKAGE_VERSION, program);
	for (size_t i = 0; i < conf_keyword_count; i++) {
		const struct conf_keyword *k = &conf_keywords[i];
		char option[48];

		if (!k->option)
			continue;
		(void)snprintf(option, sizeof(option), "--%s%s%s", k->option,
			       k->argument ? " " : "", k->argument ? k->argument : "");
		printf(" %c%c %-24s %s", k->letter ? '-' : ' ', k->letter ? k->letter : ' ', option,
		       k->help);
		printf(k->default_value ? " (default %s)\n" : "\n", k->default_value);
	}
}

static enum conf_command obey(const struct conf_keyword *keyword, const char *program)
{
	if (strcmp(keyword->option, "check-config") == 0)
		return CONF_CHECK;
	if (strcmp(keyword->option, "version") == 0)
		printf("pptpd v%s\n", PACKAGE_VERSION);
	else
		print_usage(program);
	return CONF_EXIT_OK;
}

static const struct conf_keyword *find_option(int value)
{
	if (value >= NO_LETTER && (size_t)(value - NO_LETTER) < conf_keyword_count)
		return &conf_keywords[value - NO_LETTER];
	for (size_t i = 0; i < conf_keyword_count; i++) {
		if (conf_keywords[i].letter == value)
			return &conf_keywords[i];
	}
	return NULL;
}

/* Both forms of the table that getopt_long wants. */
static void build_options(struct option options[OPTIONS_MAX], char letters[2 * OPTIONS_MAX])
{
	size_t count = 0, used = 0;

	for (size_t i = 0; i < conf_keyword_count && count < OPTIONS_MAX - 1; i++) {
		const struct conf_keyword *k = &conf_keywords[i];

		if (!k->option)
			continue;
		options[count++] = (struct option){
			.name = k->option,
			.has_arg = k->argument ? required_argument : no_argument,
			.val = k->letter ? k->letter : NO_LETTER + (int)i,
		};
		if (k->letter) {
			letters[used++] = (char)k->letter;
			if (k->argument)
				letters[used++] = ':';
		}
	}
	options[count] = (struct option){0};
	letters[used] = '\0';
}

enum conf_command conf_from_arguments(struct conf *conf, int argc, char **argv)
{
	struct option options[OPTIONS_MAX];
	char letters[2 * OPTIONS_MAX];
	enum conf_command command = CONF_RUN;
	int value;

	memset(conf, 0, sizeof(*conf));
	build_options(options, letters);
	while ((value = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		const struct conf_keyword *keyword = find_option(value);

		if (!keyword) {
			print_usage(argv[0]);
			return CONF_EXIT_BAD;
		}
		if (keyword->kind == CONF_VALUE_COMMAND) {
			command = obey(keyword, argv[0]);
			if (command == CONF_EXIT_OK)
				return command;
		} else if (!conf_set(conf, keyword, optarg, NULL)) {
			return CONF_EXIT_BAD;
		}
	}
	return command;
}
