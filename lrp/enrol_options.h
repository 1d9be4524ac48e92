/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of `lrp enrol`. */
#ifndef LRP_ENROL_OPTIONS_H
#define LRP_ENROL_OPTIONS_H

#include <stdbool.h>

#include "rrp/enrol_line.h"

struct enrol_options {
	const char *interface; /* NULL: to be found */
	const char *conf;
	const char *key;
	bool replace;
	struct enrol_line line;
};

/*
 * False when there is nothing more to do, with the exit status; what is wrong was said on stderr.
 * The secret in `argv` is overwritten in either case.
 */
bool enrol_options_parse(int argc, char **argv, struct enrol_options *ret_options, int *ret_status);

#endif
