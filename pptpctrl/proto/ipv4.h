/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IPv4 header, RFC 791 3.1: decoded with exact bounds. Pure. */
#ifndef PPTPCTRL_PROTO_IPV4_H
#define PPTPCTRL_PROTO_IPV4_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipv4_header {
	struct in_addr source; /* network byte order, as everywhere */
	struct in_addr destination;
	uint8_t protocol;
	uint16_t identification;
	bool more_fragments;
	size_t fragment_offset; /* bytes */
	const uint8_t *payload; /* into the packet */
	size_t payload_len;     /* as stated by the header, never beyond the packet */
};

/*
 * Decodes a packet that begins with its IP header. Bytes beyond the stated total length (padding of
 * short Ethernet frames) are ignored. False, *ret_header untouched, if version, header length,
 * total length or header checksum is wrong, or a fragment ends beyond 65535.
 */
bool ipv4_decode(const uint8_t *data, size_t len, struct ipv4_header *ret_header);

/* The internet checksum (RFC 1071) of `len` bytes, in host byte order; 0 over a valid header. */
uint16_t ipv4_checksum(const uint8_t *data, size_t len);

#endif
