/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pptpd-ctl's command line. */
#ifndef PPTPD_CTL_OPTIONS_H
#define PPTPD_CTL_OPTIONS_H

#include <stdbool.h>

struct conf;

/* What stands on the command line; NULL for what does not. The texts are argv's. */
struct ctl_options {
	const char *conf;
	const char *name; /* the LRP's */
	const char *address;
	const char *expires;
	const char *calls;
	const char *addresses;
	const char *from;
	bool json;
};

/* Returns an exit status; what is wrong was said on stderr. */
typedef int ctl_command(const struct conf *conf, const struct ctl_options *options);

/*
 * Finds the command. NULL when there is nothing to run: --help or --version was answered, or what
 * is wrong was said on stderr; *ret_status is the exit status then.
 */
ctl_command *ctl_options_parse(int argc, char **argv, struct ctl_options *ret_options,
			       int *ret_status);

#endif
