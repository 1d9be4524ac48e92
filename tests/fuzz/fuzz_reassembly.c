/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a sequence of captured IP packets, each behind one byte of time that passed and two
 * of length. The checksums are made right, or hardly a packet would come through.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "lrp/reassembly.h"
#include "pptpd/base/bytes.h"

/* A copy of exactly `len` bytes, so that the sanitizer sees a read past its end. */
static uint8_t *copy_packet(const uint8_t *data, size_t len)
{
	uint8_t *packet = malloc(len ? len : 1);
	size_t header_len;
	uint16_t checksum;

	MUST(packet);
	memcpy(packet, data, len);
	header_len = len ? (packet[0] & 0x0fu) * 4 : 0;
	if (header_len < 20 || header_len > len)
		return packet;
	memset(packet + 10, 0, 2);
	checksum = ipv4_checksum(packet, header_len);
	packet[10] = (uint8_t)(checksum >> 8);
	packet[11] = (uint8_t)checksum;
	return packet;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct byte_reader in = rd_init(data, size);
	struct reassembly *reassembly = reassembly_new();
	struct mono now = {0};

	MUST(reassembly);
	while (rd_left(&in) >= 3) {
		struct ipv4_header header, datagram;
		size_t len;
		uint8_t *packet;

		now = mono_add_ms(now, rd_u8(&in) * 64);
		len = rd_u16(&in);
		len = len < rd_left(&in) ? len : rd_left(&in);
		packet = copy_packet(rd_bytes(&in, len), len);
		if (ipv4_decode(packet, len, &header) &&
		    reassembly_add(reassembly, &header, now, &datagram)) {
			MUST(datagram.payload_len <= REASSEMBLY_PAYLOAD_MAX);
			MUST(!datagram.more_fragments && !datagram.fragment_offset);
			(void)ipv4_checksum(datagram.payload, datagram.payload_len); /* touch all */
		}
		free(packet);
	}
	reassembly_free(reassembly);
	return 0;
}
