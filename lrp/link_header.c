/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link headers by a table of what lies before the packet; see the header. */
#include "lrp/link_header.h"

#include "pptpd/base/bytes.h"
#include "pptpd/base/util.h"

#define ETHERTYPE_IPV4     0x0800
#define ETHERTYPE_TAG      0x8100
#define TAG_VLAN_MASK      0x0fff
#define ETHERNET_ADDRESSES 12

static const struct {
	size_t before_type; /* bytes before the 16 bits of the protocol */
	size_t after_type;  /* bytes between those and the packet */
	bool has_type;
	bool may_be_tagged;
} layouts[] = {
	[LINK_ETHERNET] = {ETHERNET_ADDRESSES, 0, true, true},
	[LINK_LINUX_COOKED] = {14, 0, true, true},
	[LINK_LINUX_COOKED2] = {0, 18, true, false},
	[LINK_RAW_IP] = {0, 0, false, false},
};

/* Behind the protocol number of a tag: skips it, and gives the protocol that follows. */
static bool skip_priority_tag(struct byte_reader *in, uint16_t *ret_protocol)
{
	uint16_t tag = rd_u16(in);

	*ret_protocol = rd_u16(in);
	return (tag & TAG_VLAN_MASK) == 0;
}

bool link_header_strip(enum link_type type, const uint8_t *frame, size_t len,
		       const uint8_t **ret_packet, size_t *ret_len)
{
	struct byte_reader in = rd_init(frame, len);
	uint16_t protocol = ETHERTYPE_IPV4;
	size_t left;

	rd_skip(&in, layouts[type].before_type);
	if (layouts[type].has_type)
		protocol = rd_u16(&in);
	if (layouts[type].may_be_tagged && protocol == ETHERTYPE_TAG &&
	    !skip_priority_tag(&in, &protocol))
		return false;
	rd_skip(&in, layouts[type].after_type);
	if (rd_failed(&in) || protocol != ETHERTYPE_IPV4)
		return false;
	left = rd_left(&in);
	*ret_packet = rd_bytes(&in, left);
	*ret_len = left;
	return true;
}
