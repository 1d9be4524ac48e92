// SPDX-License-Identifier: GPL-2.0-or-later
/* Which interface the PPTP clients are on; see the header. */
#include "lrp/enrol_interface.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "pptpd/base/address.h"

/* Candidates that an error names. */
#define CANDIDATES_MAX 8

struct candidates {
	const struct ifaddrs *found[CANDIDATES_MAX];
	unsigned count;
};

static struct address address_of(const struct ifaddrs *one)
{
	struct sockaddr_storage storage = {0};

	memcpy(&storage, one->ifa_addr, sizeof(struct sockaddr_in));
	return address_from_sockaddr(&storage, sizeof(struct sockaddr_in));
}

static bool is_lan(const struct ifaddrs *one)
{
	struct address address;

	if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || !(one->ifa_flags & IFF_UP) ||
	    one->ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT))
		return false;
	address = address_of(one);
	return address_is_private(&address);
}

/* Once for each interface, however many addresses it has. */
static void add(struct candidates *candidates, const struct ifaddrs *one)
{
	for (unsigned i = 0; i < candidates->count; i++) {
		if (strcmp(candidates->found[i]->ifa_name, one->ifa_name) == 0)
			return;
	}
	if (candidates->count < CANDIDATES_MAX)
		candidates->found[candidates->count++] = one;
}

static void name_candidates(const struct candidates *candidates, const char *problem, char *error)
{
	size_t len = (size_t)snprintf(error, ENROL_INTERFACE_ERROR_MAX, "%s", problem);

	for (unsigned i = 0; i < candidates->count && len < ENROL_INTERFACE_ERROR_MAX; i++) {
		struct address address = address_of(candidates->found[i]);
		char text[ADDRESS_TEXT_MAX];

		len += (size_t)snprintf(error + len, ENROL_INTERFACE_ERROR_MAX - len, "%s%s (%s)",
					i ? ", " : ": ", candidates->found[i]->ifa_name,
					address_text(&address, text));
	}
}

bool enrol_interface_choose(const struct ifaddrs *list, const char *wanted,
			    char ret_name[IF_NAMESIZE], char ret_error[ENROL_INTERFACE_ERROR_MAX])
{
	struct candidates candidates = {.count = 0};
	const struct ifaddrs *chosen = NULL;

	for (const struct ifaddrs *one = list; one; one = one->ifa_next) {
		if (wanted && strcmp(one->ifa_name, wanted) == 0)
			chosen = one;
		if (is_lan(one))
			add(&candidates, one);
	}
	if (!wanted && candidates.count == 1)
		chosen = candidates.found[0];
	if (chosen && strlen(chosen->ifa_name) < IF_NAMESIZE) {
		memcpy(ret_name, chosen->ifa_name, strlen(chosen->ifa_name) + 1);
		return true;
	}
	if (wanted)
		name_candidates(&candidates,
				candidates.count ? "there is no such interface; those with a "
						   "private IPv4 address are"
						 : "there is no such interface",
				ret_error);
	else if (candidates.count)
		name_candidates(&candidates,
				"the PPTP clients may be on several networks; say with --interface "
				"on which",
				ret_error);
	else
		name_candidates(&candidates,
				"no interface is up with a private IPv4 address; say with "
				"--interface on which the PPTP clients are",
				ret_error);
	return false;
}
