/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lrp.conf that an enrolment leaves behind. */
#ifndef LRP_ENROL_CONF_H
#define LRP_ENROL_CONF_H

#include <stdbool.h>

#include "rrp/enrol_line.h"

/* Longest text about what went wrong. */
#define ENROL_CONF_ERROR_MAX 512

struct enrol_conf {
	const char *path;
	const char *interface;
	const char *name;
	const char *key;
	const struct enrol_line *line; /* its secret is not looked at */
	bool replace;                  /* keep what is there as PATH.old */
};

/*
 * Whether it can be written: nothing is there, or it may be replaced, and the folder lets us. To be
 * asked before the secret is spent. False with what to do in ret_error.
 */
bool enrol_conf_check(const struct enrol_conf *conf, char ret_error[ENROL_CONF_ERROR_MAX]);

/* Writes it (0644), whole or not at all. False with the reason in ret_error. */
bool enrol_conf_write(const struct enrol_conf *conf, char ret_error[ENROL_CONF_ERROR_MAX]);

#endif
