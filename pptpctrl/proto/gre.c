/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enhanced GRE, RFC 2637 4.1; see the header. */
#include "pptpctrl/proto/gre.h"

#include "pptpd/base/bytes.h"

/*
 * The first 16 bits, most significant first: checksum, routing, key and sequence present, strict
 * source route, recursion (3), acknowledgement present, flags (4), version (3).
 */
#define GRE_KEY_PRESENT      0x2000
#define GRE_SEQUENCE_PRESENT 0x1000
#define GRE_ACK_PRESENT      0x0080
#define GRE_VERSION_ENHANCED 0x0001

/* What remains of them once the bits of the two numbers are taken out. */
#define GRE_FIXED_BITS (GRE_KEY_PRESENT | GRE_VERSION_ENHANCED)

static bool decode_header(struct byte_reader *in, struct gre_header *ret_header)
{
	uint16_t bits = rd_u16(in);
	uint16_t protocol = rd_u16(in);
	struct gre_header header = {
		.has_sequence = bits & GRE_SEQUENCE_PRESENT,
		.has_ack = bits & GRE_ACK_PRESENT,
	};

	header.payload_len = rd_u16(in);
	header.call_id = rd_u16(in);
	if (header.has_sequence)
		header.sequence = rd_u32(in);
	if (header.has_ack)
		header.ack = rd_u32(in);
	if (rd_failed(in) || protocol != GRE_PROTO_PPP ||
	    (bits & ~(GRE_SEQUENCE_PRESENT | GRE_ACK_PRESENT)) != GRE_FIXED_BITS)
		return false;
	if (!header.has_sequence && (!header.has_ack || header.payload_len))
		return false;
	*ret_header = header;
	return true;
}

bool gre_decode(const uint8_t *data, size_t len, struct gre_header *ret_header)
{
	struct byte_reader in = rd_init(data, len);
	struct gre_header header;

	if (!decode_header(&in, &header))
		return false;
	if (header.has_sequence)
		header.payload = rd_bytes(&in, header.payload_len);
	if (rd_failed(&in))
		return false;
	*ret_header = header;
	return true;
}

bool gre_decode_cut(const uint8_t *data, size_t len, struct gre_header *ret_header)
{
	struct byte_reader in = rd_init(data, len);

	return decode_header(&in, ret_header);
}

size_t gre_encode(const struct gre_header *header, uint8_t out[GRE_HEADER_MAX])
{
	struct byte_writer to = wr_init(out, GRE_HEADER_MAX);
	uint16_t bits = GRE_FIXED_BITS;

	if (!header->has_sequence && (!header->has_ack || header->payload_len))
		return 0;
	if (header->has_sequence)
		bits |= GRE_SEQUENCE_PRESENT;
	if (header->has_ack)
		bits |= GRE_ACK_PRESENT;
	wr_u16(&to, bits);
	wr_u16(&to, GRE_PROTO_PPP);
	wr_u16(&to, header->payload_len);
	wr_u16(&to, header->call_id);
	if (header->has_sequence)
		wr_u32(&to, header->sequence);
	if (header->has_ack)
		wr_u32(&to, header->ack);
	return wr_failed(&to) ? 0 : wr_len(&to);
}
