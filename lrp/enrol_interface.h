/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interface the PPTP clients are on, as far as the box itself can tell. */
#ifndef LRP_ENROL_INTERFACE_H
#define LRP_ENROL_INTERFACE_H

#include <net/if.h>
#include <stdbool.h>

struct ifaddrs;

/* Longest text about why none was found. */
#define ENROL_INTERFACE_ERROR_MAX 512

/*
 * `wanted` if it is among `list`; without it the only one that is up, joins a network of several,
 * and has a private IPv4 address. False with the reason and the candidates in ret_error.
 */
bool enrol_interface_choose(const struct ifaddrs *list, const char *wanted,
			    char ret_name[IF_NAMESIZE], char ret_error[ENROL_INTERFACE_ERROR_MAX]);

#endif
