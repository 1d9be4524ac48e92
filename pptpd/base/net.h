/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network of IPv4 or IPv6 addresses, as settings name one: ADDRESS[/BITS]. Pure. */
#ifndef PPTPD_BASE_NET_H
#define PPTPD_BASE_NET_H

#include <stdbool.h>

#include "pptpd/base/address.h"

/* Room for the text of a network, with terminator. */
#define NET_TEXT_MAX (INET6_ADDRSTRLEN + 4)

struct net {
	struct address address;
	unsigned bits;
};

/* Without bits it is one address. False when the text is no network. */
bool net_parse(const char *text, struct net *ret_net);

bool net_has(const struct net *net, const struct address *address);

#endif
