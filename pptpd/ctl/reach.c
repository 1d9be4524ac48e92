// SPDX-License-Identifier: GPL-2.0-or-later
/* Where LRPs reach this server; see the header. */
#include "pptpd/ctl/reach.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "pptpd/base/util.h"

/* What is found for one family. */
struct found {
	unsigned count;
	char host[ADDRESS_TEXT_MAX];
	uint16_t port;
};

size_t reach_own_addresses(struct address ret_own[REACH_OWN_MAX])
{
	struct ifaddrs *list;
	size_t count = 0;

	if (getifaddrs(&list) != 0)
		return 0;
	for (const struct ifaddrs *one = list; one && count < REACH_OWN_MAX; one = one->ifa_next) {
		const struct sockaddr *sa = one->ifa_addr;
		struct sockaddr_storage storage = {0};
		socklen_t len;

		if (!sa || !(one->ifa_flags & IFF_UP) ||
		    (sa->sa_family != AF_INET && sa->sa_family != AF_INET6))
			continue;
		len = sa->sa_family == AF_INET ? sizeof(struct sockaddr_in)
					       : sizeof(struct sockaddr_in6);
		memcpy(&storage, sa, len);
		ret_own[count++] = address_from_sockaddr(&storage, len);
	}
	freeifaddrs(list);
	return count;
}

/* Whether a listener takes connections to that address of ours. */
static bool is_covered(const struct conf_rrp_listen *listen, const struct address *own)
{
	struct address at = {.len = 0};

	if (!listen->host[0])
		return true;
	if (inet_pton(AF_INET, listen->host, &at.in.sin_addr) == 1)
		at.sa.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, listen->host, &at.in6.sin6_addr) == 1)
		at.sa.sa_family = AF_INET6;
	else
		return false; /* a name: whoever chose it knows how the server is reached */
	if (at.sa.sa_family != own->sa.sa_family)
		return false;
	if (at.sa.sa_family == AF_INET ? at.in.sin_addr.s_addr == htonl(INADDR_ANY)
				       : IN6_IS_ADDR_UNSPECIFIED(&at.in6.sin6_addr))
		return true;
	return address_same_host(&at, own);
}

static void add(struct found *found, const struct address *own, uint16_t port,
		char candidates[REACH_TEXT_MAX])
{
	size_t len = strlen(candidates);
	char text[ADDRESS_TEXT_MAX];

	(void)address_text(own, text);
	found->count++;
	found->port = port;
	memcpy(found->host, text, sizeof(text));
	(void)snprintf(candidates + len, REACH_TEXT_MAX - len, "%s%s", len ? ", " : "", text);
}

bool reach_choose(const struct conf *conf, const struct address *own, size_t own_count,
		  char ret_host[ADDRESS_HOST_MAX], uint16_t *ret_port,
		  char ret_candidates[REACH_TEXT_MAX])
{
	struct found v4 = {0}, v6 = {0};
	const struct found *found;

	ret_candidates[0] = '\0';
	for (size_t i = 0; i < own_count; i++) {
		if (address_is_private(&own[i]))
			continue;
		for (size_t j = 0; j < conf->rrp_listen_count; j++) {
			if (!is_covered(&conf->rrp_listen[j], &own[i]))
				continue;
			add(own[i].sa.sa_family == AF_INET ? &v4 : &v6, &own[i],
			    conf->rrp_listen[j].port, ret_candidates);
			break;
		}
	}
	found = v4.count ? &v4 : &v6;
	if (found->count != 1)
		return false;
	(void)snprintf(ret_host, ADDRESS_HOST_MAX, "%s", found->host);
	*ret_port = found->port;
	return true;
}
