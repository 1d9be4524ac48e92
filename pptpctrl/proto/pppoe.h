/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frames of a PPPoE session, RFC 2516 4: Ethernet's header and PPPoE's, decoded with exact
 * bounds, and encoded. Pure. Discovery is not here: who uses this has agreed on the session
 * otherwise.
 */
#ifndef PPTPCTRL_PROTO_PPPOE_H
#define PPTPCTRL_PROTO_PPPOE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PPPOE_ADDRESS_LEN 6
#define PPPOE_HEADER_LEN  (14 + 6) /* Ethernet's and PPPoE's */

struct pppoe_frame {
	uint8_t destination[PPPOE_ADDRESS_LEN];
	uint8_t source[PPPOE_ADDRESS_LEN];
	uint16_t session;
	const uint8_t *payload; /* into the frame: PPP without address and control */
	size_t payload_len;     /* as stated by the header, never beyond the frame */
};

/*
 * Decodes an Ethernet frame. Bytes behind the stated payload are padding and ignored. False,
 * *ret_frame untouched, if it is not of a PPPoE session (ethertype 0x8864, version and type 1, code
 * 0) or is truncated.
 */
bool pppoe_decode(const uint8_t *data, size_t len, struct pppoe_frame *ret_frame);

/*
 * Writes the header for `payload_len` bytes that follow to `out`; `payload` is not looked at. False
 * if payload_len does not fit its 16 bits.
 */
bool pppoe_encode(const struct pppoe_frame *frame, uint8_t out[PPPOE_HEADER_LEN]);

#endif
