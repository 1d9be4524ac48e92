/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Socket addresses and their text; see the header. */
#include "pptpd/base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/util.h"

/* Bytes of an IPv6 address that name a network: its hosts choose the rest (RFC 4291 2.5.1). */
#define IPV6_SOURCE_LEN 8

struct address address_from_in(struct in_addr in, uint16_t port)
{
	struct address address = {.len = sizeof(address.in)};

	address.in.sin_family = AF_INET;
	address.in.sin_addr = in;
	address.in.sin_port = htons(port);
	return address;
}

struct address address_from_sockaddr(const struct sockaddr_storage *storage, socklen_t len)
{
	struct address address = {.storage = *storage, .len = len};

	if (storage->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address.in6.sin6_addr)) {
		struct in_addr in;

		memcpy(&in, &address.in6.sin6_addr.s6_addr[12], sizeof(in));
		return address_from_in(in, ntohs(address.in6.sin6_port));
	}
	return address;
}

const char *address_text(const struct address *address, char out[ADDRESS_TEXT_MAX])
{
	const void *raw = address->sa.sa_family == AF_INET6 ? (const void *)&address->in6.sin6_addr
							    : (const void *)&address->in.sin_addr;

	if (!inet_ntop(address->sa.sa_family, raw, out, ADDRESS_TEXT_MAX))
		(void)snprintf(out, ADDRESS_TEXT_MAX, "(family %d)", address->sa.sa_family);
	return out;
}

const char *address_text_port(const struct address *address, char out[ADDRESS_TEXT_MAX])
{
	char host[ADDRESS_TEXT_MAX];
	bool v6 = address->sa.sa_family == AF_INET6;

	(void)address_text(address, host);
	(void)snprintf(out, ADDRESS_TEXT_MAX, "%s%.*s%s:%u", v6 ? "[" : "", INET6_ADDRSTRLEN, host,
		       v6 ? "]" : "", address_port(address));
	return out;
}

bool address_same_host(const struct address *a, const struct address *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	return memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, sizeof(a->in6.sin6_addr)) == 0 &&
	       a->in6.sin6_scope_id == b->in6.sin6_scope_id;
}

bool address_same_source(const struct address *a, const struct address *b)
{
	if (a->sa.sa_family != AF_INET6 || b->sa.sa_family != AF_INET6 ||
	    IN6_IS_ADDR_LINKLOCAL(&a->in6.sin6_addr))
		return address_same_host(a, b);
	return memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, IPV6_SOURCE_LEN) == 0;
}

static bool in_is_private(uint32_t host_order)
{
	static const struct {
		uint32_t net;
		uint32_t mask;
	} nets[] = {
		{0x0a000000, 0xff000000}, /* RFC 1918 3 */
		{0xac100000, 0xfff00000}, {0xc0a80000, 0xffff0000},
		{0x7f000000, 0xff000000}, /* RFC 1122 3.2.1.3 */
		{0xa9fe0000, 0xffff0000}, /* RFC 3927 2.1 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(nets); i++) {
		if ((host_order & nets[i].mask) == nets[i].net)
			return true;
	}
	return false;
}

bool address_is_private(const struct address *address)
{
	const struct in6_addr *in6 = &address->in6.sin6_addr;
	uint32_t mapped;

	if (address->sa.sa_family == AF_INET)
		return in_is_private(ntohl(address->in.sin_addr.s_addr));
	if (address->sa.sa_family != AF_INET6)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(in6)) {
		memcpy(&mapped, &in6->s6_addr[12], sizeof(mapped));
		return in_is_private(ntohl(mapped));
	}
	return IN6_IS_ADDR_LOOPBACK(in6) || IN6_IS_ADDR_LINKLOCAL(in6) ||
	       (in6->s6_addr[0] & 0xfe) == 0xfc; /* RFC 4193 3.1 */
}

uint16_t address_port(const struct address *address)
{
	return ntohs(address->sa.sa_family == AF_INET6 ? address->in6.sin6_port
						       : address->in.sin_port);
}

static bool parse_port(const char *text, uint16_t *ret_port)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || port == 0 || port > UINT16_MAX)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* Whether `text` up to `end` is an IPv6 address, perhaps with %INTERFACE behind it. */
static bool is_ipv6(const char *text, const char *end)
{
	const char *percent = memchr(text, '%', (size_t)(end - text));
	size_t len = (size_t)((percent ? percent : end) - text);
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr in6;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return inet_pton(AF_INET6, copy, &in6) == 1;
}

bool address_split_host_port(const char *text, uint16_t default_port,
			     char ret_host[ADDRESS_HOST_MAX], uint16_t *ret_port)
{
	const char *host = text, *host_end, *colon;
	uint16_t port = default_port;

	if (text[0] == '[') {
		host++;
		host_end = strchr(host, ']');
		if (!host_end || !is_ipv6(host, host_end) || (host_end[1] && host_end[1] != ':'))
			return false;
		colon = host_end[1] ? host_end + 1 : NULL;
	} else {
		host_end = text + strlen(text);
		colon = is_ipv6(text, host_end) ? NULL : strchr(text, ':');
		if (colon)
			host_end = colon;
	}
	if ((size_t)(host_end - host) >= ADDRESS_HOST_MAX)
		return false;
	if (colon && !parse_port(colon + 1, &port))
		return false;
	memcpy(ret_host, host, (size_t)(host_end - host));
	ret_host[host_end - host] = '\0';
	*ret_port = port;
	return true;
}
