/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The octet stuffing of asynchronous HDLC, RFC 1662 4.2: bytes with escapes, and without. Knows
 * neither frames nor their FCS.
 */
#ifndef PPTPCTRL_HDLC_BYTES_H
#define PPTPCTRL_HDLC_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HDLC_FLAG        0x7e
#define HDLC_ESCAPE      0x7d
#define HDLC_ESCAPED_XOR 0x20

/* Which bytes are escaped when sent; the flag and the escape always are. */
struct hdlc_escapes {
	uint8_t below;      /* bytes below this one are escaped, too */
	uint32_t code[256]; /* what is sent for a byte, its first byte lowest; HDLC_CODE_LEN */
};

/* Bytes of a code: 1 or 2. */
#define HDLC_CODE_LEN(code) ((code) >> 16)

/* Every byte that an ACCM can name: right whatever the receiver's is. */
extern const struct hdlc_escapes hdlc_escapes_all;

/* Writes `len` bytes of `data` escaped to `out`, which has room for twice as many; returns the end.
 */
uint8_t *hdlc_escape(const struct hdlc_escapes *escapes, const uint8_t *data, size_t len,
		     uint8_t *out);

/*
 * Writes `len` bytes of `data` without their escapes to `out`, which has room for as many; returns
 * the end. *escape: whether the byte before `data` was an escape, and then whether the last one is.
 */
uint8_t *hdlc_unescape(const uint8_t *data, size_t len, bool *escape, uint8_t *out);

#endif
