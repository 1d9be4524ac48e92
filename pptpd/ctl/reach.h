/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where LRPs reach this server, as far as it can know that by itself. */
#ifndef PPTPD_CTL_REACH_H
#define PPTPD_CTL_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/address.h"
#include "pptpd/conf.h"

/* Own addresses that are looked at; more only make the answer less certain. */
#define REACH_OWN_MAX 64

/* Longest list of addresses in an error. */
#define REACH_TEXT_MAX 512

/* This machine's addresses, without ports. */
size_t reach_own_addresses(struct address ret_own[REACH_OWN_MAX]);

/*
 * The one address among `own` that is not private and that `conf` has the tunnel listener on: the
 * only one of IPv4, or without any the only one of IPv6. False with the addresses in doubt in
 * ret_candidates, "" if there are none.
 */
bool reach_choose(const struct conf *conf, const struct address *own, size_t own_count,
		  char ret_host[ADDRESS_HOST_MAX], uint16_t *ret_port,
		  char ret_candidates[REACH_TEXT_MAX]);

#endif
