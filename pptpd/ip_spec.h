/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The value of localip and remoteip: a comma-separated list of addresses, host names, and ranges
 * with a hyphen in one octet. Pure but for the resolver, which the caller gives.
 */
#ifndef PPTPD_IP_SPEC_H
#define PPTPD_IP_SPEC_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* Room for the item that was wrong, in error messages. */
#define IP_SPEC_ITEM_MAX 256

enum ip_spec_result {
	IP_SPEC_OK,
	IP_SPEC_BAD_ADDRESS, /* neither address nor a name that resolves */
	IP_SPEC_BAD_RANGE,   /* a bound is missing, or the upper is below the lower */
	IP_SPEC_NO_MEMORY,
};

struct ip_list {
	struct in_addr *addresses;
	size_t count;
	bool cut; /* there were more than the limit */
};

/* The first IPv4 address of a dotted address or host name. */
typedef bool ip_resolver(const char *name, struct in_addr *ret_address);

/* The system's resolver; may block while the program starts. */
bool ip_resolve(const char *name, struct in_addr *ret_address);

/*
 * Parses `spec` into at most `limit` addresses. On success *ret_list is the caller's, for
 * ip_list_done(); otherwise ret_item has the offending item, possibly cut.
 */
enum ip_spec_result ip_spec_parse(const char *spec, size_t limit, ip_resolver *resolve,
				  struct ip_list *ret_list, char ret_item[IP_SPEC_ITEM_MAX]);

void ip_list_done(struct ip_list *list);

#endif
