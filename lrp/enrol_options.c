// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of `lrp enrol`; see the header. */
#include "lrp/enrol_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lrp/conf.h"
#include "lrp/enrol_conf.h"

/* Room for the line with blanks around it, as people paste it. */
#define INPUT_MAX (ENROL_LINE_MAX + 64)

enum {
	OPTION_KEY = 256,
	OPTION_REPLACE,
	OPTION_HELP
};

static const struct option long_options[] = {
	{"interface", required_argument, NULL, 'i'},
	{"conf", required_argument, NULL, 'c'},
	{"key", required_argument, NULL, OPTION_KEY},
	{"replace", no_argument, NULL, OPTION_REPLACE},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: lrp enrol LINE [OPTION]...\n"
	"Makes this box one of a server's LRPs, and writes lrp.conf. LINE is what \"pptpd-ctl lrp "
	"add\"\n"
	"printed on the server; - reads it from standard input, so that no other user, and no log "
	"of\n"
	"sudo's, sees it: sudo lrp enrol -\n"
	"\n"
	"  -i, --interface IF  the interface on whose network the PPTP clients are\n"
	"                      (the only one with a private IPv4 address)\n"
	"  -c, --conf FILE     the configuration to write (" LRP_CONF_FILE ")\n"
	"      --key FILE      this box's key (" LRP_KEY_FILE "); made if it is not there\n"
	"      --replace       a configuration may be there; it is kept as FILE.old\n"
	"      --help          print this and end\n";

static bool complain(const char *text)
{
	fprintf(stderr, "lrp enrol: %s\n", text);
	return false;
}

/* All words as one text, since a line that was pasted without quotes is several. */
static bool join(int count, char **words, char text[INPUT_MAX])
{
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0; i < count; i++) {
		size_t more = strlen(words[i]);

		if (len + more + 2 > INPUT_MAX)
			return complain("the line is too long");
		memcpy(text + len, words[i], more);
		len += more;
		memcpy(text + len, " ", 2);
		len++;
	}
	return true;
}

/* Other users of the box see the arguments of every process. */
static void overwrite(int count, char **words)
{
	for (int i = 0; i < count; i++) {
		size_t len = strlen(words[i]);

		explicit_bzero(words[i], len);
	}
}

static bool read_input(char text[INPUT_MAX])
{
	/* Without a buffer of the library, which nobody would wipe. */
	if (setvbuf(stdin, NULL, _IONBF, 0) != 0 || !fgets(text, INPUT_MAX, stdin))
		return complain("no line on standard input");
	if (!strchr(text, '\n') && strlen(text) == INPUT_MAX - 1)
		return complain("the line is too long");
	return true;
}

static bool take_line(int count, char **words, struct enrol_line *line)
{
	bool from_input = count == 1 && strcmp(words[0], "-") == 0;
	char text[INPUT_MAX];
	const char *error = NULL;
	bool good;

	if (count < 1)
		return complain(
			"the line is missing that \"pptpd-ctl lrp add NAME\" printed on the "
			"server; see lrp enrol --help");
	good = from_input ? read_input(text) : join(count, words, text);
	if (!from_input)
		overwrite(count, words);
	if (good && !enrol_line_parse(text, line, &error))
		good = complain(error);
	explicit_bzero(text, sizeof(text));
	return good;
}

/* False when there is nothing more to do. */
static bool take_option(int option, struct enrol_options *options, int *ret_status)
{
	if (option == 'i')
		options->interface = optarg;
	else if (option == 'c')
		options->conf = optarg;
	else if (option == OPTION_KEY)
		options->key = optarg;
	else if (option == OPTION_REPLACE)
		options->replace = true;
	else if (option != OPTION_HELP)
		return false; /* getopt said what is wrong */
	if (option != OPTION_HELP)
		return true;
	fputs(help, stdout);
	*ret_status = EXIT_SUCCESS;
	return false;
}

bool enrol_options_parse(int argc, char **argv, struct enrol_options *ret_options, int *ret_status)
{
	struct enrol_options options = {.conf = LRP_CONF_FILE, .key = LRP_KEY_FILE};
	bool good = true;
	int option;

	*ret_status = EXIT_FAILURE;
	while (good && (option = getopt_long(argc, argv, "i:c:", long_options, NULL)) >= 0)
		good = take_option(option, &options, ret_status);
	if (!good) {
		overwrite(argc - 1, argv + 1);
		return false;
	}
	if (options.key[0] != '/')
		good = complain("--key takes a path that begins with /");
	if (!take_line(argc - optind, argv + optind, &options.line) || !good)
		return false;
	*ret_options = options;
	explicit_bzero(options.line.secret, sizeof(options.line.secret));
	return true;
}
