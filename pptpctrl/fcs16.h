/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 16-bit frame check sequence of PPP, RFC 1662 C.2, as fast as tables make it. Pure. */
#ifndef PPTPCTRL_FCS16_H
#define PPTPCTRL_FCS16_H

#include <stddef.h>
#include <stdint.h>

#define FCS16_INIT 0xffff

/* What remains after a frame together with the two bytes of its right FCS. */
#define FCS16_GOOD 0xf0b8

/*
 * Continues `fcs`, FCS16_INIT at first, over `len` bytes. What is sent is its complement, least
 * significant byte first.
 */
uint16_t fcs16_update(uint16_t fcs, const uint8_t *data, size_t len);

#endif
