/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IPv4 header; see the header file. */
#include "pptpctrl/proto/ipv4.h"

#include "pptpd/base/bytes.h"

#define IPV4_VERSION        4
#define IPV4_HEADER_MIN     20
#define IPV4_DATAGRAM_MAX   65535
#define IPV4_MORE_FRAGMENTS 0x2000 /* of the flags and fragment offset */
#define IPV4_OFFSET_MASK    0x1fff /* of the same, in units of 8 bytes */

uint16_t ipv4_checksum(const uint8_t *data, size_t len)
{
	struct byte_reader in = rd_init(data, len);
	uint64_t sum = 0;

	while (rd_left(&in) > 1)
		sum += rd_u16(&in);
	if (rd_left(&in))
		sum += (uint64_t)rd_u8(&in) << 8; /* the missing byte counts as zero */
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static struct in_addr read_address(struct byte_reader *in)
{
	struct in_addr address;

	rd_copy(in, &address, sizeof(address));
	return address;
}

bool ipv4_decode(const uint8_t *data, size_t len, struct ipv4_header *ret_header)
{
	struct byte_reader in = rd_init(data, len);
	struct ipv4_header header = {0};
	uint8_t version_and_length = rd_u8(&in);
	size_t header_len = (version_and_length & 0x0f) * 4u;
	size_t total_len;
	uint16_t fragment;

	rd_skip(&in, 1); /* type of service */
	total_len = rd_u16(&in);
	header.identification = rd_u16(&in);
	fragment = rd_u16(&in);
	rd_skip(&in, 1); /* time to live */
	header.protocol = rd_u8(&in);
	rd_skip(&in, 2); /* checksum, tested below with all the rest */
	header.source = read_address(&in);
	header.destination = read_address(&in);
	if (rd_failed(&in) || version_and_length >> 4 != IPV4_VERSION ||
	    header_len < IPV4_HEADER_MIN || total_len < header_len || total_len > len ||
	    ipv4_checksum(data, header_len) != 0)
		return false;
	rd_skip(&in, header_len - IPV4_HEADER_MIN); /* options */
	header.payload_len = total_len - header_len;
	header.payload = rd_bytes(&in, header.payload_len);
	header.more_fragments = fragment & IPV4_MORE_FRAGMENTS;
	header.fragment_offset = (fragment & IPV4_OFFSET_MASK) * 8u;
	if (rd_failed(&in) || header.fragment_offset + total_len > IPV4_DATAGRAM_MAX)
		return false;
	*ret_header = header;
	return true;
}
