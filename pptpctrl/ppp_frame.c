/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A glance at PPP frames; see the header. */
#include "pptpctrl/ppp_frame.h"

#include "pptpd/base/bytes.h"
#include "pptpd/base/util.h"

/* RFC 1662 3.1: may stand before the protocol. */
#define ADDRESS_AND_CONTROL 0xff03

/* RFC 1661 2: the protocols 8000-bfff. */
#define NETWORK_CONTROL_MASK 0xc000
#define NETWORK_CONTROL      0x8000

static const struct {
	uint16_t protocol;
	uint8_t code;
} failures[] = {
	{0xc023, 3}, /* PAP */
	{0xc223, 4}, /* CHAP */
	{0xc227, 4}, /* EAP */
};

/*
 * The protocol, 0 when there is none. A compressed one, of a single odd byte, is never that of a
 * control protocol, and what is read for it is odd in its first byte too (RFC 1661 2, 6.5).
 */
static uint16_t take_protocol(struct byte_reader *in)
{
	uint16_t protocol = rd_u16(in);

	if (protocol == ADDRESS_AND_CONTROL)
		protocol = rd_u16(in);
	return rd_failed(in) || protocol & 0x0100 ? 0 : protocol;
}

bool ppp_frame_is_network_control(const uint8_t *frame, size_t len)
{
	struct byte_reader in = rd_init(frame, len);

	return (take_protocol(&in) & NETWORK_CONTROL_MASK) == NETWORK_CONTROL;
}

bool ppp_frame_is_authentication_failure(const uint8_t *frame, size_t len)
{
	struct byte_reader in = rd_init(frame, len);
	uint16_t protocol = take_protocol(&in);
	uint8_t code = rd_u8(&in);

	if (rd_failed(&in))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		if (failures[i].protocol == protocol && failures[i].code == code)
			return true;
	}
	return false;
}
