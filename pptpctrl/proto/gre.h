/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header of enhanced GRE, RFC 2637 4.1: decoded with exact bounds, and encoded. Pure. */
#ifndef PPTPCTRL_PROTO_GRE_H
#define PPTPCTRL_PROTO_GRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRE_IP_PROTOCOL 47
#define GRE_PROTO_PPP   0x880b
#define GRE_HEADER_MAX  16 /* with sequence and acknowledgement number */

struct gre_header {
	uint16_t call_id; /* the receiver's, as it told it to the sender */
	bool has_sequence;
	bool has_ack;
	uint32_t sequence;
	uint32_t ack;
	const uint8_t *payload; /* into the packet; NULL without sequence */
	size_t payload_len;     /* as stated by the header, never beyond the packet */
};

/*
 * Decodes the bytes behind the IP header. Bytes behind the stated payload are padding and
 * ignored. False, *ret_header untouched, if it is not an enhanced GRE packet that carries PPP
 * (version 1, key present, no checksum, routing, strict source route, recursion or flags), is
 * truncated, carries a payload without a sequence number, or neither of the two numbers. A
 * sequence number with an empty payload is allowed: there is no frame to deliver, but the
 * number is used up (RFC 2637 4.1 wants the number where there is a payload, not the reverse).
 */
bool gre_decode(const uint8_t *data, size_t len, struct gre_header *ret_header);

/*
 * The same of a packet of which only the beginning is there: what the header states lies inside,
 * its payload need not; ret_header->payload is NULL.
 */
bool gre_decode_cut(const uint8_t *data, size_t len, struct gre_header *ret_header);

/*
 * Writes the header for `payload_len` bytes that follow (0 and no sequence number for an
 * acknowledgement alone) to `out`, which has room for GRE_HEADER_MAX; `payload` is not looked at.
 * Returns its length; 0 for what gre_decode() would refuse, or if payload_len does not fit its 16
 * bits.
 */
size_t gre_encode(const struct gre_header *header, uint8_t out[GRE_HEADER_MAX]);

#endif
