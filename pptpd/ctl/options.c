// SPDX-License-Identifier: GPL-2.0-or-later
/* One table of options and one of commands; see the header. */
#include "pptpd/ctl/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "pptpd/base/util.h"
#include "pptpd/conf.h"
#include "pptpd/ctl/lrp.h"

/* Values of long options without a letter begin here, with their row in the table. */
#define NO_LETTER 256

struct command {
	const char *word; /* behind "lrp" */
	bool takes_name;
	bool adds;  /* --address ... --from have a meaning */
	bool lists; /* --json has */
	ctl_command *run;
};

static const struct command commands[] = {
	{.word = "add", .takes_name = true, .adds = true, .run = ctl_lrp_add},
	{.word = "list", .lists = true, .run = ctl_lrp_list},
	{.word = "disable", .takes_name = true, .run = ctl_lrp_disable},
	{.word = "enable", .takes_name = true, .run = ctl_lrp_enable},
	{.word = "remove", .takes_name = true, .run = ctl_lrp_remove},
};

#define MEMBER(name) offsetof(struct ctl_options, name)

/* Options with a text. */
static const struct row {
	const char *word;
	size_t offset;
	bool adds;
} rows[] = {
	{"conf", MEMBER(conf), false},          {"address", MEMBER(address), true},
	{"expires", MEMBER(expires), true},     {"calls", MEMBER(calls), true},
	{"addresses", MEMBER(addresses), true}, {"from", MEMBER(from), true},
};

enum {
	OPTION_JSON = NO_LETTER + ARRAY_SIZE(rows),
	OPTION_VERSION,
	OPTION_HELP
};

static const struct option long_options[] = {
	{"conf", required_argument, NULL, NO_LETTER + 0},
	{"address", required_argument, NULL, NO_LETTER + 1},
	{"expires", required_argument, NULL, NO_LETTER + 2},
	{"calls", required_argument, NULL, NO_LETTER + 3},
	{"addresses", required_argument, NULL, NO_LETTER + 4},
	{"from", required_argument, NULL, NO_LETTER + 5},
	{"json", no_argument, NULL, OPTION_JSON},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: pptpd-ctl [--conf FILE] lrp add NAME [OPTION]...\n"
	"       pptpd-ctl [--conf FILE] lrp list [--json]\n"
	"       pptpd-ctl [--conf FILE] lrp disable|enable|remove NAME\n"
	"Says which LRPs (Local Route Proxies) may bring calls to this server's pptpd.\n"
	"\n"
	"add prints one line: the command to run on the LRP's box. Its options:\n"
	"  --address HOST[:PORT]  how the box reaches this server\n"
	"  --expires TIME         how long the line is good: 30m, 12h, 7d (1d)\n"
	"  --calls N              calls at once, at most\n"
	"  --addresses LIST       part of remoteip's addresses that its calls get\n"
	"  --from NET[,NET]...    networks that its tunnel may come from\n"
	"\n"
	"  -c, --conf FILE        pptpd's configuration (" CONF_DEFAULT_FILE ")\n"
	"      --version          print the version and end\n"
	"      --help             print this and end\n";

static int fail(const char *what, const char *about)
{
	fprintf(stderr, "pptpd-ctl: %s%s%s%s\nTry 'pptpd-ctl --help'.\n", what, about ? " '" : "",
		about ? about : "", about ? "'" : "");
	return EXIT_FAILURE;
}

/* False when there is nothing more to do. */
static bool take_option(int option, struct ctl_options *options, int *ret_status)
{
	*ret_status = EXIT_SUCCESS;
	if (option == 'c')
		option = NO_LETTER;
	if (option >= NO_LETTER && option < OPTION_JSON) {
		*(const char **)(void *)((char *)options + rows[option - NO_LETTER].offset) =
			optarg;
		return true;
	}
	if (option == OPTION_JSON)
		return options->json = true;
	if (option == OPTION_VERSION) {
		puts("pptpd-ctl " PACKAGE_VERSION);
	} else if (option == OPTION_HELP) {
		fputs(help, stdout);
	} else {
		fprintf(stderr, "Try 'pptpd-ctl --help'.\n"); /* getopt said what is wrong */
		*ret_status = EXIT_FAILURE;
	}
	return false;
}

static const struct command *find_command(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].word, word) == 0)
			return &commands[i];
	}
	return NULL;
}

/* An option that the command would ignore is a mistake of who typed it. */
static bool options_fit(const struct command *command, const struct ctl_options *options)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *const *value = (const void *)((const char *)options + rows[i].offset);

		if (rows[i].adds && *value && !command->adds) {
			(void)fail("only 'lrp add' takes the option", rows[i].word);
			return false;
		}
	}
	if (options->json && !command->lists) {
		(void)fail("--json is for 'lrp list' only", NULL);
		return false;
	}
	return true;
}

/* The words that are no options: lrp COMMAND [NAME]. */
static const struct command *take_words(int count, char **words, struct ctl_options *options)
{
	const struct command *command = NULL;

	if (count < 1 || strcmp(words[0], "lrp") != 0)
		(void)fail(count < 1 ? "expected 'lrp' and a command" : "unknown word",
			   count < 1 ? NULL : words[0]);
	else if (count < 2)
		(void)fail("expected a command behind 'lrp'", NULL);
	else if (!(command = find_command(words[1])))
		(void)fail("unknown command", words[1]);
	if (!command)
		return NULL;
	if (count < 2 + command->takes_name || count > 2 + command->takes_name) {
		(void)fail(count < 2 + command->takes_name ? "expected the LRP's name behind"
							   : "too many words behind",
			   command->word);
		return NULL;
	}
	if (command->takes_name)
		options->name = words[2];
	return options_fit(command, options) ? command : NULL;
}

ctl_command *ctl_options_parse(int argc, char **argv, struct ctl_options *ret_options,
			       int *ret_status)
{
	struct ctl_options options = {0};
	const struct command *command;
	int option;

	while ((option = getopt_long(argc, argv, "c:", long_options, NULL)) >= 0) {
		if (!take_option(option, &options, ret_status))
			return NULL;
	}
	command = take_words(argc - optind, argv + optind, &options);
	if (!command) {
		*ret_status = EXIT_FAILURE;
		return NULL;
	}
	*ret_options = options;
	return command->run;
}
