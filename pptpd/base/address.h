/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IPv4 or IPv6 socket address, its text, and the HOST:PORT words of the configuration. */
#ifndef PPTPD_BASE_ADDRESS_H
#define PPTPD_BASE_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Room for the text of an address with its port, brackets and terminator. */
#define ADDRESS_TEXT_MAX 64

/* Longest host name or address in a HOST:PORT word, with terminator (RFC 1035 2.3.4). */
#define ADDRESS_HOST_MAX 256

struct address {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_storage storage;
	};
	socklen_t len;
};

/* From what accept(2) or getsockname(2) gave; an IPv4-mapped IPv6 address becomes IPv4. */
struct address address_from_sockaddr(const struct sockaddr_storage *storage, socklen_t len);

struct address address_from_in(struct in_addr in, uint16_t port);

/* The text without port; returns `out`. */
const char *address_text(const struct address *address, char out[ADDRESS_TEXT_MAX]);

/* "1.2.3.4:1723" or "[2001:db8::1]:4723"; returns `out`. */
const char *address_text_port(const struct address *address, char out[ADDRESS_TEXT_MAX]);

/* Whether both are the same host, whatever their ports. */
bool address_same_host(const struct address *a, const struct address *b);

/*
 * Whether limits take both for one peer: the same host, or with IPv6 the same /64, since who has
 * one address of it can have them all. Hosts of one link, with link-local addresses, stay apart.
 */
bool address_same_source(const struct address *a, const struct address *b);

/*
 * Whether it is one that no network outside of ours has: RFC 1918, loopback, link-local (IPv4 and
 * IPv6), fc00::/7. The unspecified address is none of these.
 */
bool address_is_private(const struct address *address);

uint16_t address_port(const struct address *address);

/*
 * Parses "HOST", "HOST:PORT", ":PORT", "[IPV6]:PORT", "[IPV6]" or a bare IPv6 address. HOST may
 * be empty. Without a port *ret_port is `default_port`. False when the text is none of these.
 */
bool address_split_host_port(const char *text, uint16_t default_port,
			     char ret_host[ADDRESS_HOST_MAX], uint16_t *ret_port);

#endif
