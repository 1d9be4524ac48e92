/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the IPv4 packet behind the link header of a captured frame. Pure; knows no libpcap. */
#ifndef LRP_LINK_HEADER_H
#define LRP_LINK_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum link_type {
	LINK_ETHERNET,      /* IEEE 802.3, with or without a priority tag */
	LINK_LINUX_COOKED,  /* the kernel's 16 bytes in place of a header */
	LINK_LINUX_COOKED2, /* the same with the interface, 20 bytes */
	LINK_RAW_IP,        /* no header at all: tun devices */
};

/* Longest header of any of them: Linux cooked 2. */
#define LINK_HEADER_MAX 20

/*
 * The `len` captured bytes of one frame. True with the packet, which points into the frame, if it
 * is IPv4. A frame tagged for a VLAN other than 0 belongs to another network than the interface's
 * own and is none of ours.
 */
bool link_header_strip(enum link_type type, const uint8_t *frame, size_t len,
		       const uint8_t **ret_packet, size_t *ret_len);

#endif
