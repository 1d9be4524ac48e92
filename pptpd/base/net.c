/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks; see the header. */
#include "pptpd/base/net.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

/* Up to three digits and nothing else. */
static bool parse_bits(const char *text, unsigned max, unsigned *ret_bits)
{
	unsigned bits = 0;
	size_t len = strlen(text);

	if (len == 0 || len > 3)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		bits = bits * 10 + (unsigned)(*text - '0');
	}
	*ret_bits = bits;
	return bits <= max;
}

bool net_parse(const char *text, struct net *ret_net)
{
	char host[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "/");
	struct net net = {.bits = 32};

	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (inet_pton(AF_INET, host, &net.address.in.sin_addr) == 1) {
		net.address.in.sin_family = AF_INET;
		net.address.len = sizeof(net.address.in);
	} else if (inet_pton(AF_INET6, host, &net.address.in6.sin6_addr) == 1) {
		net.address.in6.sin6_family = AF_INET6;
		net.address.len = sizeof(net.address.in6);
		net.bits = 128;
	} else {
		return false;
	}
	if (text[len] == '/' && !parse_bits(text + len + 1, net.bits, &net.bits))
		return false;
	*ret_net = net;
	return true;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 &&
	       (!rest || ((a[whole] ^ b[whole]) & (uint8_t)(0xff << (8 - rest))) == 0);
}

bool net_has(const struct net *net, const struct address *address)
{
	if (net->address.sa.sa_family != address->sa.sa_family)
		return false;
	if (address->sa.sa_family == AF_INET6)
		return same_bits(net->address.in6.sin6_addr.s6_addr, address->in6.sin6_addr.s6_addr,
				 net->bits);
	return same_bits((const uint8_t *)&net->address.in.sin_addr,
			 (const uint8_t *)&address->in.sin_addr, net->bits);
}
