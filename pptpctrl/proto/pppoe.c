/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of PPPoE sessions, RFC 2516 4; see the header. */
#include "pptpctrl/proto/pppoe.h"

#include "pptpd/base/bytes.h"

#define ETHERTYPE_SESSION 0x8864
#define VERSION_AND_TYPE  0x11
#define CODE_SESSION      0x00

bool pppoe_decode(const uint8_t *data, size_t len, struct pppoe_frame *ret_frame)
{
	struct byte_reader in = rd_init(data, len);
	struct pppoe_frame frame;
	uint16_t ethertype;
	uint8_t version_and_type, code;

	rd_copy(&in, frame.destination, sizeof(frame.destination));
	rd_copy(&in, frame.source, sizeof(frame.source));
	ethertype = rd_u16(&in);
	version_and_type = rd_u8(&in);
	code = rd_u8(&in);
	frame.session = rd_u16(&in);
	frame.payload_len = rd_u16(&in);
	frame.payload = rd_bytes(&in, frame.payload_len);
	if (rd_failed(&in) || ethertype != ETHERTYPE_SESSION ||
	    version_and_type != VERSION_AND_TYPE || code != CODE_SESSION)
		return false;
	*ret_frame = frame;
	return true;
}

bool pppoe_encode(const struct pppoe_frame *frame, uint8_t out[PPPOE_HEADER_LEN])
{
	struct byte_writer to = wr_init(out, PPPOE_HEADER_LEN);

	wr_copy(&to, frame->destination, sizeof(frame->destination));
	wr_copy(&to, frame->source, sizeof(frame->source));
	wr_u16(&to, ETHERTYPE_SESSION);
	wr_u8(&to, VERSION_AND_TYPE);
	wr_u8(&to, CODE_SESSION);
	wr_u16(&to, frame->session);
	wr_u16(&to, frame->payload_len);
	return !wr_failed(&to);
}
